//! The entry: options in, a call in flight out.

use napi::{Result, bindgen_prelude::ClassInstance};
use napi_derive::napi;
use tailrace_client::{CallOptions, Connections, Settings};
use tailrace_core::{call::Replaces, request::Options};

use crate::{
    form::{Body, with_body},
    guard::guard,
    hub::Hub,
    options,
    pending::Pending,
    signer::{self, Signer},
    transport::Transport,
};

/// Starts calls. One serves all clients of a JavaScript environment that have no transport of their own.
#[napi]
pub struct Client(tailrace_client::Client);

impl Client {
    pub(crate) fn inner(&self) -> &tailrace_client::Client {
        &self.0
    }
}

#[napi]
impl Client {
    /// A client; without a transport, `use_env_proxies` takes proxies from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY`. `max_connections` are used at once.
    #[napi(constructor)]
    pub fn new(
        use_env_proxies: bool,
        transport: Option<&Transport>,
        max_connections: Option<u32>,
    ) -> Self {
        Client(tailrace_client::Client::new(Settings {
            max_connections: max_connections.map(|most| most as usize),
            connections: match transport {
                Some(Transport(settings)) => Connections::Own(settings.clone()),
                None if use_env_proxies => Connections::SharedWithEnvProxies,
                None => Connections::Shared,
            },
        }))
    }

    /// Starts a call, which announces itself at `hub` as `id` once it has settled.
    ///
    /// * `path` is joined to `base_url`, or replaces it when it is an absolute URL.
    /// * `query` is the text of a JSON object.
    /// * `headers` holds names and values by turns, in rising precedence; `null` removes a header.
    /// * `timeout_ms` covers one attempt, in milliseconds, unless `each_ms` has limits for its parts; `deadline_ms` covers
    ///   the whole call (see [`options::Limits`]).
    /// * `mode` says what becomes of the body (see [`options::call`]).
    /// * `renews`: each attempt but the first waits for [`Pending::renew`]; default false.
    /// * `replaces`: an attempt that is refused with 401 waits for [`Pending::renew`], too, and is sent once more; default
    ///   false.
    /// * `relayed`: each attempt is an [`crate::exchange::Exchange`] for a `fetch` of the caller's, and the call announces
    ///   nothing before [`Pending::begin`]; default false.
    /// * `accepts`: which responses are accepted (see [`options::accepts`]); default 0.
    /// * `follow_redirects`: otherwise a redirect is a failure; default true.
    /// * `retry`: other pauses, and a part of the caller in each retry (see [`Pending::proposal`]).
    /// * `signer` signs each attempt.
    ///
    /// Bad options settle the call with `invalid_request`; they never throw.
    #[napi]
    #[allow(
        clippy::too_many_arguments,
        reason = "one call across the border, and an object costs a property read for each field"
    )]
    pub fn request(
        &self,
        hub: &Hub,
        id: u32,
        method: String,
        base_url: String,
        path: String,
        query: Option<String>,
        headers: Vec<Option<String>>,
        body: Option<Body<'_>>,
        timeout_ms: f64,
        max_retries: u32,
        mode: u32,
        renews: Option<bool>,
        follow_redirects: Option<bool>,
        each_ms: Option<Vec<Option<f64>>>,
        deadline_ms: Option<f64>,
        replaces: Option<bool>,
        retry: Option<options::Retry>,
        signer: Option<ClassInstance<'_, Signer>>,
        relayed: Option<bool>,
        accepts: Option<u32>,
    ) -> Result<Pending> {
        guard(|| {
            let headers = options::pairs(&headers);
            let limits = options::Limits {
                timeout_ms,
                each_ms,
                deadline_ms,
            };
            let mut call = CallOptions {
                renews: renews.unwrap_or_default(),
                replaces: if replaces == Some(true) {
                    options::REPLACES
                } else {
                    Replaces::Never
                },
                relayed: relayed.unwrap_or_default(),
                accepts: options::accepts(accepts),
                follows_redirects: follow_redirects.unwrap_or(true),
                ..options::call(&limits, max_retries, retry, mode)
            };
            let signer = signer::shared(signer);
            if call.relayed && limits.each_ms.is_none() {
                // The `fetch` has a limit of its own, or none.
                call.timeouts.read_body = None;
            }
            let pending = with_body(body, |body, sources| {
                let request = Options {
                    method: &method,
                    base_url: &base_url,
                    path: &path,
                    query: query.as_deref().map(str::as_bytes),
                    query_style: options::QUERY_STYLE,
                    headers: &headers,
                    header_text: options::HEADER_TEXT,
                    retry_count_header: accepts.is_none().then_some(options::RETRY_COUNT_HEADER),
                    body,
                };
                self.0.start_signed(request, sources, call, signer)
            });
            Ok(match relayed {
                Some(true) => Pending::relayed(pending, hub.seat(id)),
                _ => Pending::new(pending, hub.seat(id)),
            })
        })
    }

    /// Starts the handshake of a WebSocket, which announces itself at `hub` as `id` once it has settled; its reply has a
    /// [`crate::pending::Reply::socket`], which announces itself as `id`, too.
    ///
    /// The options are those of [`Client::request`]; `bounds` are the limits of what follows (see [`options::socket`]).
    #[napi]
    #[allow(
        clippy::too_many_arguments,
        reason = "one call across the border, as for a request"
    )]
    pub fn connect(
        &self,
        hub: &Hub,
        id: u32,
        base_url: String,
        path: String,
        query: Option<String>,
        headers: Vec<Option<String>>,
        timeout_ms: f64,
        follow_redirects: bool,
        bounds: Vec<Option<f64>>,
        deflate: Option<String>,
    ) -> Result<Pending> {
        guard(|| {
            let headers = options::pairs(&headers);
            let limits = options::Limits {
                timeout_ms,
                each_ms: None,
                deadline_ms: None,
            };
            let request = Options {
                method: "GET",
                base_url: &base_url,
                path: &path,
                query: query.as_deref().map(str::as_bytes),
                query_style: options::QUERY_STYLE,
                headers: &headers,
                header_text: options::HEADER_TEXT,
                retry_count_header: None,
                body: None,
            };
            let socket = options::socket(&limits, &bounds, follow_redirects, deflate.as_deref())?;
            Ok(Pending::new(self.0.open(request, socket), hub.seat(id)))
        })
    }
}
