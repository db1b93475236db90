//! What is wrong with a text, and what is wrong with a schema.

use std::fmt;

/// Why a text, however it goes on, is no instance of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) to the value or member, in the text.
    pub pointer: String,
    /// Bytes before the first one that left no way to a valid text.
    pub offset: usize,
    /// One sentence without a full stop.
    pub reason: String,
    /// JSON pointer to the keyword that refuses, in the schema. Empty when the text is no JSON.
    pub schema_path: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.pointer.as_str() {
            "" => "the whole text",
            pointer => pointer,
        };
        write!(f, "{place}, byte {}: {}", self.offset, self.reason)?;
        match self.schema_path.as_str() {
            "" => Ok(()),
            path => write!(f, " ({path} of the schema)"),
        }
    }
}

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// JSON pointer into the schema, as far as it is known.
    pub schema_path: String,
    /// One sentence without a full stop.
    pub reason: String,
}

impl SchemaError {
    pub(super) fn new(schema_path: impl Into<String>, reason: impl Into<String>) -> Self {
        SchemaError {
            schema_path: schema_path.into(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.schema_path.as_str() {
            "" => write!(f, "the schema cannot be used: {}", self.reason),
            path => write!(f, "the schema cannot be used: {} (at {path})", self.reason),
        }
    }
}

impl std::error::Error for SchemaError {}
