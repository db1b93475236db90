//! What a plan knows of a type.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PySet, PyString, PyType},
};

/// The shape of one type.
pub(super) enum Shape {
    /// Any JSON value, taken as it is.
    Any,
    Null,
    Bool,
    Int,
    Float,
    Str,
    /// One of these strings.
    Literal(Vec<String>),
    List(Box<Shape>),
    /// Text keys.
    Dict(Box<Shape>),
    Model(Arc<ModelPlan>),
    Union(Box<UnionPlan>),
    /// A type that only the Python path understands.
    Python(Py<PyAny>),
}

impl Shape {
    /// Whether a text may be of this shape.
    pub(super) fn may_take_text(&self) -> bool {
        match self {
            Shape::Str | Shape::Literal(_) => true,
            Shape::Union(union) => union.string.is_some(),
            _ => false,
        }
    }

    /// Whether `text` is of this shape; `any` lets a literal be another one.
    pub(super) fn takes_text(&self, text: &str, any: bool) -> bool {
        match self {
            Shape::Str => true,
            Shape::Literal(values) => any || values.iter().any(|value| value == text),
            Shape::Union(union) => match &union.string {
                Some(Strings::Any) => true,
                Some(Strings::OneOf(values)) => values.iter().any(|value| value == text),
                None => false,
            },
            _ => false,
        }
    }
}

/// A union, with one member for each kind of JSON value.
pub(super) struct UnionPlan {
    /// The type as declared, for the Python path.
    pub(super) type_: Py<PyAny>,
    pub(super) null: bool,
    pub(super) bool: bool,
    pub(super) int: bool,
    pub(super) float: bool,
    pub(super) string: Option<Strings>,
    pub(super) array: Option<Shape>,
    pub(super) object: Option<Objects>,
    /// What becomes of an object that validation refuses.
    pub(super) refused: Refused,
}

/// How an object is built that a union does not take: what the official package does after a validation that failed.
#[derive(Clone)]
pub(super) enum Refused {
    /// The Python path decides.
    Python,
    /// The member that the tag names, without validation.
    Tagged,
    /// The first member, without validation.
    First(Arc<ModelPlan>),
}

/// The strings that a union takes.
pub(super) enum Strings {
    Any,
    OneOf(Vec<String>),
}

/// The objects that a union takes.
pub(super) enum Objects {
    /// A single model or dict.
    One(Shape),
    /// Models that a text field tells apart.
    Tagged {
        field: String,
        members: HashMap<String, Arc<ModelPlan>>,
    },
}

/// A pydantic class. Its fields are compiled when it is first built, so that a union of fifty compiles only what comes.
pub(super) struct ModelPlan {
    pub(super) class: Py<PyType>,
    pub(super) fields: PyOnceLock<Option<Fields>>,
    /// The last object lacked a required field. Servers leave such fields out of one object as of the next, so building it
    /// without validation at once is likely to be right.
    pub(super) lacked: AtomicBool,
}

/// The fields of a class.
pub(super) struct Fields {
    pub(super) list: Vec<Field>,
    pub(super) by_key: HashMap<String, usize>,
    pub(super) order: WireOrder,
    /// A bit for each field that is required.
    pub(super) required: u128,
    /// The attributes that have another name on the wire.
    pub(super) aliased: Vec<Py<PyString>>,
    /// Every field in order with its default; copied for each instance.
    pub(super) defaults: Py<PyDict>,
    pub(super) sets: FieldSets,
}

pub(super) struct Field {
    pub(super) last: LastText,
    /// The name on the wire.
    pub(super) key: String,
    /// The attribute has another name than the wire.
    pub(super) has_alias: bool,
    /// The name of the attribute.
    pub(super) name: Py<PyString>,
    pub(super) shape: Shape,
    pub(super) default: Py<PyAny>,
    pub(super) required: bool,
}

/// The text that a field had last. In a stream, the id, the model and most other texts are those of the event before, and
/// handing out the same object is cheaper than making another one.
#[derive(Default)]
pub(super) struct LastText(Mutex<Option<Py<PyString>>>);

impl LastText {
    /// Longer texts are content, which does not repeat.
    const MOST_BYTES: usize = 64;

    /// `text` as a Python string.
    pub(super) fn get<'py>(&self, py: Python<'py>, text: &str) -> Bound<'py, PyString> {
        if text.len() > Self::MOST_BYTES {
            return PyString::new(py, text);
        }
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = &*last
            && last.bind(py).to_str().is_ok_and(|known| known == text)
        {
            return last.bind(py).clone();
        }
        let fresh = PyString::new(py, text);
        let before = last.replace(fresh.clone().unbind());
        // Dropped outside of the lock: freeing an object may run anything.
        drop(last);
        drop(before);
        fresh
    }
}

/// Which field followed which on the wire the last time. Servers keep their order, so the guess nearly always holds and
/// saves hashing the key.
pub(super) struct WireOrder(Box<[AtomicUsize]>);

impl WireOrder {
    pub(super) fn new(fields: usize) -> Self {
        // Place 0 is what comes first; place n + 1 is what follows field n.
        WireOrder((0..=fields).map(AtomicUsize::new).collect())
    }

    /// The field that is expected at `place`.
    pub(super) fn guess(&self, place: usize) -> usize {
        self.0
            .get(place)
            .map_or(usize::MAX, |next| next.load(Ordering::Relaxed))
    }

    /// Remembers that `field` came at `place`.
    pub(super) fn learn(&self, place: usize, field: usize) {
        if let Some(next) = self.0.get(place) {
            next.store(field, Ordering::Relaxed);
        }
    }
}

/// Prototypes of `__pydantic_fields_set__`, by which fields were present. Copying a set is cheaper than filling one.
#[derive(Default)]
pub(super) struct FieldSets(Mutex<Vec<(u128, Py<PySet>)>>);

impl FieldSets {
    /// The most prototypes that one class keeps; real traffic has a handful.
    const MOST: usize = 32;

    /// A fresh set of the names whose bit is set in `present`.
    pub(super) fn get<'py>(
        &self,
        py: Python<'py>,
        fields: &[Field],
        present: u128,
    ) -> PyResult<Bound<'py, PySet>> {
        let known = self.find(py, present);
        if let Some(set) = known {
            return super::instance::copy_set(set.bind(py));
        }
        let names = fields
            .iter()
            .enumerate()
            .filter(|(index, _)| present & (1 << index) != 0)
            .map(|(_, field)| field.name.clone_ref(py));
        let set = PySet::new(py, names.collect::<Vec<_>>())?;
        let copy = super::instance::copy_set(&set)?;
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.len() < Self::MOST {
            sets.push((present, set.unbind()));
        }
        Ok(copy)
    }

    fn find(&self, py: Python<'_>, present: u128) -> Option<Py<PySet>> {
        let sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sets.iter()
            .find(|(mask, _)| *mask == present)
            .map(|(_, set)| set.clone_ref(py))
    }
}
