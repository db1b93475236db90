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

/// How long a connection stays open without use.
const IDLE_LIMIT: Duration = Duration::from_secs(90);

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

/// The idle connections of a transport. Cheap to clone; clones are the same pool.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    idle: HashMap<Origin, Vec<Idle>>,
    /// Wakes the task that closes what nobody uses; empty while there is none.
    reaper: Option<Waker>,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    until: Instant,
}

impl Pool {
    /// The connection to `origin` that was used last, if there is one that still is good.
    pub(super) fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let mut state = self.lock();
            let idle = state.idle.get_mut(origin)?.pop()?;
            drop(state);
            if idle.until > Instant::now() && idle.connection.is_quiet() {
                return Some(idle.connection);
            }
        }
    }

    /// Keeps a connection. Must be called on the runtime.
    pub(super) fn put(&self, origin: Origin, mut connection: Connection) {
        let mut state = self.lock();
        if let Some(reaper) = &state.reaper {
            // Whoever waits for the socket from now on is the reaper.
            if !connection.waits_quietly(&mut Context::from_waker(reaper)) {
                return;
            }
        } else {
            state.reaper = Some(Waker::noop().clone());
            tokio::spawn(reap(self.clone()));
        }
        let until = Instant::now() + IDLE_LIMIT;
        state
            .idle
            .entry(origin)
            .or_default()
            .push(Idle { connection, until });
    }

    /// Closes what is past its time or was closed by the server; says when the next is past it, if any is left.
    fn sweep(&self, cx: &mut Context<'_>) -> Option<Instant> {
        let mut state = self.lock();
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        state.idle.retain(|_, all| {
            all.retain_mut(|idle| idle.until > now && idle.connection.waits_quietly(cx));
            for idle in &*all {
                next = Some(next.map_or(idle.until, |next| next.min(idle.until)));
            }
            !all.is_empty()
        });
        state.reaper = next.map(|_| cx.waker().clone());
        next
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes idle connections when their time has come, and at once when the server closes one. Ends when none is left.
async fn reap(pool: Pool) {
    let mut timer = pin!(tokio::time::sleep(IDLE_LIMIT));
    poll_fn(|cx| {
        while let Some(next) = pool.sweep(cx) {
            timer.as_mut().reset(next);
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    })
    .await;
}
