//! What was received: requests, and the connections that carried them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::request::Request;

/// What is remembered: the latest of both, so that a long-lived server stays bounded.
const MAX_ENTRIES: usize = 10_000;
/// The bytes of bodies that are remembered: the latest of them, so that uploads do not fill the memory either.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// The record of a base URL. Times are milliseconds since it was created.
#[derive(Debug)]
pub(crate) struct Journal {
    start: Instant,
    requests: Mutex<Latest<Received>>,
    connections: Mutex<Latest<Arc<Connection>>>,
}

/// The latest of something, each under the number it got when it came.
#[derive(Debug)]
struct Latest<T> {
    /// How many are remembered.
    most: usize,
    dropped: usize,
    entries: VecDeque<T>,
}

impl<T> Latest<T> {
    fn new(most: usize) -> Mutex<Latest<T>> {
        Mutex::new(Latest {
            most: most.clamp(1, MAX_ENTRIES),
            dropped: 0,
            entries: VecDeque::new(),
        })
    }

    fn push(&mut self, entry: T) -> usize {
        if self.entries.len() >= self.most {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(entry);
        self.dropped + self.entries.len() - 1
    }

    fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        self.entries.get_mut(number.checked_sub(self.dropped)?)
    }
}

impl Latest<Received> {
    /// Forgets the oldest bodies, so that those left have at most `most` bytes.
    fn forget_bodies(&mut self, most: usize) {
        let held = |received: &Received| received.request.body.len();
        let mut bytes: usize = self.entries.iter().map(held).sum();
        for received in &mut self.entries {
            if bytes <= most {
                return;
            }
            if !received.request.body.is_empty() {
                bytes -= received.request.body.len();
                received.request.body = Bytes::new();
                received.is_forgotten = true;
            }
        }
    }
}

/// One TCP connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: u64,
    opened: Instant,
    closed: Mutex<Option<(Instant, ClosedBy)>>,
}

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosedBy {
    Client,
    Server,
}

#[derive(Debug)]
struct Received {
    request: Request,
    body_bytes: usize,
    /// The body is remembered no more.
    is_forgotten: bool,
    path: String,
    connection: u64,
    at: Instant,
    last_write: Option<Instant>,
    answered: Option<Instant>,
    client_closed: Option<Instant>,
    sent_bytes: u64,
    /// What the client said over a WebSocket.
    messages: VecDeque<Value>,
}

/// A handle on one recorded request, kept by the connection that answers it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    journal: Arc<Journal>,
    number: usize,
}

impl Connection {
    pub(crate) fn open(id: u64) -> Arc<Connection> {
        Arc::new(Connection {
            id,
            opened: Instant::now(),
            closed: Mutex::new(None),
        })
    }

    /// Records the end. The first one counts.
    pub(crate) fn close(&self, by: ClosedBy) {
        lock(&self.closed).get_or_insert((Instant::now(), by));
    }
}

impl Journal {
    /// A record of the latest `most` requests and connections, of `MAX_ENTRIES` without a number.
    pub(crate) fn new(most: Option<usize>) -> Arc<Journal> {
        let most = most.unwrap_or(MAX_ENTRIES);
        Arc::new(Journal {
            start: Instant::now(),
            requests: Latest::new(most),
            connections: Latest::new(most),
        })
    }

    /// Adds a connection once.
    pub(crate) fn connection(&self, connection: &Arc<Connection>) {
        let mut connections = lock(&self.connections);
        if !connections
            .entries
            .iter()
            .rev()
            .any(|known| known.id == connection.id)
        {
            connections.push(Arc::clone(connection));
        }
    }

    /// Adds a request; `path` is the part below the script's prefix.
    pub(crate) fn request(
        self: &Arc<Self>,
        request: &Request,
        path: &str,
        connection: &Arc<Connection>,
    ) -> Entry {
        self.connection(connection);
        let mut requests = lock(&self.requests);
        requests.forget_bodies(MAX_BODY_BYTES.saturating_sub(request.body.len()));
        let number = requests.push(Received {
            request: request.clone(),
            body_bytes: request.body.len(),
            is_forgotten: false,
            path: path.to_owned(),
            connection: connection.id,
            at: Instant::now(),
            last_write: None,
            answered: None,
            client_closed: None,
            sent_bytes: 0,
            messages: VecDeque::new(),
        });
        drop(requests);
        Entry {
            journal: Arc::clone(self),
            number,
        }
    }

