//! Panics become exceptions.
//!
//! A panic that unwinds into N-API ends the process, and with it every other request of a service. Every function that
//! runs code of ours goes through [`guard`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::{Error, Result};

/// Runs `body`; a panic in it becomes an `Error` that asks for a report.
pub(crate) fn guard<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    // A panic leaves nothing behind that is used again: shared state is behind locks that outlive poisoning.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let reason = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no reason given");
        Err(Error::from_reason(format!(
            "tailrace failed inside its native module ({reason}); please report this to the tailrace project"
        )))
    })
}
