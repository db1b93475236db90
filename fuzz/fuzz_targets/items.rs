//! Any bytes give the same items in every cut, and the same in both languages but for what they are meant to read
//! differently.

#![no_main]

#[path = "../../crates/tailrace-core/tests/sse/compare.rs"]
#[allow(dead_code, reason = "the other half is for the other target")]
mod compare;

libfuzzer_sys::fuzz_target!(|input: &[u8]| compare::check_items(input));
