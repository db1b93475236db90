//! How long judging takes: `cargo run --release -p tailrace-core --example schema_speed`. The plain reader and the
//! `jsonschema` crate alone are beside it, in turn in one run.

#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::{hint::black_box, time::Instant};

use serde_json::{Value, json};
use tailrace_core::{
    json::{Literal, Options, Scanner, Sink},
    schema::Schema,
};

/// Rounds, of which the fastest counts.
const ROUNDS: usize = 15;
/// Bytes of a delta.
const DELTAS: [usize; 3] = [4, 64, 65_536];

/// Takes everything and keeps nothing.
struct Nothing;

impl Sink for Nothing {
    fn begin_object(&mut self, _: usize) {}
    fn key(&mut self, _: &str, _: usize) {}
    fn end_object(&mut self, _: usize) {}
    fn begin_array(&mut self, _: usize) {}
    fn end_array(&mut self, _: usize) {}
    fn text_begin(&mut self, _: usize) {}
    fn text(&mut self, _: &str, _: usize) {}
    fn text_end(&mut self, _: usize) {}
    fn number(&mut self, _: &str, _: usize) {}
    fn literal(&mut self, _: Literal, _: usize) {}
}

fn main() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["title", "steps"],
        "properties": {"title": {"type": "string"}, "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}}},
        "$defs": {"step": {
            "type": "object", "additionalProperties": false, "required": ["id", "text", "state", "score", "note", "tags"],
            "properties": {
                "id": {"type": "integer", "minimum": 0}, "text": {"type": "string"},
                "state": {"enum": ["open", "done", "lost"]}, "score": {"type": "number", "maximum": 100},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "tags": {"type": "array", "items": {"type": "string"}}
            }
        }}
    });
    let step = |id: usize| {
        json!({"id": id, "text": "Boil the water, then wait for three minutes and pour it over the leaves.", "state": "open",
               "score": 12.5, "note": if id.is_multiple_of(2) { Value::Null } else { json!("a note") }, "tags": ["tea", "water"]})
    };
    let text =
        json!({"title": "Tea", "steps": (0..6_000).map(step).collect::<Vec<_>>()}).to_string();
    let compiled = Schema::compile(&schema.to_string()).ok();
    let judge = jsonschema::validator_for(&schema).ok();
    let (Some(compiled), Some(judge)) = (compiled, judge) else {
        return println!("the schema is refused");
    };
    let options = Options::strict(100);
    println!("{} bytes; milliseconds", text.len());
    let whole = best(|| assert!(compiled.violation(text.as_bytes(), options).is_none()));
    let alone = best(|| {
        let document: Value = serde_json::from_str(&text).unwrap_or_default();
        assert!(judge.is_valid(&document));
    });
    println!(
        "whole {whole:.2}, jsonschema alone {alone:.2}: {:.2}",
        whole / alone
    );
    for delta in DELTAS {
        let plain = best(|| {
            let mut scanner = Scanner::new(options);
            for piece in text.as_bytes().chunks(delta) {
                black_box(scanner.push(piece, &mut Nothing).is_ok());
            }
        });
        let judged = best(|| {
            let mut prefix = compiled.prefix(options);
            for piece in text.as_bytes().chunks(delta) {
                assert!(prefix.push(piece).is_none());
            }
            assert!(prefix.finish().is_none());
        });
        println!(
            "deltas of {delta}: judged {judged:.2}, read {plain:.2}: {:.2}",
            judged / plain
        );
    }
}

fn best(mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    best
}
