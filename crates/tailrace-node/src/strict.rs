//! JSON schemas in their strict form.

use napi::{Result, bindgen_prelude::Either};
use napi_derive::napi;
use tailrace_core::schema::strict::{self, Form};

use crate::guard::guard;

/// Why a schema has no strict form.
#[napi(object)]
#[allow(
    unreachable_pub,
    reason = "what is exported to JavaScript must be public"
)]
pub struct StrictFault {
    /// The kind of fault, by which JavaScript picks its error.
    pub kind: String,
    /// What is wrong, and where.
    pub message: String,
}

/// The strict form of a JSON schema as text, or why it has none.
#[napi]
#[allow(
    unreachable_pub,
    reason = "what is exported to JavaScript must be public"
)]
#[cfg_attr(
    test,
    allow(dead_code, reason = "a build for tests exports nothing to JavaScript")
)]
pub fn strict_schema(schema: String) -> Result<Either<String, StrictFault>> {
    guard(|| {
        Ok(match strict::rewrite(&schema, Form::Required) {
            Ok(text) => Either::A(text),
            Err(fault) => Either::B(StrictFault {
                kind: fault.kind().to_owned(),
                message: fault.to_string(),
            }),
        })
    })
}
