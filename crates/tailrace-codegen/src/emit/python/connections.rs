//! WebSocket connections: what `connect` returns, what it opens, and the parts by which events are sent.

use std::fmt::Write as _;

use super::layout;
use super::resources::{Form, Writer};
use crate::error::Result;
use crate::load::{PythonConnectionPart, PythonConnections, PythonEventMethod};

impl<'a> Writer<'a> {
    /// The body of `connect`.
    pub(super) fn connect(&self, manager: &str, names: &[&str]) -> String {
        let mut arguments = vec!["client=self._client".to_owned()];
        arguments.extend(names.iter().map(|name| format!("{name}={name}")));
        layout::filled(8, &format!("return {manager}("), &arguments, ")")
    }

    /// The classes of the connections, if the resource has any.
    pub(super) fn connections(&mut self) -> Result<String> {
        let Some(facts) = &self.resource.facts.connections else {
            return Ok(String::new());
        };
        let mut text = String::new();
        for form in Form::BOTH {
            let parent = self.run.target(
                "ConnectionResource",
                "_websocket.connection:ConnectionResource",
            );
            let _ = write!(
                text,
                "\n\nclass {}({parent}):\n    \"\"\"A part of {} of `client.{}`.\"\"\"\n",
                form.of(&facts.base, &facts.async_base),
                form.of("a connection", "an awaitable connection"),
                self.resource.facts.resource,
            );
            for part in &facts.parts {
                text += &self.part(form, facts, part)?;
            }
            text += &self.connection(form, facts)?;
            text += &self.entry(form, facts)?;
        }
        Ok(text)
    }

    fn part(
        &mut self,
        form: Form,
        facts: &'a PythonConnections,
        part: &'a PythonConnectionPart,
    ) -> Result<String> {
        let mut text = format!(
            "\n\nclass {}({}):\n    \"\"\"Sends events of one kind over a connection.\"\"\"\n",
            form.of(&part.sync, &part.asynchronous),
            form.of(&facts.base, &facts.async_base),
        );
        text += &self.parts_of(form, facts, &part.children, "self._connection");
        for (name, method) in &part.methods {
            text += &self.event_method(form, name, method)?;
        }
        Ok(text)
    }

    fn parts_of(
        &self,
        form: Form,
        facts: &PythonConnections,
        children: &[(String, String)],
        connection: &str,
    ) -> String {
        let mut text = String::new();
        for (attribute, class) in children {
            let pair = facts.parts.iter().find(|part| {
                // An awaitable part may be named by its own class.
                part.sync == *class || part.asynchronous == *class
            });
            let class = pair.map_or(class, |part| form.of(&part.sync, &part.asynchronous));
            let _ = write!(
                text,
                "\n    @{}\n    def {attribute}(self) -> {class}:\n        return {class}({connection})\n",
                self.cached_property(),
            );
        }
        text
    }

    fn event_method(
        &mut self,
        form: Form,
        name: &str,
        method: &'a PythonEventMethod,
    ) -> Result<String> {
        let mut parameters = vec!["self".to_owned(), "*".to_owned()];
        for parameter in &method.parameters {
            let annotation = self
                .annotation(&parameter.annotation)?
                .flat(&|name| self.checked.name(name));
            let default = parameter.default.as_ref().map_or(String::new(), |default| {
                format!(" = {}", self.value(default))
            });
            parameters.push(format!("{}: {annotation}{default}", parameter.name));
        }
        if method.parameters.is_empty() {
            parameters.truncate(1);
        }
        let mut text = format!("\n    {}def {name}(", form.of("", "async "));
        let flat = parameters.join(", ");
        if flat.chars().count() + text.trim_start_matches('\n').chars().count() + 11 <= 120 {
            let _ = writeln!(text, "{flat}) -> None:");
        } else {
            text += &format!("\n{}    ) -> None:\n", layout::fill(8, &parameters));
        }
        let _ = writeln!(text, "        \"\"\"Send `{}`.\"\"\"", method.event);
        let mut arguments = vec![format!("\"{}\"", method.event)];
        arguments.extend(method.members.iter().map(|name| format!("{name}={name}")));
        let head = form.of("self._send(", "await self._send(");
        text += &layout::filled(8, head, &arguments, ")");
        Ok(text)
    }

