//! What both kinds of stream share: taking what is queued, waiting in both ways, raising, closing.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use pyo3::{
    exceptions::{PyStopAsyncIteration, PyStopIteration},
    prelude::*,
};
use tailrace_client::{Ended, EventStream, Pop};
use tailrace_core::sse::Event;

use crate::{
    awaitable::Await,
    failure::{Arrived, Failure, arrived},
    hub::Parking,
    pending::SIGNAL_INTERVAL,
    trio,
};

/// Bytes of data that are taken from a stream at a time.
const TAKEN_BYTES: usize = 16 * 1024;

/// Items that are handed out before the loop gets a turn, so that one fast stream does not starve the others.
const BURST: u32 = 64;

/// What an event becomes in Python.
pub(crate) trait Build: Send + Sync {
    /// The object for one event.
    fn build(&self, py: Python<'_>, event: &Event) -> PyResult<Built>;
}

/// The object for an event, and whether another can follow.
pub(crate) enum Built {
    Item(Py<PyAny>),
    /// The object of an event that says that the stream failed, and what is raised in place of a next one.
    Last(Py<PyAny>, PyErr),
}

/// The consumer's end of a stream. All state of an iteration is here, so that any number of consumers can share it.
pub(crate) struct Source<B> {
    events: EventStream,
    /// Taken from the stream and not yet built.
    taken: Mutex<VecDeque<Event>>,
    builder: B,
    /// Makes the exception for a failure.
    fail: Py<PyAny>,
    /// Raised where the stream would end, once.
    last: Mutex<Option<PyErr>>,
    /// Makes the exception, or None, for an end in order and without the end mark.
    judge: Option<Py<PyAny>>,
    parking: Mutex<Option<Parking>>,
    handed_out: AtomicU32,
    over: AtomicBool,
}

enum Next {
    Item(Py<PyAny>),
    Empty,
    End,
}

impl<B: Build> Source<B> {
    pub(crate) fn new(
        events: EventStream,
        builder: B,
        fail: Py<PyAny>,
        judge: Option<Py<PyAny>>,
    ) -> Self {
        Source {
            events,
            taken: Mutex::default(),
            builder,
            fail,
            last: Mutex::new(None),
            judge,
            parking: Mutex::new(None),
            handed_out: AtomicU32::new(0),
            over: AtomicBool::new(false),
        }
    }

    /// Blocks until the next object is there; `None` at the end. Ctrl-C raises KeyboardInterrupt and leaves the stream
    /// open.
    pub(crate) fn wait(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        loop {
            match self.next(py)? {
                Next::Item(object) => return Ok(Some(object)),
                Next::End => return Ok(None),
                Next::Empty => {
                    if !py.detach(|| self.events.wait(SIGNAL_INTERVAL)) {
                        py.check_signals()?;
                    }
                }
            }
        }
    }

    pub(crate) fn close(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.events.close();
    }

    /// True once the stream has ended, failed or been closed.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// The next object. What raises ends the stream, as it ends the generator of the official package.
    fn next(&self, py: Python<'_>) -> PyResult<Next> {
        if self.is_over() {
            return Ok(Next::End);
        }
        let next = match self.pop() {
            Pop::Event(event) => match self.builder.build(py, &event) {
                Ok(Built::Item(object)) => Ok(Next::Item(object)),
                Ok(Built::Last(object, error)) => {
                    self.end_with(error);
                    Ok(Next::Item(object))
                }
                Err(error) => Err(error),
            },
            Pop::Empty => Ok(Next::Empty),
            Pop::End => match self.lock_last().take() {
                Some(error) => Err(error),
                None => self.end(py),
            },
            Pop::Failed(failure) => Err(raise(py, &self.fail, *failure)),
        };
        if !matches!(next, Ok(Next::Item(_) | Next::Empty)) {
            self.close();
        }
        next
    }

    /// Closes the socket, and raises `error` where the next object would be.
    fn end_with(&self, error: PyErr) {
        *self.lock_last() = Some(error);
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.events.close();
    }

    fn lock_last(&self) -> MutexGuard<'_, Option<PyErr>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end, or what the host raises in its place.
    fn end(&self, py: Python<'_>) -> PyResult<Next> {
        if let Some(judge) = &self.judge
            && self.events.ended() == Some(Ended::Input)
        {
            let verdict = judge.call1(py, arrived(py, &self.events.received()))?;
            if !verdict.is_none(py) {
                return Err(PyErr::from_value(verdict.into_bound(py)));
            }
        }
        Ok(Next::End)
    }

    /// How the stream ended: `done` by the end mark, `input` in order and without the mark, `broken`, or `closed` by the
    /// consumer; `None` while it runs.
    pub(crate) fn ended(&self) -> Option<&'static str> {
        Some(match self.events.ended()? {
            Ended::Done => "done",
            Ended::Input => "input",
            Ended::Broken => "broken",
            Ended::Closed => "closed",
        })
    }

    /// What had arrived when the stream ended by itself.
    pub(crate) fn received<'py>(&self, py: Python<'py>) -> Arrived<'py> {
        arrived(py, &self.events.received())
    }

    /// The next event. Taking a few at a time keeps this thread and the background thread off each other's lock.
    fn pop(&self) -> Pop {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if self.events.is_foreign() {
            // The parent will see these, too.
            taken.clear();
        } else if taken.is_empty() {
            self.events.pop_up_to(TAKEN_BYTES, &mut taken);
        }
        match taken.pop_front() {
            Some(event) => Pop::Event(event),
            None => self.events.pop(),
        }
    }
}

/// Each step takes an event if there is one and parks otherwise, so it does not matter how many consumers share it.
impl<B: Build> Await for Source<B> {
    fn step(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if self.handed_out.load(Ordering::Relaxed) >= BURST {
            self.handed_out.store(0, Ordering::Relaxed);
            return trio::turn(py);
        }
        match self.next(py)? {
            Next::Item(object) => {
                self.handed_out.fetch_add(1, Ordering::Relaxed);
                Err(PyStopIteration::new_err((object,)))
            }
            Next::End => Err(PyStopAsyncIteration::new_err(())),
            Next::Empty => {
                self.handed_out.store(0, Ordering::Relaxed);
                Parking::park(&self.parking, py, |notify| self.events.notify(notify))
            }
        }
    }

    /// The stream ends, as the generator of the official package does.
    fn leave(&self) {
        self.close();
    }
}

/// The exception that `fail` makes of a failure.
pub(crate) fn raise(py: Python<'_>, fail: &Py<PyAny>, failure: tailrace_client::Failure) -> PyErr {
    let raised = Failure::new(py, failure).and_then(|failure| fail.call1(py, (failure,)));
    match raised {
        Ok(exception) => PyErr::from_value(exception.into_bound(py)),
        Err(error) => error,
    }
}
