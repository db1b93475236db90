//! An open WebSocket: its messages pulled in batches.

use std::collections::VecDeque;

use napi::{
    Env, JsString, Result,
    bindgen_prelude::{Either, Either3, Null, Uint8Array},
};
use napi_derive::napi;
use serde_json::json;
use tailrace_client::{Arrival, Awaited, Close, Message, Unsent};

use crate::{batch, failure::described, guard::guard, hub::Seat};

/// A batch ends with the message that takes it past this many bytes, so that one parse never blocks for long.
const BATCH_BYTES: usize = 16 * 1024;

/// What [`WebSocket::pull`] says when it has no batch. The names are those of `node/src/internal/native.cts`.
const CLOSED: u32 = 0;
const BINARY: u32 = 1;
const TEXT: u32 = 2;

/// What [`WebSocket::send`] says.
const QUEUED: u32 = 0;
const FULL: u32 = 1;
const REFUSED: u32 = 2;

/// An open connection. Its socket is closed without a close frame when it is collected.
#[napi]
pub struct WebSocket {
    inner: tailrace_client::WebSocket,
    seat: Seat,
    /// Taken from the connection and not yet handed over.
    queue: VecDeque<Message>,
}

#[napi]
impl WebSocket {
    /// What came, or why there is nothing.
    ///
    /// * A string is a batch (see [`crate::batch`]) with one segment, whose elements are text messages as they came.
    /// * `null`: nothing now; the connection announces itself, as the id of its call, once there is something.
    /// * A number: [`CLOSED`], [`BINARY`] (the next message is bytes, for [`WebSocket::bytes`]) or [`TEXT`] (it is text that no
    ///   batch may hold, for [`WebSocket::text`]).
    #[napi]
    pub fn pull<'env>(&mut self, env: &'env Env) -> Result<Either3<JsString<'env>, u32, Null>> {
        guard(|| {
            if self.queue.is_empty() && !self.refill() {
                return Ok(match self.inner.is_ready(Awaited::End) {
                    true => Either3::B(CLOSED),
                    false => {
                        self.inner.notify(Awaited::Arrival, self.seat.notify());
                        Either3::C(Null)
                    }
                });
            }
            match self.queue.front() {
                Some(message) if !message.is_text => return Ok(Either3::B(BINARY)),
                Some(message) if !fits(message) => return Ok(Either3::B(TEXT)),
                _ => {}
            }
            let id = self.seat.id();
            batch::write(env, |batch| {
                while let Some(message) = self.queue.pop_front_if(|message| fits(message)) {
                    batch.whole(&message.data);
                }
                let drained = self.queue.is_empty() && !self.inner.is_ready(Awaited::Arrival);
                batch.stream(id, drained);
            })
            .map(Either3::A)
        })
    }

    /// The next message, if it is text that no batch may hold.
    #[napi]
    pub fn text(&mut self) -> Result<Option<String>> {
        guard(|| {
            let message = self.queue.pop_front_if(|message| message.is_text);
            Ok(message.map(|message| String::from_utf8_lossy(&message.data).into_owned()))
        })
    }

    /// The next message, if it is bytes.
    #[napi]
    pub fn bytes(&mut self) -> Result<Option<Uint8Array>> {
        guard(|| {
            let message = self.queue.pop_front_if(|message| !message.is_text);
            Ok(message.map(|message| Uint8Array::new(message.data.to_vec())))
        })
    }

    /// Queues a message: [`QUEUED`], [`FULL`], or [`REFUSED`] by a connection that is closed or being closed.
    #[napi]
    pub fn send(&self, data: Either<String, Uint8Array>) -> Result<u32> {
        guard(|| {
            let message = match data {
                Either::A(text) => Message {
                    data: text.into(),
                    is_text: true,
                },
                Either::B(bytes) => Message {
                    data: bytes.to_vec().into(),
                    is_text: false,
                },
            };
            Ok(match self.inner.send(message) {
                Ok(()) => QUEUED,
                Err(Unsent::Full(_)) => FULL,
                Err(Unsent::Closed(_)) => REFUSED,
            })
        })
    }

    /// Announces `id` once there is room for another message, or the connection has ended.
    #[napi]
    pub fn notify_room(&self, id: u32) -> Result<()> {
        guard(|| {
            let notify = self.seat.beside(id).notify();
            self.inner.notify(Awaited::Room, notify);
            Ok(())
        })
    }

    /// Begins the close handshake once everything queued was sent; its end is announced as what comes is, and `id` at the end
    /// even if something is left to be pulled. False for a code that no endpoint may send.
    #[napi]
    pub fn close(&self, id: u32, code: u32, reason: String) -> Result<bool> {
        guard(|| {
            let Some(code) = u16::try_from(code)
                .ok()
                .filter(|code| Close::is_sendable(*code))
            else {
                return Ok(false);
            };
            self.inner
                .notify(Awaited::End, self.seat.beside(id).notify());
            self.inner.close(Close::new(code, &reason));
            Ok(true)
        })
    }

    /// Closes the socket at once, without a close frame.
    #[napi]
    pub fn abort(&mut self) -> Result<()> {
        guard(|| {
            self.queue = VecDeque::new();
            self.inner.abort();
            Ok(())
        })
    }

    /// How the connection ended, as JSON text, or `null`: `received` and `sent`, each `[code, reason]` or null,
    /// `receivedFirst`, and `error` as [`crate::failure::Failure::data`] has it.
    #[napi]
    pub fn closed(&self) -> Result<Option<String>> {
        guard(|| {
            Ok(self.inner.closed().map(|closed| {
                let frame =
                    |close: Option<Close>| close.map(|close| json!([close.code, close.reason]));
                json!({
                    "received": frame(closed.received),
                    "sent": frame(closed.sent),
                    "receivedFirst": closed.received_first,
                    "error": closed.error.map(|error| described(&error, 0.0)),
                })
                .to_string()
            }))
        })
    }

    /// Whether the connection has ended or is being closed.
    #[napi]
    pub fn closing(&self) -> Result<bool> {
        guard(|| Ok(self.inner.is_closing() || self.inner.is_ready(Awaited::End)))
    }

    /// Messages that were queued and never sent, once the connection has ended; once.
    #[napi]
    pub fn unsent(&self) -> Result<Vec<Either<String, Uint8Array>>> {
        guard(|| {
            let unsent = self.inner.unsent().into_iter();
            Ok(unsent
                .map(|message| match message.is_text {
                    true => Either::A(String::from_utf8_lossy(&message.data).into_owned()),
                    false => Either::B(Uint8Array::new(message.data.to_vec())),
                })
                .collect())
        })
    }

    /// JSON text of what the connection has done: messages and bytes `sent`, `received`, `queued` (come and not taken) and
    /// `waiting` (to be sent), and `latency` in milliseconds from the last ping to its pong, or null.
    #[napi]
    pub fn counters(&self) -> Result<String> {
        guard(|| {
            let counters = self.inner.counters();
            let counters = json!({
                "sentMessages": counters.sent_messages,
                "sentBytes": counters.sent_bytes,
                "receivedMessages": counters.received_messages,
                "receivedBytes": counters.received_bytes,
                "queuedMessages": counters.queued_messages,
                "queuedBytes": counters.queued_bytes,
                "waitingMessages": counters.waiting_messages,
                "waitingBytes": counters.waiting_bytes,
                "latency": counters.latency.map(|latency| latency.as_secs_f64() * 1000.0),
            });
            Ok(counters.to_string())
        })
    }
}

impl WebSocket {
    pub(crate) fn new(inner: tailrace_client::WebSocket, seat: Seat) -> Self {
        WebSocket {
            inner,
            seat,
            queue: VecDeque::new(),
        }
    }

    /// Takes what makes one batch; false when there is nothing.
    fn refill(&mut self) -> bool {
        self.inner.pop_up_to(BATCH_BYTES, &mut self.queue);
        if self.queue.is_empty()
            && let Arrival::Message(message) = self.inner.pop()
        {
            // It came in between.
            self.queue.push_back(message);
        }
        !self.queue.is_empty()
    }
}

/// Whether a batch may hold the message: a carriage return tells its elements apart.
fn fits(message: &Message) -> bool {
    message.is_text && !message.data.contains(&b'\r')
}
