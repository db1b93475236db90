//! Resource classes: children, and methods that somebody else does.

use std::fmt::Write as _;

use super::imports::Imports;
use super::modules::{brackets, head};
use super::{calls, docs};
use crate::error::{Error, Result};
use crate::load::{TypeScriptClass, TypeScriptMember, TypeScriptModule, TypeScriptSignature};
use crate::resolve::Api;
use crate::resolve::typescript::Method;

/// The class that is `client.<resource>`.
pub(super) fn class(
    api: &Api,
    imports: &mut Imports<'_>,
    module: &TypeScriptModule,
    class: &TypeScriptClass,
    resource: &str,
) -> Result<String> {
    let mixin = api.overlay.typescript.mixins.get(resource);
    if mixin.is_some() {
        imports.leave_out("APIResource");
    }
    let parent = imports.add(mixin.map_or("core/resource#APIResource", String::as_str));
    let place = docs::place(resource);
    let mut text = format!(
        "{}export class {} extends {parent} {{\n",
        docs::resource(&place, class.deprecated),
        class.name
    );
    text += &children(&place, &class.children);
    let mut gap = if class.children.is_empty() { "" } else { "\n" };
    for (name, overloads) in &class.methods {
        let key = format!("{resource}.{name}");
        let method = api
            .typescript
            .methods
            .get(&key)
            .ok_or_else(|| Error::new(&key, "is not resolved"))?;
        text += gap;
        text += &docs::method(method, overloads);
        text += &match method {
            Method::Helper(given) => helper(imports, name, overloads, &given.function),
            Method::Call(call) => calls::method(imports, &key, name, overloads, call)?,
        };
        gap = "\n";
    }
    text += "}\n";
    Ok(text
        + &lazily(
            imports,
            &module.module,
            &module.imports,
            &class.name,
            &class.children,
        )?)
}

/// The declarations of child resources; `resources()` gives them their values.
pub(super) fn children(place: &str, children: &[TypeScriptMember]) -> String {
    let mut text = String::new();
    for (position, child) in children.iter().enumerate() {
        let gap = if position == 0 { "" } else { "\n" };
        let (name, class) = (&child.name, &child.value);
        let _ = write!(
            text,
            "{gap}  /** `{place}.{name}`. */\n  declare {name}: {class};\n"
        );
    }
    text
}

/// The statement that loads and makes child resources when they are first touched.
pub(super) fn lazily(
    imports: &mut Imports<'_>,
    module: &str,
    names: &std::collections::BTreeMap<String, String>,
    class: &str,
    children: &[TypeScriptMember],
) -> Result<String> {
    if children.is_empty() {
        return Ok(String::new());
    }
    let function = imports.add("internal/lazy#resources");
    let mut text = format!("\n{function}({class}, {{\n");
    for child in children {
        let (from, name) = place_of(names, &child.value)
            .ok_or_else(|| Error::new(module, format_args!("`{}` is not imported", child.value)))?;
        let place = super::imports::relative(module, &from);
        let items = [
            format!("'{name}'"),
            format!("() => (require('{place}') as typeof import('{place}')).{name}"),
        ];
        text += &one_line_or_more(&format!("  {}: [", child.name), &items, "],\n");
    }
    Ok(text + "});\n")
}

/// Module and name of the class that `value` leads to.
fn place_of(
    names: &std::collections::BTreeMap<String, String>,
    value: &str,
) -> Option<(String, String)> {
    let (first, rest) = value.split_once('.').unwrap_or((value, ""));
    let (from, name) = names.get(first)?.split_once('#')?;
    let name = if name == "*" { rest } else { name };
    Some((from.to_owned(), name.to_owned()))
}

/// A method that a hand-written function does.
fn helper(
    imports: &mut Imports<'_>,
    name: &str,
    overloads: &[TypeScriptSignature],
    target: &str,
) -> String {
    let function = imports.add(target);
    let mut text = String::new();
    if let [only] = overloads {
        let arguments: Vec<_> = only.parameters.iter().map(|p| p.name.clone()).collect();
        text += &signature(name, only, true, " {");
        let _ = writeln!(
            text,
            "    return {function}({});\n  }}",
            [vec!["this".to_owned()], arguments].concat().join(", ")
        );
        return text;
    }
    for overload in overloads {
        text += &signature(name, overload, false, ";");
    }
    // What the function answers is decided by the overloads, so it may be anything here.
    if let Some(widest) = overloads.last() {
        let mut parameters = widest.parameters.clone();
        for parameter in &mut parameters {
            let is_generic = |generic: &String| {
                generic.split_whitespace().next() == Some(parameter.value.as_str())
            };
            if widest.generics.iter().any(is_generic) {
                "any".clone_into(&mut parameter.value);
            }
        }
        let any = TypeScriptSignature {
            deprecated: false,
            generics: Vec::new(),
            parameters,
            returns: "any".to_owned(),
        };
        let arguments: Vec<_> = any.parameters.iter().map(|p| p.name.clone()).collect();
        text += &signature(name, &any, true, " {");
        let _ = writeln!(
            text,
            "    return {function}({});\n  }}",
            [vec!["this".to_owned()], arguments].concat().join(", ")
        );
    }
    text
}

/// `name(parameters): returns`, with one parameter a line when it is too long.
///
/// An implementation has defaults where the declaration has `?`, and the caller may leave out a body.
pub(super) fn signature(
    name: &str,
    signature: &TypeScriptSignature,
    is_implementation: bool,
    tail: &str,
) -> String {
    let parameters: Vec<_> = signature
        .parameters
        .iter()
        .map(|parameter| {
            let is_default = parameter.optional
                && is_implementation
                && (matches!(parameter.name.as_str(), "body" | "query" | "params")
                    || parameter.name.starts_with('{'));
            if is_default {
                format!("{}: {} = {{}}", parameter.name, parameter.value)
            } else {
                head(parameter) + &parameter.value
            }
        })
        .collect();
    one_line_or_more(
        &format!("  {name}{}(", brackets(&signature.generics)),
        &parameters,
        &format!("): {}{tail}\n", signature.returns),
    )
}

/// `head items tail`, one item a line when it is too long. A brace has spaces inside, a parenthesis has none.
pub(super) fn one_line_or_more(head: &str, items: &[String], tail: &str) -> String {
    let space = if head.ends_with('{') { " " } else { "" };
    let flat = format!("{head}{space}{}{space}{tail}", items.join(", "));
    if flat.trim_end().chars().count() <= super::WIDTH {
        return flat;
    }
    let indent = " ".repeat(head.chars().take_while(|c| *c == ' ').count());
    let lines: Vec<_> = items
        .iter()
        .map(|item| {
            let comma = if item.starts_with("...") && tail.starts_with("} =") {
                ""
            } else {
                ","
            };
            format!("{indent}  {item}{comma}\n")
        })
        .collect();
    format!("{head}\n{}{indent}{tail}", lines.concat())
}
