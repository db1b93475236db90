//! Resource classes.

use std::fmt::Write as _;

use super::imports::Imports;
use super::modules::head;
use crate::error::{Error, Result};
use crate::load::{Operation, Ordered, TypeScriptMember, TypeScriptSignature};
use crate::resolve::Api;

/// The class `name` of `resource`.
pub(super) fn class(
    api: &Api,
    imports: &mut Imports<'_>,
    name: &str,
    resource: &str,
    children: &[TypeScriptMember],
    methods: &Ordered<Vec<TypeScriptSignature>>,
) -> Result<String> {
    let parent = imports.add("core/resource#APIResource");
    let mut text =
        format!("/** `client.{resource}`. */\nexport class {name} extends {parent} {{\n");
    let mut gap = "";
    for child in children {
        imports.value(&child.value);
        let _ = write!(
            text,
            "{gap}  /** `client.{resource}.{child}`. */\n  {child}: {class} = new {class}(this._client);\n",
            child = child.name,
            class = child.value,
        );
        gap = "\n";
    }
    for (method, overloads) in methods {
        let key = format!("{resource}.{method}");
        let operation = api
            .operations
            .get(&key)
            .ok_or_else(|| Error::new(&key, "has no operation"))?;
        text += gap;
        text += &self::method(api, imports, &key, method, overloads, operation)?;
        gap = "\n";
    }
    Ok(text + "}\n")
}

fn method(
    api: &Api,
    imports: &mut Imports<'_>,
    key: &str,
    name: &str,
    overloads: &[TypeScriptSignature],
    operation: &Operation,
) -> Result<String> {
    let mut text = doc(operation);
    if overloads.len() > 1 {
        for overload in overloads {
            text += &signature(name, overload, ";");
        }
    }
    // The last overload is the widest: it takes what every other takes.
    let widest = overloads
        .last()
        .ok_or_else(|| Error::new(key, "has no signature"))?;
    text += &signature(name, widest, " {");
    let mut members = Vec::new();
    if !operation.body.is_empty() {
        members.push("body");
    }
    members.push("...options");
    if operation.stream {
        members.push("stream: body.stream ?? false");
    }
    let call = format!("('{}', {{ {} }})", operation.path, members.join(", "));
    match api.overlay.typescript.transforms.get(key) {
        None => {
            let _ = writeln!(text, "    return this._client.{}{call};", operation.verb);
        }
        Some(target) => {
            let function = imports.add(target);
            // What the function takes decides nothing, so the compiler has to be told what the call answers.
            let answer = widest
                .returns
                .strip_prefix("APIPromise<")
                .and_then(|rest| rest.strip_suffix('>'));
            let answer = answer.ok_or_else(|| Error::new(key, "answers with no APIPromise"))?;
            let _ = write!(
                text,
                "    return this._client\n      .{}<{answer}>{call}\n      ._thenUnwrap({function});\n",
                operation.verb
            );
        }
    }
    Ok(text + "  }\n")
}

fn doc(operation: &Operation) -> String {
    let mut text = format!(
        "  /**\n   * Calls `{} {}`.\n   *\n",
        operation.verb.to_uppercase(),
        operation.path
    );
    if !operation.body.is_empty() {
        text += "   * @param body - The JSON body. Members that are `undefined` are not sent.\n";
    }
    text += "   * @param options - Options of this call; `timeout` is in milliseconds.\n";
    if operation.stream {
        text += "   * @returns The response, or with `stream: true` the events as they arrive.\n";
    }
    text += "   * @throws {APIConnectionError} No answer arrived; `APIConnectionTimeoutError` when the time ran out.\n";
    text += "   * @throws {APIError} The answer has a status of 400 or more; the subclass tells which.\n";
    text + "   */\n"
}

/// `name(parameters): returns`, with one parameter a line when it is too long.
fn signature(name: &str, signature: &TypeScriptSignature, tail: &str) -> String {
    let parameters: Vec<_> = signature
        .parameters
        .iter()
        .map(|parameter| head(parameter) + &parameter.value)
        .collect();
    let flat = format!(
        "  {name}({}): {}{tail}\n",
        parameters.join(", "),
        signature.returns
    );
    if flat.chars().count() <= super::WIDTH + 1 {
        return flat;
    }
    let lines: Vec<_> = parameters
        .iter()
        .map(|parameter| format!("    {parameter},\n"))
        .collect();
    format!(
        "  {name}(\n{}  ): {}{tail}\n",
        lines.concat(),
        signature.returns
    )
}
