//! A request body on its way to the socket.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tailrace_core::{error::Error, request::Segment};
use tokio::{sync::Notify, time::Instant};

use super::{connect::Connecting, reading::Reading};
use crate::source::Source;

/// A body that is sent piece by piece.
pub(super) struct Upload(Arc<Sending>);

/// What the body and whoever waits for the response tell each other.
pub(super) struct Sending {
    state: Mutex<State>,
    ended: Notify,
}

struct State {
    /// Empty when nothing is left to be sent: all was, or the body was given up.
    reading: Option<Reading>,
    /// Bytes to go, where the length is known.
    left: Option<u64>,
    /// When the connection last took something.
    moved: Instant,
    is_abandoned: bool,
    failure: Option<Error>,
    waker: Option<Waker>,
}

/// Gives up a body that is still being sent when the response to it is no longer wanted.
///
/// Files are closed and the host is told at once. The connection itself stays until it has flushed what it had already
/// taken, which is out of reach here. A server that neither reads nor closes keeps it until the system gives it up, on
/// Linux after the 30 s that reqwest sets as `tcp_user_timeout`.
pub(crate) struct AbandonOnDrop(Arc<Sending>);

impl fmt::Debug for AbandonOnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AbandonOnDrop")
    }
}

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_abandoned = true;
        let reading = state.reading.take();
        let waker = state.waker.take();
        drop(state);
        drop(reading);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Sending {
    pub(super) fn new(
        segments: Vec<Segment>,
        length: Option<u64>,
        sources: Arc<[Source]>,
    ) -> Arc<Self> {
        Arc::new(Sending {
            state: Mutex::new(State {
                reading: Some(Reading::new(segments, sources)),
                left: length,
                moved: Instant::now(),
                is_abandoned: false,
                failure: None,
                waker: None,
            }),
            ended: Notify::new(),
        })
    }

    /// The body to give to the connection, once.
    pub(super) fn upload(self: &Arc<Self>) -> Upload {
        Upload(Arc::clone(self))
    }

    pub(super) fn abandon_on_drop(self: &Arc<Self>) -> AbandonOnDrop {
        AbandonOnDrop(Arc::clone(self))
    }

    /// Why the body could not be read, if that is what ended the request.
    pub(super) fn failure(&self) -> Option<Error> {
        self.lock().failure.take()
    }

    /// When the connection last took something.
    fn moved(&self) -> Instant {
        self.lock().moved
    }

    /// Waits until the whole body was handed to the connection.
    async fn ended(&self) {
        loop {
            let ended = self.ended.notified();
            if self.lock().reading.is_none() {
                return;
            }
            ended.await;
        }
    }

    fn end(&self, mut state: MutexGuard<'_, State>) {
        let reading = state.reading.take();
        drop(state);
        drop(reading);
        self.ended.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        let sending = &*self.0;
        let mut guard = sending.lock();
        let state = &mut *guard;
        let Some(reading) = &mut state.reading else {
            return Poll::Ready(state.is_abandoned.then_some(Err(Stopped)));
        };
        let Poll::Ready(piece) = reading.poll_piece(cx) else {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        match piece {
            Ok(Some(piece)) => {
                state.moved = Instant::now();
                state.waker = Some(cx.waker().clone());
                if let (Some(left), Ok(sent)) = (&mut state.left, u64::try_from(piece.len())) {
                    *left = left.saturating_sub(sent);
                    if *left == 0 {
                        // The connection does not ask again.
                        sending.end(guard);
                    }
                }
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Ok(None) => {
                sending.end(guard);
                Poll::Ready(None)
            }
            Err(error) => {
                state.failure = Some(error);
                sending.end(guard);
                Poll::Ready(Some(Err(Stopped)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.0.lock().left;
        left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.0.end(self.0.lock());
    }
}

/// The body ends the connection. Why is in [`Sending`].
#[derive(Debug)]
pub(super) struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body of the request was stopped")
    }
}

impl StdError for Stopped {}

/// The limit between two pieces of a body that is being sent. Ends when it passes or when the body is whole; true if it
/// passed.
pub(super) async fn overdue(
    sending: &Sending,
    limit: Option<Duration>,
    connecting: &Connecting,
) -> bool {
    let Some(limit) = limit else {
        sending.ended().await;
        return false;
    };
    let mut start = Instant::now();
    loop {
        tokio::select! {
            biased;
            () = sending.ended() => return false,
            () = tokio::time::sleep(limit.saturating_sub(start.elapsed())) => {}
        }
        let moved = sending.moved();
        start = if moved > start {
            moved
        } else if let Some(connected) = connecting.ended_after(start).await {
            connected
        } else {
            return true;
        };
    }
}
