//! Connections that wait to be used again.

use std::{
    collections::HashMap,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::time::Instant;
use url::Url;

use super::http1::Connection;
use crate::fork;

/// How many connections stay open without use, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// The most of them; the one that has waited longest is closed first. `None` for no limit.
    pub most: Option<usize>,
    /// How long each is kept; `None` until the server closes it.
    pub limit: Option<Duration>,
}

impl Default for Idle {
    fn default() -> Self {
        Idle {
            most: None,
            limit: Some(Duration::from_secs(90)),
        }
    }
}

/// What requests must agree in to share a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    is_secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    pub(super) fn of(url: &Url) -> Self {
        Origin {
            is_secure: url.scheme() == "https",
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }
}

/// The idle connections of a transport. Cheap to clone; clones are the same pool, and with the last of them the
/// connections are closed.
#[derive(Debug, Clone)]
pub(super) struct Pool(Arc<Users>);

/// What the clones of a pool share, and the task that closes what nobody uses does not.
#[derive(Debug)]
struct Users {
    state: Arc<Mutex<State>>,
    generation: usize,
}

impl Drop for Users {
    fn drop(&mut self) {
        // In a fork the connections are the parent's, whose thread may have held the lock.
        if self.generation == fork::generation() {
            let mut state = lock(&self.state);
            let idle = std::mem::take(&mut state.idle);
            let reaper = state.reaper.take();
            drop(state);
            drop(idle);
            if let Some(reaper) = reaper {
                reaper.wake();
            }
        }
    }
}

#[derive(Debug)]
struct State {
    limits: Idle,
    idle: HashMap<Origin, Vec<Waiting>>,
    /// Wakes the task that closes what nobody uses; empty while there is none.
    reaper: Option<Waker>,
}

#[derive(Debug)]
struct Waiting {
    connection: Connection,
    since: Instant,
    /// None without a limit.
    until: Option<Instant>,
}

impl Waiting {
    fn is_in_time(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl Pool {
    pub(super) fn new(limits: Idle) -> Self {
        let state = Arc::new(Mutex::new(State {
            limits,
            idle: HashMap::new(),
            reaper: None,
        }));
        Pool(Arc::new(Users {
            state,
            generation: fork::generation(),
        }))
    }

    /// The connection to `origin` that was used last, if there is one that still is good.
    pub(super) fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let mut state = self.lock();
            let idle = state.idle.get_mut(origin)?.pop()?;
            drop(state);
            if idle.is_in_time(Instant::now()) && idle.connection.is_quiet() {
                return Some(idle.connection);
            }
        }
    }

    /// Keeps a connection. Must be called on the runtime.
    pub(super) fn put(&self, origin: Origin, mut connection: Connection) {
        let mut state = self.lock();
        if !state.makes_room() {
            return;
        }
        if let Some(reaper) = &state.reaper {
            // Whoever waits for the socket from now on is the reaper.
            if !connection.waits_quietly(&mut Context::from_waker(reaper)) {
                return;
            }
        } else {
            state.reaper = Some(Waker::noop().clone());
            tokio::spawn(reap(Arc::clone(&self.0.state)));
        }
        let since = Instant::now();
        let until = state
            .limits
            .limit
            .and_then(|limit| since.checked_add(limit));
        state.idle.entry(origin).or_default().push(Waiting {
            connection,
            since,
            until,
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Closes what is past its time or was closed by the server; says when the next is past it, if any is left: `None`
    /// in it when that has no limit.
    fn sweep(&mut self, cx: &mut Context<'_>) -> Option<Option<Instant>> {
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        self.idle.retain(|_, all| {
            all.retain_mut(|idle| idle.is_in_time(now) && idle.connection.waits_quietly(cx));
            let ends = all.iter().filter_map(|idle| idle.until);
            next = ends.chain(next).min();
            !all.is_empty()
        });
        let is_empty = self.idle.is_empty();
        self.reaper = (!is_empty).then(|| cx.waker().clone());
        (!is_empty).then_some(next)
    }

    /// Closes the connection that has waited longest when there are as many as there may be; false if there may be none.
    fn makes_room(&mut self) -> bool {
        let Some(most) = self.limits.most else {
            return true;
        };
        if self.idle.values().map(Vec::len).sum::<usize>() >= most {
            // The first of each origin has waited longest.
            let oldest = self.idle.values_mut().min_by_key(|all| {
                let first = all.first().map(|idle| idle.since);
                (first.is_none(), first)
            });
            if let Some(all) = oldest.filter(|all| !all.is_empty()) {
                all.remove(0);
            }
        }
        most > 0
    }
}

/// Closes idle connections when their time has come, and at once when the server closes one. Ends when none is left.
async fn reap(state: Arc<Mutex<State>>) {
    let mut timer = pin!(tokio::time::sleep(Duration::ZERO));
    poll_fn(|cx| {
        while let Some(next) = lock(&state).sweep(cx) {
            let Some(next) = next else {
                return Poll::Pending;
            };
            timer.as_mut().reset(next);
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    })
    .await;
}
