//! Why a text is no JSON, and from which byte on.

use std::fmt;

/// The first byte that makes a text no JSON: what comes before it could have become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    /// Bytes before it. The length of the text when it ended too early.
    pub offset: usize,
    /// What stood in the way.
    pub reason: Reason,
}

/// What stood in the way of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No value begins like this.
    Value,
    /// A key has to begin here, or the object to end.
    Key,
    /// A colon has to follow the key.
    Colon,
    /// A comma or the end of the object or array has to follow the value.
    Comma,
    /// It is not how `true`, `false` or `null` go on.
    Literal,
    /// A digit has to come here.
    Digit,
    /// A digit follows the zero that a number begins with.
    LeadingZero,
    /// No escape is called that.
    Escape,
    /// One of the four digits of an escape is none.
    HexDigit,
    /// A control character within a string has to be escaped.
    ControlCharacter,
    /// The bytes are no UTF-8.
    Utf8,
    /// Something follows the value.
    Trailing,
    /// It opens one object or array more than the limit allows within each other.
    TooDeep {
        /// The limit.
        max_depth: usize,
    },
    /// The text ended before the value did.
    Unfinished,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Value => "no JSON value begins like this",
            Reason::Key => "a key in double quotes has to come here",
            Reason::Colon => "a colon has to follow the key",
            Reason::Comma => "a comma or a closing bracket has to follow the value",
            Reason::Literal => "of words, JSON knows true, false and null only",
            Reason::Digit => "a digit has to come here",
            Reason::LeadingZero => "a number has no zeros before its first digit",
            Reason::Escape => "no escape of JSON goes on like this",
            Reason::HexDigit => "an escaped character has four hexadecimal digits",
            Reason::ControlCharacter => "a control character within a string has to be escaped",
            Reason::Utf8 => "the bytes are no UTF-8",
            Reason::Trailing => "something follows the JSON value",
            Reason::TooDeep { max_depth } => {
                return write!(f, "more than {max_depth} objects and arrays are open");
            }
            Reason::Unfinished => "the text ends before the JSON value does",
        })
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.reason, self.offset)
    }
}

impl std::error::Error for SyntaxError {}
