//! WebSocket connections: their classes over the hand-written controller, and the functions beside them.

use std::fmt::Write as _;

use super::classes::{extended, inherited, list, modifiers};
use super::imports::Imports;
use super::modules::brackets;
use crate::error::{Error, Result};
use crate::load::{
    TypeScriptClass, TypeScriptClassMember, TypeScriptDeclaration, TypeScriptMember,
    TypeScriptModule,
};
use crate::resolve::Api;

/// The path of the connection that a module belongs to.
pub(super) fn path<'a>(api: &'a Api, module: &TypeScriptModule) -> Option<&'a str> {
    let (folder, name) = module.module.rsplit_once('/')?;
    if !["internal-base", "websocket-binding", "ws-base", "ws"].contains(&name) {
        return None;
    }
    api.typescript.connections.get(folder).map(String::as_str)
}

/// A declaration beside the classes: what a caller may say of the connection has the limits of its sockets, too.
pub(super) fn with_limits(
    imports: &mut Imports<'_>,
    declaration: &TypeScriptDeclaration,
) -> TypeScriptDeclaration {
    let mut declaration = declaration.clone();
    if let TypeScriptDeclaration::Interface { name, extends, .. } = &mut declaration
        && name.ends_with("WSBaseOptions")
    {
        extends.push(imports.name("internal/socket-options#SocketLimits"));
        if name == "ResponsesWSBaseOptions" {
            extends.push(imports.name("internal/response-resumption#ResumeOption"));
        }
    }
    declaration
}

/// A function beside the classes of a connection.
pub(super) fn function(
    imports: &mut Imports<'_>,
    name: &str,
    parameters: &[TypeScriptMember],
    returns: &str,
    path: &str,
) -> Result<String> {
    let (summary, body) = match name {
        "buildURL" => {
            let url = imports.add("internal/api-dialer#connectionURL");
            (
                "The address of a connection. @throws {OpenAIError} A parameter of the path is missing or cannot stand there.",
                format!("{url}(client, '{path}', parameters)"),
            )
        }
        "getWebSocketEventBytes" => {
            let of = if returns.contains("undefined") {
                "payloadBytes"
            } else {
                "eventBytes"
            };
            (
                "Bytes of the text that an event came as.",
                format!(
                    "{}(event)",
                    imports.add(&format!("internal/event-payload#{of}"))
                ),
            )
        }
        "getWebSocketEventPayload" => (
            "The text that an event came as, while it is told.",
            format!(
                "{}(event)",
                imports.add("internal/event-payload#eventPayload")
            ),
        ),
        "prepareRequest" => (
            "Where a connection leads.",
            format!("{{ path: '{path}', query: parameters }}"),
        ),
        _ => return Err(Error::new(name, "is no function of a connection")),
    };
    Ok(format!(
        "/** {summary} */\nexport function {name}({}): {returns} {{\n  return {body};\n}}\n",
        list(parameters)
    ))
}

/// A class of a connection.
pub(super) fn class(
    api: &Api,
    imports: &mut Imports<'_>,
    module: &TypeScriptModule,
    class: &TypeScriptClass,
) -> Result<String> {
    let parent = extended(class);
    imports.value(parent);
    let mut writer = Writer {
        imports,
        module,
        class,
        overridden: inherited(api, module, class),
    };
    let name = &class.name;
    let (summary, members) = if name == "WebSocketError" {
        (
            "What the server calls an error, or what went wrong with a connection.",
            writer.error()?,
        )
    } else if name.ends_with("Emitter") {
        (
            "Tells events by type, each of them as `event` first; an `error` that nobody listens to is an unhandled rejection.",
            writer.emitter()?,
        )
    } else if name.ends_with("WSBase") {
        (
            "A connection: what it is sent waits until it is open, and it is made again when it breaks, if that is wanted.",
            writer.base()?,
        )
    } else {
        ("A connection of Node.", writer.node()?)
    };
    let keyword = if class.is_abstract { "abstract " } else { "" };
    Ok(format!(
        "/** {summary} */\nexport {keyword}class {name}{} extends {} {{\n{members}}}\n",
        brackets(&class.generics),
        class.extends.as_deref().unwrap_or_default()
    ))
}

struct Writer<'a, 'b> {
    imports: &'a mut Imports<'b>,
    module: &'a TypeScriptModule,
    class: &'a TypeScriptClass,
    overridden: std::collections::BTreeSet<&'a str>,
}

