//! Resource modules: a blocking and an awaitable class of the same methods.

use std::fmt::Write as _;

use super::imports::Imports;
use super::layout;
use crate::emit::marker;
use crate::error::Result;
use crate::load::{Operation, PythonMethod, PythonParameter};
use crate::model::Expr;
use crate::resolve::{Api, Child, Resource};

/// The two forms of every resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Sync,
    Async,
}

/// What writes a module: imports for type checkers, imports that run, and the lazy references to types.
struct Writer<'a> {
    api: &'a Api,
    resource: &'a Resource,
    /// Names of annotations; only a type checker reads them.
    checked: Imports<'a>,
    /// Names that the code runs with.
    run: Imports<'a>,
    /// Type expression to constant.
    lazy: Vec<(String, String)>,
}

/// The module of `resource`.
pub(super) fn emit(api: &Api, resource: &Resource) -> Result<String> {
    let facts = &resource.facts;
    let own = [facts.sync.clone(), facts.asynchronous.clone()];
    let mut writer = Writer {
        api,
        resource,
        checked: Imports::new(
            &facts.module,
            &facts.imports,
            &api.overlay.python,
            own.clone(),
        ),
        run: Imports::new(&facts.module, &facts.imports, &api.overlay.python, own),
        lazy: Vec::new(),
    };
    writer.run.target("annotations", "__future__:annotations");
    let sync = writer.class(Form::Sync)?;
    let asynchronous = writer.class(Form::Async)?;

    let checked = writer.checked.text(4);
    if !checked.is_empty() {
        writer.run.target("TYPE_CHECKING", "typing:TYPE_CHECKING");
    }
    let run = writer.run.text(0);
    let mut text = format!("# {}\n\n{run}", marker("python/resources.rs"));
    if !checked.is_empty() {
        let _ = write!(text, "\nif TYPE_CHECKING:\n{checked}");
    }
    let _ = write!(
        text,
        "\n__all__ = [\"{}\", \"{}\"]\n",
        facts.sync, facts.asynchronous
    );
    if !writer.lazy.is_empty() {
        text.push('\n');
        for (constant, target) in &writer.lazy {
            let (module, name) = target.split_once(':').unwrap_or((target, ""));
            text += &layout::list(
                0,
                &format!("{constant} = LazyType("),
                &[format!("\"tailrace.{module}\""), format!("\"{name}\"")],
                ")",
            );
            text.push('\n');
        }
    }
    Ok(text + &sync + &asynchronous)
}

