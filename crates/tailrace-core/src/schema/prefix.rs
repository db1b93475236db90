//! A text that arrives in pieces, judged after each.

use super::{
    Schema, Violation,
    engine::{Engine, Follow},
};
use crate::json::{Options, Scanner, SyntaxError};

/// A text so far, and whether it can still become an instance of a schema.
///
/// After a violation every call returns it again.
pub struct Prefix<'s> {
    schema: &'s Schema,
    state: State,
}

/// A [`Prefix`] without its schema, for those that own both.
pub struct State {
    options: Options,
    scanner: Scanner,
    engine: Engine,
    /// What has come, for the whole document.
    text: Vec<u8>,
    is_judged: bool,
    violation: Option<Violation>,
}

impl<'s> Prefix<'s> {
    pub(super) fn new(schema: &'s Schema, options: Options) -> Self {
        Prefix {
            schema,
            state: State::new(schema, options),
        }
    }

    /// Takes the next bytes; the violation if no text that begins so is valid.
    pub fn push(&mut self, bytes: &[u8]) -> Option<&Violation> {
        self.state.push(self.schema, bytes)
    }

    /// Says that nothing follows; the violation if the text is not valid.
    pub fn finish(&mut self) -> Option<&Violation> {
        self.state.finish(self.schema)
    }
}

impl State {
    /// The state at the start of a text; `schema` is that of all calls.
    pub fn new(schema: &Schema, options: Options) -> Self {
        let options = schema.bounded(options);
        State {
            options,
            scanner: Scanner::new(options),
            engine: Engine::default(),
            text: Vec::new(),
            is_judged: false,
            violation: None,
        }
    }

    /// As [`Prefix::push`].
    pub fn push(&mut self, schema: &Schema, bytes: &[u8]) -> Option<&Violation> {
        if self.violation.is_none() {
            self.text.extend_from_slice(bytes);
            let mut follow = Follow {
                plan: &schema.plan,
                engine: &mut self.engine,
            };
            let read = self.scanner.push(bytes, &mut follow);
            follow.pause();
            self.settle(schema, read);
        }
        self.violation.as_ref()
    }

    /// As [`Prefix::finish`].
    pub fn finish(&mut self, schema: &Schema) -> Option<&Violation> {
        if self.violation.is_none() {
            let mut follow = Follow {
                plan: &schema.plan,
                engine: &mut self.engine,
            };
            let read = self.scanner.finish(&mut follow);
            self.settle(schema, read);
        }
        self.violation.as_ref()
    }

    fn settle(&mut self, schema: &Schema, read: Result<(), SyntaxError>) {
        let is_open = !self.engine.is_whole() && self.engine.rejection().is_none();
        if is_open && read.is_ok() {
            return;
        }
        self.violation = match (self.engine.rejection(), read) {
            (Some(rejection), _) => Some(Violation {
                pointer: rejection.pointer.clone(),
                offset: rejection.offset,
                reason: rejection.fault.reason(&schema.plan, &rejection.name),
                schema_path: rejection.fault.schema_path(&schema.plan),
            }),
            (None, Err(error)) => Some(Violation {
                pointer: self.engine.pointer(),
                offset: error.offset,
                reason: error.reason.to_string(),
                schema_path: String::new(),
            }),
            (None, Ok(())) if self.engine.is_whole() && !self.is_judged => {
                self.is_judged = true;
                match self.engine.is_unknown() {
                    true => schema.whole_violation(&self.text, self.options),
                    false => None,
                }
            }
            (None, Ok(())) => None,
        };
    }
}
