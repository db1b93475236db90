//! `enum` and `const`: the values that are permitted, found by their beginnings.

use serde_json::{Number, Value};

use super::{
    kind::{Kind, Kinds},
    number::{self, Leading},
};
use crate::json::Literal;

/// The values that a schema permits.
#[derive(Debug)]
pub(super) struct Choices {
    /// The kinds of the values.
    pub(super) kinds: Kinds,
    /// Sorted.
    texts: Vec<String>,
    numbers: Vec<(Number, Leading)>,
    is_true: bool,
    is_false: bool,
    /// `enum` or `const`.
    pub(super) keyword: &'static str,
}

/// The texts that begin with what has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Narrowed {
    first: usize,
    end: usize,
    /// Bytes that have come.
    read: usize,
}

impl Choices {
    pub(super) fn of(values: &[Value], keyword: &'static str) -> Self {
        let mut choices = Choices {
            kinds: Kinds::NONE,
            texts: Vec::new(),
            numbers: Vec::new(),
            is_true: false,
            is_false: false,
            keyword,
        };
        for value in values {
            choices.add(value);
        }
        choices.texts.sort_unstable();
        choices.texts.dedup();
        choices
    }

    fn add(&mut self, value: &Value) {
        self.kinds.add(match value {
            Value::Null => Kind::Null,
            Value::Bool(is_true) => {
                self.is_true |= is_true;
                self.is_false |= !is_true;
                Kind::Bool
            }
            Value::Number(number) => {
                self.numbers.push((number.clone(), Leading::of(number)));
                Kind::Number
            }
            Value::String(text) => {
                self.texts.push(text.clone());
                Kind::Text
            }
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        });
    }

    /// How many values there are to compare with at most.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(super) fn has_literal(&self, literal: Literal) -> bool {
        match literal {
            Literal::Null => self.kinds.has(Kind::Null),
            Literal::True => self.is_true,
            Literal::False => self.is_false,
        }
    }

    pub(super) fn has_number(&self, number: &Number) -> bool {
        self.numbers
            .iter()
            .any(|(permitted, _)| number::order(permitted, number).is_eq())
    }

    /// Whether a number that begins with `written` can be one of the values.
    pub(super) fn allows_number(&self, written: &str) -> bool {
        self.numbers
            .iter()
            .any(|(_, leading)| leading.allows(written))
    }

    /// Every text, when nothing has come.
    pub(super) fn start(&self) -> Narrowed {
        Narrowed {
            first: 0,
            end: self.texts.len(),
            read: 0,
        }
    }

    /// Takes the next characters of a text; the index of the first byte that no text goes on with, if there is one.
    pub(super) fn narrow(&self, narrowed: &mut Narrowed, piece: &str) -> Option<usize> {
        let candidates = self.texts.get(narrowed.first..narrowed.end)?;
        let rest = |text: &String| text.as_bytes().get(narrowed.read..).map(<[u8]>::to_vec);
        let piece = piece.as_bytes();
        let first = candidates.partition_point(|text| tail(text, narrowed.read) < piece);
        let fitting = candidates
            .get(first..)
            .unwrap_or_default()
            .partition_point(|text| tail(text, narrowed.read).starts_with(piece));
        if fitting == 0 {
            // The candidates around the place where the piece would stand share the most with it.
            let around = [first.checked_sub(1), Some(first)];
            let shared = around.into_iter().flatten().filter_map(|index| {
                let text = rest(candidates.get(index)?)?;
                Some(text.iter().zip(piece).take_while(|(a, b)| a == b).count())
            });
            return Some(shared.max().unwrap_or(0));
        }
        narrowed.first += first;
        narrowed.end = narrowed.first + fitting;
        narrowed.read += piece.len();
        None
    }

    /// Whether what has come is one of the texts.
    pub(super) fn is_whole(&self, narrowed: Narrowed) -> bool {
        self.texts
            .get(narrowed.first)
            .is_some_and(|text| text.len() == narrowed.read && narrowed.first < narrowed.end)
    }
}

/// What follows the first `read` bytes.
fn tail(text: &str, read: usize) -> &[u8] {
    text.as_bytes().get(read..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_narrowed_piece_by_piece() {
        let values = json!(["red", "green", "greenish", "grey", ""]);
        let choices = Choices::of(values.as_array().unwrap(), "enum");
        let check = |pieces: &[&str]| {
            let mut narrowed = choices.start();
            for (index, piece) in pieces.iter().enumerate() {
                if let Some(byte) = choices.narrow(&mut narrowed, piece) {
                    return (format!("{index}.{byte}"), false);
                }
            }
            (String::new(), choices.is_whole(narrowed))
        };
        assert_eq!(check(&[]), (String::new(), true));
        assert_eq!(check(&["g"]), (String::new(), false));
        assert_eq!(check(&["gr", "een"]), (String::new(), true));
        assert_eq!(check(&["gr", "een", "ish"]), (String::new(), true));
        assert_eq!(check(&["grex"]), ("0.3".to_owned(), false));
        assert_eq!(check(&["gr", "ow"]), ("1.0".to_owned(), false));
        assert_eq!(check(&["red", "d"]), ("1.0".to_owned(), false));
    }
}
