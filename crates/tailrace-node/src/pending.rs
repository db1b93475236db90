//! A call in flight, and the reply that it settles to.

use std::time::Duration;

use bytes::Bytes;
use napi::{
    Env, JsString, Result,
    bindgen_prelude::{ClassInstance, Either, Uint8Array},
};
use napi_derive::napi;
use serde_json::json;
use tailrace_client::{Content, Unread};
use tailrace_core::{credentials::Secret, request::Request, response::Head, retry::Decision};

use crate::{
    exchange::Exchange,
    failure::Failure,
    guard::guard,
    hub::Seat,
    options::{SSE, milliseconds, pairs},
    signer::{self, Signer},
    stream::EventStream,
    vectors::{self, Vectors},
    websocket::WebSocket,
};

/// A call in flight. It is cancelled and its socket closed when it is collected before it settled.
#[napi]
pub struct Pending {
    inner: tailrace_client::Pending,
    seat: Seat,
}

#[napi]
impl Pending {
    /// The reply or the failure; `null` until the call has settled, and once it has been taken.
    #[napi]
    pub fn take(&self) -> Result<Option<Either<Reply, Failure>>> {
        guard(|| {
            Ok(self.inner.take().map(|outcome| match outcome {
                Ok(reply) => Either::A(Reply::accepted(reply, &self.seat)),
                Err(failure) => Either::B(Failure::from(failure)),
            }))
        })
    }

    /// Whether the call waits for [`Pending::renew`]; it announces itself then.
    #[napi]
    pub fn needs_headers(&self) -> Result<bool> {
        guard(|| Ok(self.inner.needs_headers()))
    }

    /// Whether it waits because the server refused the headers of its last attempt.
    #[napi]
    pub fn is_refused(&self) -> Result<bool> {
        guard(|| Ok(self.inner.is_refused()))
    }

    /// The token of a call for one; `null` until it has settled, and once it has been taken.
    #[napi]
    pub fn token(&self) -> Result<Option<String>> {
        guard(|| {
            let token = self.inner.take_token();
            Ok(token.map(|token| token.expose().to_owned()))
        })
    }

    /// Whether a call for a token waits for [`Pending::subject`]; it announces itself then.
    #[napi]
    pub fn needs_subject(&self) -> Result<bool> {
        guard(|| Ok(self.inner.needs_subject()))
    }

    /// Gives a call for a token what it exchanges. The call announces itself again. Without effect on a call that needs
    /// nothing.
    #[napi]
    pub fn subject(&self, token: String) -> Result<()> {
        guard(|| {
            if self.inner.subject(Secret::from(token)) {
                self.inner.notify(self.seat.notify());
            }
            Ok(())
        })
    }

    /// Names and values by turns, merged over the headers of the call for its next attempt; `null` removes a header. The
    /// call announces itself again. With `signer`, that one signs from now on.
    #[napi]
    pub fn renew(
        &self,
        headers: Vec<Option<String>>,
        signer: Option<ClassInstance<'_, Signer>>,
    ) -> Result<()> {
        guard(|| {
            let headers = pairs(&headers)
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.map(str::to_owned)))
                .collect();
            self.inner.renew_signed(headers, signer::shared(signer));
            // Also when it has ended meanwhile, which nobody else would say.
            self.inner.notify(self.seat.notify());
            Ok(())
        })
    }

    /// The retry that the call asks about, once; it waits for [`Pending::decide`], and announces itself before.
    #[napi]
    pub fn proposal(&self) -> Result<Option<Proposal>> {
        guard(|| {
            Ok(self.inner.proposal().map(|proposal| Proposal {
                delay_ms: proposal.delay.as_secs_f64() * 1000.0,
                failure: Some(Failure::from(proposal.failure)),
            }))
        })
    }

    /// Milliseconds before the retry that was proposed, or `null` for none. The call announces itself again. Without
    /// effect on a call that asks about none.
    #[napi]
    pub fn decide(&self, delay_ms: Option<f64>) -> Result<()> {
        guard(|| {
            let decision = match delay_ms {
                Some(delay) => Decision::Retry(milliseconds(delay).unwrap_or(Duration::MAX)),
                None => Decision::Stop,
            };
            self.inner.decide(decision);
            // Also when it has ended meanwhile, which nobody else would say.
            self.inner.notify(self.seat.notify());
            Ok(())
        })
    }

    /// The first [`Pending::exchange`], which is not announced; the call announces itself from then on.
    #[napi]
    pub fn begin(&self, id: u32) -> Result<Option<Exchange>> {
        guard(|| {
            let exchange = self.inner.exchange();
            self.inner.notify(self.seat.notify());
            Ok(exchange.map(|exchange| Exchange::new(exchange, &self.seat.beside(id))))
        })
    }

    /// The request that a caller with a `fetch` of its own has to send, once for each attempt; `null` when there is none. It
    /// announces itself as `id`, and the call itself again when it goes on.
    #[napi]
    pub fn exchange(&self, id: u32) -> Result<Option<Exchange>> {
        guard(|| {
            Ok(self.inner.exchange().map(|exchange| {
                self.inner.notify(self.seat.notify());
                Exchange::new(exchange, &self.seat.beside(id))
            }))
        })
    }

    /// Ends the call with `cancelled` and closes its socket; without effect once it has settled.
    #[napi]
    pub fn cancel(&self) -> Result<()> {
        guard(|| {
            self.inner.cancel();
            Ok(())
        })
    }
}