    /// The requests, oldest first.
    pub(crate) fn requests(&self) -> Value {
        lock(&self.requests)
            .entries
            .iter()
            .map(|received| self.received(received))
            .collect()
    }

    /// The connections, oldest first.
    pub(crate) fn connections(&self) -> Value {
        let connections = lock(&self.connections);
        let describe = |connection: &Arc<Connection>| {
            let closed = *lock(&connection.closed);
            json!({
                "id": connection.id,
                "opened_ms": self.ms(Some(connection.opened)),
                "closed_ms": self.ms(closed.map(|(at, _)| at)),
                "closed_by": closed.map(|(_, by)| match by {
                    ClosedBy::Client => "client",
                    ClosedBy::Server => "server",
                }),
            })
        };
        connections.entries.iter().map(describe).collect()
    }

    fn received(&self, received: &Received) -> Value {
        let request = &received.request;
        json!({
            "method": request.method,
            "path": received.path,
            "query": request.query,
            "headers": request.headers,
            "body": std::str::from_utf8(&request.body).ok().filter(|_| !received.is_forgotten),
            "body_base64": (!received.is_forgotten).then(|| STANDARD.encode(&request.body)),
            "body_bytes": received.body_bytes,
            "connection": received.connection,
            "at_ms": self.ms(Some(received.at)),
            "last_write_ms": self.ms(received.last_write),
            "answered_ms": self.ms(received.answered),
            "client_closed_ms": self.ms(received.client_closed),
            "sent_bytes": received.sent_bytes,
            "messages": received.messages,
        })
    }

    fn ms(&self, at: Option<Instant>) -> Option<f64> {
        let elapsed = at?.saturating_duration_since(self.start);
        Some((elapsed.as_secs_f64() * 10_000.0).round() / 10.0)
    }
}

impl Entry {
    /// Bytes of the reply were handed to the socket.
    pub(crate) fn wrote(&self, bytes: usize, at: Instant) {
        self.update(|received| {
            received.last_write = Some(at);
            received.sent_bytes += bytes as u64;
        });
    }

    /// The client said something over the WebSocket that the exchange became.
    pub(crate) fn message(&self, message: Value) {
        self.update(|received| {
            if received.messages.len() >= MAX_ENTRIES {
                received.messages.pop_front();
            }
            received.messages.push_back(message);
        });
    }

    /// Everything that the exchange sends was sent: with the last write, if there was one.
    pub(crate) fn answered(&self) {
        self.update(|received| received.answered = received.last_write.or(Some(Instant::now())));
    }

    /// The client closed the connection while the exchange was in flight.
    pub(crate) fn client_closed(&self) {
        self.update(|received| received.client_closed = Some(Instant::now()));
    }

    fn update(&self, change: impl FnOnce(&mut Received)) {
        if let Some(received) = lock(&self.journal.requests).get_mut(self.number) {
            change(received);
        }
    }
}

/// Locks whatever a panicking holder left: a record is data, valid after every statement.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &'static str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/v1".to_owned(),
            query: None,
            headers: Vec::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn the_oldest_bodies_are_forgotten_and_their_lengths_are_not() {
        let journal = Journal::new(None);
        let connection = Connection::open(1);
        for body in ["first", "second", "third"] {
            journal.request(&request(body), "/v1", &connection);
        }
        lock(&journal.requests).forget_bodies("third".len());
        let requests = journal.requests();
        for (at, body) in [(0, json!(null)), (1, json!(null)), (2, json!("third"))] {
            assert_eq!(requests[at]["body"], body);
            assert_eq!(requests[at]["body_base64"].is_null(), body.is_null());
        }
        assert_eq!(requests[1]["body_bytes"], "second".len());
    }
}
