//! One attempt over a real connection: the only module that knows HTTP's wire, TLS and proxies.

mod body;
mod coding;
mod connect;
mod failure;
mod http;
mod http1;
mod incoming;
mod pool;
mod reading;
mod redirect;
mod socket;
mod tls;
mod upload;

pub(crate) use body::Body;
pub(crate) use http::{Outgoing, Received, Transport, TransportSettings};
