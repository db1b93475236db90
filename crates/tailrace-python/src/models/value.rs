//! Plain JSON as Python values: dict, list, str, int, float, bool, None.

use jiter::{Jiter, JiterError, NumberAny, NumberInt, Peek};
use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    types::{PyDict, PyList, PyString},
};

use super::build::Stop;

/// How deeply a document may nest before Python's own parser takes over, which ends in a `RecursionError` where this one
/// would run out of stack. jiter's own limit for whole values is the same.
pub(super) const MOST_DEPTH: usize = 200;

/// The value that starts with `peek`, inside `depth` others.
pub(super) fn value<'py>(
    py: Python<'py>,
    json: &mut Jiter<'_>,
    peek: Peek,
    depth: usize,
) -> Result<Bound<'py, PyAny>, Stop> {
    if depth > MOST_DEPTH {
        return Err(Stop::Json);
    }
    Ok(match peek {
        Peek::Null => {
            json.known_null()?;
            py.None().into_bound(py)
        }
        Peek::True | Peek::False => json.known_bool(peek)?.into_bound_py_any(py)?,
        Peek::String => PyString::new(py, json.known_str()?).into_any(),
        Peek::Array => {
            let mut items = Vec::new();
            let mut next = json.known_array()?;
            while let Some(peek) = next {
                items.push(value(py, json, peek, depth + 1)?);
                next = json.array_step()?;
            }
            PyList::new(py, items)?.into_any()
        }
        Peek::Object => {
            let dict = PyDict::new(py);
            let mut key = json.known_object()?.map(|key| PyString::new(py, key));
            while let Some(name) = key {
                let peek = json.peek()?;
                dict.set_item(name, value(py, json, peek, depth + 1)?)?;
                key = json.next_key()?.map(|key| PyString::new(py, key));
            }
            dict.into_any()
        }
        _ => number(py, json.known_number(peek)?)?,
    })
}

/// A number: an int of any size, or a float.
pub(super) fn number(py: Python<'_>, number: NumberAny) -> PyResult<Bound<'_, PyAny>> {
    match number {
        NumberAny::Int(NumberInt::Int(int)) => int.into_bound_py_any(py),
        NumberAny::Int(NumberInt::BigInt(int)) => int.into_bound_py_any(py),
        NumberAny::Float(float) => float.into_bound_py_any(py),
    }
}

impl From<JiterError> for Stop {
    fn from(_: JiterError) -> Self {
        // Whoever reports it parses again with Python's parser, whose message users know.
        Stop::Json
    }
}

impl From<jiter::JsonError> for Stop {
    fn from(_: jiter::JsonError) -> Self {
        Stop::Json
    }
}

impl From<PyErr> for Stop {
    fn from(error: PyErr) -> Self {
        Stop::Python(error)
    }
}
