//! One attempt over a real connection: the only module that knows reqwest.

mod connect;
mod failure;

use std::{
    sync::{Arc, Once},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use reqwest::{Url, redirect};
use tailrace_core::{
    error::{Code, Error, Phase},
    request::Request,
    response::Head,
};
use tokio::time::Instant;

use crate::{client::Timeouts, time};

/// The most redirects that a request follows, as in httpx and fetch.
const MAX_REDIRECTS: usize = 20;
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

/// A response whose head is here.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) head: Head,
    pub(crate) body: Body,
}

/// The rest of a response. Dropping it closes the connection unless it was read to its end.
#[derive(Debug)]
pub(crate) struct Body(reqwest::Response);

impl Transport {
    pub(crate) fn new(settings: &TransportSettings) -> Result<Self, Error> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only where the host program has chosen a provider, which then is the right one.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let mut builder = reqwest::Client::builder()
            .http1_only()
            .retry(reqwest::retry::never())
            .redirect(redirect::Policy::limited(MAX_REDIRECTS))
            .referer(false)
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE_LIMIT)
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
                    "the URL {url:?} cannot be parsed ({error}); correct the base URL or the path"
                ),
            )
        })
    }

    /// Sends `request` and waits for the head of its response.
    pub(crate) async fn send(
        &self,
        request: &Request,
        url: &Url,
        timeouts: &Timeouts,
    ) -> Result<Received, Error> {
        let mut wire = reqwest::Request::new(request.method().clone(), url.clone());
        *wire.headers_mut() = request.headers().clone();
        *wire.body_mut() = request.body().map(|body| body.clone().into());
        let connecting = Arc::new(connect::Connecting::new(timeouts.connect));
        let sending = connect::watch(Arc::clone(&connecting), self.http.execute(wire));
        let response = tokio::select! {
            biased;
            sent = sending => sent.map_err(failure::from_send)?,
            () = headers_limit(timeouts.headers, &connecting) => {
                return Err(failure::timed_out(Phase::Headers, timeouts.headers));
            }
        };
        Ok(Received {
            head: Head {
                status: response.status(),
                headers: response.headers().clone(),
                version: response.version(),
                url: response.url().as_str().to_owned(),
            },
            body: Body(response),
        })
    }
}

/// Waits until the head is overdue. The time that connecting takes has a limit of its own and does not count.
async fn headers_limit(limit: Option<Duration>, connecting: &connect::Connecting) {
    let Some(limit) = limit else {
        return std::future::pending().await;
    };
    let mut deadline = Instant::now() + limit;
    loop {
        tokio::time::sleep_until(deadline).await;
        let Some(connected) = connecting.ended_after(deadline - limit).await else {
            return;
        };
        deadline = connected + limit;
    }
}

impl Body {
    /// The next piece, or `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.0.chunk().await.map_err(failure::from_body)
    }

    /// Everything to the end, with `frame` as the limit between two pieces.
    pub(crate) async fn read(mut self, frame: Option<Duration>) -> Result<Bytes, Error> {
        let mut first: Option<Bytes> = None;
        let mut all: Vec<u8> = Vec::new();
        loop {
            let chunk = tokio::select! {
                biased;
                chunk = self.chunk() => chunk?,
                () = time::limit(frame) => return Err(failure::timed_out(Phase::Body, frame)),
            };
            match (chunk, &first) {
                // A body that came in one piece, the usual case, is not copied.
                (None, Some(_)) if all.is_empty() => return Ok(first.unwrap_or_default()),
                (None, _) => return Ok(Bytes::from(all)),
                (Some(chunk), None) => first = Some(chunk),
                (Some(chunk), Some(held)) => {
                    if all.is_empty() {
                        all.extend_from_slice(held);
                    }
                    all.extend_from_slice(&chunk);
                }
            }
        }
    }

    /// Reads the little that may be left, so that the connection can be used again; gives up after a second.
    pub(crate) async fn drain(mut self) {
        const MOST_BYTES: usize = 256 * 1024;
        let deadline = Instant::now() + Duration::from_secs(1);
        let mut seen = 0;
        while seen < MOST_BYTES {
            tokio::select! {
                biased;
                chunk = self.chunk() => match chunk {
                    Ok(Some(chunk)) => seen += chunk.len(),
                    Ok(None) | Err(_) => return,
                },
                () = time::until(Some(deadline)) => return,
            }
        }
    }
}

pub(crate) use failure::timed_out;

/// The wall clock, for dates in `retry-after`.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
