//! Texts that are written in pieces when they are long.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, SeqAccess, Visitor};

/// Reads a text that is one string, or an array of strings that belong together.
///
/// A long type is an array so that a member that comes or goes is one line of a diff.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Pieces)
}

struct Pieces;

impl<'de> Visitor<'de> for Pieces {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or an array of its pieces")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<String, A::Error> {
        let mut whole = String::new();
        while let Some(piece) = pieces.next_element::<String>()? {
            whole.push_str(&piece);
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text;

    #[test]
    fn a_text_is_a_string_or_its_pieces() {
        assert_eq!(text(json!("List[A]")).expect("a string"), "List[A]");
        let pieces = json!(["Union[", "A, ", "B", "]"]);
        assert_eq!(text(pieces).expect("an array"), "Union[A, B]");
    }

    #[test]
    fn anything_else_is_refused() {
        for value in [json!(1), json!(null), json!({"a": "b"}), json!(["a", 1])] {
            assert!(text(value.clone()).is_err(), "{value}");
        }
    }
}
