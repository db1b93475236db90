//! What a method does: one call, or a hand-written function.

use std::collections::BTreeMap;

use super::members::{members, page_class};
use super::snake;
use crate::error::{Error, Result};
use crate::load::{
    Answer, Multipart, Operation, TypeScriptHelper, TypeScriptMember, TypeScriptModule,
    TypeScriptOverlay, TypeScriptSignature,
};

/// What a method does.
#[derive(Debug)]
pub enum Method {
    /// Delegates to a hand-written function.
    Helper(TypeScriptHelper),
    /// Makes one call.
    Call(Box<Call>),
}

/// One call.
#[derive(Debug)]
pub struct Call {
    /// Verb, headers, answer.
    pub operation: Operation,
    /// The path in pieces.
    pub path: Vec<Segment>,
    /// Which overload takes what every other takes.
    pub widest: usize,
    /// Whether one overload has options in place of the query.
    pub options_alone: bool,
    /// Whether one overload has options at the place where another has the query.
    pub options_first: bool,
    /// Whether the names of files keep their folders.
    pub keeps_folders: bool,
    /// The parameter that holds query or body.
    pub data: Option<Data>,
    /// Header to the expression of its value.
    pub headers: Vec<(String, String)>,
    /// What the pages are made with.
    pub page: Option<Page>,
    /// `module#function` that completes a whole response.
    pub transform: Option<String>,
}

/// The class of a page.
#[derive(Debug)]
pub struct Page {
    /// The class with the type of its items, as `CursorPage<FileObject>`.
    pub expression: String,
    /// `module#Name` of the class.
    pub target: String,
}

/// A piece of a path.
#[derive(Debug)]
pub enum Segment {
    /// Text.
    Text(String),
    /// An expression that is percent-encoded as one segment.
    Encoded(String),
    /// An expression that is sent as it is.
    Raw(String),
}

/// The parameter that holds query or body.
#[derive(Debug)]
pub struct Data {
    /// Its position.
    pub position: usize,
    /// The parameter itself.
    pub parameter: TypeScriptMember,
    /// Members that are taken out of it, `wire` and local name.
    pub taken: Vec<(String, String)>,
    /// The members that go into the query one by one; the rest is the body.
    pub split_query: Vec<String>,
    /// What the rest is.
    pub rest: Rest,
}

/// What a parameter is sent as, once path and headers are taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The query.
    Query,
    /// The body.
    Body,
    /// Nothing.
    Nothing,
}

/// Decides what `key` does.
pub(super) fn resolve(
    modules: &BTreeMap<String, TypeScriptModule>,
    module: &str,
    key: &str,
    overloads: &[TypeScriptSignature],
    operations: &BTreeMap<String, Operation>,
    overlay: &TypeScriptOverlay,
) -> Result<Method> {
    if let Some(helper) = overlay.helpers.get(key) {
        return Ok(Method::Helper(helper.clone()));
    }
    let operation = operation(key, operations, overlay)?;
    let is_options = |member: &TypeScriptMember| member.value == "OptionsOnly";
    let widest = overloads
        .iter()
        .rposition(|overload| !overload.parameters.iter().any(is_options))
        .ok_or_else(|| Error::new(key, "has no signature with its own parameters"))?;
    let signature = overloads
        .get(widest)
        .ok_or_else(|| Error::new(key, "has no signature"))?;
    let mut call = Call {
        path: Vec::new(),
        widest,
        options_alone: overloads
            .iter()
            .any(|o| o.parameters.iter().any(is_options)),
        options_first: false,
        keeps_folders: overlay
            .operations
            .get(key)
            .is_some_and(|change| change.keeps_folders),
        data: None,
        headers: headers(&operation),
        page: page(modules, module, key, signature)?,
        transform: overlay.transforms.get(key).cloned(),
        operation,
    };
    let positional = parameters(modules, module, key, signature, &mut call)?;
    call.path = path(key, &positional, &call)?;
    call.options_first = call.data.as_ref().is_some_and(|data| {
        overloads.iter().any(|overload| {
            let at = overload.parameters.get(data.position);
            at.is_some_and(|parameter| parameter.name == "options" && !is_options(parameter))
        })
    });
    Ok(Method::Call(Box::new(call)))
}

/// The shared operation with what differs in TypeScript.
fn operation(
    key: &str,
    operations: &BTreeMap<String, Operation>,
    overlay: &TypeScriptOverlay,
) -> Result<Operation> {
    let (resource, name) = key.rsplit_once('.').unwrap_or(("", key));
    let shared = operations.get(&format!("{resource}.{}", snake(name)));
    let change = overlay.operations.get(key);
    if shared.is_none() && change.is_none() {
        return Err(Error::new(
            key,
            "has no operation; the overlay may name a helper, a feature that it waits for, or an operation",
        ));
    }
    let mut operation = shared.cloned().unwrap_or_else(|| Operation {
        security: vec!["bearer_auth".to_owned()],
        ..Operation::default()
    });
    if let Some(change) = change {
        change.apply(&mut operation);
    }
    if operation.body_is.is_some() || !operation.parts.is_empty() {
        return Err(Error::new(
            key,
            "sends a body of a form that only a helper can make",
        ));
    }
    if operation.verb.is_empty() || operation.path.is_empty() {
        return Err(Error::new(key, "has neither verb nor path"));
    }
    Ok(operation)
}

fn headers(operation: &Operation) -> Vec<(String, String)> {
    operation
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), format!("'{value}'")))
        .collect()
}

