//! The calls of a case on `tailrace_client`, in the dialect of Python.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tailrace_client::{Accepts, CallOptions, Client, Content, EventStream, Mode, Pop, Timeouts};
use tailrace_core::{
    error::Error,
    request::{self, HeaderText, NullQuery, Options, QueryStyle, Space},
    retry::{Policy, ServerDelay},
    sse,
};

use crate::case::{Act, Call, ClientOptions, Phases, TimeoutMs};

/// What a call came to, in the form that the subjects in other languages report.
#[derive(Debug, Default)]
pub struct Outcome {
    pub result: Value,
    pub request_id: Value,
    pub events: Vec<Value>,
    pub error: Option<Value>,
    pub took_ms: f64,
}

/// Longer than any case takes: what exceeds it hangs.
const LIMIT: Duration = Duration::from_secs(100);

/// Makes one call and reads what it gives.
pub fn run(client: &Arc<Client>, base_url: &str, defaults: &ClientOptions, call: &Call) -> Outcome {
    let began = Instant::now();
    let mut outcome = Outcome::default();
    if let Err(error) = make(client, base_url, defaults, call, &mut outcome) {
        outcome.error = Some(describe(&error));
    }
    outcome.took_ms = began.elapsed().as_secs_f64() * 1000.0;
    thread::sleep(Duration::from_millis(call.act.rest_ms));
    outcome
}

fn make(
    client: &Client,
    base_url: &str,
    defaults: &ClientOptions,
    call: &Call,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    let body = merged(&call.arguments, &call.options.body);
    let streams = body.get("stream") == Some(&Value::Bool(true));
    let body = Bytes::from(Value::Object(body).to_string());
    let query = merged(&defaults.default_query, &call.options.query);
    let query = Value::Object(query).to_string();
    let mut headers = vec![
        ("accept", Some("application/json")),
        ("content-type", Some("application/json")),
        ("authorization", Some("Bearer sk-conformance")),
    ];
    for given in [&defaults.default_headers, &call.options.headers] {
        headers.extend(
            given
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
    }
    let request = Options {
        method: "POST",
        base_url,
        path: path(&call.operation),
        query: Some(query.as_bytes()),
        query_style: QueryStyle {
            null: NullQuery::Skip,
            space: Space::Plus,
        },
        headers: &headers,
        header_text: HeaderText::Utf8,
        retry_count_header: Some("x-stainless-retry-count"),
        body: Some(request::Content::Bytes(&body)),
    };
    let timeout = call
        .options
        .timeout_ms
        .as_ref()
        .or(defaults.timeout_ms.as_ref());
    let options = CallOptions {
        retry: Policy::new(
            call.options
                .max_retries
                .or(defaults.max_retries)
                .unwrap_or(2),
            ServerDelay::RefuseAbove(Duration::from_secs(120)),
        ),
        timeouts: timeouts(timeout),
        deadline: call.options.deadline_ms.map(Duration::from_millis),
        mode: if streams {
            Mode::Events(EVENTS)
        } else {
            Mode::Buffered
        },
        follows_redirects: true,
        renews: false,
        replaces: tailrace_core::call::Replaces::Never,
        relayed: false,
        accepts: Accepts::Success,
    };
    let pending = client.start(request, options);
    if let Some(limit) = call.act.abort_after_ms {
        pending.wait(Duration::from_millis(limit));
        pending.cancel();
    }
    assert!(pending.wait(LIMIT), "the call did not settle");
    let reply = pending.take().unwrap().map_err(|failure| failure.error)?;
    outcome.request_id = json!(reply.head.header("x-request-id"));
    match reply.content {
        Content::Stream(events) => read(events, &call.act, outcome),
        Content::Whole(body) => {
            outcome.result = serde_json::from_slice(&body).unwrap_or(Value::Null);
            Ok(())
        }
        Content::Unread(_) | Content::Socket(_) => panic!("no case asks for such a body"),
    }
}

const EVENTS: sse::Options = sse::Options {
    done: sse::Done::Prefix,
    end_of_input: sse::EndOfInput::Discard,
    max_event_bytes: 64 << 20,
};

fn read(stream: EventStream, act: &Act, outcome: &mut Outcome) -> Result<(), Error> {
    loop {
        match stream.pop() {
            Pop::Event(event) => {
                outcome
                    .events
                    .push(serde_json::from_slice(&event.data).unwrap_or(Value::Null));
            }
            Pop::Empty => {
                assert!(
                    stream.wait(LIMIT),
                    "the stream gave nothing and did not end"
                );
                continue;
            }
            Pop::End => return Ok(()),
            Pop::Failed(failure) => return Err(failure.error),
        }
        let count = Some(outcome.events.len());
        if count == act.pause_after_events {
            thread::sleep(Duration::from_millis(act.pause_ms));
        }
        if count == act.close_after_events {
            stream.close();
            return match stream.pop() {
                Pop::End => Ok(()),
                other => panic!("a closed stream gave {other:?}"),
            };
        }
        if count == act.break_after_events {
            // Dropping the stream is how Rust leaves a loop.
            return Ok(());
        }
    }
}

fn path(operation: &str) -> &'static str {
    match operation {
        "chat.completions.create" => "/chat/completions",
        "responses.create" => "/responses",
        other => panic!("no path is known for the operation {other}"),
    }
}

fn merged(first: &Map<String, Value>, second: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = first.clone();
    merged.extend(second.clone());
    merged
}

fn timeouts(timeout: Option<&TimeoutMs>) -> Timeouts {
    let phases = match timeout {
        None => Phases {
            default: Some(600_000),
            connect: Some(5_000),
            ..Phases::default()
        },
        Some(TimeoutMs::All(all)) => Phases {
            default: Some(*all),
            ..Phases::default()
        },
        Some(TimeoutMs::Phases(phases)) => **phases,
    };
    let limit = |own: Option<u64>| own.map(Duration::from_millis);
    let official = |own: Option<u64>| limit(own.or(phases.default));
    Timeouts {
        pool: official(phases.pool),
        connect: official(phases.connect),
        write: official(phases.write),
        first_byte: limit(phases.first_byte),
        read_head: official(phases.read),
        read_body: official(phases.read),
        idle: limit(phases.idle),
        total: limit(phases.total),
        reply: None,
    }
}

fn describe(error: &Error) -> Value {
    let head = error.response().map(|(head, _)| head);
    json!({
        "class": error.code().as_str(),
        "message": error.message(),
        "status": head.map(|head| head.status.as_u16()),
        "request_id": head.and_then(|head| head.header("x-request-id")),
        "cause": error.causes().first(),
        "limit": error.passed().map(|passed| passed.limit.as_str()),
        "limit_ms": error.passed().and_then(|passed| passed.allowed).map_or(0, |allowed| allowed.as_millis()),
        "events": error.received().map_or(0, |received| received.events),
    })
}
