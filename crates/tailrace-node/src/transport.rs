//! How a client's connections are made, where it says so itself.

use std::time::Duration;

use napi::{Error, Result, bindgen_prelude::Buffer};
use napi_derive::napi;
use tailrace_client::{
    Identity, Idle, Proxies, Proxy, Roots, TlsSettings, TransportSettings, Trust,
};

use crate::guard::guard;

/// Settings of connections, checked.
#[napi]
pub struct Transport(pub(crate) TransportSettings);

/// What connections can be told. Certificates and the key are PEM.
#[napi(object)]
pub struct TransportOptions {
    /// All that is trusted.
    pub roots: Option<Buffer>,
    /// What is trusted beside the platform's roots.
    pub more_roots: Option<Buffer>,
    /// False trusts anybody.
    pub verify: bool,
    /// The client certificate with those that vouch for it.
    pub certificate: Option<Buffer>,
    /// The key to it; it may stand beside the certificate.
    pub key: Option<Buffer>,
    /// The proxy; without it, proxies come from the environment where `use_env_proxies`.
    pub proxy: Option<String>,
    /// A list as in `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// Who is trusted as the proxy; without, who is trusted as a server.
    pub proxy_trust: Option<ProxyTrust>,
    /// Take proxies from the environment.
    pub use_env_proxies: bool,
    /// The most connections that wait for use, and for how long, in milliseconds; without, there is no limit.
    pub max_idle: Option<u32>,
    pub idle_ms: Option<f64>,
    /// Propose HTTP/2 to servers with TLS.
    pub http2: bool,
    /// The most bytes that a compressed body may grow to; without, a gibibyte.
    pub max_decoded_bytes: Option<f64>,
}

/// Whom to trust at the other end of TLS with a proxy. PEM.
#[napi(object)]
pub struct ProxyTrust {
    /// All that is trusted.
    pub roots: Option<Buffer>,
    /// What is trusted beside the platform's roots.
    pub more_roots: Option<Buffer>,
}

#[napi]
impl Transport {
    /// Checks what is given; an `Error` says what cannot be used.
    #[napi(constructor)]
    #[allow(clippy::needless_pass_by_value, reason = "what crosses is owned")]
    pub fn new(options: TransportOptions) -> Result<Self> {
        guard(|| {
            let whom = match options.verify {
                true => trust(options.roots.as_ref(), options.more_roots.as_ref())?,
                false => Trust::Anybody,
            };
            let proxy_trust = match &options.proxy_trust {
                Some(given) => Some(trust(given.roots.as_ref(), given.more_roots.as_ref())?),
                None => None,
            };
            let identity = options
                .certificate
                .as_ref()
                .map(|chain| Identity::from_pem(chain, options.key.as_ref().unwrap_or(chain)))
                .transpose()
                .map_err(refusal)?;
            let except = options.no_proxy.as_deref().unwrap_or_default();
            let proxies = match &options.proxy {
                Some(url) => Proxies::One(Proxy::new(url, except).map_err(refusal)?),
                None if options.use_env_proxies => Proxies::Environment,
                None => Proxies::None,
            };
            Ok(Transport(TransportSettings {
                proxies,
                tls: TlsSettings {
                    trust: whom,
                    identity,
                },
                proxy_trust,
                idle: Idle {
                    most: options.max_idle.map(|most| most as usize),
                    // What no clock can count is no limit.
                    limit: options
                        .idle_ms
                        .and_then(|ms| Duration::try_from_secs_f64(ms.max(0.0) / 1e3).ok()),
                },
                http2: options.http2,
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it saturates"
                )]
                most_plain_bytes: options.max_decoded_bytes.map(|most| most as u64),
            }))
        })
    }
}

fn trust(roots: Option<&Buffer>, more: Option<&Buffer>) -> Result<Trust> {
    let read = |pem: &Buffer| Roots::from_pem(pem).map_err(refusal);
    Ok(match (roots, more) {
        (Some(pem), _) => Trust::Roots(read(pem)?),
        (None, Some(pem)) => Trust::System(read(pem)?),
        (None, None) => Trust::default(),
    })
}

#[allow(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn refusal(error: tailrace_core::error::Error) -> Error {
    Error::from_reason(error.to_string())
}
