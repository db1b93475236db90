//! A failed call as plain data. No exception is chosen here.

use pyo3::{prelude::*, types::PyBytes};
use tailrace_core::{
    error::{Error, Received},
    sse::Event,
};

use crate::reply::{Reply, Request};

/// Why a call failed.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Failure {
    /// One of `error_codes()`.
    #[pyo3(get)]
    code: &'static str,
    /// One sentence.
    #[pyo3(get)]
    message: String,
    /// For `timed_out`, what the call was doing: `pool`, `connect`, `headers`, `body` or `retry`.
    #[pyo3(get)]
    phase: Option<&'static str>,
    /// For `timed_out`, the limit that passed.
    #[pyo3(get)]
    limit: Option<&'static str>,
    /// For `timed_out`, that limit in seconds, where it is known.
    #[pyo3(get)]
    limit_seconds: Option<f64>,
    /// The chain below, outermost first.
    #[pyo3(get)]
    causes: Vec<String>,
    /// How many requests were sent.
    #[pyo3(get)]
    attempts: u32,
    /// Seconds from the start of the call.
    #[pyo3(get)]
    elapsed: f64,
    /// The response, for `status`.
    #[pyo3(get)]
    reply: Option<Py<Reply>>,
    /// The request that was sent last.
    #[pyo3(get)]
    request: Option<Py<Request>>,
    received: Option<Received>,
}

impl Failure {
    pub(crate) fn new(py: Python<'_>, failure: tailrace_client::Failure) -> PyResult<Py<Failure>> {
        let request = failure
            .request
            .map(|request| Py::new(py, Request::from(request)))
            .transpose()?;
        let elapsed = failure.elapsed.as_secs_f64();
        let reply = match (failure.error.response(), &request) {
            (Some((head, body)), Some(request)) => {
                let retries = failure.error.attempts().saturating_sub(1);
                let reply = Reply::of_status(
                    head.clone(),
                    body.clone(),
                    request.clone_ref(py),
                    elapsed,
                    retries,
                );
                Some(Py::new(py, reply)?)
            }
            _ => None,
        };
        Py::new(py, Failure::build(&failure.error, elapsed, reply, request))
    }

    fn build(
        error: &Error,
        elapsed: f64,
        reply: Option<Py<Reply>>,
        request: Option<Py<Request>>,
    ) -> Failure {
        let passed = error.passed();
        Failure {
            code: error.code().as_str(),
            message: error.message().to_owned(),
            phase: passed.map(|passed| passed.phase.as_str()),
            limit: passed.map(|passed| passed.limit.as_str()),
            limit_seconds: passed
                .and_then(|passed| passed.allowed)
                .map(|allowed| allowed.as_secs_f64()),
            causes: error.causes().to_vec(),
            attempts: error.attempts(),
            elapsed,
            reply,
            request,
            received: error.received().cloned(),
        }
    }
}

/// What of an event stream had arrived, as Python takes it: the number of events, the bytes of data in them, and name and
/// data of the first and of the last one.
pub(crate) type Arrived<'py> = (u64, u64, Option<NamedData<'py>>, Option<NamedData<'py>>);

type NamedData<'py> = (String, Bound<'py, PyBytes>);

pub(crate) fn arrived<'py>(py: Python<'py>, received: &Received) -> Arrived<'py> {
    let named = |event: &Event| {
        let name = String::from_utf8_lossy(&event.name).into_owned();
        (name, PyBytes::new(py, &event.data))
    };
    (
        received.events,
        received.bytes,
        received.first.as_ref().map(named),
        received.last.as_ref().map(named),
    )
}

#[pymethods]
impl Failure {
    /// For a failure that ended an event stream, what had arrived: the number of events, the bytes of data in them, and
    /// name and data of the first and of the last one.
    #[getter]
    fn received<'py>(&self, py: Python<'py>) -> Option<Arrived<'py>> {
        Some(arrived(py, self.received.as_ref()?))
    }

    fn __repr__(&self) -> String {
        format!("Failure(code={:?}, message={:?})", self.code, self.message)
    }
}
