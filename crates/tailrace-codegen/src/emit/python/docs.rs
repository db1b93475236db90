//! Docstrings of methods.

use std::fmt::Write as _;

use super::layout;
use super::methods::{Kind, Method};
use super::resources::{Form, Writer};
use crate::error::Result;
use crate::load::{Answer, Operation, PythonParameter, Streaming};
use crate::model::Expr;

/// Options of a request that are described in one line.
const ADDITIONS: [&str; 3] = ["extra_headers", "extra_query", "extra_body"];

impl Writer<'_> {
    pub(super) fn docstring(&self, method: &Method<'_>) -> Result<String> {
        if let Kind::Connect(_) = method.kind {
            return Ok(
                "        \"\"\"Return what opens a WebSocket connection when it is entered with `with` or `async with`.\"\"\"\n"
                    .to_owned(),
            );
        }
        let call = method.operation.map(|operation| {
            let verb = operation.verb.to_uppercase();
            format!("`{verb} {}`", operation.path.replace("{+", "{"))
        });
        if method.form == Form::Async {
            return Ok(self.pointer(method, call));
        }
        let mut lines = match (method.kind, call) {
            (Kind::Helper(helper), None) => vec![helper.summary.clone()],
            (Kind::Helper(helper), Some(call)) => {
                vec![helper.summary.clone(), format!("The request is {call}.")]
            }
            (_, call) => {
                let has_omitted = method
                    .parameters
                    .iter()
                    .any(|parameter| parameter.default.as_deref() == Some("omit"));
                let with = if has_omitted {
                    " with the parameters that are not `omit`"
                } else {
                    ""
                };
                vec![format!("Call {}{with}.", call.unwrap_or_default())]
            }
        };
        if method.facts.deprecated.is_some()
            && let Some((_, why)) = self.api.deprecation(&method.place)
        {
            lines.push(format!("Deprecated: {why}"));
        }
        if let Some(first) = lines.first_mut() {
            first.insert_str(0, "\"\"\"");
        }
        let paragraphs: Vec<_> = lines.iter().map(|line| layout::wrap(8, 0, line)).collect();
        let mut text = paragraphs.join("\n");
        if !method.parameters.is_empty() {
            text += "\n        Args:\n";
        }
        let names: Vec<_> = method
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .collect();
        let has_additions = ADDITIONS.iter().all(|name| names.contains(name));
        for parameter in &method.parameters {
            let name = &parameter.name;
            if has_additions && ADDITIONS.contains(&name.as_str()) {
                if name == ADDITIONS[0] {
                    let names = ADDITIONS.join(", ");
                    text += &format!(
                        "            {names}: Added to this request; a header that is `omit` is left out.\n"
                    );
                }
                continue;
            }
            let what = self.parameter(method, parameter)?;
            text += &layout::wrap(12, 4, &format!("{name}: {what}"));
        }
        text += "\n        Returns:\n";
        text += &layout::wrap(12, 4, &self.result(method)?);
        text += "\n        Raises:\n";
        text += &raises(method);
        Ok(text + "        \"\"\"\n")
    }

    /// The docstring of the awaitable form, which leaves the details to the blocking one.
    fn pointer(&self, method: &Method<'_>, call: Option<String>) -> String {
        let what = match (method.kind, call) {
            (Kind::Helper(helper), _) => helper.summary.clone(),
            (_, Some(call)) => format!("Call {call}."),
            (_, None) => String::new(),
        };
        let with = if method.facts.page.is_some() {
            "Await it for the first page, or loop over the items of all pages with `async for`; "
        } else {
            ""
        };
        let class = &self.resource.facts.sync;
        let text = format!(
            "\"\"\"{what} {with}`{class}.{}` says the rest.\"\"\"",
            method.name
        );
        layout::wrap(8, 0, &text)
    }

    /// What a parameter is: its type, whether it must be given, and its unit where the overlay has one.
    fn parameter(&self, method: &Method<'_>, parameter: &PythonParameter) -> Result<String> {
        let sentence = match parameter.name.as_str() {
            "timeout" => "Seconds, a `Timeout`, or `None` for no limit; the client's if left out.",
            "stream" if method.facts.stream_item.is_some() => {
                "`True` returns the events as they arrive."
            }
            name => match self.api.overlay.python.option(name) {
                Some(option)
                    if method.operation.is_none() && !self.api.overlay.python.stays(option) =>
                {
                    return Ok(format!("Of each request that is sent. {}", option.summary));
                }
                Some(option) => &option.summary,
                None => "",
            },
        };
        if !sentence.is_empty() {
            return Ok(sentence.to_owned());
        }
        let expr = match self.annotation(&parameter.annotation)? {
            Expr::Or(mut items) => {
                items.retain(|item| {
                    !matches!(item, Expr::Name(name) if matches!(name.as_str(), "Omit" | "NotGiven"))
                });
                Expr::Or(items)
            }
            other => other,
        };
        let mut text = String::new();
        if parameter.default.is_none() {
            text += "Required, ";
        }
        let _ = write!(
            text,
            "`{}`",
            shortened(&expr).flat(&|name| self.spelled(method, name))
        );
        if let Some(unit) = self.api.overlay.python.units.get(&parameter.name) {
            let _ = write!(text, ", {unit}");
        }
        let is_in_path = method
            .operation
            .is_some_and(|operation| operation.placeholders().contains(&parameter.name.as_str()));
        if is_in_path {
            text += ", a part of the path";
        }
        match parameter.default.as_deref() {
            None | Some("omit" | "not_given" | "NOT_GIVEN" | "None") => {}
            Some(default) => {
                let _ = write!(text, "; `{default}` if left out");
            }
        }
        Ok(text + ".")
    }

    /// What a call gives.
    fn result(&self, method: &Method<'_>) -> Result<String> {
        let spelled = |text: &str| -> Result<String> {
            Ok(self
                .annotation(text)?
                .flat(&|name| self.spelled(method, name)))
        };
        let Kind::Request(operation) = method.kind else {
            return Ok(format!(
                "`{}`.",
                self.returned(method, method.returns)?
                    .flat(&|name| self.spelled(method, name))
            ));
        };
        if operation.response == Some(Answer::None) {
            return Ok("`None`.".to_owned());
        }
        let cast_to = match &method.facts.cast_to {
            Some(cast_to) => spelled(cast_to)?,
            None => String::new(),
        };
        if operation.page.is_some() {
            return Ok(format!(
                "A page of `{cast_to}`; a `for` loop over it goes on to the pages behind it."
            ));
        }
        if operation.response == Some(Answer::Binary) {
            return Ok(format!("`{cast_to}` with the bytes."));
        }
        let stream = match &method.facts.stream_item {
            Some(item) => {
                let class = self.spelled(method, "Stream");
                format!("`{class}[{}]`", spelled(item)?)
            }
            None => return Ok(format!("`{cast_to}`.")),
        };
        Ok(if operation.stream == Streaming::Always {
            format!("{stream}.")
        } else {
            format!("`{cast_to}`, or {stream} with `stream=True`.")
        })
    }
}

