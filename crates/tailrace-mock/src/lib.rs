//! A server that speaks the OpenAI API and misbehaves on purpose.
//!
//! It answers chat completions, responses and embeddings plausibly, and it plays scripts that cut, delay, stall,
//! reset or corrupt a reply at a chosen byte. It records what it received, connection by connection.
//!
//! Invariants:
//! * It never depends on `tailrace-core` or `tailrace-client`: a mock that shared their code would share their bugs.
//! * Every fault happens on a real socket. Nothing is simulated inside the client's process.
//! * It never opens a connection to anywhere but itself, and it never reads the environment or a file.

mod answer;
mod api;
mod connection;
mod journal;
mod listen;
mod request;
mod routes;
mod script;
mod server;
mod stamp;

pub use script::ScriptError;
pub use server::{Config, Load, Server};