    fn connection(&mut self, form: Form, facts: &'a PythonConnections) -> Result<String> {
        let parent = match (form, facts.plain) {
            (Form::Sync, false) => "SyncConnection",
            (Form::Async, false) => "AsyncConnection",
            (Form::Sync, true) => "PlainConnection",
            (Form::Async, true) => "AsyncPlainConnection",
        };
        self.run
            .target(parent, &format!("_websocket.connection:{parent}"));
        let event = self.reference(&facts.receives)?;
        let receives = self
            .annotation(&facts.receives)?
            .flat(&|name| self.checked.name(name));
        let mut text = format!(
            "\n\nclass {}({parent}):\n    \"\"\"{} of `client.{}`.\"\"\"\n\n    _event = {event}\n",
            form.of(&facts.connection, &facts.async_connection),
            form.of("A blocking connection", "An awaitable connection"),
            self.resource.facts.resource,
        );
        text += &self.parts_of(form, facts, &facts.children, "self");
        let iterator = form.of("Iterator", "AsyncIterator");
        self.checked
            .target(iterator, &format!("collections.abc:{iterator}"));
        let sends = self.sends(facts)?;
        let (keyword, dunder) = form.of(("", "__iter__"), ("async ", "__aiter__"));
        let _ = write!(
            text,
            "\n    if TYPE_CHECKING:\n\n        def {dunder}(self) -> {iterator}[{receives}]: ...\n\n        {keyword}def recv(self) -> {receives}: ...\n\n        def parse_event(self, data: str | bytes) -> {receives}: ...\n"
        );
        text += &sending(keyword, &sends);
        Ok(text)
    }

    fn entry(&mut self, form: Form, facts: &'a PythonConnections) -> Result<String> {
        let parent = match (form, facts.plain) {
            (Form::Sync, false) => "Entry",
            (Form::Async, false) => "AsyncEntry",
            (Form::Sync, true) => "PlainEntry",
            (Form::Async, true) => "AsyncPlainEntry",
        };
        self.run
            .target(parent, &format!("_websocket.entry:{parent}"));
        let resource = &self.resource.facts.resource;
        let connection = form.of(&facts.connection, &facts.async_connection);
        let mut text = format!(
            "\n\nclass {}({parent}):\n    \"\"\"Opens a connection of `client.{resource}` when it is entered.\"\"\"\n\n    _made = {connection}\n",
            form.of(&facts.manager, &facts.async_manager),
        );
        if let Some(place) = self.api.overlay.python.connections.get(resource) {
            let _ = writeln!(text, "    _path = \"{}\"", place.path);
            if !place.query.is_empty() {
                let names: String = place
                    .query
                    .iter()
                    .map(|name| format!("\"{name}\", "))
                    .collect();
                let names = match place.query.len() {
                    1 => names.trim_end(),
                    _ => names.trim_end_matches(", "),
                };
                let _ = writeln!(text, "    _query = ({names})");
            }
            if !place.headers.is_empty() {
                let fields: Vec<_> = place
                    .headers
                    .iter()
                    .map(|(name, value)| format!("\"{name}\": \"{value}\""))
                    .collect();
                let _ = writeln!(text, "    _headers = {{{}}}", fields.join(", "));
            }
        }
        let (keyword, dunder) = form.of(("", "__enter__"), ("async ", "__aenter__"));
        let _ = write!(
            text,
            "\n    if TYPE_CHECKING:\n\n        {keyword}def {dunder}(self) -> {connection}: ...\n\n        {keyword}def enter(self) -> {connection}: ...\n"
        );
        if !facts.plain {
            text += &sending("", &self.sends(facts)?);
        }
        Ok(text)
    }

    fn sends(&self, facts: &PythonConnections) -> Result<String> {
        Ok(self
            .annotation(&facts.sends)?
            .flat(&|name| self.checked.name(name)))
    }
}

/// What type checkers see of `send`.
fn sending(keyword: &str, sends: &str) -> String {
    let flat = format!("        {keyword}def send(self, event: {sends}) -> None: ...");
    if flat.chars().count() <= 120 {
        return format!("\n{flat}\n");
    }
    format!(
        "\n        {keyword}def send(\n            self, event: {sends}\n        ) -> None: ...\n"
    )
}
