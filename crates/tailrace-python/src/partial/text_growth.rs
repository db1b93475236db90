//! Strings that grow in place.
#![allow(unsafe_code, reason = "PyO3 has no safe form for it")]

use pyo3::{ffi, prelude::*};

/// The two texts as one. When nothing else holds the first, its memory grows, so that a long text costs no more than its
/// pieces.
pub(super) fn append<'py>(
    text: Bound<'py, PyAny>,
    piece: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = text.py();
    let mut pointer = text.into_ptr();
    // SAFETY: `pointer` is an owned reference, which the function takes and replaces by an owned reference to the result, or
    // by null with an exception set; it checks that both are texts, and that nothing else sees a text that it changes.
    unsafe {
        ffi::PyUnicode_Append(&raw mut pointer, piece.as_ptr());
        Bound::from_owned_ptr_or_err(py, pointer)
    }
}
