//! A request body that the host pushes while it is sent.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use bytes::Bytes;
use tailrace_core::error::{Code, Error};

use crate::{notify::Notify, source::Source};

/// Bytes that wait for the connection; past it the host is asked to wait.
const LIMIT_BYTES: usize = 256 * 1024;

/// What the host has to know after it pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// Taken, and there is room for more.
    Room,
    /// Taken, and there is no room: the host is told when there is.
    Full,
    /// Not taken: the body is sent again, and the host has to begin anew.
    Again,
    /// Not taken: nobody reads any more.
    Over,
}

/// The host's end. Dropping it before [`Sink::end`] fails the call.
#[derive(Debug)]
pub struct Sink(Arc<Queue>);

/// The end that a call reads. When the last of its clones is dropped, the host is told that nobody reads any more.
#[derive(Debug)]
pub struct Pushed(Arc<Queue>);

struct Queue {
    /// The host can push the same bytes again.
    is_replayable: bool,
    notify: Arc<dyn Notify>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    end: Option<Result<(), Error>>,
    /// An attempt took something.
    is_taken: bool,
    /// The host was told to wait.
    is_full: bool,
    /// The host has to be told to begin anew.
    begins_again: bool,
    is_over: bool,
    /// The host's end was dropped: what is here is all that will ever come.
    is_orphan: bool,
    reader: Option<Waker>,
}

/// Why a body ends early when its [`Sink`] is dropped.
fn dropped() -> Error {
    Error::new(
        Code::UnreadableBody,
        "the source of the body was dropped before its end",
    )
}

impl Sink {
    /// A sink. `notify` is told when there is room again, when the host has to begin anew, and when nobody reads any
    /// more; the next push says which.
    pub fn new(is_replayable: bool, notify: Arc<dyn Notify>) -> Self {
        Sink(Arc::new(Queue {
            is_replayable,
            notify,
            state: Mutex::default(),
        }))
    }

    /// The end to give to a call. Only one call can read a sink at a time.
    pub fn source(&self) -> Source {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.is_over) {
            state.begin_again();
        }
        drop(state);
        Source::Pushed(self.pushed())
    }

    /// The end that is read.
    pub(crate) fn pushed(&self) -> Arc<Pushed> {
        Arc::new(Pushed(Arc::clone(&self.0)))
    }

    /// Adds bytes to the body.
    pub fn push(&self, bytes: Bytes) -> Push {
        let mut state = self.0.lock();
        if let Some(refused) = state.refuses() {
            return refused;
        }
        if !bytes.is_empty() {
            state.bytes += bytes.len();
            state.pieces.push_back(bytes);
        }
        state.is_full = state.bytes >= LIMIT_BYTES;
        let push = if state.is_full {
            Push::Full
        } else {
            Push::Room
        };
        wake(state);
        push
    }

    /// Says that the body is whole.
    pub fn end(&self) -> Push {
        self.finish(Ok(()))
    }

    /// Says that the rest of the body cannot be had. The call fails with `why`.
    pub fn fail(&self, why: Error) {
        self.finish(Err(why));
    }

    /// What a push would say now.
    pub fn room(&self) -> Push {
        let state = self.0.lock();
        if state.is_over {
            Push::Over
        } else if state.begins_again {
            Push::Again
        } else if state.is_full {
            Push::Full
        } else {
            Push::Room
        }
    }

    fn finish(&self, end: Result<(), Error>) -> Push {
        let mut state = self.0.lock();
        if let Some(refused) = state.refuses() {
            return refused;
        }
        state.end.get_or_insert(end);
        wake(state);
        Push::Room
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_orphan = true;
        if state.begins_again || state.end.is_none() {
            state.end = Some(Err(dropped()));
        }
        wake(state);
    }
}

impl Pushed {
    pub(crate) fn can_repeat(&self) -> bool {
        let state = self.0.lock();
        !state.is_taken || (self.0.is_replayable && !state.is_orphan)
    }

