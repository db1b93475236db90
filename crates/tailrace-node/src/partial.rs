//! JSON text that goes on, told to JavaScript as edits of its value.
//!
//! Building a value through N-API costs a call for each part of it, so that a piece of text crosses once, and what it says
//! comes back as one text: JSON of an array in which an operation is followed by what it needs.
//!
//! | operation | argument | |
//! |--:|---|---|
//! | 0, 1 | | an object, an array begins |
//! | 2 | | the innermost one ends |
//! | 3 | text | the key of what comes next |
//! | 4 | value | a number or literal |
//! | 5 | text | `NaN` or an infinity |
//! | 6 | | a string begins |
//! | 7 | text | the string goes on |
//! | 8 | | the string is taken back: it is none |
//! | 9 | value | this counts as if it came next, until more comes |
//! | 10 | text | the same for `NaN` and infinities |
//! | 11 | text | the text is no JSON, for this reason |
//! | 12 | | nothing has come yet |
//! | 13 | | the last string has not ended |

use std::fmt::Write as _;

use napi::{
    Error, Result,
    bindgen_prelude::{Either, Null, Utf16String},
};
use napi_derive::napi;
use tailrace_core::json::{Elements, Growth, Literal, Sink, Standing, Tail};

use crate::{guard::guard, options};

/// Reads JSON text that goes on.
#[napi]
pub struct JsonEdits {
    growth: Growth,
    /// What has come of the key that is open, as JSON without its quotes.
    key: String,
}

#[napi]
#[allow(
    clippy::new_without_default,
    reason = "the constructor is for JavaScript, which has no Default"
)]
impl JsonEdits {
    /// A text of which nothing has come.
    #[napi(constructor)]
    pub fn new() -> Self {
        JsonEdits {
            growth: Growth::new(options::GROWTH),
            key: String::new(),
        }
    }

    /// What the next piece says, as edits; null when it is nothing but the next characters of the string that is open.
    #[napi]
    pub fn push(&mut self, piece: Utf16String) -> Result<Either<String, Null>> {
        guard(|| {
            let bytes = utf8(&piece);
            let was_text = self.growth.standing() == Standing::Value(Tail::Text);
            let mut edits = Edits {
                is_in_text: was_text,
                key: std::mem::take(&mut self.key),
                input: bytes.clone(),
                ..Edits::default()
            };
            self.growth.push(&bytes, &mut edits);
            self.key = std::mem::take(&mut edits.key);
            let standing = self.growth.standing();
            let is_text = standing == Standing::Value(Tail::Text);
            if was_text && is_text && edits.is_text && edits.text_bytes == bytes.len() {
                return Ok(Either::B(Null));
            }
            if edits.is_in_text && !is_text {
                edits.operation(8);
            }
            edits.standing(standing);
            edits.out.insert(0, '[');
            edits.out.push(']');
            Ok(Either::A(edits.out))
        })
    }
}

/// Finds the elements of one array of JSON text that goes on.
#[napi]
pub struct JsonElements(Elements);

#[napi]
impl JsonElements {
    /// Looks for the array that these keys and indexes lead to; `*` is any.
    #[napi(constructor)]
    pub fn new(path: Vec<String>) -> Self {
        JsonElements(Elements::new(options::GROWTH.scanner, path))
    }

    /// JSON text of each element that this piece ends; an error when the text is no JSON, once what ended before has been handed over.
    #[napi]
    pub fn push(&mut self, piece: Utf16String) -> Result<Vec<String>> {
        guard(|| {
            let found = self.0.push(&utf8(&piece));
            let found = found.map_err(|error| Error::from_reason(error.to_string()))?;
            Ok(found
                .iter()
                .map(|element| String::from_utf8_lossy(element).into_owned())
                .collect())
        })
    }
}

