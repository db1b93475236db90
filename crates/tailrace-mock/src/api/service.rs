//! The operations: who may call them, and how their replies are put on the wire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::chat::Chat;
use super::embeddings::Texts;
use super::prompt::Prompt;
use super::refusal::Refusal;
use super::reply::Reply;
use super::responses::Responses;
use super::{stream, text};
use crate::answer::{Answer, Ending, Head, Piece};
use crate::journal::lock;
use crate::request::Request;
use crate::server::Load;

/// Streams that are kept rendered. A benchmark uses one or two; anything else should not grow without bound.
const MAX_CACHED_STREAMS: usize = 64;

/// The model that plays the API.
#[derive(Debug)]
pub(crate) struct Api {
    load: Load,
    streams: Mutex<HashMap<String, Arc<[Piece]>>>,
}

impl Api {
    pub(crate) fn new(load: Load) -> Api {
        Api {
            load,
            streams: Mutex::new(HashMap::new()),
        }
    }

    /// Answers as the API does, refusals included.
    pub(crate) fn answer(&self, request: &Request) -> Answer {
        let id = text::hex_id("req_", text::seed(&request.body), 32);
        self.route(request, &id)
            .unwrap_or_else(|refusal| refusal.answer(&id))
    }

    fn route(&self, request: &Request, id: &str) -> Result<Answer, Refusal> {
        authorize(request)?;
        let method = request.method.as_str();
        match (method, request.path.as_str()) {
            ("POST", "/v1/chat/completions") => {
                let body = parse(request)?;
                let prompt = Prompt::of_chat(&body)?;
                Ok(self.complete(id, &body, &prompt, &Chat))
            }
            ("POST", "/v1/responses") => {
                let body = parse(request)?;
                let prompt = Prompt::of_responses(&body)?;
                Ok(self.complete(id, &body, &prompt, &Responses))
            }
            ("POST", "/v1/embeddings") => {
                let texts = Texts::of(&parse(request)?)?;
                Ok(self.embed(id, request, &texts))
            }
            ("GET", "/v1/models") => Ok(ok(id, &models())),
            (_, "/v1/chat/completions" | "/v1/responses" | "/v1/embeddings" | "/v1/models") => {
                Err(Refusal::method_not_allowed(method, &request.path))
            }
            _ => Err(Refusal::unknown_path(method, &request.path)),
        }
    }

    fn complete(&self, id: &str, body: &Value, prompt: &Prompt, kind: &dyn Kind) -> Answer {
        let mut reply = match self.load.chunks {
            // A warm-up of a benchmark is short.
            Some(chunks) => Reply::of_words(prompt, chunks.min(prompt.most_tokens)),
            None => Reply::to(prompt),
        };
        if self.load.stamp && prompt.stream {
            reply.mark();
        }
        if !prompt.stream {
            return ok(id, &kind.whole(body, prompt, &reply));
        }
        let render = || stream::pieces(&kind.events(body, prompt, &reply, &self.load), &self.load);
        let pieces = match self.load.chunks {
            None => render(),
            // Rendering 100,000 events costs more than sending them.
            Some(_) => {
                let key = format!("{} {}", kind.cache_key(prompt), reply.words.len());
                self.cached(key, render)
            }
        };
        stream::answer(id, pieces, &self.load)
    }

    fn embed(&self, id: &str, request: &Request, texts: &Texts) -> Answer {
        let render = || {
            let body = Bytes::from(texts.render());
            Arc::from([Piece::new(Duration::ZERO, body)])
        };
        let pieces = match self.load.chunks {
            None => render(),
            // Spelling three million numbers takes longer than any client needs to read them.
            Some(_) => self.cached(format!("embeddings {}", text::seed(&request.body)), render),
        };
        let length: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
        let mut head = Head::new(200, None);
        head.add("content-type", "application/json");
        for (name, value) in headers(id) {
            head.add(name, value);
        }
        head.add("content-length", &length.to_string());
        Answer {
            delay: Duration::ZERO,
            head: head.finish().freeze(),
            pieces,
            ending: Ending::KeepAlive,
            steps: None,
        }
    }

    fn cached(&self, key: String, render: impl FnOnce() -> Arc<[Piece]>) -> Arc<[Piece]> {
        let mut streams = lock(&self.streams);
        if streams.len() >= MAX_CACHED_STREAMS {
            streams.clear();
        }
        Arc::clone(streams.entry(key).or_insert_with(render))
    }
}

/// An operation that gives text: the same reply in its own shape.
pub(super) trait Kind {
    /// The reply as one object.
    fn whole(&self, body: &Value, prompt: &Prompt, reply: &Reply) -> Value;
    /// The reply as the events of a stream.
    fn events(&self, body: &Value, prompt: &Prompt, reply: &Reply, load: &Load) -> Vec<String>;
    /// What tells two streams of a load apart.
    fn cache_key(&self, prompt: &Prompt) -> String;
}

fn authorize(request: &Request) -> Result<(), Refusal> {
    let header = request.header("authorization").unwrap_or_default();
    let (scheme, key) = header.split_once(' ').unwrap_or_default();
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
        return Err(Refusal::missing_key());
    }
    if key.starts_with("sk-invalid") {
        return Err(Refusal::wrong_key(key));
    }
    Ok(())
}

fn parse(request: &Request) -> Result<Value, Refusal> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Refusal::broken_json())?;
    match body.get("model") {
        Some(Value::String(model)) if model == "does-not-exist" => {
            Err(Refusal::unknown_model(model))
        }
        Some(Value::String(model)) if !model.is_empty() => Ok(body),
        Some(Value::Null) | None => Err(Refusal::missing_model()),
        Some(other) => Err(Refusal::wrong_type("model", "a string", other)),
    }
}

fn ok(id: &str, value: &Value) -> Answer {
    Answer::json(200, &headers(id), value.to_string().as_bytes())
}

/// The headers of every reply of the real API that a client may read.
pub(super) fn headers(id: &str) -> [(&str, &str); 4] {
    [
        ("x-request-id", id),
        ("openai-processing-ms", "12"),
        ("openai-version", "2020-10-01"),
        ("openai-organization", "tailrace-mock"),
    ]
}

fn models() -> Value {
    let model = |id: &str| json!({ "id": id, "object": "model", "created": 1_721_172_741, "owned_by": "system" });
    json!({ "object": "list", "data": [model("gpt-4o-mini"), model("gpt-4o"), model("gpt-5-nano")] })
}

/// An object with the fields of another one set.
pub(super) fn with(object: Value, fields: Value) -> Value {
    match (object, fields) {
        (Value::Object(mut object), Value::Object(fields)) => {
            object.extend(fields);
            Value::Object(object)
        }
        (object, _) => object,
    }
}
