//! The handshake: a request whose answer is 101.

use std::time::{Duration, Instant};

use http::HeaderMap;
use tailrace_core::{
    error::{Code, Error, Phase},
    request::{Options, Request},
    response::Head,
};
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use url::Url;

use super::{
    deflate::{Agreed, DeflateOffer},
    handle::WebSocket,
    queues::Queues,
    rest, task,
};
use crate::{
    client::{Client, Timeouts},
    limits::Limits,
    pending::{Content, Pending, Reply, Settle},
    runtime::Shared,
    transport::{Outgoing, Switched, Transport, Upgrade},
};

/// How a connection is opened.
#[derive(Debug, Clone, Copy)]
pub struct SocketOptions {
    /// The limits of the handshake.
    pub timeouts: Timeouts,
    /// The limit of the handshake as a whole.
    pub deadline: Option<Duration>,
    /// Redirects within an origin are followed; otherwise one is a failure, as is one that leads to another origin.
    pub follows_redirects: bool,
    /// The compression that is asked for; the server may decline it.
    pub deflate: Option<DeflateOffer>,
    /// The limits of what follows.
    pub limits: SocketLimits,
}

/// The limits of an open connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketLimits {
    /// Bytes and messages that are held for a host that is behind; past one of them the socket is not read.
    pub receive_bytes: usize,
    /// See [`SocketLimits::receive_bytes`].
    pub receive_messages: usize,
    /// Bytes that wait to be sent; past it no message is taken. One of any size is taken by an empty queue.
    pub send_bytes: usize,
    /// The most bytes of a message that comes, its fragments together.
    pub message_bytes: usize,
    /// How long the server may take to take what is to be sent before a close frame, and to answer that.
    pub close: Duration,
    /// How often a ping is sent; `None` sends none.
    pub ping: Option<Duration>,
    /// How long the server may take to answer a ping.
    pub pong: Option<Duration>,
    /// How long no message may come; `None` for ever.
    pub idle: Option<Duration>,
}

impl Default for SocketLimits {
    /// A queue of 256 KiB in each direction, messages of up to 1 GiB, which is far above what the API sends, and ten seconds
    /// for a close frame to be answered. Nothing else is limited.
    fn default() -> Self {
        SocketLimits {
            receive_bytes: 256 * 1024,
            receive_messages: usize::MAX,
            send_bytes: 256 * 1024,
            message_bytes: 1 << 30,
            close: Duration::from_secs(10),
            ping: None,
            pong: None,
            idle: None,
        }
    }
}

const KEY: &str = "sec-websocket-key";
const VERSION: &str = "sec-websocket-version";
const PROTOCOL: &str = "sec-websocket-protocol";
const EXTENSIONS: &str = "sec-websocket-extensions";
const ACCEPT: &str = "sec-websocket-accept";

/// A handshake that is to be made.
struct Opening {
    transport: Transport,
    url: Url,
    request: Request,
    key: String,
    options: SocketOptions,
}

impl Client {
    /// Builds a handshake and starts it; `request` has the URL as http, https, ws or wss.
    ///
    /// Settles to a reply with [`Content::Socket`], or to a failure: with [`Code::Status`] for any answer but 101. It is
    /// tried once.
    pub fn open(&self, request: Options<'_>, options: SocketOptions) -> Pending {
        let key = generate_key();
        let deflate = options.deflate.map(|offer| offer.to_string());
        // Last, so that no header of the caller's breaks the handshake.
        let mut headers = request.headers.to_vec();
        headers.extend([
            ("connection", Some("Upgrade")),
            ("upgrade", Some("websocket")),
            (VERSION, Some("13")),
            (KEY, Some(key.as_str())),
            (EXTENSIONS, deflate.as_deref()),
        ]);
        let built = Request::build(Options {
            method: "GET",
            base_url: &http_url(request.base_url),
            path: &http_url(request.path),
            headers: &headers,
            retry_count_header: None,
            body: None,
            ..request
        });
        let request = match built {
            Ok(request) => request,
            Err(error) => return Pending::failed(error, None),
        };
        let prepared = Shared::get().and_then(|shared| {
            let transport = self.transport(shared);
            let url = transport.parse(request.url())?;
            Ok((shared, transport, url))
        });
        let (shared, transport, url) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Pending::failed(error, Some(request)),
        };
        let (pending, settle) = Pending::new();
        let opening = Opening {
            transport,
            url,
            request,
            key,
            options,
        };
        let task = shared.handle().spawn(opening.run(settle));
        pending.cancels(task.abort_handle());
        pending
    }
}

