//! An attempt over a transport of the caller's: the request out, the answer in.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};
use tailrace_client::{Notify, Parts};
use tailrace_core::{
    error::{Code, Error, Limit, Passed, Phase},
    response::Head,
};

use crate::{
    awaitable::Awaitable,
    guard::guard,
    pending::SIGNAL_INTERVAL,
    reply::Request,
    room::{self, Room},
};

/// One request to send by a transport of the caller's. Dropping it before its end breaks the exchange off.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Exchange {
    exchange: Arc<tailrace_client::Exchange>,
    request: Py<Request>,
}

/// The body of a request in blocks.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct BodyParts(Mutex<Parts>);

impl Exchange {
    pub(crate) fn new(py: Python<'_>, exchange: tailrace_client::Exchange) -> PyResult<Py<Self>> {
        let request = Py::new(py, Request::from(exchange.request().clone()))?;
        let exchange = Arc::new(exchange);
        Py::new(py, Exchange { exchange, request })
    }
}

#[pymethods]
impl Exchange {
    /// What to send; its headers have the length of the body where it is known.
    #[getter]
    fn request(&self, py: Python<'_>) -> Py<Request> {
        self.request.clone_ref(py)
    }

    /// The body of the request in blocks, from its beginning.
    fn parts(&self) -> BodyParts {
        BodyParts(Mutex::new(self.exchange.parts()))
    }

    /// Gives the head of the answer, once. False when nobody waits for it any more.
    ///
    /// Raises ValueError for a status or a header that HTTP does not allow.
    fn head(
        &self,
        status: u16,
        headers: Vec<(String, String)>,
        http_version: &str,
        url: String,
    ) -> PyResult<bool> {
        guard(|| {
            let status = StatusCode::from_u16(status).map_err(|_| {
                PyValueError::new_err(format!("{status} is no HTTP status; give 100 to 999"))
            })?;
            let head = Head {
                status,
                headers: header_map(headers)?,
                version: version(http_version),
                url,
            };
            Ok(self.exchange.head(head))
        })
    }

    /// Adds decoded bytes to the body of the answer. False when nobody wants more.
    fn push(&self, data: &[u8]) -> PyResult<bool> {
        guard(|| Ok(self.exchange.push(Bytes::copy_from_slice(data))))
    }

    /// Blocks while there is no room for more. False when nobody wants more. Ctrl-C raises KeyboardInterrupt.
    fn wait_room(&self, py: Python<'_>) -> PyResult<bool> {
        guard(|| {
            while !py.detach(|| self.exchange.wait_room(SIGNAL_INTERVAL)) {
                py.check_signals()?;
            }
            Ok(!self.exchange.is_over())
        })
    }

    /// The same to await.
    fn room(&self) -> Awaitable {
        room::awaitable(Arc::clone(&self.exchange) as Arc<dyn Room>)
    }

    /// Says that the body of the answer is whole.
    fn end(&self) -> PyResult<()> {
        guard(|| {
            self.exchange.end();
            Ok(())
        })
    }

    /// Says that the exchange broke off: before the head the attempt has failed, afterwards the body has.
    ///
    /// `limit` says which one passed, for `timed_out`: `pool`, `connect`, `read` or `write`; `seconds` is how long it was.
    ///
    /// Raises ValueError for a code or a limit that no transport has.
    #[pyo3(signature = (code, message, limit = None, seconds = None))]
    fn fail(
        &self,
        code: &str,
        message: String,
        limit: Option<&str>,
        seconds: Option<f64>,
    ) -> PyResult<()> {
        guard(|| {
            let phase = if self.exchange.has_head() {
                Phase::Body
            } else {
                Phase::Headers
            };
            self.exchange
                .fail(error(code, message, limit, seconds, phase)?);
            Ok(())
        })
    }

    /// True when nobody wants more.
    #[getter]
    fn closed(&self) -> bool {
        self.exchange.is_over()
    }
}

impl Room for tailrace_client::Exchange {
    fn has_room(&self) -> bool {
        tailrace_client::Exchange::has_room(self)
    }

    fn is_over(&self) -> bool {
        tailrace_client::Exchange::is_over(self)
    }

    fn notify_room(&self, notify: Arc<dyn Notify>) {
        tailrace_client::Exchange::notify_room(self, notify);
    }
}

#[pymethods]
impl BodyParts {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// The next block. Raises OSError for a file that became shorter or cannot be read.
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        guard(|| {
            let block = py.detach(|| {
                self.0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .next_block()
            })?;
            Ok(block.map(|block| PyBytes::new(py, &block)))
        })
    }
}

fn header_map(fields: Vec<(String, String)>) -> PyResult<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields {
        let header = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        match (header, value) {
            (Ok(header), Ok(value)) => {
                headers.append(header, value);
            }
            _ => {
                return Err(PyValueError::new_err(format!(
                    "the header {name:?} of the answer has a character that HTTP does not allow"
                )));
            }
        }
    }
    Ok(headers)
}

/// What is not known is taken for the version that most transports speak.
fn version(text: &str) -> Version {
    match text {
        "HTTP/1.0" => Version::HTTP_10,
        "HTTP/2" | "HTTP/2.0" => Version::HTTP_2,
        "HTTP/3" | "HTTP/3.0" => Version::HTTP_3,
        _ => Version::HTTP_11,
    }
}

fn error(
    code: &str,
    message: String,
    limit: Option<&str>,
    seconds: Option<f64>,
    phase: Phase,
) -> PyResult<Error> {
    let known = [
        Code::ConnectFailed,
        Code::TimedOut,
        Code::Interrupted,
        Code::UnreadableBody,
    ];
    let Some(found) = known.into_iter().find(|known| known.as_str() == code) else {
        return Err(PyValueError::new_err(format!(
            "{code:?} is no failure of a transport; give connect_failed, timed_out, interrupted or unreadable_body"
        )));
    };
    if found != Code::TimedOut {
        return Ok(Error::new(found, message));
    }
    let (limit, phase) = match limit {
        Some("pool") => (Limit::Pool, Phase::Pool),
        Some("connect") => (Limit::Connect, Phase::Connect),
        Some("write") => (Limit::Write, phase),
        Some("read") | None => (Limit::Read, phase),
        Some(other) => {
            return Err(PyValueError::new_err(format!(
                "{other:?} is no limit of a transport; give pool, connect, read or write"
            )));
        }
    };
    let passed = Passed {
        limit,
        phase,
        allowed: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        elapsed: None,
        events: 0,
    };
    Ok(Error::timed_out(passed).with_causes(vec![message]))
}
