//! A call in flight: to block on, or to await.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pyo3::{
    exceptions::{PyRuntimeError, PyStopIteration},
    prelude::*,
    types::PyString,
};
use tailrace_core::{credentials::Secret, retry::Decision};

use crate::{
    awaitable::{Await, resume, thrown},
    exchange::Exchange,
    failure::Failure,
    guard::guard,
    hub::Parking,
    options::duration,
    reply::Reply,
    signer::{self, Signer},
};

/// How long a blocked thread goes without looking for signals such as Ctrl-C.
pub(crate) const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// A call in flight. Dropping it closes its socket.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Pending {
    call: tailrace_client::Pending,
    parking: Mutex<Option<Parking>>,
    /// The outcome was handed out; there is no second one.
    taken: AtomicBool,
}

/// An attempt that failed, and how long the call would wait before the next one.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Proposal {
    /// What the call would fail with.
    #[pyo3(get)]
    failure: Py<Failure>,
    /// In seconds.
    #[pyo3(get)]
    delay: f64,
}

impl Pending {
    pub(crate) fn new(call: tailrace_client::Pending) -> Self {
        Pending {
            call,
            parking: Mutex::new(None),
            taken: AtomicBool::new(false),
        }
    }

    pub(crate) fn call(&self) -> &tailrace_client::Pending {
        &self.call
    }

    /// The outcome, when the call has settled; None while it needs headers; an exchange when one is to be made; a proposal
    /// when a retry is to be decided.
    fn outcome(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        match self.call.take() {
            Some(outcome) => {
                self.taken.store(true, Ordering::Relaxed);
                let outcome = match outcome {
                    Ok(reply) => Reply::new(py, reply)?.into_any(),
                    Err(failure) => Failure::new(py, failure)?.into_any(),
                };
                Ok(Some(outcome))
            }
            None if let Some(token) = self.call.take_token() => {
                self.taken.store(true, Ordering::Relaxed);
                Ok(Some(PyString::new(py, token.expose()).into_any().unbind()))
            }
            None if self.call.needs_headers() || self.call.needs_subject() => Ok(Some(py.None())),
            None if let Some(exchange) = self.call.exchange() => {
                Ok(Some(Exchange::new(py, exchange)?.into_any()))
            }
            None if let Some(proposal) = self.call.proposal() => {
                let proposal = Proposal {
                    delay: proposal.delay.as_secs_f64(),
                    failure: Failure::new(py, proposal.failure)?,
                };
                Ok(Some(Py::new(py, proposal)?.into_any()))
            }
            None if self.taken.load(Ordering::Relaxed) => Err(PyRuntimeError::new_err(
                "the outcome of this call was taken before; a call can be awaited once",
            )),
            None => Ok(None),
        }
    }
}

impl Await for Pending {
    fn step(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.outcome(py)? {
            Some(outcome) => Err(PyStopIteration::new_err((outcome,))),
            None => Parking::park(&self.parking, py, |notify| self.call.notify(notify)),
        }
    }

    fn leave(&self) {
        self.call.cancel();
    }
}

#[pymethods]
impl Pending {
    /// Blocks until the call has settled. Ctrl-C cancels it and raises KeyboardInterrupt.
    ///
    /// Returns None when the call needs headers, or a token to exchange, an `Exchange` when the caller has to send a
    /// request, and a `Proposal` when it has to decide about a retry: once that is done, the call goes on and can be
    /// waited for again.
    fn wait(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guard(|| {
            loop {
                if let Some(outcome) = self.outcome(py)? {
                    return Ok(outcome);
                }
                if !py.detach(|| self.call.wait(SIGNAL_INTERVAL)) {
                    py.check_signals().inspect_err(|_| self.call.cancel())?;
                }
            }
        })
    }

    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// A step of the await: the outcome, or a future to wait for.
    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guard(|| self.step(py))
    }

    fn send(&self, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        guard(|| resume(self, value))
    }

    /// The awaiting task was cancelled.
    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _ = traceback;
        self.leave();
        Err(thrown(kind, value))
    }

    fn close(&self) {
        self.leave();
    }

    /// Gives a call that needs headers what its next attempt sends, merged over the headers of the call; None removes one.
    ///
    /// With `signer`, that one signs from now on. Raises RuntimeError when the call needs none.
    #[pyo3(signature = (headers, signer = None))]
    fn renew(
        &self,
        headers: Vec<(String, Option<String>)>,
        signer: Option<PyRef<'_, Signer>>,
    ) -> PyResult<()> {
        if self.call.renew_signed(headers, signer::shared(signer)) {
            Ok(())
        } else {
            Err(PyRuntimeError::new_err(
                "this call does not wait for headers; renew it only after it gave None",
            ))
        }
    }

    /// True when the call needs headers because the server refused those of its last attempt.
    #[getter]
    fn refused(&self) -> bool {
        self.call.is_refused()
    }

    /// Gives a call for a token what it exchanges; raises RuntimeError when it needs nothing.
    fn subject(&self, token: &str) -> PyResult<()> {
        if self.call.subject(Secret::from(token)) {
            Ok(())
        } else {
            Err(PyRuntimeError::new_err(
                "this call does not wait for a token; give it one only after it gave None",
            ))
        }
    }

    /// Answers a call that proposed a retry: seconds before it, or None for none. Without effect on a call that has ended.
    fn decide(&self, delay: Option<f64>) -> PyResult<()> {
        let decision = match delay {
            Some(_) => Decision::Retry(duration(delay)?.unwrap_or(Duration::MAX)),
            None => Decision::Stop,
        };
        self.call.decide(decision);
        Ok(())
    }

    /// Cancels the call and closes its socket; without effect once it has settled.
    fn cancel(&self) {
        self.call.cancel();
    }
}