/// The expression with long lists of literals cut short; the signature has them all.
fn shortened(expr: &Expr) -> Expr {
    const SHOWN: usize = 8;
    let all = |items: &[Expr]| items.iter().map(shortened).collect();
    match expr {
        Expr::Index(base, items) if base == "Literal" && items.len() > SHOWN => {
            let mut items: Vec<_> = items.iter().take(SHOWN).cloned().collect();
            items.push(Expr::Value("...".to_owned()));
            Expr::Index(base.clone(), items)
        }
        Expr::Index(base, items) => Expr::Index(base.clone(), all(items)),
        Expr::Or(items) => Expr::Or(all(items)),
        other => other.clone(),
    }
}

/// What a call may raise.
fn raises(method: &Method<'_>) -> String {
    let mut lines: Vec<(&str, &str)> = Vec::new();
    if let Kind::Helper(helper) = method.kind
        && !helper.raises.is_empty()
    {
        lines.extend(
            helper
                .raises
                .iter()
                .map(|(class, why)| (class.as_str(), why.as_str())),
        );
    } else {
        lines.push((
            "APIError",
            "No answer came (`APIConnectionError`), or one with a status of 400 or more (`APIStatusError`).",
        ));
    }
    if method
        .operation
        .is_some_and(|operation| !operation.files.is_empty())
    {
        lines.push(("OSError", "A file cannot be read."));
    }
    if method.has_alternatives() {
        lines.push(("TypeError", "The arguments fit no overload."));
    }
    if method
        .operation
        .map(Operation::placeholders)
        .is_some_and(|names| !names.is_empty())
    {
        lines.push(("ValueError", "A part of the path is empty."));
    }
    lines
        .into_iter()
        .map(|(class, why)| layout::wrap(12, 4, &format!("{class}: {why}")))
        .collect()
}
