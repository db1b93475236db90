//! From JSON to Python objects in one walk: shape plans.
//!
//! A plan is compiled once from a live type (a pydantic class, a union, a list) and then turns bytes into objects
//! without an intermediate dict. The result is that of the official package, which builds without validation except in
//! unions, where it validates first. So a walk has two manners ([`build::Manner`]): *loose* keeps whatever comes, and
//! *strict* only goes on while validation would change nothing, and otherwise gives the value to the Python path, which
//! has the same rules written out (`python/tailrace/_construct.py`).

mod build;
mod compile;
pub(crate) mod instance;
mod shape;
mod typing;
mod union;
mod value;

use std::sync::Arc;

use pyo3::{prelude::*, sync::PyOnceLock, types::PyBytes};

use self::{build::Builder, shape::Shape};
use crate::guard::guard;

/// The compiled shape of a type.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Plan {
    type_: Py<PyAny>,
    construct: Py<PyAny>,
    shape: PyOnceLock<Arc<Shape>>,
}

impl Plan {
    /// The object that `data` describes, or `None` when it is not JSON that this walk can read.
    pub(crate) fn build_object(&self, py: Python<'_>, data: &[u8]) -> PyResult<Option<Py<PyAny>>> {
        let shape = self
            .shape
            .get_or_try_init(py, || compile::shape_of(self.type_.bind(py)).map(Arc::new))?;
        match Builder::new(py, data, &self.construct).document(shape, self.type_.bind(py)) {
            Ok(object) => Ok(Some(object.unbind())),
            Err(build::Stop::Python(error)) => Err(error),
            Err(build::Stop::Json) => Ok(None),
        }
    }

    /// The object that `data` describes. Raises ValueError when it is no JSON, RecursionError when it nests too deeply.
    pub(crate) fn parse(&self, py: Python<'_>, data: &[u8]) -> PyResult<Py<PyAny>> {
        if let Some(object) = self.build_object(py, data)? {
            return Ok(object);
        }
        // Python's own parser takes a little more (lone surrogates, deeper nesting) and names what is wrong otherwise.
        let value = py
            .import("json")?
            .call_method1("loads", (PyBytes::new(py, data),))?;
        self.construct.call1(py, (&self.type_, value))
    }
}

#[pymethods]
impl Plan {
    #[new]
    fn new(type_: Py<PyAny>, construct: Py<PyAny>) -> Self {
        Plan {
            type_,
            construct,
            shape: PyOnceLock::new(),
        }
    }

    /// The object that JSON text describes. Raises ValueError when it is no JSON, RecursionError when it nests too deeply.
    fn build(&self, py: Python<'_>, data: &[u8]) -> PyResult<Py<PyAny>> {
        guard(|| self.parse(py, data))
    }
}
