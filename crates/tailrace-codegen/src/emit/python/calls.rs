//! What methods do: the call of the runtime, or of a function of ours.

use super::layout;
use super::methods::{Method, OPTIONS};
use super::resources::Writer;
use crate::error::Result;
use crate::load::{Multipart, Operation, PythonHelper, Streaming};
use crate::model::Expr;

impl Writer<'_> {
    /// Calls the function of ours with everything that the method was given.
    pub(super) fn delegate(&self, method: &Method<'_>, helper: &PythonHelper) -> String {
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
        text += layout::filled(8, &format!("{call}{function}("), &arguments, ")").trim_end();
        text.push('\n');
        text
    }

    pub(super) fn request(&mut self, method: &Method<'_>, operation: &Operation) -> Result<String> {
        let mut text = String::new();
        for (check, parameters) in &method.facts.checks {
            if let Some(target) = self.api.overlay.python.checks.get(check) {
                let function = target.rsplit(':').next().unwrap_or(check);
                let function = self.function(function, target);
                text += &format!("        {function}({})\n", parameters.join(", "));
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
        // In the formatter's own layout, these calls were three times as long and no easier to read.
        text += &format!("        return {call}{function}(\n");
        text += &self.arguments(method, operation)?;
        Ok(text + "        )\n")
    }

    /// What the runtime is told about a request, in filled lines: where to, what is sent, what comes back, options.
    fn arguments(&mut self, method: &Method<'_>, operation: &Operation) -> Result<String> {
        let facts = method.facts;
        let verb = format!("\"{}\"", operation.verb.to_uppercase());
        let mut arguments = vec![verb, self.path(operation)];
        if let Some(parameter) = &operation.body_is {
            arguments.push(format!("body={parameter}"));
        }
        arguments.extend(members("body", &operation.body));
        arguments.extend(members("query", &operation.query));
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
            arguments.push(format!("headers={{{}}}", headers.join(", ")));
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
        let schemes = if operation.security.is_empty() {
            &self.api.overlay.python.security
        } else {
            &operation.security
        };
        if *schemes != ["bearer_auth"] {
            arguments.push(format!("security={}", tuple(schemes)));
        }
        self.answer(method, operation, &mut arguments)?;
        let names = method
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str());
        let options = names
            .filter(|name| OPTIONS.contains(name) || self.api.overlay.python.option(name).is_some())
            .map(|name| format!("{name}={name}"));
        arguments.extend(options);
        Ok(layout::fill(12, &arguments))
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
        let arguments: Vec<_> = placeholders
            .iter()
            .map(|name| format!("{name}={name}"))
            .collect();
        let flat = format!(
            "{function}(\"{}\", {})",
            operation.path,
            arguments.join(", ")
        );
        if 12 + flat.chars().count() < super::WIDTH {
            return flat;
        }
        let template = layout::fill(16, &[format!("\"{}\"", operation.path)]);
        format!(
            "{function}(\n{template}{}            )",
            layout::fill(16, &arguments)
        )
    }

    /// The constant or class that stands for a type of the facts.
    pub(super) fn reference(&mut self, text: &str) -> Result<String> {
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
        if !method.has_alternatives() {
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
        let tuples: Vec<_> = sets.iter().map(|set| tuple(set)).collect();
        let flat = format!("{{{}}}, {}", given.join(", "), tuples.join(", "));
        if flat.chars().count() + 10 + function.chars().count() <= super::WIDTH {
            return format!("        {function}({flat})\n");
        }
        let given = format!("{{\n{}            }}", layout::fill(16, &given));
        let mut arguments = layout::fill(12, &[given]);
        let tuples: Vec<_> = sets
            .iter()
            .zip(tuples)
            .map(|(set, tuple)| {
                if 12 + tuple.chars().count() < super::WIDTH {
                    return tuple;
                }
                let names: Vec<_> = set.iter().map(|name| format!("\"{name}\"")).collect();
                format!("(\n{}            )", layout::fill(16, &names))
            })
            .collect();
        arguments += &layout::fill(12, &tuples);
        format!("        {function}(\n{arguments}        )\n")
    }
}

/// A tuple of strings.
fn tuple(items: &[String]) -> String {
    let quoted: Vec<_> = items.iter().map(|item| format!("\"{item}\"")).collect();
    let comma = if items.len() == 1 { "," } else { "" };
    format!("({}{comma})", quoted.join(", "))
}

/// `option={"wire": parameter, ...}`, in lines of its own where one is too short; nothing without a member.
fn members(option: &str, list: &[String]) -> Option<String> {
    let items: Vec<_> = Operation::members(list)
        .map(|(wire, parameter)| format!("\"{wire}\": {parameter}"))
        .collect();
    let flat = format!("{option}={{{}}}", items.join(", "));
    let is_short = 12 + flat.chars().count() < super::WIDTH;
    let lines = || format!("{option}={{\n{}            }}", layout::fill(16, &items));
    (!list.is_empty()).then(|| if is_short { flat } else { lines() })
}
