//! The events of one response, pulled in batches.

use std::{cell::RefCell, collections::VecDeque, io::Write as _, sync::Arc};

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

/// A batch with at most one wide byte in this many is turned into ASCII.
const WIDE_SHARE: usize = 16;

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
    failure: Option<Box<tailrace_client::Failure>>,
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
        guard(|| Ok(self.failure.take().map(|failure| Failure::from(*failure))))
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
        self.inner.pop_up_to(BATCH_BYTES, &mut self.queue);
        if self.queue.is_empty() {
            match self.inner.pop() {
                // It came in between.
                Pop::Event(event) => self.queue.push_back(event),
                Pop::Failed(failure) => self.failure = Some(failure),
                Pop::Empty | Pop::End => {}
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
        let (mut bytes, mut wide) = (0, 0);
        for event in self.queue.iter().take(events) {
            bytes += event.data.len();
            // Asking for ASCII reads words; only the events that are not are counted byte by byte.
            if !event.data.is_ascii() {
                wide += event.data.iter().filter(|byte| !byte.is_ascii()).count();
            }
        }
        // One wide character would make the whole batch a two-byte string, which takes V8 half as long again to parse.
        let escapes = wide > 0 && wide <= bytes / WIDE_SHARE;
        SCRATCH.with_borrow_mut(|text| {
            text.clear();
            text.reserve(bytes + 2 * wide + 2 * events + 24);
            text.push(b'[');
            text.extend_from_slice(events.to_string().as_bytes());
            for event in self.queue.drain(..events) {
                text.extend_from_slice(b"\r,");
                if escapes && !event.data.is_ascii() {
                    push_ascii(text, &event.data);
                } else {
                    text.extend_from_slice(&event.data);
                }
            }
            text.push(b']');
            let string = if wide == 0 || escapes {
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

/// Appends JSON text with what is not ASCII written as `\uXXXX`, which stands for the same inside JSON strings. Anywhere else
/// neither form is JSON.
fn push_ascii(out: &mut Vec<u8>, data: &[u8]) {
    for chunk in data.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
            let (ascii, wide) = rest.split_at(at);
            out.extend_from_slice(ascii.as_bytes());
            let mut characters = wide.chars();
            if let Some(character) = characters.next() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a vector cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            rest = characters.as_str();
        }
        out.extend_from_slice(rest.as_bytes());
    }
}

/// Names that the official package treats apart from all others.
fn has_meaning(name: &[u8]) -> bool {
    name == b"error" || name.starts_with(b"thread.")
}
