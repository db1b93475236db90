//! The object that grows, and where in it the next value belongs.

use pyo3::{
    prelude::*,
    types::{PyDict, PyList, PySet},
};

/// What is there of the object.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) root: Option<Py<PyAny>>,
    pub(super) open: Vec<Open>,
    /// The key that is open, or what of a string is not in the object yet.
    pub(super) text: Vec<u8>,
    /// The string that is open.
    pub(super) string: Option<OpenString>,
}

/// A container that is open.
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) value: Py<PyAny>,
    /// Shape and attribute or key of the value that is next.
    pub(super) next: (usize, Option<Py<PyAny>>),
    /// Whether the container is in the one around it.
    pub(super) is_shown: bool,
    pub(super) finish: Option<Py<PyAny>>,
}

pub(super) enum Place {
    Dict(Py<PyDict>, usize),
    List(Py<PyList>, usize),
    Model {
        attributes: Py<PyDict>,
        fields_set: Py<PySet>,
        extra: Option<Py<PyDict>>,
        shape: usize,
        /// Where the next value belongs.
        target: Target,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Field,
    Extra,
    Nowhere,
}

pub(super) struct OpenString {
    pub(super) is_shown: bool,
    pub(super) finish: Option<Py<PyAny>>,
}

impl Tree {
    /// The shape of the value that is next.
    pub(super) fn next_shape(&self) -> usize {
        self.open.last().map_or(0, |open| open.next.0)
    }

    /// Puts a value where the next one belongs.
    pub(super) fn put(&mut self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let Some(open) = self.open.last() else {
            self.root = Some(value.clone().unbind());
            return Ok(());
        };
        match (&open.place, &open.next.1) {
            (Place::List(list, _), _) => list.bind(py).append(value),
            _ => self.replace(py, value),
        }
    }

    /// Puts a value in place of the one that was put last.
    pub(super) fn replace(&mut self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let Some(open) = self.open.last() else {
            self.root = Some(value.clone().unbind());
            return Ok(());
        };
        match (&open.place, &open.next.1) {
            (Place::List(list, _), _) => {
                let list = list.bind(py);
                match list.len().checked_sub(1) {
                    Some(last) => list.set_item(last, value),
                    // The list is the user's as well, who may have taken elements out.
                    None => list.append(value),
                }
            }
            (Place::Dict(dict, _), Some(key)) => dict.bind(py).set_item(key, value),
            (
                Place::Model {
                    attributes,
                    fields_set,
                    extra,
                    target,
                    ..
                },
                Some(key),
            ) => match (target, extra) {
                (Target::Field, _) => {
                    fields_set.bind(py).add(key)?;
                    attributes.bind(py).set_item(key, value)
                }
                (Target::Extra, Some(extra)) => extra.bind(py).set_item(key, value),
                _ => Ok(()),
            },
            (_, None) => Ok(()),
        }
    }

    /// Takes the value that was put last out of its place, so that nothing of ours holds it but the caller.
    pub(super) fn take<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(open) = self.open.last() else {
            return Ok(self.root.take().map(|root| root.into_bound(py)));
        };
        let none = py.None();
        Ok(match (&open.place, &open.next.1) {
            (Place::List(list, _), _) => {
                let list = list.bind(py);
                let Some(last) = list.len().checked_sub(1) else {
                    return Ok(None);
                };
                let value = list.get_item(last)?;
                list.set_item(last, none)?;
                Some(value)
            }
            (Place::Dict(dict, _), Some(key)) => taken(dict.bind(py), key)?,
            (
                Place::Model {
                    attributes,
                    extra,
                    target,
                    ..
                },
                Some(key),
            ) => match (target, extra) {
                (Target::Field, _) => taken(attributes.bind(py), key)?,
                (Target::Extra, Some(extra)) => taken(extra.bind(py), key)?,
                _ => None,
            },
            (_, None) => None,
        })
    }
}

/// The value of a key, in whose place None is then.
fn taken<'py>(dict: &Bound<'py, PyDict>, key: &Py<PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let value = dict.get_item(key)?;
    if value.is_some() {
        dict.set_item(key, dict.py().None())?;
    }
    Ok(value)
}
