//! The background thread and what all clients of a process share.

use std::sync::OnceLock;

use tailrace_core::error::{Code, Error};
use tokio::runtime::{Builder, Handle};

use crate::{
    fork::PerProcess,
    transport::{Proxies, Transport, TransportSettings},
};

static SHARED: PerProcess<Result<Shared, String>> = PerProcess::new();

/// One per process: the runtime, and the transports of clients that have none of their own.
#[derive(Debug)]
pub(crate) struct Shared {
    handle: Handle,
    direct: OnceLock<Transport>,
    proxied: OnceLock<Transport>,
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

    /// The transport of the process, with the proxies that the environment names or without.
    pub(crate) fn transport(&self, env_proxies: bool) -> Transport {
        let (place, proxies) = if env_proxies {
            (&self.proxied, Proxies::Environment)
        } else {
            (&self.direct, Proxies::None)
        };
        let made = place.get_or_init(|| {
            Transport::new(&TransportSettings {
                proxies,
                ..TransportSettings::default()
            })
        });
        made.clone()
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
        direct: OnceLock::new(),
        proxied: OnceLock::new(),
    })
}
