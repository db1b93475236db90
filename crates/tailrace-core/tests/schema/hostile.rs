//! Schemas that mean harm are compiled or refused, within bounded time and memory.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tailrace_core::{
    json::Options,
    schema::{MAX_DEPTH, Schema},
};

/// What none of them may take, on a slow and busy machine and without optimization: what is not bounded takes days.
const LIMIT: Duration = Duration::from_secs(120);

/// Compiles a schema and gives it a text, whole and byte by byte; whether it was compiled.
fn check(schema: &Value, text: &str) -> bool {
    let start = Instant::now();
    let compiled = Schema::compile(&schema.to_string());
    if let Ok(schema) = &compiled {
        let options = Options::strict(MAX_DEPTH);
        schema.violation(text.as_bytes(), options);
        let mut prefix = schema.prefix(options);
        for byte in text.bytes() {
            prefix.push(&[byte]);
        }
        prefix.finish();
    }
    assert!(start.elapsed() < LIMIT, "it took {:?}", start.elapsed());
    compiled.is_ok()
}

/// Definitions that each refer to the next, the last one to `last`.
fn chain(length: usize, link: impl Fn(Value) -> Value, last: Value) -> Value {
    let mut definitions = Map::new();
    for index in 0..length {
        let next = json!({"$ref": format!("#/$defs/{}", index + 1)});
        definitions.insert(index.to_string(), link(next));
    }
    definitions.insert(length.to_string(), last);
    json!({"$ref": "#/$defs/0", "$defs": definitions})
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about time, which Miri makes a thousand times as long"
)]
fn many_branches_are_compiled_or_refused() {
    let branches = |count: u32| {
        (0..count)
            .map(|index| json!({"const": index.to_string()}))
            .collect::<Vec<_>>()
    };
    assert!(check(&json!({"anyOf": branches(2_000)}), "\"1999\""));
    assert!(!check(&json!({"anyOf": branches(100_001)}), "1"));
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about time, which Miri makes a thousand times as long"
)]
fn long_chains_are_refused_and_short_ones_that_branch_end() {
    assert!(!check(
        &chain(20_000, |next| next, json!({"type": "integer"})),
        "1"
    ));
    assert!(!check(
        &chain(600, |next| json!({"not": next}), json!({"type": "integer"})),
        "1"
    ));
    assert!(check(
        &chain(
            12,
            |next| json!({"anyOf": [next, next]}),
            json!({"type": "integer"})
        ),
        "1"
    ));
    assert!(check(
        &json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}),
        "{\"a\": [1]}"
    ));
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about time, which Miri makes a thousand times as long"
)]
fn chains_of_names_and_of_every_dialect_are_refused() {
    const LENGTH: usize = 20_000;
    let parts = |part: &dyn Fn(usize) -> Value| -> Map<String, Value> {
        (0..LENGTH)
            .map(|index| (index.to_string(), part(index)))
            .collect()
    };
    let anchors = |index: usize| json!({"$anchor": format!("a{index}"), "not": {"$ref": format!("#a{}", index + 1)}});
    assert!(!check(
        &json!({"$ref": "#a0", "$defs": parts(&anchors)}),
        "1"
    ));
    let dynamic = |index: usize| json!({"$dynamicAnchor": format!("a{index}"), "if": {"$dynamicRef": format!("#a{}", index + 1)}});
    assert!(!check(
        &json!({"$dynamicRef": "#a0", "$defs": parts(&dynamic)}),
        "1"
    ));
    let names = |index: usize| json!({"$id": format!("http://example.org/{index}"), "allOf": [{"$ref": (index + 1).to_string()}]});
    assert!(!check(
        &json!({"$id": "http://example.org/", "$ref": "0", "$defs": parts(&names)}),
        "1"
    ));
    let next = |index: usize| json!({"$ref": format!("#/definitions/{}", index + 1)});
    for draft in ["draft-04", "draft-06", "draft-07"] {
        let schema = json!({"$schema": format!("http://json-schema.org/{draft}/schema#"), "$ref": "#/definitions/0", "definitions": parts(&next)});
        assert!(!check(&schema, "1"), "{draft}");
    }
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about time, which Miri makes a thousand times as long"
)]
fn what_branches_at_every_step_ends() {
    let doubled = |next: Value| json!({"anyOf": [next, next]});
    let text = "\"short\"";
    assert!(check(&chain(8, doubled, json!({"minLength": 100})), text));
    assert!(!check(&chain(40, doubled, json!({"minLength": 100})), text));
    assert!(!check(&chain(40, doubled, json!({"$ref": "#"})), text));
    let tree = json!({
        "properties": {"a": {"$ref": "#"}}, "unevaluatedProperties": false,
        "anyOf": [{"properties": {"b": true}}, {"properties": {"c": {"$ref": "#"}}}]
    });
    check(&tree, &("{\"a\":".repeat(100) + "1" + &"}".repeat(100)));
    let deep = chain(
        300,
        |next| json!({"properties": {"a": next}}),
        json!({"type": "integer"}),
    );
    assert!(check(
        &deep,
        &("{\"a\":".repeat(100) + "1" + &"}".repeat(100))
    ));
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about time, which Miri makes a thousand times as long"
)]
fn patterns_are_matched_in_bounded_time_or_refused() {
    let text = format!("\"{}!\"", "a".repeat(5_000));
    assert!(check(&json!({"pattern": "^(a+)+$"}), &text));
    check(&json!({"pattern": "^(?=(a+)+$)(a+)+$"}), &text);
    assert!(!check(
        &json!({"pattern": "((a{1,1000}){1,1000}){1,1000}"}),
        &text
    ));
    let patterns: Vec<Value> = (0..1_001)
        .map(|index| json!({"pattern": format!("^a{index}")}))
        .collect();
    assert!(!check(&json!({"allOf": patterns}), &text));
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about time, which Miri makes a thousand times as long"
)]
fn huge_limits_and_depths_are_only_numbers() {
    let huge =
        json!({"maxLength": 1_000_000_000_000_u64, "minItems": 1e30, "items": {"$ref": "#"}});
    assert!(check(&huge, &("[".repeat(100_000) + "]")));
    assert!(check(&huge, &("[".repeat(900) + &"]".repeat(900))));
    let branching = json!({"anyOf": [{"items": {"$ref": "#"}, "minItems": 1}, {"items": {"$ref": "#"}, "maxItems": 1}]});
    assert!(check(&branching, &("[".repeat(200) + &"]".repeat(200))));
}
