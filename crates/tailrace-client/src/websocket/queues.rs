//! What stands between the host and the task of a connection: a queue in each direction, both bounded.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Waker},
    time::Duration,
};

use bytes::Bytes;
use tokio::task::AbortHandle;

use super::{
    close::{Close, Closed},
    open::SocketLimits,
    turn,
};
use crate::{baton::Sleepers, notify::Notify};

/// One message, its fragments joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// UTF-8 where it is text.
    pub data: Bytes,
    /// It came, or goes, as text rather than as bytes.
    pub is_text: bool,
}

impl Message {
    pub(super) fn held_bytes(&self) -> usize {
        self.data.len() + size_of::<Message>()
    }
}

/// Why a message was not taken, with the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsent {
    /// The queue is full until [`Awaited::Room`].
    Full(Message),
    /// The connection is closed, or is being closed.
    Closed(Message),
}

/// What a host can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// A message, or the end of the connection.
    Arrival = 0,
    /// Room in the send queue, or the end of the connection.
    Room = 1,
    /// The end of the connection.
    End = 2,
}

/// What a connection has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages that were handed to the system, and their bytes without framing.
    pub sent_messages: u64,
    /// See [`Counters::sent_messages`].
    pub sent_bytes: u64,
    /// Messages that came, and their bytes without framing.
    pub received_messages: u64,
    /// See [`Counters::received_messages`].
    pub received_bytes: u64,
    /// Messages that came and that the host has not taken, and what they hold.
    pub queued_messages: usize,
    /// See [`Counters::queued_messages`].
    pub queued_bytes: usize,
    /// Messages that wait to be sent, and what they hold.
    pub waiting_messages: usize,
    /// See [`Counters::waiting_messages`].
    pub waiting_bytes: usize,
    /// From the last ping to its pong; `None` before the first pong.
    pub latency: Option<Duration>,
}

/// Pings and pongs of the host that are held; past it a ping is refused, and the oldest pong is dropped.
const MOST_PINGS: usize = 64;

/// Bytes that are held for a host that has closed: what a server may have under way, which is as much as buffers of sockets hold
/// at most, and not what one can say that never stops.
const CLOSING_BYTES: usize = 16 * 1024 * 1024;

/// Shared by the host and the task.
#[derive(Debug)]
pub(super) struct Queues {
    state: Mutex<State>,
    sleepers: Arc<Sleepers>,
    pub(super) limits: SocketLimits,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) arrived: VecDeque<Message>,
    arrived_bytes: usize,
    pub(super) waiting: VecDeque<Message>,
    pub(super) waiting_bytes: usize,
    /// Pings of the host that wait to be sent, and pongs that it has not taken, once it has sent a ping.
    pub(super) pings: VecDeque<Bytes>,
    pub(super) pongs: Option<VecDeque<Bytes>>,
    /// The frame that the host wants to close with.
    pub(super) close: Option<Close>,
    pub(super) closed: Option<Closed>,
    /// The host is gone; what comes is for nobody.
    pub(super) is_left: bool,
    notify: [Option<Arc<dyn Notify>>; 3],
    /// The task does not read, because the host is behind.
    pub(super) is_paused: bool,
    /// Wakes the task.
    pub(super) waker: Option<Waker>,
    pub(super) task: Option<AbortHandle>,
    pub(super) counters: Counters,
}

