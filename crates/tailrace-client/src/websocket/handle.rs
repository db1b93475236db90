//! The host's end of a connection.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use tailrace_core::error::{Code, Error};

use super::{
    close::{Close, Closed},
    queues::{Awaited, Counters, Message, Queues, Unsent},
};
use crate::{fork, notify::Notify};

/// What a connection has for its host.
#[derive(Debug)]
pub enum Arrival {
    /// The next message.
    Message(Message),
    /// Nothing now; wait or be notified.
    Empty,
    /// The connection has ended; said again each time.
    Closed(Box<Closed>),
}

/// An open connection. Dropping it closes its socket at once, without a close frame; where messages wait to be sent they go out
/// first, with a close frame behind them (1001, "going away") and within the limit of a close.
#[derive(Debug)]
pub struct WebSocket {
    queues: Arc<Queues>,
    generation: usize,
}

impl WebSocket {
    pub(super) fn new(queues: Arc<Queues>) -> Self {
        WebSocket {
            queues,
            generation: fork::generation(),
        }
    }

    /// The next message, or why there is none.
    pub fn pop(&self) -> Arrival {
        if self.is_foreign() {
            return Arrival::Closed(Box::new(Closed {
                error: Some(forked()),
                ..Closed::default()
            }));
        }
        match self.queues.pop() {
            Ok(message) => Arrival::Message(message),
            Err(None) => Arrival::Empty,
            Err(Some(closed)) => Arrival::Closed(Box::new(closed)),
        }
    }

    /// Moves messages that came into `taken`, until they have `bytes` of data or none is left. Cheaper than popping each.
    pub fn pop_up_to(&self, bytes: usize, taken: &mut VecDeque<Message>) {
        if !self.is_foreign() {
            self.queues.pop_up_to(bytes, taken);
        }
    }

    /// Queues a message, which goes out as soon as the socket takes it.
    ///
    /// # Errors
    /// When the queue is full or the connection is closed, with the message.
    pub fn send(&self, message: Message) -> Result<(), Unsent> {
        if self.is_foreign() {
            return Err(Unsent::Closed(message));
        }
        self.queues.send(message)
    }

    /// Sends a ping of at most 125 bytes before all that waits; its pong is for [`WebSocket::pong`].
    ///
    /// # Errors
    /// When many pings wait or the connection is closed, with the ping; [`Unsent::Full`] is no matter of [`Awaited::Room`].
    pub fn ping(&self, data: Bytes) -> Result<(), Unsent> {
        if self.is_foreign() {
            return Err(Unsent::Closed(Message {
                data,
                is_text: false,
            }));
        }
        self.queues.ping(data)
    }

    /// The next pong that came since the host sent its first ping. One that comes is an arrival ([`Awaited::Arrival`]).
    pub fn pong(&self) -> Option<Bytes> {
        if self.is_foreign() {
            return None;
        }
        self.queues.lock().pongs.as_mut()?.pop_front()
    }

    /// Begins the close handshake once everything queued was sent; without effect on a connection that is being closed.
    ///
    /// The connection has ended ([`Awaited::End`]) with the server's answer, or when that does not come in time
    /// ([`crate::SocketLimits::close`]).
    pub fn close(&self, close: Close) {
        if self.is_foreign() {
            return;
        }
        self.queues.close(self.queues.lock(), close);
    }

    /// Closes the socket at once. What came is dropped, and what waits to be sent is handed back by
    /// [`WebSocket::unsent`].
    pub fn abort(&self) {
        if self.is_foreign() {
            return;
        }
        let mut state = self.queues.lock();
        state.forget_arrived();
        let task = state.task.take();
        drop(state);
        self.queues.end(Closed::default(), VecDeque::new());
        if let Some(task) = task {
            task.abort();
        }
    }

    /// What was queued and never handed to the system; something only once the connection has ended, and once.
    pub fn unsent(&self) -> VecDeque<Message> {
        if self.is_foreign() {
            return VecDeque::new();
        }
        self.queues.unsent()
    }

    /// Blocks until it has come, at most `limit`; true if it has.
    pub fn wait(&self, awaited: Awaited, limit: Duration) -> bool {
        self.is_foreign() || self.queues.wait(awaited, limit)
    }

    /// Tells `notify` once it has come: at once if it has. Of those waiting for one thing the last is told.
    pub fn notify(&self, awaited: Awaited, notify: Arc<dyn Notify>) {
        if self.is_foreign() {
            notify.notify();
        } else {
            self.queues.notify(awaited, notify);
        }
    }

    /// True when it has come.
    pub fn is_ready(&self, awaited: Awaited) -> bool {
        self.is_foreign() || self.queues.has_come(&self.queues.lock(), awaited)
    }

    /// How the connection ended, once it has.
    pub fn closed(&self) -> Option<Closed> {
        if self.is_foreign() {
            return Some(Closed {
                error: Some(forked()),
                ..Closed::default()
            });
        }
        self.queues.lock().closed.clone()
    }

    /// True once the host asked for the end; the handshake may still be on its way.
    pub fn is_closing(&self) -> bool {
        self.is_foreign() || self.queues.lock().close.is_some()
    }

    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        if self.is_foreign() {
            return Counters::default();
        }
        self.queues.lock().counters()
    }

    /// True in a child of the process that opened the connection.
    pub fn is_foreign(&self) -> bool {
        self.generation != fork::generation()
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        // In a forked child the task and its socket are the parent's.
        if self.is_foreign() {
            return;
        }
        let mut state = self.queues.lock();
        if state.waiting_bytes > 0 && state.closed.is_none() {
            state.is_left = true;
            state.forget_arrived();
            self.queues.close(state, Close::new(1001, ""));
        } else if let Some(task) = state.task.take() {
            drop(state);
            task.abort();
        }
    }
}

fn forked() -> Error {
    Error::new(
        Code::Forked,
        "the process forked while this connection was open and its socket belongs to the parent; connect again in the child",
    )
}
