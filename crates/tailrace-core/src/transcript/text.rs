//! Text in units of UTF-16: a surrogate pair may come in two pieces, and hosts have texts with one half only.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// White space as JavaScript has it, and the hyphen: what stands between words.
const GAPS: &[char] = &[
    '-', '\t', '\n', '\u{b}', '\u{c}', '\r', ' ', '\u{a0}', '\u{1680}', '\u{2028}', '\u{2029}',
    '\u{202f}', '\u{205f}', '\u{3000}', '\u{feff}',
];

/// What may stand around the words.
const AROUND: &[char] = &[
    ' ', '!', '"', '\'', '(', ')', ',', '.', ':', ';', '?', '[', ']', '{', '}',
];

/// The ranges of letters and numbers, in order.
static WORD: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let parsed = regex_syntax::parse(r"[\p{L}\p{N}]").ok();
    match parsed.map(regex_syntax::hir::Hir::into_kind) {
        Some(HirKind::Class(Class::Unicode(class))) => class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        _ => Vec::new(),
    }
});

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(Vec<u16>);

impl Text {
    /// The units in order.
    pub fn units(&self) -> &[u16] {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn append(&mut self, other: &Text) {
        self.0.extend_from_slice(&other.0);
    }

    /// The same after something that was left out: two words do not become one.
    pub(super) fn append_apart(&mut self, other: &Text) {
        let ends_in_word = self.last().is_some_and(is_word);
        if ends_in_word && other.characters().next().flatten().is_some_and(is_word) {
            self.0.push(u16::from(b' '));
        }
        self.append(other);
    }

    /// In small letters, with one space between words and nothing around them.
    pub(super) fn normalized(&self) -> String {
        let replaced = self
            .characters()
            .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER));
        let small = replaced.collect::<String>().to_lowercase();
        let mut text = String::with_capacity(small.len());
        for character in small.chars() {
            if !is_gap(character) {
                text.push(character);
            } else if !text.ends_with(' ') {
                text.push(' ');
            }
        }
        text.trim_matches(AROUND).to_owned()
    }

    fn characters(&self) -> impl Iterator<Item = Option<char>> {
        char::decode_utf16(self.0.iter().copied()).map(Result::ok)
    }

    fn last(&self) -> Option<char> {
        let pair = self.0.get(self.0.len().saturating_sub(2)..)?;
        char::decode_utf16(pair.iter().copied()).last()?.ok()
    }
}

impl From<Vec<u16>> for Text {
    fn from(units: Vec<u16>) -> Self {
        Text(units)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.encode_utf16().collect())
    }
}

fn is_gap(character: char) -> bool {
    GAPS.contains(&character) || ('\u{2000}'..='\u{200a}').contains(&character)
}

fn is_word(character: char) -> bool {
    let after = WORD.partition_point(|&(start, _)| start <= character);
    let range = after.checked_sub(1).and_then(|place| WORD.get(place));
    range.is_some_and(|&(_, end)| character <= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_hyphens_and_what_stands_around_them() {
        for (text, normalized) in [
            ("Mm-hmm.", "mm hmm"),
            ("  (yes) !", "yes"),
            ("mm - \u{a0}hmm", "mm hmm"),
            ("\u{feff}YEAH\u{feff}", "yeah"),
            ("\u{85}yeah", "\u{85}yeah"),
            ("yes\u{2019}", "yes\u{2019}"),
            ("a , b", "a , b"),
            ("İ", "i\u{307}"),
            ("--", ""),
        ] {
            assert_eq!(Text::from(text).normalized(), normalized, "{text:?}");
        }
    }

    #[test]
    fn a_space_is_put_between_letters_and_numbers_only() {
        for (before, after, joined) in [
            ("你好", "世界", "你好 世界"),
            ("Ⅻ", "½", "Ⅻ ½"),
            ("x😀", "y", "x😀y"),
            ("a", "\u{301}b", "a\u{301}b"),
            ("𝐀", "𝐁", "𝐀 𝐁"),
            ("", "b", "b"),
            ("a ", "b", "a b"),
        ] {
            let mut text = Text::from(before);
            text.append_apart(&Text::from(after));
            assert_eq!(text, Text::from(joined), "{before:?} {after:?}");
        }
    }

    #[test]
    fn halves_of_a_surrogate_pair_meet_again() {
        let mut text = Text::from(vec![0xd83d]);
        text.append_apart(&Text::from(vec![0xde00]));
        assert_eq!(text, Text::from("😀"));
        assert_eq!(Text::from(vec![0xd83d]).normalized(), "\u{fffd}");
    }
}
