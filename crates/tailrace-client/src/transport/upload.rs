//! A request body on its way to the socket.

use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tailrace_core::{
    error::{Code, Error},
    request::Segment,
};
use tokio::{
    sync::Notify,
    task::{JoinHandle, spawn_blocking},
    time::Instant,
};

use super::connect::Connecting;
use crate::{
    push::Pushed,
    source::{FileRange, Source},
};

/// The most bytes that are handed to the connection, or read from a file, at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// A body that is sent piece by piece.
pub(super) struct Upload {
    segments: Vec<Segment>,
    sources: Arc<[Source]>,
    /// The segment after the current one.
    next: usize,
    current: Current,
    /// Bytes to go, where the length is known.
    left: Option<u64>,
    sending: Arc<Sending>,
}

enum Current {
    None,
    Bytes(Bytes),
    File(FileReader),
    Pushed {
        pushed: Arc<Pushed>,
        left: Option<u64>,
    },
}

/// What the body and whoever waits for the response tell each other.
#[derive(Debug)]
pub(super) struct Sending {
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Debug)]
struct State {
    /// When the connection last took something.
    moved: Instant,
    /// Nothing is left to be sent, or the connection has dropped the body.
    is_over: bool,
    is_abandoned: bool,
    failure: Option<Error>,
    waker: Option<Waker>,
}

