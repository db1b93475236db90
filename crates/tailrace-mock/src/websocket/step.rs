//! The JSON format of what a server says over a WebSocket. `tests/conformance/README.md` explains it to people.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::script::ScriptError;

/// One thing that the server does, in order.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Step {
    /// Sends a text message.
    Text(String),
    /// Sends a value as a text message.
    Json(Value),
    /// Sends a binary message, given in base64.
    Binary(String),
    /// Waits for so many messages.
    Expect(usize),
    /// Waits.
    DelayMs(u64),
    /// Sends pings.
    Ping { times: usize, data: String },
    /// Sends a text message in fragments of so many bytes, with a ping between them if wanted.
    Fragments {
        text: String,
        size: usize,
        #[serde(default)]
        ping: bool,
    },
    /// Sends one frame, right or wrong.
    Frame(FrameStep),
    /// Does steps over and over.
    Repeat { times: usize, steps: Vec<Step> },
    /// Sends back each message as it came, until the client closes.
    Echo,
    /// Sends a close frame and waits for that of the client.
    Close {
        code: Option<u16>,
        #[serde(default)]
        reason: String,
    },
    /// Answers neither pings nor a close frame from here on.
    Mute,
    /// Ends the connection (FIN) without a close frame.
    Cut,
    /// Resets it (RST).
    Reset,
}

/// A frame, right or wrong.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FrameStep {
    pub(super) opcode: u8,
    pub(super) text: String,
    pub(super) base64: Option<String>,
    /// It is not the last of its message.
    pub(super) more: bool,
    pub(super) reserved: u8,
    pub(super) masked: bool,
    /// The length that its head claims.
    pub(super) length: Option<u64>,
    /// How many of its bytes, head included, are sent.
    pub(super) cut: Option<usize>,
}

impl Step {
    /// Says what is wrong with a step, before anybody connects.
    pub(crate) fn check(&self) -> Result<(), ScriptError> {
        match self {
            Step::Binary(data) => decode(data).map(drop),
            Step::Frame(frame) => frame.payload().map(drop),
            Step::Repeat { steps, .. } => steps.iter().try_for_each(Step::check),
            Step::Fragments { size: 0, .. } => Err(ScriptError::new(
                "`fragments` of `size` 0: give the bytes of one, at least 1",
            )),
            _ => Ok(()),
        }
    }
}

impl FrameStep {
    pub(super) fn payload(&self) -> Result<Vec<u8>, ScriptError> {
        match &self.base64 {
            Some(data) => decode(data),
            None => Ok(self.text.clone().into_bytes()),
        }
    }
}

pub(super) fn decode(text: &str) -> Result<Vec<u8>, ScriptError> {
    STANDARD.decode(text).map_err(|error| {
        ScriptError::new(format!("the base64 of a step cannot be decoded: {error}"))
    })
}
