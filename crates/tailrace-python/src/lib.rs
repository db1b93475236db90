//! The native module of the Python package: `tailrace._native`.
//!
//! Each function converts its arguments, makes one call into `tailrace-client`, and converts the result. What a call
//! means is decided in `tailrace-core`; which exception a failure becomes is decided in `python/tailrace/_exceptions.py`.
//!
//! Reading order: [`client`] starts a call, over connections that [`transport`] describes, with what [`form`], [`sink`] and [`options`] convert; [`pending`] is the call in flight
//! and [`reply`] what it settles to; [`stream`] and [`chunks`] are two ways to read a body, over one [`source`];
//! [`websocket`] is a connection that goes on; [`exchange`] is an attempt that Python makes itself, and [`room`] what it waits for; [`hub`] wakes asyncio, and [`trio`] is
//! the other kind of loop.
//!
//! Invariants:
//!
//! * The background thread never holds the GIL: it marks a stream ready and writes to a file descriptor.
//! * Nothing blocks while it holds the GIL.
//! * A panic becomes an exception that asks for a report ([`guard`]).

mod accumulate;
mod awaitable;
mod binary;
mod chunks;
mod client;
mod credentials;
mod exchange;
mod failure;
mod form;
mod guard;
mod hub;
mod interpreter;
mod json;
mod mock;
mod models;
mod options;
mod partial;
mod pending;
mod reply;
mod room;
mod schema;
mod signer;
mod sink;
mod source;
mod stream;
mod strict;
mod transcript;
mod transport;
mod trio;
mod vectors;
mod websocket;

use pyo3::prelude::*;
use tailrace_core::error::Code;

/// The codes that a `Failure` can have.
#[pyfunction]
fn error_codes() -> Vec<&'static str> {
    Code::ALL.iter().map(|code| code.as_str()).collect()
}

/// Makes everything anew that the parent process held. Python calls this in the child of a fork.
#[pyfunction]
fn after_fork_in_child() {
    tailrace_client::fork::after_fork_in_child();
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    interpreter::claim(module.py())?;
    module.add("version", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(error_codes, module)?)?;
    module.add_function(wrap_pyfunction!(after_fork_in_child, module)?)?;
    module.add_function(wrap_pyfunction!(json::encode_json, module)?)?;
    module.add_function(wrap_pyfunction!(guard::provoke_panic, module)?)?;
    module.add_function(wrap_pyfunction!(strict::strict_schema, module)?)?;
    module.add_function(wrap_pyfunction!(vectors::floats, module)?)?;
    module.add_function(wrap_pyfunction!(websocket::send_rest, module)?)?;
    module.add_class::<accumulate::Accumulator>()?;
    module.add_class::<awaitable::Awaitable>()?;
    module.add_class::<chunks::ChunkStream>()?;
    module.add_class::<client::Client>()?;
    module.add_class::<credentials::Credentials>()?;
    module.add_class::<exchange::BodyParts>()?;
    module.add_class::<exchange::Exchange>()?;
    module.add_class::<failure::Failure>()?;
    module.add_class::<form::FileSource>()?;
    module.add_class::<form::Multipart>()?;
    module.add_class::<mock::MockServer>()?;
    module.add_class::<models::Plan>()?;
    module.add_class::<partial::GrowingJson>()?;
    module.add_class::<partial::JsonElements>()?;
    module.add_class::<partial::PartialJson>()?;
    module.add_class::<pending::Pending>()?;
    module.add_class::<pending::Proposal>()?;
    module.add_class::<reply::Reply>()?;
    module.add_class::<reply::Request>()?;
    module.add_class::<schema::Prefix>()?;
    module.add_class::<schema::Schema>()?;
    module.add_class::<signer::Signer>()?;
    module.add_class::<sink::Sink>()?;
    module.add_class::<stream::EventStream>()?;
    module.add_class::<transcript::Transcript>()?;
    module.add_class::<transport::Transport>()?;
    module.add_class::<vectors::Vectors>()?;
    module.add_class::<websocket::Closed>()?;
    module.add_class::<websocket::WebSocket>()?;
    Ok(())
}
