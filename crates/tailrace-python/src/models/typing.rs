//! The parts of `typing` and pydantic that plans are compiled from.

use pyo3::{prelude::*, sync::PyOnceLock, types::PyTuple};

/// What of `typing` and pydantic the compiler of plans compares with.
pub(super) struct Typing {
    pub(super) any: Py<PyAny>,
    pub(super) annotated: Py<PyAny>,
    pub(super) literal: Py<PyAny>,
    pub(super) union: Py<PyAny>,
    pub(super) union_type: Py<PyAny>,
    get_origin: Py<PyAny>,
    get_args: Py<PyAny>,
    pub(super) base_model: Py<PyAny>,
    pub(super) undefined: Py<PyAny>,
}

impl Typing {
    pub(super) fn get(py: Python<'_>) -> PyResult<&Typing> {
        static TYPING: PyOnceLock<Typing> = PyOnceLock::new();
        TYPING.get_or_try_init(py, || {
            let typing = py.import("typing")?;
            let get = |name: &str| PyResult::Ok(typing.getattr(name)?.unbind());
            Ok(Typing {
                any: get("Any")?,
                annotated: get("Annotated")?,
                literal: get("Literal")?,
                union: get("Union")?,
                union_type: py.import("types")?.getattr("UnionType")?.unbind(),
                get_origin: get("get_origin")?,
                get_args: get("get_args")?,
                base_model: py.import("pydantic")?.getattr("BaseModel")?.unbind(),
                undefined: py
                    .import("pydantic_core")?
                    .getattr("PydanticUndefined")?
                    .unbind(),
            })
        })
    }

    pub(super) fn origin<'py>(&self, type_: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.get_origin.bind(type_.py()).call1((type_,))
    }

    pub(super) fn args<'py>(&self, type_: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        let args = self.get_args.bind(type_.py()).call1((type_,))?;
        Ok(args.cast_into::<PyTuple>()?)
    }
}
