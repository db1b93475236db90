//! A JSON text as a value, by the rules that the prefix follows: of members with one name the last counts, what is too large
//! for a float is the largest one, and half of a pair is U+FFFD.

use serde_json::{Map, Value};

use super::number;
use crate::json::{Literal, Options, Scanner, Sink, SyntaxError};

/// The value of a text.
///
/// # Errors
///
/// When it is no JSON.
pub(super) fn read(text: &[u8], options: Options) -> Result<Value, SyntaxError> {
    let mut builder = Builder::default();
    let mut scanner = Scanner::new(options);
    scanner.push(text, &mut builder)?;
    scanner.finish(&mut builder)?;
    Ok(builder.whole.unwrap_or_default())
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    text: String,
    whole: Option<Value>,
}

enum Open {
    Array(Vec<Value>),
    Object {
        members: Map<String, Value>,
        key: String,
    },
}

impl Builder {
    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.whole = Some(value),
            Some(Open::Array(elements)) => elements.push(value),
            Some(Open::Object { members, key }) => {
                members.insert(std::mem::take(key), value);
            }
        }
    }
}

impl Sink for Builder {
    fn begin_object(&mut self, _at: usize) {
        self.open.push(Open::Object {
            members: Map::new(),
            key: String::new(),
        });
    }

    fn key(&mut self, name: &str, _at: usize) {
        if let Some(Open::Object { key, .. }) = self.open.last_mut() {
            name.clone_into(key);
        }
    }

    fn end_object(&mut self, _at: usize) {
        if let Some(Open::Object { members, .. }) = self.open.pop() {
            self.add(Value::Object(members));
        }
    }

    fn begin_array(&mut self, _at: usize) {
        self.open.push(Open::Array(Vec::new()));
    }

    fn end_array(&mut self, _at: usize) {
        if let Some(Open::Array(elements)) = self.open.pop() {
            self.add(Value::Array(elements));
        }
    }

    fn text_begin(&mut self, _at: usize) {
        self.text.clear();
    }

    fn text(&mut self, piece: &str, _at: usize) {
        self.text.push_str(piece);
    }

    fn text_end(&mut self, _at: usize) {
        let text = std::mem::take(&mut self.text);
        self.add(Value::String(text));
    }

    fn number(&mut self, number: &str, _at: usize) {
        self.add(Value::Number(number::parse(number)));
    }

    fn literal(&mut self, literal: Literal, _at: usize) {
        self.add(match literal {
            Literal::Null => Value::Null,
            Literal::True => Value::Bool(true),
            Literal::False => Value::Bool(false),
        });
    }
}

/// Where the value at a JSON pointer ends: the offset of its last byte. The end of the text when there is no such value.
pub(super) fn end_of(text: &[u8], pointer: &str, options: Options) -> usize {
    let mut finder = Finder {
        pointer,
        path: String::new(),
        open: Vec::new(),
        found: None,
    };
    let mut scanner = Scanner::new(options);
    // A text that is no JSON has been refused before.
    let read = scanner
        .push(text, &mut finder)
        .and_then(|()| scanner.finish(&mut finder));
    let last = text.trim_ascii_end().len().saturating_sub(1);
    read.ok().and(finder.found).unwrap_or(last)
}

struct Finder<'p> {
    pointer: &'p str,
    /// Pointer to what is being read.
    path: String,
    /// For each open bracket the length of its path, and the next index in an array.
    open: Vec<(usize, Option<usize>)>,
    found: Option<usize>,
}

impl Finder<'_> {
    fn begin(&mut self) {
        if let Some((length, Some(index))) = self.open.last_mut() {
            self.path.truncate(*length);
            super::reference::push(&mut self.path, &index.to_string());
            *index += 1;
        }
    }

    fn open(&mut self, index: Option<usize>) {
        self.begin();
        self.open.push((self.path.len(), index));
    }

    fn close(&mut self, at: usize) {
        if let Some((length, _)) = self.open.pop() {
            self.path.truncate(length);
        }
        self.end(at);
    }

    fn end(&mut self, at: usize) {
        if self.path == self.pointer {
            // Of members with one name the last counts.
            self.found = Some(at);
        }
    }
}

impl Sink for Finder<'_> {
    fn begin_object(&mut self, _at: usize) {
        self.open(None);
    }

    fn key(&mut self, key: &str, _at: usize) {
        if let Some((length, _)) = self.open.last() {
            self.path.truncate(*length);
            super::reference::push(&mut self.path, key);
        }
    }

    fn end_object(&mut self, at: usize) {
        self.close(at);
    }

    fn begin_array(&mut self, _at: usize) {
        self.open(Some(0));
    }

    fn end_array(&mut self, at: usize) {
        self.close(at);
    }

    fn text_begin(&mut self, _at: usize) {
        self.begin();
    }

    fn text(&mut self, _piece: &str, _at: usize) {}

    fn text_end(&mut self, at: usize) {
        self.end(at);
    }

    fn number(&mut self, number: &str, at: usize) {
        self.begin();
        self.end(at + number.len().saturating_sub(1));
    }

    fn literal(&mut self, literal: Literal, at: usize) {
        self.begin();
        self.end(at + if literal == Literal::False { 4 } else { 3 });
    }
}
