//! The pieces of a body as they come: to iterate over, in both ways.

use std::sync::Arc;

use pyo3::{prelude::*, types::PyBytes};
use tailrace_core::sse::Event;

use crate::{
    awaitable::Awaitable,
    guard::guard,
    source::{Build, Built, Source},
};

/// The pieces of a body. One object serves `for` and `async for`.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct ChunkStream {
    source: Arc<Source<Pieces>>,
    /// What `__anext__` gives: one object per stream, since all its state is the stream's.
    awaitable: Py<Awaitable>,
}

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
        let awaitable = Py::new(py, Awaitable::new(Arc::clone(&source)))?;
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
}
