//! One wake-up for everything that became ready.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use napi::{
    Result, Status,
    bindgen_prelude::Function,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use tailrace_client::Notify;

use crate::guard::guard;

/// Weak: an idle hub does not keep the process alive. What is in flight does, by a timer on the JavaScript side.
type Drain = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Collects what is ready in one JavaScript environment and calls `drain` there.
///
/// `drain` is called once for all that became ready until it calls [`Hub::take`].
#[napi]
pub struct Hub(Arc<Ready>);

struct Ready {
    ids: Mutex<Vec<u32>>,
    is_awake: AtomicBool,
    drain: Drain,
}

/// Announces one call or stream of a hub.
pub(crate) struct Announce {
    ready: Arc<Ready>,
    id: u32,
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
        Ok(Hub(Arc::new(Ready {
            ids: Mutex::default(),
            is_awake: AtomicBool::new(false),
            drain,
        })))
    }

    /// The ids that became ready since the last call, possibly none, possibly one twice.
    #[napi]
    pub fn take(&self) -> Result<Vec<u32>> {
        guard(|| {
            // Cleared before the list is taken: an id that comes in between causes one wake-up too many, never one too few.
            self.0.is_awake.store(false, Ordering::SeqCst);
            let mut ids = self.0.ids.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(std::mem::take(&mut *ids))
        })
    }
}

impl Hub {
    pub(crate) fn announce(&self, id: u32) -> Arc<Announce> {
        Arc::new(Announce {
            ready: Arc::clone(&self.0),
            id,
        })
    }
}

impl Announce {
    /// Announces another at the same hub.
    pub(crate) fn beside(&self, id: u32) -> Arc<Announce> {
        Arc::new(Announce {
            ready: Arc::clone(&self.ready),
            id,
        })
    }
}

impl Notify for Announce {
    fn notify(&self) {
        self.ready
            .ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.id);
        if !self.ready.is_awake.swap(true, Ordering::SeqCst) {
            // The environment may be closing; then nobody is left to be told.
            let _ = self
                .ready
                .drain
                .call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}
