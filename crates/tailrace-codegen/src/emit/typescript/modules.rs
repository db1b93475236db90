//! Modules: interfaces, aliases, namespaces and exports.

use super::imports::{Imports, braces, relative};
use super::{classes, connections, docs, layout, resources};
use crate::emit::marker;
use crate::error::{Error, Result};
use crate::load::{TypeScriptDeclaration, TypeScriptExport, TypeScriptMember, TypeScriptModule};
use crate::resolve::Api;

/// The module.
pub(super) fn emit(api: &Api, module: &TypeScriptModule) -> Result<String> {
    let mut imports = Imports::new(&module.module, &module.imports);
    let mut body = String::new();
    let mut was_export = false;
    for declaration in &module.declarations {
        let is_export = matches!(declaration, TypeScriptDeclaration::Export { .. });
        // Exports stand together, everything else stands apart.
        if !(is_export && was_export) {
            body.push('\n');
        }
        was_export = is_export;
        let path = connections::path(api, module);
        body += &match declaration {
            TypeScriptDeclaration::Class(class) => match &class.resource {
                Some(resource) => resources::class(api, &mut imports, module, class, resource)?,
                None if path.is_some() => connections::class(api, &mut imports, module, class)?,
                None => classes::class(&mut imports, class)?,
            },
            TypeScriptDeclaration::Function {
                name,
                parameters,
                returns,
                ..
            } => match path {
                Some(path) => connections::function(&mut imports, name, parameters, returns, path)?,
                None => {
                    return Err(Error::new(
                        name,
                        "is a function, which nothing here knows how to write; write its module by hand",
                    ));
                }
            },
            TypeScriptDeclaration::Export { from, exports } => {
                export(&mut imports, &module.module, from.as_deref(), exports)
            }
            TypeScriptDeclaration::Namespace { exports, .. } => {
                note_values(&mut imports, exports);
                outer(declaration)
            }
            other if path.is_some() => outer(&connections::with_limits(&mut imports, other)),
            other => outer(other),
        };
    }
    let lines = imports.text();
    let gap = if lines.is_empty() { "" } else { "\n" };
    Ok(format!(
        "// {}\n{gap}{lines}{body}",
        marker("typescript/modules.rs")
    ))
}

/// Names that are exported as values are imported as such; the compiler drops what only a declaration uses.
pub(super) fn note_values(imports: &mut Imports<'_>, exports: &[TypeScriptExport]) {
    for export in exports.iter().filter(|export| export.value) {
        imports.value(&export.name);
    }
}

/// `export * from`, `export { ... } from` and `export { ... }`.
fn export(
    imports: &mut Imports<'_>,
    module: &str,
    from: Option<&str>,
    exports: &[TypeScriptExport],
) -> String {
    let is_type_only = exports.iter().all(|export| !export.value);
    let items: Vec<_> = exports
        .iter()
        .map(|export| item(export, !is_type_only && !export.value))
        .collect();
    let kind = if is_type_only { "type " } else { "" };
    let tail = match from {
        Some(from) => format!(" from '{}';", relative(module, from)),
        None => {
            note_values(imports, exports);
            ";".to_owned()
        }
    };
    if exports.is_empty() {
        return format!("export *{tail}\n");
    }
    braces(0, &format!("export {kind}"), &items, &tail)
}

fn item(export: &TypeScriptExport, is_type: bool) -> String {
    let kind = if is_type { "type " } else { "" };
    match &export.renamed {
        Some(renamed) => format!("{kind}{} as {renamed}", export.name),
        None => format!("{kind}{}", export.name),
    }
}

/// A declaration of the module itself.
pub(super) fn outer(declaration: &TypeScriptDeclaration) -> String {
    let keyword = match declaration {
        TypeScriptDeclaration::Namespace { .. } => "export declare ",
        TypeScriptDeclaration::Interface { local: true, .. }
        | TypeScriptDeclaration::Alias { local: true, .. } => "",
        _ => "export ",
    };
    inner(0, keyword, declaration)
}