impl Opening {
    async fn run(self, settle: Settle) {
        match self.shake(settle.started).await {
            Ok((switched, deflate)) => {
                let Switched { head, socket, rest } = *switched;
                let queues = Queues::new(self.options.limits);
                rest::enlist(&queues);
                task::start(&queues, socket, &rest, deflate);
                let elapsed = settle.started.elapsed();
                settle.succeed(Reply {
                    head,
                    request: self.request,
                    elapsed,
                    retries: 0,
                    content: Content::Socket(WebSocket::new(queues)),
                });
            }
            Err(error) => settle.fail(error, Some(self.request)),
        }
    }

    async fn shake(&self, started: Instant) -> Result<(Box<Switched>, Option<Agreed>), Error> {
        let SocketOptions {
            timeouts, deadline, ..
        } = self.options;
        let limits = Limits::begin(timeouts, deadline, started);
        let outgoing = Outgoing {
            request: &self.request,
            url: &self.url,
            sources: &[].into(),
            timeouts: &timeouts,
            follows_redirects: self.options.follows_redirects,
            undoes_codings: true,
        };
        let upgrade = tokio::select! {
            biased;
            upgrade = self.transport.upgrade(&outgoing) => upgrade?,
            error = limits.reply().overdue(Phase::Headers) => return Err(error),
        };
        match upgrade {
            Upgrade::Switched(switched) => {
                let deflate = self.check(&switched.head)?;
                Ok((switched, deflate))
            }
            Upgrade::Refused(received) => {
                let error = Error::status(received.head);
                let mut watch = limits.watch_reply();
                // The status is the failure; a body that does not come adds nothing to it.
                Err(match received.body.read(&mut watch).await {
                    Ok(body) => error.with_body(body),
                    Err(_) => error,
                })
            }
        }
    }

    /// What RFC 6455 asks of the answer in section 4.1; gives what is agreed on.
    fn check(&self, head: &Head) -> Result<Option<Agreed>, Error> {
        let wrong = |what: &str| {
            Error::new(
                Code::InvalidResponse,
                format!(
                    "the server accepted a WebSocket {what}; check the server and what stands before it"
                ),
            )
        };
        if !lists(&head.headers, "upgrade", "websocket")
            || !lists(&head.headers, "connection", "upgrade")
        {
            return Err(wrong("without saying that it switches to it"));
        }
        let accept = derive_accept_key(self.key.as_bytes());
        if head
            .headers
            .get(ACCEPT)
            .is_none_or(|given| *given != accept.as_str())
        {
            return Err(wrong("with the key of another handshake"));
        }
        if let Some(chosen) = head.header(PROTOCOL)
            && !lists(self.request.headers(), PROTOCOL, chosen.trim())
        {
            return Err(wrong("with a subprotocol that was not asked for"));
        }
        let extensions = head.headers.get_all(EXTENSIONS).iter();
        let extensions: Vec<_> = extensions
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        match self.options.deflate {
            _ if extensions.is_empty() => Ok(None),
            None => Err(wrong("with an extension that was not asked for")),
            Some(offer) => {
                let agreed = offer.agree(&extensions.join(","));
                agreed
                    .map(Some)
                    .map_err(|what| wrong(&format!("with extensions that do not fit: {what}")))
            }
        }
    }
}

/// The URL by the protocol that a handshake is made in.
fn http_url(url: &str) -> String {
    for (socket, http) in [("ws://", "http://"), ("wss://", "https://")] {
        if let Some(start) = url.get(..socket.len())
            && start.eq_ignore_ascii_case(socket)
        {
            return format!("{http}{}", url.get(socket.len()..).unwrap_or_default());
        }
    }
    url.to_owned()
}

/// Whether the header lists the token, in any case.
fn lists(headers: &HeaderMap, name: &str, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_both_protocols() {
        assert_eq!(http_url("WSS://a.b/x?y=ws://"), "https://a.b/x?y=ws://");
        assert_eq!(http_url("ws://a.b"), "http://a.b");
        assert_eq!(http_url("https://a.b"), "https://a.b");
        assert_eq!(http_url("realtime"), "realtime");
    }
}
