//! One attempt over a real connection: the only module that knows HTTP's wire, TLS and proxies.

mod addresses;
mod ahead;
mod answering;
mod body;
mod brotli;
mod certificates;
mod coding;
mod connect;
mod failure;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod http;
mod http1;
mod http2;
mod incoming;
mod pool;
mod proxy;
mod reading;
mod redirect;
mod socket;
mod tls;
mod upgrade;
mod upload;
mod zstd;

pub(crate) use body::Body;
pub use certificates::{Identity, Roots};
pub use http::TransportSettings;
pub(crate) use http::{Outgoing, Received, Transport};
pub use pool::Idle;
pub use proxy::{Proxies, Proxy};
pub(crate) use socket::Socket;
pub use tls::{TlsSettings, Trust};
pub(crate) use upgrade::{Switched, Upgrade};
