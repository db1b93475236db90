//! The reader: a state machine over bytes.

use super::{
    Literal, Reason, Sink, SyntaxError,
    number::{Number, Step},
    text::{self, Text, Units},
};

/// What a reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many objects and arrays may be open at once.
    pub max_depth: usize,
    /// Whether `NaN`, `Infinity` and `-Infinity` are numbers, as they are to Python.
    pub non_finite: bool,
    /// Whether halves of pairs may stand in the bytes themselves, three bytes each, as Python writes them with
    /// `surrogatepass`.
    pub surrogates: bool,
    /// Whether the halves of an escaped pair are told one by one, for a host whose texts are made of such units.
    pub halves: bool,
}

impl Options {
    /// JSON by the book, as deep as `max_depth`.
    pub const fn strict(max_depth: usize) -> Self {
        Options {
            max_depth,
            non_finite: false,
            surrogates: false,
            halves: false,
        }
    }
}

/// What a text that goes on ends within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open<'a> {
    /// Between two tokens, or after the value.
    Nothing,
    /// After a value within an object or array, before a comma or closing bracket.
    AfterValue,
    /// A key, of which this has come.
    Key(&'a str),
    /// A string that is a value; its pieces have been told.
    Text,
    /// A number.
    Number {
        /// What has come of it.
        text: &'a str,
        /// Whether it is a number as it stands.
        is_whole: bool,
    },
    /// A literal, of which at least the first letter has come.
    Literal(Literal),
    /// `NaN`, `Infinity` or `-Infinity`, of which at least the first letter has come.
    Word(&'static str),
}

/// Reads one JSON value from bytes that come in pieces.
#[derive(Debug, Clone)]
pub struct Scanner {
    options: Options,
    /// Bytes read.
    offset: usize,
    state: State,
    /// For each open bracket whether it is that of an object.
    open: Vec<bool>,
    /// What has been read of a key, or of a number that began in an earlier piece.
    token: String,
    /// Where the key, number, word or escape began that is being read.
    mark: usize,
    error: Option<SyntaxError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value has to begin.
    Value,
    /// A value has to begin, or the array to end.
    FirstElement,
    /// A key has to begin, or the object to end.
    FirstKey,
    Key,
    Colon,
    /// A comma or the end of the innermost bracket has to come.
    AfterValue,
    /// Only white space may follow.
    End,
    Text {
        is_key: bool,
        text: Text,
    },
    Number(Number),
    Word {
        word: Word,
        read: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Literal(Literal),
    Number(&'static str),
}

impl Word {
    fn spelling(self) -> &'static str {
        match self {
            Word::Literal(Literal::Null) => "null",
            Word::Literal(Literal::True) => "true",
            Word::Literal(Literal::False) => "false",
            Word::Number(spelling) => spelling,
        }
    }
}

impl Scanner {
    /// A reader at the start of a text.
    pub fn new(options: Options) -> Self {
        Scanner {
            options,
            offset: 0,
            state: State::Value,
            open: Vec::new(),
            token: String::new(),
            mark: 0,
            error: None,
        }
    }

    /// Reads the next bytes and tells `sink` what they say. After a failure every call fails alike.
    ///
    /// # Errors
    ///
    /// The first byte after which no text can be JSON. What was read before it has been told.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), SyntaxError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            match self.step(byte, rest, sink) {
                Ok(read) => {
                    self.offset += read;
                    rest = rest.get(read..).unwrap_or_default();
                }
                Err(reason) => return self.fail(reason),
            }
        }
        Ok(())
    }

    /// Says that nothing follows, which is what ends a number that is the whole text.
    ///
    /// # Errors
    ///
    /// [`Reason::Unfinished`] at the end of the text, unless it is a value; the earlier error if there was one.
    pub fn finish(&mut self, sink: &mut impl Sink) -> Result<(), SyntaxError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        match self.state {
            State::Number(number) if number.is_whole() && self.open.is_empty() => {
                sink.number(&self.token, self.mark);
                self.state = State::End;
                Ok(())
            }
            State::End => Ok(()),
            _ => self.fail(Reason::Unfinished),
        }
    }

    /// How many bytes have been read, which is where the error is if there was one.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many objects and arrays are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the value has ended and nothing wrong followed it. A number that is the whole text ends with
    /// [`Scanner::finish`].
    pub fn is_whole(&self) -> bool {
        self.state == State::End && self.error.is_none()
    }

    /// What the bytes so far end within.
    pub fn open(&self) -> Open<'_> {
        match self.state {
            State::Text { is_key: true, .. } => Open::Key(&self.token),
            State::Text { is_key: false, .. } => Open::Text,
            State::Number(number) => Open::Number {
                text: &self.token,
                is_whole: number.is_whole(),
            },
            State::Word { word, .. } => match word {
                Word::Literal(literal) => Open::Literal(literal),
                Word::Number(spelling) => Open::Word(spelling),
            },
            State::AfterValue => Open::AfterValue,
            _ => Open::Nothing,
        }
    }

    fn fail(&mut self, reason: Reason) -> Result<(), SyntaxError> {
        let error = SyntaxError {
            offset: self.offset,
            reason,
        };
        self.error = Some(error);
        Err(error)
    }

    /// Reads some bytes of `rest`, which begins with `byte`, and says how many. None only when the state has changed.
    fn step(&mut self, byte: u8, rest: &[u8], sink: &mut impl Sink) -> Result<usize, Reason> {
        match self.state {
            State::Text { is_key, text } => return self.text(is_key, text, byte, rest, sink),
            State::Number(number) => return self.number(number, rest, sink),
            State::Word { word, read } => return self.word(word, read, rest, sink),
            _ => {}
        }
        if is_space(byte) {
            return Ok(rest.iter().take_while(|byte| is_space(**byte)).count());
        }
        match (self.state, byte) {
            (State::FirstElement, b']') | (State::FirstKey, b'}') => self.close(byte, sink),
            (State::Value | State::FirstElement, _) => return self.value(byte, sink),
            (State::FirstKey | State::Key, b'"') => {
                sink.key_begin(self.offset);
                self.token.clear();
                self.mark = self.offset;
                self.state = State::Text {
                    is_key: true,
                    text: Text::Plain,
                };
            }
            (State::Colon, b':') => self.state = State::Value,
            (State::AfterValue, b',') => {
                self.state = match self.open.last() {
                    Some(true) => State::Key,
                    _ => State::Value,
                };
            }
            (State::AfterValue, b'}') if self.open.last() == Some(&true) => self.close(byte, sink),
            (State::AfterValue, b']') if self.open.last() == Some(&false) => self.close(byte, sink),
            (State::FirstKey | State::Key, _) => return Err(Reason::Key),
            (State::Colon, _) => return Err(Reason::Colon),
            (State::AfterValue, _) => return Err(Reason::Comma),
            _ => return Err(Reason::Trailing),
        }
        Ok(1)
    }

    /// The first byte of a value.
    fn value(&mut self, byte: u8, sink: &mut impl Sink) -> Result<usize, Reason> {
        let at = self.offset;
        self.mark = at;
        match byte {
            b'{' => {
                self.deepen(true)?;
                sink.begin_object(at);
                self.state = State::FirstKey;
            }
            b'[' => {
                self.deepen(false)?;
                sink.begin_array(at);
                self.state = State::FirstElement;
            }
            b'"' => {
                sink.text_begin(at);
                self.state = State::Text {
                    is_key: false,
                    text: Text::Plain,
                };
            }
            b'-' | b'0'..=b'9' => {
                sink.number_begin(at);
                self.token.clear();
                self.state = State::Number(Number::Start);
                return Ok(0);
            }
            b'n' => self.literal(Literal::Null, sink),
            b't' => self.literal(Literal::True, sink),
            b'f' => self.literal(Literal::False, sink),
            b'N' if self.options.non_finite => self.non_finite("NaN", sink),
            b'I' if self.options.non_finite => self.non_finite("Infinity", sink),
            _ => return Err(Reason::Value),
        }
        // The state that a word begins in reads its first byte, too.
        Ok(usize::from(!matches!(self.state, State::Word { .. })))
    }

    fn literal(&mut self, literal: Literal, sink: &mut impl Sink) {
        sink.literal_begin(literal, self.offset);
        self.state = State::Word {
            word: Word::Literal(literal),
            read: 0,
        };
    }

    fn non_finite(&mut self, spelling: &'static str, sink: &mut impl Sink) {
        sink.number_begin(self.offset);
        self.state = State::Word {
            word: Word::Number(spelling),
            read: 0,
        };
    }

    fn deepen(&mut self, is_object: bool) -> Result<(), Reason> {
        let max_depth = self.options.max_depth;
        if self.open.len() >= max_depth {
            return Err(Reason::TooDeep { max_depth });
        }
        self.open.push(is_object);
        Ok(())
    }

    fn close(&mut self, byte: u8, sink: &mut impl Sink) {
        self.open.pop();
        if byte == b'}' {
            sink.end_object(self.offset);
        } else {
            sink.end_array(self.offset);
        }
        self.end_value();
    }

    fn end_value(&mut self) {
        self.state = if self.open.is_empty() {
            State::End
        } else {
            State::AfterValue
        };
    }

    fn number(
        &mut self,
        mut number: Number,
        rest: &[u8],
        sink: &mut impl Sink,
    ) -> Result<usize, Reason> {
        let mut read = 0;
        let mut has_ended = false;
        for &byte in rest {
            match number.step(byte) {
                Step::Next(next) => number = next,
                Step::End => {
                    has_ended = true;
                    break;
                }
                Step::Refused if read == 0 => {
                    if number == Number::Minus && byte == b'I' && self.options.non_finite {
                        self.state = State::Word {
                            word: Word::Number("-Infinity"),
                            read: 1,
                        };
                        return Ok(0);
                    }
                    return Err(match number {
                        Number::Zero => Reason::LeadingZero,
                        _ => Reason::Digit,
                    });
                }
                // The bytes before it count as read, so that the error is at this one.
                Step::Refused => break,
            }
            read += 1;
        }
        // The bytes of a number are ASCII.
        let piece = rest
            .get(..read)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default();
        if !piece.is_empty() {
            sink.number_piece(piece, self.offset);
        }
        self.state = State::Number(number);
        if !has_ended {
            self.token.push_str(piece);
        } else {
            if self.token.is_empty() {
                sink.number(piece, self.mark);
            } else {
                self.token.push_str(piece);
                sink.number(&self.token, self.mark);
            }
            self.end_value();
        }
        Ok(read)
    }

    fn word(
        &mut self,
        word: Word,
        read: usize,
        rest: &[u8],
        sink: &mut impl Sink,
    ) -> Result<usize, Reason> {
        let missing = word.spelling().as_bytes().get(read..).unwrap_or_default();
        let same = missing
            .iter()
            .zip(rest)
            .take_while(|(expected, byte)| expected == byte)
            .count();
        if same == 0 {
            return Err(Reason::Literal);
        }
        if let Word::Number(spelling) = word {
            let piece = spelling.get(read..read + same).unwrap_or_default();
            sink.number_piece(piece, self.offset);
        }
        if same < missing.len() {
            self.state = State::Word {
                word,
                read: read + same,
            };
            return Ok(same);
        }
        match word {
            Word::Literal(literal) => sink.literal(literal, self.mark),
            Word::Number(spelling) => sink.number(spelling, self.mark),
        }
        self.end_value();
        Ok(same)
    }

    fn text(
        &mut self,
        is_key: bool,
        mut text: Text,
        byte: u8,
        rest: &[u8],
        sink: &mut impl Sink,
    ) -> Result<usize, Reason> {
        let (at, options) = (self.offset, self.options);
        let step = if is_key {
            let token = &mut self.token;
            text.step(byte, rest, at, options, &mut Key { sink, token })?
        } else {
            text.step(byte, rest, at, options, &mut Value(sink))?
        };
        match step {
            text::Step::Read(read) => {
                self.state = State::Text { is_key, text };
                Ok(read)
            }
            text::Step::End => {
                if is_key {
                    sink.key(&self.token, self.mark);
                    self.state = State::Colon;
                } else {
                    sink.text_end(at);
                    self.end_value();
                }
                Ok(1)
            }
        }
    }
}

/// The characters of a key.
struct Key<'a, S> {
    sink: &'a mut S,
    token: &'a mut String,
}

impl<S: Sink> Units for Key<'_, S> {
    fn piece(&mut self, piece: &str, at: usize) {
        self.token.push_str(piece);
        self.sink.key_piece(piece, at);
    }

    fn surrogate(&mut self, unit: u16, at: usize) {
        self.token.push('\u{FFFD}');
        self.sink.key_surrogate(unit, at);
    }
}

/// The characters of a string that is a value.
struct Value<'a, S>(&'a mut S);

impl<S: Sink> Units for Value<'_, S> {
    fn piece(&mut self, piece: &str, at: usize) {
        self.0.text(piece, at);
    }

    fn surrogate(&mut self, unit: u16, at: usize) {
        self.0.text_surrogate(unit, at);
    }
}

/// White space of JSON.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