/// A declaration at `indent` columns, with `keyword` before it.
fn inner(indent: usize, keyword: &str, declaration: &TypeScriptDeclaration) -> String {
    let space = " ".repeat(indent);
    match declaration {
        TypeScriptDeclaration::Interface {
            name,
            generics,
            extends,
            members,
            deprecated,
            ..
        } => {
            let extends = if extends.is_empty() {
                String::new()
            } else {
                format!(" extends {}", extends.join(", "))
            };
            let texts: Vec<_> = members
                .iter()
                .flat_map(|member| [member.name.as_str(), &member.value])
                .chain([extends.as_str()])
                .collect();
            let head_line = format!(
                "{}{space}{keyword}interface {name}{}{extends} {{",
                docs::deprecation(*deprecated, indent),
                brackets(&marked(generics, &texts))
            );
            if members.is_empty() {
                return head_line + "}\n";
            }
            let mut text = head_line + "\n";
            for member in members {
                text += &docs::deprecation(member.deprecated, indent + 2);
                text += &layout::line(indent + 2, &head(member), &member.value, ";\n");
            }
            text + &space + "}\n"
        }
        TypeScriptDeclaration::Alias {
            name,
            generics,
            value,
            deprecated,
            ..
        } => {
            let head = format!(
                "{keyword}type {name}{} = ",
                brackets(&marked(generics, &[value]))
            );
            docs::deprecation(*deprecated, indent) + &layout::line(indent, &head, value, ";\n")
        }
        TypeScriptDeclaration::Namespace {
            name,
            exports,
            aliases,
            declarations,
        } => {
            let mut parts = Vec::new();
            if !exports.is_empty() {
                let items: Vec<_> = exports
                    .iter()
                    .map(|export| item(export, !export.value))
                    .collect();
                parts.push(braces(indent + 2, "export ", &items, ";"));
            }
            if !aliases.is_empty() {
                let lines: Vec<_> = aliases
                    .iter()
                    .map(|alias| format!("{space}  export import {} = {};\n", alias.name, alias.of))
                    .collect();
                parts.push(lines.concat());
            }
            // Beside exports, what a namespace declares is seen only when it is exported, too.
            let own = if parts.is_empty() { "" } else { "export " };
            parts.extend(
                declarations
                    .iter()
                    .map(|declaration| inner(indent + 2, own, declaration)),
            );
            format!(
                "{space}{keyword}namespace {name} {{\n{}{space}}}\n",
                parts.join("\n")
            )
        }
        TypeScriptDeclaration::Class(_)
        | TypeScriptDeclaration::Function { .. }
        | TypeScriptDeclaration::Export { .. } => String::new(),
    }
}

/// `name: ` or `name?: `.
pub(super) fn head(member: &TypeScriptMember) -> String {
    format!(
        "{}{}: ",
        member.name,
        if member.optional { "?" } else { "" }
    )
}

/// `<A, B>`, or nothing.
pub(super) fn brackets(generics: &[String]) -> String {
    if generics.is_empty() {
        String::new()
    } else {
        format!("<{}>", generics.join(", "))
    }
}

/// Type parameters, with `_` before the name of those that no text uses: the compiler reports them otherwise.
fn marked(generics: &[String], texts: &[&str]) -> Vec<String> {
    let uses = |name: &str, text: &str| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
    };
    generics
        .iter()
        .enumerate()
        .map(|(position, generic)| {
            let name = generic.split_whitespace().next().unwrap_or(generic);
            let others = generics
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != position);
            let is_used = texts.iter().any(|text| uses(name, text))
                || others.into_iter().any(|(_, other)| uses(name, other));
            if is_used {
                generic.clone()
            } else {
                format!("_{generic}")
            }
        })
        .collect()
}
