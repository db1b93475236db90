//! JSON schemas, of whole texts and of texts that arrive in pieces.

use std::{borrow::Cow, sync::Arc};

use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyString},
};
use tailrace_core::{
    json::Options,
    schema::{self, MAX_DEPTH, State},
};

use crate::guard::guard;

/// JSON as Python's `json` reads it: `NaN` and `Infinity` are numbers, and a string may hold half of a pair.
const JSON: Options = Options {
    max_depth: MAX_DEPTH,
    non_finite: true,
    surrogates: true,
    halves: false,
};

/// JSON pointer into the text, offset in bytes of UTF-8, reason, JSON pointer into the schema.
type Violation = (String, usize, String, String);

/// A compiled schema.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Schema(Arc<schema::Schema>);

#[pymethods]
impl Schema {
    /// Compiles the JSON text of a schema.
    ///
    /// Raises ValueError of a sentence and a JSON pointer into the schema when it is no schema or beyond a limit.
    #[new]
    fn new(py: Python<'_>, json: &str) -> PyResult<Self> {
        guard(|| match py.detach(|| schema::Schema::compile(json)) {
            Ok(schema) => Ok(Schema(Arc::new(schema))),
            Err(error) => Err(PyValueError::new_err((
                error.to_string(),
                error.schema_path,
            ))),
        })
    }

    /// The violation of a whole text, if there is one.
    fn violation(&self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<Option<Violation>> {
        guard(|| {
            let bytes = bytes(text)?;
            Ok(py
                .detach(|| self.0.violation(&bytes, JSON))
                .map(|violation| members(&violation)))
        })
    }

    /// The start of a text that arrives in pieces.
    fn prefix(&self) -> Prefix {
        Prefix {
            schema: Arc::clone(&self.0),
            state: State::new(&self.0, JSON),
        }
    }
}

/// A text so far.
#[pyclass(module = "tailrace._native")]
pub(crate) struct Prefix {
    schema: Arc<schema::Schema>,
    state: State,
}

#[pymethods]
impl Prefix {
    /// Takes the next characters; the violation if no text that begins so is valid, from then on with every call.
    fn push(&mut self, text: &Bound<'_, PyString>) -> PyResult<Option<Violation>> {
        guard(|| {
            let bytes = bytes(text)?;
            Ok(self.state.push(&self.schema, &bytes).map(members))
        })
    }

    /// Says that nothing follows; the violation if the text is not valid.
    fn finish(&mut self) -> PyResult<Option<Violation>> {
        guard(|| Ok(self.state.finish(&self.schema).map(members)))
    }
}

fn members(violation: &schema::Violation) -> Violation {
    (
        violation.pointer.clone(),
        violation.offset,
        violation.reason.clone(),
        violation.schema_path.clone(),
    )
}

/// The text as UTF-8, in which half of a pair takes three bytes.
fn bytes<'t>(text: &'t Bound<'_, PyString>) -> PyResult<Cow<'t, [u8]>> {
    if let Ok(text) = text.to_str() {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let encoded = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
    Ok(Cow::Owned(
        encoded.cast_into::<PyBytes>()?.as_bytes().to_vec(),
    ))
}