/// Edits that are being written.
#[derive(Default)]
struct Edits {
    out: String,
    /// What is read.
    input: Vec<u8>,
    /// Whether nothing has been told but characters of one string as they are written, and how many bytes they have.
    is_text: bool,
    text_bytes: usize,
    /// Whether a string has begun or gone on, and not ended.
    is_in_text: bool,
    /// The key that is open, as JSON without its quotes.
    key: String,
}

impl Edits {
    fn operation(&mut self, code: u8) {
        self.is_text = false;
        if !self.out.is_empty() {
            self.out.push(',');
        }
        let _ = write!(self.out, "{code}");
    }

    fn with(&mut self, code: u8, json: &str) {
        self.operation(code);
        self.out.push(',');
        self.out.push_str(json);
    }

    fn number_or(&mut self, finite: u8, number: &str) {
        if number.ends_with(|last: char| last.is_ascii_digit()) {
            self.with(finite, number);
        } else {
            self.with(finite + 1, &json(number));
        }
    }

    fn standing(&mut self, standing: Standing<'_>) {
        match standing {
            Standing::Nothing => self.operation(12),
            Standing::Value(Tail::Nothing) => {}
            Standing::Value(Tail::Text) => self.operation(13),
            Standing::Value(Tail::Number(number)) => self.number_or(9, number),
            Standing::Value(Tail::Literal(literal)) => self.with(9, word(literal)),
            Standing::Broken(error) => {
                let reason = format!(
                    "The text is no JSON from byte {} on: {}.",
                    error.offset, error.reason
                );
                self.with(11, &json(&reason));
            }
        }
    }
}

impl Sink for Edits {
    fn begin_object(&mut self, _: usize) {
        self.operation(0);
    }

    fn key_begin(&mut self, _: usize) {
        self.key.clear();
    }

    fn key_piece(&mut self, piece: &str, _: usize) {
        let escaped = json(piece);
        let inner = escaped
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        self.key.push_str(inner.unwrap_or_default());
    }

    fn key_surrogate(&mut self, unit: u16, _: usize) {
        let _ = write!(self.key, "\\u{unit:04x}");
    }

    fn key(&mut self, _: &str, _: usize) {
        let key = format!("\"{}\"", self.key);
        self.with(3, &key);
    }

    fn end_object(&mut self, _: usize) {
        self.operation(2);
    }

    fn begin_array(&mut self, _: usize) {
        self.operation(1);
    }

    fn end_array(&mut self, _: usize) {
        self.operation(2);
    }

    fn text_begin(&mut self, _: usize) {
        self.is_in_text = true;
        self.operation(6);
    }

    fn text(&mut self, piece: &str, _: usize) {
        let end = self.text_bytes + piece.len();
        let is_written = self.input.get(self.text_bytes..end) == Some(piece.as_bytes());
        let is_text = is_written && (self.is_text || self.out.is_empty());
        self.text_bytes = end;
        self.with(7, &json(piece));
        self.is_text = is_text;
    }

    fn text_surrogate(&mut self, unit: u16, _: usize) {
        self.with(7, &format!("\"\\u{unit:04x}\""));
    }

    fn text_end(&mut self, _: usize) {
        self.is_in_text = false;
    }

    fn number(&mut self, number: &str, _: usize) {
        self.number_or(4, number);
    }

    fn literal(&mut self, literal: Literal, _: usize) {
        self.with(4, word(literal));
    }
}

fn word(literal: Literal) -> &'static str {
    match literal {
        Literal::Null => "null",
        Literal::True => "true",
        Literal::False => "false",
    }
}

/// A text as JSON.
fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// UTF-8, halves of pairs as three bytes each.
fn utf8(text: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for unit in char::decode_utf16(text.iter().copied()) {
        match unit {
            Ok(character) => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Err(half) => {
                let [high, low] = half.unpaired_surrogate().to_be_bytes();
                bytes.extend_from_slice(&[
                    0xE0 | (high >> 4),
                    0x80 | ((high & 0x0F) << 2) | (low >> 6),
                    0x80 | (low & 0x3F),
                ]);
            }
        }
    }
    bytes
}
