//! One hub per event loop: how the background thread wakes asyncio and, through [`crate::trio`], trio.
//!
//! The background thread appends to a ready list and writes to a file descriptor only when the list was empty, so a
//! burst over many streams costs one wake-up, and that thread never needs the GIL. The loop calls [`Hub::drain`], which
//! resolves the futures that consumers are parked on.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::{
    exceptions::PyNotImplementedError, intern, prelude::*, sync::PyOnceLock,
    types::PyWeakrefReference,
};
use tailrace_client::Notify;

use crate::{guard::guard, trio};

/// What consumers of one loop share with the background thread.
struct Shared {
    ready: Mutex<Vec<Arc<Waiters>>>,
    wake: Wake,
}

enum Wake {
    /// The loop watches the reading end.
    Descriptor(fd::Doorbell),
    /// The loop watches no descriptors (Windows); a weak reference, so that the hub does not keep the loop alive.
    Threadsafe(Py<PyWeakrefReference>),
}

/// The futures of one stream or call whose consumer waits.
#[derive(Default)]
pub(crate) struct Waiters(Mutex<Vec<Py<PyAny>>>);

/// Marks one consumer ready.
pub(crate) struct Signal {
    shared: Arc<Shared>,
    waiters: Arc<Waiters>,
}

/// A loop's hub. The loop's reader, or the registry, keeps it alive as long as the loop.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Hub(Arc<Shared>);

/// Where a consumer parks: its loop, and the signal that wakes it there.
pub(crate) struct Parking {
    event_loop: Py<PyAny>,
    waiters: Arc<Waiters>,
    signal: Arc<Signal>,
}

impl Parking {
    /// A place on the running loop. Raises RuntimeError when no loop runs.
    fn new(py: Python<'_>, event_loop: &Bound<'_, PyAny>) -> PyResult<Self> {
        let hub = hub_of(py, event_loop)?;
        let waiters = Arc::new(Waiters::default());
        let signal = Arc::new(Signal {
            shared: Arc::clone(&hub.get().0),
            waiters: Arc::clone(&waiters),
        });
        Ok(Parking {
            event_loop: event_loop.clone().unbind(),
            waiters,
            signal,
        })
    }

    /// A future of the running loop that resolves when the signal is given. Reuses the place kept in `slot` while the
    /// consumer stays on its loop.
    pub(crate) fn park(
        slot: &Mutex<Option<Parking>>,
        py: Python<'_>,
        arm: impl FnOnce(Arc<dyn Notify>),
    ) -> PyResult<Py<PyAny>> {
        let (event_loop, is_trio) = match trio::running_loop(py)? {
            Some(run) => (run, true),
            None => (running_loop(py)?, false),
        };
        // Taken out rather than borrowed: calling Python may run anything, this function included.
        let kept = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        let parking = match kept {
            Some(parking) if parking.event_loop.is(&event_loop) => parking,
            _ => Parking::new(py, &event_loop)?,
        };
        let future = event_loop.call_method0(intern!(py, "create_future"))?;
        parking.waiters.add(future.clone().unbind());
        arm(Arc::clone(&parking.signal) as Arc<dyn Notify>);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(parking);
        if is_trio {
            return trio::suspend(&future);
        }
        // asyncio takes a yielded future seriously only with this mark, which `Future.__await__` would set.
        future.setattr(intern!(py, "_asyncio_future_blocking"), true)?;
        Ok(future.unbind())
    }
}

impl Waiters {
    fn add(&self, future: Py<PyAny>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(future);
    }

    fn resolve(&self, py: Python<'_>) {
        let futures = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for future in futures {
            // A future that was cancelled meanwhile refuses, and its consumer no longer waits.
            let _ = future.call_method1(py, intern!(py, "set_result"), (py.None(),));
        }
    }
}

impl Notify for Signal {
    fn notify(&self) {
        let mut ready = self
            .shared
            .ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        ready.push(Arc::clone(&self.waiters));
        let was_empty = ready.len() == 1;
        drop(ready);
        if was_empty {
            self.shared.ring();
        }
    }
}

impl Shared {
    fn ring(&self) {
        match &self.wake {
            Wake::Descriptor(doorbell) => doorbell.ring(),
            Wake::Threadsafe(hub) => {
                // None when the interpreter is shutting down, and then nobody waits any more.
                let _ = Python::try_attach(|py| call_soon_threadsafe(hub.bind(py)));
            }
        }
    }

    fn drain(&self, py: Python<'_>) {
        if let Wake::Descriptor(doorbell) = &self.wake {
            doorbell.silence();
        }
        let ready = std::mem::take(&mut *self.ready.lock().unwrap_or_else(PoisonError::into_inner));
        for waiters in ready {
            waiters.resolve(py);
        }
    }
}

#[pymethods]
impl Hub {
    /// Resolves what is ready. Called by the loop.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        guard(|| {
            self.0.drain(py);
            Ok(())
        })
    }
}

/// `event_loop.call_soon_threadsafe(hub.drain)`, when the loop is still there and open.
fn call_soon_threadsafe(event_loop: &Bound<'_, PyWeakrefReference>) -> PyResult<()> {
    let py = event_loop.py();
    let Some(event_loop) = upgrade(event_loop)? else {
        return Ok(());
    };
    let hub = hub_of(py, &event_loop)?;
    let drain = hub.getattr(intern!(py, "drain"))?;
    event_loop.call_method1(intern!(py, "call_soon_threadsafe"), (drain,))?;
    Ok(())
}

