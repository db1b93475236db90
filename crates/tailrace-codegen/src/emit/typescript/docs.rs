//! Doc comments of methods.

use std::fmt::Write as _;

use crate::load::{Answer, Streaming, TypeScriptHelper, TypeScriptSignature};
use crate::resolve::typescript::{Call, Data, Method, Rest, Segment};

const THROWS: &str = "   * @throws {APIConnectionError} No answer arrived; `APIConnectionTimeoutError` when the time ran out.\n   * @throws {APIError} The answer has a status of 400 or more; the subclass tells which.\n";

/// `client.` and the dotted name as TypeScript writes it.
pub(super) fn place(key: &str) -> String {
    let mut text = "client".to_owned();
    for name in key.split('.') {
        text.push('.');
        let mut words = name.split('_');
        text += words.next().unwrap_or_default();
        for word in words {
            text += &capital(word);
        }
    }
    text
}

fn capital(word: &str) -> String {
    if matches!(word, "api") {
        return "API".to_owned();
    }
    let (head, tail) = word.split_at(word.len().min(1));
    head.to_uppercase() + tail
}

const DEPRECATED: &str = "@deprecated The API calls it out of date.";

/// The doc comment of a type or a member, which has one only when it is out of date.
pub(super) fn deprecation(is_deprecated: bool, indent: usize) -> String {
    if is_deprecated {
        format!("{}/** {DEPRECATED} */\n", " ".repeat(indent))
    } else {
        String::new()
    }
}

/// The doc comment of a resource.
pub(super) fn resource(place: &str, is_deprecated: bool) -> String {
    if is_deprecated {
        format!("/**\n * `{place}`.\n *\n * {DEPRECATED}\n */\n")
    } else {
        format!("/** `{place}`. */\n")
    }
}

/// The doc comment of a method.
pub(super) fn method(method: &Method, overloads: &[TypeScriptSignature]) -> String {
    let mut text = match method {
        Method::Call(call) => self::call(call, overloads),
        Method::Helper(helper) => self::helper(helper, overloads),
    };
    if overloads.iter().any(|overload| overload.deprecated) {
        let _ = writeln!(text, "   * {DEPRECATED}");
    }
    text + "   */\n"
}

fn helper(helper: &TypeScriptHelper, overloads: &[TypeScriptSignature]) -> String {
    let mut text = format!("  /**\n   * {}\n   *\n", helper.summary);
    let is_with_options = overloads
        .iter()
        .flat_map(|overload| &overload.parameters)
        .any(|parameter| parameter.name == "options");
    if is_with_options {
        text += "   * @param options - Options of each call; times are in milliseconds.\n";
    }
    for (class, reason) in &helper.throws {
        let _ = writeln!(text, "   * @throws {{{class}}} {reason}");
    }
    if helper.throws.is_empty() {
        text += THROWS;
    }
    text
}

fn call(call: &Call, overloads: &[TypeScriptSignature]) -> String {
    let operation = &call.operation;
    let mut text = format!(
        "  /**\n   * Calls `{} {}`.\n   *\n",
        operation.verb.to_uppercase(),
        operation.path.replace("{+", "{")
    );
    let parameters = overloads.get(call.widest).map(|o| o.parameters.as_slice());
    for (position, parameter) in parameters.unwrap_or_default().iter().enumerate() {
        let what = match call.data.as_ref().filter(|data| data.position == position) {
            Some(data) => {
                let whole = match data.rest {
                    Rest::Query => "query",
                    Rest::Body if call.form().is_some() => "body, sent as a form",
                    Rest::Body => "JSON body",
                    Rest::Nothing => "",
                };
                apart(call, data, whole)
            }
            None if parameter.name == "options" => {
                "Options of this call; `timeout` is in milliseconds.".to_owned()
            }
            None => segment(call, &parameter.name),
        };
        text += &format!("   * @param {} - {what}\n", parameter.name);
    }
    text += &format!("   * @returns {}\n", returns(call));
    text + THROWS
}

/// Where the members of a parameter go.
fn apart(call: &Call, data: &Data, whole: &str) -> String {
    let placeholders = call.operation.placeholders();
    let (path, headers): (Vec<_>, Vec<_>) = data
        .taken
        .iter()
        .map(|(wire, _)| wire.as_str())
        .partition(|wire| placeholders.contains(wire));
    let query: Vec<_> = data.split_query.iter().map(String::as_str).collect();
    let mut parts = Vec::new();
    for (names, place) in [(path, "path"), (headers, "headers"), (query, "query")] {
        if !names.is_empty() {
            let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            parts.push(format!("{} for the {place}", quoted.join(", ")));
        }
    }
    if parts.is_empty() {
        return format!("The {whole}. Members that are `undefined` are not sent.");
    }
    if !whole.is_empty() {
        parts.push(format!("the rest is the {whole}"));
    }
    let mut text = parts.join(", ");
    text.push('.');
    text
}

/// The placeholder that a parameter fills.
fn segment(call: &Call, parameter: &str) -> String {
    let mut names = call.operation.placeholders().into_iter();
    let segments = call.path.iter().filter_map(|segment| match segment {
        Segment::Text(_) => None,
        Segment::Encoded(expression) | Segment::Raw(expression) => Some(expression),
    });
    let name = segments
        .filter_map(|expression| names.next().filter(|_| expression == parameter))
        .next();
    format!("`{{{}}}` of the path.", name.unwrap_or(parameter))
}

fn returns(call: &Call) -> &'static str {
    let operation = &call.operation;
    if call.page.is_some() {
        return "The first page; `for await` goes through the items of all pages.";
    }
    match (operation.stream, operation.response) {
        (Streaming::Always, _) => "The events as they arrive.",
        (Streaming::OnRequest, _) => {
            "The response, or with `stream: true` the events as they arrive."
        }
        (_, Some(Answer::Binary)) => "The `Response`, whose body is not read yet.",
        (_, Some(Answer::None)) => "Nothing.",
        (_, Some(Answer::Text)) => "The text.",
        (_, None) => "What the API answers.",
    }
}
