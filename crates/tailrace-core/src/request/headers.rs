//! Header precedence and removal.

use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::invalid;
use crate::{
    credentials::{is_secret, wiped},
    error::Error,
};

/// How the text of a header's value becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderText {
    /// UTF-8.
    Utf8,
    /// A byte for each character, which refuses those above U+00FF (`fetch`, and so the official Node package).
    Latin1,
}

impl HeaderText {
    fn encode(self, name: &str, value: &str) -> Result<HeaderValue, Error> {
        let value = value.trim();
        let bytes = match self {
            HeaderText::Latin1 if !value.is_ascii() => {
                let mut bytes = Zeroizing::new(Vec::with_capacity(value.len()));
                for character in value.chars() {
                    bytes.push(u8::try_from(character).map_err(|_| {
                        invalid(format!(
                            "the value of the header {name:?} has a character above U+00FF; encode it, in percent form for example"
                        ))
                    })?);
                }
                bytes
            }
            HeaderText::Utf8 | HeaderText::Latin1 => Zeroizing::new(value.as_bytes().to_vec()),
        };
        let encoded = if is_secret(name) {
            HeaderValue::from_maybe_shared(wiped(bytes)).map(|mut value| {
                value.set_sensitive(true);
                value
            })
        } else {
            HeaderValue::from_bytes(&bytes)
        };
        encoded.map_err(|_| {
            invalid(format!(
                "the value of the header {name:?} has a line break or another control character; remove it"
            ))
        })
    }
}

/// Merges headers given in rising precedence into those that are there; `None` removes what came before.
///
/// A value never appears in an error message: it may be a key.
pub(super) fn merge(
    headers: &mut HeaderMap,
    layers: &[(&str, Option<&str>)],
    text: HeaderText,
) -> Result<(), Error> {
    for (name, value) in layers {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            invalid(format!(
                "the header name {name:?} has a character that HTTP does not allow; use letters, digits and hyphens"
            ))
        })?;
        match value {
            None => {
                headers.remove(header);
            }
            Some(value) => {
                let value = text.encode(name, value)?;
                headers.insert(header, value);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(name: &str, value: Option<&str>) -> Result<HeaderMap, Error> {
        merged_as(HeaderText::Utf8, name, value)
    }

    fn merged_as(text: HeaderText, name: &str, value: Option<&str>) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        merge(&mut headers, &[(name, value)], text)?;
        Ok(headers)
    }

    #[test]
    fn values_that_are_not_ascii() {
        for (text, expected) in [
            (HeaderText::Utf8, &b"\xc3\xa9"[..]),
            (HeaderText::Latin1, &b"\xe9"[..]),
        ] {
            let headers = merged_as(text, "a", Some("é")).unwrap();
            assert_eq!(headers["a"].as_bytes(), expected);
        }
        assert!(merged("a", Some("日")).is_ok());
        let error = merged_as(HeaderText::Latin1, "a", Some("secret 日")).unwrap_err();
        assert!(error.message().contains("U+00FF"));
        assert!(!error.message().contains("secret"));
    }

    #[track_caller]
    fn check(layers: &[(&str, Option<&str>)], expected: &[(&str, &str)]) {
        let mut headers = HeaderMap::new();
        merge(&mut headers, layers, HeaderText::Utf8).unwrap();
        let mut found: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn later_wins_in_any_case() {
        check(
            &[
                ("Accept", Some("a")),
                ("X-One", Some("1")),
                ("accept", Some("b")),
            ],
            &[("accept", "b"), ("x-one", "1")],
        );
    }

    #[test]
    fn none_removes_and_a_later_value_restores() {
        check(&[("a", Some("1")), ("A", None)], &[]);
        check(
            &[("a", Some("1")), ("A", None), ("a", Some("2"))],
            &[("a", "2")],
        );
        check(&[("a", None)], &[]);
    }

    #[test]
    fn a_line_break_is_refused_without_showing_the_value() {
        for value in ["sk-secret\r\nX-Evil: 1", "sk-secret\nx", "sk-secret\0"] {
            let error = merged("Authorization", Some(value)).unwrap_err();
            assert!(error.message().contains("Authorization"));
            assert!(!error.message().contains("secret"));
        }
        assert!(merged("bad name", Some("1")).is_err());
        assert!(merged("", Some("1")).is_err());
    }

    #[test]
    fn surrounding_white_space_is_trimmed() {
        check(&[("a", Some(" 1 "))], &[("a", "1")]);
    }
}
