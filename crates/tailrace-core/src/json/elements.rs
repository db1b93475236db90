//! The elements of one array of a text that goes on, each as soon as it has ended.

use std::ops::Range;

use super::{Literal, Options, Scanner, Sink, SyntaxError};

/// Finds the elements of the array at a path.
#[derive(Debug, Clone)]
pub struct Elements {
    scanner: Scanner,
    finder: Finder,
    /// The text from the start of the element that is open.
    kept: Vec<u8>,
    /// The offset of the first byte of `kept`.
    start: usize,
}

impl Elements {
    /// Looks for the array that these keys and indexes lead to; `*` is any.
    pub fn new(options: Options, path: Vec<String>) -> Self {
        Elements {
            scanner: Scanner::new(options),
            finder: Finder {
                path,
                frames: Vec::new(),
                matched: 0,
                opened: None,
                found: Vec::new(),
            },
            kept: Vec::new(),
            start: 0,
        }
    }

    /// JSON text of each element that these bytes end.
    ///
    /// # Errors
    ///
    /// The first byte that makes the text no JSON, once what ended before it has been handed over: the call after that fails.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, SyntaxError> {
        self.kept.extend_from_slice(bytes);
        let result = self.scanner.push(bytes, &mut self.finder);
        let found = self.finder.found.drain(..).filter_map(|span| {
            let span = span.start.checked_sub(self.start)?..span.end.checked_sub(self.start)?;
            self.kept.get(span).map(<[u8]>::to_vec)
        });
        let found: Vec<_> = found.collect();
        let kept_from = self.finder.opened.unwrap_or(self.scanner.offset());
        let gone = kept_from.saturating_sub(self.start).min(self.kept.len());
        self.kept.drain(..gone);
        self.start += gone;
        match result {
            Err(error) if found.is_empty() => Err(error),
            _ => Ok(found),
        }
    }
}

/// Knows where in the text it is.
#[derive(Debug, Clone)]
struct Finder {
    path: Vec<String>,
    frames: Vec<Frame>,
    /// How many of the open frames lie on the path.
    matched: usize,
    /// Where the element began that is open.
    opened: Option<usize>,
    found: Vec<Range<usize>>,
}

#[derive(Debug, Clone)]
struct Frame {
    /// The next index of an array; none for an object.
    index: Option<usize>,
    /// Whether what is open in it lies on the path.
    is_on_path: bool,
}

impl Finder {
    /// Whether the frame that is open is the array that is looked for.
    fn is_there(&self) -> bool {
        self.matched == self.path.len()
            && self.frames.len() == self.path.len() + 1
            && self
                .frames
                .last()
                .is_some_and(|frame| frame.index.is_some())
    }

    /// A value begins.
    fn begin(&mut self, at: usize) {
        if self.is_there() {
            self.opened = Some(at);
        }
        let depth = self.frames.len();
        let on_path = self.matched + 1 == depth;
        if let Some(frame) = self.frames.last_mut()
            && let Some(index) = &mut frame.index
        {
            let step = self.path.get(depth - 1);
            frame.is_on_path =
                on_path && step.is_some_and(|step| step == "*" || *step == index.to_string());
            *index += 1;
        }
    }

    fn open(&mut self, index: Option<usize>, at: usize) {
        self.begin(at);
        let on_path = match self.frames.last() {
            Some(frame) => frame.is_on_path && self.matched + 1 == self.frames.len(),
            None => false,
        };
        self.matched += usize::from(on_path);
        self.frames.push(Frame {
            index,
            is_on_path: false,
        });
    }

    fn close(&mut self, end: usize) {
        self.frames.pop();
        self.matched = self.matched.min(self.frames.len().saturating_sub(1));
        self.end(end);
    }

    /// A value ends before `end`.
    fn end(&mut self, end: usize) {
        if self.is_there()
            && let Some(start) = self.opened.take()
        {
            self.found.push(start..end);
        }
    }
}

impl Sink for Finder {
    fn begin_object(&mut self, at: usize) {
        self.open(None, at);
    }

    fn key(&mut self, key: &str, _: usize) {
        let depth = self.frames.len();
        let on_path = self.matched + 1 == depth;
        let step = depth.checked_sub(1).and_then(|place| self.path.get(place));
        let is_step = step.is_some_and(|step| step == "*" || step == key);
        if let Some(frame) = self.frames.last_mut() {
            frame.is_on_path = on_path && is_step;
        }
    }

    fn end_object(&mut self, at: usize) {
        self.close(at + 1);
    }

    fn begin_array(&mut self, at: usize) {
        self.open(Some(0), at);
    }

    fn end_array(&mut self, at: usize) {
        self.close(at + 1);
    }

    fn text_begin(&mut self, at: usize) {
        self.begin(at);
    }

    fn text(&mut self, _: &str, _: usize) {}

    fn text_end(&mut self, at: usize) {
        self.end(at + 1);
    }

    fn number_begin(&mut self, at: usize) {
        self.begin(at);
    }

    fn number(&mut self, number: &str, at: usize) {
        self.end(at + number.len());
    }

    fn literal_begin(&mut self, _: Literal, at: usize) {
        self.begin(at);
    }

    fn literal(&mut self, literal: Literal, at: usize) {
        let length = if literal == Literal::False { 5 } else { 4 };
        self.end(at + length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, path: &[&str], expected: &[&str]) {
        for size in 1..=text.len() {
            let path = path.iter().map(|step| (*step).to_owned()).collect();
            let mut elements = Elements::new(Options::strict(20), path);
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                found.extend(elements.push(piece).unwrap_or_default());
                assert!(elements.kept.len() <= text.len());
            }
            let found: Vec<_> = found
                .iter()
                .map(|item| String::from_utf8_lossy(item))
                .collect();
            assert_eq!(found, expected, "{text} in pieces of {size}");
        }
    }

    #[test]
    fn elements_of_the_array_at_the_path_come_as_they_end() {
        check(
            "[1, {\"a\":[2]} ,\"x\"",
            &[],
            &["1", "{\"a\":[2]}", "\"x\""],
        );
        check(
            r#"{"other":[0],"steps":[{"a":"b"}, 2.5 ,null,false],"steps2":[9]}"#,
            &["steps"],
            &[r#"{"a":"b"}"#, "2.5", "null", "false"],
        );
        check(
            r#"{"plan":{"x":{"steps":[8]},"steps":["a","b\"]"]},"steps":[9]}"#,
            &["plan", "steps"],
            &[r#""a""#, r#""b\"]""#],
        );
        check(
            r#"{"a":[{"b":[1,2]},{"b":[3],"c":[7]},[8]]}"#,
            &["a", "*", "b"],
            &["1", "2", "3"],
        );
        check(r#"{"a":[{"b":[1,2]},{"b":[3]}]}"#, &["a", "1", "b"], &["3"]);
        check("[[1,2],[3]]", &["0"], &["1", "2"]);
        check("[[1,2],[3]]", &["*"], &["1", "2", "3"]);
    }

    #[test]
    fn what_is_no_array_or_not_there_has_no_elements() {
        for path in [&["a"][..], &["b"], &["a", "x"], &["*", "*"]] {
            check(r#"{"a":{"x":1},"c":"[1]"}"#, path, &[]);
        }
        check("3 ", &[], &[]);
    }

    #[test]
    fn what_ended_before_an_error_is_handed_over() {
        let mut elements = Elements::new(Options::strict(20), Vec::new());
        assert_eq!(
            elements.push(b"[1,2 x"),
            Ok(vec![b"1".to_vec(), b"2".to_vec()])
        );
        assert!(elements.push(b"3]").is_err());
    }
}