/// Sorts the parameters out: gives those of the path, and notes the one that holds query or body.
fn parameters(
    modules: &BTreeMap<String, TypeScriptModule>,
    module: &str,
    key: &str,
    signature: &TypeScriptSignature,
    call: &mut Call,
) -> Result<Vec<String>> {
    let mut positional = Vec::new();
    for (position, parameter) in signature.parameters.iter().enumerate() {
        let rest = match parameter.name.as_str() {
            "options" => continue,
            "query" => Rest::Query,
            "body" => Rest::Body,
            "params" => Rest::Nothing,
            name if name.starts_with('{') => {
                return Err(Error::new(key, "takes a pattern, which only a helper can"));
            }
            name => {
                positional.push(name.to_owned());
                continue;
            }
        };
        let mut data = Data {
            position,
            parameter: parameter.clone(),
            taken: Vec::new(),
            split_query: Vec::new(),
            rest,
        };
        let names = members(modules, module, &parameter.value);
        for (header, parameter) in &call.operation.header_parameters {
            // A header is a member under its own name, or under that of the shared facts.
            let member = [header, parameter]
                .into_iter()
                .find(|name| names.contains(*name));
            if let Some(member) = member {
                let local = camel(member);
                data.taken.push((member.clone(), local.clone()));
                call.headers
                    .push((header.clone(), format!("{local}?.toString()")));
            }
        }
        if parameter.name == "params" {
            for placeholder in call.operation.placeholders() {
                if names.contains(placeholder) {
                    let entry = (placeholder.to_owned(), placeholder.to_owned());
                    data.taken
                        .insert(data.taken.len() - call_headers(call), entry);
                }
            }
            let is_taken = |name: &str| data.taken.iter().any(|(wire, _)| wire == name);
            let in_query: Vec<String> = Operation::members(&call.operation.query)
                .map(|(wire, _)| wire.to_owned())
                .filter(|wire| names.contains(wire) && !is_taken(wire))
                .collect();
            let has_other = names
                .iter()
                .any(|name| !in_query.contains(name) && !is_taken(name));
            let takes_body = !call.operation.body.is_empty() || call.operation.multipart.is_some();
            data.rest = match (in_query.is_empty(), takes_body && has_other) {
                (true, false) => Rest::Nothing,
                (false, false) => Rest::Query,
                (_, true) => Rest::Body,
            };
            if data.rest == Rest::Body {
                data.split_query = in_query;
            }
        }
        call.data = Some(data);
    }
    Ok(positional)
}

fn call_headers(call: &Call) -> usize {
    call.headers.len() - call.operation.headers.len()
}

/// `Idempotency-Key` is `idempotencyKey`.
fn camel(name: &str) -> String {
    let mut words = name.split(['-', '_']);
    let first = words.next().unwrap_or_default().to_lowercase();
    words.fold(first, |text, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        text + &head.to_uppercase() + tail
    })
}

/// The path with its placeholders replaced by parameters or members.
fn path(key: &str, positional: &[String], call: &Call) -> Result<Vec<Segment>> {
    let taken = call
        .data
        .as_ref()
        .map(|data| data.taken.as_slice())
        .unwrap_or_default();
    let placeholders = call.operation.placeholders();
    let is_known = |name: &str| placeholders.contains(&snake(name).as_str());
    let mut unnamed = positional.iter().filter(|name| !is_known(name));
    let mut segments = Vec::new();
    for piece in call.operation.path.split_inclusive('}') {
        let (text, placeholder) = piece.split_once('{').unwrap_or((piece, ""));
        if !text.is_empty() {
            segments.push(Segment::Text(text.to_owned()));
        }
        let Some(name) = placeholder.strip_suffix('}') else {
            continue;
        };
        let (is_raw, name) = match name.strip_prefix('+') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let expression = positional
            .iter()
            .find(|parameter| snake(parameter) == name)
            .or_else(|| {
                taken
                    .iter()
                    .find(|(wire, _)| wire == name)
                    .map(|(_, local)| local)
            })
            // One parameter of another name can only be the one placeholder that is left.
            .or_else(|| unnamed.next())
            .ok_or_else(|| Error::new(key, format_args!("has no parameter for `{{{name}}}`")))?;
        segments.push(if is_raw {
            Segment::Raw(expression.clone())
        } else {
            Segment::Encoded(expression.clone())
        });
    }
    match unnamed.next() {
        Some(name) => Err(Error::new(
            key,
            format_args!("has a parameter `{name}` that is in no placeholder"),
        )),
        None => Ok(segments),
    }
}

/// The class behind `PagePromise<FileObjectsPage, FileObject>`.
fn page(
    modules: &BTreeMap<String, TypeScriptModule>,
    module: &str,
    key: &str,
    signature: &TypeScriptSignature,
) -> Result<Option<Page>> {
    let Some(inner) = signature
        .returns
        .strip_prefix("PagePromise<")
        .and_then(|rest| rest.strip_suffix('>'))
    else {
        return Ok(None);
    };
    let (alias, item) = inner
        .split_once(", ")
        .ok_or_else(|| Error::new(key, "gives a page without the type of its items"))?;
    let (class, target) = page_class(modules, module, alias).ok_or_else(|| {
        Error::new(
            key,
            format_args!("gives a page `{alias}` of an unknown class"),
        )
    })?;
    let is_generic = !target.starts_with("resources/");
    Ok(Some(Page {
        expression: if is_generic {
            format!("{class}<{item}>")
        } else {
            class
        },
        target,
    }))
}

impl Call {
    /// Whether the body is sent as a form.
    pub fn form(&self) -> Option<&'static str> {
        match self.operation.multipart {
            Some(Multipart::Always) => Some("multipartFormRequestOptions"),
            Some(Multipart::WithFiles) => Some("maybeMultipartFormRequestOptions"),
            None => None,
        }
    }

    /// Whether the answer is the `Response` itself.
    pub fn is_binary(&self) -> bool {
        self.operation.response == Some(Answer::Binary)
    }
}