fn upgrade<'py>(reference: &Bound<'py, PyWeakrefReference>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let target = reference.call0()?;
    Ok((!target.is_none()).then_some(target))
}

fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static GET_RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    GET_RUNNING_LOOP
        .import(py, "asyncio", "get_running_loop")?
        .call0()
}

/// The hub of `event_loop`, made on first use.
fn hub_of<'py>(py: Python<'py>, event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Hub>> {
    // A hub dies with its loop, whose reader goes with it.
    static HUBS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let hubs = HUBS
        .get_or_try_init(py, || {
            let registry = py
                .import("weakref")?
                .getattr("WeakKeyDictionary")?
                .call0()?;
            PyResult::Ok(registry.unbind())
        })?
        .bind(py);
    let known = hubs.call_method1(intern!(py, "get"), (event_loop,))?;
    if let Ok(hub) = known.cast_into::<Hub>() {
        return Ok(hub);
    }
    let hub = Bound::new(py, Hub(Arc::new(shared(event_loop)?)))?;
    if let Wake::Descriptor(doorbell) = &hub.get().0.wake {
        let drain = hub.getattr(intern!(py, "drain"))?;
        match event_loop.call_method1(intern!(py, "add_reader"), (doorbell.descriptor(), drain)) {
            Ok(_) => {}
            Err(error) if error.is_instance_of::<PyNotImplementedError>(py) => {
                let hub = Bound::new(py, Hub(Arc::new(threadsafe(event_loop)?)))?;
                hubs.set_item(event_loop, &hub)?;
                return Ok(hub);
            }
            Err(error) => return Err(error),
        }
    }
    hubs.set_item(event_loop, &hub)?;
    Ok(hub)
}

/// A descriptor where the system has one that loops can watch.
fn shared(event_loop: &Bound<'_, PyAny>) -> PyResult<Shared> {
    match fd::Doorbell::new() {
        Some(doorbell) => Ok(Shared {
            ready: Mutex::default(),
            wake: Wake::Descriptor(doorbell?),
        }),
        None => threadsafe(event_loop),
    }
}

fn threadsafe(event_loop: &Bound<'_, PyAny>) -> PyResult<Shared> {
    Ok(Shared {
        ready: Mutex::default(),
        wake: Wake::Threadsafe(PyWeakrefReference::new(event_loop)?.unbind()),
    })
}

/// A descriptor that one thread rings and a loop watches.
#[cfg(target_os = "linux")]
mod fd {
    use std::{
        io,
        os::fd::{AsRawFd, OwnedFd, RawFd},
    };

    use rustix::event::{EventfdFlags, eventfd};

    pub(super) struct Doorbell(OwnedFd);

    impl Doorbell {
        pub(super) fn new() -> Option<io::Result<Self>> {
            let flags = EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC;
            Some(eventfd(0, flags).map(Doorbell).map_err(io::Error::from))
        }

        pub(super) fn descriptor(&self) -> RawFd {
            self.0.as_raw_fd()
        }

        pub(super) fn ring(&self) {
            // It fails only when the counter is full, and then the loop is awake.
            let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
        }

        pub(super) fn silence(&self) {
            let mut counter = [0; 8];
            let _ = rustix::io::read(&self.0, &mut counter);
        }
    }
}

/// A pipe does the same where there is no eventfd.
#[cfg(all(unix, not(target_os = "linux")))]
mod fd {
    use std::{
        io,
        os::fd::{AsRawFd, OwnedFd, RawFd},
    };

    use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};

    pub(super) struct Doorbell {
        reader: OwnedFd,
        writer: OwnedFd,
    }

    impl Doorbell {
        pub(super) fn new() -> Option<io::Result<Self>> {
            Some(Self::open().map_err(io::Error::from))
        }

        fn open() -> rustix::io::Result<Self> {
            let (reader, writer) = rustix::pipe::pipe()?;
            for end in [&reader, &writer] {
                ioctl_fionbio(end, true)?;
                fcntl_setfd(end, FdFlags::CLOEXEC)?;
            }
            Ok(Doorbell { reader, writer })
        }

        pub(super) fn descriptor(&self) -> RawFd {
            self.reader.as_raw_fd()
        }

        pub(super) fn ring(&self) {
            // It fails only when the pipe is full, and then the loop is awake.
            let _ = rustix::io::write(&self.writer, &[1]);
        }

        pub(super) fn silence(&self) {
            let mut bytes = [0; 64];
            let _ = rustix::io::read(&self.reader, &mut bytes);
        }
    }
}

/// Windows loops watch no descriptors.
#[cfg(not(unix))]
mod fd {
    use std::io;

    pub(super) enum Doorbell {}

    impl Doorbell {
        pub(super) fn new() -> Option<io::Result<Self>> {
            None
        }

        pub(super) fn descriptor(&self) -> i32 {
            match *self {}
        }

        pub(super) fn ring(&self) {
            match *self {}
        }

        pub(super) fn silence(&self) {
            match *self {}
        }
    }
}