/// Stops a body that is still being sent when the response to it is no longer wanted.
#[derive(Debug)]
pub(crate) struct AbandonOnDrop(Arc<Sending>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_abandoned = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Sending {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Sending {
            state: Mutex::new(State {
                moved: Instant::now(),
                is_over: false,
                is_abandoned: false,
                failure: None,
                waker: None,
            }),
            ended: Notify::new(),
        })
    }

    pub(super) fn abandon_on_drop(self: &Arc<Self>) -> AbandonOnDrop {
        AbandonOnDrop(Arc::clone(self))
    }

    /// Why the body could not be read, if that is what ended the request.
    pub(super) fn failure(&self) -> Option<Error> {
        self.lock().failure.take()
    }

    /// When the connection last took something.
    pub(super) fn moved(&self) -> Instant {
        self.lock().moved
    }

    /// Waits until the whole body was handed to the connection.
    pub(super) async fn ended(&self) {
        loop {
            let ended = self.ended.notified();
            if self.lock().is_over {
                return;
            }
            ended.await;
        }
    }

    fn end(&self) {
        self.lock().is_over = true;
        self.ended.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    pub(super) fn new(
        segments: Vec<Segment>,
        length: Option<u64>,
        sources: Arc<[Source]>,
        sending: Arc<Sending>,
    ) -> Self {
        for source in sources.iter() {
            if let Source::Pushed(pushed) = source {
                pushed.open();
            }
        }
        Upload {
            segments,
            sources,
            next: 0,
            current: Current::None,
            left: length,
            sending,
        }
    }

    /// The next piece, `None` at the end.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            let piece = match &mut self.current {
                Current::None => None,
                Current::Bytes(bytes) if bytes.is_empty() => None,
                Current::Bytes(bytes) => Some(bytes.split_to(bytes.len().min(BLOCK_BYTES))),
                Current::File(reader) => ready!(reader.poll_block(cx))?,
                Current::Pushed { pushed, left } => ready!(poll_pushed(pushed, left, cx))?,
            };
            if piece.is_some() {
                return Poll::Ready(Ok(piece));
            }
            let Some(segment) = self.segments.get(self.next) else {
                return Poll::Ready(Ok(None));
            };
            self.next += 1;
            self.current = match segment {
                Segment::Bytes(bytes) => Current::Bytes(bytes.clone()),
                Segment::Source { index, length } => match self.sources.get(*index) {
                    Some(Source::File(range)) => Current::File(FileReader::new(range.clone())),
                    Some(Source::Pushed(pushed)) => Current::Pushed {
                        pushed: Arc::clone(pushed),
                        left: *length,
                    },
                    None => {
                        return Poll::Ready(Err(Error::new(
                            Code::Internal,
                            "a part of the body has no source; please report this to the tailrace project",
                        )));
                    }
                },
            };
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        let this = &mut *self;
        {
            let mut state = this.sending.lock();
            if state.is_abandoned {
                return Poll::Ready(Some(Err(Stopped)));
            }
            state.waker = Some(cx.waker().clone());
        }
        match ready!(this.poll_piece(cx)) {
            Ok(Some(piece)) => {
                this.sending.lock().moved = Instant::now();
                if let (Some(left), Ok(sent)) = (&mut this.left, u64::try_from(piece.len())) {
                    *left = left.saturating_sub(sent);
                    if *left == 0 {
                        // The connection does not ask again.
                        this.sending.end();
                    }
                }
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Ok(None) => {
                this.sending.end();
                Poll::Ready(None)
            }
            Err(error) => {
                this.sending.lock().failure = Some(error);
                Poll::Ready(Some(Err(Stopped)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.sending.end();
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

/// Reads a file on a thread that may block, a block ahead of the connection.
struct FileReader {
    range: FileRange,
    at: u64,
    ahead: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileReader {
    fn new(range: FileRange) -> Self {
        let mut reader = FileReader {
            range,
            at: 0,
            ahead: None,
        };
        reader.read_ahead();
        reader
    }

    fn read_ahead(&mut self) {
        if self.at < self.range.len() {
            let (range, at) = (self.range.clone(), self.at);
            self.ahead = Some(spawn_blocking(move || range.read(at, BLOCK_BYTES)));
        }
    }

    fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        let Some(ahead) = &mut self.ahead else {
            return Poll::Ready(Ok(None));
        };
        let read =
            ready!(Pin::new(ahead).poll(cx)).unwrap_or_else(|error| Err(io::Error::other(error)));
        self.ahead = None;
        let block = match read {
            Ok(block) => block,
            Err(error) => {
                return Poll::Ready(Err(Error::new(
                    Code::UnreadableBody,
                    "a file could not be read while it was being sent; check that it is a regular file on a disk that works",
                )
                .with_causes(vec![error.to_string()])));
            }
        };
        if block.is_empty() {
            return Poll::Ready(Err(Error::new(
                Code::UnreadableBody,
                format!(
                    "a file became shorter while it was being sent: {} bytes were to be sent and it ends after {}; send it again when nothing writes to it",
                    self.range.len(),
                    self.at
                ),
            )));
        }
        self.at = self
            .at
            .saturating_add(u64::try_from(block.len()).unwrap_or(u64::MAX));
        self.read_ahead();
        Poll::Ready(Ok(Some(block)))
    }
}

/// What the host pushed, held against the length that it gave.
fn poll_pushed(
    pushed: &Pushed,
    left: &mut Option<u64>,
    cx: &Context<'_>,
) -> Poll<Result<Option<Bytes>, Error>> {
    let unreadable = |message: String| Poll::Ready(Err(Error::new(Code::UnreadableBody, message)));
    match ready!(pushed.poll_next(cx)) {
        Err(why) => unreadable(why),
        Ok(None) => match *left {
            Some(missing) if missing > 0 => unreadable(format!(
                "a stream that was being sent ended {missing} bytes before the length that was given for it; give its true length, or none"
            )),
            _ => Poll::Ready(Ok(None)),
        },
        Ok(Some(piece)) => {
            if let Some(left) = left {
                match u64::try_from(piece.len())
                    .ok()
                    .and_then(|size| left.checked_sub(size))
                {
                    Some(rest) => *left = rest,
                    None => {
                        return unreadable(
                            "a stream that was being sent is longer than the length that was given for it; give its true length, or none".to_owned(),
                        );
                    }
                }
            }
            Poll::Ready(Ok(Some(piece)))
        }
    }
}

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
