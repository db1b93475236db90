//! One request as a stream, until the head of its answer.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{
    RecvStream, SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::{
    HeaderMap, HeaderValue, Request, StatusCode, Version,
    header::{
        CONNECTION, CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
    },
};
use tailrace_core::error::Error;
use tokio::time::Instant;
use url::Position;

use super::links::Seat;
use crate::{
    push::{take_from, too_short},
    transport::{
        http1::{self, Length},
        reading::Reading,
        redirect::Hop,
    },
};

/// The head of an answer, and the stream that its body comes on.
#[derive(Debug)]
pub(in crate::transport) struct Answer {
    pub(in crate::transport) status: StatusCode,
    pub(in crate::transport) headers: HeaderMap,
    pub(in crate::transport) stream: RecvStream,
}

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::transport) enum Fault {
    /// The server has not looked at the request, which can go over another connection.
    Refused(h2::Error),
    Broken(h2::Error),
    /// The request cannot be written in HTTP/2.
    Unsayable(http::Error),
    /// The body of the request could not be read.
    Unreadable(Error),
}

/// A request on its way. Dropping it cancels its stream, and no other.
pub(in crate::transport) struct Exchange {
    seat: Seat,
    state: State,
    body: Option<Reading>,
    length: Length,
    left: u64,
    moved: Instant,
}

enum State {
    /// Until the server takes another stream.
    Waiting(Box<Request<()>>),
    Sent {
        response: ResponseFuture,
        sending: Option<Sending>,
    },
}

/// The body on its way.
pub(in crate::transport) struct Sending {
    stream: SendStream<Bytes>,
    body: Reading,
    /// What was read and waits for room.
    piece: Bytes,
    /// Bytes that are left of a length that was said.
    left: Option<u64>,
}

impl Exchange {
    /// Begins to send what `hop` says.
    pub(in crate::transport) fn new(
        seat: Seat,
        hop: &Hop,
        length: Length,
        body: Option<Reading>,
    ) -> Result<Self, Fault> {
        let request = head(hop, length).map_err(Fault::Unsayable)?;
        Ok(Exchange {
            seat,
            state: State::Waiting(Box::new(request)),
            body: body.filter(|_| length != Length::Known(0)),
            left: match length {
                Length::Known(length) => length,
                Length::None | Length::Unknown => 0,
            },
            length,
            moved: Instant::now(),
        })
    }

    pub(in crate::transport) fn seat(&self) -> &Seat {
        &self.seat
    }

    /// True while the body is not whole.
    pub(in crate::transport) fn is_uploading(&self) -> bool {
        matches!(
            &self.state,
            State::Sent {
                sending: Some(_),
                ..
            }
        )
    }

    /// When the connection last took something of the request.
    pub(in crate::transport) fn moved(&self) -> Instant {
        self.moved
    }

    /// Sends, and waits for the head of the final answer.
    pub(in crate::transport) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Answer, Fault>> {
        loop {
            match &mut self.state {
                State::Waiting(_) => ready!(self.poll_begin(cx))?,
                State::Sent { response, sending } => {
                    if let Some(body) = sending {
                        match body.poll(cx, &mut self.moved) {
                            Poll::Ready(Ok(())) => *sending = None,
                            Poll::Ready(Err(Fault::Unreadable(error))) => {
                                return Poll::Ready(Err(Fault::Unreadable(error)));
                            }
                            // A server may answer without having read all; what it answers counts.
                            Poll::Ready(Err(_)) => *sending = None,
                            Poll::Pending => {}
                        }
                    }
                    let (head, stream) = ready!(Pin::new(response).poll(cx))
                        .map_err(fault)?
                        .into_parts();
                    return Poll::Ready(Ok(Answer {
                        status: head.status,
                        headers: head.headers,
                        stream,
                    }));
                }
            }
        }
    }

    /// The connection's place, and what is left to be sent, for the body of the answer.
    pub(in crate::transport) fn into_rest(self) -> (Seat, Option<Sending>) {
        match self.state {
            State::Sent { sending, .. } => (self.seat, sending),
            State::Waiting(_) => (self.seat, None),
        }
    }

