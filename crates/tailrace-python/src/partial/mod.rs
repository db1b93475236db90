//! JSON text that goes on, as Python values at any time.
//!
//! [`value`] gives plain values of their own for each moment, out of the tree of [`plain`]; [`growing`] one object that grows, a
//! [`tree`] of the [`shape`] that its type has; [`elements`] those of one array.

mod elements;
mod growing;
mod plain;
mod scalar;
mod shape;
mod text_growth;
mod tree;
mod value;

pub(crate) use elements::JsonElements;
pub(crate) use growing::GrowingJson;
pub(crate) use scalar::text;
pub(crate) use value::PartialJson;

use std::borrow::Cow;

use pyo3::{
    exceptions::{PyRecursionError, PyValueError},
    intern,
    prelude::*,
    types::{PyBytes, PyString},
};
use tailrace_core::json::{Reason, SyntaxError};

const NOTHING: &str = "No JSON value has come yet; wait for more of the text.";

/// The exception for a text that is no JSON.
fn broken(error: SyntaxError) -> PyErr {
    let SyntaxError { offset, reason } = error;
    match reason {
        Reason::TooDeep { max_depth } => PyRecursionError::new_err(format!(
            "The JSON text nests more than {max_depth} objects and arrays (byte {offset}); raise sys.setrecursionlimit, or send flatter JSON."
        )),
        Reason::Unfinished => PyValueError::new_err(NOTHING),
        _ => PyValueError::new_err(format!(
            "The text is no JSON from byte {offset} on: {reason}."
        )),
    }
}

/// The limit of Python's own `json`, which nests calls.
fn recursion_limit(py: Python<'_>) -> PyResult<usize> {
    py.import(intern!(py, "sys"))?
        .call_method0(intern!(py, "getrecursionlimit"))?
        .extract()
}

/// The text as UTF-8, halves of pairs as three bytes each.
pub(crate) fn utf8<'a>(text: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, [u8]>> {
    if let Ok(text) = text.to_str() {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let py = text.py();
    let bytes = text.call_method1(
        intern!(py, "encode"),
        (intern!(py, "utf-8"), intern!(py, "surrogatepass")),
    )?;
    Ok(Cow::Owned(bytes.cast::<PyBytes>()?.as_bytes().to_vec()))
}
