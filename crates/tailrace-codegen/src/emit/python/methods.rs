//! Methods: signatures as the official package has them, and what they do.

use std::fmt::Write as _;

use super::layout;
use super::resources::{Form, Writer};
use crate::error::Result;
use crate::load::{
    Deprecation, Operation, PythonConnections, PythonHelper, PythonMethod, PythonOverload,
    PythonParameter,
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
    /// It returns what opens a connection.
    Connect(&'a PythonConnections),
}

impl Method<'_> {
    /// Whether only a look at the arguments tells that one is missing, because overloads require different ones.
    pub(super) fn has_alternatives(&self) -> bool {
        let sets = &self.facts.required;
        let is_optional = |name: &String| {
            self.parameters
                .iter()
                .any(|parameter| parameter.name == *name && parameter.default.is_some())
        };
        !sets.is_empty() && sets.iter().all(|set| set.iter().any(is_optional))
    }

    /// Whether the awaitable form is a coroutine.
    pub(super) fn is_coroutine(&self) -> bool {
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
        let connections = self.resource.facts.connections.as_ref();
        let kind = match (overlay.helpers.get(&place), operation) {
            (Some(helper), _) => Kind::Helper(helper),
            (_, Some(operation)) => Kind::Request(operation),
            // The resolve phase has refused methods that are nothing of these.
            (None, None) => match connections {
                Some(connections) if name == "connect" => Kind::Connect(connections),
                _ => return Ok(String::new()),
            },
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
            text += &self.overload(&method, &parameters, &overload.returns)?;
        }
        text.push('\n');
        text += &self.deprecation(&method, false);
        text += &self.signature(&method, &method.parameters, method.returns)?;
        text.push('\n');
        text += &self.docstring(&method)?;
        text += &match method.kind {
            Kind::Request(operation) => self.request(&method, operation)?,
            Kind::Helper(helper) => self.delegate(&method, helper),
            Kind::Connect(connections) => {
                let names: Vec<_> = method.parameters.iter().map(|p| p.name.as_str()).collect();
                let manager = form.of(&connections.manager, &connections.async_manager);
                self.connect(manager, &names)
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

    /// `def name(...) -> returns:` without a body: each keyword of its own has a line; what stands before them and what
    /// every request has is filled.
    fn signature(
        &self,
        method: &Method<'_>,
        parameters: &[&PythonParameter],
        returns: &str,
    ) -> Result<String> {
        let common = parameters
            .iter()
            .position(|parameter| OPTIONS.contains(&parameter.name.as_str()))
            .map_or(0, |first| parameters.len() - first);
        let mut positional = self.parameters(method, parameters)?;
        let common = positional.split_off(positional.len() - common);
        let keywords = match positional.iter().position(|parameter| parameter == "*") {
            Some(star) => positional.split_off(star + 1),
            None => Vec::new(),
        };
        let mut text = head(method) + &layout::fill(8, &positional);
        for parameter in keywords {
            text += &format!("        {parameter},\n");
        }
        Ok(text + &layout::fill(8, &common) + &self.tail(method, returns)?)
    }

    /// An overload says again what the method says, so that it has as many parameters in a line as fit.
    fn overload(
        &self,
        method: &Method<'_>,
        parameters: &[&PythonParameter],
        returns: &str,
    ) -> Result<String> {
        let parameters = self.parameters(method, parameters)?;
        let filled = layout::fill(8, &parameters);
        Ok(head(method) + &filled + &self.tail(method, returns)? + " ...\n")
    }

    /// What stands between the brackets of a signature; what is too long for a line has lines of its own.
    fn parameters(
        &self,
        method: &Method<'_>,
        parameters: &[&PythonParameter],
    ) -> Result<Vec<String>> {
        let mut found = vec!["self".to_owned()];
        let mut is_positional = true;
        for parameter in parameters {
            if is_positional && !parameter.positional {
                found.push("*".to_owned());
                is_positional = false;
            }
            let expr = self.annotation(&parameter.annotation)?;
            let default = parameter.default.as_ref().map_or(String::new(), |default| {
                format!(" = {}", self.value(default))
            });
            let prefix = format!("{}: ", parameter.name);
            let suffix = format!("{default},");
            let line = layout::line(8, &prefix, &expr, &suffix, &|name| {
                self.spelled(method, name)
            });
            found.push(line.trim().trim_end_matches(',').to_owned());
        }
        Ok(found)
    }

    fn tail(&self, method: &Method<'_>, returns: &str) -> Result<String> {
        let returns = self.returned(method, returns)?;
        Ok(layout::line(4, ") -> ", &returns, ":", &|name| {
            self.spelled(method, name)
        }))
    }

    /// An annotation, with `Any` for what the overlay leaves open. The resolve phase has refused other unknown names.
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
    pub(super) fn value(&self, default: &str) -> String {
        match default {
            "omit" | "not_given" | "NOT_GIVEN" => {
                self.run.target(default, &format!("_types:{default}"))
            }
            other => other.replace('\'', "\""),
        }
    }
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

/// `def name(`, with its line feed.
fn head(method: &Method<'_>) -> String {
    let keyword = if method.is_coroutine() {
        "async def"
    } else {
        "def"
    };
    format!("    {keyword} {}(\n", method.name)
}
