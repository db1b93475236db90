//! The value of a text that goes on: what of its end counts before it has ended.

use super::{Literal, Open, Options, Reason, Scanner, Sink, SyntaxError};

/// What counts of a text that goes on. The official packages differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What the reader takes.
    pub scanner: Options,
    /// What becomes of a number whose end is not known.
    pub number: OpenNumber,
    /// Whether the first letters of a word stand for the word.
    pub half_words: bool,
    /// What ends the growth without being an error.
    pub tolerance: Tolerance,
}

/// What becomes of a number whose end is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenNumber {
    /// It counts as far as it is one.
    AsFarAsItGoes,
    /// Within an object or array it counts when a comma or closing bracket follows it; outside, as far as it is one.
    WhenFollowed,
}

/// Which errors leave the value before them in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerance {
    /// Something after a value that is neither a comma nor a closing bracket.
    AfterValue,
    /// Any error within an object or array, and something after a value that is no number.
    WithinBrackets,
}

/// Reads a text that goes on, and says at any time what its value is.
#[derive(Debug, Clone)]
pub struct Growth {
    rules: Rules,
    scanner: Scanner,
    /// A number that counts when a comma or closing bracket follows it, and where it began.
    held: Option<(String, usize)>,
    /// Whether a value has begun, and whether it was a number.
    has_begun: bool,
    is_number: bool,
    error: Option<SyntaxError>,
}

/// What there is of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Nothing that counts yet.
    Nothing,
    /// What the sink was told, and at the end of it this.
    Value(Tail<'a>),
    /// The text is no JSON.
    Broken(SyntaxError),
}

/// What follows what the sink was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail<'a> {
    /// Nothing.
    Nothing,
    /// The string whose pieces the sink was told.
    Text,
    /// A number.
    Number(&'a str),
    /// A literal.
    Literal(Literal),
}

impl Growth {
    /// The start of a text.
    pub fn new(rules: Rules) -> Self {
        Growth {
            rules,
            scanner: Scanner::new(rules.scanner),
            held: None,
            has_begun: false,
            is_number: false,
            error: None,
        }
    }

    /// Reads the next bytes. What follows an error is not looked at.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        if self.error.is_some() {
            return;
        }
        let mut told = Told {
            holds: self.rules.number == OpenNumber::WhenFollowed,
            depth: self.scanner.depth(),
            held: &mut self.held,
            has_begun: &mut self.has_begun,
            is_number: &mut self.is_number,
            sink,
        };
        let result = self.scanner.push(bytes, &mut told);
        // A comma has come, whatever is wrong after it.
        if self.scanner.open() != Open::AfterValue {
            told.release();
        }
        self.error = result.err();
    }

    /// What there is of the value now.
    pub fn standing(&self) -> Standing<'_> {
        if let Some(error) = self.error {
            return self.after(error);
        }
        let is_within = self.scanner.depth() > 0;
        let tail = match self.scanner.open() {
            Open::Text => Tail::Text,
            Open::Number { text, is_whole }
                if is_whole && (self.rules.number == OpenNumber::AsFarAsItGoes || !is_within) =>
            {
                Tail::Number(text)
            }
            Open::Literal(literal) if self.rules.half_words => Tail::Literal(literal),
            Open::Word(spelling) if self.rules.half_words => Tail::Number(spelling),
            _ if !is_within && !self.scanner.is_whole() => {
                // A word or a number that is the whole text has begun, but does not count.
                return match (self.has_begun, self.rules.tolerance) {
                    (true, Tolerance::WithinBrackets) => Standing::Broken(SyntaxError {
                        offset: self.scanner.offset(),
                        reason: Reason::Unfinished,
                    }),
                    _ => Standing::Nothing,
                };
            }
            _ => Tail::Nothing,
        };
        Standing::Value(tail)
    }

    /// How many objects and arrays are open.
    pub fn depth(&self) -> usize {
        self.scanner.depth()
    }

    /// The first byte that makes the text no JSON, whether or not the value before it stays.
    pub fn error(&self) -> Option<SyntaxError> {
        self.error
    }

    fn after(&self, error: SyntaxError) -> Standing<'_> {
        let stays = match (self.rules.tolerance, error.reason) {
            (_, Reason::TooDeep { .. }) => false,
            (Tolerance::AfterValue, reason) => {
                matches!(reason, Reason::Comma | Reason::Trailing)
            }
            (Tolerance::WithinBrackets, Reason::Trailing) => !self.is_number,
            (Tolerance::WithinBrackets, _) => self.scanner.depth() > 0,
        };
        if stays {
            Standing::Value(Tail::Nothing)
        } else {
            Standing::Broken(error)
        }
    }
}

/// The sink of the growth's reader, which holds back a number whose end is not known.
struct Told<'a, S> {
    holds: bool,
    depth: usize,
    held: &'a mut Option<(String, usize)>,
    has_begun: &'a mut bool,
    is_number: &'a mut bool,
    sink: &'a mut S,
}

impl<S: Sink> Told<'_, S> {
    fn release(&mut self) {
        if let Some((number, at)) = self.held.take() {
            self.sink.number(&number, at);
        }
    }

    fn begin(&mut self) {
        *self.has_begun = true;
        self.release();
    }
}

impl<S: Sink> Sink for Told<'_, S> {
    fn begin_object(&mut self, at: usize) {
        self.begin();
        self.depth += 1;
        self.sink.begin_object(at);
    }

    fn key_begin(&mut self, at: usize) {
        self.release();
        self.sink.key_begin(at);
    }

    fn key_piece(&mut self, piece: &str, at: usize) {
        self.sink.key_piece(piece, at);
    }

    fn key_surrogate(&mut self, unit: u16, at: usize) {
        self.sink.key_surrogate(unit, at);
    }

    fn key(&mut self, key: &str, at: usize) {
        self.sink.key(key, at);
    }

    fn end_object(&mut self, at: usize) {
        self.release();
        self.depth = self.depth.saturating_sub(1);
        self.sink.end_object(at);
    }

    fn begin_array(&mut self, at: usize) {
        self.begin();
        self.depth += 1;
        self.sink.begin_array(at);
    }

    fn end_array(&mut self, at: usize) {
        self.release();
        self.depth = self.depth.saturating_sub(1);
        self.sink.end_array(at);
    }

    fn text_begin(&mut self, at: usize) {
        self.begin();
        self.sink.text_begin(at);
    }

    fn text(&mut self, piece: &str, at: usize) {
        self.sink.text(piece, at);
    }

    fn text_surrogate(&mut self, unit: u16, at: usize) {
        self.sink.text_surrogate(unit, at);
    }

    fn text_end(&mut self, at: usize) {
        self.sink.text_end(at);
    }

    fn number_begin(&mut self, at: usize) {
        self.begin();
        *self.is_number = self.depth == 0;
        self.sink.number_begin(at);
    }

    fn number(&mut self, number: &str, at: usize) {
        if self.holds && self.depth > 0 {
            *self.held = Some((number.to_owned(), at));
        } else {
            self.sink.number(number, at);
        }
    }

    fn literal_begin(&mut self, literal: Literal, at: usize) {
        self.begin();
        self.sink.literal_begin(literal, at);
    }

    fn literal(&mut self, literal: Literal, at: usize) {
        self.sink.literal(literal, at);
    }
}
