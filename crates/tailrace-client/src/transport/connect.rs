//! The connect limit of one request.
//!
//! reqwest knows a connect limit per client only. A pool per limit would open a connection for each new value, so the
//! limit is carried to the connector beside the request instead.

use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tower_layer::Layer;
use tower_service::Service;

use crate::time;

type BoxError = Box<dyn StdError + Send + Sync>;

tokio::task_local! {
    static CONNECTING: Arc<Connecting>;
}

/// What a request and the connector tell each other.
#[derive(Debug)]
pub(crate) struct Connecting {
    limit: Option<Duration>,
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// The request has not asked for a new connection.
    Idle,
    Running,
    Ended(Instant),
}

impl Connecting {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Connecting {
            limit,
            state: Mutex::new(State::Idle),
            ended: Notify::new(),
        }
    }

    /// When connecting ended, if it went on after `start`; waits for it if it still goes on.
    pub(crate) async fn ended_after(&self, start: Instant) -> Option<Instant> {
        loop {
            let ended = self.ended.notified();
            match self.state() {
                State::Idle => return None,
                State::Running => ended.await,
                State::Ended(at) => return (at > start).then_some(at),
            }
        }
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.ended.notify_waiters();
    }
}

/// Runs `request` so that the connector sees `connecting`.
pub(crate) fn watch<F: Future>(
    connecting: Arc<Connecting>,
    request: F,
) -> impl Future<Output = F::Output> {
    CONNECTING.scope(connecting, request)
}

/// The connect limit passed.
#[derive(Debug)]
pub(crate) struct ConnectTimedOut(pub(crate) Duration);

impl fmt::Display for ConnectTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not connected after {} s", self.0.as_secs_f64())
    }
}

impl StdError for ConnectTimedOut {}

/// Applies the limit of the request that a connection is made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectLayer;

#[derive(Debug, Clone)]
pub(crate) struct Connect<S>(S);

impl<S> Layer<S> for ConnectLayer {
    type Service = Connect<S>;

    fn layer(&self, inner: S) -> Connect<S> {
        Connect(inner)
    }
}

impl<S, T> Service<T> for Connect<S>
where
    S: Service<T, Error = BoxError>,
    S::Response: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: T) -> Self::Future {
        // The pool starts a connection from within the request's own task, so the request is found here.
        let connecting = CONNECTING.try_with(Arc::clone).ok();
        let connect = self.0.call(target);
        Box::pin(async move {
            let Some(connecting) = connecting else {
                return connect.await;
            };
            connecting.set(State::Running);
            let result = tokio::select! {
                biased;
                connected = connect => connected,
                () = time::limit(connecting.limit) => {
                    let limit = connecting.limit.unwrap_or_default();
                    Err(BoxError::from(ConnectTimedOut(limit)))
                }
            };
            connecting.set(State::Ended(Instant::now()));
            result
        })
    }
}
