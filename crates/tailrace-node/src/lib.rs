//! The Node binding: calls, replies and event streams as seen from JavaScript.
//!
//! Reading order, the same as in the Python binding: [`client`] starts a call, over connections that [`transport`] describes, [`pending`] is the call in flight,
//! [`stream`] its events, [`batch`] the form in which they cross, [`hub`] tells JavaScript what is ready, [`form`], [`options`] and [`failure`] convert on the way in and
//! out, and [`guard`] keeps panics inside. [`exchange`] is an attempt that the caller's `fetch` sends, [`decode`] reads events that came another way, [`partial`] JSON text that goes on, [`vectors`] reads those of a body, [`schema`] judges texts, [`mock`] is the embedded test server.
//!
//! Invariants:
//!
//! * No `async fn` and no promise is exported: JavaScript is woken at most once for whatever became ready meanwhile and
//!   pulls the rest itself.
//! * Failures cross as data. The only exceptions are a closed environment and a fault in this crate, which asks for a
//!   report ([`guard::guard`]).
//! * Nothing here knows an endpoint; a branch on meaning belongs into the core.

mod batch;
mod client;
mod credentials;
mod decode;
mod exchange;
mod failure;
mod form;
mod guard;
mod hub;
mod mock;
mod options;
mod partial;
mod pending;
mod schema;
mod signer;
mod stream;
mod strict;
mod transcript;
mod transport;
mod vectors;
mod websocket;

use napi_derive::napi;
use tailrace_core::error::Code;

/// The version of this addon; the JavaScript around it checks that it is its own.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Every code that a failure can have, for the test of the table from code to class.
#[napi]
pub fn error_codes() -> Vec<&'static str> {
    Code::ALL.iter().map(|code| code.as_str()).collect()
}

/// Panics, so that a test can see what a panic becomes.
#[napi]
#[allow(clippy::panic, reason = "a test needs a panic to look at")]
pub fn provoke_panic() -> napi::Result<()> {
    guard::guard(|| panic!("provoked by a test"))
}
