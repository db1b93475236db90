//! JSON schemas in their strict form.

use pyo3::{
    prelude::*,
    types::{PyString, PyTuple},
};
use tailrace_core::schema::strict::{self, Fault, Form};

use crate::guard::guard;

/// The strict form of a JSON schema as text; or `(kind, path, found, reference, name, message)`, why it has none.
#[pyfunction]
pub(crate) fn strict_schema<'py>(py: Python<'py>, schema: &str) -> PyResult<Bound<'py, PyAny>> {
    guard(
        || match py.detach(|| strict::rewrite(schema, Form::Inlined)) {
            Ok(text) => Ok(PyString::new(py, &text).into_any()),
            Err(fault) => Ok(described(py, &fault)?.into_any()),
        },
    )
}

fn described<'py>(py: Python<'py>, fault: &Fault) -> PyResult<Bound<'py, PyTuple>> {
    (
        fault.kind(),
        fault.path().to_vec(),
        fault.found(),
        fault.reference(),
        fault.name(),
        fault.to_string(),
    )
        .into_pyobject(py)
}
