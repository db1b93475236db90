//! The inside of a string: plain characters, escapes, and pairs of escapes that are one character.

use memchr::memchr2;

use super::{
    Options, Reason,
    character::{Character, Read},
};

/// A run of plain bytes is looked at in pieces of at most this size, so that bytes that end a piece early (halves of pairs)
/// do not have the rest of a long run looked at again.
const RUN: usize = 4096;

/// Up to this length a loop finds the end of a run sooner than `memchr` does.
const SHORT: usize = 16;

/// How far a string has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Plain,
    /// Within a character of more than one byte that began at `at`.
    Character {
        character: Character,
        at: usize,
    },
    /// After the backslash at `at`.
    Escape {
        high: Option<High>,
        at: usize,
    },
    /// After `\u` and as many digits as `digits`.
    Unit {
        high: Option<High>,
        at: usize,
        digits: u8,
        unit: u16,
    },
    /// After an escape that may be the first half of a pair.
    High(High),
}

/// The first half of a pair, and where its escape began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct High {
    unit: u16,
    at: usize,
}

/// Takes the characters of a string.
pub(super) trait Units {
    fn piece(&mut self, piece: &str, at: usize);
    fn surrogate(&mut self, unit: u16, at: usize);

    fn character(&mut self, character: char, at: usize) {
        self.piece(character.encode_utf8(&mut [0; 4]), at);
    }
}

/// What a step did.
pub(super) enum Step {
    /// It read this many bytes; none only when the state has changed.
    Read(usize),
    /// The next byte is the closing quote.
    End,
}

impl Text {
    /// Reads some bytes of `rest`, which begins with `byte` at the offset `at` of the text.
    pub(super) fn step(
        &mut self,
        byte: u8,
        rest: &[u8],
        at: usize,
        options: Options,
        units: &mut impl Units,
    ) -> Result<Step, Reason> {
        match *self {
            Text::Plain => return self.plain(byte, rest, at, units),
            Text::Character {
                mut character,
                at: start,
            } => {
                *self = match character.push(byte, options.surrogates) {
                    Read::More => Text::Character {
                        character,
                        at: start,
                    },
                    Read::Whole(text) => {
                        units.piece(text, start);
                        Text::Plain
                    }
                    Read::Surrogate(unit) => {
                        units.surrogate(unit, start);
                        Text::Plain
                    }
                    Read::Refused => return Err(Reason::Utf8),
                };
            }
            Text::High(high) => {
                if byte != b'\\' {
                    units.surrogate(high.unit, high.at);
                    *self = Text::Plain;
                    return Ok(Step::Read(0));
                }
                *self = Text::Escape {
                    high: Some(high),
                    at,
                };
            }
            Text::Escape { high, at: start } => {
                if byte == b'u' {
                    *self = Text::Unit {
                        high,
                        at: start,
                        digits: 0,
                        unit: 0,
                    };
                    return Ok(Step::Read(1));
                }
                let character = escaped(byte).ok_or(Reason::Escape)?;
                if let Some(high) = high {
                    units.surrogate(high.unit, high.at);
                }
                units.character(character, start);
                *self = Text::Plain;
            }
            Text::Unit {
                high,
                at: start,
                digits,
                unit,
            } => {
                let digit = hex(byte).ok_or(Reason::HexDigit)?;
                let unit = (unit << 4) | digit;
                *self = if digits < 3 {
                    Text::Unit {
                        high,
                        at: start,
                        digits: digits + 1,
                        unit,
                    }
                } else {
                    Text::unit(high, High { unit, at: start }, options, units)
                };
            }
        }
        Ok(Step::Read(1))
    }

    fn plain(
        &mut self,
        byte: u8,
        rest: &[u8],
        at: usize,
        units: &mut impl Units,
    ) -> Result<Step, Reason> {
        match byte {
            b'"' => return Ok(Step::End),
            b'\\' => {
                *self = Text::Escape { high: None, at };
                return Ok(Step::Read(1));
            }
            ..b' ' => return Err(Reason::ControlCharacter),
            _ => {}
        }
        let run = plain_run(rest);
        let piece = match std::str::from_utf8(run) {
            Ok(piece) => piece,
            Err(error) => run
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default(),
        };
        if piece.is_empty() {
            let character = Character::begin(byte).ok_or(Reason::Utf8)?;
            *self = Text::Character { character, at };
            return Ok(Step::Read(1));
        }
        units.piece(piece, at);
        Ok(Step::Read(piece.len()))
    }

    /// The state after an escape that is a whole unit of UTF-16.
    fn unit(high: Option<High>, unit: High, options: Options, units: &mut impl Units) -> Text {
        let code = u32::from(unit.unit);
        if let Some(high) = high {
            if let 0xDC00..0xE000 = code {
                let pair = 0x10000 + ((u32::from(high.unit) - 0xD800) << 10) + (code - 0xDC00);
                units.character(char::from_u32(pair).unwrap_or('\u{FFFD}'), high.at);
                return Text::Plain;
            }
            units.surrogate(high.unit, high.at);
        }
        match (char::from_u32(code), code) {
            (Some(character), _) => units.character(character, unit.at),
            (None, 0xD800..0xDC00) if !options.halves => return Text::High(unit),
            (None, _) => units.surrogate(unit.unit, unit.at),
        }
        Text::Plain
    }
}

/// The bytes before the first quote, backslash or control character, as far as is looked at once.
fn plain_run(rest: &[u8]) -> &[u8] {
    let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
    let short = rest
        .iter()
        .take(SHORT)
        .take_while(|byte| is_plain(byte))
        .count();
    if short < SHORT {
        return rest.get(..short).unwrap_or_default();
    }
    let rest = rest.get(..RUN).unwrap_or(rest);
    let run = rest
        .get(..memchr2(b'"', b'\\', rest).unwrap_or(rest.len()))
        .unwrap_or_default();
    // The fold has no early end, so that it is done many bytes at a time.
    if run.iter().fold(false, |found, byte| found | (*byte < b' ')) {
        let length = run.iter().take_while(|byte| is_plain(byte)).count();
        return run.get(..length).unwrap_or_default();
    }
    run
}

fn escaped(byte: u8) -> Option<char> {
    Some(match byte {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    })
}

fn hex(byte: u8) -> Option<u16> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u16::try_from(digit).ok())
}
