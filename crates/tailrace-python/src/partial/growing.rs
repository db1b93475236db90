//! One Python object that grows as its JSON text arrives: instances of pydantic classes, dicts and lists, changed in place.

use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    types::{PyDict, PyList, PySet, PyString, PyTuple},
};
use tailrace_core::json::{Literal, Scanner, Sink};

use super::{
    recursion_limit, scalar,
    shape::{PLAIN, Shape},
    text_growth,
    tree::{Open, OpenString, Place, Target, Tree},
    utf8,
};
use crate::{guard::guard, models::instance, options};

/// Grows one object from JSON text.
#[pyclass(module = "tailrace._native")]
pub(crate) struct GrowingJson {
    shapes: Vec<Shape>,
    scanner: Scanner,
    tree: Tree,
}

#[pymethods]
impl GrowingJson {
    /// The start of a text. The value has the first of `shapes`, which name each other by their places; `_growth.py` writes
    /// them.
    #[new]
    fn new(py: Python<'_>, shapes: Vec<Bound<'_, PyTuple>>) -> PyResult<Self> {
        guard(|| {
            let rules = options::growth(recursion_limit(py)?);
            Ok(GrowingJson {
                shapes: shapes.iter().map(Shape::read).collect::<PyResult<_>>()?,
                scanner: Scanner::new(rules.scanner),
                tree: Tree::default(),
            })
        })
    }

    /// Adds text; whether the object changed. After an error in the text it does not grow any more.
    fn push(&mut self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<bool> {
        guard(|| {
            let mut filler = Filler {
                py,
                shapes: &self.shapes,
                tree: &mut self.tree,
                result: Ok(()),
                has_changed: false,
            };
            // What a text that is no JSON said before its error stays.
            let _ = self.scanner.push(&utf8(text)?, &mut filler);
            filler.flush();
            filler.result.map(|()| filler.has_changed)
        })
    }

    /// The object, which goes on growing; None before anything of it has come.
    #[getter]
    fn value(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.tree.root.as_ref().map(|root| root.clone_ref(py))
    }
}

/// Grows a tree; the first failure ends it.
struct Filler<'a, 'py> {
    py: Python<'py>,
    shapes: &'a [Shape],
    tree: &'a mut Tree,
    result: PyResult<()>,
    has_changed: bool,
}

impl<'py> Filler<'_, 'py> {
    fn run(&mut self, body: impl FnOnce(&mut Self) -> PyResult<()>) {
        if self.result.is_ok() {
            self.result = body(self);
        }
    }

    /// Whether a value of this shape is there before it has ended, and what makes another of it when it has.
    fn finishing(&self, shape: usize) -> (bool, Option<Py<PyAny>>) {
        match self.shapes.get(shape) {
            Some(Shape::Finished { finish, is_shown }) => (
                *is_shown,
                finish.as_ref().map(|finish| finish.clone_ref(self.py)),
            ),
            _ => (true, None),
        }
    }

    /// A number or literal.
    fn scalar(&mut self, value: PyResult<Bound<'py, PyAny>>) {
        self.run(|filler| {
            let (_, finish) = filler.finishing(filler.tree.next_shape());
            let value = filler.finished(finish, value?)?;
            filler.has_changed = true;
            filler.tree.put(filler.py, &value)
        });
    }

    fn finished(
        &self,
        finish: Option<Py<PyAny>>,
        value: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match finish {
            Some(finish) => finish.bind(self.py).call1((value,)),
            None => Ok(value),
        }
    }

    fn begin(&mut self, is_object: bool) {
        self.run(|filler| {
            let py = filler.py;
            let index = filler.tree.next_shape();
            let (is_shown, finish) = filler.finishing(index);
            let (place, value) = match (filler.shapes.get(index), is_object) {
                (Some(Shape::Model(model)), true) => {
                    let attributes = PyDict::new(py);
                    let fields_set = PySet::empty(py)?;
                    let extra = model.keeps_extra.then(|| PyDict::new(py));
                    let value = instance::model(
                        model.class.bind(py),
                        &attributes,
                        &fields_set,
                        &extra.clone().into_bound_py_any(py)?,
                    )?;
                    let place = Place::Model {
                        attributes: attributes.unbind(),
                        fields_set: fields_set.unbind(),
                        extra: extra.map(Bound::unbind),
                        shape: index,
                        target: Target::Nowhere,
                    };
                    (place, value)
                }
                (shape, true) => {
                    let dict = PyDict::new(py);
                    let value = dict.clone().into_any();
                    let child = match shape {
                        Some(Shape::Dict(child)) => *child,
                        _ => PLAIN,
                    };
                    (Place::Dict(dict.unbind(), child), value)
                }
                (shape, false) => {
                    let list = PyList::empty(py);
                    let value = list.clone().into_any();
                    let child = match shape {
                        Some(Shape::List(child)) => *child,
                        _ => PLAIN,
                    };
                    (Place::List(list.unbind(), child), value)
                }
            };
            if is_shown {
                filler.has_changed = true;
                filler.tree.put(py, &value)?;
            }
            let next = match &place {
                Place::List(_, child) => *child,
                _ => PLAIN,
            };
            filler.tree.open.push(Open {
                place,
                value: value.unbind(),
                next: (next, None),
                is_shown,
                finish,
            });
            Ok(())
        });
    }

