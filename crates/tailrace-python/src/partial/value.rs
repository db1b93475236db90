//! Plain values of a text that goes on, one for each moment.

use pyo3::{exceptions::PyValueError, prelude::*, types::PyString};
use tailrace_core::json::{Growth, Standing, Tail};

use super::{NOTHING, broken, plain::Plain, recursion_limit, utf8};
use crate::{guard::guard, options};

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
    /// An open list of a hundred thousand numbers is therefore copied by each call, one reference for each; `GrowingJson`
    /// grows in place.
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