impl Queues {
    pub(super) fn new(limits: SocketLimits) -> Arc<Self> {
        Arc::new(Queues {
            state: Mutex::default(),
            sleepers: Arc::default(),
            limits,
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next message that came, or gives how the connection ended.
    pub(super) fn pop(&self) -> Result<Message, Option<Closed>> {
        let mut state = self.lock();
        let Some(message) = state.arrived.pop_front() else {
            return Err(state.closed.clone());
        };
        self.freed(state, message.held_bytes());
        Ok(message)
    }

    /// Moves messages that came into `taken`, until they have `bytes` of data or none is left.
    pub(super) fn pop_up_to(&self, bytes: usize, taken: &mut VecDeque<Message>) {
        let mut state = self.lock();
        let (mut moved, mut freed) = (0, 0);
        while moved < bytes
            && let Some(message) = state.arrived.pop_front()
        {
            moved += message.data.len();
            freed += message.held_bytes();
            taken.push_back(message);
        }
        self.freed(state, freed);
    }

    fn freed(&self, mut state: MutexGuard<'_, State>, bytes: usize) {
        state.arrived_bytes = state.arrived_bytes.saturating_sub(bytes);
        // The task reads on once the host has caught up by half, not for each message.
        let has_caught_up = state.arrived_bytes <= self.limits.receive_bytes / 2
            && state.arrived.len() <= self.limits.receive_messages / 2;
        if state.is_paused
            && has_caught_up
            && let Some(waker) = state.waker.take()
        {
            state.is_paused = false;
            drop(state);
            waker.wake();
        }
    }

    /// True while the host is behind by more than the limits.
    pub(super) fn is_full(&self, state: &State, is_open: bool) -> bool {
        if !is_open || state.close.is_some() {
            // The server's answer stands behind what it said before, and a host that waits for the one may read the other later.
            return state.arrived_bytes >= self.limits.receive_bytes.max(CLOSING_BYTES);
        }
        state.arrived_bytes >= self.limits.receive_bytes
            || state.arrived.len() >= self.limits.receive_messages
    }

    /// Adds what came, and wakes the host if it had nothing. On the runtime only.
    pub(super) fn arrive(&self, messages: &mut Vec<Message>) {
        if messages.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.is_left {
            messages.clear();
            return;
        }
        for message in messages.drain(..) {
            state.counters.received_messages += 1;
            state.counters.received_bytes += message.data.len() as u64;
            state.arrived_bytes += message.held_bytes();
            state.arrived.push_back(message);
        }
        let told = state
            .notify
            .get_mut(Awaited::Arrival as usize)
            .and_then(Option::take);
        drop(state);
        self.sleepers.wake_in_turn();
        if let Some(notify) = told {
            turn::tell(notify);
        }
    }

    /// Takes a message that is to be sent, or gives it back.
    pub(super) fn send(&self, message: Message) -> Result<(), Unsent> {
        let mut state = self.lock();
        if state.closed.is_some() || state.close.is_some() {
            return Err(Unsent::Closed(message));
        }
        if state.waiting_bytes >= self.limits.send_bytes {
            return Err(Unsent::Full(message));
        }
        state.waiting_bytes += message.held_bytes();
        state.waiting.push_back(message);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Takes a ping that is to be sent, before all that waits, or gives it back.
    pub(super) fn ping(&self, data: Bytes) -> Result<(), Unsent> {
        let mut state = self.lock();
        let given_back = |data| Message {
            data,
            is_text: false,
        };
        if state.closed.is_some() || state.close.is_some() {
            return Err(Unsent::Closed(given_back(data)));
        }
        if state.pings.len() >= MOST_PINGS {
            return Err(Unsent::Full(given_back(data)));
        }
        state.pings.push_back(data);
        state.pongs.get_or_insert_default();
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Adds a pong, if the host has sent a ping.
    pub(super) fn pong(&self, data: Bytes) {
        let mut state = self.lock();
        let Some(pongs) = &mut state.pongs else {
            return;
        };
        if pongs.len() >= MOST_PINGS {
            pongs.pop_front();
        }
        pongs.push_back(data);
        self.tell(state, &[Awaited::Arrival]);
    }

    /// Says that messages of so many bytes, held and of data, were handed to the system.
    pub(super) fn sent(&self, messages: u64, held_bytes: usize, data_bytes: u64) {
        let mut state = self.lock();
        let was_full = !self.has_room(&state);
        state.waiting_bytes = state.waiting_bytes.saturating_sub(held_bytes);
        state.counters.sent_messages += messages;
        state.counters.sent_bytes += data_bytes;
        if was_full && self.has_room(&state) {
            self.tell(state, &[Awaited::Room]);
        } else if state.waiting_bytes == 0 {
            self.tell(state, &[]);
        }
    }

    /// Blocks until nothing waits to be sent, at most `limit`; true if nothing does, or nothing can be sent any more.
    pub(super) fn wait_sent(&self, limit: Duration) -> bool {
        let is_sent = |state: &State| state.waiting_bytes == 0 || state.closed.is_some();
        self.sleepers.sleep(&self.state, limit, is_sent)
    }

    /// Has the task close once everything queued was sent; without effect where that was said before.
    pub(super) fn close(&self, mut state: MutexGuard<'_, State>, close: Close) {
        if state.closed.is_some() {
            return;
        }
        state.close.get_or_insert(close);
        let waker = state.waker.take();
        // Whoever waits for room waits in vain.
        self.tell(state, &[Awaited::Room]);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ends the connection for the host; the first call counts. `unsent` go back before what waits.
    pub(super) fn end(&self, closed: Closed, unsent: VecDeque<Message>) {
        let mut state = self.lock();
        if state.closed.is_some() {
            return;
        }
        state.closed = Some(closed);
        state.task = None;
        for message in unsent.into_iter().rev() {
            state.waiting.push_front(message);
        }
        self.tell(state, &[Awaited::Arrival, Awaited::Room, Awaited::End]);
    }

    /// Messages that were taken and never sent; there is something only once the connection has ended.
    pub(super) fn unsent(&self) -> VecDeque<Message> {
        let mut state = self.lock();
        if state.closed.is_none() {
            return VecDeque::new();
        }
        state.waiting_bytes = 0;
        std::mem::take(&mut state.waiting)
    }

    /// Blocks until it has come, at most `limit`; true if it has.
    pub(super) fn wait(&self, awaited: Awaited, limit: Duration) -> bool {
        let has_come = |state: &State| self.has_come(state, awaited);
        self.sleepers.sleep(&self.state, limit, has_come)
    }

    /// Tells `notify` once it has come: at once if it has.
    pub(super) fn notify(&self, awaited: Awaited, notify: Arc<dyn Notify>) {
        let mut state = self.lock();
        if self.has_come(&state, awaited) {
            drop(state);
            notify.notify();
        } else if let Some(slot) = state.notify.get_mut(awaited as usize) {
            *slot = Some(notify);
        }
    }

    pub(super) fn has_come(&self, state: &State, awaited: Awaited) -> bool {
        state.closed.is_some()
            || match awaited {
                Awaited::Arrival => {
                    !state.arrived.is_empty()
                        || state.pongs.as_ref().is_some_and(|pongs| !pongs.is_empty())
                }
                Awaited::Room => state.close.is_some() || self.has_room(state),
                Awaited::End => false,
            }
    }

    fn has_room(&self, state: &State) -> bool {
        state.waiting_bytes < self.limits.send_bytes
    }

    pub(super) fn tell(&self, mut state: MutexGuard<'_, State>, come: &[Awaited]) {
        let told: Vec<_> = come
            .iter()
            .filter_map(|awaited| state.notify.get_mut(*awaited as usize)?.take())
            .collect();
        drop(state);
        self.sleepers.wake();
        for notify in told {
            notify.notify();
        }
    }
}

impl State {
    pub(super) fn counters(&self) -> Counters {
        Counters {
            queued_messages: self.arrived.len(),
            queued_bytes: self.arrived_bytes,
            waiting_messages: self.waiting.len(),
            waiting_bytes: self.waiting_bytes,
            ..self.counters
        }
    }

    /// Drops what the host has not taken.
    pub(super) fn forget_arrived(&mut self) {
        self.arrived = VecDeque::new();
        self.arrived_bytes = 0;
    }

    /// Lets the host wake the task that is being polled.
    pub(super) fn wakes(&mut self, cx: &Context<'_>) {
        if !self
            .waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            self.waker = Some(cx.waker().clone());
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages are the caller's.
        f.debug_struct("State")
            .field("counters", &self.counters())
            .field("close", &self.close)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
