//! An open WebSocket: its messages come with the hub's, or are pulled in batches.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, sync::Arc, time::Duration};

use bytes::Bytes;
use napi::{
    Env, JsString, Result,
    bindgen_prelude::{Either, Either3, Null, Uint8Array},
};
use napi_derive::napi;
use serde_json::json;
use tailrace_client::{Arrival, Awaited, Close, Message, Notify, Unsent};
use tailrace_core::binary::{self, Members};

use crate::{
    batch::{self, Batch},
    failure::described,
    guard::guard,
    hub::{Deliver, Seat},
};

/// A batch ends with the message that takes it past this many bytes, so that one parse never blocks for long.
const BATCH_BYTES: usize = 32 * 1024;

/// What [`WebSocket::pull`] says when it has no batch. The names are those of `node/src/internal/native.cts`.
const CLOSED: u32 = 0;
const BINARY: u32 = 1;
const TEXT: u32 = 2;
const PONG: u32 = 3;

/// What [`WebSocket::send`] says.
const QUEUED: u32 = 0;
const FULL: u32 = 1;
const REFUSED: u32 = 2;

/// An open connection. Its socket is closed without a close frame when it is collected.
#[napi]
pub struct WebSocket {
    link: Rc<RefCell<Link>>,
    seat: Seat,
}

/// The messages of a connection on their way to JavaScript; the hub delivers them, too.
struct Link {
    inner: tailrace_client::WebSocket,
    notify: Arc<dyn Notify>,
    /// Whether what comes next goes with the hub's.
    delivers: bool,
    /// JavaScript wants nothing unless it asks.
    is_held: bool,
    /// Taken from the connection and not yet handed over.
    queue: VecDeque<Message>,
    /// Taken, too.
    pong: Option<Bytes>,
    /// Which base64 in messages becomes bytes.
    binary: Option<Members>,
    /// The bytes of what was handed over last.
    blocks: Vec<Block>,
}

/// Bytes that a message had as base64, which is empty in the text of it.
#[napi(object)]
pub struct Block {
    /// The place of the message in its batch.
    pub at: u32,
    /// Which of the members.
    pub member: u32,
    /// The bytes.
    pub data: Uint8Array,
}

