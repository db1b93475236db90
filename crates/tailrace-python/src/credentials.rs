//! The token of an identity.

use std::time::Duration;

use pyo3::{prelude::*, pybacked::PyBackedStr};
use tailrace_client::Exchanging;
use tailrace_core::credentials::{Rules, Terms};

use crate::{
    client::Client,
    guard::guard,
    options::{Limits, call_options},
    pending::Pending,
};

/// The token of an identity, exchanged when a call needs one. Threads and event loops may share it.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Credentials(tailrace_client::Credentials);

#[pymethods]
impl Credentials {
    /// `url` is the token endpoint, `fields` what its requests say beside the subject token. A token is replaced `ahead`
    /// seconds before it expires. With `bearer_only` only bearer tokens are taken; with `falls_back` a passing failure
    /// leaves a token in use that has not expired.
    #[new]
    #[pyo3(signature = (url, subject_token_type, fields, *, asks_subject, ahead, bearer_only = false, falls_back = false))]
    fn new(
        url: String,
        subject_token_type: Option<String>,
        fields: Vec<(String, String)>,
        asks_subject: bool,
        ahead: f64,
        bearer_only: bool,
        falls_back: bool,
    ) -> Self {
        Credentials(tailrace_client::Credentials::new(Exchanging {
            url,
            terms: Terms {
                subject_token_type,
                fields,
            },
            asks_subject,
            rules: Rules {
                // What is out of range is never reached before half the life of a token.
                ahead: Duration::try_from_secs_f64(ahead.max(0.0)).unwrap_or(Duration::MAX),
                default_lifetime: None,
                bearer_only,
            },
            falls_back,
            shares_failures: false,
        }))
    }

    /// The token that is there, unless it is due to be replaced.
    fn token(&self) -> PyResult<Option<String>> {
        guard(|| {
            let fresh = self.0.fresh();
            Ok(fresh.map(|token| token.expose().to_owned()))
        })
    }

    /// Starts a call that settles to a token, a `str`, or a `Failure`. On the way it gives None when it needs
    /// `Pending.subject`, and with `relayed` an `Exchange`.
    fn start(
        &self,
        client: &Client,
        timeout: Limits,
        max_retries: u32,
        relayed: bool,
    ) -> PyResult<Pending> {
        guard(|| {
            let mut options = call_options(timeout, max_retries, None, 0, relayed)?;
            options.follows_redirects = false;
            Ok(Pending::new(self.0.start(client.inner(), options)))
        })
    }

    /// Gives up the token that a server refused, unless another one has come since.
    fn refuse(&self, token: PyBackedStr) -> PyResult<()> {
        guard(|| {
            self.0.refuse(&token);
            Ok(())
        })
    }

    /// Gives up whatever token there is.
    fn discard(&self) -> PyResult<()> {
        guard(|| {
            self.0.discard();
            Ok(())
        })
    }
}
