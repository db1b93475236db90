//! Whether to try again, and after how long.
//!
//! The numbers are those of the official packages: two retries; 408, 409, 429 and 5xx; `x-should-retry` overrides;
//! `retry-after-ms` before `retry-after`; otherwise half a second, doubled up to eight, less up to a quarter of jitter.

//!
//! A policy may have other pauses, name a text in a failure's body that rules a retry out, and ask the caller each time.

mod backoff;
mod policy;
mod retry_after;
mod ruled_out;

pub use backoff::Backoff;
pub use policy::{Asked, Decision, Policy, ServerDelay};
pub use retry_after::retry_after;
pub use ruled_out::RuledOut;
