//! Any text is a schema or is refused, and what is one obeys the laws for any document: a text, a zero byte, a text.

#![no_main]

#[path = "../../crates/tailrace-core/tests/schema/laws.rs"]
#[allow(dead_code, reason = "the rest is for the tests")]
mod laws;

use serde_json::Value;
use tailrace_core::{
    json::Options,
    schema::{MAX_DEPTH, Schema},
};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(input) = std::str::from_utf8(input) else {
        return;
    };
    let (schema, document) = input.split_once('\0').unwrap_or((input, "{}"));
    let Ok(compiled) = Schema::compile(schema) else {
        return;
    };
    let options = Options::strict(MAX_DEPTH);
    compiled.violation(document.as_bytes(), options);
    let mut prefix = compiled.prefix(options);
    for byte in document.bytes() {
        prefix.push(&[byte]);
    }
    prefix.finish();
    let (Ok(schema), Ok(document)) = (
        serde_json::from_str::<Value>(schema),
        serde_json::from_str::<Value>(document),
    ) else {
        return;
    };
    let judge = laws::judge(&schema).expect("what is compiled is a schema to the judge, too");
    // Written anew, no member is there twice, of which a beginning judges each and the whole the last.
    laws::check(&compiled, &judge, &document.to_string(), "");
});
