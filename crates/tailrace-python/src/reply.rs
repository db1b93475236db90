//! A response and the request that it answers, as plain data.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::Version;
use pyo3::{
    exceptions::PyRuntimeError,
    prelude::*,
    types::{PyBytes, PyList},
};
use tailrace_client::{Content, Failure, Unread};
use tailrace_core::{error::Error, response::Head};

use crate::{
    binary::{Binary, BinaryMembers},
    chunks::ChunkStream,
    guard::guard,
    models::Plan,
    options::EVENTS,
    pending::Pending,
    source::raise,
    stream::{EventStream, Objects},
    websocket::WebSocket,
};

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
    fn content<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let body = match self.0.body() {
            Some(body) => body.in_memory()?,
            None => Bytes::new(),
        };
        Some(PyBytes::new(py, &body))
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
    rest: Mutex<Rest>,
}

/// What can still be read from a reply.
enum Rest {
    /// Nothing: the body is here, was taken or was closed.
    None,
    Events(tailrace_client::EventStream),
    Unread(Unread),
    Socket(tailrace_client::WebSocket),
}

impl Reply {
    pub(crate) fn new(py: Python<'_>, reply: tailrace_client::Reply) -> PyResult<Py<Reply>> {
        let request = Py::new(py, Request::from(reply.request))?;
        let (body, rest) = match reply.content {
            Content::Whole(body) => (body, Rest::None),
            Content::Stream(events) => (Bytes::new(), Rest::Events(events)),
            Content::Unread(unread) => (Bytes::new(), Rest::Unread(unread)),
            Content::Socket(socket) => (Bytes::new(), Rest::Socket(socket)),
        };
        let whole = Reply {
            head: reply.head,
            body,
            request,
            elapsed: reply.elapsed.as_secs_f64(),
            retries_taken: reply.retries,
            rest: Mutex::new(rest),
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
            rest: Mutex::new(Rest::None),
        }
    }
}

impl Reply {
    /// The whole body; empty when it is a stream.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// What can be read, which then can be read no more.
    fn take(&self) -> PyResult<Rest> {
        match std::mem::replace(&mut *self.lock(), Rest::None) {
            Rest::None => Err(PyRuntimeError::new_err(
                "the body of this reply was read, taken or closed before; it can be read once",
            )),
            rest => Ok(rest),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
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
        match self.head.version {
            Version::HTTP_2 => "HTTP/2".to_owned(),
            version => format!("{version:?}"),
        }
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
    ///
    /// `decode(name, data)` makes the objects that the plan leaves, or all of them when events are `named`; `fail` makes
    /// the exception for a stream that breaks off; `judge`, given what had arrived, makes the one for an end in order and
    /// without the end mark, or None. Raises RuntimeError when the body was taken before.
    #[pyo3(signature = (plan, decode, fail, named = false, judge = None))]
    fn events(
        &self,
        py: Python<'_>,
        plan: &Bound<'_, Plan>,
        decode: Py<PyAny>,
        fail: Py<PyAny>,
        named: bool,
        judge: Option<Py<PyAny>>,
    ) -> PyResult<EventStream> {
        guard(|| {
            let events = match self.take()? {
                Rest::Unread(unread) => unread.events(EVENTS),
                Rest::Events(events) => Ok(events),
                Rest::None | Rest::Socket(_) => return Err(misread()),
            };
            let events = events.map_err(|error| raise(py, &fail, unsent(error)))?;
            let objects = Objects {
                plan: plan.clone().unbind(),
                decode,
                named,
            };
            EventStream::new(py, events, objects, fail, judge)
        })
    }

    /// The body of an undecided call in pieces, as they come. Can be asked for once.
    ///
    /// `fail` makes the exception for a body that breaks off. Raises RuntimeError when the body was taken before.
    fn chunks(&self, py: Python<'_>, fail: Py<PyAny>) -> PyResult<ChunkStream> {
        guard(|| match self.take()? {
            Rest::Unread(unread) => {
                let pieces = unread
                    .chunks()
                    .map_err(|error| raise(py, &fail, unsent(error)))?;
                ChunkStream::new(py, pieces, fail)
            }
            _ => Err(misread()),
        })
    }

    /// The connection of a handshake that was accepted, whose messages are objects of the plan's type, with bytes in place of
    /// the base64 that `binary` names. Can be asked for once.
    ///
    /// Raises RuntimeError for other replies, and when it was taken before.
    #[pyo3(signature = (plan, binary = None))]
    fn socket(&self, plan: &Bound<'_, Plan>, binary: Option<BinaryMembers>) -> PyResult<WebSocket> {
        guard(|| match self.take()? {
            Rest::Socket(socket) => {
                let binary = binary.map(Binary::new);
                Ok(WebSocket::new(socket, plan.clone().unbind(), binary))
            }
            _ => Err(misread()),
        })
    }

    /// Reads the whole body of an undecided call: waiting for what this returns gives a reply that has it.
    ///
    /// Raises RuntimeError when the body was taken before.
    fn read_pending(&self) -> PyResult<Pending> {
        guard(|| match self.take()? {
            Rest::Unread(unread) => {
                let request = self.request.get().0.clone();
                let pending = unread.read(self.head.clone(), request, self.retries_taken);
                Ok(Pending::new(pending))
            }
            _ => Err(misread()),
        })
    }

    /// Gives up what was not read and closes its socket; without effect on what was taken.
    fn close(&self) {
        *self.lock() = Rest::None;
    }

    /// True when nothing can be read any more: the body is here, was taken or was closed.
    #[getter]
    fn closed(&self) -> bool {
        matches!(*self.lock(), Rest::None)
    }

    fn __repr__(&self) -> String {
        format!("Reply(status={})", self.head.status.as_u16())
    }
}

/// A failure that no request led to.
fn unsent(error: Error) -> Failure {
    Failure {
        error,
        request: None,
        elapsed: Duration::ZERO,
    }
}

/// A stream was asked for in a way that its call had not left open.
fn misread() -> PyErr {
    PyRuntimeError::new_err(
        "this reply is an event stream; only a call in undecided mode leaves another way open",
    )
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
