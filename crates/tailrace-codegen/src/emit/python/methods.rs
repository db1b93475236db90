//! Methods: signatures as the official package has them, and what they do.

use std::fmt::Write as _;

use super::layout;
use super::resources::{Form, Writer};
use crate::error::Result;
use crate::load::{
    Deprecation, Multipart, Operation, PythonHelper, PythonMethod, PythonOverload, PythonParameter,
    Streaming,
};
use crate::model::Expr;

/// Parameters that every request has; the runtime applies them.
pub(super) const OPTIONS: [&str; 4] = ["extra_headers", "extra_query", "extra_body", "timeout"];

/// A method in one of its forms.
pub(super) struct Method<'a> {
    pub(super) form: Form,
    pub(super) name: &'a str,
    /// `resource.method`.
    pub(super) place: String,
    pub(super) facts: &'a PythonMethod,
    /// Parameters of this form.
    pub(super) parameters: Vec<&'a PythonParameter>,
    /// Return annotation of this form.
    pub(super) returns: &'a str,
    pub(super) operation: Option<&'a Operation>,
    pub(super) kind: Kind<'a>,
}

/// What a method does.
#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    /// It sends its operation.
    Request(&'a Operation),
    /// It calls a function of ours.
    Helper(&'a PythonHelper),
    /// It says which feature it waits for.
    Later(&'a str),
}

impl Method<'_> {
    /// Whether the awaitable form is a coroutine.
    fn is_coroutine(&self) -> bool {
        self.form == Form::Async && self.facts.page.is_none() && self.facts.asynchronous.is_none()
    }
}

impl<'a> Writer<'a> {
    pub(super) fn method(
        &mut self,
        form: Form,
        name: &'a str,
        facts: &'a PythonMethod,
    ) -> Result<String> {
        let place = format!("{}.{name}", self.resource.facts.resource);
        let overlay = &self.api.overlay.python;
        let operation = self.api.operations.get(&place);
        let kind = match (
            overlay.later.get(&place),
            overlay.helpers.get(&place),
            operation,
        ) {
            (Some(feature), _, _) => Kind::Later(feature),
            (_, Some(helper), _) => Kind::Helper(helper),
            (_, _, Some(operation)) => Kind::Request(operation),
            // The resolve phase has refused methods that are nothing of these.
            (None, None, None) => return Ok(String::new()),
        };
        let method = Method {
            form,
            name,
            place,
            facts,
            parameters: match (form, &facts.async_signature) {
                (Form::Async, Some(parameters)) => parameters.iter().collect(),
                (Form::Async, None) => changed(&facts.parameters, &facts.async_parameters),
                (Form::Sync, _) => facts.parameters.iter().collect(),
            },
            returns: form
                .of(None, facts.async_returns.as_deref())
                .unwrap_or(&facts.returns),
            operation,
            kind,
        };
        let overloads = form
            .of(None, facts.async_overloads.as_ref())
            .unwrap_or(&facts.overloads);
        let mut text = String::new();
        for overload in overloads {
            text.push('\n');
            text += &self.deprecation(&method, true);
            let _ = writeln!(
                text,
                "    @{}",
                self.run.target("overload", "typing:overload")
            );
            let parameters = overloaded(&method.parameters, overload);
            text += &self.signature(&method, &parameters, &overload.returns)?;
            text += " ...\n";
        }
        text.push('\n');
        text += &self.deprecation(&method, false);
        text += &self.signature(&method, &method.parameters, method.returns)?;
        text.push('\n');
        text += &self.docstring(&method)?;
        text += &match method.kind {
            Kind::Request(operation) => self.request(&method, operation)?,
            Kind::Helper(helper) => self.delegate(&method, helper),
            Kind::Later(feature) => {
                let indent = " ".repeat(8);
                format!(
                    "{}\n{indent}raise later(\"client.{}\", \"{feature}\")\n",
                    self.local_import(8, "_later:later"),
                    method.place
                )
            }
        };
        Ok(text)
    }

    /// The decorator of a method that is out of date.
    fn deprecation(&self, method: &Method<'_>, is_overload: bool) -> String {
        let (Some(kind), Some((_, why))) =
            (method.facts.deprecated, self.api.deprecation(&method.place))
        else {
            return String::new();
        };
        let decorator = self
            .run
            .target("deprecated", "typing_extensions:deprecated");
        let mut arguments = vec![format!("\"{why}\"")];
        if kind == Deprecation::Silent && !is_overload {
            arguments.push("category=None".to_owned());
        }
        layout::call(4, &format!("@{decorator}("), &arguments, ")") + "\n"
    }

    /// `def name(...) -> returns:` without a body.
    fn signature(
        &self,
        method: &Method<'_>,
        parameters: &[&PythonParameter],
        returns: &str,
    ) -> Result<String> {
        let keyword = if method.is_coroutine() {
            "async def"
        } else {
            "def"
        };
        let mut text = format!("    {keyword} {}(\n        self,\n", method.name);
        let mut is_positional = true;
        for parameter in parameters {
            if is_positional && !parameter.positional {
                text += "        *,\n";
                is_positional = false;
            }
            let expr = self.annotation(&parameter.annotation)?;
            let default = parameter.default.as_ref().map_or(String::new(), |default| {
                format!(" = {}", self.value(default))
            });
            let prefix = format!("{}: ", parameter.name);
            let suffix = format!("{default},");
            text += &layout::line(8, &prefix, &expr, &suffix, &|name| {
                self.spelled(method, name)
            });
            text.push('\n');
        }
        let returns = self.returned(method, returns)?;
        Ok(text
            + &layout::line(4, ") -> ", &returns, ":", &|name| {
                self.spelled(method, name)
            }))
    }

    /// An annotation, with `Any` for what waits for a later feature. The resolve phase has refused other unknown names.
    pub(super) fn annotation(&self, text: &str) -> Result<Expr> {
        Ok(Expr::parse(text)?.with_any(&|name| self.checked.is_known(name)))
    }

    /// A return annotation in the form of the method: an awaitable page is a paginator.
    pub(super) fn returned(&self, method: &Method<'_>, text: &str) -> Result<Expr> {
        let expr = self.annotation(text)?;
        Ok(match expr {
            Expr::Index(page, items) if method.form == Form::Async && page.starts_with("Sync") => {
                let page = Expr::Index(format!("Async{}", page.trim_start_matches("Sync")), items);
                let item = match &page {
                    Expr::Index(_, items) => items.clone(),
                    _ => Vec::new(),
                };
                Expr::Index("AsyncPaginator".to_owned(), [item, vec![page]].concat())
            }
            other => other,
        })
    }

    /// How an annotation spells a name of the facts, which are those of the blocking form.
    pub(super) fn spelled(&self, method: &Method<'_>, name: &str) -> String {
        match name {
            "Any" => self.checked.target("Any", "typing:Any"),
            "Stream" if method.form == Form::Async => {
                self.checked.target("AsyncStream", "_streaming:AsyncStream")
            }
            "AsyncPaginator" => self
                .checked
                .target("AsyncPaginator", "pagination:AsyncPaginator"),
            page if page.starts_with("Async") && page.ends_with("Page") => {
                self.checked.target(page, &format!("pagination:{page}"))
            }
            other => self.checked.name(other),
        }
    }

    /// A default value: sentinels are imported, constants are spelled as they are.
    fn value(&self, default: &str) -> String {
        match default {
            "omit" | "not_given" | "NOT_GIVEN" => {
                self.run.target(default, &format!("_types:{default}"))
            }
            other => other.to_owned(),
        }
    }

    /// Calls the function of ours with everything that the method was given.
    fn delegate(&self, method: &Method<'_>, helper: &PythonHelper) -> String {
        let (module, function) = helper
            .function
            .split_once(':')
            .unwrap_or((&helper.function, method.name));
        let function = method
            .form
            .of(function.to_owned(), format!("async_{function}"));
        let call = if method.is_coroutine() {
            "return await "
        } else {
            "return "
        };
        let mut text = self.local_import(8, &format!("{module}:{function}"));
        let mut arguments = vec!["self".to_owned()];
        for parameter in &method.parameters {
            arguments.push(format!("{0}={0}", parameter.name));
        }
        text.push('\n');
        text += &layout::call(8, &format!("{call}{function}("), &arguments, ")");
        text.push('\n');
        text
    }

    fn request(&mut self, method: &Method<'_>, operation: &Operation) -> Result<String> {
        let mut text = String::new();
        for (check, parameters) in &method.facts.checks {
            if let Some(target) = self.api.overlay.python.checks.get(check) {
                let function = target.rsplit(':').next().unwrap_or(check);
                let function = self.function(function, target);
                let _ = writeln!(text, "        {function}({})", parameters.join(", "));
            }
        }
        text += &self.required(method);
        let call = if method.is_coroutine() {
            "await self."
        } else {
            "self."
        };
        let function = if operation.page.is_some() {
            "_list"
        } else {
            "_request"
        };
        let _ = writeln!(text, "        return {call}{function}(");
        for argument in self.arguments(method, operation)? {
            let _ = writeln!(text, "            {argument},");
        }
        Ok(text + "        )\n")
    }

    /// What the runtime is told about a request.
    fn arguments(&mut self, method: &Method<'_>, operation: &Operation) -> Result<Vec<String>> {
        let facts = method.facts;
        let mut arguments = vec![format!("\"{}\"", operation.verb.to_uppercase())];
        arguments.push(self.path(operation));
        if let Some(parameter) = &operation.body_is {
            arguments.push(format!("body={parameter}"));
        } else if !operation.body.is_empty() {
            arguments.push(members("body", &operation.body));
        }
        if !operation.query.is_empty() {
            arguments.push(members("query", &operation.query));
        }
        if !operation.files.is_empty() {
            let paths = operation.files.iter().map(|path| {
                let parts: Vec<_> = path.iter().map(|part| format!("\"{part}\"")).collect();
                format!("[{}]", parts.join(", "))
            });
            arguments.push(format!("files=[{}]", paths.collect::<Vec<_>>().join(", ")));
        }
        if operation.multipart == Some(Multipart::WithFiles) {
            arguments.push("multipart=\"with_files\"".to_owned());
        }
        let constant = operation
            .headers
            .iter()
            .map(|(name, value)| format!("\"{name}\": \"{value}\""));
        let given = operation
            .header_parameters
            .iter()
            .map(|(name, parameter)| format!("\"{name}\": {parameter}"));
        let headers: Vec<_> = constant.chain(given).collect();
        if !headers.is_empty() {
            arguments.push(argument("headers={", &headers, "}"));
        }
        for (option, place) in [
            ("body_type", &facts.body_type),
            ("query_type", &facts.query_type),
        ] {
            if let Some(place) = place
                .as_ref()
                .filter(|place| self.api.transformed.contains(*place))
            {
                let name = place.rsplit(':').next().unwrap_or(place).to_owned();
                let reference = self
                    .lazy
                    .reference(&Expr::Name(name), &self.run, &|_| Some(place.clone()))?;
                arguments.push(format!("{option}={reference}"));
            }
        }
        if !operation.security.is_empty() && operation.security != ["bearer_auth"] {
            arguments.push(format!("security={}", tuple(&operation.security)));
        }
        self.answer(method, operation, &mut arguments)?;
        for option in OPTIONS {
            if method
                .parameters
                .iter()
                .any(|parameter| parameter.name == option)
            {
                arguments.push(format!("{option}={option}"));
            }
        }
        Ok(arguments)
    }

    /// The type of the answer, and how it arrives.
    fn answer(
        &mut self,
        method: &Method<'_>,
        operation: &Operation,
        arguments: &mut Vec<String>,
    ) -> Result<()> {
        let cast_to = match &method.facts.cast_to {
            Some(text) => self.reference(text)?,
            None => self.run.target("object", "builtins:object"),
        };
        match &operation.page {
            Some(page) => {
                let class = format!("{}{page}", method.form.of("Sync", "Async"));
                let page = self.lazy.page(&class, &cast_to);
                arguments.push(format!("page={page}"));
            }
            None => arguments.push(format!("cast_to={cast_to}")),
        }
        if let Some(item) = &method.facts.stream_item {
            arguments.push(match operation.stream {
                Streaming::Always => "stream=True".to_owned(),
                _ => "stream=stream or False".to_owned(),
            });
            let item = self.reference(item)?;
            arguments.push(format!("stream_item={item}"));
        }
        if operation.named_events {
            arguments.push("named_events=True".to_owned());
        }
        if let Some(mode) = &operation.stream_mode {
            arguments.push(format!("stream_mode=\"{mode}\""));
        }
        Ok(())
    }

    fn path(&self, operation: &Operation) -> String {
        let placeholders = operation.placeholders();
        if placeholders.is_empty() {
            return format!("\"{}\"", operation.path);
        }
        let function = self.function("path", "_path:path");
        let mut arguments = vec![format!("\"{}\"", operation.path)];
        arguments.extend(placeholders.iter().map(|name| format!("{name}={name}")));
        argument(&format!("{function}("), &arguments, ")")
    }

    /// The constant or class that stands for a type of the facts.
    fn reference(&mut self, text: &str) -> Result<String> {
        let Self {
            api,
            resource,
            lazy,
            run,
            ..
        } = self;
        lazy.reference(&Expr::parse(text)?, run, &|name| {
            let imports = &resource.facts.imports;
            imports
                .get(name)
                .or_else(|| api.overlay.python.names.get(name))
                .cloned()
        })
    }

    /// The check of required arguments that Python cannot do, because overloads make them optional.
    fn required(&self, method: &Method<'_>) -> String {
        let sets = &method.facts.required;
        let is_optional = |name: &String| {
            method
                .parameters
                .iter()
                .any(|parameter| parameter.name == *name && parameter.default.is_some())
        };
        if sets.is_empty() || !sets.iter().all(|set| set.iter().any(is_optional)) {
            return String::new();
        }
        let function = self.function("required_arguments", "_required:required_arguments");
        let mut names: Vec<&String> = Vec::new();
        for name in sets.iter().flatten() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let given: Vec<_> = names
            .iter()
            .map(|name| format!("\"{name}\": {name}"))
            .collect();
        let mut arguments = vec![argument("{", &given, "}")];
        for set in sets {
            let names: Vec<_> = set.iter().map(|name| format!("\"{name}\"")).collect();
            arguments.push(match names.as_slice() {
                [one] => format!("({one},)"),
                many => layout::list(12, "(", many, "),")
                    .trim_matches([' ', ','])
                    .to_owned(),
            });
        }
        layout::call(8, &format!("{function}("), &arguments, ")") + "\n"
    }
}

/// A tuple of strings.
fn tuple(items: &[String]) -> String {
    let quoted: Vec<_> = items.iter().map(|item| format!("\"{item}\"")).collect();
    let comma = if items.len() == 1 { "," } else { "" };
    format!("({}{comma})", quoted.join(", "))
}

/// `option={"wire": parameter, ...}` as an argument.
fn members(option: &str, list: &[String]) -> String {
    let items: Vec<_> = Operation::members(list)
        .map(|(wire, parameter)| format!("\"{wire}\": {parameter}"))
        .collect();
    argument(&format!("{option}={{"), &items, "}")
}

/// `head items tail` as an argument of a call, which stands in a line of its own with a comma behind it.
fn argument(head: &str, items: &[String], tail: &str) -> String {
    let layout = if head.ends_with("{") {
        layout::list
    } else {
        layout::call
    };
    let text = layout(12, head, items, &format!("{tail},"));
    text.trim_start().trim_end_matches(',').to_owned()
}

/// `parameters` with those of `changes` in the place of their namesakes.
fn changed<'a>(
    parameters: &'a [PythonParameter],
    changes: &'a [PythonParameter],
) -> Vec<&'a PythonParameter> {
    parameters
        .iter()
        .map(|parameter| {
            changes
                .iter()
                .find(|change| change.name == parameter.name)
                .unwrap_or(parameter)
        })
        .collect()
}

/// The parameters of an overload: required ones first, among those by position and among those by keyword.
fn overloaded<'a>(
    parameters: &[&'a PythonParameter],
    overload: &'a PythonOverload,
) -> Vec<&'a PythonParameter> {
    if let Some(parameters) = &overload.parameters {
        return parameters.iter().collect();
    }
    let mut ordered: Vec<&PythonParameter> = parameters
        .iter()
        .map(|parameter| {
            overload
                .changes
                .iter()
                .find(|change| change.name == parameter.name)
                .unwrap_or(parameter)
        })
        .collect();
    ordered.sort_by_key(|parameter| (!parameter.positional, parameter.default.is_some()));
    ordered
}
