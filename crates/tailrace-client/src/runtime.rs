//! The background thread and what all clients of a process share.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tailrace_core::error::{Code, Error};
use tokio::runtime::{Builder, Handle};

use crate::{
    fork::PerProcess,
    transport::{Transport, TransportSettings},
};

static SHARED: PerProcess<Result<Shared, String>> = PerProcess::new();

/// One per process: the runtime, and the transports by their settings.
#[derive(Debug)]
pub(crate) struct Shared {
    handle: Handle,
    transports: Mutex<HashMap<TransportSettings, Transport>>,
}

impl Shared {
    /// This process's runtime, started by the first call.
    pub(crate) fn get() -> Result<&'static Shared, Error> {
        SHARED.get_or_init(start).as_ref().map_err(|reason| {
            Error::new(
                Code::Internal,
                format!("the background thread of tailrace could not be started ({reason}); check the limits on threads and open files"),
            )
        })
    }

    /// Where tasks are spawned.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The transport with these settings, made when it is first asked for.
    pub(crate) fn transport(&self, settings: &TransportSettings) -> Transport {
        let mut transports = self
            .transports
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = transports.get(settings) {
            return transport.clone();
        }
        let transport = Transport::new(settings);
        transports.insert(settings.clone(), transport.clone());
        transport
    }
}

fn start() -> Result<Shared, String> {
    // One thread serves all sockets: a chunk costs it about a microsecond, and what is slow, building objects, happens
    // on the host's threads.
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| error.to_string())?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("tailrace".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(|error| error.to_string())?;
    Ok(Shared {
        handle,
        transports: Mutex::default(),
    })
}
