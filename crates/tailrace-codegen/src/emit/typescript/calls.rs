//! Methods that make one call.

use std::fmt::Write as _;

use super::imports::Imports;
use super::modules::head;
use super::resources::{one_line_or_more, signature};
use crate::error::{Error, Result};
use crate::load::{Streaming, TypeScriptSignature};
use crate::model::typescript::split;
use crate::resolve::typescript::{Call, Data, Rest, Segment};

/// A method that makes one call.
pub(super) fn method(
    imports: &mut Imports<'_>,
    key: &str,
    name: &str,
    overloads: &[TypeScriptSignature],
    call: &Call,
) -> Result<String> {
    let widest = overloads
        .get(call.widest)
        .ok_or_else(|| Error::new(key, "has no signature"))?;
    let mut text = String::new();
    if overloads.len() > 1 {
        for overload in overloads {
            text += &signature(name, overload, false, ";");
            for shape in ["StreamQueryOnly", "QueryOnly", "OptionsOnly"] {
                let is_used = overload
                    .parameters
                    .iter()
                    .any(|p| p.value.starts_with(shape));
                if is_used {
                    imports.name(&format!("internal/list-arguments#{shape}"));
                }
            }
        }
    }
    let widest = &TypeScriptSignature {
        deprecated: false,
        generics: widest.generics.clone(),
        parameters: widest.parameters.clone(),
        returns: returns(overloads, widest),
    };
    if call.options_alone {
        text += &with_options_alone(imports, name, widest, call);
    } else if call.options_first {
        text += &with_options_first(imports, name, widest, call);
    } else {
        text += &signature(name, widest, true, " {");
    }
    if let Some(data) = &call.data {
        text += &destructured(data);
    }
    text += &request(imports, key, widest, call)?;
    Ok(text + "  }\n")
}

/// The implementation of a method that takes options in place of the query.
fn with_options_alone(
    imports: &mut Imports<'_>,
    name: &str,
    widest: &TypeScriptSignature,
    call: &Call,
) -> String {
    let function = imports.add("internal/list-arguments#listArguments");
    let mut parameters = Vec::new();
    let mut data = String::new();
    let mut type_of_data = String::new();
    for (position, parameter) in widest.parameters.iter().enumerate() {
        if call
            .data
            .as_ref()
            .is_some_and(|data| data.position == position)
        {
            data.clone_from(&parameter.name);
            type_of_data = bare(&parameter.value);
            parameters.push("given?: object | null".to_owned());
        } else if parameter.name == "options" {
            parameters.push("more?: RequestOptions".to_owned());
        } else {
            parameters.push(head(parameter) + &parameter.value);
        }
    }
    let line = one_line_or_more(
        &format!("  {name}("),
        &parameters,
        &format!("): {} {{\n", widest.returns),
    );
    let has_stream = if call.operation.stream == Streaming::Never {
        ""
    } else {
        ", true"
    };
    line + &format!(
        "    const [{data}, options] = {function}<{type_of_data}>(given, more{has_stream});\n"
    )
}

/// The implementation of a method whose options may stand in the place of the query.
fn with_options_first(
    imports: &mut Imports<'_>,
    name: &str,
    widest: &TypeScriptSignature,
    call: &Call,
) -> String {
    let function = imports.add("internal/list-arguments#lastArguments");
    let position = call.data.as_ref().map_or(0, |data| data.position);
    let (before, after) = widest.parameters.split_at(position);
    let mut parameters: Vec<_> = before.iter().map(|p| head(p) + &p.value).collect();
    parameters.push("...given: unknown[]".to_owned());
    let names: Vec<_> = after.iter().map(|p| p.name.as_str()).collect();
    let types: Vec<_> = after.iter().map(|p| p.value.as_str()).collect();
    let line = one_line_or_more(
        &format!("  {name}("),
        &parameters,
        &format!("): {} {{\n", widest.returns),
    );
    line + &format!(
        "    const [{}] = {function}<{}>(given);\n",
        names.join(", "),
        types.first().copied().unwrap_or_default()
    )
}

