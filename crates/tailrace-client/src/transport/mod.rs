//! One attempt over a real connection: the only module that knows reqwest.

mod body;
mod connect;
mod failure;
mod http;
mod reading;
mod redirect;
mod upload;

pub(crate) use body::Body;
pub(crate) use failure::timed_out;
pub(crate) use http::{Outgoing, Received, Transport, TransportSettings};
