//! Drives [`tailrace_core`] over real sockets.
//!
//! A [`Client`] starts a call and returns a [`Pending`] at once; the work happens on one background thread, which is
//! started by the first call. A pending call settles to a [`Reply`], whose body is whole, an [`EventStream`] or still
//! [`Unread`], or to a [`Failure`]. Whoever waits does so in the way of its host: block ([`Pending::wait`]), or be told
//! ([`Notify`]).
//!
//! What a request carries is in memory, or comes from a [`Source`] while it is sent: a part of a file, or what the host
//! pushes into a [`Sink`]. A call can want something from its caller on the way: headers for its next attempt
//! ([`Pending::renew`]), whether to try again ([`Pending::proposal`]), or that the caller sends the request over a
//! transport of its own ([`Exchange`]).
//!
//! Invariants:
//!
//! * One thread per process, and one TLS configuration and one connection pool for all clients that say nothing of how
//!   connections are made; a client that does has its own, which its clones share.
//! * Dropping a [`Pending`] or an [`EventStream`] closes its socket; nothing that the caller gave up goes on.
//! * A stream holds a bounded number of bytes; past it, the socket is not read. The same holds for a [`Sink`], whose host
//!   is asked to wait, and for a file, which is read a block ahead of the socket.
//! * A body is read with one timer, whatever limits it has; time in which its consumer was behind counts only for the
//!   limits of the whole attempt and the whole call.
//! * Nothing is sent again that cannot be: a body that the host cannot push anew ends retries and redirects.
//! * A forked child never touches a lock, a thread or a socket of its parent (see [`fork`]).
//! * Retry, event decoding and error meaning are the core's; this crate only does what [`tailrace_core::call::Step`] says.

#[cfg(test)]
extern crate self as tailrace_client;

mod baton;
mod client;
mod credentials;
mod driven;
mod driver;
mod flow;
pub mod fork;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod limits;
mod notify;
mod pending;
mod pump;
mod push;
mod relay;
mod runtime;
mod source;
mod stream;
mod time;
mod transport;
mod unread;
mod websocket;

pub use client::{Accepts, CallOptions, Client, Connections, Mode, Settings, Timeouts};
pub use credentials::{Credentials, Exchanging};
pub use notify::Notify;
pub use pending::{Content, Failure, Headers, Outcome, Pending, Proposal, Reply};
pub use push::{Push, Pushed, Sink};
pub use relay::{Exchange, Parts};
pub use source::{FileRange, Source};
pub use stream::{Ended, EventStream, Pop};
pub use time::boundary;
pub use transport::{Identity, Idle, Proxies, Proxy, Roots, TlsSettings, TransportSettings, Trust};
pub use unread::Unread;
pub use websocket::{
    Arrival, Awaited, Close, Closed, Counters, DeflateOffer, Message, SocketLimits, SocketOptions,
    Unsent, WebSocket, send_rest,
};
