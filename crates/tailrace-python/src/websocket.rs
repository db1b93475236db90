//! An open WebSocket: to block on, or to await.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use pyo3::{
    exceptions::{PyStopIteration, PyValueError},
    prelude::*,
    types::{PyBytes, PyString},
};
use tailrace_client::{Arrival, Awaited, Close, Message, Unsent};

use crate::{
    awaitable::{Await, Awaitable},
    binary::Binary,
    failure::Failure,
    guard::guard,
    hub::Parking,
    models::Plan,
    pending::SIGNAL_INTERVAL,
    trio,
};

/// Bytes of data that are taken from a connection at a time.
const TAKEN_BYTES: usize = 16 * 1024;

/// Messages that are handed out before the loop gets a turn, so that one fast connection does not starve the others.
const BURST: u32 = 64;

/// An open connection. Dropping it closes its socket without a close frame.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct WebSocket(Arc<Link>);

struct Link {
    socket: tailrace_client::WebSocket,
    /// What the objects of events are made by.
    plan: Py<Plan>,
    /// Which base64 in them becomes bytes.
    binary: Option<Binary>,
    /// Taken from the connection and not yet handed out.
    taken: Mutex<VecDeque<Message>>,
    /// Where those park who wait, by what they wait for.
    parkings: [Mutex<Option<Parking>>; 3],
    handed_out: AtomicU32,
}

/// As what a message is handed out.
#[derive(Clone, Copy)]
enum Form {
    /// An object of the plan's type.
    Object,
    Bytes,
    /// Text as str, anything else as bytes.
    AsSent,
}

/// How a connection ended: code and reason of the close frame of each side, where there was one.
#[pyclass(frozen, get_all, module = "tailrace._native")]
pub(crate) struct Closed {
    received: Option<(u16, String)>,
    sent: Option<(u16, String)>,
    /// Whether that of the server came first, where there are both.
    received_first: Option<bool>,
    /// Why, where no close frame says it.
    failure: Option<Py<Failure>>,
}

/// The await of the next message, or of a `Closed`. A task that is cancelled has taken nothing, and the connection stays open.
struct Receiving {
    link: Arc<Link>,
    form: Form,
}

/// The await of room, or of the end, of a connection.
struct Waiting {
    link: Arc<Link>,
    awaited: Awaited,
}

impl WebSocket {
    pub(crate) fn new(
        socket: tailrace_client::WebSocket,
        plan: Py<Plan>,
        binary: Option<Binary>,
    ) -> Self {
        WebSocket(Arc::new(Link {
            socket,
            plan,
            binary,
            taken: Mutex::default(),
            parkings: Default::default(),
            handed_out: AtomicU32::new(0),
        }))
    }
}