    fn poll_begin(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        let sender: &mut SendRequest<Bytes> = &mut self.seat.sender;
        // A connection on which no stream can be opened any more has not seen the request.
        ready!(sender.poll_ready(cx)).map_err(Fault::Refused)?;
        let State::Waiting(request) = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        let request = std::mem::take(&mut **request);
        let body = self.body.take();
        let (response, stream) = sender
            .send_request(request, body.is_none())
            .map_err(Fault::Refused)?;
        self.moved = Instant::now();
        let left = matches!(self.length, Length::Known(_)).then_some(self.left);
        self.state = State::Sent {
            response,
            sending: body.map(|body| Sending {
                stream,
                body,
                piece: Bytes::new(),
                left,
            }),
        };
        Poll::Ready(Ok(()))
    }
}

impl Sending {
    /// Sends what there is room for; ready once all was taken.
    pub(in crate::transport) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        moved: &mut Instant,
    ) -> Poll<Result<(), Fault>> {
        loop {
            if self.piece.is_empty() {
                let next = match self.left {
                    // A known length is not read past: a source may never say that it has ended.
                    Some(0) => None,
                    _ => ready!(self.body.poll_piece(cx)).map_err(Fault::Unreadable)?,
                };
                let Some(piece) = next else {
                    if let Some(missing @ 1..) = self.left {
                        return Poll::Ready(Err(Fault::Unreadable(too_short(missing))));
                    }
                    self.stream.send_data(Bytes::new(), true).map_err(fault)?;
                    return Poll::Ready(Ok(()));
                };
                if let Some(left) = &mut self.left {
                    take_from(left, &piece).map_err(Fault::Unreadable)?;
                }
                self.piece = piece;
                continue;
            }
            self.stream.reserve_capacity(self.piece.len());
            let room = match ready!(self.stream.poll_capacity(cx)) {
                Some(room) => room.map_err(fault)?,
                // The server has stopped reading.
                None => return Poll::Ready(Ok(())),
            };
            let part = self.piece.split_to(room.min(self.piece.len()));
            let is_last = self.piece.is_empty() && self.left == Some(0);
            self.stream.send_data(part, is_last).map_err(fault)?;
            *moved = Instant::now();
            if is_last {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

/// Whether a request that broke off was looked at.
fn fault(error: h2::Error) -> Fault {
    let is_refused = error.reason() == Some(h2::Reason::REFUSED_STREAM)
        || (error.is_go_away()
            && error.is_remote()
            && error.reason() == Some(h2::Reason::NO_ERROR));
    if is_refused {
        Fault::Refused(error)
    } else {
        Fault::Broken(error)
    }
}

fn head(hop: &Hop, length: Length) -> Result<Request<()>, http::Error> {
    let mut headers = hop.headers.clone();
    let authority = headers.remove(HOST);
    let named = &hop.url[Position::BeforeHost..Position::AfterPort];
    let authority = match &authority {
        Some(given) => given.to_str().unwrap_or(named),
        None => named,
    };
    let target = &hop.url[Position::BeforePath..Position::AfterQuery];
    let mut request = Request::builder()
        .version(Version::HTTP_2)
        .method(hop.method.clone())
        .uri(format!("{}://{authority}{target}", hop.url.scheme()))
        .body(())?;
    // What is about a connection of HTTP/1.1 is malformed here.
    for name in [
        CONNECTION,
        TRANSFER_ENCODING,
        UPGRADE,
        TE,
        CONTENT_LENGTH,
        PROXY_AUTHORIZATION,
    ] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        headers.remove(name);
    }
    for (name, value) in http1::usual(&hop.url) {
        headers.entry(name).or_insert(value);
    }
    if let Length::Known(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    *request.headers_mut() = headers;
    Ok(request)
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Exchange")
    }
}

impl std::fmt::Debug for Sending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sending")
    }
}
