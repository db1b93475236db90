//! JSON schemas, of whole texts and of texts that arrive in pieces.

use std::sync::Arc;

use napi::{Error, Result};
use napi_derive::napi;
use tailrace_core::{
    json::Options,
    schema::{self, MAX_DEPTH, State},
};

use crate::guard::guard;

/// JSON as `JSON.parse` reads it.
const JSON: Options = Options::strict(MAX_DEPTH);

/// Why a text is no instance of a schema.
#[napi(object)]
pub struct Violation {
    /// JSON pointer into the text.
    pub pointer: String,
    /// In bytes of UTF-8.
    pub offset: f64,
    /// One sentence.
    pub reason: String,
    /// JSON pointer into the schema.
    pub schema_path: String,
}

/// A compiled schema.
#[napi]
pub struct Schema(Arc<schema::Schema>);

#[napi]
impl Schema {
    /// Compiles the JSON text of a schema; an error when it is none or beyond a limit.
    #[napi(constructor)]
    pub fn new(json: String) -> Result<Self> {
        guard(|| match schema::Schema::compile(&json) {
            Ok(schema) => Ok(Schema(Arc::new(schema))),
            Err(error) => Err(Error::from_reason(error.to_string())),
        })
    }

    /// The violation of a whole text, if there is one.
    #[napi]
    pub fn violation(&self, text: String) -> Result<Option<Violation>> {
        guard(|| {
            Ok(self
                .0
                .violation(text.as_bytes(), JSON)
                .as_ref()
                .map(members))
        })
    }

    /// The start of a text that arrives in pieces.
    #[napi]
    pub fn prefix(&self) -> Prefix {
        Prefix {
            schema: Arc::clone(&self.0),
            state: State::new(&self.0, JSON),
        }
    }
}

/// A text so far.
#[napi]
pub struct Prefix {
    schema: Arc<schema::Schema>,
    state: State,
}

#[napi]
impl Prefix {
    /// Takes the next characters; the violation if no text that begins so is valid, from then on with every call.
    #[napi]
    pub fn push(&mut self, text: String) -> Result<Option<Violation>> {
        guard(|| Ok(self.state.push(&self.schema, text.as_bytes()).map(members)))
    }

    /// Says that nothing follows; the violation if the text is not valid.
    #[napi]
    pub fn finish(&mut self) -> Result<Option<Violation>> {
        guard(|| Ok(self.state.finish(&self.schema).map(members)))
    }
}

/// Offsets are exact: no text has 2^53 bytes.
#[allow(clippy::cast_precision_loss, reason = "see above")]
fn members(violation: &schema::Violation) -> Violation {
    Violation {
        pointer: violation.pointer.clone(),
        offset: violation.offset as f64,
        reason: violation.reason.clone(),
        schema_path: violation.schema_path.clone(),
    }
}
