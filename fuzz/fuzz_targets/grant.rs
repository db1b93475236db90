//! See `checks/grant.rs`.

#![no_main]

#[path = "../checks/grant.rs"]
mod grant;

libfuzzer_sys::fuzz_target!(|input: &[u8]| grant::check(input));
