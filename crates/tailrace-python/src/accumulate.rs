//! Deltas of a stream merged into one value, which can be had as it was at any earlier moment.

use std::collections::HashMap;

use pyo3::{
    exceptions::{PyRuntimeError, PyTypeError, PyValueError},
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyFloat, PyInt, PyList, PySet, PyString, PyType},
};
use tailrace_core::accumulate::{self as core, Delta, Fault, Host, Names, Numbers};

use crate::{guard::guard, partial};

/// A delta that nests more deeply contains itself, or comes from nowhere that this package reads.
const MOST_DEPTH: usize = 250;

type Scalar = Py<PyAny>;

/// Merges deltas: texts are appended, numbers added, objects merged by key and lists of objects by index.
#[pyclass(module = "tailrace._native")]
pub(crate) struct Accumulator {
    tree: core::Accumulator<Scalar>,
    /// For each pydantic class, what its fields are called on the wire where that is not their name.
    aliases: HashMap<usize, (Py<PyType>, Py<PyDict>)>,
}

#[pymethods]
impl Accumulator {
    /// An empty object. `index` is the member that says which element of a list an object belongs to; members of the names
    /// `replaced` are those of the last delta.
    #[new]
    #[pyo3(signature = (index = "index", replaced = vec!["index".to_owned(), "type".to_owned()]))]
    fn new(index: &str, replaced: Vec<String>) -> Self {
        Accumulator {
            tree: core::Accumulator::new(Names {
                index: index.to_owned(),
                replaced,
            }),
            aliases: HashMap::new(),
        }
    }

    /// Merges a dict or pydantic object (of which only what is set counts); the number of deltas so far, which names this
    /// moment.
    ///
    /// Raises TypeError or RuntimeError for a list whose elements cannot be told apart.
    fn push(&mut self, delta: &Bound<'_, PyAny>) -> PyResult<usize> {
        guard(|| {
            let py = delta.py();
            let Delta::Object(members) = self.delta(delta, 0)? else {
                return Err(PyTypeError::new_err(format!(
                    "A delta has to be a dict or a pydantic object, not {}.",
                    delta.get_type().name()?
                )));
            };
            let mut sums = Sums { py, failure: None };
            let result = self.tree.push(members, &mut sums);
            if let Some(failure) = sums.failure {
                return Err(failure);
            }
            result.map_err(|fault| refusal(py, fault))
        })
    }

    /// The object as it was after `position` deltas; as it is now by default.
    #[pyo3(signature = (position = None))]
    fn value<'py>(
        &self,
        py: Python<'py>,
        position: Option<usize>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(|| {
            let position = position.unwrap_or(self.tree.position());
            self.tree.value(position, &mut Values(py)).transpose()
        })
    }
}

impl Accumulator {
    fn delta(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Delta<Scalar>> {
        if depth > MOST_DEPTH {
            return Err(PyValueError::new_err(format!(
                "A delta nests more than {MOST_DEPTH} levels deep, or contains itself."
            )));
        }
        if let Ok(text) = value.cast::<PyString>() {
            return partial::utf8(text).map(|bytes| Delta::Text(bytes.into_owned()));
        }
        if value.is_none() {
            return Ok(Delta::Null(value.clone().unbind()));
        }
        // A bool is an int to Python, and is added as one.
        if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() {
            return Ok(Delta::Number(value.clone().unbind()));
        }
        if let Ok(list) = value.cast::<PyList>() {
            let items = list.iter().map(|item| self.delta(&item, depth + 1));
            return items.collect::<PyResult<_>>().map(Delta::List);
        }
        if let Ok(dict) = value.cast::<PyDict>() {
            let mut members = Vec::with_capacity(dict.len());
            for (key, value) in dict.iter() {
                members.push((key.extract()?, self.delta(&value, depth + 1)?));
            }
            return Ok(Delta::Object(members));
        }
        if value.is_instance(base_model(value.py())?)? {
            return self.model(value, depth);
        }
        Ok(Delta::Scalar(value.clone().unbind()))
    }

    /// What is set of a pydantic object, under the names of the wire.
    fn model(&mut self, model: &Bound<'_, PyAny>, depth: usize) -> PyResult<Delta<Scalar>> {
        let py = model.py();
        let attributes = model.getattr(intern!(py, "__dict__"))?;
        let attributes = attributes.cast::<PyDict>()?;
        let fields_set = model.getattr(intern!(py, "__pydantic_fields_set__"))?;
        let fields_set = fields_set.cast::<PySet>()?;
        let aliases = self.aliases(&model.get_type())?;
        let mut members = Vec::with_capacity(attributes.len());
        for (name, value) in attributes.iter() {
            if fields_set.contains(&name)? {
                let key = aliases.bind(py).get_item(&name)?.unwrap_or(name);
                members.push((key.extract()?, self.delta(&value, depth + 1)?));
            }
        }
        let extra = model.getattr(intern!(py, "__pydantic_extra__"))?;
        if let Ok(extra) = extra.cast::<PyDict>() {
            for (name, value) in extra.iter() {
                members.push((name.extract()?, self.delta(&value, depth + 1)?));
            }
        }
        Ok(Delta::Object(members))
    }

    fn aliases(&mut self, class: &Bound<'_, PyType>) -> PyResult<Py<PyDict>> {
        let py = class.py();
        if let Some((_, aliases)) = self.aliases.get(&class.as_type_ptr().addr()) {
            return Ok(aliases.clone_ref(py));
        }
        let aliases = PyDict::new(py);
        let fields = class.getattr(intern!(py, "model_fields"))?;
        for (name, field) in fields.cast::<PyDict>()?.iter() {
            let alias = field.getattr(intern!(py, "serialization_alias"))?;
            let alias = if alias.is_none() {
                field.getattr(intern!(py, "alias"))?
            } else {
                alias
            };
            if !alias.is_none() {
                aliases.set_item(name, alias)?;
            }
        }
        let aliases = aliases.unbind();
        let entry = (class.clone().unbind(), aliases.clone_ref(py));
        self.aliases.insert(class.as_type_ptr().addr(), entry);
        Ok(aliases)
    }
}

fn base_model(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static BASE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    BASE.import(py, "pydantic", "BaseModel")
}

/// Python's numbers.
struct Sums<'py> {
    py: Python<'py>,
    failure: Option<PyErr>,
}

