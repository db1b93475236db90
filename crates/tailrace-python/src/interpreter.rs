//! One interpreter for each process.
//!
//! This module keeps Python objects for the life of the process: hubs, plans, interned names. They belong to the
//! interpreter that made them, and another one must not touch them.

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::{exceptions::PyImportError, ffi, prelude::*};

/// No interpreter has this number.
const NONE: i64 = -1;

/// The interpreter that imported this module first.
static OWNER: AtomicI64 = AtomicI64::new(NONE);

/// Makes the running interpreter the owner, and refuses every other one.
///
/// Raises ImportError in a subinterpreter, unless it was the first to import this module.
pub(crate) fn claim(_py: Python<'_>) -> PyResult<()> {
    // SAFETY: the token says that this thread is attached to an interpreter, which is all that both functions ask for.
    #[allow(unsafe_code, reason = "PyO3 has no safe form of this question")]
    let current = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    match OWNER.compare_exchange(NONE, current, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => Ok(()),
        Err(owner) if owner == current => Ok(()),
        Err(_) => Err(PyImportError::new_err(
            "tailrace serves one interpreter of a process, and another one has imported it; use it in that one, or use processes in place of subinterpreters",
        )),
    }
}
