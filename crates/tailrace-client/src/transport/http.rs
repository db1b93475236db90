//! Sending a request and waiting for the head of its response.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Url,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue},
};
use tailrace_core::{
    error::{Code, Error, Phase},
    request::{self, Request, Segment, shown},
    response::Head,
};
use tokio::time::Instant;

use super::{
    body::Body,
    connect, failure,
    redirect::Hop,
    upload::{self, Sending},
};
use crate::{client::Timeouts, source::Source};

/// The most redirects that a request follows, as in httpx and fetch.
const MAX_REDIRECTS: usize = 20;
/// A body in memory up to this many bytes is handed over at once; a larger one piece by piece, so that sending it is seen
/// to go on.
const SMALL_BYTES: usize = 64 * 1024;
/// The codings that are undone, spelled as httpx and undici spell them; reqwest leaves the space out.
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate");
/// How long a connection stays open without use.
const IDLE_LIMIT: Duration = Duration::from_secs(90);

/// What decides whether two clients can share connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TransportSettings {
    pub(crate) env_proxies: bool,
}

/// A connection pool with its TLS configuration.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
}

/// What one attempt sends, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    pub(crate) request: &'a Request,
    pub(crate) url: &'a Url,
    /// What the body's sources are.
    pub(crate) sources: &'a Arc<[Source]>,
    pub(crate) timeouts: &'a Timeouts,
    pub(crate) follows_redirects: bool,
}

/// A response whose head is here.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) head: Head,
    pub(crate) body: Body,
}

impl Transport {
    pub(crate) fn new(settings: &TransportSettings) -> Result<Self, Error> {
        // Fails where there is one already: ours, or one that the host program has chosen, which then is the right one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .http1_only()
            .retry(reqwest::retry::never())
            // Followed in `send`, which knows whether a body can be sent again.
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE_LIMIT)
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, CODINGS)]))
            .connector_layer(connect::ConnectLayer);
        if !settings.env_proxies {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| {
            Error::new(
                Code::InvalidRequest,
                "the transport could not be set up; check the proxy variables and SSL_CERT_FILE",
            )
            .with_causes(failure::causes(&error.without_url()))
        })?;
        Ok(Transport { http })
    }

    /// Parses the URL of a request, which the core has joined but not looked into.
    pub(crate) fn parse(&self, url: &str) -> Result<Url, Error> {
        Url::parse(url).map_err(|error| {
            Error::new(
                Code::InvalidRequest,
                format!(
                    "the URL {:?} cannot be parsed ({error}); correct the base URL or the path",
                    shown(url)
                ),
            )
        })
    }

    /// Sends `request`, follows redirects and waits for the head of the response.
    pub(crate) async fn send(&self, outgoing: &Outgoing<'_>) -> Result<Received, Error> {
        let mut hop = Hop {
            method: outgoing.request.method().clone(),
            url: outgoing.url.clone(),
            headers: outgoing.request.headers().clone(),
            has_body: true,
        };
        for _ in 0..=MAX_REDIRECTS {
            let received = self.exchange(&hop, outgoing).await?;
            if !outgoing.follows_redirects {
                return Ok(received);
            }
            let Some(next) = hop.follow(received.head.status, &received.head.headers) else {
                return Ok(received);
            };
            if next.has_body && !outgoing.sources.iter().all(Source::can_repeat) {
                return Err(Error::new(
                    Code::UnreadableBody,
                    format!(
                        "{} redirected a request whose body cannot be sent again; correct the base URL",
                        hop.url.host_str().unwrap_or_default()
                    ),
                ));
            }
            // What is left of the answer is read, so that the next request finds the connection again.
            received.body.drain().await;
            hop = next;
        }
        Err(Error::new(
            Code::InvalidResponse,
            format!(
                "{} redirected more than {MAX_REDIRECTS} times; check the base URL",
                hop.url.host_str().unwrap_or_default()
            ),
        ))
    }

    async fn exchange(&self, hop: &Hop, outgoing: &Outgoing<'_>) -> Result<Received, Error> {
        let timeouts = outgoing.timeouts;
        let mut wire = reqwest::Request::new(hop.method.clone(), hop.url.clone());
        *wire.headers_mut() = hop.headers.clone();
        let mut sending = None;
        if hop.has_body
            && let Some(body) = outgoing.request.body()
        {
            *wire.body_mut() = Some(match body {
                request::Body::Whole(bytes) if bytes.len() <= SMALL_BYTES => bytes.clone().into(),
                body => {
                    let segments: Vec<Segment> = match body {
                        request::Body::Whole(bytes) => vec![Segment::Bytes(bytes.clone())],
                        request::Body::Segments(segments) => segments.to_vec(),
                    };
                    let sources = Arc::clone(outgoing.sources);
                    let sending = sending.insert(Sending::new(segments, body.len(), sources));
                    reqwest::Body::wrap(sending.upload())
                }
            });
        }
        let abandon = sending.as_ref().map(Sending::abandon_on_drop);
        let connecting = Arc::new(connect::Connecting::new(timeouts.connect));
        let executing = connect::watch(Arc::clone(&connecting), self.http.execute(wire));
        let response = tokio::select! {
            biased;
            executed = executing => executed.map_err(|error| {
                let unreadable = sending.as_ref().and_then(|sending| sending.failure());
                unreadable.unwrap_or_else(|| failure::from_send(error, &hop.url))
            })?,
            passed = overdue(timeouts, sending.as_deref(), &connecting) => {
                return Err(failure::timed_out(Phase::Headers, passed));
            }
        };
        Ok(Received {
            head: Head {
                status: response.status(),
                headers: response.headers().clone(),
                version: response.version(),
                url: response.url().as_str().to_owned(),
            },
            body: Body::of_wire(response, abandon),
        })
    }
}

/// Waits until sending or the head is overdue; gives the limit that passed.
async fn overdue(
    timeouts: &Timeouts,
    sending: Option<&Sending>,
    connecting: &connect::Connecting,
) -> Option<Duration> {
    if let Some(sending) = sending
        && upload::overdue(sending, timeouts.write, connecting).await
    {
        return timeouts.write;
    }
    headers_limit(timeouts.headers, connecting).await;
    timeouts.headers
}

/// Waits until the head is overdue. The time that connecting takes has a limit of its own and does not count.
async fn headers_limit(limit: Option<Duration>, connecting: &connect::Connecting) {
    let Some(limit) = limit else {
        return std::future::pending().await;
    };
    let mut start = Instant::now();
    loop {
        // A limit past what the clock can say is none, and so sleeps for ever.
        tokio::time::sleep(limit.saturating_sub(start.elapsed())).await;
        let Some(connected) = connecting.ended_after(start).await else {
            return;
        };
        start = connected;
    }
}
