//! Waiting for room for more bytes, on their way in or out.

use std::sync::{Arc, Mutex};

use pyo3::{exceptions::PyStopIteration, prelude::*};
use tailrace_client::Notify;

use crate::{guard::guard, hub::Parking, pending::thrown, trio};

/// What takes bytes as fast as somebody else wants them.
pub(crate) trait Room: Send + Sync {
    /// There is room, or nobody wants more.
    fn has_room(&self) -> bool;

    /// Nobody wants more.
    fn is_over(&self) -> bool;

    /// Tells `notify` when [`Room::has_room`] is true, at once if it already is.
    fn notify_room(&self, notify: Arc<dyn Notify>);
}

/// What `room` gives: True once there is room, False when nobody wants more.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct RoomAwaitable {
    room: Arc<dyn Room>,
    parking: Mutex<Option<Parking>>,
}

impl RoomAwaitable {
    pub(crate) fn new(room: Arc<dyn Room>) -> Self {
        RoomAwaitable {
            room,
            parking: Mutex::new(None),
        }
    }
}

#[pymethods]
impl RoomAwaitable {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// A step of the await: the answer, or a future to wait for.
    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        guard(|| {
            if self.room.has_room() {
                return Err(PyStopIteration::new_err((!self.room.is_over(),)));
            }
            Parking::park(&self.parking, py, |notify| self.room.notify_room(notify))
        })
    }

    fn send(&self, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        match trio::resumed(value)? {
            Some(wanted) => Ok(wanted),
            None => self.__next__(value.py()),
        }
    }

    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        &self,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _ = traceback;
        Err(thrown(kind, value))
    }

    #[allow(
        clippy::unused_self,
        reason = "the protocol of awaitables has this method"
    )]
    fn close(&self) {}
}
