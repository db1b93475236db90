//! The elements of one array of a text that goes on.

use pyo3::{prelude::*, types::PyString};
use tailrace_core::json::Elements;

use super::{broken, recursion_limit, scalar, utf8};
use crate::{guard::guard, options};

/// Finds the elements of one array of JSON text that goes on.
#[pyclass(module = "tailrace._native")]
pub(crate) struct JsonElements(Elements);

#[pymethods]
impl JsonElements {
    /// Looks for the array that these keys and indexes lead to; `*` is any.
    #[new]
    fn new(py: Python<'_>, path: Vec<String>) -> PyResult<Self> {
        guard(|| {
            let rules = options::growth(recursion_limit(py)?);
            Ok(JsonElements(Elements::new(rules.scanner, path)))
        })
    }

    /// JSON text of each element that this text ends.
    ///
    /// Raises ValueError when the text is no JSON, once what ended before has been handed over.
    fn push<'py>(
        &mut self,
        py: Python<'py>,
        text: &Bound<'py, PyString>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        guard(|| {
            let found = self.0.push(&utf8(text)?).map_err(broken)?;
            found
                .iter()
                .map(|element| scalar::text(py, element))
                .collect()
        })
    }
}
