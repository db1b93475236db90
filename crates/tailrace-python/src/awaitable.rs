//! What Python awaits: one class over everything that is waited for in steps.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::{guard::guard, trio};

/// What an await goes through.
pub(crate) trait Await: Send + Sync {
    /// Raises StopIteration with what was awaited, or gives a future to wait for.
    fn step(&self, py: Python<'_>) -> PyResult<Py<PyAny>>;

    /// The awaiting task was cancelled, or dropped the await. What takes nothing before it ends has nothing to do.
    fn leave(&self) {}
}

/// The protocol of awaitables for an [`Await`].
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Awaitable(Arc<dyn Await>);

impl Awaitable {
    pub(crate) fn new(awaited: Arc<impl Await + 'static>) -> Self {
        Awaitable(awaited)
    }
}

#[pymethods]
impl Awaitable {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guard(|| self.0.step(py))
    }

    fn send(&self, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        guard(|| resume(&*self.0, value))
    }

    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _ = traceback;
        self.0.leave();
        Err(thrown(kind, value))
    }

    fn close(&self) {
        self.0.leave();
    }
}

/// A step after the first: goes on where the one before waited. Raises what ended the task's wait there, such as
/// `trio.Cancelled`.
pub(crate) fn resume(awaited: &dyn Await, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    match trio::resumed(value).inspect_err(|_| awaited.leave())? {
        Some(wanted) => Ok(wanted),
        None => awaited.step(value.py()),
    }
}

/// The exception that `throw(kind, value)` stands for.
pub(crate) fn thrown(kind: &Bound<'_, PyAny>, value: Option<&Bound<'_, PyAny>>) -> PyErr {
    match value {
        Some(value) if !value.is_none() => PyErr::from_value(value.clone()),
        _ => PyErr::from_value(kind.clone()),
    }
}
