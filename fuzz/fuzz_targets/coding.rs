//! See `checks/coding.rs`.

#![no_main]

#[path = "../checks/coding.rs"]
mod coding;

libfuzzer_sys::fuzz_target!(|input: &[u8]| coding::check(input));
