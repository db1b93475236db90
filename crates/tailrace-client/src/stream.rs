//! The consumer's end of an event stream: a bounded queue.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tailrace_core::{
    error::{Code, Error, Received},
    sse::Event,
};
use tokio::task::AbortHandle;

use crate::{
    baton::Sleepers,
    flow::{Flow, Form},
    fork,
    notify::Notify,
    pending::Failure,
};

/// Bytes that a stream holds for a consumer that is behind, names and the events themselves included; past it the socket
/// is not read.
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
    Failed(Box<Failure>),
}

/// How a stream ended, for the consumer who has seen its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The end mark was read. What the connection did after it says nothing.
    Done,
    /// The body ended in order and without the mark; whether the last event is one that ends a stream is the host's to say.
    Input,
    /// The connection broke off inside the body, a limit passed, or an event could not be read.
    Broken,
    /// The consumer closed it first.
    Closed,
}

/// Events of one response, in order. Dropping it closes the socket unless the stream has ended.
#[derive(Debug)]
pub struct EventStream {
    queue: Arc<Queue>,
    generation: usize,
}

/// Shared by the consumer and the pump.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    sleepers: Arc<Sleepers>,
    room: tokio::sync::Notify,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    bytes: usize,
    /// How it ended, once nothing more comes.
    end: Option<Ended>,
    /// Why it broke off, until that was said.
    failure: Option<Box<Failure>>,
    /// How it ended, once the consumer was told.
    seen: Option<Ended>,
    /// What had been handed over when it ended.
    received: Received,
    notify: Option<Arc<dyn Notify>>,
    /// The pump's task while it runs: what has ended need not stay in memory for a consumer who keeps the stream.
    pump: Option<AbortHandle>,
}

impl EventStream {
    /// Starts to read the body of `flow`. Must be called on the runtime or within its context.
    pub(crate) fn open(flow: Flow, form: Form) -> Self {
        let queue = Arc::new(Queue {
            state: Mutex::default(),
            sleepers: Arc::default(),
            room: tokio::sync::Notify::new(),
        });
        let pump = tokio::spawn(flow.run(Arc::clone(&queue), form)).abort_handle();
        let mut state = queue.lock();
        if state.end.is_none() {
            state.pump = Some(pump);
        }
        drop(state);
        EventStream {
            queue,
            generation: fork::generation(),
        }
    }

    /// The next event, or why there is none.
    pub fn pop(&self) -> Pop {
        if self.is_foreign() {
            return Pop::Failed(Box::new(Failure {
                error: Error::new(
                    Code::Forked,
                    "the process forked while this stream was open and its socket belongs to the parent; start the call again in the child",
                ),
                request: None,
                elapsed: Duration::ZERO,
            }));
        }
        let mut state = self.queue.lock();
        match state.events.pop_front() {
            Some(event) => {
                let before = state.bytes;
                state.bytes = before.saturating_sub(event.held_bytes());
                let made_room = crosses_half(before, state.bytes);
                drop(state);
                if made_room {
                    self.queue.room.notify_one();
                }
                Pop::Event(event)
            }
            None => {
                state.seen = state.seen.or(state.end);
                if state.end.is_some() {
                    state.events = VecDeque::new();
                }
                match (state.failure.take(), state.end) {
                    (Some(failure), _) => Pop::Failed(failure),
                    (None, Some(_)) => Pop::End,
                    (None, None) => Pop::Empty,
                }
            }
        }
    }

    /// Moves queued events into `taken`, until they have `bytes` of data or none is left. Cheaper than popping each.
    pub fn pop_up_to(&self, bytes: usize, taken: &mut VecDeque<Event>) {
        if self.is_foreign() {
            return;
        }
        let mut state = self.queue.lock();
        let before = state.bytes;
        let (mut moved, mut freed) = (0, 0);
        while moved < bytes
            && let Some(event) = state.events.pop_front()
        {
            moved += event.data.len();
            freed += event.held_bytes();
            taken.push_back(event);
        }
        state.bytes = before.saturating_sub(freed);
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
        self.queue
            .sleepers
            .sleep(&self.queue.state, limit, State::is_ready)
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
        let mut state = self.queue.lock();
        state.events = VecDeque::new();
        state.bytes = 0;
        state.failure = None;
        if state.seen.is_none() {
            state.end = Some(Ended::Closed);
            state.seen = state.end;
        }
        let pump = state.pump.take();
        self.queue.wake(state, true);
        if let Some(pump) = pump {
            pump.abort();
        }
    }

    /// How the stream ended; `None` until the consumer was told that it did, by [`Pop::End`] or [`Pop::Failed`], or closed
    /// it.
    pub fn ended(&self) -> Option<Ended> {
        if self.is_foreign() {
            return Some(Ended::Broken);
        }
        self.queue.lock().seen
    }

    /// What had arrived when the stream ended by itself; nothing while it runs, and in a forked child.
    pub fn received(&self) -> Received {
        if self.is_foreign() {
            return Received::default();
        }
        self.queue.lock().received.clone()
    }

    /// True when [`EventStream::pop`] would say something else than [`Pop::Empty`].
    pub fn is_ready(&self) -> bool {
        self.is_foreign() || self.queue.lock().is_ready()
    }

    /// True once nothing more can be popped.
    pub fn is_over(&self) -> bool {
        if self.is_foreign() {
            return false;
        }
        let state = self.queue.lock();
        state.events.is_empty() && state.end.is_some() && state.failure.is_none()
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
        if self.is_foreign() {
            return;
        }
        let pump = self.queue.lock().pump.take();
        if let Some(pump) = pump {
            pump.abort();
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
        state.bytes += events.iter().map(Event::held_bytes).sum::<usize>();
        state.events.extend(events.drain(..));
        self.wake(state, was_empty);
    }

    /// Says that nothing follows and how that came; the first call counts.
    pub(crate) fn end(&self, end: Ended, received: Received) {
        self.finish(end, received, None);
    }

    /// Says that the stream broke off; without effect on one that has ended.
    pub(crate) fn fail(&self, failure: Failure) {
        let received = failure.error.received().cloned().unwrap_or_default();
        self.finish(Ended::Broken, received, Some(Box::new(failure)));
    }

    fn finish(&self, end: Ended, mut received: Received, failure: Option<Box<Failure>>) {
        received.detach();
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        state.end = Some(end);
        state.pump = None;
        state.received = received;
        state.failure = failure;
        let was_empty = state.events.is_empty();
        self.wake(state, was_empty);
    }

    /// True while the consumer is behind by more than the limit.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().bytes >= QUEUE_LIMIT_BYTES
    }

    /// Waits while it is.
    pub(crate) async fn room(&self) {
        while self.is_full() {
            self.room.notified().await;
        }
    }

    fn wake(&self, mut state: MutexGuard<'_, State>, was_empty: bool) {
        let notify = state.notify.take();
        drop(state);
        if was_empty {
            self.sleepers.wake_in_turn();
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
