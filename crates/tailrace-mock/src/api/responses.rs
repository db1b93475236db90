//! Responses.

use serde_json::{Value, json};

use super::prompt::Prompt;
use super::reply::{Call, Reply, argument_pieces, usage};
use super::service::{Kind, with};
use super::{text, tour};
use crate::server::Load;

/// `POST /v1/responses`.
pub(crate) struct Responses;

impl Kind for Responses {
    fn whole(&self, body: &Value, prompt: &Prompt, reply: &Reply) -> Value {
        response(body, prompt, Some(reply))
    }

    fn events(&self, body: &Value, prompt: &Prompt, reply: &Reply, load: &Load) -> Vec<String> {
        let mut events = Events {
            rendered: Vec::with_capacity(reply.words.len() + 9),
        };
        let begun = response(body, prompt, None);
        events.push("response.created", json!({ "response": begun }));
        events.push("response.in_progress", json!({ "response": begun }));
        if load.all_events {
            tour::visit(&mut events, reply);
        } else if reply.calls.is_empty() {
            events.message(prompt, reply);
        }
        for (index, call) in reply.calls.iter().enumerate() {
            events.call(prompt, index, call);
        }
        events.push(
            "response.completed",
            json!({ "response": response(body, prompt, Some(reply)) }),
        );
        events.rendered
    }

    fn cache_key(&self, prompt: &Prompt) -> String {
        format!("responses {}", prompt.model)
    }
}

/// The events of a stream, numbered and spelled.
pub(super) struct Events {
    rendered: Vec<String>,
}

impl Events {
    pub(super) fn push(&mut self, kind: &str, fields: Value) {
        let event = with(
            json!({ "type": kind, "sequence_number": self.rendered.len() }),
            fields,
        );
        self.rendered
            .push(format!("event: {kind}\ndata: {event}\n\n"));
    }

    fn message(&mut self, prompt: &Prompt, reply: &Reply) {
        let id = message_id(prompt);
        let item = json!({ "id": id, "type": "message", "status": "in_progress", "content": [], "role": "assistant" });
        self.push(
            "response.output_item.added",
            json!({ "output_index": 0, "item": item }),
        );
        let place = |fields: Value| {
            with(
                json!({ "item_id": id, "output_index": 0, "content_index": 0 }),
                fields,
            )
        };
        self.push(
            "response.content_part.added",
            place(json!({ "part": text_part("") })),
        );
        for word in &reply.words {
            self.push(
                "response.output_text.delta",
                place(json!({ "delta": word, "logprobs": [] })),
            );
        }
        let whole = reply.text();
        self.push(
            "response.output_text.done",
            place(json!({ "text": whole, "logprobs": [] })),
        );
        self.push(
            "response.content_part.done",
            place(json!({ "part": text_part(&whole) })),
        );
        let item = message_item(prompt, &whole);
        self.push(
            "response.output_item.done",
            json!({ "output_index": 0, "item": item }),
        );
    }

    fn call(&mut self, prompt: &Prompt, index: usize, call: &Call) {
        let id = call_item_id(prompt, call);
        let begun = json!({ "status": "in_progress", "arguments": "" });
        let item = with(call_item(prompt, call), begun);
        self.push(
            "response.output_item.added",
            json!({ "output_index": index, "item": item }),
        );
        for piece in argument_pieces(&call.arguments) {
            let event = json!({ "item_id": id, "output_index": index, "delta": piece });
            self.push("response.function_call_arguments.delta", event);
        }
        let done = json!({ "item_id": id, "output_index": index, "name": call.name, "arguments": call.arguments });
        self.push("response.function_call_arguments.done", done);
        let item = call_item(prompt, call);
        self.push(
            "response.output_item.done",
            json!({ "output_index": index, "item": item }),
        );
    }
}

fn response(body: &Value, prompt: &Prompt, reply: Option<&Reply>) -> Value {
    let asked = |key: &str, usual: Value| {
        body.get(key)
            .filter(|value| !value.is_null())
            .cloned()
            .unwrap_or(usual)
    };
    let output: Vec<Value> = match reply {
        None => Vec::new(),
        Some(reply) if reply.calls.is_empty() => vec![message_item(prompt, &reply.text())],
        Some(reply) => reply
            .calls
            .iter()
            .map(|call| call_item(prompt, call))
            .collect(),
    };
    let usage = reply.map(|reply| {
        let details = json!({
            "input_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
            "output_tokens_details": { "reasoning_tokens": 0 },
        });
        with(
            usage(prompt, reply, ["input_tokens", "output_tokens"]),
            details,
        )
    });
    json!({
        "id": text::hex_id("resp_", prompt.seed, 48),
        "object": "response",
        "created_at": text::now(),
        "status": if reply.is_some() { "completed" } else { "in_progress" },
        "background": false,
        "completed_at": reply.map(|_| text::now()),
        "error": null,
        "incomplete_details": null,
        "instructions": asked("instructions", Value::Null),
        "max_output_tokens": asked("max_output_tokens", Value::Null),
        "max_tool_calls": asked("max_tool_calls", Value::Null),
        "model": prompt.model,
        "output": output,
        "parallel_tool_calls": asked("parallel_tool_calls", json!(true)),
        "previous_response_id": asked("previous_response_id", Value::Null),
        "prompt_cache_key": asked("prompt_cache_key", Value::Null),
        "reasoning": asked("reasoning", json!({ "effort": null, "summary": null })),
        "safety_identifier": asked("safety_identifier", Value::Null),
        "service_tier": if reply.is_some() { "default" } else { "auto" },
        "store": asked("store", json!(true)),
        "temperature": asked("temperature", json!(1.0)),
        "text": asked("text", json!({ "format": { "type": "text" }, "verbosity": "medium" })),
        "tool_choice": asked("tool_choice", json!("auto")),
        "tools": asked("tools", json!([])),
        "top_logprobs": asked("top_logprobs", json!(0)),
        "top_p": asked("top_p", json!(1.0)),
        "truncation": asked("truncation", json!("disabled")),
        "usage": usage,
        "user": asked("user", Value::Null),
        "metadata": asked("metadata", json!({})),
    })
}

fn message_id(prompt: &Prompt) -> String {
    text::hex_id("msg_", prompt.seed, 48)
}

fn text_part(text: &str) -> Value {
    json!({ "type": "output_text", "annotations": [], "logprobs": [], "text": text })
}

fn message_item(prompt: &Prompt, text: &str) -> Value {
    json!({
        "id": message_id(prompt),
        "type": "message",
        "status": "completed",
        "content": [text_part(text)],
        "role": "assistant",
    })
}

fn call_item(prompt: &Prompt, call: &Call) -> Value {
    json!({
        "id": call_item_id(prompt, call),
        "type": "function_call",
        "status": "completed",
        "arguments": call.arguments,
        "call_id": call.id,
        "name": call.name,
    })
}

fn call_item_id(prompt: &Prompt, call: &Call) -> String {
    text::hex_id("fc_", prompt.seed ^ text::seed(call.id.as_bytes()), 48)
}
