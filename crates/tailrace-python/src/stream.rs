//! An event stream: to iterate over, in both ways.

use std::sync::{Arc, LazyLock};

use jiter::{Jiter, JiterError, Peek};
use memchr::memmem;
use pyo3::{
    prelude::*,
    types::{PyBytes, PyTuple},
};
use tailrace_core::sse::Event;

use crate::{
    awaitable::Awaitable,
    failure::Arrived,
    guard::guard,
    models::Plan,
    source::{Build, Built, Source},
};

/// The objects of a stream. One object serves `for` and `async for`.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct EventStream {
    source: Arc<Source<Objects>>,
    /// What `__anext__` gives: one object per stream, since all its state is the stream's.
    awaitable: Py<Awaitable>,
}

/// Makes objects of a plan's type.
pub(crate) struct Objects {
    pub(crate) plan: Py<Plan>,
    /// Decides about the events that the plan leaves, by name and data. It returns the object, or a pair of the object and
    /// the exception that ends the stream after it.
    pub(crate) decode: Py<PyAny>,
    /// Every event has a name that matters, and so is for `decode`.
    pub(crate) named: bool,
}

impl Build for Objects {
    fn build(&self, py: Python<'_>, event: &Event) -> PyResult<Built> {
        // Errors and named threads are rare and have rules of their own, which Python keeps.
        let is_plain = !self.named && !has_meaning(&event.name) && !may_be_error(&event.data);
        if is_plain && let Some(object) = self.plan.get().build_object(py, &event.data)? {
            return Ok(Built::Item(object));
        }
        let name = String::from_utf8_lossy(&event.name);
        let decoded = self
            .decode
            .call1(py, (&*name, PyBytes::new(py, &event.data)))?;
        // No JSON value becomes a tuple.
        match decoded.bind(py).cast::<PyTuple>() {
            Ok(pair) => {
                let (object, error) = pair.extract::<(Py<PyAny>, Bound<'_, PyAny>)>()?;
                Ok(Built::Last(object, PyErr::from_value(error)))
            }
            Err(_) => Ok(Built::Item(decoded)),
        }
    }
}

/// Whether the object that `data` describes may have an `error` that is more than null or false.
fn may_be_error(data: &[u8]) -> bool {
    static ERROR: LazyLock<memmem::Finder<'static>> =
        LazyLock::new(|| memmem::Finder::new(b"\"error\""));
    ERROR.find(data).is_some() && error_member(data).unwrap_or(true)
}

/// What [`may_be_error`] says, from a walk over the outermost object; fails on what is no JSON.
fn error_member(data: &[u8]) -> Result<bool, JiterError> {
    let mut json = Jiter::new(data).with_allow_inf_nan();
    let mut found = false;
    let peek = json.peek()?;
    if peek != Peek::Object {
        return Ok(false);
    }
    let mut is_error = json.known_object()?.map(|key| key == "error");
    while let Some(matches) = is_error {
        let peek = json.peek()?;
        if matches {
            // The last of several counts, as for Python's own parser.
            found = !matches!(peek, Peek::Null | Peek::False);
        }
        json.known_skip(peek)?;
        is_error = json.next_key()?.map(|key| key == "error");
    }
    Ok(found)
}

/// Names that the official package treats apart from all others, or should.
fn has_meaning(name: &[u8]) -> bool {
    name == b"error" || name.starts_with(b"thread.")
}

impl EventStream {
    pub(crate) fn new(
        py: Python<'_>,
        events: tailrace_client::EventStream,
        objects: Objects,
        fail: Py<PyAny>,
        judge: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let source = Arc::new(Source::new(events, objects, fail, judge));
        let awaitable = Py::new(py, Awaitable::new(Arc::clone(&source)))?;
        Ok(EventStream { source, awaitable })
    }
}

#[pymethods]
impl EventStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Blocks until the next object is there. Ctrl-C raises KeyboardInterrupt and leaves the stream open.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        guard(|| self.source.wait(py))
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> Py<Awaitable> {
        self.awaitable.clone_ref(py)
    }

    /// Closes the socket at once; iteration then ends.
    fn close(&self) {
        self.source.close();
    }

    /// True once the stream has ended, failed or been closed.
    #[getter]
    fn closed(&self) -> bool {
        self.source.is_over()
    }

    /// How the stream ended: `done` by the end mark, `input` in order and without the mark, `broken`, or `closed` by the
    /// consumer, which is also what an exception does; None while it runs.
    #[getter]
    fn ended(&self) -> Option<&'static str> {
        self.source.ended()
    }

    /// What had arrived when the stream ended by itself: the number of events, the bytes of data in them, and name and
    /// data of the first and of the last one.
    #[getter]
    fn received<'py>(&self, py: Python<'py>) -> Arrived<'py> {
        self.source.received(py)
    }
}