impl Writer<'_> {
    fn class(&mut self, form: Form) -> Result<String> {
        let facts = &self.resource.facts;
        let (name, parent, kind) = match form {
            Form::Sync => (&facts.sync, "SyncAPIResource", "blocking"),
            Form::Async => (&facts.asynchronous, "AsyncAPIResource", "awaitable"),
        };
        self.run.target(parent, &format!("_resource:{parent}"));
        let mut text = format!(
            "\n\nclass {name}({parent}):\n    \"\"\"The {kind} form of `client.{}`.\"\"\"\n",
            facts.resource
        );
        for child in &self.resource.children {
            text += &self.child(form, child);
        }
        for (method, signature) in &facts.methods {
            if let Some(operation) = self
                .api
                .operations
                .get(&format!("{}.{method}", facts.resource))
            {
                text += &self.method(form, method, signature, operation)?;
            }
        }
        Ok(text)
    }

    /// The class of a child is imported when the attribute is first touched.
    fn child(&self, form: Form, child: &Child) -> String {
        let class = if form == Form::Sync {
            &child.sync
        } else {
            &child.asynchronous
        };
        let module = super::imports::relative(&self.resource.facts.module, &child.module);
        self.checked
            .target(class, &format!("{}:{class}", child.module));
        let property = self
            .run
            .target("cached_property", "functools:cached_property");
        format!(
            "\n    @{property}\n    def {attribute}(self) -> {class}:\n        \"\"\"`client.{parent}.{attribute}`.\"\"\"\n        from {module} import {class}\n\n        return {class}(self._client)\n",
            attribute = child.attribute,
            parent = self.resource.facts.resource,
        )
    }

    fn method(
        &mut self,
        form: Form,
        name: &str,
        method: &PythonMethod,
        operation: &Operation,
    ) -> Result<String> {
        let mut text = String::new();
        for overload in &method.overloads {
            let decorator = self.run.target("overload", "typing:overload");
            let replaced = method.parameters.iter().map(|parameter| {
                overload
                    .changes
                    .iter()
                    .find(|change| change.name == parameter.name)
                    .unwrap_or(parameter)
            });
            let (mut ordered, optional): (Vec<_>, Vec<_>) =
                replaced.partition(|parameter| parameter.default.is_none());
            ordered.extend(optional);
            let _ = write!(text, "\n    @{decorator}\n");
            text += &self.signature(form, name, &ordered, &overload.returns)?;
            text += " ...\n";
        }
        text.push('\n');
        text += &self.signature(
            form,
            name,
            &method.parameters.iter().collect::<Vec<_>>(),
            &method.returns,
        )?;
        text.push('\n');
        text += &self.docstring(form, method, operation)?;
        text += &self.body(form, method, operation)?;
        Ok(text)
    }

    /// `def name(...) -> returns:` without a body.
    fn signature(
        &self,
        form: Form,
        name: &str,
        parameters: &[&PythonParameter],
        returns: &str,
    ) -> Result<String> {
        let keyword = if form == Form::Sync {
            "def"
        } else {
            "async def"
        };
        let mut text = format!("    {keyword} {name}(\n        self,\n");
        let mut is_positional = true;
        for parameter in parameters {
            if is_positional && !parameter.positional {
                text += "        *,\n";
                is_positional = false;
            }
            let expr = Expr::parse(&parameter.annotation)?;
            let default = parameter.default.as_ref().map_or(String::new(), |default| {
                format!(" = {}", self.value(default))
            });
            text += &layout::line(
                8,
                &format!("{}: ", parameter.name),
                &expr,
                &format!("{default},"),
                &|name| self.checked_name(form, name),
            );
            text.push('\n');
        }
        text += &format!(
            "    ) -> {}:",
            Expr::parse(returns)?.flat(&|name| self.checked_name(form, name))
        );
        Ok(text)
    }

    fn docstring(
        &self,
        form: Form,
        method: &PythonMethod,
        operation: &Operation,
    ) -> Result<String> {
        let spelled = |text: &str| -> Result<String> {
            Ok(Expr::parse(text)?.flat(&|name| self.checked_name(form, name)))
        };
        let mut text = format!(
            "        \"\"\"Call `{} {}`.\n\n        Parameters left at `omit` are not sent; `None` is sent as `null`.\n\n        Args:\n",
            operation.verb.to_uppercase(),
            operation.path
        );
        for parameter in method
            .parameters
            .iter()
            .filter(|parameter| parameter.default.is_none())
        {
            let _ = writeln!(
                text,
                "            {}: Required, `{}`.",
                parameter.name,
                spelled(&parameter.annotation)?
            );
        }
        if operation.stream {
            text += "            stream: `True` returns the events as they arrive.\n";
        }
        text += "            extra_headers: Headers to add; `omit` as a value removes a default header.\n";
        text += "            extra_query: Query parameters to add.\n";
        text += "            extra_body: Members to add to the JSON body.\n";
        text += "            timeout: Seconds, or a `Timeout`; `None` waits for ever. The default is the client's.\n";
        let _ = write!(
            text,
            "\n        Returns:\n            `{}`",
            spelled(&method.cast_to)?
        );
        if let Some(item) = &method.stream_item {
            let stream = self.checked_name(form, "Stream");
            let _ = write!(
                text,
                ", or `{stream}[{}]` with `stream=True`",
                spelled(item)?
            );
        }
        text += ".\n\n        Raises:\n";
        text += "            APIConnectionError: No answer arrived; `APITimeoutError` when the time ran out.\n";
        text += "            APIStatusError: The answer has a status of 400 or more; its subclasses tell which.\n";
        if method
            .parameters
            .iter()
            .any(|parameter| parameter.default.is_none())
        {
            text += "            TypeError: A required parameter is missing.\n";
        }
        Ok(text + "        \"\"\"\n")
    }

    fn body(&mut self, form: Form, method: &PythonMethod, operation: &Operation) -> Result<String> {
        let call = if form == Form::Sync {
            "self."
        } else {
            "await self."
        };
        let mut text = format!(
            "        return {call}_{}(\n            \"{}\",\n",
            operation.verb, operation.path
        );
        if !operation.body.is_empty() {
            text += "            body={\n";
            for member in &operation.body {
                let (wire, parameter) = member.split_once('=').unwrap_or((member, member));
                let _ = writeln!(text, "                \"{wire}\": {parameter},");
            }
            text += "            },\n";
        }
        for option in ["extra_headers", "extra_query", "extra_body", "timeout"] {
            let _ = writeln!(text, "            {option}={option},");
        }
        let _ = writeln!(text, "            cast_to={},", self.lazy(&method.cast_to)?);
        if let Some(item) = &method.stream_item {
            let _ = write!(
                text,
                "            stream=stream or False,\n            stream_item={},\n",
                self.lazy(item)?
            );
        }
        Ok(text + "        )\n")
    }

    /// The constant that stands for a type which loads when the first response is there.
    fn lazy(&mut self, name: &str) -> Result<String> {
        let target = self.resource.facts.imports.get(name);
        let target = target.ok_or_else(|| {
            crate::error::Error::new(
                &self.resource.facts.resource,
                format_args!("`{name}` is no type"),
            )
        })?;
        self.run.target("LazyType", "_lazy:LazyType");
        let constant = constant(name);
        if !self.lazy.iter().any(|(known, _)| *known == constant) {
            self.lazy.push((constant.clone(), target.clone()));
        }
        Ok(constant)
    }

    /// A default value: sentinels are imported, constants are spelled as they are.
    fn value(&self, default: &str) -> String {
        match default {
            "omit" | "not_given" => self.run.target(default, &format!("_types:{default}")),
            other => other.to_owned(),
        }
    }

    fn checked_name(&self, form: Form, name: &str) -> String {
        if form == Form::Async && name == "Stream" {
            return self.checked.target("AsyncStream", "_streaming:AsyncStream");
        }
        self.checked.name(name)
    }
}

/// `ChatCompletion` as `CHAT_COMPLETION`.
fn constant(name: &str) -> String {
    let mut text = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && was_lower {
            text.push('_');
        }
        was_lower = c.is_lowercase();
        text.extend(c.to_uppercase());
    }
    text
}
