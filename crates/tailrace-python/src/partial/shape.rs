//! What the parts of a growing object are made of.

use std::collections::HashMap;

use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyString, PyTuple, PyType},
};

/// The shape that values have where nothing is known about them.
pub(super) const PLAIN: usize = usize::MAX;

/// What a place of the object is made of.
pub(super) enum Shape {
    /// Whatever the text says.
    Plain,
    /// A list of another shape.
    List(usize),
    /// A dict whose values have another shape.
    Dict(usize),
    Model(Model),
    /// A value that becomes another one when it has ended.
    Finished {
        finish: Option<Py<PyAny>>,
        /// Whether it is there before it has ended, as the text says it.
        is_shown: bool,
    },
}

/// A pydantic class.
pub(super) struct Model {
    pub(super) class: Py<PyType>,
    /// Name of the attribute and shape, by the key in the text.
    pub(super) fields: HashMap<String, (Py<PyString>, usize)>,
    pub(super) keeps_extra: bool,
}

impl Shape {
    /// A shape as `_growth.py` writes it.
    pub(super) fn read(written: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let kind: String = written.get_item(0)?.extract()?;
        Ok(match kind.as_str() {
            "plain" => Shape::Plain,
            "list" => Shape::List(written.get_item(1)?.extract()?),
            "dict" => Shape::Dict(written.get_item(1)?.extract()?),
            "model" => Shape::Model(Model {
                class: written.get_item(1)?.cast::<PyType>()?.clone().unbind(),
                fields: written.get_item(2)?.extract()?,
                keeps_extra: written.get_item(3)?.extract()?,
            }),
            "finished" => Shape::Finished {
                finish: written.get_item(1)?.extract()?,
                is_shown: written.get_item(2)?.extract()?,
            },
            _ => {
                return Err(PyValueError::new_err(format!("{kind} is no kind of shape")));
            }
        })
    }
}
