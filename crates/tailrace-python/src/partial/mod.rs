//! JSON text that goes on, as Python values at any time.
//!
//! [`PartialJson`] gives plain values of their own for each moment, [`growing::GrowingJson`] one object that grows, and
//! [`JsonElements`] the elements of one array.

mod growing;
mod plain;
mod scalar;
mod text_growth;

pub(crate) use growing::GrowingJson;
pub(crate) use scalar::text;

use std::borrow::Cow;

use pyo3::{
    exceptions::{PyRecursionError, PyValueError},
    intern,
    prelude::*,
    types::{PyBytes, PyString},
};
use tailrace_core::json::{Elements, Growth, Reason, Standing, SyntaxError, Tail};

use crate::{guard::guard, options};
use plain::Plain;

/// Reads JSON text that goes on; gives its value so far.
#[pyclass(module = "tailrace._native")]
pub(crate) struct PartialJson {
    trailing_text: bool,
    max_depth: usize,
    /// All of it, for values of earlier moments.
    text: Vec<u8>,
    growth: Growth,
    plain: Plain,
    /// The last value, until a push.
    value: Option<Py<PyAny>>,
}

#[pymethods]
impl PartialJson {
    /// A text of which nothing has come. `trailing_text` says whether a string counts before its closing quote.
    #[new]
    #[pyo3(signature = (trailing_text = false))]
    fn new(py: Python<'_>, trailing_text: bool) -> PyResult<Self> {
        guard(|| {
            let max_depth = recursion_limit(py)?;
            Ok(PartialJson::start(trailing_text, max_depth))
        })
    }

    /// Adds text; whether it can still become JSON, or has a value that stays. When not, `value` raises.
    fn push(&mut self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<bool> {
        guard(|| {
            self.add(py, &utf8(text)?)?;
            Ok(!matches!(self.growth.standing(), Standing::Broken(_)))
        })
    }

    /// The value so far. Finished parts are shared with earlier values; what is still open is a copy of its own.
    ///
    /// Raises ValueError when the text is no JSON or no value has come yet, RecursionError when it nests too deeply.
    fn value(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guard(|| {
            if let Some(value) = &self.value {
                return Ok(value.clone_ref(py));
            }
            let tail = match self.growth.standing() {
                Standing::Value(Tail::Text) if !self.trailing_text => Tail::Nothing,
                Standing::Value(tail) => tail,
                Standing::Nothing => return Err(PyValueError::new_err(NOTHING)),
                Standing::Broken(error) => return Err(broken(error)),
            };
            let Some(value) = self.plain.value(py, tail)? else {
                return Err(PyValueError::new_err(NOTHING));
            };
            self.value = Some(value.clone_ref(py));
            Ok(value)
        })
    }

    /// Whether `value` has something to say, be it that the text is no JSON: not before a value has come.
    fn has_value(&self) -> bool {
        match self.growth.standing() {
            Standing::Nothing => false,
            Standing::Value(Tail::Text) => self.trailing_text || self.growth.depth() > 0,
            _ => true,
        }
    }

    /// The value when the text had this many characters. The text is read anew.
    fn value_at(&self, py: Python<'_>, length: usize) -> PyResult<Py<PyAny>> {
        let mut earlier = PartialJson::start(self.trailing_text, self.max_depth);
        // Every byte but the later ones of a character.
        let starts = self.text.iter().enumerate();
        let mut starts = starts.filter(|(_, byte)| **byte & 0xC0 != 0x80);
        let end = starts.nth(length).map_or(self.text.len(), |(at, _)| at);
        earlier.add(py, self.text.get(..end).unwrap_or_default())?;
        earlier.value(py)
    }
}

impl PartialJson {
    fn start(trailing_text: bool, max_depth: usize) -> Self {
        PartialJson {
            trailing_text,
            max_depth,
            text: Vec::new(),
            growth: Growth::new(options::growth(max_depth)),
            plain: Plain::default(),
            value: None,
        }
    }

    fn add(&mut self, py: Python<'_>, bytes: &[u8]) -> PyResult<()> {
        self.text.extend_from_slice(bytes);
        self.value = None;
        self.plain.push(py, &mut self.growth, bytes)
    }
}

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