impl Writer<'_, '_> {
    fn error(&mut self) -> Result<String> {
        let keep = self.imports.add("internal/api-failure#keepEvent");
        let constructor = self.constructor(&[
            "super(message);".to_owned(),
            format!("{keep}(this, event);"),
        ])?;
        Ok(self.fields() + &constructor)
    }

    fn emitter(&mut self) -> Result<String> {
        let text = self.imports.add("internal/api-failure#failureText");
        let mut members = String::new();
        let mut event = None;
        for member in &self.class.members {
            members += &self.signature(member, ";");
            if member.name == "_onError" {
                event = member.parameters.first();
            }
        }
        let event = event.ok_or_else(|| Error::new(&self.class.name, "has no `_onError`"))?;
        let _ = write!(
            members,
            "  protected _onError(event: {} | null, message?: string, cause?: unknown): void {{
    const isHeard = this._hasListener('error');
    const error = new WebSocketError({text}(event, message, isHeard), event);
    error.cause = cause;
    if (isHeard) this._emit('error', error);
    else void Promise.reject(error);
  }}\n",
            event.value
        );
        Ok(members)
    }

    fn base(&mut self) -> Result<String> {
        let connection = self.imports.add("internal/api-connection#ApiConnection");
        let owner = self.imports.name("internal/api-connection#ApiOwner");
        let counters = self.imports.name("internal/websocket#SocketCounters");
        let keys = self.imports.add("internal/api-dialer#keyHeaders");
        let beside = self.module.module.replace("/ws-base", "/internal-base");
        let url = self.imports.add(&format!("{beside}#buildURL"));
        let error = self.imports.add(&format!("{beside}#WebSocketError"));
        let sent = self.parameter("send")?;
        let given = if self.has_parameters() {
            "parameters"
        } else {
            "null"
        };
        let mut text = self.fields();
        let _ = writeln!(text, "  readonly #connection: {connection}<{sent}>;\n");
        let mut lines = vec![
            "super();".to_owned(),
            "this._client = client;".to_owned(),
            format!("this._parameters = {given};"),
            format!("this.#connection = new {connection}("),
            format!("  this as unknown as {owner},"),
            "  options,".to_owned(),
            format!("  () => {url}(client, this._parameters ?? {{}}),"),
            format!("  (message) => new {error}(message, null),"),
        ];
        lines.extend(self.resumption());
        lines.push(");".to_owned());
        text += &self.constructor(&lines)?;
        for member in self.methods() {
            let body = match member.name.as_str() {
                "_connectInitial" => "this.#connection.connect();".to_owned(),
                "send" => "this.#connection.send(event);".to_owned(),
                "sendRaw" => "this.#connection.sendRaw(data);".to_owned(),
                "close" => "this.#connection.close(props);".to_owned(),
                "stream" => "return this.#connection.stream(options);".to_owned(),
                "[Symbol.asyncIterator]" => "return this.stream(options);".to_owned(),
                "_prepareReconnectSocket" => {
                    "return Promise.resolve((url) => this._createSocket(url, this._authHeaders()));"
                        .to_owned()
                }
                "_authHeaders" => format!("return {keys}(this._client, apiKey);"),
                "_createSocket" => {
                    text += &format!("\n{}", self.signature(member, ";"));
                    continue;
                }
                other => return Err(Error::new(other, "is no member of a connection")),
            };
            text += &self.method(member, docs(&member.name), &body);
        }
        let _ = write!(
            text,
            "\n  /** What its socket has counted; nothing before it is open. */\n  counters(): {counters} | undefined {{\n    return this.#connection.counters();\n  }}\n"
        );
        Ok(text)
    }

    /// What resumes responses after a break, on connections that have some.
    fn resumption(&mut self) -> Option<String> {
        let folder = self.module.module.strip_suffix("/responses/ws-base")?;
        let resource = folder.replacen("resources", "client", 1).replace('/', ".");
        let resumption = self.imports.add("internal/response-resumption#Resumption");
        Some(format!(
            "  () => new {resumption}(() => {resource}.responses),"
        ))
    }

    fn node(&mut self) -> Result<String> {
        let dialer = self.imports.add("internal/api-dialer#ApiDialer");
        let name = self.class.name.trim_end_matches("WS").to_owned();
        let passed = if self.has_parameters() {
            "client, parameters, options ?? undefined"
        } else {
            "client, options ?? undefined"
        };
        let mut text = self.fields();
        let _ = writeln!(text, "  readonly #dialer: {dialer};\n");
        text += "  /** @throws {OpenAIError} A function gives the client's key and was not asked yet, or an option is wrong. */\n";
        text += &self.constructor(&[
            format!("super({passed});"),
            format!("this.#dialer = new {dialer}(client, '{name}', options);"),
            "this._connectInitial();".to_owned(),
        ])?;
        for member in self.methods() {
            let body = match member.name.as_str() {
                "_authHeaders" => "return super._authHeaders(apiKey);",
                "_usesSDKAPIKey" => "return this.#dialer.usesKey(authHeaders);",
                "_createSocket" => "return this.#dialer.open(url, authHeaders, this.#asker);",
                "_prepareReconnectSocket" => "return this.#dialer.prepare(this.#asker);",
                other => return Err(Error::new(other, "is no member of a connection")),
            };
            text += &self.method(member, "", body);
        }
        let asker = self.imports.name("internal/api-dialer#Asker");
        let _ = write!(
            text,
            "\n  /** What of it opens sockets; a subclass may replace it. */\n  get #asker(): {asker} {{\n    return this as unknown as {asker};\n  }}\n"
        );
        Ok(text)
    }

    fn has_parameters(&self) -> bool {
        let members = &mut self.class.members.iter();
        members
            .find(|member| member.name == "constructor")
            .is_some_and(|found| {
                found
                    .parameters
                    .iter()
                    .any(|each| each.name == "parameters")
            })
    }

    fn methods(&self) -> Vec<&'_ TypeScriptClassMember> {
        let members = self.class.members.iter();
        members
            .filter(|member| member.value.is_none() && member.name != "constructor")
            .collect()
    }

    /// The type of the only parameter of a method.
    fn parameter(&self, method: &str) -> Result<String> {
        let member = self
            .methods()
            .into_iter()
            .find(|found| found.name == method);
        let first = member.and_then(|member| member.parameters.first());
        first
            .map(|first| first.value.clone())
            .ok_or_else(|| Error::new(&self.class.name, "has no event to send"))
    }

    fn fields(&self) -> String {
        let mut text = String::new();
        for member in &self.class.members {
            if let Some(value) = &member.value {
                let mark = if member.optional { "?" } else { "" };
                let _ = writeln!(
                    text,
                    "  declare {}{}{mark}: {value};",
                    modifiers(member),
                    member.name
                );
            }
        }
        text
    }

    fn signature(&self, member: &TypeScriptClassMember, end: &str) -> String {
        let mut before = modifiers(member);
        if self.overridden.contains(member.name.as_str()) && member.name != "constructor" {
            before += "override ";
        }
        let returns = match &member.returns {
            Some(returns) => format!(": {returns}"),
            None => String::new(),
        };
        format!(
            "  {before}{}{}({}){returns}{end}\n",
            member.name,
            brackets(&member.generics),
            list(&member.parameters)
        )
    }

    fn constructor(&self, lines: &[String]) -> Result<String> {
        let members = &mut self.class.members.iter();
        let member = members
            .find(|member| member.name == "constructor")
            .ok_or_else(|| Error::new(&self.class.name, "has no constructor"))?;
        let body: Vec<_> = lines.iter().map(|line| format!("    {line}\n")).collect();
        Ok(self.signature(member, " {") + &body.concat() + "  }\n")
    }

    fn method(&self, member: &TypeScriptClassMember, doc: &str, body: &str) -> String {
        let doc = if doc.is_empty() {
            String::new()
        } else {
            format!("  /** {doc} */\n")
        };
        format!("\n{doc}{}    {body}\n  }}\n", self.signature(member, " {"))
    }
}

/// What the methods of a connection do.
fn docs(method: &str) -> &'static str {
    match method {
        "send" => "Sends an event. What goes wrong is told as an `error`.",
        "sendRaw" => "Sends data as it is: text, or bytes in one or more pieces.",
        "close" => "Closes it for good; with 1000 and `OK` if nothing else is said.",
        "stream" => {
            "All that it tells from now on, as an iterator; leaving that does not close it. @throws {OpenAIError} A limit is wrong."
        }
        _ => "",
    }
}
