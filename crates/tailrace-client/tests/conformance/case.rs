//! Cases as values. Unknown fields are refused, so a typing error cannot make a case pass.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(rename = "$schema")]
    pub _schema: String,
    pub id: String,
    pub why: String,
    #[serde(rename = "subjects")]
    pub _subjects: Option<Subjects>,
    pub server: Value,
    #[serde(default)]
    pub client: ClientOptions,
    pub calls: Vec<Call>,
    #[serde(default, rename = "at_once")]
    pub _at_once: bool,
    #[serde(default)]
    pub wire: Wire,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subjects {
    #[serde(rename = "only")]
    pub _only: Vec<String>,
    #[serde(default, rename = "ours")]
    pub _ours: bool,
    #[serde(rename = "reason")]
    pub _reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientOptions {
    pub timeout_ms: Option<TimeoutMs>,
    pub max_retries: Option<u32>,
    pub default_headers: Map<String, Value>,
    pub default_query: Map<String, Value>,
    pub organization: Option<String>,
    pub project: Option<String>,
    #[serde(rename = "environment")]
    pub _environment: Map<String, Value>,
    #[serde(rename = "credentials")]
    pub _credentials: Credentials,
}

/// What authenticates the calls of a host's client.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Credentials {
    #[serde(rename = "function")]
    pub _function: Vec<String>,
    #[serde(rename = "admin_key")]
    pub _admin_key: Option<String>,
    #[serde(rename = "azure")]
    pub _azure: Vec<String>,
    #[serde(rename = "bedrock")]
    pub _bedrock: Map<String, Value>,
    #[serde(rename = "residency")]
    pub _residency: Option<String>,
    #[serde(rename = "workload")]
    pub _workload: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum TimeoutMs {
    All(u64),
    Phases(Box<Phases>),
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Phases {
    pub default: Option<u64>,
    pub connect: Option<u64>,
    pub read: Option<u64>,
    pub write: Option<u64>,
    pub pool: Option<u64>,
    pub first_byte: Option<u64>,
    pub idle: Option<u64>,
    pub total: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub operation: String,
    pub arguments: Map<String, Value>,
    #[serde(default, rename = "format")]
    pub _format: Option<Value>,
    #[serde(default)]
    pub options: CallOptions,
    #[serde(default)]
    pub act: Act,
    pub expect: Expect,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallOptions {
    pub headers: Map<String, Value>,
    pub query: Map<String, Value>,
    pub body: Map<String, Value>,
    pub timeout_ms: Option<TimeoutMs>,
    pub deadline_ms: Option<u64>,
    pub max_retries: Option<u32>,
    #[serde(rename = "strict_end")]
    pub _strict_end: bool,
    #[serde(rename = "resume")]
    pub _resume: bool,
    #[serde(rename = "on_invalid")]
    pub _on_invalid: Option<String>,
    #[serde(rename = "attempts")]
    pub _attempts: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Act {
    pub close_after_events: Option<usize>,
    pub break_after_events: Option<usize>,
    pub cancel_after_events: Option<usize>,
    pub abort_after_ms: Option<u64>,
    pub pause_after_events: Option<usize>,
    pub pause_ms: u64,
    pub iterate_again: bool,
    pub rest_ms: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    pub result: Option<Value>,
    pub request_id: Option<Value>,
    pub events: Option<Value>,
    pub event_count: Option<usize>,
    pub again: Option<Value>,
    pub error: Option<Map<String, Value>>,
    pub took_ms: Option<[f64; 2]>,
    #[serde(rename = "ended_cleanly")]
    pub _ended_cleanly: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wire {
    pub requests: Option<Vec<Sent>>,
    pub request_count: Option<usize>,
    pub waited_ms: Vec<[f64; 2]>,
    pub connections: Option<usize>,
    pub opened: Option<usize>,
    pub closed_ms: Option<[f64; 2]>,
    pub sent_bytes: Option<[f64; 2]>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sent {
    pub method: Option<Value>,
    pub path: Option<Value>,
    pub query: Option<Value>,
    pub headers: Map<String, Value>,
    pub body: Option<Value>,
    pub body_text: Option<Value>,
}

impl Case {
    /// The script, on a port of its own so that other cases do not share its connections.
    pub fn script(&self) -> Value {
        let mut script = json!({ "exchanges": [], "own_port": true });
        let fields = self.server.as_object().cloned().unwrap_or_default();
        script.as_object_mut().unwrap().extend(fields);
        script
    }
}

/// Reads the cases that apply to `subject`, as it sees them, in the order of their ids.
pub fn read_all(subject: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/cases");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|topic| fs::read_dir(topic.unwrap().path()).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| -> Option<Case> {
        let value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let applies = match value["subjects"]["only"].as_array() {
            Some(only) => only.iter().any(|only| only == subject),
            None => true,
        };
        let resolved = applies.then(|| resolve(value, subject))?;
        match serde_json::from_value(resolved) {
            Ok(case) => Some(case),
            Err(error) => panic!("{} for {subject}: {error}", path.display()),
        }
    };
    paths.iter().filter_map(read).collect()
}

/// Chooses the side of every `$by` that is for this subject; one without such a side vanishes.
fn resolve(value: Value, subject: &str) -> Value {
    match value {
        Value::Array(parts) => parts
            .into_iter()
            .map(|part| resolve(part, subject))
            .collect(),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter_map(|(key, part)| Some((key, resolve(choose(part, subject)?, subject))))
                .collect(),
        ),
        other => other,
    }
}

fn choose(mut part: Value, subject: &str) -> Option<Value> {
    let language = subject.split('-').next().unwrap_or_default();
    match part.get_mut("$by").and_then(Value::as_object_mut) {
        None => Some(part),
        Some(sides) => [subject, language, "default"]
            .iter()
            .find_map(|name| sides.remove(*name)),
    }
}
