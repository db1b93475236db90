//! The plausible API, over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test says that something must hold by panicking"
)]

mod wire;

use serde_json::{Value, json};
use tailrace_mock::{Config, Load, Server};
use wire::{exchange, post};

fn server() -> Server {
    Server::start(Config::default()).unwrap()
}

fn chat(text: &str) -> Value {
    json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": text }] })
}

fn merged(mut body: Value, fields: Value) -> Value {
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    body
}

/// The JSON of every `data:` line but `[DONE]`.
fn events(body: &str) -> Vec<Value> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

#[test]
fn streamed_or_not_a_chat_says_the_same() {
    let server = server();
    let whole = post(&server, "/chat/completions", &chat("What is a tide?"));
    assert_eq!(whole.status, 200);
    let text = whole.json()["choices"][0]["message"]["content"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.contains("What is a tide?"), "{text}");
    assert!(whole.header("x-request-id").unwrap().starts_with("req_"));

    let stream = merged(
        chat("What is a tide?"),
        json!({ "stream": true, "stream_options": { "include_usage": true } }),
    );
    let stream = post(&server, "/chat/completions", &stream);
    assert!(stream.body.ends_with("data: [DONE]\n\n"));
    let events = events(&stream.body);
    let pieces: String = events
        .iter()
        .filter_map(|e| e["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(pieces, text);
    assert_eq!(
        events[events.len() - 2]["choices"][0]["finish_reason"],
        "stop"
    );
    assert_eq!(
        events.last().unwrap()["usage"]["total_tokens"],
        whole.json()["usage"]["total_tokens"]
    );
}

#[test]
fn a_forced_tool_is_called_with_arguments_of_its_shape() {
    let server = server();
    let schema = json!({
        "type": "object",
        "properties": { "city": { "type": "string" }, "days": { "type": "integer", "minimum": 3 } },
        "required": ["city", "days"],
    });
    let tool =
        json!({ "type": "function", "function": { "name": "get_weather", "parameters": schema } });
    let asked = merged(
        chat("Hello"),
        json!({ "tools": [tool], "tool_choice": "required" }),
    );
    let whole = post(&server, "/chat/completions", &asked).json();
    assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls");
    let arguments = whole["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
        .as_str()
        .unwrap();
    let arguments: Value = serde_json::from_str(arguments).unwrap();
    assert_eq!(arguments, json!({ "city": "Hello", "days": 3 }));

    let streamed = post(
        &server,
        "/chat/completions",
        &merged(asked, json!({ "stream": true })),
    );
    let pieces: String = events(&streamed.body)
        .iter()
        .filter_map(|e| e["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert_eq!(serde_json::from_str::<Value>(&pieces).unwrap(), arguments);
}

#[test]
fn a_schema_gives_json_of_that_shape() {
    let server = server();
    let schema = json!({
        "type": "object",
        "properties": {
            "kind": { "enum": ["tide", "wave"] },
            "child": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] },
            "tags": { "type": "array", "items": { "type": "string", "maxLength": 3 }, "minItems": 2 },
        },
        "required": ["kind", "child", "tags"],
        "additionalProperties": false,
    });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "x", "schema": schema, "strict": true } });
    let reply = post(
        &server,
        "/chat/completions",
        &merged(chat("Hello"), json!({ "response_format": format })),
    )
    .json();
    let text = reply["choices"][0]["message"]["content"].as_str().unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(value["kind"], "tide");
    assert_eq!(value["tags"], json!(["Hel", "Hel"]));
    assert_eq!(value["child"]["kind"], "tide");
}

#[test]
fn a_responses_stream_is_complete_and_numbered() {
    let server = server();
    // The place of a member in the body must not matter.
    let whole = json!({ "model": "gpt-4o-mini", "input": "What is a tide?" });
    let whole = post(&server, "/responses", &whole).json();
    let body = json!({ "stream": true, "model": "gpt-4o-mini", "input": "What is a tide?" });
    let events = events(&post(&server, "/responses", &body).body);
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], json!(number));
    }
    let mut kinds: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    kinds.dedup();
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(kinds, expected);
    let deltas: String = events
        .iter()
        .filter_map(|event| event["delta"].as_str())
        .collect();
    let last = &events.last().unwrap()["response"];
    assert_eq!(last["output"][0]["content"][0]["text"], json!(deltas));
    assert_eq!(last["status"], "completed");
    assert_eq!(last["output"], whole["output"]);
}

#[test]
fn wrong_requests_are_refused_as_the_api_does() {
    let server = server();
    let check = |path: &str, key: &str, body: &str, status: u16, code: Value| {
        let authorization = if key.is_empty() {
            String::new()
        } else {
            format!("authorization: Bearer {key}\r\n")
        };
        let reply = exchange(&server.url(), "POST", path, &authorization, body);
        assert_eq!(reply.status, status, "{path} {body}");
        assert_eq!(reply.json()["error"]["code"], code, "{path} {body}");
        assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
    };
    check("/chat/completions", "", "{}", 401, Value::Null);
    check(
        "/chat/completions",
        "sk-invalid-1",
        "{}",
        401,
        json!("invalid_api_key"),
    );
    check("/chat/completions", "sk-1", "{", 400, Value::Null);
    check("/chat/completions", "sk-1", "{}", 400, Value::Null);
    check(
        "/chat/completions",
        "sk-1",
        r#"{"model":"m"}"#,
        400,
        json!("missing_required_parameter"),
    );
    check(
        "/chat/completions",
        "sk-1",
        r#"{"model":"m","messages":3}"#,
        400,
        json!("invalid_type"),
    );
    check(
        "/responses",
        "sk-1",
        r#"{"model":"m"}"#,
        400,
        json!("missing_required_parameter"),
    );
    check(
        "/responses",
        "sk-1",
        r#"{"model":"does-not-exist"}"#,
        404,
        json!("model_not_found"),
    );
    check("/nothing", "sk-1", "{}", 404, Value::Null);
    check("/models", "sk-1", "{}", 405, Value::Null);
}

