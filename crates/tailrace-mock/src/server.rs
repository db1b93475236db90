//! The server as a value: start, script, requests, stop.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::runtime::Builder as RuntimeBuilder;
use tokio::sync::oneshot;

use crate::journal::lock;
use crate::listen::{self, Port};
use crate::routes::Routes;
use crate::script::ScriptError;

/// How to start a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// A name or address of this machine. Default `127.0.0.1`.
    pub host: String,
    /// 0 lets the system choose.
    pub port: u16,
    /// The shape of streamed replies where a benchmark drives the server.
    pub load: Load,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            host: "127.0.0.1".to_owned(),
            port: 0,
            load: Load::default(),
        }
    }
}

/// The shape of streamed replies. Without any of it a stream has as many events as its text has words.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Pieces of the text of a reply, each an event of its stream.
    pub chunks: Option<usize>,
    /// The size of a chat chunk, `data: ` and blank line included, in bytes. Padding goes into `obfuscation`.
    pub chunk_bytes: Option<usize>,
    /// The pause before each write.
    pub interval: Duration,
    /// Events of one write. Default: 1 with an interval, else 64.
    pub batch: Option<usize>,
    /// Begin each text event's text with the time of its write: 19 digits, nanoseconds of the monotonic clock.
    pub stamp: bool,
    /// Let a stream of responses visit every type of event, as often as `chunks` allows.
    pub all_events: bool,
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    routes: Arc<Routes>,
    stop: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
    /// A forked child has no such thread to wait for.
    process: u32,
}

impl Server {
    /// Binds the port and serves from a thread of its own.
    ///
    /// # Errors
    /// When the address cannot be resolved or bound, or the thread cannot be started.
    pub fn start(config: Config) -> io::Result<Server> {
        let address = resolve(&config.host, config.port)?;
        let listener = StdListener::bind(address)?;
        let bound = listener.local_addr()?;
        let runtime = RuntimeBuilder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let routes = Routes::new(config.load, bound, runtime.handle().clone());
        let port = listen::serve(runtime.handle(), listener, Arc::clone(&routes), None)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = Arc::clone(&routes);
        let thread = Builder::new()
            .name("tailrace-mock".to_owned())
            .spawn(move || {
                let port: Port = port;
                // An error means that the sender is gone, which is a stop as well.
                let _ = runtime.block_on(stopped);
                drop(port);
                serving.clear();
            })?;
        let running = Running {
            stop,
            thread,
            process: std::process::id(),
        };
        Ok(Server {
            routes,
            stop: Mutex::new(Some(running)),
        })
    }

    /// The base URL of the plausible API: `http://127.0.0.1:PORT/v1`.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.routes.address())
    }

    /// Starts a script and gives its base URL.
    ///
    /// # Errors
    /// When the text is no JSON, a field is unknown or wrong, or the script's port cannot be bound.
    pub fn script(&self, script: &str) -> Result<String, ScriptError> {
        if lock(&self.stop).is_none() {
            return Err(ScriptError::new(
                "the mock server was stopped: start another one",
            ));
        }
        self.routes.add_script(script.as_bytes())
    }

    /// The requests that were received below a base URL, oldest first, as the text of a JSON array.
    ///
    /// `base_url` is one that `script` gave, or `url`. The latest 10,000 are kept; with `Load::chunks` those to `url`
    /// are not recorded at all.
    ///
    /// # Errors
    /// When the base URL is neither.
    pub fn requests(&self, base_url: &str) -> Result<String, ScriptError> {
        Ok(self.routes.journal_of(base_url)?.requests().to_string())
    }

    /// The connections that carried those requests, and who closed them, as the text of a JSON array.
    ///
    /// # Errors
    /// When the base URL is neither one that `script` gave nor `url`.
    pub fn connections(&self, base_url: &str) -> Result<String, ScriptError> {
        Ok(self.routes.journal_of(base_url)?.connections().to_string())
    }

    /// Closes every connection and frees the ports. Safe to call twice.
    pub fn stop(&self) {
        let Some(running) = lock(&self.stop).take() else {
            return;
        };
        if running.process != std::process::id() {
            return;
        }
        let _ = running.stop.send(());
        let _ = running.thread.join();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn resolve(host: &str, port: u16) -> io::Result<SocketAddr> {
    (host, port).to_socket_addrs()?.next().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!("`{host}` has no address: give one of this machine"),
        )
    })
}
