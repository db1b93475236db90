//! What signs the attempts of a call.

use std::sync::Arc;

use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

/// Credentials of AWS for the requests to one service in one region. Nothing of them can be read back.
#[napi]
pub struct Signer(Arc<tailrace_core::request::Signer>);

#[napi]
impl Signer {
    /// A signer; `token` belongs to credentials that are temporary.
    #[napi(constructor)]
    pub fn new(
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
    signer: Option<ClassInstance<'_, Signer>>,
) -> Option<Arc<tailrace_core::request::Signer>> {
    signer.map(|signer| Arc::clone(&signer.0))
}
