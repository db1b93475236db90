//! A failed call as plain data. No class is chosen here.

use napi::Result;
use napi_derive::napi;
use serde_json::{Value, json};
use tailrace_core::{error::Received, request::Request, sse::Event};

use crate::{guard::guard, pending::Reply};

/// A call that failed.
#[napi]
pub struct Failure {
    error: tailrace_core::error::Error,
    request: Option<Request>,
    elapsed: f64,
}

#[napi]
impl Failure {
    /// JSON text: `code`, `message`, `causes` (outermost first), `attempts`, `elapsed` in seconds and, for
    /// `timed_out`, `phase`, `limit`, `allowed` in seconds and `events`, those of the stream that came before;
    /// for a failure that ended an event stream, `received`.
    #[napi]
    pub fn data(&self) -> Result<String> {
        guard(|| Ok(described(&self.error, self.elapsed).to_string()))
    }

    /// The response of a `status` failure.
    #[napi]
    pub fn reply(&self) -> Result<Option<Reply>> {
        guard(|| {
            Ok(self.error.response().map(|(head, body)| {
                let retries = self.error.attempts().saturating_sub(1);
                Reply::rejected(head.clone(), body.clone(), self.request.clone(), retries)
            }))
        })
    }
}

impl From<tailrace_client::Failure> for Failure {
    fn from(failure: tailrace_client::Failure) -> Self {
        Failure {
            error: failure.error,
            request: failure.request,
            elapsed: failure.elapsed.as_secs_f64(),
        }
    }
}

/// What [`Failure::data`] says, as JSON.
pub(crate) fn described(error: &tailrace_core::error::Error, elapsed: f64) -> Value {
    let passed = error.passed();
    json!({
        "code": error.code().as_str(),
        "message": error.message(),
        "phase": passed.map(|passed| passed.phase.as_str()),
        "limit": passed.map(|passed| passed.limit.as_str()),
        "allowed": passed.and_then(|passed| passed.allowed).map(|allowed| allowed.as_secs_f64()),
        "events": passed.map_or(0, |passed| passed.events),
        "causes": error.causes(),
        "attempts": error.attempts(),
        "elapsed": elapsed,
        "received": error.received().map(arrived),
    })
}

/// What of an event stream had arrived, as JSON.
pub(crate) fn arrived(received: &Received) -> Value {
    let named = |event: &Event| {
        json!([
            String::from_utf8_lossy(&event.name),
            String::from_utf8_lossy(&event.data)
        ])
    };
    json!({
        "events": received.events,
        "bytes": received.bytes,
        "first": received.first.as_ref().map(named),
        "last": received.last.as_ref().map(named),
    })
}
