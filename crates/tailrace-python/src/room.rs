//! Waiting for room for more bytes, on their way in or out.

use std::sync::{Arc, Mutex};

use pyo3::{exceptions::PyStopIteration, prelude::*};
use tailrace_client::Notify;

use crate::{
    awaitable::{Await, Awaitable},
    hub::Parking,
};

/// What takes bytes as fast as somebody else wants them.
pub(crate) trait Room: Send + Sync {
    /// There is room, or nobody wants more.
    fn has_room(&self) -> bool;

    /// Nobody wants more.
    fn is_over(&self) -> bool;

    /// Tells `notify` when [`Room::has_room`] is true, at once if it already is.
    fn notify_room(&self, notify: Arc<dyn Notify>);
}

/// The await of room: True once there is room, False when nobody wants more.
struct Wait {
    room: Arc<dyn Room>,
    parking: Mutex<Option<Parking>>,
}

/// What to await for room.
pub(crate) fn awaitable(room: Arc<dyn Room>) -> Awaitable {
    Awaitable::new(Arc::new(Wait {
        room,
        parking: Mutex::new(None),
    }))
}

impl Await for Wait {
    fn step(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if self.room.has_room() {
            return Err(PyStopIteration::new_err((!self.room.is_over(),)));
        }
        Parking::park(&self.parking, py, |notify| self.room.notify_room(notify))
    }
}
