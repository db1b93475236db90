//! The start of a call.

use pyo3::{prelude::*, pybacked::PyBackedStr};
use tailrace_client::{Accepts, CallOptions, Connections, Settings};
use tailrace_core::{
    call::Replaces,
    request::{HeaderText, Options},
};

use crate::{
    form::Body,
    guard::guard,
    options::{
        HEADER_TEXT, Limits, REPLACES, RETRY_COUNT_HEADER, Retry, SocketBounds, call_options,
        query_style, socket_options,
    },
    pending::Pending,
    signer::{self, Signer},
    transport::Transport,
};

/// Starts calls. Clients without a transport of their own share connections.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Client(tailrace_client::Client);

impl Client {
    pub(crate) fn inner(&self) -> &tailrace_client::Client {
        &self.0
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (*, max_connections = Some(1000), transport = None))]
    fn new(max_connections: Option<usize>, transport: Option<&Transport>) -> Self {
        Client(tailrace_client::Client::new(Settings {
            max_connections,
            connections: match transport {
                Some(Transport(settings)) => Connections::Own(settings.clone()),
                None => Connections::SharedWithEnvProxies,
            },
        }))
    }

    /// Starts a call. A bad URL or header gives a call that has failed, not an exception.
    ///
    /// `mode` says what becomes of the response's body: 0 reads it whole, 1 as events, 2 leaves it unread until the
    /// reply is asked, and 3 does so with events. With `renews`, each attempt but the first waits for `Pending.renew`. With `relayed`, each attempt
    /// is an `Exchange` for the caller's own transport, which limits connecting, reading, writing and pooling itself.
    /// With `replaces`, an attempt that is refused with 401 waits for `Pending.renew`, too, and is sent once more. With
    /// `retry`, the pauses between attempts are others, and each retry may wait for `Pending.decide`. Each attempt is
    /// signed by `signer`, if there is one. With `as_it_came` the call is one of somebody else's HTTP client: any status is a
    /// reply, its body keeps its content coding, each character of a header's value is a byte, and retries are not counted.
    #[pyo3(signature = (
        method, base_url, path, query, headers, body, timeout, max_retries, mode,
        renews = false, follow_redirects = true, relayed = false, replaces = false, retry = None, signer = None,
        as_it_came = false
    ))]
    #[allow(
        clippy::too_many_arguments,
        reason = "the waist between Python and Rust is this one call, and keywords would cost on each"
    )]
    fn request(
        &self,
        method: &str,
        base_url: &str,
        path: &str,
        query: Option<&[u8]>,
        headers: Vec<(PyBackedStr, Option<PyBackedStr>)>,
        body: Option<Body<'_>>,
        timeout: Limits,
        max_retries: u32,
        mode: u8,
        renews: bool,
        follow_redirects: bool,
        relayed: bool,
        replaces: bool,
        retry: Option<Retry>,
        signer: Option<PyRef<'_, Signer>>,
        as_it_came: bool,
    ) -> PyResult<Pending> {
        guard(|| {
            let headers: Vec<(&str, Option<&str>)> = headers
                .iter()
                .map(|(name, value)| (&**name, value.as_deref()))
                .collect();
            let options = CallOptions {
                follows_redirects: follow_redirects,
                renews,
                replaces: if replaces { REPLACES } else { Replaces::Never },
                accepts: if as_it_came {
                    Accepts::AsItCame
                } else {
                    Accepts::Success
                },
                ..call_options(timeout, max_retries, retry, mode, relayed)?
            };
            let signer = signer::shared(signer);
            Ok(Body::with(body.as_ref(), |body, sources| {
                let request = Options {
                    method,
                    base_url,
                    path,
                    query,
                    query_style: query_style(signer.is_some()),
                    headers: &headers,
                    header_text: if as_it_came {
                        HeaderText::Latin1
                    } else {
                        HEADER_TEXT
                    },
                    retry_count_header: (!as_it_came).then_some(RETRY_COUNT_HEADER),
                    body,
                };
                Pending::new(self.0.start_signed(request, sources, options, signer))
            }))
        })
    }

    /// Starts the handshake of a WebSocket, whose reply has a `socket`. A bad URL or header gives a call that has failed.
    ///
    /// `limits` are those of a call, for the handshake; `bounds` those of what follows (see `options.rs`).
    #[allow(
        clippy::too_many_arguments,
        reason = "the waist between Python and Rust is one call, as for a request"
    )]
    fn connect(
        &self,
        base_url: &str,
        path: &str,
        query: Option<&[u8]>,
        headers: Vec<(PyBackedStr, Option<PyBackedStr>)>,
        timeout: Limits,
        bounds: SocketBounds,
        follow_redirects: bool,
        deflate: Option<&str>,
    ) -> PyResult<Pending> {
        guard(|| {
            let headers: Vec<(&str, Option<&str>)> = headers
                .iter()
                .map(|(name, value)| (&**name, value.as_deref()))
                .collect();
            let options = socket_options(timeout, bounds, follow_redirects, deflate)?;
            let request = Options {
                method: "GET",
                base_url,
                path,
                query,
                query_style: query_style(false),
                headers: &headers,
                header_text: HEADER_TEXT,
                retry_count_header: None,
                body: None,
            };
            Ok(Pending::new(self.0.open(request, options)))
        })
    }
}
