//! Whether to try again, and after how long.
//!
//! The numbers are those of the official packages: two retries; 408, 409, 429 and 5xx; `x-should-retry` overrides;
//! `retry-after-ms` before `retry-after`; otherwise half a second, doubled up to eight, less up to a quarter of jitter.

mod backoff;
mod policy;
mod retry_after;

pub use backoff::backoff;
pub use policy::{Policy, ServerDelay};
pub use retry_after::retry_after;
