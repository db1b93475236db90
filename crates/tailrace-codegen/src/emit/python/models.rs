//! Response models.

use std::fmt::Write as _;

use super::imports::Imports;
use super::types::{class, field_line};
use crate::error::Result;
use crate::load::{PythonDefinition, PythonField, PythonModel};
use crate::model::Expr;
use crate::resolve::Api;

/// The class `defined` of `module`.
pub(super) fn emit(
    api: &Api,
    imports: &Imports<'_>,
    module: &str,
    defined: &str,
    model: &PythonModel,
) -> Result<String> {
    let mut text = class(defined, &parents(api, imports, module, defined, model)?);
    let settings = settings(model);
    text += &settings;
    if !settings.is_empty() && !model.fields.is_empty() {
        text.push('\n');
    }
    let inherited = inherited(api, module, &model.bases);
    for field in &model.fields {
        let default = default(imports, field);
        // The API narrows a field of the base here, which type checkers refuse for a field that can be assigned.
        let is_narrowed = inherited
            .iter()
            .any(|base| base.name == field.name && base.annotation != field.annotation);
        let note = if is_narrowed {
            "  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]"
        } else {
            ""
        };
        let line = |indent: usize, annotation: &str| {
            field_line(imports, indent, &field.name, annotation, &default)
        };
        text += &match &field.runtime {
            Some(runtime) => {
                let checking = imports.target("TYPE_CHECKING", "typing:TYPE_CHECKING");
                let checked = line(8, &field.annotation)?;
                let checked = checked.trim_end();
                let run = line(8, runtime)?;
                format!("    if {checking}:\n{checked}{note}\n    else:\n{run}")
            }
            None => format!("{}{note}\n", line(4, &field.annotation)?.trim_end()),
        };
    }
    if let Some(extra) = &model.extra {
        let checking = imports.target("TYPE_CHECKING", "typing:TYPE_CHECKING");
        let value = Expr::parse(extra)?.flat(&|name| imports.name(name));
        let gap = if model.fields.is_empty() { "" } else { "\n" };
        let _ = write!(
            text,
            "{gap}    if {checking}:\n        __pydantic_extra__: dict[str, {value}]\n\n        def __getattr__(self, attr: str) -> {value}: ...\n"
        );
    } else if model.fields.is_empty() && settings.is_empty() {
        text += "    pass\n";
    }
    Ok(text)
}

fn parents(
    api: &Api,
    imports: &Imports<'_>,
    module: &str,
    defined: &str,
    model: &PythonModel,
) -> Result<Vec<String>> {
    let mut parents = Vec::new();
    let mixins = &api.overlay.python.mixins;
    if let Some(mixin) = mixins.get(&format!("{module}:{defined}")) {
        parents.push(imports.target(mixin.rsplit(':').next().unwrap_or(mixin), mixin));
    }
    // pydantic's own `Generic` support needs its model before `Generic`.
    if model.bases.iter().all(|base| base.starts_with("Generic[")) {
        parents.push(imports.target("BaseModel", "_models:BaseModel"));
    }
    for base in &model.bases {
        parents.push(Expr::parse(base)?.flat(&|name| imports.name(name)));
    }
    Ok(parents)
}

/// Fields of the API's own classes among `bases`, as `module` sees them.
fn inherited<'a>(api: &'a Api, module: &str, bases: &[String]) -> Vec<&'a PythonField> {
    let mut found = Vec::new();
    for base in bases {
        let local = format!("{module}:{base}");
        let facts = api.python_types.get(module);
        let target = facts
            .and_then(|facts| facts.imports.get(base))
            .unwrap_or(&local);
        let (module, name) = target.split_once(':').unwrap_or((target, ""));
        let definitions = api
            .python_types
            .get(module)
            .map(|facts| facts.definitions.as_slice())
            .unwrap_or_default();
        if let Some((_, PythonDefinition::Model(model))) =
            definitions.iter().find(|(defined, _)| defined == name)
        {
            found.extend(&model.fields);
            found.extend(inherited(api, module, &model.bases));
        }
    }
    found
}

/// Assignments of a model class that are no fields.
fn settings(model: &PythonModel) -> String {
    let mut text = String::new();
    if !model.test {
        text += "    __test__ = False\n";
    }
    if !model.api_exclude.is_empty() {
        let names = model.api_exclude.iter().map(|name| format!("\"{name}\""));
        let names: Vec<_> = names.collect();
        let _ = writeln!(text, "    __api_exclude__ = {{{}}}", names.join(", "));
    }
    text
}

/// What stands behind the annotation of a field of a model.
fn default(imports: &Imports<'_>, field: &PythonField) -> String {
    let mut arguments = Vec::new();
    if let Some(alias) = &field.alias {
        arguments.push(format!("alias=\"{alias}\""));
    }
    if let Some(factory) = &field.default_factory {
        arguments.push(format!("default_factory={factory}"));
    }
    if !field.repr {
        arguments.push("repr=False".to_owned());
    }
    match (&field.default, arguments.is_empty()) {
        (None, true) => return String::new(),
        (Some(default), true) => return format!(" = {default}"),
        (Some(default), false) => arguments.push(format!("default={default}")),
        (None, false) => {}
    }
    let function = imports.target("Field", "pydantic:Field");
    format!(" = {function}({})", arguments.join(", "))
}