/// What the implementation answers: all that its overloads do.
fn returns(overloads: &[TypeScriptSignature], widest: &TypeScriptSignature) -> String {
    let inner = |signature: &TypeScriptSignature| {
        let text = signature.returns.strip_prefix("APIPromise<")?;
        text.strip_suffix('>').map(str::to_owned)
    };
    let Some(answers) = overloads.iter().map(inner).collect::<Option<Vec<_>>>() else {
        return widest.returns.clone();
    };
    let Some(widest_answer) = inner(widest) else {
        return widest.returns.clone();
    };
    let mut parts = split(&widest_answer, '|');
    if parts.len() > 1 {
        return widest.returns.clone();
    }
    for part in answers.iter().flat_map(|answer| split(answer, '|')) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    format!("APIPromise<{}>", parts.join(" | "))
}

/// `P` of `QueryOnly<P> | null | undefined`.
fn bare(value: &str) -> String {
    let inner = value
        .split_once("QueryOnly<")
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(value, |(inner, _)| inner).to_owned()
}

/// What is taken out of the parameter before the rest is sent.
fn destructured(data: &Data) -> String {
    if data.taken.is_empty() && data.split_query.is_empty() {
        return String::new();
    }
    let mut names: Vec<_> = data
        .taken
        .iter()
        .map(|(wire, local)| renamed(wire, local))
        .collect();
    names.extend(data.split_query.iter().cloned());
    match data.rest {
        Rest::Query => names.push("...query".to_owned()),
        Rest::Body => names.push("...body".to_owned()),
        Rest::Nothing => {}
    }
    let name = &data.parameter.name;
    let source = if data.parameter.optional {
        format!("{name} ?? {{}}")
    } else {
        name.clone()
    };
    one_line_or_more("    const {", &names, &format!("}} = {source};\n"))
}

fn renamed(wire: &str, local: &str) -> String {
    if wire == local {
        return wire.to_owned();
    }
    let is_plain = wire.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_plain {
        format!("{wire}: {local}")
    } else {
        format!("'{wire}': {local}")
    }
}

/// The statement that makes the call.
fn request(
    imports: &mut Imports<'_>,
    key: &str,
    widest: &TypeScriptSignature,
    call: &Call,
) -> Result<String> {
    let path = path(imports, &call.path);
    let mut members = Vec::new();
    let mut source = String::new();
    if let Some(data) = &call.data {
        let parameter = &data.parameter;
        source = format!(
            "{}{}",
            parameter.name,
            if parameter.optional { "?" } else { "" }
        );
        if !data.split_query.is_empty() {
            members.push(format!("query: {{ {} }}", data.split_query.join(", ")));
        }
        let is_whole = data.taken.is_empty() && data.split_query.is_empty();
        let kind = match data.rest {
            Rest::Query => "query",
            Rest::Body => "body",
            Rest::Nothing => "",
        };
        if !kind.is_empty() {
            let is_named = !is_whole || parameter.name == kind;
            members.push(if is_named {
                kind.to_owned()
            } else {
                format!("{kind}: {}", parameter.name)
            });
        }
    }
    if call.page.is_some() && call.operation.verb != "get" {
        members.push(format!("method: '{}'", call.operation.verb));
    }
    members.push("...options".to_owned());
    if !call.headers.is_empty() {
        let function = imports.add("internal/headers#buildHeaders");
        let own: Vec<_> = call
            .headers
            .iter()
            .map(|(name, value)| {
                let is_plain = name.chars().all(char::is_alphanumeric);
                let quote = if is_plain { "" } else { "'" };
                format!("{quote}{name}{quote}: {value}")
            })
            .collect();
        members.push(format!(
            "headers: {function}([{{ {} }}, options?.headers])",
            own.join(", ")
        ));
    }
    match call.operation.stream {
        Streaming::Never => {}
        Streaming::OnRequest => members.push(format!("stream: {source}.stream ?? false")),
        Streaming::Always => members.push("stream: true".to_owned()),
    }
    if call.operation.named_events {
        members.push("__synthesizeEventData: true".to_owned());
    }
    if let Some(mode) = &call.operation.stream_mode {
        members.push(format!("__streamMode: '{mode}'"));
    }
    if call.is_binary() {
        members.push("__binaryResponse: true".to_owned());
    }
    if let Some(security) = security(&call.operation.security) {
        members.push(format!("__security: {{ {security} }}"));
    }
    statement(imports, key, widest, call, &path, &members)
}

