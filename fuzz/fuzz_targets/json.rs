//! Any bytes give the same JSON in every cut, whole and so far, and what serde_json and jiter make of them.

#![no_main]

#[path = "../../crates/tailrace-core/tests/json/compare.rs"]
mod compare;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    // The last bytes say where the text is cut.
    let (text, cuts) = input.split_at(input.len() - input.len().min(4));
    let mut cuts = cuts.iter().cycle();
    compare::check(text, |limit| {
        usize::from(*cuts.next().unwrap_or(&0)) % limit
    });
});