impl Link {
    fn taken(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next message or how the connection ended; `None` while there is nothing. Raises ValueError for a message that is
    /// to be an object and is no JSON.
    fn next(&self, py: Python<'_>, form: Form) -> PyResult<Option<Py<PyAny>>> {
        let arrival = {
            let mut taken = self.taken();
            if self.socket.is_foreign() {
                // The parent will see these, too.
                taken.clear();
            } else if taken.is_empty() {
                self.socket.pop_up_to(TAKEN_BYTES, &mut taken);
            }
            match taken.pop_front() {
                Some(message) => Arrival::Message(message),
                None => self.socket.pop(),
            }
        };
        match arrival {
            Arrival::Empty => Ok(None),
            Arrival::Message(message) => self.object(py, &message, form).map(Some),
            Arrival::Closed(closed) => {
                Closed::new(py, *closed).map(|closed| Some(closed.into_any()))
            }
        }
    }

    fn object(&self, py: Python<'_>, message: &Message, form: Form) -> PyResult<Py<PyAny>> {
        let data = &message.data;
        if let (Form::Object, Some(binary)) = (form, &self.binary)
            && let Some(object) = binary.object(py, self.plan.get(), data)?
        {
            return Ok(object);
        }
        Ok(match form {
            Form::Object => self.plan.get().parse(py, data)?,
            Form::AsSent if message.is_text => PyString::new(py, &String::from_utf8_lossy(data))
                .into_any()
                .unbind(),
            Form::Bytes | Form::AsSent => PyBytes::new(py, data).into_any().unbind(),
        })
    }

    /// Blocks until it has come. Ctrl-C raises KeyboardInterrupt.
    fn wait(&self, py: Python<'_>, awaited: Awaited, limit: Duration) -> PyResult<bool> {
        let has_come = py.detach(|| self.socket.wait(awaited, limit.min(SIGNAL_INTERVAL)));
        if !has_come {
            py.check_signals()?;
        }
        Ok(has_come)
    }

    fn park(&self, py: Python<'_>, awaited: Awaited) -> PyResult<Py<PyAny>> {
        let [arrival, room, end] = &self.parkings;
        let slot = match awaited {
            Awaited::Arrival => arrival,
            Awaited::Room => room,
            Awaited::End => end,
        };
        Parking::park(slot, py, |notify| self.socket.notify(awaited, notify))
    }

    fn step(&self, py: Python<'_>, form: Form) -> PyResult<Py<PyAny>> {
        if self.handed_out.load(Ordering::Relaxed) >= BURST {
            self.handed_out.store(0, Ordering::Relaxed);
            return trio::turn(py);
        }
        match self.next(py, form)? {
            Some(message) => {
                self.handed_out.fetch_add(1, Ordering::Relaxed);
                Err(PyStopIteration::new_err((message,)))
            }
            None => {
                self.handed_out.store(0, Ordering::Relaxed);
                self.park(py, Awaited::Arrival)
            }
        }
    }
}

#[pymethods]
impl WebSocket {
    /// Blocks until the next message is there: an object of the plan's type for `form` 0, bytes for 1, and for 2 text as str
    /// and anything else as bytes. A `Closed` once the connection has ended.
    ///
    /// `seconds` gives None when nothing came in time. Raises ValueError when the message is to be an object and is no JSON.
    /// Ctrl-C raises KeyboardInterrupt and leaves the connection open.
    #[pyo3(signature = (form, seconds = None))]
    fn receive_blocking(
        &self,
        py: Python<'_>,
        form: u8,
        seconds: Option<f64>,
    ) -> PyResult<Option<Py<PyAny>>> {
        guard(|| {
            let form = form_of(form)?;
            let until = deadline(seconds);
            loop {
                if let Some(message) = self.0.next(py, form)? {
                    return Ok(Some(message));
                }
                let left = left(until);
                if left.is_zero() {
                    return Ok(None);
                }
                self.0.wait(py, Awaited::Arrival, left)?;
            }
        })
    }

    /// The same to await.
    fn receive(&self, form: u8) -> PyResult<Awaitable> {
        let form = form_of(form)?;
        let link = Arc::clone(&self.0);
        Ok(Awaitable::new(Arc::new(Receiving { link, form })))
    }

    /// Queues a message: 0 when it was taken, 1 when the queue is full, 2 when the connection is closed or being closed.
    fn send(&self, data: &Bound<'_, PyAny>) -> PyResult<u8> {
        guard(|| {
            let message = match data.cast::<PyString>() {
                Ok(text) => Message {
                    data: Bytes::copy_from_slice(text.to_cow()?.as_bytes()),
                    is_text: true,
                },
                Err(_) => Message {
                    data: Bytes::copy_from_slice(data.extract::<&[u8]>()?),
                    is_text: false,
                },
            };
            Ok(match self.0.socket.send(message) {
                Ok(()) => 0,
                Err(Unsent::Full(_)) => 1,
                Err(Unsent::Closed(_)) => 2,
            })
        })
    }

    /// Blocks until there is room for another message, or the connection has ended. Ctrl-C raises KeyboardInterrupt.
    fn wait_room(&self, py: Python<'_>) -> PyResult<()> {
        guard(|| {
            while !self.0.wait(py, Awaited::Room, SIGNAL_INTERVAL)? {}
            Ok(())
        })
    }

    /// The same to await.
    fn room(&self) -> Awaitable {
        self.awaitable(Awaited::Room)
    }

    /// Begins the close handshake once everything queued was sent.
    ///
    /// Raises ValueError for a code that no endpoint may send.
    #[pyo3(signature = (code = 1000, reason = ""))]
    fn close(&self, code: u16, reason: &str) -> PyResult<()> {
        guard(|| {
            if !Close::is_sendable(code) {
                return Err(PyValueError::new_err(format!(
                    "{code} is no close code that an endpoint may send; give 1000, or 3000 to 4999"
                )));
            }
            self.0.socket.close(Close::new(code, reason));
            Ok(())
        })
    }

    /// Blocks until the connection has ended. Ctrl-C raises KeyboardInterrupt.
    fn wait_end(&self, py: Python<'_>) -> PyResult<()> {
        guard(|| {
            while !self.0.wait(py, Awaited::End, SIGNAL_INTERVAL)? {}
            Ok(())
        })
    }