#[test]
fn a_load_has_the_asked_number_and_size_of_chunks() {
    let load = Load {
        chunks: Some(100),
        chunk_bytes: Some(330),
        ..Load::default()
    };
    let server = Server::start(Config {
        load,
        ..Config::default()
    })
    .unwrap();
    let reply = post(
        &server,
        "/chat/completions",
        &merged(chat("Hello"), json!({ "stream": true })),
    );
    let sizes: Vec<usize> = reply.body.split_inclusive("\n\n").map(str::len).collect();
    // The role, the words, the reason for the end, and [DONE].
    assert_eq!(sizes.len(), 103);
    assert!(sizes[..102].iter().all(|size| *size == 330), "{sizes:?}");
    assert_eq!(reply.chunks, 103);
}

fn loaded(load: Load) -> Server {
    let load = Load {
        chunks: Some(70),
        ..load
    };
    Server::start(Config {
        load,
        ..Config::default()
    })
    .unwrap()
}

#[test]
fn a_load_ends_at_the_limit_of_the_request() {
    let server = loaded(Load::default());
    let short = json!({ "stream": true, "max_completion_tokens": 5 });
    let reply = post(&server, "/chat/completions", &merged(chat("Hello"), short));
    assert_eq!(reply.chunks, 5 + 3);
    let whole = json!({ "stream": true });
    let reply = post(&server, "/chat/completions", &merged(chat("Hello"), whole));
    assert_eq!(reply.chunks, 70 + 3);
}

#[test]
fn a_stamped_text_begins_with_the_time_of_its_write() {
    let server = loaded(Load {
        stamp: true,
        batch: Some(1),
        ..Load::default()
    });
    let reply = post(
        &server,
        "/chat/completions",
        &merged(chat("Hello"), json!({ "stream": true })),
    );
    let texts = reply.body.split("\"content\":\"").skip(2);
    let stamps: Vec<u64> = texts.map(|text| text[..19].parse().unwrap()).collect();
    assert_eq!(stamps.len(), 70);
    assert!(stamps.is_sorted() && stamps[0] < stamps[69], "{stamps:?}");
}

#[test]
fn a_tour_visits_every_kind_of_event() {
    let server = loaded(Load {
        all_events: true,
        ..Load::default()
    });
    let body = json!({ "model": "m", "input": "Hello", "stream": true });
    let reply = post(&server, "/responses", &body);
    let events: Vec<Value> = reply
        .body
        .split("data: ")
        .skip(1)
        .map(|event| serde_json::from_str(event.lines().next().unwrap()).unwrap())
        .collect();
    let numbers = events.iter().map(|event| event["sequence_number"].clone());
    assert!(numbers.eq((0..events.len()).map(|number| json!(number))));
    let kinds: std::collections::BTreeSet<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    // Those of the API without the three that end a stream in another way: error, failed and incomplete.
    assert_eq!(kinds.len(), 56, "{kinds:?}");
    let words = events
        .iter()
        .filter(|event| event["type"] == "response.output_text.delta");
    assert_eq!(words.count(), 70);
}

#[test]
fn embeddings_are_vectors_of_length_one_in_either_encoding() {
    let server = server();
    let ask = |fields: Value| {
        let body = merged(json!({ "model": "m", "input": ["a", "b"] }), fields);
        let reply = post(&server, "/embeddings", &body);
        serde_json::from_str::<Value>(&reply.body).unwrap()
    };
    let numbers = ask(json!({}));
    let vector = |at: usize| -> Vec<f32> {
        let vector = numbers["data"][at]["embedding"].as_array().unwrap();
        vector
            .iter()
            .map(|number| number.as_f64().unwrap() as f32)
            .collect()
    };
    assert_eq!(vector(0).len(), 1536);
    assert_ne!(vector(0), vector(1));
    let length: f32 = vector(0).iter().map(|number| number * number).sum();
    assert!((length - 1.0).abs() < 1e-4, "{length}");

    let base64 = ask(json!({ "encoding_format": "base64", "dimensions": 1536 }));
    let text = base64["data"][1]["embedding"].as_str().unwrap();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap();
    let decoded: Vec<f32> = bytes
        .chunks(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    assert_eq!(decoded, vector(1));
    assert_eq!(base64["usage"]["total_tokens"], 2);
}

#[test]
fn requests_to_the_api_are_recorded_too() {
    let server = server();
    post(&server, "/chat/completions", &chat("Hello"));
    let requests: Value = serde_json::from_str(&server.requests(&server.url()).unwrap()).unwrap();
    assert_eq!(requests[0]["path"], "/v1/chat/completions");
    assert_eq!(requests.as_array().unwrap().len(), 1);
}
