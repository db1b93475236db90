//! One wake-up for everything that became ready.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use napi::{
    Env, JsString, Result, Status,
    bindgen_prelude::{Function, Uint32Array},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use tailrace_client::Notify;

use crate::{
    batch::{self, Batch},
    guard::guard,
};

/// What is handed over at once goes on to the next wake-up past this many bytes, so that other work gets its turn. V8 maps memory
/// of its own for each string of 128 KiB and more, whose pages are then all new.
const TURN_BYTES: usize = 64 * 1024;

/// Weak: an idle hub does not keep the process alive. What is in flight does, by a timer on the JavaScript side.
type Drain = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Collects what is ready in one JavaScript environment and calls `drain` there.
///
/// `drain` is called once for all that became ready until it calls [`Hub::take`].
#[napi]
pub struct Hub {
    ready: Arc<Ready>,
    feeds: Rc<Feeds>,
}

/// Shared with the background thread.
struct Ready {
    ids: Mutex<Vec<u32>>,
    is_awake: AtomicBool,
    drain: Drain,
}

/// The streams and connections of one environment by what they announce themselves as.
type Feeds = RefCell<HashMap<u32, Rc<RefCell<dyn Deliver>>>>;

/// What has something for JavaScript by and by.
pub(crate) trait Deliver {
    /// Lets the hub deliver what comes next; true if something is there already.
    fn arm(&mut self) -> bool;

    /// Adds a segment of what is there: one to be asked if it may not be delivered, or if what is next is no plain text.
    fn deliver(&mut self, id: u32, batch: &mut Batch);
}

/// Announces one call or stream of a hub.
pub(crate) struct Announce {
    ready: Arc<Ready>,
    id: u32,
}

/// Where a call of a hub stands: what it announces itself with, and where its stream is found.
#[derive(Clone)]
pub(crate) struct Seat {
    announce: Arc<Announce>,
    feeds: Rc<Feeds>,
}

#[napi]
impl Hub {
    /// A hub that calls `drain()` on the JavaScript thread when something is ready.
    #[napi(constructor)]
    pub fn new(drain: Function<'_, (), ()>) -> Result<Self> {
        let drain = drain
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build()?;
        Ok(Hub {
            ready: Arc::new(Ready {
                ids: Mutex::default(),
                is_awake: AtomicBool::new(false),
                drain,
            }),
            feeds: Rc::default(),
        })
    }

    /// What became ready since the last call, as a batch (see [`crate::batch`]) with a segment for each id, possibly none,
    /// possibly one twice. The segment of a stream that was told to deliver holds its events.
    #[napi]
    pub fn take<'env>(&self, env: &'env Env) -> Result<JsString<'env>> {
        guard(|| {
            // Cleared before the list is taken: an id that comes in between causes one wake-up too many, never one too few.
            self.ready.is_awake.store(false, Ordering::SeqCst);
            let ids = std::mem::take(&mut *self.ready.lock());
            self.hand_over(env, &ids)
        })
    }

    /// Tells streams to deliver what comes next with [`Hub::take`]; gives what has come already.
    #[napi]
    pub fn arm<'env>(&self, env: &'env Env, ids: Uint32Array) -> Result<JsString<'env>> {
        guard(|| {
            let feeds = self.feeds.borrow();
            let mut ready = Vec::new();
            for id in ids.iter() {
                if let Some(feed) = feeds.get(id)
                    && feed.borrow_mut().arm()
                {
                    ready.push(*id);
                }
            }
            drop(feeds);
            self.hand_over(env, &ready)
        })
    }
}

impl Hub {
    pub(crate) fn seat(&self, id: u32) -> Seat {
        Seat {
            announce: Arc::new(Announce {
                ready: Arc::clone(&self.ready),
                id,
            }),
            feeds: Rc::clone(&self.feeds),
        }
    }

    fn hand_over<'env>(&self, env: &'env Env, ids: &[u32]) -> Result<JsString<'env>> {
        batch::write(env, |batch| {
            let mut ids = ids.iter();
            for id in ids.by_ref() {
                self.segment(*id, batch);
                if batch.len() >= TURN_BYTES {
                    break;
                }
            }
            if ids.len() > 0 {
                self.ready.announce(ids.as_slice());
            }
        })
    }

    fn segment(&self, id: u32, batch: &mut Batch) {
        match self.feeds.borrow().get(&id) {
            Some(feed) => feed.borrow_mut().deliver(id, batch),
            None => batch.announce(id),
        }
    }
}

impl Seat {
    pub(crate) fn id(&self) -> u32 {
        self.announce.id
    }

    pub(crate) fn notify(&self) -> Arc<dyn Notify> {
        Arc::clone(&self.announce) as Arc<dyn Notify>
    }

    /// Runs `does` without a wake-up of JavaScript, which is to call [`Hub::take`] if that is true.
    pub(crate) fn quietly<T>(&self, does: impl FnOnce() -> T) -> (T, bool) {
        self.announce.ready.quietly(does)
    }

    /// Another of the same hub.
    pub(crate) fn beside(&self, id: u32) -> Seat {
        Seat {
            announce: Arc::new(Announce {
                ready: Arc::clone(&self.announce.ready),
                id,
            }),
            feeds: Rc::clone(&self.feeds),
        }
    }

    pub(crate) fn sit(&self, feed: Rc<RefCell<dyn Deliver>>) {
        self.feeds.borrow_mut().insert(self.id(), feed);
    }

    pub(crate) fn leave(&self) {
        let left = self.feeds.borrow_mut().remove(&self.id());
        // Its socket is closed when the map is not borrowed any more.
        drop(left);
    }
}

impl Ready {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u32>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Collects what is announced meanwhile without a wake-up, for JavaScript that asks for it right away; true if there is
    /// something to take.
    fn quietly<T>(&self, does: impl FnOnce() -> T) -> (T, bool) {
        let is_awake = self.is_awake.swap(true, Ordering::SeqCst);
        let done = does();
        if is_awake {
            // The wake-up that was under way takes everything.
            return (done, false);
        }
        let has_ready = !self.lock().is_empty();
        if !has_ready {
            self.is_awake.store(false, Ordering::SeqCst);
            // What came in between has woken nobody.
            if !self.lock().is_empty() {
                self.announce(&[]);
            }
        }
        (done, has_ready)
    }

    fn announce(&self, ids: &[u32]) {
        self.lock().extend_from_slice(ids);
        if !self.is_awake.swap(true, Ordering::SeqCst) {
            // The environment may be closing; then nobody is left to be told.
            let _ = self.drain.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

impl Notify for Announce {
    fn notify(&self) {
        self.ready.announce(&[self.id]);
    }
}
