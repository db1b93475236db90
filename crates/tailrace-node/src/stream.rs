//! The events of one response, pulled in batches.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, sync::Arc};

use napi::{
    Env, JsString, Result,
    bindgen_prelude::{Either, Either3, Null, Uint8Array},
};
use napi_derive::napi;
use tailrace_client::{Ended, Notify, Pop};
use tailrace_core::{pattern::Patterns, sse::Event};

use crate::{
    batch::{self, Batch},
    decode::fields,
    failure::{Failure, arrived},
    guard::guard,
    hub::{Deliver, Seat},
};

/// A batch ends with the event that takes it past this many bytes, so that one parse never blocks for long.
const BATCH_BYTES: usize = 16 * 1024;

/// What [`EventStream::pull`] says when it has no batch. The names are those of `node/src/internal/native.cts`.
pub(crate) const ENDED: u32 = 0;
const NAMED: u32 = 1;
pub(crate) const FAILED: u32 = 2;

/// The events of one response. Its socket is closed when it is collected before the end.
#[napi]
pub struct EventStream {
    feed: Rc<RefCell<Feed>>,
    seat: Seat,
}

/// The events of one response on their way to JavaScript; the hub delivers them, too.
pub(crate) struct Feed {
    inner: tailrace_client::EventStream,
    notify: Arc<dyn Notify>,
    /// Taken from the stream and not yet handed over.
    queue: VecDeque<Event>,
    failure: Option<Box<tailrace_client::Failure>>,
    patterns: Patterns,
    /// Whether the next events go with the hub's.
    delivers: bool,
}

#[napi]
impl EventStream {
    /// What is queued, or why nothing is.
    ///
    /// * A string is a batch (see [`crate::batch`]) with one segment.
    /// * `null`: nothing now; the stream announces itself once there is something.
    /// * A number: [`ENDED`], [`NAMED`] (an event whose name has a meaning is next) or [`FAILED`].
    ///
    /// With `whole` no event is taken apart; whoever pulls without must do so from the first event on.
    #[napi]
    pub fn pull<'env>(
        &mut self,
        env: &'env Env,
        whole: bool,
    ) -> Result<Either3<JsString<'env>, u32, Null>> {
        guard(|| {
            let mut feed = self.feed.borrow_mut();
            if feed.queue.is_empty() {
                feed.refill();
            }
            match feed.queue.front() {
                Some(event) if has_meaning(&event.name) => Ok(Either3::B(NAMED)),
                Some(_) => {
                    let id = self.seat.id();
                    batch::write(env, |batch| feed.segment(id, whole, batch)).map(Either3::A)
                }
                None => Ok(feed.idle().map_or(Either3::C(Null), Either3::B)),
            }
        })
    }

    /// All pieces that are queued of a body that is handed on as it comes; otherwise as [`EventStream::pull`].
    #[napi]
    pub fn bytes(&mut self) -> Result<Either<Uint8Array, Option<u32>>> {
        guard(|| {
            let mut feed = self.feed.borrow_mut();
            feed.refill();
            if feed.queue.is_empty() {
                return Ok(feed
                    .idle()
                    .map_or(Either::B(None), |said| Either::B(Some(said))));
            }
            let mut bytes = Vec::new();
            for piece in feed.queue.drain(..) {
                bytes.extend_from_slice(&piece.data);
            }
            Ok(Either::A(Uint8Array::new(bytes)))
        })
    }

    /// Name and data of the event that [`EventStream::pull`] called [`NAMED`].
    #[napi]
    pub fn named(&mut self) -> Result<Option<Vec<String>>> {
        guard(|| Ok(self.feed.borrow_mut().queue.pop_front().map(fields)))
    }

    /// Why the stream broke off, once.
    #[napi]
    pub fn failure(&mut self) -> Result<Option<Failure>> {
        guard(|| {
            let failure = self.feed.borrow_mut().failure.take();
            Ok(failure.map(|failure| Failure::from(*failure)))
        })
    }

    /// How the stream ended, once its end was pulled: `done` by the end mark, `input` in order and without the mark,
    /// `broken`, or `closed` by the consumer; `null` before.
    #[napi]
    pub fn ended(&self) -> Result<Option<&'static str>> {
        guard(|| {
            Ok(self.feed.borrow().inner.ended().map(|ended| match ended {
                Ended::Done => "done",
                Ended::Input => "input",
                Ended::Broken => "broken",
                Ended::Closed => "closed",
            }))
        })
    }

    /// JSON text: `events`, `bytes`, and name and data of the `first` and the `last` event, of what had arrived when the
    /// stream ended by itself.
    #[napi]
    pub fn received(&self) -> Result<String> {
        guard(|| Ok(arrived(&self.feed.borrow().inner.received()).to_string()))
    }

    /// Closes the socket at once and drops what is queued.
    #[napi]
    pub fn close(&mut self) -> Result<()> {
        guard(|| {
            let mut feed = self.feed.borrow_mut();
            feed.release();
            feed.inner.close();
            Ok(())
        })
    }
}

impl EventStream {
    pub(crate) fn new(inner: tailrace_client::EventStream, seat: Seat) -> Self {
        let feed = Rc::new(RefCell::new(Feed {
            inner,
            notify: seat.notify(),
            queue: VecDeque::new(),
            failure: None,
            patterns: Patterns::default(),
            delivers: false,
        }));
        seat.sit(feed.clone());
        EventStream { feed, seat }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.seat.leave();
    }
}

impl Deliver for Feed {
    fn arm(&mut self) -> bool {
        self.delivers = true;
        if self.queue.is_empty() && !self.inner.is_ready() {
            self.inner.notify(Arc::clone(&self.notify));
            return false;
        }
        true
    }

    fn deliver(&mut self, id: u32, batch: &mut Batch) {
        if !std::mem::take(&mut self.delivers) {
            return batch.announce(id);
        }
        if self.queue.is_empty() {
            self.refill();
        }
        match self.queue.front() {
            Some(event) if !has_meaning(&event.name) => self.segment(id, false, batch),
            _ => batch.announce(id),
        }
    }
}

impl Feed {
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
            // It may have ended since it was last asked, and it counts as seen only once it said so.
            let _ = self.inner.pop();
            self.release();
            return Some(ENDED);
        }
        self.inner.notify(Arc::clone(&self.notify));
        None
    }

    /// Lets go of what only more events would need: a stream is collected long after its end.
    fn release(&mut self) {
        self.queue = VecDeque::new();
        self.patterns = Patterns::default();
    }

    /// Adds the plain events that are next.
    fn segment(&mut self, id: u32, whole: bool, batch: &mut Batch) {
        while let Some(event) = self.queue.pop_front_if(|event| !has_meaning(&event.name)) {
            if whole {
                batch.whole(&event.data);
            } else {
                batch.event(&event.data, &mut self.patterns);
            }
        }
        batch.stream(id, self.queue.is_empty() && !self.inner.is_ready());
    }
}

/// Names that the official package treats apart from all others.
fn has_meaning(name: &[u8]) -> bool {
    name == b"error" || name.starts_with(b"thread.")
}
