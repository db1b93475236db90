//! WebSockets (RFC 6455): the handshake as a call, then two bounded queues.
//!
//! [`open`] asks for the protocol and settles as any call does; [`handle`] is what the host then holds; [`queues`] stand
//! between it and [`task`], which owns the socket; [`codec`] reads and writes it, [`frames`] is what it reads, [`deflate`]
//! what makes messages smaller, and [`turn`] gathers whom to tell; [`close`] says how a connection ended, and [`rest`] knows all that are open.

mod close;
mod codec;
mod deflate;
mod frames;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handle;
mod open;
mod queues;
mod rest;
mod task;
mod turn;

pub use close::{Close, Closed};
pub use deflate::DeflateOffer;
pub use handle::{Arrival, WebSocket};
pub use open::{SocketLimits, SocketOptions};
pub use queues::{Awaited, Counters, Message, Unsent};
pub use rest::send_rest;
