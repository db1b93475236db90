//! The embedded test server.

use std::time::Duration;

use napi::{Error, Result};
use napi_derive::napi;
use tailrace_mock::{Config, Load, Server};

use crate::guard::guard;

/// How to start a [`MockServer`].
#[napi(object, object_to_js = false)]
pub struct MockOptions {
    /// A name or address of this machine; default `127.0.0.1`.
    pub host: Option<String>,
    /// Default 0: the system chooses.
    pub port: Option<u16>,
    /// The pause before each write of a stream, in milliseconds; default 0.
    pub interval_ms: Option<u32>,
    /// Text events of a stream; default: as many as its text has words.
    pub chunks: Option<u32>,
    /// The size of a chat chunk in bytes, framing included.
    pub chunk_bytes: Option<u32>,
    /// Events of one write; default 1 with a pause, else 64.
    pub batch: Option<u32>,
}

/// A server that plays the API and misbehaves by script. It stops when it is collected.
#[napi]
pub struct MockServer(Server);

#[napi]
impl MockServer {
    /// Binds the port and serves from a thread of its own.
    #[napi(constructor)]
    pub fn new(options: MockOptions) -> Result<Self> {
        guard(|| {
            let config = Config {
                host: options.host.unwrap_or_else(|| "127.0.0.1".to_owned()),
                port: options.port.unwrap_or(0),
                load: Load {
                    chunks: options.chunks.map(|count| count as usize),
                    chunk_bytes: options.chunk_bytes.map(|size| size as usize),
                    interval: Duration::from_millis(options.interval_ms.unwrap_or(0).into()),
                    batch: options.batch.map(|count| count as usize),
                    ..Load::default()
                },
            };
            Server::start(config)
                .map(MockServer)
                .map_err(|error| refused(&format!("the mock server could not be started: {error}")))
        })
    }

    /// The base URL of the plausible API.
    #[napi(getter)]
    pub fn url(&self) -> Result<String> {
        guard(|| Ok(self.0.url()))
    }

    /// Starts a script, given as JSON text, and returns its base URL.
    #[napi]
    pub fn script(&self, script: String) -> Result<String> {
        guard(|| {
            self.0
                .script(&script)
                .map_err(|error| refused(&error.to_string()))
        })
    }

    /// What was received below a base URL, oldest first, as the text of a JSON array.
    #[napi]
    pub fn requests(&self, base_url: String) -> Result<String> {
        guard(|| {
            self.0
                .requests(&base_url)
                .map_err(|error| refused(&error.to_string()))
        })
    }

    /// The connections that carried those requests and who closed them, as the text of a JSON array.
    #[napi]
    pub fn connections(&self, base_url: String) -> Result<String> {
        guard(|| {
            self.0
                .connections(&base_url)
                .map_err(|error| refused(&error.to_string()))
        })
    }

    /// Closes every connection and frees the ports. Safe to call twice.
    #[napi]
    pub fn stop(&self) -> Result<()> {
        guard(|| {
            self.0.stop();
            Ok(())
        })
    }
}

fn refused(message: &str) -> Error {
    Error::from_reason(message)
}
