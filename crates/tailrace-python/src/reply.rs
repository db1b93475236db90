//! A response and the request that it answers, as plain data.

use std::sync::Mutex;

use bytes::Bytes;
use pyo3::{
    exceptions::PyRuntimeError,
    prelude::*,
    types::{PyBytes, PyList},
};
use tailrace_core::response::Head;

use crate::{guard::guard, models::Plan, stream::EventStream};

/// A request as it went over the wire.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Request(tailrace_core::request::Request);

impl From<tailrace_core::request::Request> for Request {
    fn from(request: tailrace_core::request::Request) -> Self {
        Request(request)
    }
}

#[pymethods]
impl Request {
    #[getter]
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    #[getter]
    fn url(&self) -> &str {
        self.0.url()
    }

    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        pairs(py, self.0.headers())
    }

    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.body().map_or(&[], |body| body))
    }
}

/// A response: its head, and its body whole or as events.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Reply {
    head: Head,
    body: Bytes,
    request: Py<Request>,
    elapsed: f64,
    retries_taken: u32,
    events: Mutex<Option<tailrace_client::EventStream>>,
}

impl Reply {
    pub(crate) fn new(py: Python<'_>, reply: tailrace_client::Reply) -> PyResult<Py<Reply>> {
        let request = Py::new(py, Request::from(reply.request))?;
        let whole = Reply {
            head: reply.head,
            body: reply.body,
            request,
            elapsed: reply.elapsed.as_secs_f64(),
            retries_taken: reply.retries,
            events: Mutex::new(reply.events),
        };
        Py::new(py, whole)
    }

    pub(crate) fn of_status(
        head: Head,
        body: Bytes,
        request: Py<Request>,
        elapsed: f64,
        retries_taken: u32,
    ) -> Reply {
        Reply {
            head,
            body,
            request,
            elapsed,
            retries_taken,
            events: Mutex::new(None),
        }
    }
}

#[pymethods]
impl Reply {
    #[getter]
    fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    #[getter]
    fn reason(&self) -> &str {
        self.head.status.canonical_reason().unwrap_or_default()
    }

    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        pairs(py, &self.head.headers)
    }

    /// The first value of a header, or None.
    fn header(&self, name: &str) -> Option<String> {
        let value = self.head.headers.get(name)?;
        Some(latin1(value.as_bytes()))
    }

    #[getter]
    fn url(&self) -> &str {
        &self.head.url
    }

    #[getter]
    fn http_version(&self) -> String {
        format!("{:?}", self.head.version)
    }

    #[getter]
    fn elapsed(&self) -> f64 {
        self.elapsed
    }

    #[getter]
    fn retries_taken(&self) -> u32 {
        self.retries_taken
    }

    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.body)
    }

    #[getter]
    fn request(&self, py: Python<'_>) -> Py<Request> {
        self.request.clone_ref(py)
    }

    /// The body as an object of the plan's type. Raises ValueError when it is no JSON.
    fn parse(&self, py: Python<'_>, plan: &Plan) -> PyResult<Py<PyAny>> {
        guard(|| plan.parse(py, &self.body))
    }

    /// The body as a stream of objects of the plan's type. Can be asked for once.
    fn events(
        &self,
        py: Python<'_>,
        plan: &Bound<'_, Plan>,
        decode: Py<PyAny>,
        fail: Py<PyAny>,
    ) -> PyResult<EventStream> {
        guard(|| {
            let stream = self
                .events
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .take()
                .ok_or_else(|| {
                    PyRuntimeError::new_err(
                        "the events of this reply were taken before; a stream can be opened once",
                    )
                })?;
            EventStream::new(py, stream, plan.clone().unbind(), decode, fail)
        })
    }

    fn __repr__(&self) -> String {
        format!("Reply(status={})", self.head.status.as_u16())
    }
}

fn pairs<'py>(py: Python<'py>, headers: &http::HeaderMap) -> PyResult<Bound<'py, PyList>> {
    let fields = headers
        .iter()
        .map(|(name, value)| (name.as_str(), latin1(value.as_bytes())));
    PyList::new(py, fields.collect::<Vec<_>>())
}

/// Header values are bytes; Latin-1 gives each a character, as httpx does where a value is no UTF-8.
fn latin1(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
    }
}
