//! Facts that are the same in every language.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ordered::{Ordered, ordered};

/// One HTTP operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// HTTP verb in lower case.
    pub verb: String,
    /// Path below the base URL, with `{placeholders}`; `{+name}` is sent as it is.
    pub path: String,
    /// Members of the query in the order in which they are sent; `wire=name` where the two differ.
    #[serde(default)]
    pub query: Vec<String>,
    /// Members of the body, likewise.
    #[serde(default)]
    pub body: Vec<String>,
    /// The parameter that is the whole body.
    pub body_is: Option<String>,
    /// Where the body holds files.
    #[serde(default)]
    pub files: Vec<Vec<String>>,
    /// When the body is `multipart/form-data`.
    pub multipart: Option<Multipart>,
    /// Content types of the parts of a multipart body that have one.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
    /// Headers with a constant value.
    #[serde(default, deserialize_with = "ordered")]
    pub headers: Ordered<String>,
    /// Header to the parameter that it is made of.
    #[serde(default)]
    pub header_parameters: BTreeMap<String, String>,
    /// What the answer is, other than JSON.
    pub response: Option<Answer>,
    /// The form of a page of items, as `CursorPage`.
    pub page: Option<String>,
    /// Whether the operation answers with an event stream.
    #[serde(default)]
    pub stream: Streaming,
    /// Whether an event's name matters beside its data.
    #[serde(default)]
    pub named_events: bool,
    /// How events are read, where it is not the usual way.
    pub stream_mode: Option<String>,
    /// Security schemes that apply.
    #[serde(default)]
    pub security: Vec<String>,
    /// Whether the API calls it out of date.
    #[serde(default)]
    pub deprecated: bool,
}

/// When a body is `multipart/form-data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Multipart {
    /// In every request.
    Always,
    /// In a request that has a file; others are JSON.
    WithFiles,
}

/// What an answer is, other than JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing that is read.
    None,
    /// Bytes.
    Binary,
    /// Text.
    Text,
}

/// Whether an operation answers with an event stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "StreamingFact")]
pub enum Streaming {
    /// Never.
    #[default]
    Never,
    /// When the caller asks for it.
    OnRequest,
    /// In every answer.
    Always,
}

/// `true`, `false` or `"always"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum StreamingFact {
    OnRequest(bool),
    Always(Always),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Always {
    Always,
}

impl From<StreamingFact> for Streaming {
    fn from(fact: StreamingFact) -> Self {
        match fact {
            StreamingFact::OnRequest(false) => Streaming::Never,
            StreamingFact::OnRequest(true) => Streaming::OnRequest,
            StreamingFact::Always(Always::Always) => Streaming::Always,
        }
    }
}

impl Operation {
    /// Members of a list as `(wire name, parameter)`.
    pub fn members(list: &[String]) -> impl Iterator<Item = (&str, &str)> {
        list.iter()
            .map(|member| member.split_once('=').unwrap_or((member, member)))
    }

    /// Names of the placeholders of the path, in order.
    pub fn placeholders(&self) -> Vec<&str> {
        self.path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.trim_start_matches('+'))
            .collect()
    }
}
