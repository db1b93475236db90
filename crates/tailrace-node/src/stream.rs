//! The events of one response, pulled in batches.

use std::{cell::RefCell, collections::VecDeque, sync::Arc};

use napi::{
    Env, JsString, Result,
    bindgen_prelude::{Either, Either3, Null, Uint8Array},
};
use napi_derive::napi;
use tailrace_client::{Notify, Pop};
use tailrace_core::sse::Event;

use crate::{decode::fields, failure::Failure, guard::guard, hub::Announce};

/// A batch ends with the event that takes it past this many bytes, so that one parse never blocks for long.
const BATCH_BYTES: usize = 16 * 1024;

/// What [`EventStream::pull`] says when it has no batch. The names are those of `node/src/internal/native.cts`.
const ENDED: u32 = 0;
const NAMED: u32 = 1;
const FAILED: u32 = 2;

thread_local! {
    /// Where batches are put together: one per JavaScript thread, as many streams may be open.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The events of one response. Its socket is closed when it is collected before the end.
#[napi]
pub struct EventStream {
    inner: tailrace_client::EventStream,
    announce: Arc<Announce>,
    /// Taken from the stream and not yet pulled.
    queue: VecDeque<Event>,
    failure: Option<tailrace_core::error::Error>,
}

#[napi]
impl EventStream {
    /// What is queued, or why nothing is.
    ///
    /// * A string is a batch: a JSON array of the number of events and then the data of each, where `,` stands after a
    ///   carriage return. Event data holds no carriage return and JSON strings may not, so that the data can be told
    ///   apart again when the array does not parse.
    /// * `null`: nothing now; the stream announces itself once there is something.
    /// * A number: [`ENDED`], [`NAMED`] (an event whose name has a meaning is next) or [`FAILED`].
    #[napi]
    pub fn pull<'env>(&mut self, env: &'env Env) -> Result<Either3<JsString<'env>, u32, Null>> {
        guard(|| {
            if self.queue.is_empty() {
                self.refill();
            }
            match self.queue.front() {
                Some(event) if has_meaning(&event.name) => Ok(Either3::B(NAMED)),
                Some(_) => self.batch(env).map(Either3::A),
                None => Ok(self.idle().map_or(Either3::C(Null), Either3::B)),
            }
        })
    }

    /// All pieces that are queued of a body that is handed on as it comes; otherwise as [`EventStream::pull`].
    #[napi]
    pub fn bytes(&mut self) -> Result<Either<Uint8Array, Option<u32>>> {
        guard(|| {
            self.refill();
            if self.queue.is_empty() {
                return Ok(self
                    .idle()
                    .map_or(Either::B(None), |said| Either::B(Some(said))));
            }
            let mut bytes = Vec::new();
            for piece in self.queue.drain(..) {
                bytes.extend_from_slice(&piece.data);
            }
            Ok(Either::A(Uint8Array::new(bytes)))
        })
    }

    /// Name and data of the event that [`EventStream::pull`] called [`NAMED`].
    #[napi]
    pub fn named(&mut self) -> Result<Option<Vec<String>>> {
        guard(|| Ok(self.queue.pop_front().map(fields)))
    }

    /// Why the stream broke off, once.
    #[napi]
    pub fn failure(&mut self) -> Result<Option<Failure>> {
        guard(|| Ok(self.failure.take().map(Failure::from)))
    }

    /// Closes the socket at once and drops what is queued.
    #[napi]
    pub fn close(&mut self) -> Result<()> {
        guard(|| {
            self.queue.clear();
            self.inner.close();
            Ok(())
        })
    }
}

impl EventStream {
    pub(crate) fn new(inner: tailrace_client::EventStream, announce: Arc<Announce>) -> Self {
        EventStream {
            inner,
            announce,
            queue: VecDeque::new(),
            failure: None,
        }
    }

    /// Takes what makes one batch. The rest stays where it counts against the limit of the stream.
    fn refill(&mut self) {
        let mut bytes = 0;
        while bytes < BATCH_BYTES {
            match self.inner.pop() {
                Pop::Event(event) => {
                    bytes += event.data.len();
                    self.queue.push_back(event);
                }
                Pop::Failed(error) => {
                    self.failure = Some(error);
                    return;
                }
                Pop::Empty | Pop::End => return,
            }
        }
    }

    /// Why there is no event; `None` when one has to be waited for, which is then announced.
    fn idle(&mut self) -> Option<u32> {
        if self.failure.is_some() {
            return Some(FAILED);
        }
        if self.inner.is_over() {
            return Some(ENDED);
        }
        self.inner
            .notify(Arc::clone(&self.announce) as Arc<dyn Notify>);
        None
    }

    fn batch<'env>(&mut self, env: &'env Env) -> Result<JsString<'env>> {
        let plain = |event: &&Event| !has_meaning(&event.name);
        let events = self.queue.iter().take_while(plain).count();
        let bytes: usize = self.queue.iter().map(|event| event.data.len()).sum();
        SCRATCH.with_borrow_mut(|text| {
            text.clear();
            text.reserve(bytes + 2 * events + 24);
            text.push(b'[');
            text.extend_from_slice(events.to_string().as_bytes());
            for event in self.queue.drain(..events) {
                text.extend_from_slice(b"\r,");
                text.extend_from_slice(&event.data);
            }
            text.push(b']');
            let string = if text.is_ascii() {
                env.create_string_latin1(&text)
            } else {
                env.create_string(String::from_utf8_lossy(text))
            };
            // One huge event must not stay allocated for ever.
            text.shrink_to(2 * BATCH_BYTES);
            string
        })
    }
}

/// Names that the official package treats apart from all others.
fn has_meaning(name: &[u8]) -> bool {
    name == b"error" || name.starts_with(b"thread.")
}
