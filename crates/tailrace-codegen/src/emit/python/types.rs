//! Type modules: response models, typed dicts and aliases.

use std::fmt::Write as _;

use super::imports::Imports;
use super::layout;
use crate::emit::marker;
use crate::error::Result;
use crate::load::{PythonDefinition, PythonField, PythonModule};
use crate::model::Expr;
use crate::resolve::Api;

/// The module `name`.
pub(super) fn emit(api: &Api, name: &str, module: &PythonModule) -> Result<String> {
    let own = module.definitions.iter().map(|(name, _)| name.clone());
    let imports = Imports::new(name, &module.imports, &api.overlay.python, own);
    let mut body = String::new();
    let mut is_after_class = false;
    for (defined, definition) in &module.definitions {
        let text = match definition {
            PythonDefinition::Model {
                bases,
                fields,
                extra,
                test,
                api_exclude,
                ..
            } => {
                let mixin = api.overlay.python.mixins.get(&format!("{name}:{defined}"));
                let inherited = inherited(api, name, bases);
                model(
                    &imports,
                    defined,
                    mixin,
                    bases,
                    fields,
                    extra.as_deref(),
                    &inherited,
                    &settings(*test, api_exclude),
                )?
            }
            PythonDefinition::Dict {
                bases,
                fields,
                total,
            } => dict(&imports, defined, bases, fields, *total)?,
            PythonDefinition::TypeVar {} => {
                let function = imports.target("TypeVar", "typing:TypeVar");
                format!("{defined} = {function}(\"{defined}\")\n")
            }
            PythonDefinition::Alias { annotation } => {
                let expr = Expr::parse(annotation)?;
                let prefix = format!(
                    "{defined}: {} = ",
                    imports.target("TypeAlias", "typing:TypeAlias")
                );
                layout::line(0, &prefix, &expr, "\n", &|name| imports.name(name))
            }
        };
        let is_class = text.starts_with("class ");
        body += if is_class || is_after_class {
            "\n\n"
        } else {
            "\n"
        };
        body += &text;
        is_after_class = is_class;
    }

    let mut text = format!("# {}\n", marker("python/types.rs"));
    let has_dicts = module
        .definitions
        .iter()
        .any(|(_, definition)| matches!(definition, PythonDefinition::Dict { .. }));
    if has_dicts {
        imports.target("annotations", "__future__:annotations");
    }
    for exported in &module.exports {
        imports.name(exported);
    }
    if let Some(target) = api.overlay.python.by_hand.get(name) {
        for written in &module.by_hand {
            imports.again(written, &format!("{target}:{written}"));
        }
    }
    for again in &module.again {
        if let Some(target) = module.imports.get(again) {
            imports.again(again, target);
        }
    }
    let lines = imports.text(0);
    if !lines.is_empty() {
        text += &lines;
        text.push('\n');
    }
    let exports: Vec<_> = module
        .exports
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    text += &layout::list(0, "__all__ = [", &exports, "]");
    text.push('\n');
    Ok(text + &body)
}

fn model(
    imports: &Imports<'_>,
    defined: &str,
    mixin: Option<&String>,
    bases: &[String],
    fields: &[PythonField],
    extra: Option<&str>,
    inherited: &[&PythonField],
    settings: &str,
) -> Result<String> {
    let mut parents = Vec::new();
    if let Some(mixin) = mixin {
        parents.push(imports.target(mixin.rsplit(':').next().unwrap_or(mixin), mixin));
    }
    // pydantic's own `Generic` support needs its model before `Generic`.
    if bases.iter().all(|base| base.starts_with("Generic[")) {
        parents.push(imports.target("BaseModel", "_models:BaseModel"));
    }
    for base in bases {
        parents.push(Expr::parse(base)?.flat(&|name| imports.name(name)));
    }
    let mut text = class(defined, &parents);
    text += settings;
    if !settings.is_empty() && !fields.is_empty() {
        text.push('\n');
    }
    for field in fields {
        let default = default(imports, field);
        let line = match &field.runtime {
            Some(runtime) => {
                let checking = imports.target("TYPE_CHECKING", "typing:TYPE_CHECKING");
                let checked = field_line(imports, 8, &field.name, &field.annotation, &default)?;
                let run = field_line(imports, 8, &field.name, runtime, &default)?;
                format!("    if {checking}:\n{checked}    else:\n{run}")
            }
            None => field_line(imports, 4, &field.name, &field.annotation, &default)?,
        };
        // The API narrows a field of the base here, which type checkers refuse for a field that can be assigned.
        let is_narrowed = inherited
            .iter()
            .any(|base| base.name == field.name && base.annotation != field.annotation);
        text += line.trim_end();
        text += if is_narrowed {
            "  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]\n"
        } else {
            "\n"
        };
    }
    if let Some(extra) = extra {
        let checking = imports.target("TYPE_CHECKING", "typing:TYPE_CHECKING");
        let value = Expr::parse(extra)?.flat(&|name| imports.name(name));
        let gap = if fields.is_empty() { "" } else { "\n" };
        let _ = write!(
            text,
            "{gap}    if {checking}:\n        __pydantic_extra__: dict[str, {value}]\n\n        def __getattr__(self, attr: str) -> {value}: ...\n"
        );
    } else if fields.is_empty() && settings.is_empty() {
        text += "    pass\n";
    }
    Ok(text)
}

