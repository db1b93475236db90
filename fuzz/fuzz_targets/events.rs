//! Any bytes give the same events in every cut, and the same as the crate `sse-stream` finds.

#![no_main]

#[path = "../../crates/tailrace-core/tests/sse/compare.rs"]
#[allow(dead_code, reason = "the other half is for the other target")]
mod compare;

libfuzzer_sys::fuzz_target!(|input: &[u8]| compare::check_events(input));
