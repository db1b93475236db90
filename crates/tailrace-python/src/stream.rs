//! An event stream: to iterate over, in both ways.

use std::{
    collections::VecDeque,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use memchr::memmem;
use pyo3::{
    exceptions::{PyStopAsyncIteration, PyStopIteration},
    prelude::*,
    types::PyBytes,
};
use tailrace_client::Pop;
use tailrace_core::sse::Event;

use crate::{
    failure::Failure,
    guard::guard,
    hub::Parking,
    models::Plan,
    pending::{SIGNAL_INTERVAL, thrown},
};

/// Bytes of data that are taken from a stream at a time.
const TAKEN_BYTES: usize = 16 * 1024;

/// Events that are handed out before the loop gets a turn, so that one fast stream does not starve the others.
const BURST: u32 = 64;

/// The objects of a stream. One object serves `for` and `async for`.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct EventStream {
    source: Arc<Source>,
    awaitable: Py<EventAwaitable>,
}

/// What `__anext__` gives: one object per stream, since all its state is the stream's.
///
/// Each step takes an event if there is one and parks otherwise, so it does not matter how many consumers share it.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct EventAwaitable(Arc<Source>);

struct Source {
    events: tailrace_client::EventStream,
    /// Taken from the stream and not yet built.
    taken: Mutex<VecDeque<Event>>,
    plan: Py<Plan>,
    decode: Py<PyAny>,
    fail: Py<PyAny>,
    parking: Mutex<Option<Parking>>,
    handed_out: AtomicU32,
    over: AtomicBool,
}

enum Next {
    Item(Py<PyAny>),
    Empty,
    End,
}

impl EventStream {
    pub(crate) fn new(
        py: Python<'_>,
        events: tailrace_client::EventStream,
        plan: Py<Plan>,
        decode: Py<PyAny>,
        fail: Py<PyAny>,
    ) -> PyResult<Self> {
        let source = Arc::new(Source {
            events,
            taken: Mutex::default(),
            plan,
            decode,
            fail,
            parking: Mutex::new(None),
            handed_out: AtomicU32::new(0),
            over: AtomicBool::new(false),
        });
        let awaitable = Py::new(py, EventAwaitable(Arc::clone(&source)))?;
        Ok(EventStream { source, awaitable })
    }
}

impl Source {
    /// The next object. What raises ends the stream, as it ends the generator of the official package.
    fn next(&self, py: Python<'_>) -> PyResult<Next> {
        if self.over.load(Ordering::Relaxed) {
            return Ok(Next::End);
        }
        let next = match self.pop() {
            Pop::Event(event) => self.build(py, &event).map(Next::Item),
            Pop::Empty => Ok(Next::Empty),
            Pop::End => Ok(Next::End),
            Pop::Failed(error) => Err(self.raise(py, &error)),
        };
        if !matches!(next, Ok(Next::Item(_) | Next::Empty)) {
            self.close();
        }
        next
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

    fn build(&self, py: Python<'_>, event: &Event) -> PyResult<Py<PyAny>> {
        // Errors and named threads are rare and have rules of their own, which Python keeps.
        static ERROR: LazyLock<memmem::Finder<'static>> =
            LazyLock::new(|| memmem::Finder::new(b"\"error\""));
        let is_plain = ERROR.find(&event.data).is_none() && !event.name.starts_with(b"thread.");
        if is_plain && let Some(object) = self.plan.get().build_object(py, &event.data)? {
            return Ok(object);
        }
        let name = String::from_utf8_lossy(&event.name);
        self.decode
            .call1(py, (&*name, PyBytes::new(py, &event.data)))
    }

    fn raise(&self, py: Python<'_>, error: &tailrace_core::error::Error) -> PyErr {
        let raised =
            Failure::of_stream(py, error).and_then(|failure| self.fail.call1(py, (failure,)));
        match raised {
            Ok(exception) => PyErr::from_value(exception.into_bound(py)),
            Err(error) => error,
        }
    }

    fn close(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.events.close();
    }
}

#[pymethods]
impl EventStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Blocks until the next object is there. Ctrl-C raises KeyboardInterrupt and leaves the stream open.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        guard(|| {
            loop {
                match self.source.next(py)? {
                    Next::Item(object) => return Ok(Some(object)),
                    Next::End => return Ok(None),
                    Next::Empty => {
                        if !py.detach(|| self.source.events.wait(SIGNAL_INTERVAL)) {
                            py.check_signals()?;
                        }
                    }
                }
            }
        })
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> Py<EventAwaitable> {
        self.awaitable.clone_ref(py)
    }

    /// Closes the socket at once; iteration then ends.
    fn close(&self) {
        self.source.close();
    }

    /// True once the stream has ended, failed or been closed.
    #[getter]
    fn closed(&self) -> bool {
        self.source.over.load(Ordering::Relaxed)
    }
}

#[pymethods]
impl EventAwaitable {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// A step of the await: the next object, or a future to wait for.
    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guard(|| {
            let source = &self.0;
            if source.handed_out.load(Ordering::Relaxed) >= BURST {
                source.handed_out.store(0, Ordering::Relaxed);
                // A bare yield gives the loop a turn.
                return Ok(py.None());
            }
            match source.next(py)? {
                Next::Item(object) => {
                    source.handed_out.fetch_add(1, Ordering::Relaxed);
                    Err(PyStopIteration::new_err((object,)))
                }
                Next::End => Err(PyStopAsyncIteration::new_err(())),
                Next::Empty => {
                    source.handed_out.store(0, Ordering::Relaxed);
                    Parking::park(&source.parking, py, |notify| source.events.notify(notify))
                }
            }
        })
    }

    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    /// The awaiting task was cancelled; the stream ends, as the generator of the official package does.
    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _ = traceback;
        self.0.close();
        Err(thrown(kind, value))
    }

    fn close(&self) {
        self.0.close();
    }
}
