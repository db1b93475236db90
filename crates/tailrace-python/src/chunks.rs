//! The pieces of a body as they come: to iterate over, in both ways.

use std::sync::Arc;

use pyo3::{prelude::*, types::PyBytes};
use tailrace_core::sse::Event;

use crate::{
    guard::guard,
    pending::thrown,
    source::{Build, Built, Source},
};

/// The pieces of a body. One object serves `for` and `async for`.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct ChunkStream {
    source: Arc<Source<Pieces>>,
    awaitable: Py<ChunkAwaitable>,
}

/// What `__anext__` gives: one object per stream, since all its state is the stream's.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct ChunkAwaitable(Arc<Source<Pieces>>);

/// Makes `bytes`.
struct Pieces;

impl Build for Pieces {
    fn build(&self, py: Python<'_>, event: &Event) -> PyResult<Built> {
        Ok(Built::Item(
            PyBytes::new(py, &event.data).into_any().unbind(),
        ))
    }
}

impl ChunkStream {
    pub(crate) fn new(
        py: Python<'_>,
        pieces: tailrace_client::EventStream,
        fail: Py<PyAny>,
    ) -> PyResult<Self> {
        let source = Arc::new(Source::new(pieces, Pieces, fail, None));
        let awaitable = Py::new(py, ChunkAwaitable(Arc::clone(&source)))?;
        Ok(ChunkStream { source, awaitable })
    }
}

#[pymethods]
impl ChunkStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Blocks until the next piece is there. Ctrl-C raises KeyboardInterrupt and leaves the stream open.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        guard(|| self.source.wait(py))
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> Py<ChunkAwaitable> {
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
}

#[pymethods]
impl ChunkAwaitable {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// A step of the await: the next piece, or a future to wait for.
    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guard(|| self.0.step(py))
    }

    fn send(&self, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        guard(|| self.0.resume(value))
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
