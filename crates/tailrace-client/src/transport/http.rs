//! Sending a request and waiting for the head of its response.

use std::{sync::Arc, time::Duration};

use reqwest::{Url, redirect};
use tailrace_core::{
    error::{Code, Error, Phase},
    request::{Request, shown},
    response::Head,
};
use tokio::time::Instant;

use super::{body::Body, connect, failure};
use crate::client::Timeouts;

/// The most redirects that a request follows, as in httpx and fetch.
pub(super) const MAX_REDIRECTS: usize = 20;
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

impl Transport {
    pub(crate) fn new(settings: &TransportSettings) -> Result<Self, Error> {
        // Fails where there is one already: ours, or one that the host program has chosen, which then is the right one.
        let _ = rustls::crypto::ring::default_provider().install_default();
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
                    "the URL {:?} cannot be parsed ({error}); correct the base URL or the path",
                    shown(url)
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
            sent = sending => sent.map_err(|error| failure::from_send(error, url))?,
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