#[napi]
impl WebSocket {
    /// What came, or why there is nothing.
    ///
    /// * A string is a batch (see [`crate::batch`]) with one segment, whose elements are text messages as they came.
    /// * `null`: nothing now; the connection announces itself, as the id of its call, once there is something. What the hub
    ///   then takes is such a batch, if that is what comes.
    /// * A number: [`CLOSED`], [`BINARY`] (the next message is bytes, for [`WebSocket::bytes`]), [`TEXT`] (it is text that no
    ///   batch may hold, for [`WebSocket::text`]) or [`PONG`] (a pong came, for [`WebSocket::pong`]).
    #[napi]
    pub fn pull<'env>(&mut self, env: &'env Env) -> Result<Either3<JsString<'env>, u32, Null>> {
        guard(|| {
            let mut link = self.link.borrow_mut();
            link.delivers = false;
            if let Some(said) = link.said() {
                return Ok(Either3::B(said));
            }
            if link.queue.is_empty() {
                link.arm();
                return Ok(Either3::C(Null));
            }
            let id = self.seat.id();
            batch::write(env, |batch| {
                link.segment(id, batch);
            })
            .map(Either3::A)
        })
    }

    /// Has everything be pulled from here on, or not.
    #[napi]
    pub fn hold(&mut self, is_held: bool) -> Result<()> {
        guard(|| {
            self.link.borrow_mut().is_held = is_held;
            Ok(())
        })
    }

    /// The next message, if it is text that no batch may hold.
    #[napi]
    pub fn text(&mut self) -> Result<Option<String>> {
        guard(|| {
            let mut link = self.link.borrow_mut();
            let message = link.queue.pop_front_if(|message| message.is_text);
            link.blocks.clear();
            Ok(message.map(|message| {
                let rest = link.taken_out(&message.data, 0);
                let data = rest.as_deref().unwrap_or(&message.data);
                String::from_utf8_lossy(data).into_owned()
            }))
        })
    }

    /// Decodes the base64 of messages from here on: that of the member that follows in `members` what `tag` says of a message, in
    /// whole units of so many bytes.
    #[napi]
    pub fn decode(&mut self, tag: String, members: Vec<String>, unit: u32) -> Result<()> {
        guard(|| {
            let members = members
                .chunks_exact(2)
                .filter_map(|pair| Some((pair.first()?.clone(), pair.last()?.clone())))
                .collect();
            let unit = unit as usize;
            self.link.borrow_mut().binary = Some(Members { tag, members, unit });
            Ok(())
        })
    }

    /// The bytes of the batch or the text that was taken last; once.
    #[napi]
    pub fn blocks(&mut self) -> Result<Vec<Block>> {
        guard(|| Ok(std::mem::take(&mut self.link.borrow_mut().blocks)))
    }

    /// The next message, if it is bytes.
    #[napi]
    pub fn bytes(&mut self) -> Result<Option<Uint8Array>> {
        guard(|| {
            let mut link = self.link.borrow_mut();
            let message = link.queue.pop_front_if(|message| !message.is_text);
            Ok(message.map(|message| Uint8Array::new(message.data.to_vec())))
        })
    }

    /// The data of the pong that came.
    #[napi]
    pub fn pong(&mut self) -> Result<Option<Uint8Array>> {
        guard(|| {
            let pong = self.link.borrow_mut().pong.take();
            Ok(pong.map(|data| Uint8Array::new(data.to_vec())))
        })
    }

    /// Sends a ping of at most 125 bytes before all that waits: [`QUEUED`], [`FULL`] when many wait, or [`REFUSED`] by a
    /// connection that is closed or being closed. Its pong is announced as what comes is.
    #[napi]
    pub fn ping(&self, data: Uint8Array) -> Result<u32> {
        guard(|| Ok(said(&self.link.borrow().inner.ping(data.to_vec().into()))))
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
            Ok(said(&self.link.borrow().inner.send(message)))
        })
    }

    /// Announces `id` once there is room for another message, or the connection has ended.
    #[napi]
    pub fn notify_room(&self, id: u32) -> Result<()> {
        guard(|| {
            let notify = self.seat.beside(id).notify();
            self.link.borrow().inner.notify(Awaited::Room, notify);
            Ok(())
        })
    }

    /// Begins the close handshake once everything queued was sent; its end is announced as what comes is, and `id` at the end
    /// even if something is left to be pulled. 1005 sends a frame without a code. False for a code that no endpoint may send.
    #[napi]
    pub fn close(&self, id: u32, code: u32, reason: String) -> Result<bool> {
        guard(|| {
            let Some(code) = u16::try_from(code)
                .ok()
                .filter(|code| *code == Close::NO_CODE || Close::is_sendable(*code))
            else {
                return Ok(false);
            };
            self.link
                .borrow()
                .inner
                .notify(Awaited::End, self.seat.beside(id).notify());
            self.link.borrow().inner.close(Close::new(code, &reason));
            Ok(true)
        })
    }

    /// Closes the socket at once, without a close frame.
    #[napi]
    pub fn abort(&mut self) -> Result<()> {
        guard(|| {
            let mut link = self.link.borrow_mut();
            link.queue = VecDeque::new();
            link.inner.abort();
            Ok(())
        })
    }

    /// How the connection ended, as JSON text, or `null`: `received` and `sent`, each `[code, reason]` or null,
    /// `receivedFirst`, and `error` as [`crate::failure::Failure::data`] has it.
    #[napi]
    pub fn closed(&self) -> Result<Option<String>> {
        guard(|| {
            Ok(self.link.borrow().inner.closed().map(|closed| {
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
        guard(|| {
            Ok(self.link.borrow().inner.is_closing()
                || self.link.borrow().inner.is_ready(Awaited::End))
        })
    }

    /// Messages that were queued and never sent, once the connection has ended; once.
    #[napi]
    pub fn unsent(&self) -> Result<Vec<Either<String, Uint8Array>>> {
        guard(|| {
            let unsent = self.link.borrow().inner.unsent().into_iter();
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
            let counters = self.link.borrow().inner.counters();
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
        let link = Rc::new(RefCell::new(Link {
            inner,
            notify: seat.notify(),
            delivers: false,
            is_held: false,
            queue: VecDeque::new(),
            pong: None,
            binary: None,
            blocks: Vec::new(),
        }));
        seat.sit(link.clone());
        WebSocket { link, seat }
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        self.seat.leave();
    }
}

impl Deliver for Link {
    fn arm(&mut self) -> bool {
        Link::arm(self);
        false
    }

    fn deliver(&mut self, id: u32, batch: &mut Batch) {
        let delivers = std::mem::take(&mut self.delivers) && !self.is_held;
        // Sound is asked for by the batch that it belongs to.
        if !delivers || self.binary.is_some() || self.said().is_some() || self.queue.is_empty() {
            return batch.announce(id);
        }
        if self.segment(id, batch) {
            self.arm();
        }
    }
}

impl Link {
    /// Has the connection announce itself once there is something, for the hub to deliver it.
    fn arm(&mut self) {
        self.delivers = true;
        self.inner
            .notify(Awaited::Arrival, Arc::clone(&self.notify));
    }

    /// What there is that no batch holds, of [`WebSocket::pull`]; otherwise the queue has what does, if there is anything.
    fn said(&mut self) -> Option<u32> {
        if self.pong.is_none() {
            self.pong = self.inner.pong();
        }
        if self.pong.is_some() {
            return Some(PONG);
        }
        if self.queue.is_empty() && !self.refill() {
            return self.inner.is_ready(Awaited::End).then_some(CLOSED);
        }
        match self.queue.front() {
            Some(message) if !message.is_text => Some(BINARY),
            Some(message) if !fits(message) => Some(TEXT),
            _ => None,
        }
    }

    /// Adds the texts that are next, the first of which was looked through; true if nothing is left.
    fn segment(&mut self, id: u32, batch: &mut Batch) -> bool {
        self.blocks.clear();
        let mut is_first = true;
        let mut at = 0;
        while let Some(message) = self
            .queue
            .pop_front_if(|message| std::mem::take(&mut is_first) || fits(message))
        {
            match self.taken_out(&message.data, at) {
                Some(rest) => batch.exact(&rest),
                None => batch.exact(&message.data),
            }
            at += 1;
        }
        let is_drained = self.queue.is_empty() && !self.inner.is_ready(Awaited::Arrival);
        batch.stream(id, is_drained);
        is_drained
    }

    /// The message without its base64, which is kept as bytes; `None` for one that has none.
    fn taken_out(&mut self, message: &[u8], at: u32) -> Option<Vec<u8>> {
        let found = self.binary.as_ref()?.find(message)?;
        let mut block = Vec::with_capacity(found.bytes);
        binary::decode(&found.text, &mut block)?;
        self.blocks.push(Block {
            at,
            member: u32::try_from(found.member).ok()?,
            data: Uint8Array::new(block),
        });
        Some(found.rest(message))
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

/// Blocks until every message that any connection of this process took was handed to the system, at most `seconds`; true if all
/// were. The thread that sends ends with the process.
#[napi]
#[allow(
    unreachable_pub,
    reason = "what is exported to JavaScript must be public"
)]
#[cfg_attr(
    test,
    allow(dead_code, reason = "a build for tests exports nothing to JavaScript")
)]
pub fn send_rest(seconds: f64) -> Result<bool> {
    guard(|| {
        let limit = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        Ok(tailrace_client::send_rest(limit))
    })
}

fn said(sent: &std::result::Result<(), Unsent>) -> u32 {
    match sent {
        Ok(()) => QUEUED,
        Err(Unsent::Full(_)) => FULL,
        Err(Unsent::Closed(_)) => REFUSED,
    }
}

/// Whether a batch may hold the message: a carriage return tells its elements apart.
fn fits(message: &Message) -> bool {
    message.is_text && memchr::memchr(b'\r', &message.data).is_none()
}
