//! From a live Python type to its shape.
//!
//! What is not understood becomes [`Shape::Python`]: slower, never wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};

use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType},
};

use super::{
    shape::{Field, FieldSets, Fields, LastText, ModelPlan, Shape, WireOrder},
    typing::Typing,
    union::{union_shape, with_discriminator},
};

/// The most fields that a bit mask of present fields can tell apart.
const MOST_FIELDS: usize = 128;

/// The shape of a type expression.
pub(super) fn shape_of(type_: &Bound<'_, PyAny>) -> PyResult<Shape> {
    let py = type_.py();
    let typing = Typing::get(py)?;
    if type_.is(&typing.any) || is_builtin(type_, intern!(py, "object"))? {
        return Ok(Shape::Any);
    }
    if type_.is(py.get_type::<PyString>()) {
        return Ok(Shape::Str);
    }
    if type_.is(py.get_type::<PyInt>()) {
        return Ok(Shape::Int);
    }
    if type_.is(py.get_type::<PyFloat>()) {
        return Ok(Shape::Float);
    }
    if type_.is(py.get_type::<PyBool>()) {
        return Ok(Shape::Bool);
    }
    if type_.is_none() || type_.is(py.None().bind(py).get_type()) {
        return Ok(Shape::Null);
    }
    if type_.is(py.get_type::<PyList>()) {
        return Ok(Shape::List(Box::new(Shape::Any)));
    }
    if type_.is(py.get_type::<PyDict>()) {
        return Ok(Shape::Dict(Box::new(Shape::Any)));
    }
    if type_.get_type().name()? == "TypeAliasType" {
        return shape_of(&type_.getattr(intern!(py, "__value__"))?);
    }
    let origin = typing.origin(type_)?;
    if origin.is_none() {
        return class_shape(type_);
    }
    let args = typing.args(type_)?;
    if origin.is(&typing.annotated) {
        return annotated_shape(type_, &args);
    }
    if origin.is(&typing.literal) {
        let strings: PyResult<Vec<String>> = args.iter().map(|value| value.extract()).collect();
        // A literal of anything but strings is rare enough for the Python path.
        return Ok(strings.map_or_else(|_| python(type_), Shape::Literal));
    }
    if origin.is(&typing.union) || origin.is(&typing.union_type) {
        return union_shape(type_, &args);
    }
    match (args.get_item(0), args.get_item(1)) {
        (Ok(item), Err(_)) if origin.is(py.get_type::<PyList>()) => {
            Ok(Shape::List(Box::new(shape_of(&item)?)))
        }
        (Ok(key), Ok(item))
            if origin.is(py.get_type::<PyDict>()) && key.is(py.get_type::<PyString>()) =>
        {
            Ok(Shape::Dict(Box::new(shape_of(&item)?)))
        }
        _ => Ok(python(type_)),
    }
}

