//! See `checks/multipart.rs`.

#![no_main]

#[path = "../checks/multipart.rs"]
mod multipart;

libfuzzer_sys::fuzz_target!(|input: &[u8]| multipart::check(input));