    /// An attempt begins to read.
    pub(crate) fn open(&self) {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.is_taken) {
            state.begin_again();
            drop(state);
            self.0.notify.notify();
        }
    }

    /// The next piece, `None` at the end, or why the rest cannot be had.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        let mut state = self.0.lock();
        if let Some(piece) = state.pieces.pop_front() {
            state.is_taken = true;
            state.bytes = state.bytes.saturating_sub(piece.len());
            let has_room = state.is_full && state.bytes < LIMIT_BYTES / 2;
            if has_room {
                state.is_full = false;
            }
            drop(state);
            if has_room {
                self.0.notify.notify();
            }
            return Poll::Ready(Ok(Some(piece)));
        }
        match &state.end {
            Some(Ok(())) => {
                state.is_taken = true;
                Poll::Ready(Ok(None))
            }
            Some(Err(why)) => Poll::Ready(Err(why.clone())),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Pushed {
    /// The next piece, held against what is left of the length that the host gave.
    pub(crate) fn poll_within(
        &self,
        left: &mut Option<u64>,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        let next = ready!(self.poll_next(cx))?;
        if let Some(left) = left {
            match &next {
                Some(piece) => take_from(left, piece)?,
                None if *left > 0 => return Poll::Ready(Err(too_short(*left))),
                None => {}
            }
        }
        Poll::Ready(Ok(next))
    }
}

/// Takes the bytes of a piece off those that are left of a length that was given.
pub(crate) fn take_from(left: &mut u64, piece: &Bytes) -> Result<(), Error> {
    let size = u64::try_from(piece.len()).ok();
    *left = size
        .and_then(|size| left.checked_sub(size))
        .ok_or_else(|| {
            Error::new(
                Code::UnreadableBody,
                "a stream that was being sent is longer than the length that was given for it; give its true length, or none",
            )
        })?;
    Ok(())
}

/// Why a body that ends before the length that was given for it is none.
pub(crate) fn too_short(missing: u64) -> Error {
    Error::new(
        Code::UnreadableBody,
        format!(
            "a stream that was being sent ended {missing} bytes before the length that was given for it; give its true length, or none"
        ),
    )
}

impl Drop for Pushed {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_over = true;
        state.pieces.clear();
        state.bytes = 0;
        drop(state);
        self.0.notify.notify();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refuses(&mut self) -> Option<Push> {
        if self.is_over {
            Some(Push::Over)
        } else if std::mem::take(&mut self.begins_again) {
            Some(Push::Again)
        } else {
            None
        }
    }

    fn begin_again(&mut self) {
        self.pieces.clear();
        self.bytes = 0;
        self.is_full = false;
        self.end = self.is_orphan.then(|| Err(dropped()));
        self.begins_again = true;
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("is_replayable", &self.is_replayable)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Bench {
        sink: Sink,
        told: Arc<AtomicU32>,
    }

    impl Bench {
        fn new(is_replayable: bool) -> Self {
            let told = Arc::new(AtomicU32::new(0));
            let counter = Arc::clone(&told);
            let notify = Arc::new(move || {
                counter.fetch_add(1, Ordering::Relaxed);
            });
            Bench {
                sink: Sink::new(is_replayable, notify),
                told,
            }
        }

        fn reader(&self) -> Arc<Pushed> {
            match self.sink.source() {
                Source::Pushed(pushed) => pushed,
                Source::File(_) => panic!(),
            }
        }

        fn told(&self) -> u32 {
            self.told.swap(0, Ordering::Relaxed)
        }
    }

    fn next(reader: &Pushed) -> Poll<Result<Option<Bytes>, Error>> {
        reader.poll_next(&Context::from_waker(Waker::noop()))
    }

    fn piece(size: usize) -> Bytes {
        Bytes::from(vec![b'x'; size])
    }

    #[test]
    fn the_host_waits_while_there_is_no_room() {
        let bench = Bench::new(false);
        let reader = bench.reader();
        let half = LIMIT_BYTES / 2;
        assert_eq!(bench.sink.push(piece(half)), Push::Room);
        assert_eq!(bench.sink.push(piece(half)), Push::Full);
        assert!(matches!(next(&reader), Poll::Ready(Ok(Some(_)))));
        assert_eq!(bench.told(), 0);
        assert!(matches!(next(&reader), Poll::Ready(Ok(Some(_)))));
        assert_eq!(bench.told(), 1);
        assert!(next(&reader).is_pending());
        assert_eq!(bench.sink.end(), Push::Room);
        assert!(matches!(next(&reader), Poll::Ready(Ok(None))));
    }

    #[test]
    fn what_was_taken_does_not_come_again_unless_the_host_can_push_it_again() {
        for is_replayable in [false, true] {
            let bench = Bench::new(is_replayable);
            let reader = bench.reader();
            assert_eq!(bench.sink.push(piece(1)), Push::Room);
            reader.open();
            assert!(reader.can_repeat());
            assert!(matches!(next(&reader), Poll::Ready(Ok(Some(_)))));
            assert_eq!(reader.can_repeat(), is_replayable);
        }
    }

    #[test]
    fn a_second_attempt_begins_again() {
        let bench = Bench::new(true);
        let reader = bench.reader();
        reader.open();
        bench.sink.push(piece(1));
        bench.sink.end();
        assert!(matches!(next(&reader), Poll::Ready(Ok(Some(_)))));
        reader.open();
        assert_eq!(bench.told(), 1);
        assert!(next(&reader).is_pending());
        assert_eq!(bench.sink.push(piece(1)), Push::Again);
        assert_eq!(bench.sink.push(piece(2)), Push::Room);
        assert!(matches!(next(&reader), Poll::Ready(Ok(Some(piece))) if piece.len() == 2));
    }

    #[test]
    fn an_attempt_that_took_nothing_leaves_what_was_pushed() {
        let bench = Bench::new(false);
        let reader = bench.reader();
        reader.open();
        bench.sink.push(piece(1));
        reader.open();
        assert_eq!(bench.told(), 0);
        assert!(matches!(next(&reader), Poll::Ready(Ok(Some(_)))));
    }

    #[test]
    fn the_host_learns_that_nobody_reads_any_more() {
        let bench = Bench::new(false);
        drop(bench.reader());
        assert_eq!(bench.told(), 1);
        assert_eq!(bench.sink.push(piece(1)), Push::Over);
        assert_eq!(bench.sink.end(), Push::Over);
    }

    #[test]
    fn a_sink_that_is_dropped_early_fails_the_body_and_one_that_ended_does_not() {
        let bench = Bench::new(true);
        let reader = bench.reader();
        let Bench { sink, .. } = bench;
        drop(sink);
        assert!(matches!(next(&reader), Poll::Ready(Err(_))));

        let bench = Bench::new(true);
        let reader = bench.reader();
        bench.sink.end();
        drop(bench);
        assert!(matches!(next(&reader), Poll::Ready(Ok(None))));
        assert!(!reader.can_repeat());
        reader.open();
        assert!(matches!(next(&reader), Poll::Ready(Err(_))));
    }
}
