//! Chat completions.

use serde_json::{Value, json};

use super::prompt::Prompt;
use super::reply::{Reply, argument_pieces, usage};
use super::service::{Kind, with};
use super::text;
use crate::server::Load;

/// `POST /v1/chat/completions`.
pub(crate) struct Chat;

const FINGERPRINT: &str = "fp_34a54ae93c";

impl Kind for Chat {
    fn whole(&self, _body: &Value, prompt: &Prompt, reply: &Reply) -> Value {
        let message =
            json!({ "role": "assistant", "content": null, "refusal": null, "annotations": [] });
        let message = if reply.calls.is_empty() {
            with(message, json!({ "content": reply.text() }))
        } else {
            let calls = reply.calls.iter().map(|call| {
                let function = json!({ "name": call.name, "arguments": call.arguments });
                json!({ "id": call.id, "type": "function", "function": function })
            });
            with(message, json!({ "tool_calls": calls.collect::<Vec<_>>() }))
        };
        let choices: Vec<Value> = (0..prompt.count)
            .map(|index| {
                let finish_reason = reply.finish_reason;
                json!({ "index": index, "message": message, "logprobs": null, "finish_reason": finish_reason })
            })
            .collect();
        json!({
            "id": text::id("chatcmpl-", prompt.seed, 29),
            "object": "chat.completion",
            "created": text::now(),
            "model": prompt.model,
            "choices": choices,
            "usage": full_usage(prompt, reply),
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        })
    }

    fn events(&self, _body: &Value, prompt: &Prompt, reply: &Reply, load: &Load) -> Vec<String> {
        let begin = json!({
            "id": text::id("chatcmpl-", prompt.seed, 29),
            "object": "chat.completion.chunk",
            "created": text::now(),
            "model": prompt.model,
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        });
        let begin = begin.to_string();
        let begin = begin.trim_end_matches('}').to_owned();
        let chunks = Chunks {
            prompt,
            begin,
            chunk_bytes: load.chunk_bytes,
        };
        let mut events = Vec::with_capacity(reply.words.len() + 4);
        for index in 0..prompt.count {
            chunks.choice(index, reply, &mut events);
        }
        if prompt.include_usage {
            events.push(chunks.render(json!([]), full_usage(prompt, reply)));
        }
        events.push("data: [DONE]\n\n".to_owned());
        events
    }

    fn cache_key(&self, prompt: &Prompt) -> String {
        format!(
            "chat {} {} {}",
            prompt.include_usage, prompt.count, prompt.model
        )
    }
}

struct Chunks<'a> {
    prompt: &'a Prompt,
    /// What every chunk begins with, its last brace missing.
    begin: String,
    chunk_bytes: Option<usize>,
}

impl Chunks<'_> {
    fn choice(&self, index: usize, reply: &Reply, events: &mut Vec<String>) {
        let mut push = |delta: Value, finish_reason: Option<&str>| {
            let choice = json!({ "index": index, "delta": delta, "logprobs": null, "finish_reason": finish_reason });
            events.push(self.render(json!([choice]), Value::Null));
        };
        if reply.calls.is_empty() {
            push(
                json!({ "role": "assistant", "content": "", "refusal": null }),
                None,
            );
        }
        for word in &reply.words {
            push(json!({ "content": word }), None);
        }
        for (number, call) in reply.calls.iter().enumerate() {
            let function = json!({ "name": call.name, "arguments": "" });
            let start =
                json!({ "index": number, "id": call.id, "type": "function", "function": function });
            match number {
                0 => push(
                    json!({ "role": "assistant", "content": null, "tool_calls": [start], "refusal": null }),
                    None,
                ),
                _ => push(json!({ "tool_calls": [start] }), None),
            }
            for piece in argument_pieces(&call.arguments) {
                let part = json!({ "index": number, "function": { "arguments": piece } });
                push(json!({ "tool_calls": [part] }), None);
            }
        }
        push(json!({}), Some(reply.finish_reason));
    }

    /// Joins text rather than values: a load renders hundreds of thousands of chunks.
    fn render(&self, choices: Value, usage: Value) -> String {
        let mut event = format!("data: {},\"choices\":{choices}", self.begin);
        if self.prompt.include_usage {
            event.push_str(&format!(",\"usage\":{usage}"));
        }
        if let Some(size) = self.chunk_bytes {
            let empty = ",\"obfuscation\":\"\"}\n\n".len();
            let missing = size.saturating_sub(event.len() + empty);
            event.push_str(&format!(",\"obfuscation\":\"{}\"", "x".repeat(missing)));
        }
        event.push_str("}\n\n");
        event
    }
}

fn full_usage(prompt: &Prompt, reply: &Reply) -> Value {
    let details = json!({
        "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    });
    with(
        usage(prompt, reply, ["prompt_tokens", "completion_tokens"]),
        details,
    )
}