    fn end(&mut self) {
        self.run(|filler| {
            let Some(open) = filler.tree.open.pop() else {
                return Ok(());
            };
            let (is_shown, has_finish) = (open.is_shown, open.finish.is_some());
            let value = filler.finished(open.finish, open.value.into_bound(filler.py))?;
            if !is_shown {
                filler.has_changed = true;
                return filler.tree.put(filler.py, &value);
            }
            if has_finish {
                filler.has_changed = true;
                return filler.tree.replace(filler.py, &value);
            }
            Ok(())
        });
    }

    /// Adds what has come of the string that is open to the one in the object.
    fn flush(&mut self) {
        let is_shown = matches!(&self.tree.string, Some(string) if string.is_shown);
        if !is_shown || self.tree.text.is_empty() {
            return;
        }
        self.run(|filler| {
            let py = filler.py;
            let piece = scalar::text(py, &filler.tree.text)?;
            filler.tree.text.clear();
            filler.has_changed = true;
            let grown = match filler.tree.take(py)? {
                Some(text) => text_growth::append(text, &piece)?,
                None => piece,
            };
            filler.tree.replace(py, &grown)
        });
    }
}

impl Sink for Filler<'_, '_> {
    fn begin_object(&mut self, _: usize) {
        self.begin(true);
    }

    fn key_begin(&mut self, _: usize) {
        self.tree.text.clear();
    }

    fn key_piece(&mut self, piece: &str, _: usize) {
        self.tree.text.extend_from_slice(piece.as_bytes());
    }

    fn key_surrogate(&mut self, unit: u16, _: usize) {
        scalar::push_surrogate(&mut self.tree.text, unit);
    }

    fn key(&mut self, key: &str, _: usize) {
        self.run(|filler| {
            let py = filler.py;
            let written = scalar::text(py, &filler.tree.text)?;
            filler.tree.text.clear();
            let Some(open) = filler.tree.open.last_mut() else {
                return Ok(());
            };
            open.next = match &mut open.place {
                Place::Model { shape, target, .. } => match filler.shapes.get(*shape) {
                    Some(Shape::Model(model)) => match model.fields.get(key) {
                        Some((name, shape)) => {
                            *target = Target::Field;
                            (*shape, Some(name.clone_ref(py).into_any()))
                        }
                        None => {
                            *target = if model.keeps_extra {
                                Target::Extra
                            } else {
                                Target::Nowhere
                            };
                            (PLAIN, Some(written.unbind()))
                        }
                    },
                    _ => (PLAIN, None),
                },
                Place::Dict(_, child) | Place::List(_, child) => (*child, Some(written.unbind())),
            };
            Ok(())
        });
    }

    fn end_object(&mut self, _: usize) {
        self.end();
    }

    fn begin_array(&mut self, _: usize) {
        self.begin(false);
    }

    fn end_array(&mut self, _: usize) {
        self.end();
    }

    fn text_begin(&mut self, _: usize) {
        self.run(|filler| {
            filler.tree.text.clear();
            let (is_shown, finish) = filler.finishing(filler.tree.next_shape());
            if is_shown {
                filler.has_changed = true;
                let empty = PyString::new(filler.py, "").into_any();
                filler.tree.put(filler.py, &empty)?;
            }
            filler.tree.string = Some(OpenString { is_shown, finish });
            Ok(())
        });
    }

    fn text(&mut self, piece: &str, _: usize) {
        self.tree.text.extend_from_slice(piece.as_bytes());
    }

    fn text_surrogate(&mut self, unit: u16, _: usize) {
        scalar::push_surrogate(&mut self.tree.text, unit);
    }

    fn text_end(&mut self, _: usize) {
        self.flush();
        self.run(|filler| {
            let py = filler.py;
            let Some(OpenString { is_shown, finish }) = filler.tree.string.take() else {
                return Ok(());
            };
            if is_shown && finish.is_none() {
                return Ok(());
            }
            filler.has_changed = true;
            if is_shown {
                let text = filler.tree.take(py)?;
                let text = text.unwrap_or_else(|| PyString::new(py, "").into_any());
                let value = filler.finished(finish, text)?;
                return filler.tree.replace(py, &value);
            }
            let text = scalar::text(py, &filler.tree.text)?;
            let value = filler.finished(finish, text)?;
            filler.tree.put(py, &value)
        });
    }

    fn number(&mut self, number: &str, _: usize) {
        self.scalar(scalar::number(self.py, number));
    }

    fn literal(&mut self, literal: Literal, _: usize) {
        self.scalar(scalar::literal(self.py, literal));
    }
}
