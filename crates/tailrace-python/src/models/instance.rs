//! Making instances of pydantic classes the way pydantic itself does: without `__init__`.
//!
//! Calls of the C API that PyO3 has no safe form for: all unsafe code of the Python package but for one block in `form.rs`.
#![allow(unsafe_code, reason = "each block says why it is sound")]

use pyo3::{
    exceptions::PyTypeError,
    ffi, intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PySet, PyTuple, PyType},
};

/// An instance of `class` with these attributes; `extra` is a dict, or None for a class that keeps nothing else. `class` is a
/// subclass of `pydantic.BaseModel` (version 2).
pub(crate) fn model<'py, T>(
    class: &Bound<'py, PyType>,
    attributes: &Bound<'py, PyDict>,
    fields_set: &Bound<'py, PySet>,
    extra: &Bound<'py, T>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let slots = Slots::get(py)?;
    let instance = allocate(class)?;
    // SAFETY: both are live objects, and a null context is what the function ignores; it takes borrowed references and
    // returns -1 with an exception set.
    let status = unsafe {
        ffi::PyObject_GenericSetDict(instance.as_ptr(), attributes.as_ptr(), std::ptr::null_mut())
    };
    check(py, status)?;
    slots.fields_set.set(&instance, fields_set)?;
    slots.extra.set(&instance, extra)?;
    slots.private.set(&instance, py.None().bind(py))?;
    Ok(instance)
}

/// A copy of a set. `set.copy` through the interpreter costs twice as much.
pub(super) fn copy_set<'py>(set: &Bound<'py, PySet>) -> PyResult<Bound<'py, PySet>> {
    let py = set.py();
    // SAFETY: `set` is a live set; PySet_New returns a new reference to a set, or null with an exception set.
    let copy = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PySet_New(set.as_ptr()))? };
    Ok(copy.cast_into::<PySet>()?)
}

/// The slots of `pydantic.BaseModel`. Set through their descriptors, they pass by `__setattr__`, which would validate,
/// and by the look-up of the name in the class.
struct Slots {
    fields_set: Slot,
    extra: Slot,
    private: Slot,
}

/// The descriptor of one slot, and how to set it.
struct Slot {
    descriptor: Py<PyAny>,
    setter: ffi::descrsetfunc,
}

impl Slots {
    fn get(py: Python<'_>) -> PyResult<&Slots> {
        static SLOTS: PyOnceLock<Slots> = PyOnceLock::new();
        SLOTS.get_or_try_init(py, || {
            let base = py.import(intern!(py, "pydantic"))?.getattr("BaseModel")?;
            let members = base.getattr("__dict__")?;
            let slot = |name: &str| Slot::new(members.get_item(name)?);
            Ok(Slots {
                fields_set: slot("__pydantic_fields_set__")?,
                extra: slot("__pydantic_extra__")?,
                private: slot("__pydantic_private__")?,
            })
        })
    }
}

impl Slot {
    fn new(descriptor: Bound<'_, PyAny>) -> PyResult<Self> {
        let kind = descriptor.get_type();
        // SAFETY: `kind` is a live type, whose slots PyType_GetSlot may read; a non-null Py_tp_descr_set slot is a
        // `descrsetfunc`.
        let setter = unsafe {
            let slot = ffi::PyType_GetSlot(kind.as_type_ptr(), ffi::Py_tp_descr_set);
            if slot.is_null() {
                return Err(PyTypeError::new_err(format!(
                    "{descriptor} is no slot; this version of pydantic is not supported"
                )));
            }
            std::mem::transmute::<*mut std::ffi::c_void, ffi::descrsetfunc>(slot)
        };
        Ok(Slot {
            descriptor: descriptor.unbind(),
            setter,
        })
    }

    fn set<T>(&self, instance: &Bound<'_, PyAny>, value: &Bound<'_, T>) -> PyResult<()> {
        // SAFETY: the setter belongs to the descriptor's type, and all three are live objects, which it borrows; it checks
        // that the instance has the slot and returns -1 with an exception set.
        let status =
            unsafe { (self.setter)(self.descriptor.as_ptr(), instance.as_ptr(), value.as_ptr()) };
        check(instance.py(), status)
    }
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
        let new = std::mem::transmute::<*mut std::ffi::c_void, ffi::newfunc>(slot);
        let instance = new(type_ptr, empty.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, instance)
    }
}

fn check(py: Python<'_>, status: std::ffi::c_int) -> PyResult<()> {
    if status == -1 {
        return Err(PyErr::fetch(py));
    }
    Ok(())
}
