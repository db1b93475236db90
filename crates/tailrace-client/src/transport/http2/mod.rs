//! HTTP/2 from the client's side, where it was asked for and the server agrees: the framing is that of the `h2` crate; this
//! folder has a few connections for each origin and the requests on them.

mod arriving;
mod exchange;
mod links;

pub(super) use arriving::Arriving;
pub(super) use exchange::{Answer, Exchange, Fault};
pub(super) use links::{Links, Seat};
