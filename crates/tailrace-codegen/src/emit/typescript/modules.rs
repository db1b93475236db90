//! Modules: interfaces, aliases, namespaces and exports.

use std::fmt::Write as _;

use super::imports::{Imports, braces, relative};
use super::{layout, resources};
use crate::emit::marker;
use crate::error::Result;
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
        body += &match declaration {
            TypeScriptDeclaration::Class {
                name,
                resource,
                children,
                methods,
            } => resources::class(api, &mut imports, name, resource, children, methods)?,
            TypeScriptDeclaration::Export { from, exports } => {
                let place = relative(&module.module, from);
                if exports.is_empty() {
                    format!("export * from '{place}';\n")
                } else {
                    export_from(exports, &place)
                }
            }
            TypeScriptDeclaration::Namespace { name, exports, .. } => {
                let assigned = assignments(&mut imports, name, exports);
                assigned + &outer(declaration)
            }
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

/// Classes are also properties of the class that they belong to, as the namespace of the same name promises.
fn assignments(imports: &mut Imports<'_>, namespace: &str, exports: &[TypeScriptExport]) -> String {
    let mut text = String::new();
    for export in exports.iter().filter(|export| export.value) {
        imports.value(&export.name);
        let _ = writeln!(
            text,
            "{namespace}.{} = {};",
            export.renamed.as_ref().unwrap_or(&export.name),
            export.name
        );
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// `export { ... } from`, as types where all are types.
fn export_from(exports: &[TypeScriptExport], place: &str) -> String {
    let is_type_only = exports.iter().all(|export| !export.value);
    let items: Vec<_> = exports
        .iter()
        .map(|export| item(export, !is_type_only && !export.value))
        .collect();
    let kind = if is_type_only { "type " } else { "" };
    braces(
        0,
        &format!("export {kind}"),
        &items,
        &format!(" from '{place}';"),
    )
}

fn item(export: &TypeScriptExport, is_type: bool) -> String {
    let kind = if is_type { "type " } else { "" };
    match &export.renamed {
        Some(renamed) => format!("{kind}{} as {renamed}", export.name),
        None => format!("{kind}{}", export.name),
    }
}

/// A declaration of the module itself.
fn outer(declaration: &TypeScriptDeclaration) -> String {
    let is_namespace = matches!(declaration, TypeScriptDeclaration::Namespace { .. });
    inner(
        0,
        if is_namespace {
            "export declare "
        } else {
            "export "
        },
        declaration,
    )
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
        } => {
            let extends = if extends.is_empty() {
                String::new()
            } else {
                format!(" extends {}", extends.join(", "))
            };
            let head_line = format!(
                "{space}{keyword}interface {name}{}{extends} {{",
                brackets(generics)
            );
            if members.is_empty() {
                return head_line + "}\n";
            }
            let mut text = head_line + "\n";
            for member in members {
                text += &layout::line(indent + 2, &head(member), &member.value, ";\n");
            }
            text + &space + "}\n"
        }
        TypeScriptDeclaration::Alias {
            name,
            generics,
            value,
        } => layout::line(
            indent,
            &format!("{keyword}type {name}{} = ", brackets(generics)),
            value,
            ";\n",
        ),
        TypeScriptDeclaration::Namespace {
            name,
            exports,
            declarations,
        } => {
            let mut text = format!("{space}{keyword}namespace {name} {{\n");
            if !exports.is_empty() {
                let items: Vec<_> = exports
                    .iter()
                    .map(|export| item(export, !export.value))
                    .collect();
                text += &braces(indent + 2, "export ", &items, ";");
            }
            for (position, declaration) in declarations.iter().enumerate() {
                if position > 0 || !exports.is_empty() {
                    text.push('\n');
                }
                text += &inner(indent + 2, "", declaration);
            }
            text + &space + "}\n"
        }
        TypeScriptDeclaration::Class { .. } | TypeScriptDeclaration::Export { .. } => String::new(),
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

fn brackets(generics: &[String]) -> String {
    if generics.is_empty() {
        String::new()
    } else {
        format!("<{}>", generics.join(", "))
    }
}