/// The fields of a class, or `None` when only the Python path can build it.
pub(super) fn fields_of(class: &Bound<'_, PyType>) -> PyResult<Option<Fields>> {
    let py = class.py();
    if !is_plain(class)? {
        return Ok(None);
    }
    let declared = class.getattr(intern!(py, "__pydantic_fields__"))?;
    let declared = declared.cast::<PyDict>()?;
    if declared.len() > MOST_FIELDS {
        return Ok(None);
    }
    let undefined = Typing::get(py)?.undefined.bind(py);
    let mut list = Vec::with_capacity(declared.len());
    let mut by_key = HashMap::with_capacity(declared.len());
    let defaults = PyDict::new(py);
    for (name, info) in declared.iter() {
        let name = name.cast_into::<PyString>()?;
        if !info.getattr(intern!(py, "default_factory"))?.is_none() {
            return Ok(None);
        }
        let default = info.getattr(intern!(py, "default"))?;
        let required = default.is(undefined);
        let default = if required {
            py.None().into_bound(py)
        } else {
            default
        };
        if !is_constant(&default) {
            return Ok(None);
        }
        let alias = info.getattr(intern!(py, "alias"))?;
        let key: String = if alias.is_none() {
            &name
        } else {
            alias.cast::<PyString>()?
        }
        .extract()?;
        let annotation = info.getattr(intern!(py, "annotation"))?;
        let metadata = info.getattr(intern!(py, "metadata"))?;
        // Forward references that nobody has resolved, and constraints, are pydantic's business.
        let shape = if annotation.get_type().name()? == "ForwardRef"
            || !is_free_of_constraints(&metadata)?
        {
            python(&annotation)
        } else {
            with_metadata(shape_of(&annotation)?, &annotation, &metadata)?
        };
        by_key.insert(key.clone(), list.len());
        defaults.set_item(&name, &default)?;
        list.push(Field {
            last: LastText::default(),
            has_alias: name != key.as_str(),
            key,
            name: name.unbind(),
            shape,
            default: default.unbind(),
            required,
        });
    }
    let aliased = list
        .iter()
        .filter(|field: &&Field| field.has_alias)
        .map(|field| field.name.clone_ref(py))
        .collect();
    let required = list
        .iter()
        .enumerate()
        .filter(|(_, field)| field.required)
        .fold(0, |mask, (index, _)| mask | 1 << index);
    Ok(Some(Fields {
        aliased,
        required,
        order: WireOrder::new(list.len()),
        list,
        by_key,
        defaults: defaults.unbind(),
        sets: FieldSets::default(),
    }))
}

/// The plan of a class, one per class, so that recursive types end.
fn model_plan(class: &Bound<'_, PyType>) -> Arc<ModelPlan> {
    static PLANS: Mutex<Option<HashMap<usize, Arc<ModelPlan>>>> = Mutex::new(None);
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let plan = plans
        .get_or_insert_default()
        // The plan holds the class, so its address stays its own.
        .entry(class.as_ptr() as usize)
        .or_insert_with(|| {
            Arc::new(ModelPlan {
                class: class.clone().unbind(),
                fields: PyOnceLock::new(),
                lacked: AtomicBool::new(false),
            })
        });
    Arc::clone(plan)
}

fn class_shape(type_: &Bound<'_, PyAny>) -> PyResult<Shape> {
    let Ok(class) = type_.cast::<PyType>() else {
        return Ok(python(type_));
    };
    if !class.is_subclass(Typing::get(class.py())?.base_model.bind(class.py()))?
        || has_validators(class)?
    {
        return Ok(python(type_));
    }
    Ok(Shape::Model(model_plan(class)))
}

