//! Panics become exceptions.
//!
//! PyO3 turns a panic into a `BaseException` that passes by every `except Exception`; a service would lose the whole
//! worker over one request. Every function that runs code of ours goes through [`guard`] instead.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::{exceptions::PyRuntimeError, prelude::*};

/// Runs `body`; a panic in it becomes a `RuntimeError` that asks for a report.
pub(crate) fn guard<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // A panic leaves nothing behind that is used again: shared state is behind locks that outlive poisoning.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let reason = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no reason given");
        Err(PyRuntimeError::new_err(format!(
            "tailrace failed inside its native module ({reason}); please report this to the tailrace project"
        )))
    })
}

/// Panics, so that a test can see what a panic becomes.
#[pyfunction]
#[allow(clippy::panic, reason = "a test needs a panic to look at")]
pub(crate) fn provoke_panic() -> PyResult<()> {
    guard(|| panic!("provoked by a test"))
}
