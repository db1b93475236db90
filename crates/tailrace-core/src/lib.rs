//! The part of tailrace that decides: what to send, when to retry, what an event stream says, what a failure is.
//!
//! Reading order: [`request`] builds one HTTP request from options; [`call`] takes it from its first attempt to its
//! outcome, asking [`retry`] after each attempt; [`credentials`] decides about tokens that are exchanged; [`sse`] turns the bytes of an accepted stream into events, and [`pattern`] takes
//! apart those that repeat; [`json`] reads text that arrives in
//! pieces, [`accumulate`] merges deltas; [`transcript`] tells the turns of two speakers; [`error`] is the closed list of everything that can go wrong.
//!
//! Invariants:
//!
//! * Nothing here performs I/O: no socket, file, environment variable, clock, random number, thread or sleep. Time,
//!   jitter and bytes are arguments, so every rule is a table of tests that takes microseconds.
//! * Nothing here names an endpoint, a model, a parameter or a host language. Where the official packages differ, the
//!   difference is a value ([`retry::ServerDelay`], [`sse::Options`], [`request::Quoting`]) that a binding picks.
//! * No input panics.

pub mod accumulate;
pub mod binary;
pub mod call;
pub mod credentials;
pub mod error;
pub mod json;
pub mod pattern;
pub mod request;
pub mod response;
pub mod retry;
pub mod schema;
pub mod sse;
pub mod transcript;
pub mod vectors;
