//! Sending a request and waiting for the head of its response.

use std::{future::Future, pin::Pin, sync::Arc};

use http::{Version, header::CONTENT_LENGTH};
use tailrace_core::{
    credentials::wiped,
    error::{Code, Error, Limit, Passed, Phase},
    request::{self, Request, Segment, shown},
    response::Head,
};
use url::Url;

use super::{
    answering::answered,
    body::Body,
    coding::Coding,
    connect::{BoxError, Connector},
    failure,
    http1::{self, Answer, Connection, Exchange, Length},
    http2::{self, Arriving, Links, Seat},
    incoming::Incoming,
    pool::{Idle, Origin, Pool},
    proxy::Proxies,
    reading::Reading,
    redirect::Hop,
    tls::{Proposes, TlsSettings, Trust},
    upload::Upload,
};
use crate::{client::Timeouts, source::Source, time};

/// The most redirects that a request follows, as in httpx and fetch.
pub(super) const MAX_REDIRECTS: usize = 20;
/// How often a request goes to another connection because a server of HTTP/2 has not looked at it.
const MAX_REFUSALS: u32 = 3;
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
    /// Who is trusted as a proxy at an `https` address, where that is not who is trusted as a server.
    pub proxy_trust: Option<Trust>,
    /// What becomes of connections that nobody uses.
    pub idle: Idle,
    /// Propose HTTP/2 to servers with TLS.
    pub http2: bool,
    /// The most bytes that a compressed body may grow to; `None` for a gibibyte.
    pub most_plain_bytes: Option<u64>,
}

/// A compressed body may grow to so many bytes where nobody says otherwise: more than any answer of an API, and less than
/// what takes a machine's memory away.
const MOST_PLAIN_BYTES: u64 = 1 << 30;

