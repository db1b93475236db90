//! A nested query, written as both official packages write it: `a[]=1&a[]=2` for lists, `a[b]=1` for objects.

use std::fmt::Write as _;

use jiter::{Jiter, JiterResult, Peek};

use super::invalid;
use crate::error::Error;

/// How a null is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullQuery {
    /// Not at all (the official Python package).
    Skip,
    /// As an empty value (the official Node package).
    Empty,
}

/// How a space is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// `+`, as an HTML form does (the official Python package).
    Plus,
    /// `%20` (the official Node package).
    Percent,
}

/// Where the official packages differ in writing a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryStyle {
    /// How a null is written.
    pub null: NullQuery,
    /// How a space is written.
    pub space: Space,
}

/// Encodes the members of a JSON object. Numbers keep the digits that the host wrote, which are those of its language.
pub(super) fn encode(json: &[u8], style: QueryStyle) -> Result<String, Error> {
    let mut encoder = Encoder {
        json: Jiter::new(json).with_allow_inf_nan(),
        out: String::new(),
        style,
    };
    encoder.document().map_err(|error| {
        invalid(format!(
            "the query is no JSON object ({error}); pass names and values"
        ))
    })?;
    Ok(encoder.out)
}

struct Encoder<'j> {
    json: Jiter<'j>,
    out: String,
    style: QueryStyle,
}

impl Encoder<'_> {
    fn document(&mut self) -> JiterResult<()> {
        let mut key = self.json.next_object()?.map(str::to_owned);
        while let Some(name) = key {
            self.value(&name)?;
            key = self.json.next_key()?.map(str::to_owned);
        }
        self.json.finish()
    }

    fn value(&mut self, name: &str) -> JiterResult<()> {
        match self.json.peek()? {
            Peek::Array => {
                let name = format!("{name}[]");
                let mut next = self.json.known_array()?;
                while next.is_some() {
                    self.value(&name)?;
                    next = self.json.array_step()?;
                }
            }
            Peek::Object => {
                let mut key = self
                    .json
                    .known_object()?
                    .map(|key| format!("{name}[{key}]"));
                while let Some(member) = key {
                    self.value(&member)?;
                    key = self.json.next_key()?.map(|key| format!("{name}[{key}]"));
                }
            }
            Peek::Null => {
                self.json.known_null()?;
                if self.style.null == NullQuery::Empty {
                    self.pair(name, "");
                }
            }
            peek @ (Peek::True | Peek::False) => {
                let flag = self.json.known_bool(peek)?;
                self.pair(name, if flag { "true" } else { "false" });
            }
            Peek::String => {
                let text = self.json.known_str()?.to_owned();
                self.pair(name, &text);
            }
            peek => {
                let digits = self.json.known_number_bytes(peek)?.to_owned();
                self.pair(name, &String::from_utf8_lossy(&digits));
            }
        }
        Ok(())
    }

    fn pair(&mut self, name: &str, value: &str) {
        if !self.out.is_empty() {
            self.out.push('&');
        }
        self.escape(name);
        self.out.push('=');
        self.escape(value);
    }

    /// Percent-encodes everything but the unreserved characters of RFC 3986.
    fn escape(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.out.push(char::from(byte));
                }
                b' ' if self.style.space == Space::Plus => self.out.push('+'),
                _ => {
                    // Writing to a string cannot fail.
                    let _ = write!(self.out, "%{byte:02X}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: QueryStyle = QueryStyle {
        null: NullQuery::Skip,
        space: Space::Plus,
    };
    const NODE: QueryStyle = QueryStyle {
        null: NullQuery::Empty,
        space: Space::Percent,
    };

    #[track_caller]
    fn check(style: QueryStyle, json: &str, expected: &str) {
        assert_eq!(encode(json.as_bytes(), style).unwrap(), expected);
    }

    #[test]
    fn the_two_styles_as_the_official_packages_send_them() {
        let json = r#"{"a":[1,2],"n":{"x":null,"y":true,"z":[{"k":"v"}]},"s":"é&=~*'()+/ ","e":"","f":1.5,"l":[]}"#;
        check(
            PYTHON,
            json,
            "a%5B%5D=1&a%5B%5D=2&n%5By%5D=true&n%5Bz%5D%5B%5D%5Bk%5D=v&s=%C3%A9%26%3D~%2A%27%28%29%2B%2F+&e=&f=1.5",
        );
        check(
            NODE,
            json,
            "a%5B%5D=1&a%5B%5D=2&n%5Bx%5D=&n%5By%5D=true&n%5Bz%5D%5B%5D%5Bk%5D=v&s=%C3%A9%26%3D~%2A%27%28%29%2B%2F%20&e=&f=1.5",
        );
    }

    #[test]
    fn numbers_keep_their_digits() {
        check(
            PYTHON,
            r#"{"a":1e+16,"b":1e-07,"c":1.0,"d":100000000000000000000,"e":-3}"#,
            "a=1e%2B16&b=1e-07&c=1.0&d=100000000000000000000&e=-3",
        );
    }

    #[test]
    fn nothing_gives_nothing() {
        check(PYTHON, "{}", "");
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        for json in ["[]", "1", "", "{", "{} x", r#"{"a":}"#] {
            assert!(encode(json.as_bytes(), PYTHON).is_err(), "{json}");
        }
    }
}
