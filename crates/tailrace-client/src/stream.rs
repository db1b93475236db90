//! The consumer's end of an event stream: a bounded queue.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tailrace_core::{
    error::{Code, Error},
    sse::Event,
};
use tokio::{sync::OwnedSemaphorePermit, task::AbortHandle};

use crate::{
    fork,
    notify::Notify,
    pump::{Pump, Reader},
    transport::Body,
};

/// Bytes that a stream holds for a consumer that is behind; past it the socket is not read.
pub(crate) const QUEUE_LIMIT_BYTES: usize = 256 * 1024;

/// What a stream has for its consumer.
#[derive(Debug)]
pub enum Pop {
    /// The next event.
    Event(Event),
    /// Nothing now; wait or be notified.
    Empty,
    /// The stream ended, or was closed.
    End,
    /// The stream broke off. Said once; [`Pop::End`] follows.
    Failed(Error),
}

/// Events of one response, in order. Dropping it closes the socket unless the stream has ended.
#[derive(Debug)]
pub struct EventStream {
    queue: Arc<Queue>,
    abort: AbortHandle,
    generation: usize,
}

/// Shared by the consumer and the pump.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    room: tokio::sync::Notify,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    bytes: usize,
    end: Option<Result<(), Error>>,
    notify: Option<Arc<dyn Notify>>,
}

impl EventStream {
    /// Starts to read `body`. Must be called on the runtime or within its context.
    pub(crate) fn open(
        body: Body,
        place: Option<OwnedSemaphorePermit>,
        reader: Reader,
        frame: Option<Duration>,
    ) -> Self {
        let queue = Arc::new(Queue {
            state: Mutex::default(),
            filled: Condvar::new(),
            room: tokio::sync::Notify::new(),
        });
        let pump = Pump {
            body,
            queue: Arc::clone(&queue),
            reader,
            frame,
            place,
        };
        EventStream {
            queue,
            abort: tokio::spawn(pump.run()).abort_handle(),
            generation: fork::generation(),
        }
    }

    /// The next event, or why there is none.
    pub fn pop(&self) -> Pop {
        if self.is_foreign() {
            return Pop::Failed(Error::new(
                Code::Forked,
                "the process forked while this stream was open and its socket belongs to the parent; start the call again in the child",
            ));
        }
        let mut state = self.queue.lock();
        match state.events.pop_front() {
            Some(event) => {
                let before = state.bytes;
                state.bytes = before.saturating_sub(event.data.len());
                let made_room = crosses_half(before, state.bytes);
                drop(state);
                if made_room {
                    self.queue.room.notify_one();
                }
                Pop::Event(event)
            }
            None => match state.end.replace(Ok(())) {
                None => {
                    state.end = None;
                    Pop::Empty
                }
                Some(Ok(())) => Pop::End,
                Some(Err(error)) => Pop::Failed(error),
            },
        }
    }

    /// Moves queued events into `taken`, until they have `bytes` of data or none is left. Cheaper than popping each.
    pub fn pop_up_to(&self, bytes: usize, taken: &mut VecDeque<Event>) {
        if self.is_foreign() {
            return;
        }
        let mut state = self.queue.lock();
        let before = state.bytes;
        let mut moved = 0;
        while moved < bytes
            && let Some(event) = state.events.pop_front()
        {
            moved += event.data.len();
            taken.push_back(event);
        }
        state.bytes = before.saturating_sub(moved);
        let made_room = crosses_half(before, state.bytes);
        drop(state);
        if made_room {
            self.queue.room.notify_one();
        }
    }

    /// Blocks until there is something to pop, at most `limit`; true if there is.
    pub fn wait(&self, limit: Duration) -> bool {
        if self.is_foreign() {
            return true;
        }
        let waited = self
            .queue
            .filled
            .wait_timeout_while(self.queue.lock(), limit, |state| !state.is_ready());
        match waited {
            Ok((state, _)) => state.is_ready(),
            Err(poisoned) => poisoned.into_inner().0.is_ready(),
        }
    }

    /// Tells `notify` once, when there next is something to pop: at once if there already is.
    pub fn notify(&self, notify: Arc<dyn Notify>) {
        if self.is_foreign() {
            notify.notify();
            return;
        }
        let mut state = self.queue.lock();
        if state.is_ready() {
            drop(state);
            notify.notify();
        } else {
            state.notify = Some(notify);
        }
    }

    /// Closes the socket at once. What is queued is dropped, and the stream has ended.
    pub fn close(&self) {
        if self.is_foreign() {
            return;
        }
        self.abort.abort();
        let mut state = self.queue.lock();
        state.events.clear();
        state.bytes = 0;
        drop(state);
        self.queue.end(Ok(()));
    }

    /// True once nothing more can be popped.
    pub fn is_over(&self) -> bool {
        if self.is_foreign() {
            return false;
        }
        let state = self.queue.lock();
        state.events.is_empty() && matches!(state.end, Some(Ok(())))
    }

    /// True in a child of the process that opened the stream, where [`EventStream::pop`] says so, too.
    pub fn is_foreign(&self) -> bool {
        self.generation != fork::generation()
    }
}

/// The pump is woken once a consumer has caught up by half, not for each event.
fn crosses_half(before: usize, after: usize) -> bool {
    before >= QUEUE_LIMIT_BYTES / 2 && after < QUEUE_LIMIT_BYTES / 2
}

impl Drop for EventStream {
    fn drop(&mut self) {
        // In a forked child the task and its socket are the parent's.
        if !self.is_foreign() {
            self.abort.abort();
        }
    }
}

impl Queue {
    /// Adds events, and wakes the consumer if it had none.
    pub(crate) fn push(&self, events: &mut Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.end.is_some() {
            events.clear();
            return;
        }
        let was_empty = state.events.is_empty();
        state.bytes += events.iter().map(|event| event.data.len()).sum::<usize>();
        state.events.extend(events.drain(..));
        self.wake(state, was_empty);
    }

    /// Says that nothing follows; the first call counts.
    pub(crate) fn end(&self, end: Result<(), Error>) {
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        state.end = Some(end);
        let was_empty = state.events.is_empty();
        self.wake(state, was_empty);
    }

    /// Waits while the consumer is behind by more than the limit.
    pub(crate) async fn room(&self) {
        while self.lock().bytes >= QUEUE_LIMIT_BYTES {
            self.room.notified().await;
        }
    }

    fn wake(&self, mut state: MutexGuard<'_, State>, was_empty: bool) {
        let notify = state.notify.take();
        drop(state);
        if was_empty {
            self.filled.notify_all();
        }
        if let Some(notify) = notify {
            notify.notify();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_ready(&self) -> bool {
        !self.events.is_empty() || self.end.is_some()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("events", &self.events.len())
            .field("bytes", &self.bytes)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
