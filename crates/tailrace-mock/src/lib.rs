//! A server that speaks the OpenAI API and misbehaves on purpose.
//!
//! [`Server`] answers chat completions, responses and embeddings plausibly, and it plays scripts that cut, delay,
//! stall, reset or corrupt a reply at a chosen byte. It records what it received, connection by connection.
//! [`FaultProxy`] stands between a client and any server and breaks connections where the server would not.
//!
//! Invariants:
//! * It never depends on `tailrace-core` or `tailrace-client`: a mock that shared their code would share their bugs.
//! * Every fault happens on a real socket. Nothing is simulated inside the client's process.
//! * A server opens no connection to anywhere but itself, a proxy only to the address that it is for, and neither
//!   reads the environment or a file.

mod answer;
mod api;
mod connection;
mod fault;
mod fault_proxy;
mod journal;
mod listen;
mod request;
mod routes;
mod script;
mod server;
mod stamp;
mod websocket;

pub use fault::{Fault, Plan, PlanError};
pub use fault_proxy::FaultProxy;
pub use script::ScriptError;
pub use server::{Config, Load, Server};
