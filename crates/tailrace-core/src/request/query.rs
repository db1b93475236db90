//! A nested query, written as both official packages write it: `a[]=1&a[]=2` for lists, `a[b]=1` for objects.

use std::fmt::Write as _;

use jiter::JsonValue;

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

/// Encodes the members of a JSON object.
pub(super) fn encode(json: &[u8], style: QueryStyle) -> Result<String, Error> {
    let value = JsonValue::parse(json, true)
        .map_err(|error| invalid(format!("the query is no JSON ({error}); pass an object")))?;
    let JsonValue::Object(members) = &value else {
        return Err(invalid(
            "the query is not an object; pass names and values".to_owned(),
        ));
    };
    let mut encoder = Encoder {
        out: String::new(),
        style,
    };
    for (name, value) in members.iter() {
        encoder.write(name, value);
    }
    Ok(encoder.out)
}

struct Encoder {
    out: String,
    style: QueryStyle,
}

impl Encoder {
    fn write(&mut self, name: &str, value: &JsonValue<'_>) {
        match value {
            JsonValue::Array(items) => {
                let name = format!("{name}[]");
                for item in items.iter() {
                    self.write(&name, item);
                }
            }
            JsonValue::Object(members) => {
                for (key, value) in members.iter() {
                    self.write(&format!("{name}[{key}]"), value);
                }
            }
            JsonValue::Null => {
                if self.style.null == NullQuery::Empty {
                    self.pair(name, "");
                }
            }
            JsonValue::Bool(flag) => self.pair(name, if *flag { "true" } else { "false" }),
            JsonValue::Int(number) => self.pair(name, &number.to_string()),
            JsonValue::BigInt(number) => self.pair(name, &number.to_string()),
            JsonValue::Float(number) => self.pair(name, &number.to_string()),
            JsonValue::Str(text) => self.pair(name, text),
        }
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
    fn nothing_gives_nothing() {
        check(PYTHON, "{}", "");
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        for json in ["[]", "1", "", "{"] {
            assert!(encode(json.as_bytes(), PYTHON).is_err(), "{json}");
        }
    }
}
