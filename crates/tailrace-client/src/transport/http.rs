//! Sending a request and waiting for the head of its response.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Poll, ready},
    time::Duration,
};

use http::Version;
use tailrace_core::{
    error::{Code, Error, Limit, Passed, Phase},
    request::{self, Request, Segment, shown},
    response::Head,
};
use tokio::time::Instant;
use url::Url;

use super::{
    body::Body,
    coding::Coding,
    connect::Connector,
    failure,
    http1::{self, Answer, Connection, Exchange, Fault, Length},
    incoming::Incoming,
    pool::{Idle, Origin, Pool},
    proxy::Proxies,
    redirect::Hop,
    tls::TlsSettings,
    upload::Upload,
};
use crate::{client::Timeouts, limits, source::Source, time};

/// The most redirects that a request follows, as in httpx and fetch.
pub(super) const MAX_REDIRECTS: usize = 20;
/// A body in memory up to this many bytes is handed over at once; a larger one piece by piece, so that sending it is seen
/// to go on.
const SMALL_BYTES: usize = 64 * 1024;

/// How connections are made and kept.
#[derive(Debug, Clone, Default)]
pub struct TransportSettings {
    /// Where proxies come from.
    pub proxies: Proxies,
    /// How TLS is spoken.
    pub tls: TlsSettings,
    /// What becomes of connections that nobody uses.
    pub idle: Idle,
}

/// A way to open connections, and a pool of those that are open.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    connector: Arc<Connector>,
    pool: Pool,
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
    pub(crate) fn new(settings: &TransportSettings) -> Self {
        Transport {
            connector: Arc::new(Connector::new(&settings.proxies, settings.tls.clone())),
            pool: Pool::new(settings.idle),
        }
    }

    /// Parses the URL of a request, which the core has joined but not looked into, and makes ready what it needs.
    pub(crate) fn parse(&self, url: &str) -> Result<Url, Error> {
        let parsed = Url::parse(url).map_err(|error| {
            Error::new(
                Code::InvalidRequest,
                format!(
                    "the URL {:?} cannot be parsed ({error}); correct the base URL or the path",
                    shown(url)
                ),
            )
        })?;
        match parsed.scheme() {
            "http" => {}
            "https" => self.connector.prepare_tls().map_err(|error| {
                Error::new(
                    Code::InvalidRequest,
                    "TLS could not be set up; check SSL_CERT_FILE and the certificates of the system",
                )
                .with_causes(failure::causes(&error))
            })?,
            _ => {
                return Err(Error::new(
                    Code::InvalidRequest,
                    format!("the URL {:?} is neither http nor https; correct the base URL", shown(url)),
                ));
            }
        }
        Ok(parsed)
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
        let origin = Origin::of(&hop.url);
        let mut pooled = self.pool.take(&origin);
        loop {
            let is_reused = pooled.is_some();
            let connection = match pooled.take() {
                Some(connection) => connection,
                None => self.connect(&hop.url, outgoing.timeouts, false).await?,
            };
            let mut exchange = begin(connection, hop, outgoing);
            let fault = match answered(&mut exchange, outgoing.timeouts).await? {
                Ok(answer) => return Ok(self.receive(answer, exchange, hop, origin)),
                Err(fault) => fault,
            };
            // A server may close an idle connection at any time, also while a request is on its way. One that it had not
            // read may be sent again; for any other it is the caller's retries that decide.
            let can_repeat = outgoing.sources.iter().all(Source::can_repeat);
            if !(is_reused && can_repeat && fault.is_stale()) {
                return Err(failure::from_fault(fault, &hop.url));
            }
        }
    }

    /// A connection to the server, or to a proxy that is asked for URLs unless it `tunnels`.
    pub(super) async fn connect(
        &self,
        url: &Url,
        timeouts: &Timeouts,
        tunnels: bool,
    ) -> Result<Connection, Error> {
        let connecting = async {
            match tunnels {
                true => Ok(Connection::new(self.connector.open(url).await?, None)),
                false => self.connector.connect(url).await,
            }
        };
        tokio::select! {
            biased;
            connected = connecting => {
                connected.map_err(|error| failure::from_connect(&error, url))
            }
            () = time::limit(timeouts.connect) => {
                let allowed = timeouts.connect.unwrap_or_default();
                Err(Error::timed_out(Passed::new(Limit::Connect, Phase::Connect, allowed)))
            }
        }
    }

    pub(super) fn receive(
        &self,
        answer: Answer,
        exchange: Exchange,
        hop: &Hop,
        origin: Origin,
    ) -> Received {
        let Answer {
            status,
            version,
            mut headers,
            framing,
            keeps_open,
        } = answer;
        let stays = keeps_open && http1::keeps_open(Version::HTTP_11, &hop.headers);
        let home = stays.then(|| (self.pool.clone(), origin));
        let coding = Coding::take(&mut headers);
        Received {
            body: Body::of_wire(Incoming::new(exchange, framing, coding, home)),
            head: Head {
                status,
                headers,
                version,
                url: hop.url.as_str().to_owned(),
            },
        }
    }
}

/// Writes the head of the request, with its body behind it when that is small and in memory: both then go out at once.
pub(super) fn begin(connection: Connection, hop: &Hop, outgoing: &Outgoing<'_>) -> Exchange {
    let body = outgoing.request.body().filter(|_| hop.has_body);
    let length = match body.map(request::Body::len) {
        None => Length::None,
        Some(Some(length)) => Length::Known(length),
        Some(None) => Length::Unknown,
    };
    let forward = connection.forward();
    let mut bytes = http1::write_head(&hop.method, &hop.url, &hop.headers, length, forward);
    let upload = match body {
        None => None,
        Some(request::Body::Whole(whole)) if whole.len() <= SMALL_BYTES => {
            bytes.extend_from_slice(whole);
            None
        }
        Some(body) => {
            let segments: Vec<Segment> = match body {
                request::Body::Whole(whole) => vec![Segment::Bytes(whole.clone())],
                request::Body::Segments(segments) => segments.to_vec(),
            };
            let sources = Arc::clone(outgoing.sources);
            Some(Upload::new(segments, body.len(), sources))
        }
    };
    Exchange::new(connection, hop.method.clone(), bytes.into(), upload)
}

/// Waits for the head of the answer, as long as the limits on sending and on waiting allow.
pub(super) async fn answered(
    exchange: &mut Exchange,
    timeouts: &Timeouts,
) -> Result<Result<Answer, Fault>, Error> {
    let mut timer = pin!(tokio::time::sleep(Duration::ZERO));
    let mut set: Option<Instant> = None;
    poll_fn(|cx| {
        if let Poll::Ready(answered) = exchange.poll_head(cx) {
            return Poll::Ready(Ok(answered));
        }
        loop {
            let next = if exchange.is_uploading() {
                limits::writing(timeouts, exchange.moved())
            } else {
                limits::heading(timeouts, exchange.moved(), exchange.heard())
            };
            let Some(next) = next else {
                return Poll::Pending;
            };
            // The timer is moved when it fires rather than with each piece, unless it would come too late.
            if set.is_none_or(|set| next.at < set) {
                timer.as_mut().reset(next.at);
                set = Some(next.at);
            }
            ready!(timer.as_mut().poll(cx));
            if next.at <= Instant::now() {
                return Poll::Ready(Err(next.passed(Phase::Headers)));
            }
            set = None;
        }
    })
    .await
}
