//! WebSockets from the server's side: what a script says after the handshake, frame by frame.
//!
//! The frames are written here and not by a library, because a server that misbehaves must write those that no library would.

mod frame;
mod handshake;
mod serve;
mod step;

pub(crate) use handshake::accept_key;
pub(crate) use serve::{Ended, serve};
pub(crate) use step::Step;