/// `return this._client.verb(path, options)`, with what completes the answer.
fn statement(
    imports: &mut Imports<'_>,
    key: &str,
    widest: &TypeScriptSignature,
    call: &Call,
    path: &str,
    members: &[String],
) -> Result<String> {
    let form = call
        .form()
        .map(|form| imports.add(&format!("internal/uploads#{form}")));
    let folders = if call.keeps_folders {
        ", { stripFilenames: false }"
    } else {
        ""
    };
    let wrapping = match form {
        Some(function) => (
            format!("{function}({{"),
            format!("}}, this._client{folders})"),
        ),
        None => ("{".to_owned(), "}".to_owned()),
    };
    let options =
        |head: &str, before: &[&str], tail: &str| arguments(head, before, &wrapping, members, tail);
    if let Some(page) = &call.page {
        if page.target.starts_with("resources/") {
            imports.value(&page.expression);
        } else {
            imports.add(&page.target);
        }
        let before = [path, &page.expression];
        return Ok(options(
            "    return this._client.getAPIList(",
            &before,
            ";\n",
        ));
    }
    let verb = &call.operation.verb;
    let Some(target) = &call.transform else {
        let head = format!("    return this._client.{verb}(");
        return Ok(options(&head, &[path], ";\n"));
    };
    let function = imports.add(target);
    // What the function takes decides nothing, so the compiler has to be told what the call answers.
    let answer = widest
        .returns
        .strip_prefix("APIPromise<")
        .and_then(|rest| rest.strip_suffix('>'))
        .ok_or_else(|| Error::new(key, "answers with no APIPromise"))?;
    Ok(format!(
        "    return this._client\n{}      ._thenUnwrap({function});\n",
        options(&format!("      .{verb}<{answer}>("), &[path], "\n")
    ))
}

/// `head before, { members })tail`, the members wrapped in their opening and closing: in one line, with the members one a line, or with the arguments one a line.
fn arguments(
    head: &str,
    before: &[&str],
    (opening, closing): &(String, String),
    members: &[String],
    tail: &str,
) -> String {
    let bare = match members {
        [only] if opening == "{" => only.strip_prefix("..."),
        _ => None,
    };
    let whole = match bare {
        Some(name) => name.to_owned(),
        None => format!("{opening} {} {closing}", members.join(", ")),
    };
    let fits = |text: &str| text.trim_end().chars().count() <= super::WIDTH;
    let flat = format!("{head}{}, {whole}){tail}", before.join(", "));
    if fits(&flat) {
        return flat;
    }
    let indent = " ".repeat(head.chars().take_while(|c| *c == ' ').count());
    let first = format!("{head}{}, {opening}", before.join(", "));
    if fits(&first) && bare.is_none() {
        return one_line_or_more(&first, members, &format!("{closing}){tail}"));
    }
    let mut text = format!("{head}\n");
    for argument in before {
        text += &format!("{indent}  {argument},\n");
    }
    let last = format!("{indent}  {whole},\n");
    text += &if fits(&last) || bare.is_some() {
        last
    } else {
        one_line_or_more(
            &format!("{indent}  {opening}"),
            members,
            &format!("{closing},\n"),
        )
    };
    format!("{text}{indent}){tail}")
}

fn security(schemes: &[String]) -> Option<String> {
    let names: Vec<_> = schemes
        .iter()
        .map(|scheme| match scheme.as_str() {
            "admin_api_key_auth" => "adminAPIKeyAuth: true",
            _ => "bearerAuth: true",
        })
        .collect();
    if names == ["bearerAuth: true"] || names.is_empty() {
        None
    } else {
        Some(names.join(", "))
    }
}

/// The path as an expression.
fn path(imports: &mut Imports<'_>, segments: &[Segment]) -> String {
    let mut text = String::new();
    let mut is_tagged = false;
    for segment in segments {
        match segment {
            Segment::Text(part) => text += part,
            Segment::Encoded(expression) => {
                is_tagged = true;
                let _ = write!(text, "${{{expression}}}");
            }
            Segment::Raw(expression) => {
                is_tagged = true;
                let function = imports.add("internal/path#raw");
                let _ = write!(text, "${{{function}({expression})}}");
            }
        }
    }
    if is_tagged {
        let tag = imports.add("internal/path#path");
        format!("{tag}`{text}`")
    } else {
        format!("'{text}'")
    }
}