/// A way to open connections, and a pool of those that are open.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    connector: Arc<Connector>,
    pool: Pool,
    /// Connections of HTTP/2, where that is proposed.
    links: Option<Links>,
    most_plain_bytes: u64,
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
    /// Content codings of the response are undone.
    pub(crate) undoes_codings: bool,
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
            connector: Arc::new(Connector::new(settings)),
            pool: Pool::new(settings.idle),
            links: settings.http2.then(|| Links::new(settings.idle)),
            most_plain_bytes: settings.most_plain_bytes.unwrap_or(MOST_PLAIN_BYTES),
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
        if let Some(links) = &self.links
            && hop.url.scheme() == "https"
            && links.may_agree(&origin)
        {
            // Boxed, because most requests go the other way and would have its room to carry.
            return Box::pin(self.exchange_on_stream(links, origin, hop, outgoing)).await;
        }
        let pooled = self.pool.take(&origin);
        self.exchange_on(pooled, origin, hop, outgoing).await
    }

    /// Sends over a connection from the pool, or a new one.
    async fn exchange_on(
        &self,
        mut pooled: Option<Connection>,
        origin: Origin,
        hop: &Hop,
        outgoing: &Outgoing<'_>,
    ) -> Result<Received, Error> {
        loop {
            let is_reused = pooled.is_some();
            let connection = match pooled.take() {
                Some(connection) => connection,
                None => self.connect(&hop.url, outgoing.timeouts, false).await?,
            };
            let mut exchange = begin(connection, hop, outgoing);
            let fault = match answered(&mut exchange, outgoing.timeouts).await? {
                Ok(answer) => {
                    let stays_coded = !outgoing.undoes_codings;
                    return Ok(self.receive(answer, exchange, hop, origin, stays_coded));
                }
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

    /// Sends on a stream of HTTP/2 if the server agrees, over HTTP/1.1 otherwise.
    async fn exchange_on_stream(
        &self,
        links: &Links,
        origin: Origin,
        hop: &Hop,
        outgoing: &Outgoing<'_>,
    ) -> Result<Received, Error> {
        let mut refusals = 0;
        loop {
            let seat = match links.take(&origin) {
                Some(seat) => seat,
                None => match self
                    .open_link(links, &origin, hop, outgoing.timeouts)
                    .await?
                {
                    Opened::Seat(seat) => seat,
                    Opened::Http1(connection) => {
                        let connection = connection.or_else(|| self.pool.take(&origin));
                        return self.exchange_on(connection, origin, hop, outgoing).await;
                    }
                },
            };
            let (length, body) = content(hop, outgoing);
            let body = body.map(|body| Reading::new(segments(body), Arc::clone(outgoing.sources)));
            let exchange = http2::Exchange::new(seat, hop, length, body);
            let mut exchange = exchange.map_err(|fault| failure::from_stream(fault, &hop.url))?;
            let fault = match answered(&mut exchange, outgoing.timeouts).await? {
                Ok(answer) => {
                    let stays_coded = !outgoing.undoes_codings;
                    return Ok(self.receive_stream(answer, exchange, hop, stays_coded));
                }
                Err(fault) => fault,
            };
            // A connection that is about to close has told so, and has not looked at the request.
            let can_repeat = outgoing.sources.iter().all(Source::can_repeat);
            refusals += 1;
            if !matches!(fault, http2::Fault::Refused(_)) || !can_repeat || refusals > MAX_REFUSALS
            {
                return Err(failure::from_stream(fault, &hop.url));
            }
            exchange.seat().retire();
        }
    }

    /// A connection of HTTP/2, as one that waits for it at a time, or what the server speaks instead.
    async fn open_link(
        &self,
        links: &Links,
        origin: &Origin,
        hop: &Hop,
        timeouts: &Timeouts,
    ) -> Result<Opened, Error> {
        let opening = links.opening(origin);
        let opened = async {
            let _turn = opening.lock().await;
            if let Some(seat) = links.take(origin) {
                return Ok(Opened::Seat(seat));
            }
            if !links.may_agree(origin) {
                return Ok(Opened::Http1(None));
            }
            let socket = self.connector.open(&hop.url, Proposes::Http2).await?;
            if socket.speaks_http2() {
                return Ok(Opened::Seat(links.open(origin, socket).await?));
            }
            links.decline(origin);
            Ok(Opened::Http1(Some(Connection::new(socket, None))))
        };
        limited(Box::pin(opened), &hop.url, timeouts).await
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
                true => {
                    let socket = self.connector.open(url, Proposes::Http1).await?;
                    Ok(Connection::new(socket, None))
                }
                false => self.connector.connect(url).await,
            }
        };
        // Boxed, because most requests find a connection and would have the room of this to carry.
        limited(Box::pin(connecting), url, timeouts).await
    }

    fn receive_stream(
        &self,
        answer: http2::Answer,
        exchange: http2::Exchange,
        hop: &Hop,
        stays_coded: bool,
    ) -> Received {
        let http2::Answer {
            status,
            mut headers,
            stream,
        } = answer;
        let length = headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok());
        let length = length.and_then(|length| length.parse().ok());
        let coding = (!stays_coded)
            .then(|| Coding::take(&mut headers, self.most_plain_bytes))
            .flatten();
        Received {
            body: Body::of_stream(Arriving::new(stream, exchange.into_rest(), coding, length)),
            head: Head {
                status,
                headers,
                version: Version::HTTP_2,
                url: hop.url.as_str().to_owned(),
            },
        }
    }

    pub(super) fn receive(
        &self,
        answer: Answer,
        exchange: Exchange,
        hop: &Hop,
        origin: Origin,
        stays_coded: bool,
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
        let coding = (!stays_coded)
            .then(|| Coding::take(&mut headers, self.most_plain_bytes))
            .flatten();
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

/// What came of proposing HTTP/2.
enum Opened {
    Seat(Seat),
    /// The connection over which the server declined, for whoever opened it.
    Http1(Option<Connection>),
}

/// Waits for a connection as long as may be.
async fn limited<T>(
    connecting: Pin<Box<impl Future<Output = Result<T, BoxError>>>>,
    url: &Url,
    timeouts: &Timeouts,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        connected = connecting => connected.map_err(|error| failure::from_connect(&error, url)),
        () = time::limit(timeouts.connect) => {
            let allowed = timeouts.connect.unwrap_or_default();
            Err(Error::timed_out(Passed::new(Limit::Connect, Phase::Connect, allowed)))
        }
    }
}

/// The body that this hop sends, and how long it is.
fn content<'a>(hop: &Hop, outgoing: &Outgoing<'a>) -> (Length, Option<&'a request::Body>) {
    let body = outgoing.request.body().filter(|_| hop.has_body);
    let length = match body.map(request::Body::len) {
        None => Length::None,
        Some(Some(length)) => Length::Known(length),
        Some(None) => Length::Unknown,
    };
    (length, body)
}

fn segments(body: &request::Body) -> Vec<Segment> {
    match body {
        request::Body::Whole(whole) => vec![Segment::Bytes(whole.clone())],
        request::Body::Segments(segments) => segments.to_vec(),
    }
}

/// Writes the head of the request, with its body behind it when that is small and in memory: both then go out at once.
pub(super) fn begin(connection: Connection, hop: &Hop, outgoing: &Outgoing<'_>) -> Exchange {
    let (length, body) = content(hop, outgoing);
    let forward = connection.forward();
    let small = match body {
        Some(request::Body::Whole(whole)) if whole.len() <= SMALL_BYTES => whole.len(),
        _ => 0,
    };
    let Hop {
        method,
        url,
        headers,
        ..
    } = hop;
    let mut bytes = http1::write_head(method, url, headers, length, forward, small);
    let upload = match body {
        None => None,
        Some(request::Body::Whole(whole)) if whole.len() <= SMALL_BYTES => {
            bytes.extend_from_slice(whole);
            None
        }
        Some(body) => {
            let sources = Arc::clone(outgoing.sources);
            Some(Upload::new(segments(body), body.len(), sources))
        }
    };
    Exchange::new(connection, hop.method.clone(), wiped(bytes), upload)
}
