//! What is handed over to JavaScript at once: a string with one JSON array.
//!
//! The last element of the array holds the segments, one for each call or stream that has something to say:
//! `[id]` for one that has to be asked, `[id, drained, count, kind, run, kind, run, ...]` for a stream. `drained` is 1 when the
//! stream had nothing more. The other elements are the events of all segments in order, `count` of them for each: `run`
//! events of a `kind` follow each other. Kind 0 is an event's data as it came. Kind `n` > 0 is an event that fits the
//! stream's pattern `n - 1`, of which only the values of the gaps are there, an element each. Kind `-n` is no event but one
//! element that defines pattern `n - 1`: an array of its example and of the path to each gap.
//!
//! A carriage return comes before each comma between elements. Event data holds none and JSON strings may not, so that the
//! elements can be told apart when data that is no JSON spoils the array.

use std::{cell::RefCell, io::Write as _};

use napi::{Env, JsString, Result};
use tailrace_core::pattern::{Fit, Patterns};

/// A batch with at most one wide byte in this many is turned into ASCII.
const WIDE_SHARE: usize = 16;

/// One huge event must not stay allocated for ever.
const KEPT_BYTES: usize = 256 * 1024;

thread_local! {
    /// Where batches are put together: one per JavaScript thread, as many streams may be open.
    static SCRATCH: RefCell<Batch> = RefCell::default();
}

/// A batch that is being put together.
#[derive(Default)]
pub(crate) struct Batch {
    text: Vec<u8>,
    wide: usize,
    segments: Vec<u8>,
    /// The events of the segment that is being written: kind and number.
    runs: Vec<(i64, u32)>,
    count: usize,
    /// Someone may ask for a text with wide characters as it came.
    is_exact: bool,
}

/// The batch that `fill` puts together.
pub(crate) fn write<'env>(env: &'env Env, fill: impl FnOnce(&mut Batch)) -> Result<JsString<'env>> {
    SCRATCH.with_borrow_mut(|batch| {
        batch.clear();
        fill(batch);
        batch.finish(env)
    })
}

impl Batch {
    /// The bytes that it has so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// A segment of something that has to be asked.
    pub(crate) fn announce(&mut self, id: u32) {
        self.segment(format_args!("[{id}]"));
    }

    /// Adds an event to the segment that is being written.
    pub(crate) fn event(&mut self, data: &[u8], patterns: &mut Patterns) {
        let place = match patterns.fit(data) {
            Fit::Not => {
                self.run(0);
                return self.element(data);
            }
            Fit::Known(place) => place,
            Fit::New(place) => {
                self.define(place, patterns);
                place
            }
        };
        self.run(kind(place));
        for value in patterns.values() {
            self.element(data.get(value.clone()).unwrap_or_default());
        }
    }

    /// Adds the data of an event as it came to the segment that is being written.
    pub(crate) fn whole(&mut self, data: &[u8]) {
        self.run(0);
        self.element(data);
    }

    /// The same with text that JavaScript may tell as it came, which the batch must have so.
    pub(crate) fn exact(&mut self, data: &[u8]) {
        let before = self.wide;
        self.whole(data);
        self.is_exact |= self.wide > before;
    }

    /// Ends the segment of a stream.
    pub(crate) fn stream(&mut self, id: u32, is_drained: bool) {
        let count = std::mem::take(&mut self.count);
        self.segment(format_args!("[{id},{},{count}", u8::from(is_drained)));
        for (kind, run) in self.runs.drain(..) {
            // Writing to a vector cannot fail.
            let _ = write!(self.segments, ",{kind},{run}");
        }
        self.segments.push(b']');
    }

    fn define(&mut self, place: usize, patterns: &Patterns) {
        let Some(pattern) = patterns.pattern(place) else {
            return;
        };
        self.run(-kind(place));
        let mut definition = vec![b'['];
        definition.extend_from_slice(pattern.example());
        for path in pattern.paths() {
            definition.push(b',');
            definition.extend_from_slice(path.as_bytes());
        }
        definition.push(b']');
        self.element(&definition);
    }

    fn run(&mut self, kind: i64) {
        match self.runs.last_mut() {
            Some((last, run)) if *last == kind => *run += 1,
            _ => self.runs.push((kind, 1)),
        }
    }

    fn element(&mut self, text: &[u8]) {
        // Asking for ASCII reads words; only what is not is counted byte by byte.
        if !text.is_ascii() {
            self.wide += text.iter().filter(|byte| !byte.is_ascii()).count();
        }
        self.text.extend_from_slice(text);
        self.text.extend_from_slice(b"\r,");
        self.count += 1;
    }

    fn segment(&mut self, text: std::fmt::Arguments<'_>) {
        if !self.segments.is_empty() {
            self.segments.push(b',');
        }
        let _ = self.segments.write_fmt(text);
    }

    fn clear(&mut self) {
        self.text.clear();
        self.text.push(b'[');
        self.segments.clear();
        self.runs.clear();
        (self.wide, self.count, self.is_exact) = (0, 0, false);
    }

    fn finish<'env>(&mut self, env: &'env Env) -> Result<JsString<'env>> {
        self.text.push(b'[');
        self.text.append(&mut self.segments);
        self.text.extend_from_slice(b"]]");
        // One wide character would make the whole batch a two-byte string, which takes V8 half as long again to parse.
        let string = if self.wide == 0 {
            env.create_string_latin1(&self.text)
        } else if !self.is_exact
            && self.wide <= self.text.len() / WIDE_SHARE
            && let Some(text) = ascii(&self.text)
        {
            env.create_string_latin1(text)
        } else {
            env.create_string(String::from_utf8_lossy(&self.text))
        };
        self.text.shrink_to(KEPT_BYTES);
        string
    }
}

fn kind(place: usize) -> i64 {
    i64::try_from(place).map_or(0, |place| place + 1)
}

/// JSON text with what is not ASCII written as `\uXXXX`, which stands for the same inside JSON strings. Anywhere else neither
/// form is JSON, but behind a backslash, where only the second would be: `None` for such a text.
fn ascii(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 4);
    for chunk in text.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
            let (plain, wide) = rest.split_at(at);
            if plain.ends_with('\\') {
                return None;
            }
            out.extend_from_slice(plain.as_bytes());
            let mut characters = wide.chars();
            if let Some(character) = characters.next() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            rest = characters.as_str();
        }
        out.extend_from_slice(rest.as_bytes());
    }
    Some(out)
}
