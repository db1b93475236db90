//! Why a schema has no strict form.

use std::fmt;

/// Why a schema has no strict form. `path` says where in the schema: names of members and numbers of items from the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is not JSON.
    NotJson {
        /// Bytes before the fault.
        offset: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Something else stands where a schema belongs.
    NotASchema {
        /// Where.
        path: Vec<String>,
        /// What stands there, as JSON.
        found: String,
    },
    /// A reference is not a string.
    ReferenceNotText {
        /// Where.
        path: Vec<String>,
        /// What it is, as JSON.
        found: String,
    },
    /// A reference does not point into the schema itself.
    ReferenceNotLocal {
        /// Where.
        path: Vec<String>,
        /// The reference.
        reference: String,
    },
    /// A reference points to nothing.
    ReferenceMissing {
        /// Where.
        path: Vec<String>,
        /// The reference.
        reference: String,
        /// The first name on its way that is not there.
        name: String,
    },
    /// A reference points to something that is not an object.
    ReferenceNotObject {
        /// Where.
        path: Vec<String>,
        /// The reference.
        reference: String,
        /// What it was looked for in, as JSON.
        found: String,
    },
    /// Something has no strict form.
    Unsupported {
        /// Where.
        path: Vec<String>,
        /// What, and why, as a sentence.
        message: String,
    },
    /// Something is not of the type that it should be.
    Mistyped {
        /// Where.
        path: Vec<String>,
        /// What, and what it should be, as a sentence.
        message: String,
    },
    /// References with other keywords beside them go round in a circle, so that they cannot be inlined.
    Circular {
        /// Where the circle was noticed.
        path: Vec<String>,
    },
    /// The schema nests too deeply.
    TooDeep,
    /// The strict form would be too large.
    TooLarge,
}

impl Fault {
    /// A name for the kind of fault, by which a host picks its exception.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::NotJson { .. } => "not_json",
            Fault::NotASchema { .. } => "not_a_schema",
            Fault::ReferenceNotText { .. } => "reference_not_text",
            Fault::ReferenceNotLocal { .. } => "reference_not_local",
            Fault::ReferenceMissing { .. } => "reference_missing",
            Fault::ReferenceNotObject { .. } => "reference_not_object",
            Fault::Unsupported { .. } => "unsupported",
            Fault::Mistyped { .. } => "mistyped",
            Fault::Circular { .. } => "circular",
            Fault::TooDeep => "too_deep",
            Fault::TooLarge => "too_large",
        }
    }

    /// Where in the schema; empty for the root and for what concerns all of it.
    #[must_use]
    pub fn path(&self) -> &[String] {
        match self {
            Fault::NotASchema { path, .. }
            | Fault::ReferenceNotText { path, .. }
            | Fault::ReferenceNotLocal { path, .. }
            | Fault::ReferenceMissing { path, .. }
            | Fault::ReferenceNotObject { path, .. }
            | Fault::Unsupported { path, .. }
            | Fault::Mistyped { path, .. }
            | Fault::Circular { path } => path,
            Fault::NotJson { .. } | Fault::TooDeep | Fault::TooLarge => &[],
        }
    }

    /// What stands where something else belongs, as JSON.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        match self {
            Fault::NotASchema { found, .. }
            | Fault::ReferenceNotText { found, .. }
            | Fault::ReferenceNotObject { found, .. } => Some(found),
            _ => None,
        }
    }

    /// The reference that is at fault.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        match self {
            Fault::ReferenceNotLocal { reference, .. }
            | Fault::ReferenceMissing { reference, .. }
            | Fault::ReferenceNotObject { reference, .. } => Some(reference),
            _ => None,
        }
    }

    /// The name that a reference misses.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Fault::ReferenceMissing { name, .. } => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Place(self.path());
        match self {
            Fault::NotJson { offset, reason } => {
                write!(to, "the schema is not JSON: {reason} at byte {offset}")
            }
            Fault::NotASchema { found, .. } => {
                write!(to, "{place} is {}, which is no schema object", short(found))
            }
            Fault::ReferenceNotText { found, .. } => {
                write!(to, "the reference at {place} is {}, no text", short(found))
            }
            Fault::ReferenceNotLocal { reference, .. } => write!(
                to,
                "the reference '{reference}' at {place} does not start with #/; define what it means under $defs"
            ),
            Fault::ReferenceMissing {
                reference, name, ..
            } => write!(
                to,
                "the reference '{reference}' at {place} points to nothing: there is no '{name}'"
            ),
            Fault::ReferenceNotObject { reference, .. } => write!(
                to,
                "the reference '{reference}' at {place} points to something that is no schema object"
            ),
            Fault::Unsupported { message, .. } | Fault::Mistyped { message, .. } => {
                to.write_str(message)
            }
            Fault::Circular { .. } => write!(
                to,
                "the reference at {place} has other keywords beside it and leads back to itself, so that it cannot be \
                 inlined; leave the reference alone there"
            ),
            Fault::TooDeep => write!(
                to,
                "the schema nests more than {} levels deep",
                super::tree::MOST_DEPTH
            ),
            Fault::TooLarge => write!(
                to,
                "the schema grows too large when its references are inlined; leave the references alone"
            ),
        }
    }
}

impl std::error::Error for Fault {}

/// A path as a JSON pointer after `#`, or the root in words.
struct Place<'p>(&'p [String]);

impl fmt::Display for Place<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return to.write_str("the root of the schema");
        }
        to.write_str("#")?;
        for step in self.0 {
            write!(to, "/{}", step.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// At most 60 characters of a text.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
