//! Header precedence and removal.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::invalid;
use crate::error::Error;

/// Merges headers given in rising precedence into those that are there; `None` removes what came before.
///
/// A value never appears in an error message: it may be a key.
pub(super) fn merge(headers: &mut HeaderMap, layers: &[(&str, Option<&str>)]) -> Result<(), Error> {
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
                let value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| {
                    invalid(format!(
                        "the value of the header {name:?} has a line break or another control character; remove it"
                    ))
                })?;
                headers.insert(header, value);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(layers: &[(&str, Option<&str>)], expected: &[(&str, &str)]) {
        let mut headers = HeaderMap::new();
        merge(&mut headers, layers).unwrap();
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
            let error =
                merge(&mut HeaderMap::new(), &[("Authorization", Some(value))]).unwrap_err();
            assert!(error.message().contains("Authorization"));
            assert!(!error.message().contains("secret"));
        }
        assert!(merge(&mut HeaderMap::new(), &[("bad name", Some("1"))]).is_err());
        assert!(merge(&mut HeaderMap::new(), &[("", Some("1"))]).is_err());
    }

    #[test]
    fn surrounding_white_space_is_trimmed() {
        check(&[("a", Some(" 1 "))], &[("a", "1")]);
    }
}
