//! A request body that Python pushes while it is sent.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use pyo3::prelude::*;
use tailrace_client::{Notify, Push, Source};

use crate::{
    awaitable::Awaitable,
    guard::guard,
    pending::{Pending, SIGNAL_INTERVAL},
    room::{self, Room},
};

/// A body that is pushed, once: a request of which something was sent is not sent again. The call fails when it is
/// collected before its end.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Sink {
    queue: Arc<tailrace_client::Sink>,
    bell: Arc<Bell>,
    length: Option<u64>,
}

/// Told when there is room again, and when nobody reads any more.
#[derive(Default)]
struct Bell {
    waiter: Mutex<Option<Arc<dyn Notify>>>,
    rung: Condvar,
}

/// A sink, and the call that reads it.
struct Upload {
    queue: Arc<tailrace_client::Sink>,
    bell: Arc<Bell>,
    pending: Py<Pending>,
}

impl Sink {
    /// The length of the body in bytes, where it is known, and the end that a call reads.
    pub(crate) fn read(&self) -> (Option<u64>, Source) {
        (self.length, self.queue.source())
    }

    fn upload(&self, pending: Py<Pending>) -> Upload {
        Upload {
            queue: Arc::clone(&self.queue),
            bell: Arc::clone(&self.bell),
            pending,
        }
    }
}

#[pymethods]
impl Sink {
    /// A sink for a body of `length` bytes, or of a length that is not known.
    #[new]
    #[pyo3(signature = (length = None))]
    fn new(length: Option<u64>) -> Self {
        let bell = Arc::new(Bell::default());
        let notify: Arc<dyn Notify> = Arc::clone(&bell) as Arc<dyn Notify>;
        Sink {
            queue: Arc::new(tailrace_client::Sink::new(false, notify)),
            bell,
            length,
        }
    }

    /// Adds bytes to the body. False when nobody reads any more.
    fn push(&self, data: &[u8]) -> PyResult<bool> {
        guard(|| Ok(takes(self.queue.push(Bytes::copy_from_slice(data)))))
    }

    /// Blocks while there is no room for more. False when nobody reads any more, or `pending`, which reads it, has
    /// settled before. Ctrl-C raises KeyboardInterrupt.
    fn wait_room(&self, py: Python<'_>, pending: Py<Pending>) -> PyResult<bool> {
        guard(|| {
            let upload = self.upload(pending);
            while !py.detach(|| upload.wait(SIGNAL_INTERVAL)) {
                py.check_signals()?;
            }
            Ok(!upload.is_over())
        })
    }

    /// The same to await.
    fn room(&self, pending: Py<Pending>) -> Awaitable {
        room::awaitable(Arc::new(self.upload(pending)))
    }

    /// Says that this was all.
    fn end(&self) -> PyResult<()> {
        guard(|| {
            // Whether anybody still reads, the call says.
            let _ = self.queue.end();
            Ok(())
        })
    }
}

fn takes(push: Push) -> bool {
    matches!(push, Push::Room | Push::Full)
}

impl Upload {
    /// True once there is room; false after `limit`.
    fn wait(&self, limit: Duration) -> bool {
        let waiter = self.bell.lock();
        // Looked at under the lock, so that a bell that rings from here on is heard.
        if self.has_room() {
            return true;
        }
        drop(self.bell.rung.wait_timeout(waiter, limit));
        self.has_room()
    }

    fn is_settled(&self) -> bool {
        self.pending.get().call().wait(Duration::ZERO)
    }
}

impl Room for Upload {
    fn has_room(&self) -> bool {
        self.queue.room() != Push::Full || self.is_settled()
    }

    fn is_over(&self) -> bool {
        match self.queue.room() {
            Push::Room => false,
            Push::Full => self.is_settled(),
            Push::Again | Push::Over => true,
        }
    }

    fn notify_room(&self, notify: Arc<dyn Notify>) {
        *self.bell.lock() = Some(Arc::clone(&notify));
        self.pending.get().call().notify(notify);
        if self.queue.room() != Push::Full {
            self.bell.notify();
        }
    }
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<dyn Notify>>> {
        self.waiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notify for Bell {
    fn notify(&self) {
        let waiter = self.lock().take();
        self.rung.notify_all();
        if let Some(waiter) = waiter {
            waiter.notify();
        }
    }
}
