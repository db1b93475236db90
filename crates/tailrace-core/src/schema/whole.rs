//! Whole documents, by the `jsonschema` crate, and what bounds a schema.

use jsonschema::{Draft, PatternOptions, Resource, Validator};
use serde_json::Value;

use super::{Prefix, SchemaError, Violation, compile, document, nesting, node::Plan};
use crate::json::Options;

/// How deep a document may be: as deep as Python's `json` reads by default.
pub const MAX_DEPTH: usize = 990;
/// Bytes of the text of a schema. The largest that the API takes has 120,000 characters of names and values.
const MAX_BYTES: usize = 16 << 20;
/// Objects and booleans within a schema, each perhaps a schema.
const MAX_SCHEMAS: usize = 100_000;
/// Patterns in a schema.
const MAX_PATTERNS: usize = 1000;
/// Bytes that one compiled pattern may take, about, and what all of them together may.
const PATTERN_BYTES: usize = 1 << 20;
/// Steps of a pattern that looks around: a millisecond or so.
const BACKTRACKS: usize = 100_000;

/// How often the validator may call itself, within a megabyte of stack or so.
const MAX_CALLS: usize = 4000;
/// How deep `serde_json` reads.
const QUICK_DEPTH: usize = 128;
/// Schemas that may follow each other about one value.
const MAX_CHAIN: usize = 500;
/// Schemas that one value may be judged by, one that is reached on two ways counted twice: those of any list of branches that
/// is compiled, and a fraction of a second.
const MAX_WAYS: u64 = 250_000;

/// A compiled schema.
pub struct Schema {
    pub(super) plan: Plan,
    validator: Validator,
    /// How deep a document may be at most: less than [`MAX_DEPTH`] where the schema asks much of each value.
    max_depth: usize,
}

impl Schema {
    /// Compiles the text of a schema.
    ///
    /// # Errors
    ///
    /// When it is no JSON, no schema, refers to what is not in it, or is beyond a limit.
    pub fn compile(schema: &str) -> Result<Self, SchemaError> {
        Schema::compile_with(schema, &[])
    }

    /// The same with other documents that it may refer to, each as its URI and its text; they are
    /// of 2020-12 unless they say so.
    ///
    /// # Errors
    ///
    /// As [`Schema::compile`].
    pub fn compile_with(schema: &str, resources: &[(&str, &str)]) -> Result<Self, SchemaError> {
        let schema = parse(schema)?;
        let mut documents = Vec::new();
        for (uri, resource) in resources {
            documents.push((*uri, parse(resource)?));
        }
        let all = documents.iter().map(|(uri, resource)| (*uri, resource));
        let all: Vec<(&str, &Value)> = std::iter::once(("", &schema)).chain(all).collect();
        let nesting = nesting::measure(&all);
        if nesting.longest > MAX_CHAIN {
            let reason = format!(
                "{} of its schemas refer to each other about one value, more than the {MAX_CHAIN} that are compiled",
                nesting.longest
            );
            return Err(SchemaError::new("", reason));
        }
        if nesting.ways > MAX_WAYS {
            let reason = format!(
                "one value would be judged {} times, because its schemas refer to each other on so many ways; {MAX_WAYS} are permitted",
                nesting.ways
            );
            return Err(SchemaError::new("", reason));
        }
        let mut registry = jsonschema::Registry::new();
        for (uri, resource) in documents {
            registry = registry
                .add(uri, Resource::from_contents(resource))
                .map_err(|error| SchemaError::new("", error.to_string()))?;
        }
        let registry = registry
            .prepare()
            .map_err(|error| SchemaError::new("", error.to_string()))?;
        let mut options = jsonschema::options()
            .offline()
            .should_validate_formats(false)
            .with_pattern_options(
                PatternOptions::fancy_regex()
                    .backtrack_limit(BACKTRACKS)
                    .size_limit(PATTERN_BYTES)
                    .dfa_size_limit(PATTERN_BYTES),
            )
            .with_registry(&registry);
        if schema.get("$schema").is_none() {
            options = options.with_draft(Draft::Draft202012);
        }
        let validator = options.build(&schema).map_err(|error| {
            SchemaError::new(
                error.instance_path().as_str(),
                error.masked_with("it").to_string(),
            )
        })?;
        Ok(Schema {
            plan: compile::compile(&schema),
            validator,
            max_depth: MAX_CALLS / (nesting.longest + 2),
        })
    }

