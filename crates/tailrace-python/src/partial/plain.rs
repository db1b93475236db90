//! A tree of plain Python values that grows: dict, list, str, int, float, bool, None.

use pyo3::{
    prelude::*,
    types::{PyDict, PyList},
};
use tailrace_core::json::{Growth, Literal, Sink, Tail};

use super::scalar;

/// What has come of a value.
#[derive(Default)]
pub(super) struct Plain {
    /// The dicts and lists that are open, from the outermost on; none of them is in another one yet.
    open: Vec<Open>,
    /// The whole value, once it has ended.
    whole: Option<Py<PyAny>>,
    /// The key or string that is open.
    text: Vec<u8>,
}

struct Open {
    container: Container,
    key: Option<Py<PyAny>>,
}

enum Container {
    Dict(Py<PyDict>),
    List(Py<PyList>),
}

impl Plain {
    /// Takes what `bytes` add.
    pub(super) fn push(
        &mut self,
        py: Python<'_>,
        growth: &mut Growth,
        bytes: &[u8],
    ) -> PyResult<()> {
        let mut filler = Filler {
            py,
            plain: self,
            result: Ok(()),
        };
        growth.push(bytes, &mut filler);
        filler.result
    }

    /// The value so far with `tail` at its end, in containers of its own where they are open.
    pub(super) fn value(&self, py: Python<'_>, tail: Tail<'_>) -> PyResult<Option<Py<PyAny>>> {
        let mut inner = match tail {
            Tail::Nothing => None,
            Tail::Text => Some(scalar::text(py, &self.text)?),
            Tail::Number(number) => Some(scalar::number(py, number)?),
            Tail::Literal(literal) => Some(scalar::literal(py, literal)?),
        };
        if self.open.is_empty() && inner.is_none() {
            return Ok(self.whole.as_ref().map(|value| value.clone_ref(py)));
        }
        for open in self.open.iter().rev() {
            let copy = match &open.container {
                Container::Dict(dict) => Container::Dict(dict.bind(py).copy()?.unbind()),
                Container::List(list) => {
                    let list = list.bind(py);
                    Container::List(list.get_slice(0, list.len()).unbind())
                }
            };
            if let Some(inner) = inner {
                copy.put(py, open.key.as_ref(), &inner)?;
            }
            inner = Some(copy.into_value(py));
        }
        Ok(inner.map(Bound::unbind))
    }
}

impl Container {
    fn put(
        &self,
        py: Python<'_>,
        key: Option<&Py<PyAny>>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        match (self, key) {
            (Container::Dict(dict), Some(key)) => dict.bind(py).set_item(key, value),
            (Container::Dict(_), None) => Ok(()),
            (Container::List(list), _) => list.bind(py).append(value),
        }
    }

    fn into_value(self, py: Python<'_>) -> Bound<'_, PyAny> {
        match self {
            Container::Dict(dict) => dict.into_bound(py).into_any(),
            Container::List(list) => list.into_bound(py).into_any(),
        }
    }
}

/// Fills a tree; the first failure ends it.
struct Filler<'a, 'py> {
    py: Python<'py>,
    plain: &'a mut Plain,
    result: PyResult<()>,
}

impl<'py> Filler<'_, 'py> {
    fn put(&mut self, value: PyResult<Bound<'py, PyAny>>) {
        if self.result.is_err() {
            return;
        }
        self.result = value.and_then(|value| match self.plain.open.last() {
            Some(open) => open.container.put(self.py, open.key.as_ref(), &value),
            None => {
                self.plain.whole = Some(value.unbind());
                Ok(())
            }
        });
    }

    fn open(&mut self, container: Container) {
        self.plain.open.push(Open {
            container,
            key: None,
        });
    }

    fn close(&mut self) {
        if let Some(open) = self.plain.open.pop() {
            self.put(Ok(open.container.into_value(self.py)));
        }
    }
}

impl Sink for Filler<'_, '_> {
    fn begin_object(&mut self, _: usize) {
        self.open(Container::Dict(PyDict::new(self.py).unbind()));
    }

    fn key_begin(&mut self, _: usize) {
        self.plain.text.clear();
        if let Some(open) = self.plain.open.last_mut() {
            open.key = None;
        }
    }

    fn key_piece(&mut self, piece: &str, _: usize) {
        self.plain.text.extend_from_slice(piece.as_bytes());
    }

    fn key_surrogate(&mut self, unit: u16, _: usize) {
        scalar::push_surrogate(&mut self.plain.text, unit);
    }

    fn key(&mut self, _: &str, _: usize) {
        match scalar::text(self.py, &self.plain.text) {
            Ok(key) => {
                if let Some(open) = self.plain.open.last_mut() {
                    open.key = Some(key.unbind());
                }
            }
            Err(error) => self.put(Err(error)),
        }
    }

    fn end_object(&mut self, _: usize) {
        self.close();
    }

    fn begin_array(&mut self, _: usize) {
        self.open(Container::List(PyList::empty(self.py).unbind()));
    }

    fn end_array(&mut self, _: usize) {
        self.close();
    }

    fn text_begin(&mut self, _: usize) {
        self.plain.text.clear();
    }

    fn text(&mut self, piece: &str, _: usize) {
        self.plain.text.extend_from_slice(piece.as_bytes());
    }

    fn text_surrogate(&mut self, unit: u16, _: usize) {
        scalar::push_surrogate(&mut self.plain.text, unit);
    }

    fn text_end(&mut self, _: usize) {
        self.put(scalar::text(self.py, &self.plain.text));
    }

    fn number(&mut self, number: &str, _: usize) {
        self.put(scalar::number(self.py, number));
    }

    fn literal(&mut self, literal: Literal, _: usize) {
        self.put(scalar::literal(self.py, literal));
    }
}