/// Whether validating an object of the class runs a function of its author's, which may take or refuse anything.
fn has_validators(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let py = class.py();
    let schema = intern!(py, "__get_pydantic_core_schema__");
    let function = intern!(py, "__func__");
    let base = Typing::get(py)?.base_model.bind(py);
    let own = class.getattr(schema)?.getattr_opt(function)?;
    let plain = base.getattr(schema)?.getattr_opt(function)?;
    match (own, plain) {
        (Some(own), Some(plain)) if own.is(&plain) => {}
        _ => return Ok(true),
    }
    let decorators = class.getattr(intern!(py, "__pydantic_decorators__"))?;
    for kind in [
        "validators",
        "field_validators",
        "root_validators",
        "model_validators",
    ] {
        if decorators.getattr(kind)?.len()? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn annotated_shape(type_: &Bound<'_, PyAny>, args: &Bound<'_, PyTuple>) -> PyResult<Shape> {
    let inner = args.get_item(0)?;
    let metadata = args.get_slice(1, args.len());
    if !is_free_of_constraints(&metadata)? {
        return Ok(python(type_));
    }
    with_metadata(shape_of(&inner)?, type_, &metadata)
}

/// A union that is annotated falls back with its annotation, which names its discriminator.
fn with_metadata(
    shape: Shape,
    type_: &Bound<'_, PyAny>,
    metadata: &Bound<'_, PyAny>,
) -> PyResult<Shape> {
    Ok(match shape {
        Shape::Union(mut union) if metadata.len()? > 0 => {
            let py = type_.py();
            let typing = Typing::get(py)?;
            let is_annotated = typing.origin(type_)?.is(&typing.annotated);
            let plain = if is_annotated {
                typing.args(type_)?.get_item(0)?
            } else {
                type_.clone()
            };
            with_discriminator(&mut union, &typing.args(&plain)?, metadata)?;
            let declared = if is_annotated {
                type_.clone()
            } else {
                let mut parameters = vec![type_.clone()];
                for item in metadata.try_iter()? {
                    parameters.push(item?);
                }
                typing
                    .annotated
                    .bind(py)
                    .get_item(PyTuple::new(py, parameters)?)?
            };
            union.type_ = declared.unbind();
            Shape::Union(union)
        }
        shape => shape,
    })
}

/// A class that builds its instances as the base class does, and that pydantic has understood.
fn is_plain(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let py = class.py();
    if class.hasattr(intern!(py, "build"))? {
        return Ok(false);
    }
    let base = ours(py)?;
    if !class.is_subclass(&base)? {
        return Ok(false);
    }
    for method in ["__init__", "__new__", "__setattr__", "model_post_init"] {
        if !class.getattr(method)?.is(&base.getattr(method)?) {
            return Ok(false);
        }
    }
    let construct = intern!(py, "construct");
    let function = intern!(py, "__func__");
    if !class
        .getattr(construct)?
        .getattr(function)?
        .is(&base.getattr(construct)?.getattr(function)?)
    {
        return Ok(false);
    }
    if class
        .getattr(intern!(py, "__private_attributes__"))?
        .len()?
        > 0
    {
        return Ok(false);
    }
    let config = class.getattr(intern!(py, "model_config"))?;
    let config = config.cast::<PyDict>()?;
    let allows_extra = match config.get_item(intern!(py, "extra"))? {
        Some(extra) => extra.cast::<PyString>().is_ok_and(|extra| extra == "allow"),
        None => false,
    };
    let by_name = match config.get_item(intern!(py, "populate_by_name"))? {
        Some(flag) => flag.is_truthy()?,
        None => false,
    };
    if !allows_extra || by_name {
        return Ok(false);
    }
    // A class with typed extras has rules of its own for them.
    if class
        .getattr(intern!(py, "__annotations__"))
        .and_then(|annotations| annotations.contains(intern!(py, "__pydantic_extra__")))
        .unwrap_or(false)
    {
        return Ok(false);
    }
    match class.getattr_opt(intern!(py, "__pydantic_fields_complete__"))? {
        Some(complete) => complete.is_truthy(),
        None => Ok(true),
    }
}

/// `tailrace.BaseModel`.
fn ours(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static BASE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    BASE.import(py, "tailrace._models", "BaseModel").cloned()
}

/// Our own annotations only name a discriminator, a format or an alias; others constrain.
fn is_free_of_constraints(metadata: &Bound<'_, PyAny>) -> PyResult<bool> {
    for item in metadata.try_iter()? {
        if item?.get_type().name()? != "PropertyInfo" {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Defaults that instances may share.
fn is_constant(default: &Bound<'_, PyAny>) -> bool {
    default.is_none()
        || default.is_instance_of::<PyString>()
        || default.is_instance_of::<PyBool>()
        || default.is_instance_of::<PyInt>()
        || default.is_instance_of::<PyFloat>()
}

fn is_builtin(type_: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> PyResult<bool> {
    Ok(type_.is(&type_.py().import("builtins")?.getattr(name)?))
}

pub(super) fn python(type_: &Bound<'_, PyAny>) -> Shape {
    Shape::Python(type_.clone().unbind())
}