/// Fields of the API's own classes among `bases`, as `module` sees them.
fn inherited<'a>(api: &'a Api, module: &str, bases: &[String]) -> Vec<&'a PythonField> {
    let mut found = Vec::new();
    for base in bases {
        let local = format!("{module}:{base}");
        let target = api
            .python_types
            .get(module)
            .and_then(|facts| facts.imports.get(base))
            .unwrap_or(&local);
        let (module, name) = target.split_once(':').unwrap_or((target, ""));
        let definitions = api
            .python_types
            .get(module)
            .map(|facts| facts.definitions.as_slice())
            .unwrap_or_default();
        if let Some((_, PythonDefinition::Model { bases, fields, .. })) =
            definitions.iter().find(|(defined, _)| defined == name)
        {
            found.extend(fields);
            found.extend(inherited(api, module, bases));
        }
    }
    found
}

fn dict(
    imports: &Imports<'_>,
    defined: &str,
    bases: &[String],
    fields: &[PythonField],
    total: bool,
) -> Result<String> {
    let base = imports.target("TypedDict", "typing_extensions:TypedDict");
    let total = (!total).then(|| "total=False".to_owned());
    // A key that is no Python name can only be written in the functional form.
    if fields.iter().any(|field| is_keyword(&field.name)) {
        let mut text = format!("{defined} = {base}(\n    \"{defined}\",\n    {{\n");
        for field in fields {
            let expr = Expr::parse(&field.annotation)?;
            text += &layout::line(8, &format!("\"{}\": ", field.name), &expr, ",\n", &|name| {
                imports.name(name)
            });
        }
        let total = total.map_or(String::new(), |total| format!("    {total},\n"));
        return Ok(format!("{text}    }},\n{total})\n"));
    }
    let mut parents = Vec::new();
    for base in bases {
        parents.push(Expr::parse(base)?.flat(&|name| imports.name(name)));
    }
    if parents.is_empty() {
        parents.push(base);
    }
    parents.extend(total);
    let mut text = class(defined, &parents);
    for field in fields {
        text += &field_line(imports, 4, &field.name, &field.annotation, "")?;
    }
    if fields.is_empty() {
        text += "    pass\n";
    }
    Ok(text)
}

/// `class defined(parents):`, with its line feed.
fn class(defined: &str, parents: &[String]) -> String {
    layout::call(0, &format!("class {defined}("), parents, "):") + "\n"
}

fn field_line(
    imports: &Imports<'_>,
    indent: usize,
    field: &str,
    annotation: &str,
    default: &str,
) -> Result<String> {
    let name = |name: &str| imports.name(name);
    let expr = Expr::parse(annotation)?;
    let line = layout::line(indent, &format!("{field}: "), &expr, default, &name);
    // The call behind an annotation is broken before the annotation is.
    if line.contains('\n')
        && let Some((head, arguments)) = default.split_once('(')
    {
        let head = format!("{field}: {}{head}(", expr.flat(&name));
        let arguments = vec![arguments.trim_end_matches(')').to_owned()];
        return Ok(layout::call(indent, &head, &arguments, ")") + "\n");
    }
    Ok(line + "\n")
}

/// Assignments of a model class that are no fields.
fn settings(is_test: bool, api_exclude: &[String]) -> String {
    let mut text = String::new();
    if !is_test {
        text += "    __test__ = False\n";
    }
    if !api_exclude.is_empty() {
        let names: Vec<_> = api_exclude
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
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

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
        "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
        "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
        "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&name) || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
