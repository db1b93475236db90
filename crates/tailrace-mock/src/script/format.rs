//! The JSON format of a script. `tests/conformance/README.md` explains it to people.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::websocket::Step;

/// Why a script was refused. `Display` is one sentence that names the field.
#[derive(Debug, Clone)]
pub struct ScriptError(String);

impl ScriptError {
    pub(crate) fn new(why: impl Into<String>) -> ScriptError {
        ScriptError(why.into())
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ScriptError {}

/// A script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// Answers in the order of the requests.
    #[serde(default)]
    pub(crate) exchanges: Vec<Exchange>,
    /// A port of its own, so that no other user of the server shares its connections.
    #[serde(default)]
    pub(crate) own_port: bool,
    /// How connections are received.
    #[serde(default)]
    pub(crate) listen: Listen,
    /// How many of the latest requests are recorded, for a load that nobody looks up.
    #[serde(default)]
    pub(crate) remember: Option<usize>,
}

/// How connections are received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Listen {
    /// As usual.
    #[default]
    Accept,
    /// Each connection attempt is refused.
    Refuse,
    /// A connection attempt gets no answer.
    Silent,
}

/// One request's answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Exchange {
    /// Default 200.
    pub(crate) status: Option<u16>,
    /// The words after the status.
    pub(crate) reason: Option<String>,
    /// Name to text, or to a list of texts. Filled in: `{base_url}`, `{other_origin}` and
    /// `{http_date+N}` (N seconds from now).
    pub(crate) headers: Map<String, Value>,

    /// A JSON body.
    pub(crate) json: Option<Value>,
    /// A text body.
    pub(crate) text: Option<String>,
    /// A body of any bytes.
    pub(crate) base64: Option<String>,
    /// Server-sent events, an HTTP chunk each.
    pub(crate) sse: Option<Vec<Event>>,
    /// A body in explicit chunks.
    pub(crate) chunks: Option<Vec<Chunk>>,
    /// What is said over a WebSocket, after a handshake that headers may spoil.
    pub(crate) websocket: Option<Vec<Step>>,
    /// The whole reply, head included, as it goes over the wire.
    pub(crate) raw: Option<String>,

    /// How the end of the body is marked.
    pub(crate) framing: Option<Framing>,
    /// The value of content-length where it is to be wrong.
    pub(crate) content_length: Option<u64>,
    /// Cuts the body at bytes, in place of its own chunks.
    pub(crate) split: Option<Split>,

    /// The pause before the head.
    pub(crate) delay_ms: u64,
    /// The pause between head and body.
    pub(crate) body_delay_ms: u64,
    /// The pause before each chunk but the first.
    pub(crate) interval_ms: u64,

    /// What goes wrong.
    pub(crate) fault: Option<Fault>,
    /// What happens to the connection after a complete reply.
    pub(crate) after: After,
    /// Answers every later request too.
    pub(crate) repeat: bool,
}

/// How the end of the body is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Framing {
    /// content-length.
    Length,
    /// Transfer coding chunked.
    Chunked,
    /// Neither: the body ends with the connection.
    Close,
}

/// Where a body is cut.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Split {
    /// Every so many bytes.
    Every(usize),
    /// At these offsets.
    At(Vec<usize>),
}

/// A break of the protocol.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) at: FaultAt,
}

/// What breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// FIN.
    Close,
    /// RST.
    Reset,
    /// Silence until the client leaves.
    Stall,
}

/// When it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum FaultAt {
    /// After so many bytes of the body.
    Byte(usize),
    /// At a named place.
    Place(Place),
}

/// Named places of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// Before the head: the request was received, nothing was sent.
    Request,
    /// In the middle of the head.
    MidHead,
    /// After the head.
    Head,
    /// After the body, before whatever marks its end.
    End,
}

/// What happens to the connection after a complete reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum After {
    /// It stays open.
    #[default]
    Keep,
    /// It is closed, and `connection: close` said so.
    Close,
    /// It is closed without a word.
    CloseUnannounced,
}

/// One server-sent event.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Event {
    /// Bytes as they are; the blank line is the author's.
    Raw(String),
    /// Fields, written in this order and ended by a blank line.
    Fields(Fields),
}

/// The fields of an event.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fields {
    pub(crate) comment: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) retry: Option<u64>,
    pub(crate) event: Option<String>,
    /// Text is written as it is, a line each; anything else as compact JSON.
    pub(crate) data: Option<Value>,
}

/// One chunk of a body.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Chunk {
    Text(String),
    Timed(TimedChunk),
}

/// A chunk with its time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimedChunk {
    pub(crate) text: Option<String>,
    pub(crate) base64: Option<String>,
    pub(crate) sse: Option<Event>,
    /// The pause before it.
    #[serde(default)]
    pub(crate) delay_ms: u64,
    /// How often it is sent.
    #[serde(default = "once")]
    pub(crate) times: usize,
}

fn once() -> usize {
    1
}

impl Script {
    /// Reads a script and says which field is wrong, if one is.
    pub(crate) fn parse(text: &[u8]) -> Result<Script, ScriptError> {
        let script: Script = serde_json::from_slice(text)
            .map_err(|error| ScriptError::new(format!("the script is not valid: {error}")))?;
        if script.exchanges.is_empty() && script.listen == Listen::Accept {
            return Err(ScriptError::new(
                "the script has no `exchanges`: give at least one",
            ));
        }
        Ok(script)
    }
}

impl Event {
    /// The event as it goes over the wire.
    pub(crate) fn render(&self) -> Vec<u8> {
        match self {
            Event::Raw(text) => text.clone().into_bytes(),
            Event::Fields(fields) => fields.render(),
        }
    }
}

impl Fields {
    fn render(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        if let Some(comment) = &self.comment {
            lines.push(format!(": {comment}"));
        }
        if let Some(id) = &self.id {
            lines.push(format!("id: {id}"));
        }
        if let Some(retry) = self.retry {
            lines.push(format!("retry: {retry}"));
        }
        if let Some(event) = &self.event {
            lines.push(format!("event: {event}"));
        }
        match &self.data {
            None => {}
            Some(Value::String(text)) => {
                lines.extend(text.split('\n').map(|line| format!("data: {line}")))
            }
            Some(value) => lines.push(format!("data: {value}")),
        }
        lines.push("\n".to_owned());
        lines.join("\n").into_bytes()
    }
}
