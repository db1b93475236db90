//! The connections to each origin, and which of them a request takes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use tokio::time::Instant;

use crate::{
    fork, time,
    transport::{
        connect::BoxError,
        pool::{Idle, Origin},
        socket::Socket,
    },
};

/// Streams that share a connection before another one is opened: what is lost on the way holds up only those.
const SHARED_BY: usize = 8;
/// The most connections to one origin; past them, streams share as many as the server allows.
const MOST_LINKS: usize = 8;
/// What a stream may send before its reader has taken some of it.
const STREAM_WINDOW: u32 = 512 * 1024;
/// What all streams of a connection may. As much as there can be, so that a reader who has stopped holds up no other.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;
/// The most bytes of the head of an answer, as in HTTP/1.1.
const MOST_HEAD_BYTES: u32 = 128 * 1024;

/// All connections of a transport. Cheap to clone; clones are the same, and with the last of them those connections are closed
/// on which nothing is read.
#[derive(Debug, Clone)]
pub(in crate::transport) struct Links(Arc<Users>);

/// What the clones share, and the tasks of the connections do not.
#[derive(Debug)]
struct Users {
    shared: Arc<Shared>,
    generation: usize,
}

impl Drop for Users {
    fn drop(&mut self) {
        // In a fork the connections are the parent's, whose thread may have held the lock.
        if self.generation == fork::generation() {
            let links = std::mem::take(&mut self.shared.lock().links);
            // Each closes once nobody can open a stream on it.
            drop(links);
        }
    }
}

#[derive(Debug)]
struct Shared {
    limits: Idle,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    links: HashMap<Origin, Vec<Link>>,
    /// Origins that speak HTTP/1.1 only.
    declined: HashSet<Origin>,
    /// Held by who opens a connection, so that requests that come at once do not open one each.
    opening: HashMap<Origin, Arc<tokio::sync::Mutex<()>>>,
    last_id: u64,
}

#[derive(Debug)]
struct Link {
    id: u64,
    sender: SendRequest<Bytes>,
    streams: usize,
    /// When the last stream ended.
    idle_since: Instant,
}

/// What became of a connection that may have been idle for too long.
enum Evicted {
    Now,
    NotBefore(Instant),
    /// It was taken out before.
    Retired,
}

/// A place on a connection, for one stream. It is free again when this is dropped.
#[derive(Debug)]
pub(in crate::transport) struct Seat {
    links: Links,
    origin: Origin,
    id: u64,
    /// Opens the stream.
    pub(super) sender: SendRequest<Bytes>,
}

impl Links {
    pub(in crate::transport) fn new(limits: Idle) -> Self {
        Links(Arc::new(Users {
            shared: Arc::new(Shared {
                limits,
                state: Mutex::default(),
            }),
            generation: fork::generation(),
        }))
    }

    /// False once this origin has said that it speaks HTTP/1.1 only.
    pub(in crate::transport) fn may_agree(&self, origin: &Origin) -> bool {
        !self.lock().declined.contains(origin)
    }

    pub(in crate::transport) fn decline(&self, origin: &Origin) {
        self.lock().declined.insert(origin.clone());
    }

    /// To be held while a connection to this origin is opened.
    pub(in crate::transport) fn opening(&self, origin: &Origin) -> Arc<tokio::sync::Mutex<()>> {
        let mut state = self.lock();
        Arc::clone(state.opening.entry(origin.clone()).or_default())
    }

    /// A place on the connection that has the fewest streams; none where another connection is better.
    pub(in crate::transport) fn take(&self, origin: &Origin) -> Option<Seat> {
        let mut state = self.lock();
        let links = state.links.get_mut(origin)?;
        let is_full = links.len() >= MOST_LINKS;
        let link = links.iter_mut().min_by_key(|link| link.streams)?;
        let fits = link.streams < SHARED_BY.min(link.sender.current_max_send_streams());
        (fits || is_full).then(|| self.seat(origin, link))
    }

    /// Speaks HTTP/2 over `socket` and takes the first place on it. Must be called on the runtime.
    pub(in crate::transport) async fn open(
        &self,
        origin: &Origin,
        socket: Socket,
    ) -> Result<Seat, BoxError> {
        let (sender, connection) = Builder::new()
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MOST_HEAD_BYTES)
            .handshake::<_, Bytes>(socket)
            .await?;
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        let mut link = Link {
            id,
            sender,
            streams: 0,
            idle_since: Instant::now(),
        };
        let seat = self.seat(origin, &mut link);
        state.links.entry(origin.clone()).or_default().push(link);
        drop(state);
        let (shared, origin) = (Arc::clone(&self.0.shared), origin.clone());
        tokio::spawn(async move {
            tokio::select! {
                // Whoever has a stream on it is told by the stream.
                _ = connection => {}
                () = shared.unused(&origin, id) => {}
            }
            shared.retire(&origin, id);
        });
        Ok(seat)
    }

    fn seat(&self, origin: &Origin, link: &mut Link) -> Seat {
        link.streams += 1;
        Seat {
            links: self.clone(),
            origin: origin.clone(),
            id: link.id,
            sender: link.sender.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.shared.lock()
    }
}

impl Shared {
    /// Takes no more streams on this connection. It is closed when the last of them has ended.
    fn retire(&self, origin: &Origin, id: u64) {
        let mut state = self.lock();
        if let Some(links) = state.links.get_mut(origin) {
            links.retain(|link| link.id != id);
        }
    }

    /// Waits until the connection was idle for as long as it may be, and takes it out.
    async fn unused(&self, origin: &Origin, id: u64) {
        let Some(limit) = self.limits.limit else {
            return std::future::pending().await;
        };
        let mut next = Some(Instant::now() + limit);
        while next.is_some() {
            time::until(next).await;
            next = match self.evict(origin, id, limit) {
                Evicted::Now => return,
                Evicted::NotBefore(next) => Some(next),
                Evicted::Retired => None,
            };
        }
        // It has left its streams to end.
        std::future::pending().await
    }

    /// Takes a connection out that has been idle for `limit`.
    fn evict(&self, origin: &Origin, id: u64, limit: Duration) -> Evicted {
        let mut state = self.lock();
        let Some(links) = state.links.get_mut(origin) else {
            return Evicted::Retired;
        };
        let Some(at) = links.iter().position(|link| link.id == id) else {
            return Evicted::Retired;
        };
        let now = Instant::now();
        let next = match links.get(at) {
            Some(link) if link.streams == 0 => link.idle_since + limit,
            _ => now + limit,
        };
        if next > now {
            return Evicted::NotBefore(next);
        }
        links.remove(at);
        Evicted::Now
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Takes no more streams on this connection.
    pub(in crate::transport) fn retire(&self) {
        self.links.0.shared.retire(&self.origin, self.id);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.links.lock();
        let is_idle = |link: &Link| link.streams == 0;
        let idle: usize = state
            .links
            .values()
            .map(|links| links.iter().filter(|link| is_idle(link)).count())
            .sum();
        let most = self.links.0.shared.limits.most.unwrap_or(usize::MAX);
        let Some(links) = state.links.get_mut(&self.origin) else {
            return;
        };
        if let Some(link) = links.iter_mut().find(|link| link.id == self.id) {
            link.streams = link.streams.saturating_sub(1);
            link.idle_since = Instant::now();
            // The connection closes once nobody can open a stream on it.
            if is_idle(link) && idle >= most {
                links.retain(|link| link.id != self.id);
            }
        }
    }
}
