//! HTTP/1.1 from the client's side: one request and its response at a time over one socket.

mod chunked;
mod connection;
mod exchange;
mod framing;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod head;
mod request;

pub(super) use connection::Connection;
pub(super) use exchange::{Exchange, Fault, chunk};
pub(super) use framing::Framing;
pub(super) use head::{Answer, keeps_open};
pub(super) use request::{Length, usual, write_head};
