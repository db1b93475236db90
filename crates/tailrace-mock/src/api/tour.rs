//! A long stream of responses that visits every type of event that a stream may hold before its end.
//!
//! In each lap the model thinks, searches, runs code and commands, calls tools of every kind, draws, and writes; most
//! events of a lap are pieces of text, as in real streams.

use serde_json::{Value, json};

use super::reply::Reply;
use super::responses::Events;
use super::service::with;

/// The pieces of text of a lap.
const WORDS: usize = 60;
/// The pieces of anything else that comes in pieces.
const PIECES: usize = 8;

/// Adds laps until every word of the reply was said.
pub(super) fn visit(events: &mut Events, reply: &Reply) {
    events.push("response.queued", json!({ "response": {} }));
    let mut stage = Stage { events, index: 0 };
    for words in reply.words.chunks(WORDS) {
        stage.think(words);
        stage.search();
        stage.run_code(words);
        stage.run_command(words);
        stage.call_tools(words);
        stage.draw();
        stage.write(words);
        stage.speak(words);
    }
}

/// Where the tour stands.
struct Stage<'a> {
    events: &'a mut Events,
    /// The output item.
    index: usize,
}

impl Stage<'_> {
    fn id(&self) -> String {
        format!("item_{:048x}", self.index)
    }

    fn push(&mut self, kind: &str, fields: Value) {
        let place = json!({ "item_id": self.id(), "output_index": self.index });
        self.events.push(kind, with(place, fields));
    }

    /// An item, from its beginning to its end, with what happens between.
    fn item(&mut self, item: Value, within: impl FnOnce(&mut Self)) {
        let place = json!({ "id": self.id() });
        let item = |status: &str| {
            let begun = with(place.clone(), json!({ "status": status }));
            with(begun, item.clone())
        };
        let event = json!({ "output_index": self.index, "item": item("in_progress") });
        self.events.push("response.output_item.added", event);
        within(self);
        let event = json!({ "output_index": self.index, "item": item("completed") });
        self.events.push("response.output_item.done", event);
        self.index += 1;
    }

    fn think(&mut self, words: &[String]) {
        self.item(json!({ "type": "reasoning", "summary": [] }), |stage| {
            let kind = |rest: &str| format!("response.reasoning_summary_{rest}");
            let at = json!({ "summary_index": 0 });
            let part = |text: &str| {
                with(
                    at.clone(),
                    json!({ "part": { "type": "summary_text", "text": text } }),
                )
            };
            stage.push(&kind("part.added"), part(""));
            stage.pieces(&kind("text"), words, "text", &at);
            stage.push(&kind("part.done"), part(&words.concat()));
            let at = json!({ "content_index": 0 });
            stage.pieces("response.reasoning_text", words, "text", &at);
        });
        self.item(
            json!({ "type": "compaction", "encrypted_content": "" }),
            |stage| {
                stage.push("response.compaction.compacting", json!({}));
            },
        );
    }

    fn search(&mut self) {
        let action =
            json!({ "type": "search", "query": "tide tables", "queries": ["tide tables"] });
        self.item(
            json!({ "type": "web_search_call", "action": action }),
            |stage| {
                stage.states(
                    "response.web_search_call",
                    &["in_progress", "searching", "completed"],
                )
            },
        );
        self.item(
            json!({ "type": "file_search_call", "queries": ["tides"], "results": null }),
            |stage| {
                stage.states(
                    "response.file_search_call",
                    &["in_progress", "searching", "completed"],
                )
            },
        );
    }

    fn run_code(&mut self, words: &[String]) {
        let item = json!({ "type": "code_interpreter_call", "code": words.concat(), "container_id": "cntr_1", "outputs": null });
        self.item(item, |stage| {
            stage.states("response.code_interpreter_call", &["in_progress"]);
            stage.pieces(
                "response.code_interpreter_call_code",
                words,
                "code",
                &json!({}),
            );
            stage.states(
                "response.code_interpreter_call",
                &["interpreting", "completed"],
            );
        });
    }

    fn run_command(&mut self, words: &[String]) {
        let action = json!({ "commands": ["date"], "timeout_ms": 1000, "max_output_length": null });
        let item = json!({ "type": "shell_call", "call_id": "call_1", "action": action });
        self.item(item, |stage| {
            let at = json!({ "command_index": 0 });
            let command = with(at.clone(), json!({ "command": "" }));
            stage.push("response.shell_call_command.added", command);
            stage.pieces("response.shell_call_command", words, "command", &at);
            let piece = json!({ "stdout": "Sun Nov 22", "stderr": "" });
            let kind = "response.shell_call_output_content";
            let delta = with(at.clone(), json!({ "delta": piece }));
            stage.push(&format!("{kind}.delta"), delta);
            let outcome = json!({ "outcome": { "type": "exit", "exit_code": 0 } });
            let output = json!({ "output": [with(piece, outcome)] });
            stage.push(&format!("{kind}.done"), with(at, output));
        });
    }

    fn call_tools(&mut self, words: &[String]) {
        let call = |kind: &str| json!({ "type": kind, "call_id": "call_2", "name": "measure", "arguments": "" });
        self.item(call("function_call"), |stage| {
            stage.pieces(
                "response.function_call_arguments",
                words,
                "arguments",
                &json!({}),
            );
        });
        let item =
            json!({ "type": "custom_tool_call", "call_id": "call_3", "name": "note", "input": "" });
        self.item(item, |stage| {
            stage.pieces(
                "response.custom_tool_call_input",
                words,
                "input",
                &json!({}),
            );
        });
        let server = json!({ "server_label": "sea" });
        let item = with(
            json!({ "type": "mcp_list_tools", "tools": [] }),
            server.clone(),
        );
        self.item(item, |stage| {
            stage.states(
                "response.mcp_list_tools",
                &["in_progress", "failed", "completed"],
            );
        });
        self.item(with(call("mcp_call"), server), |stage| {
            stage.states("response.mcp_call", &["in_progress"]);
            stage.pieces(
                "response.mcp_call_arguments",
                words,
                "arguments",
                &json!({}),
            );
            stage.states("response.mcp_call", &["failed", "completed"]);
        });
    }

    fn draw(&mut self) {
        self.item(
            json!({ "type": "image_generation_call", "result": null }),
            |stage| {
                let kind = "response.image_generation_call";
                stage.states(kind, &["in_progress", "generating"]);
                let image =
                    json!({ "partial_image_index": 0, "partial_image_b64": "iVBORw0KGgo=" });
                stage.push(&format!("{kind}.partial_image"), image);
                stage.states(kind, &["completed"]);
            },
        );
    }

    fn write(&mut self, words: &[String]) {
        let item = json!({ "type": "message", "role": "assistant", "content": [] });
        self.item(item, |stage| {
            let at = json!({ "content_index": 0 });
            let part = |text: &str| {
                let part = json!({ "type": "output_text", "annotations": [], "logprobs": [], "text": text });
                with(at.clone(), json!({ "part": part }))
            };
            stage.push("response.content_part.added", part(""));
            for word in words {
                let delta = with(at.clone(), json!({ "delta": word, "logprobs": [] }));
                stage.push("response.output_text.delta", delta);
            }
            let citation = json!({
                "type": "url_citation", "url": "https://example.com/tides", "title": "Tides", "start_index": 0, "end_index": 4,
            });
            let note = json!({ "annotation_index": 0, "annotation": citation });
            stage.push("response.output_text.annotation.added", with(at.clone(), note));
            let whole = json!({ "text": words.concat(), "logprobs": [] });
            stage.push("response.output_text.done", with(at.clone(), whole));
            stage.push("response.content_part.done", part(&words.concat()));
            stage.pieces("response.refusal", words, "refusal", &json!({ "content_index": 1 }));
        });
    }

    fn speak(&mut self, words: &[String]) {
        for kind in ["response.audio", "response.audio.transcript"] {
            let delta = json!({ "delta": words.concat() });
            self.events.push(&format!("{kind}.delta"), delta);
            self.events.push(&format!("{kind}.done"), json!({}));
        }
    }

    fn states(&mut self, kind: &str, states: &[&str]) {
        for state in states {
            self.push(&format!("{kind}.{state}"), json!({}));
        }
    }

    /// Something that comes in pieces and then whole, under the name of its field.
    fn pieces(&mut self, kind: &str, words: &[String], field: &str, at: &Value) {
        let words = words.get(..PIECES).unwrap_or(words);
        for word in words {
            let delta = with(at.clone(), json!({ "delta": word }));
            self.push(&format!("{kind}.delta"), delta);
        }
        let whole = with(at.clone(), json!({ field: words.concat() }));
        self.push(&format!("{kind}.done"), whole);
    }
}
