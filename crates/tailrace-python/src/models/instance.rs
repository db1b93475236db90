//! Making instances of pydantic classes the way pydantic itself does: without `__init__`.
//!
//! The only unsafe code of the Python package: three calls of the C API that PyO3 has no safe form for.
#![allow(unsafe_code, reason = "each block says why it is sound")]

use pyo3::{
    exceptions::PyTypeError,
    ffi, intern,
    prelude::*,
    types::{PyDict, PySet, PyString, PyTuple, PyType},
};

/// An instance of `class` with these attributes. `class` is a subclass of `pydantic.BaseModel` (version 2).
pub(super) fn model<'py>(
    class: &Bound<'py, PyType>,
    attributes: &Bound<'py, PyDict>,
    fields_set: &Bound<'py, PySet>,
    extra: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let instance = allocate(class)?;
    set(&instance, intern!(py, "__dict__"), attributes)?;
    set(
        &instance,
        intern!(py, "__pydantic_fields_set__"),
        fields_set,
    )?;
    set(&instance, intern!(py, "__pydantic_extra__"), extra)?;
    set(
        &instance,
        intern!(py, "__pydantic_private__"),
        &py.None().into_bound(py),
    )?;
    Ok(instance)
}

/// A copy of a set. `set.copy` through the interpreter costs twice as much.
pub(super) fn copy_set<'py>(set: &Bound<'py, PySet>) -> PyResult<Bound<'py, PySet>> {
    let py = set.py();
    // SAFETY: `set` is a live set; PySet_New returns a new reference to a set, or null with an exception set.
    let copy = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PySet_New(set.as_ptr()))? };
    Ok(copy.cast_into::<PySet>()?)
}

fn allocate<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let empty = PyTuple::empty(py);
    let type_ptr = class.as_type_ptr();
    // SAFETY: `type_ptr` is a live heap type, whose slots PyType_GetSlot may read; a non-null Py_tp_new slot is a
    // `newfunc`, which takes the type, a tuple of arguments and an optional dict of keywords, and returns a new reference
    // or null with an exception set.
    unsafe {
        let slot = ffi::PyType_GetSlot(type_ptr, ffi::Py_tp_new);
        if slot.is_null() {
            return Err(PyTypeError::new_err(format!(
                "{class} cannot be instantiated"
            )));
        }
        let new: ffi::newfunc = std::mem::transmute(slot);
        let instance = new(type_ptr, empty.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, instance)
    }
}

/// Sets a slot past the class's own `__setattr__`, which would validate.
fn set<T>(
    instance: &Bound<'_, PyAny>,
    name: &Bound<'_, PyString>,
    value: &Bound<'_, T>,
) -> PyResult<()> {
    // SAFETY: all three are live objects; the function takes borrowed references and returns -1 with an exception set.
    let status =
        unsafe { ffi::PyObject_GenericSetAttr(instance.as_ptr(), name.as_ptr(), value.as_ptr()) };
    if status == -1 {
        return Err(PyErr::fetch(instance.py()));
    }
    Ok(())
}
