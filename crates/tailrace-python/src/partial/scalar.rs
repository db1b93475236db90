//! Strings, numbers and literals as Python's own JSON makes them.

use pyo3::{
    IntoPyObjectExt, intern,
    prelude::*,
    types::{PyBytes, PyInt, PyString},
};
use tailrace_core::json::Literal;

/// UTF-8 with halves of pairs as three bytes each.
pub(crate) fn text<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(PyString::new(py, text).into_any());
    }
    PyBytes::new(py, bytes).call_method1(
        intern!(py, "decode"),
        (intern!(py, "utf-8"), intern!(py, "surrogatepass")),
    )
}

/// A number: an int of any size, or a float. Raises ValueError where `int` does, for more digits than
/// `sys.set_int_max_str_digits` allows.
pub(super) fn number<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(int) = text.parse::<i64>() {
        return int.into_bound_py_any(py);
    }
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        return py.get_type::<PyInt>().call1((text,));
    }
    // Rust reads `NaN` and `Infinity`, too, and rounds as Python does.
    text.parse::<f64>()
        .unwrap_or(f64::NAN)
        .into_bound_py_any(py)
}

pub(super) fn literal(py: Python<'_>, literal: Literal) -> PyResult<Bound<'_, PyAny>> {
    match literal {
        Literal::Null => Ok(py.None().into_bound(py)),
        Literal::True => true.into_bound_py_any(py),
        Literal::False => false.into_bound_py_any(py),
    }
}

/// Adds half of a pair to bytes of UTF-8.
pub(super) fn push_surrogate(bytes: &mut Vec<u8>, unit: u16) {
    let [high, low] = unit.to_be_bytes();
    bytes.extend_from_slice(&[
        0xE0 | (high >> 4),
        0x80 | ((high & 0x0F) << 2) | (low >> 6),
        0x80 | (low & 0x3F),
    ]);
}