/// An attempt that failed, and how long the call would wait before the next one.
#[napi]
pub struct Proposal {
    delay_ms: f64,
    failure: Option<Failure>,
}

#[napi]
impl Proposal {
    /// In milliseconds.
    #[napi(getter)]
    pub fn delay_ms(&self) -> f64 {
        self.delay_ms
    }

    /// What the call would fail with; once.
    #[napi]
    pub fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

impl Pending {
    pub(crate) fn new(inner: tailrace_client::Pending, seat: Seat) -> Self {
        inner.notify(seat.notify());
        Pending { inner, seat }
    }

    /// One that waits for [`Pending::begin`].
    pub(crate) fn relayed(inner: tailrace_client::Pending, seat: Seat) -> Self {
        Pending { inner, seat }
    }
}

/// A response: its head, and its body whole, as a stream, or not read yet.
#[napi]
pub struct Reply {
    head: Head,
    request: Option<Request>,
    retries: u32,
    body: Bytes,
    rest: Rest,
}

/// What can still be read from a reply.
#[derive(Default)]
enum Rest {
    /// Nothing: the body is here, was taken or was closed.
    #[default]
    None,
    Stream(EventStream),
    Unread(Unread, Seat),
    Socket(WebSocket),
}

#[napi]
impl Reply {
    /// JSON text: `status`, `reason`, `url`, `headers` as pairs, `retries`, and of the request `method` and `asked`, its URL.
    #[napi]
    pub fn head(&self) -> Result<String> {
        guard(|| {
            let headers: Vec<(&str, std::borrow::Cow<'_, str>)> = self
                .head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), latin1(value.as_bytes())))
                .collect();
            let head = json!({
                "status": self.head.status.as_u16(),
                "reason": self.head.status.canonical_reason().unwrap_or(""),
                "url": self.head.url,
                "headers": headers,
                "retries": self.retries,
                "method": self.request.as_ref().map(|request| request.method().as_str()),
                "asked": self.request.as_ref().map(Request::url),
            });
            Ok(head.to_string())
        })
    }

    /// The whole body decoded from UTF-8 as `Response.text()` does: a byte order mark is dropped, broken bytes are
    /// replaced.
    #[napi]
    pub fn text<'env>(&self, env: &'env Env) -> Result<JsString<'env>> {
        guard(|| {
            let body = self
                .body
                .strip_prefix(b"\xEF\xBB\xBF")
                .unwrap_or(&self.body);
            if body.is_ascii() {
                env.create_string_latin1(body)
            } else {
                env.create_string(String::from_utf8_lossy(body))
            }
        })
    }

    /// The vectors of the whole body; see [`vectors::vectors`].
    #[napi]
    pub fn vectors(
        &self,
        list: String,
        vector: String,
        index: String,
    ) -> Result<Either<Vectors, String>> {
        guard(|| Ok(vectors::read(&self.body, &list, &vector, &index)))
    }

    /// The whole body.
    #[napi]
    pub fn bytes(&self) -> Result<Uint8Array> {
        guard(|| Ok(Uint8Array::new(self.body.to_vec())))
    }

    /// The stream of a streamed reply, or the events of one that is not read yet. Once; `null` afterwards and for other
    /// replies.
    #[napi]
    pub fn events(&mut self) -> Result<Option<EventStream>> {
        guard(|| match std::mem::take(&mut self.rest) {
            Rest::None | Rest::Socket(_) => Ok(None),
            Rest::Stream(stream) => Ok(Some(stream)),
            Rest::Unread(unread, seat) => opened(unread.events(SSE), seat),
        })
    }

    /// The body of a reply that is not read yet in pieces, which [`EventStream::bytes`] gives. Once; `null` afterwards
    /// and for other replies.
    #[napi]
    pub fn chunks(&mut self) -> Result<Option<EventStream>> {
        guard(|| match self.unread() {
            Some((unread, seat)) => opened(unread.chunks(), seat),
            None => Ok(None),
        })
    }

    /// Reads the whole body of a reply that is not read yet: a call that announces itself as `id` and gives a reply that
    /// has it. Once; `null` afterwards and for other replies.
    #[napi]
    pub fn read(&mut self, id: u32) -> Result<Option<Pending>> {
        guard(|| {
            Ok(match (self.unread(), self.request.clone()) {
                (Some((unread, seat)), Some(request)) => {
                    let pending = unread.read(self.head.clone(), request, self.retries);
                    Some(Pending::new(pending, seat.beside(id)))
                }
                _ => None,
            })
        })
    }

    /// The connection of a handshake that was accepted. Once; `null` afterwards and for other replies.
    #[napi]
    pub fn socket(&mut self) -> Result<Option<WebSocket>> {
        guard(|| {
            Ok(match std::mem::take(&mut self.rest) {
                Rest::Socket(socket) => Some(socket),
                rest => {
                    self.rest = rest;
                    None
                }
            })
        })
    }

    /// Gives up what was not read and closes its socket; without effect on what was taken.
    #[napi]
    pub fn close(&mut self) -> Result<()> {
        guard(|| {
            self.rest = Rest::None;
            Ok(())
        })
    }
}