    /// The violation of a whole text, if there is one.
    pub fn violation(&self, text: &[u8], options: Options) -> Option<Violation> {
        let options = self.bounded(options);
        if self.max_depth >= QUICK_DEPTH
            // One look at all bytes takes less than one at those of each string.
            && let Ok(checked) = std::str::from_utf8(text)
            && let Ok(document) = serde_json::from_str::<Value>(checked)
            && self.validator.is_valid(&document)
        {
            return None;
        }
        // What is not valid is read again, to say where it stopped being so.
        let mut prefix = self.prefix(options);
        prefix.push(text);
        match prefix.finish() {
            Some(violation) if !self.is_saved(text, violation, options) => Some(violation.clone()),
            _ => self.whole_violation(text, options),
        }
    }

    /// The start of a text that will arrive in pieces.
    pub fn prefix(&self, options: Options) -> Prefix<'_> {
        Prefix::new(self, options)
    }

    /// The options with the depth that the schema allows.
    pub(super) fn bounded(&self, options: Options) -> Options {
        Options {
            max_depth: options.max_depth.min(self.max_depth),
            ..options
        }
    }

    /// Whether a text that a prefix refuses is valid as a whole, because a later member with the same name takes the place of
    /// the refused one.
    fn is_saved(&self, text: &[u8], violation: &Violation, options: Options) -> bool {
        !violation.schema_path.is_empty()
            && document::read(text, options)
                .is_ok_and(|document| self.validator.is_valid(&document))
    }

    /// What the validator says of a text.
    pub(super) fn whole_violation(&self, text: &[u8], options: Options) -> Option<Violation> {
        let options = self.bounded(options);
        let document = match document::read(text, options) {
            Ok(document) => document,
            Err(error) => {
                return Some(Violation {
                    pointer: String::new(),
                    offset: error.offset,
                    reason: error.reason.to_string(),
                    schema_path: String::new(),
                });
            }
        };
        if self.validator.is_valid(&document) {
            return None;
        }
        let error = self.validator.validate(&document).err()?;
        let pointer = error.instance_path().as_str().to_owned();
        Some(Violation {
            offset: document::end_of(text, &pointer, options),
            reason: error.masked_with("it").to_string(),
            schema_path: error.schema_path().as_str().to_owned(),
            pointer,
        })
    }
}

/// The JSON of a schema, within the limits.
fn parse(schema: &str) -> Result<Value, SchemaError> {
    if schema.len() > MAX_BYTES {
        let reason = format!(
            "its text has {} bytes, more than the {MAX_BYTES} that are compiled",
            schema.len()
        );
        return Err(SchemaError::new("", reason));
    }
    let schema: Value = serde_json::from_str(schema).map_err(|error| {
        SchemaError::new("", format!("it is no JSON that can be read: {error}"))
    })?;
    let mut count = Count::default();
    count.add(&schema);
    if count.schemas > MAX_SCHEMAS {
        let reason = format!(
            "it has {} objects, more than the {MAX_SCHEMAS} that are compiled",
            count.schemas
        );
        return Err(SchemaError::new("", reason));
    }
    if count.patterns > MAX_PATTERNS {
        let reason = format!(
            "it has {} patterns, more than the {MAX_PATTERNS} that are compiled",
            count.patterns
        );
        return Err(SchemaError::new("", reason));
    }
    Ok(schema)
}

/// What there is in a schema.
#[derive(Default)]
struct Count {
    schemas: usize,
    patterns: usize,
}

impl Count {
    fn add(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                self.schemas += 1;
                for (name, member) in members {
                    self.patterns += match (name.as_str(), member) {
                        ("pattern", Value::String(_)) => 1,
                        ("patternProperties", Value::Object(patterns)) => patterns.len(),
                        _ => 0,
                    };
                    self.add(member);
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.add(element)),
            Value::Bool(_) => self.schemas += 1,
            _ => {}
        }
    }
}
