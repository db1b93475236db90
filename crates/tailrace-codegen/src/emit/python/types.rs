//! Type modules, and in them typed dicts and aliases.

use super::imports::Imports;
use super::layout;
use super::models;
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
            PythonDefinition::Model(model) => models::emit(api, &imports, name, defined, model)?,
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
                layout::line(0, &prefix, &expr, "", &|name| imports.name(name)) + "\n"
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
    // Two thousand modules of a few lines each: blank lines between their imports would be a fiftieth of the package.
    let lines = imports.text(0).replace("\n\n", "\n");
    if !lines.is_empty() {
        text += &lines;
        text.push('\n');
    }
    let exports: Vec<_> = module
        .exports
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    text += &layout::filled(0, "__all__ = [", &exports, "]");
    Ok(text + &body)
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
pub(super) fn class(defined: &str, parents: &[String]) -> String {
    layout::call(0, &format!("class {defined}("), parents, "):") + "\n"
}

/// A field of a model or a key of a typed dict, with its line feed.
pub(super) fn field_line(
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

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
        "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
        "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
        "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&name) || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
