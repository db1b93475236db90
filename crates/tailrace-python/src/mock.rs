//! The embedded mock server.

use std::time::Duration;

use pyo3::{exceptions::PyValueError, prelude::*};
use tailrace_mock::{Config, Load, Server};

use crate::guard::guard;

/// A server that speaks the API and misbehaves on purpose, inside this process.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct MockServer(Server);

#[pymethods]
impl MockServer {
    /// `interval_ms` is the pause before each event of a plausible stream.
    #[new]
    #[pyo3(signature = (host = "127.0.0.1", port = 0, interval_ms = 0))]
    fn new(py: Python<'_>, host: &str, port: u16, interval_ms: u64) -> PyResult<Self> {
        guard(|| {
            let config = Config {
                host: host.to_owned(),
                port,
                load: Load {
                    interval: Duration::from_millis(interval_ms),
                    ..Load::default()
                },
            };
            let server = py.detach(|| Server::start(config))?;
            Ok(MockServer(server))
        })
    }

    /// The base URL that answers plausibly.
    #[getter]
    fn url(&self) -> String {
        self.0.url()
    }

    /// Loads a script, JSON text, and returns the base URL that plays it. Raises ValueError for a bad script.
    fn script(&self, script: &str) -> PyResult<String> {
        guard(|| {
            self.0
                .script(script)
                .map_err(|error| PyValueError::new_err(error.to_string()))
        })
    }

    /// What was received under a base URL, as JSON text. Raises ValueError for an unknown one.
    fn requests(&self, base_url: &str) -> PyResult<String> {
        guard(|| {
            self.0
                .requests(base_url)
                .map_err(|error| PyValueError::new_err(error.to_string()))
        })
    }

    /// The connections that were made under a base URL, as JSON text. Raises ValueError for an unknown one.
    fn connections(&self, base_url: &str) -> PyResult<String> {
        guard(|| {
            self.0
                .connections(base_url)
                .map_err(|error| PyValueError::new_err(error.to_string()))
        })
    }

    /// Closes all its connections and frees its port.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        guard(|| {
            py.detach(|| self.0.stop());
            Ok(())
        })
    }
}