impl Numbers<Scalar> for Sums<'_> {
    fn add(&mut self, known: &Scalar, delta: &Scalar) -> Scalar {
        match known.bind(self.py).add(delta.bind(self.py)) {
            Ok(sum) => sum.unbind(),
            Err(error) => {
                self.failure.get_or_insert(error);
                known.clone_ref(self.py)
            }
        }
    }

    fn place(&mut self, number: &Scalar) -> Option<i64> {
        let number = number.bind(self.py);
        if !number.is_instance_of::<PyInt>() {
            return None;
        }
        number.extract().ok()
    }
}

/// Makes Python's values.
struct Values<'py>(Python<'py>);

impl<'py> Host<Scalar> for Values<'py> {
    type Value = PyResult<Bound<'py, PyAny>>;

    fn text(&mut self, bytes: &[u8]) -> Self::Value {
        partial::text(self.0, bytes)
    }

    fn scalar(&mut self, scalar: &Scalar) -> Self::Value {
        Ok(scalar.bind(self.0).clone())
    }

    fn list(&mut self, items: Vec<Self::Value>) -> Self::Value {
        let items = items.into_iter().collect::<PyResult<Vec<_>>>()?;
        PyList::new(self.0, items).map(Bound::into_any)
    }

    fn object(&mut self, members: Vec<(&str, Self::Value)>) -> Self::Value {
        let dict = PyDict::new(self.0);
        for (key, value) in members {
            dict.set_item(PyString::intern(self.0, key), value?)?;
        }
        Ok(dict.into_any())
    }
}

/// The official exceptions for lists that cannot be merged.
fn refusal(py: Python<'_>, fault: Fault<Scalar>) -> PyErr {
    let shown = |delta: Delta<Scalar>| {
        plain(py, delta)
            .and_then(|value| value.str()?.extract::<String>())
            .unwrap_or_default()
    };
    match fault {
        Fault::NoObject(item) => PyTypeError::new_err(format!(
            "Unexpected list delta entry is not a dictionary: {}",
            shown(item)
        )),
        Fault::NoIndex(item) => PyRuntimeError::new_err(format!(
            "Expected list delta entry to have an `index` key; {}",
            shown(item)
        )),
        Fault::Index(index) => PyTypeError::new_err(format!(
            "Unexpected, list delta entry `index` value is not an integer; {}",
            shown(index)
        )),
        Fault::Mixed => PyTypeError::new_err(
            "An element of a list is no object, but a delta has an object for it; check that the server speaks this API.",
        ),
    }
}

fn plain<'py>(py: Python<'py>, delta: Delta<Scalar>) -> PyResult<Bound<'py, PyAny>> {
    let mut values = Values(py);
    match delta {
        Delta::Null(value) | Delta::Number(value) | Delta::Scalar(value) => {
            Ok(value.into_bound(py))
        }
        Delta::Text(bytes) => values.text(&bytes),
        Delta::List(items) => values.list(items.into_iter().map(|item| plain(py, item)).collect()),
        Delta::Object(members) => {
            let dict = PyDict::new(py);
            for (key, value) in members {
                dict.set_item(key, plain(py, value)?)?;
            }
            Ok(dict.into_any())
        }
    }
}