/// A stream, or an exception in the child of a fork, where the socket is the parent's.
fn opened(
    stream: std::result::Result<tailrace_client::EventStream, tailrace_core::error::Error>,
    seat: Seat,
) -> Result<Option<EventStream>> {
    match stream {
        Ok(stream) => Ok(Some(EventStream::new(stream, seat))),
        Err(error) => Err(napi::Error::from_reason(error.message())),
    }
}

impl Reply {
    /// The response that came with a failure.
    pub(crate) fn rejected(
        head: Head,
        body: Bytes,
        request: Option<Request>,
        retries: u32,
    ) -> Self {
        Reply {
            head,
            request,
            retries,
            body,
            rest: Rest::None,
        }
    }

    fn accepted(reply: tailrace_client::Reply, seat: &Seat) -> Self {
        let (body, rest) = match reply.content {
            Content::Whole(body) => (body, Rest::None),
            Content::Stream(stream) => {
                let stream = EventStream::new(stream, seat.clone());
                (Bytes::new(), Rest::Stream(stream))
            }
            Content::Unread(unread) => (Bytes::new(), Rest::Unread(unread, seat.clone())),
            Content::Socket(socket) => {
                let socket = WebSocket::new(socket, seat.clone());
                (Bytes::new(), Rest::Socket(socket))
            }
        };
        Reply {
            head: reply.head,
            request: Some(reply.request),
            retries: reply.retries,
            body,
            rest,
        }
    }

    /// What is not read yet, to be read in a way that a stream does not have.
    fn unread(&mut self) -> Option<(Unread, Seat)> {
        match std::mem::take(&mut self.rest) {
            Rest::Unread(unread, seat) => Some((unread, seat)),
            rest => {
                self.rest = rest;
                None
            }
        }
    }
}

/// Header values are bytes, which `fetch` reads as Latin-1.
pub(crate) fn latin1(value: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => value
            .iter()
            .copied()
            .map(char::from)
            .collect::<String>()
            .into(),
    }
}
