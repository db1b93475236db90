//! What signs the attempts of a call.

use std::sync::Arc;

use pyo3::prelude::*;

/// Credentials of AWS for the requests to one service in one region. Nothing of them can be read back.
#[pyclass(frozen, module = "tailrace._native")]
pub(crate) struct Signer(pub(crate) Arc<tailrace_core::request::Signer>);

#[pymethods]
impl Signer {
    #[new]
    fn new(
        access_key: String,
        secret_key: String,
        token: Option<String>,
        region: String,
        service: String,
    ) -> Self {
        Signer(Arc::new(tailrace_core::request::Signer::new(
            access_key, secret_key, token, region, service,
        )))
    }
}

/// The signer that a caller passed, if any.
pub(crate) fn shared(
    signer: Option<PyRef<'_, Signer>>,
) -> Option<Arc<tailrace_core::request::Signer>> {
    signer.map(|signer| Arc::clone(&signer.0))
}
