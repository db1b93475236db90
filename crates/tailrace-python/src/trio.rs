//! Waiting on trio, where no asyncio loop runs.
//!
//! trio is looked for only where the program has imported it. What waits in its way is `python/tailrace/_trio.py`: it gives
//! [`crate::hub`] an object with those methods of an asyncio loop that the hub calls.

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyDict};

/// The loop object of the running trio task; `None` outside one.
pub(crate) fn running_loop(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    if !is_loaded(py)? {
        return Ok(None);
    }
    static RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let found = RUNNING_LOOP
        .import(py, "tailrace._trio", "running_loop")?
        .call0()?;
    Ok((!found.is_none()).then_some(found))
}

/// What an awaitable yields to wait for `future`, which a loop object of [`running_loop`] made.
pub(crate) fn suspend(future: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = future.py();
    future
        .call_method0(intern!(py, "suspend"))
        .map(Bound::unbind)
}

/// What an awaitable yields to give the loop a turn: None on asyncio.
pub(crate) fn turn(py: Python<'_>) -> PyResult<Py<PyAny>> {
    if !is_loaded(py)? {
        return Ok(py.None());
    }
    static TURN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    TURN.import(py, "tailrace._trio", "turn")?
        .call0()
        .map(Bound::unbind)
}

/// Goes on after what [`suspend`] or [`turn`] yielded: what to yield next, or `None` when the wait is over. Raises what
/// ended the task's wait, such as `trio.Cancelled`.
pub(crate) fn resumed(value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    // asyncio sends None into every awaitable, trio never does after the first step.
    if value.is_none() {
        return Ok(None);
    }
    static RESUMED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let next = RESUMED
        .import(value.py(), "tailrace._trio", "resumed")?
        .call1((value,))?;
    Ok((!next.is_none()).then(|| next.unbind()))
}

fn is_loaded(py: Python<'_>) -> PyResult<bool> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    MODULES
        .import(py, "sys", "modules")?
        .contains(intern!(py, "trio"))
}
