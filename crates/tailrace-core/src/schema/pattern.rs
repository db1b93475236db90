//! `pattern` and the patterns of `patternProperties`, matched while a string comes.
//!
//! A pattern becomes a table of states: the time for a byte is constant, whatever the pattern, and a state from which no
//! match can be reached says so. What has no such table, or too large a one, is decided at the end by the other engine.

use regex_automata::{
    Anchored,
    dfa::{Automaton, StartKind, dense},
    nfa::thompson,
    util::{primitives::StateID, start, syntax},
};
use regex_syntax::hir::Look;

/// Bytes that a table may have, and that making it may take. Patterns of real schemas need a hundredth of it.
const TABLE_BYTES: usize = 1 << 19;
/// Bytes of the automaton that a table is made of.
const AUTOMATON_BYTES: usize = 1 << 20;

/// A pattern that can be followed byte by byte.
pub(super) struct Pattern {
    table: dense::DFA<Vec<u32>>,
    start: StateID,
}

/// How far a pattern has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// It depends on what follows.
    Open(StateID),
    /// It has matched, whatever follows.
    Matched,
    /// The table cannot tell; another engine has to.
    Unknown,
}

impl Pattern {
    /// The table of a pattern of ECMA-262; `None` when there is none within the limits.
    pub(super) fn compile(source: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(source).ok()?;
        let hir = regex_syntax::parse(&translated).ok()?;
        // Only a match that must begin at the start can be known to be impossible before the end.
        let is_anchored = hir.properties().look_set_prefix().contains(Look::Start);
        let (kind, anchored) = match is_anchored {
            true => (StartKind::Anchored, Anchored::Yes),
            false => (StartKind::Unanchored, Anchored::No),
        };
        let table = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(kind)
                    .accelerate(false)
                    .unicode_word_boundary(true)
                    .dfa_size_limit(Some(TABLE_BYTES))
                    .determinize_size_limit(Some(TABLE_BYTES)),
            )
            .thompson(thompson::Config::new().nfa_size_limit(Some(AUTOMATON_BYTES)))
            .syntax(syntax::Config::new())
            .build(&translated)
            .ok()?;
        let start = table
            .start_state(&start::Config::new().anchored(anchored))
            .ok()?;
        Some(Pattern { table, start })
    }

    /// Bytes that the table takes.
    pub(super) fn bytes(&self) -> usize {
        self.table.memory_usage()
    }

    pub(super) fn start(&self) -> Progress {
        Progress::Open(self.start)
    }

    /// Goes on with `piece`; the index of the byte from which on no match is possible, if there is one.
    pub(super) fn advance(&self, progress: &mut Progress, piece: &str) -> Option<usize> {
        let Progress::Open(mut state) = *progress else {
            return None;
        };
        for (index, byte) in piece.bytes().enumerate() {
            state = self.table.next_state(state, byte);
            if self.table.is_special_state(state) {
                if self.table.is_match_state(state) {
                    *progress = Progress::Matched;
                    return None;
                }
                if self.table.is_quit_state(state) {
                    *progress = Progress::Unknown;
                    return None;
                }
                if self.table.is_dead_state(state) {
                    return Some(index);
                }
            }
        }
        *progress = Progress::Open(state);
        None
    }

    /// Whether the string matches now that it has ended; `None` when the table cannot tell.
    pub(super) fn ends(&self, progress: Progress) -> Option<bool> {
        match progress {
            Progress::Matched => Some(true),
            Progress::Unknown => None,
            Progress::Open(state) => {
                let state = self.table.next_eoi_state(state);
                match self.table.is_quit_state(state) {
                    true => None,
                    false => Some(self.table.is_match_state(state)),
                }
            }
        }
    }

    /// Whether a whole string matches; `None` when the table cannot tell.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        let mut progress = self.start();
        match self.advance(&mut progress, text) {
            Some(_) => Some(false),
            None => self.ends(progress),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The index of the byte that is refused, or what the end says.
    fn check(pattern: &str, text: &str) -> Result<Option<bool>, usize> {
        let pattern = Pattern::compile(pattern).unwrap();
        let mut progress = pattern.start();
        let mut buffer = [0; 4];
        for (index, character) in text.char_indices() {
            let piece = character.encode_utf8(&mut buffer);
            if let Some(byte) = pattern.advance(&mut progress, piece) {
                return Err(index + byte);
            }
        }
        Ok(pattern.ends(progress))
    }

    #[test]
    fn a_byte_is_refused_when_no_match_can_follow() {
        assert_eq!(check(r"^\d{3}-\d{2}$", "123-45"), Ok(Some(true)));
        assert_eq!(check(r"^\d{3}-\d{2}$", "123-4"), Ok(Some(false)));
        assert_eq!(check(r"^\d{3}-\d{2}$", "12a"), Err(2));
        assert_eq!(check(r"^\d{3}-\d{2}$", "123-456"), Err(6));
        assert_eq!(check("^a|^b", "c"), Err(0));
        assert_eq!(check("^ab", "abcdef"), Ok(Some(true)));
    }

    #[test]
    fn a_pattern_without_an_anchor_waits_for_the_end() {
        assert_eq!(check("abc", "xxabcxx"), Ok(Some(true)));
        assert_eq!(check("abc", "xxab"), Ok(Some(false)));
        assert_eq!(check("^a|b", "zzz"), Ok(Some(false)));
        assert_eq!(check("b$", "zzb"), Ok(Some(true)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "it fills a table up to its limit, step by step")]
    fn what_has_no_table_or_a_huge_one_is_left_to_the_other_engine() {
        assert!(Pattern::compile("^(?=a)b").is_none());
        assert!(Pattern::compile("(a|aa)*b.{2000}").is_none());
        assert!(Pattern::compile("[").is_none());
    }
}