    /// The same to await.
    fn end(&self) -> Awaitable {
        self.awaitable(Awaited::End)
    }

    /// Closes the socket at once, without a close frame.
    fn abort(&self) -> PyResult<()> {
        guard(|| {
            self.0.taken().clear();
            self.0.socket.abort();
            Ok(())
        })
    }

    /// Messages that were queued and never sent, once the connection has ended; once.
    fn unsent(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        guard(|| {
            let unsent = self.0.socket.unsent();
            unsent
                .iter()
                .map(|message| self.0.object(py, message, Form::AsSent))
                .collect()
        })
    }

    /// How the connection ended, or None.
    #[getter]
    fn closed(&self, py: Python<'_>) -> PyResult<Option<Py<Closed>>> {
        let closed = self.0.socket.closed();
        closed.map(|closed| Closed::new(py, closed)).transpose()
    }

    /// True once the connection has ended or is being closed.
    #[getter]
    fn closing(&self) -> bool {
        self.0.socket.is_closing() || self.0.socket.is_ready(Awaited::End)
    }

    /// What it has done so far, by name: messages and bytes `sent`, `received`, `queued` (come and not taken) and `waiting`
    /// (to be sent), and `latency` in seconds from the last ping to its pong, or None.
    fn counters(&self) -> Vec<(&'static str, Option<f64>)> {
        let counters = self.0.socket.counters();
        // Both are exact up to 2^53.
        let number = |count: u64| Some(count as f64);
        let size = |count: usize| Some(count as f64);
        vec![
            ("sent_messages", number(counters.sent_messages)),
            ("sent_bytes", number(counters.sent_bytes)),
            ("received_messages", number(counters.received_messages)),
            ("received_bytes", number(counters.received_bytes)),
            ("queued_messages", size(counters.queued_messages)),
            ("queued_bytes", size(counters.queued_bytes)),
            ("waiting_messages", size(counters.waiting_messages)),
            ("waiting_bytes", size(counters.waiting_bytes)),
            (
                "latency",
                counters.latency.map(|latency| latency.as_secs_f64()),
            ),
        ]
    }
}

impl WebSocket {
    fn awaitable(&self, awaited: Awaited) -> Awaitable {
        let link = Arc::clone(&self.0);
        Awaitable::new(Arc::new(Waiting { link, awaited }))
    }
}

impl Await for Receiving {
    fn step(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.link.step(py, self.form)
    }
}

impl Await for Waiting {
    fn step(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if self.link.socket.is_ready(self.awaited) {
            return Err(PyStopIteration::new_err((py.None(),)));
        }
        self.link.park(py, self.awaited)
    }
}

impl Closed {
    fn new(py: Python<'_>, closed: tailrace_client::Closed) -> PyResult<Py<Closed>> {
        let frame = |close: Option<Close>| close.map(|close| (close.code, close.reason));
        let failure = closed.error.map(|error| {
            let failure = tailrace_client::Failure {
                error,
                request: None,
                elapsed: Duration::ZERO,
            };
            Failure::new(py, failure)
        });
        Py::new(
            py,
            Closed {
                received: frame(closed.received),
                sent: frame(closed.sent),
                received_first: closed.received_first,
                failure: failure.transpose()?,
            },
        )
    }
}

/// Blocks until every message that any connection of this process took was handed to the system, at most `seconds`; true if all
/// were. The thread that sends ends with the process.
#[pyfunction]
pub(crate) fn send_rest(py: Python<'_>, seconds: f64) -> PyResult<bool> {
    guard(|| {
        let limit = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        Ok(py.detach(|| tailrace_client::send_rest(limit)))
    })
}

fn form_of(form: u8) -> PyResult<Form> {
    match form {
        0 => Ok(Form::Object),
        1 => Ok(Form::Bytes),
        2 => Ok(Form::AsSent),
        other => Err(PyValueError::new_err(format!(
            "the form {other} is none of 0 (object), 1 (bytes) and 2 (as sent)"
        ))),
    }
}

fn deadline(seconds: Option<f64>) -> Option<std::time::Instant> {
    let limit = Duration::try_from_secs_f64(seconds?.max(0.0)).ok()?;
    std::time::Instant::now().checked_add(limit)
}

fn left(until: Option<std::time::Instant>) -> Duration {
    until.map_or(Duration::MAX, |until| {
        until.saturating_duration_since(std::time::Instant::now())
    })
}
