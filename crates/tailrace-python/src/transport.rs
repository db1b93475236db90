//! How a client's connections are made, where it says so itself.

use std::time::Duration;

use pyo3::{exceptions::PyValueError, prelude::*};
use tailrace_client::{
    Identity, Idle, Proxies, Proxy, Roots, TlsSettings, TransportSettings, Trust,
};
use tailrace_core::error::Error;

use crate::guard::guard;

/// Settings of connections, checked.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Transport(pub(crate) TransportSettings);

#[pymethods]
impl Transport {
    /// Certificates and the key are PEM. `roots` are all that is trusted; without `verify`, anybody is.
    ///
    /// Without `proxy`, proxies come from the environment where `use_env_proxies`; `no_proxy` is a list as in `NO_PROXY`.
    /// `max_idle` connections are kept for `idle_seconds`, None for no limit. A compressed body may grow to
    /// `max_decoded_bytes`, None for a gibibyte. A `ValueError` says what cannot be used.
    #[new]
    #[pyo3(signature = (
        *, roots = None, verify = true, certificate = None, key = None, proxy = None, no_proxy = "",
        use_env_proxies = true, http2 = false, max_idle = None, idle_seconds = None, max_decoded_bytes = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn new(
        roots: Option<&[u8]>,
        verify: bool,
        certificate: Option<&[u8]>,
        key: Option<&[u8]>,
        proxy: Option<&str>,
        no_proxy: &str,
        use_env_proxies: bool,
        http2: bool,
        max_idle: Option<usize>,
        idle_seconds: Option<f64>,
        max_decoded_bytes: Option<u64>,
    ) -> PyResult<Self> {
        guard(|| {
            let trust = match roots {
                _ if !verify => Trust::Anybody,
                Some(roots) => Trust::Roots(Roots::from_pem(roots).map_err(refusal)?),
                None => Trust::default(),
            };
            let identity = certificate
                .map(|chain| Identity::from_pem(chain, key.unwrap_or(chain)))
                .transpose()
                .map_err(refusal)?;
            let proxies = match proxy {
                Some(url) => Proxies::One(Proxy::new(url, no_proxy).map_err(refusal)?),
                None if use_env_proxies => Proxies::Environment,
                None => Proxies::None,
            };
            Ok(Transport(TransportSettings {
                proxies,
                tls: TlsSettings { trust, identity },
                proxy_trust: None,
                idle: Idle {
                    most: max_idle,
                    // What no clock can count is no limit.
                    limit: idle_seconds
                        .and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok()),
                },
                http2,
                most_plain_bytes: max_decoded_bytes,
            }))
        })
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn refusal(error: Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}
