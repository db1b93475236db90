//! Strings, numbers and literals.

use serde_json::Number;

use super::{Breach, Engine, Token, task::Verdict};
use crate::{
    json::Literal,
    schema::{
        fault::Rule,
        kind::Kind,
        node::{Bound, Node, Plan},
        number,
        pattern::Progress,
    },
};

impl Engine {
    pub(super) fn begin_text(&mut self, plan: &Plan, at: usize) {
        let start = self.begin(plan, Kind::Text, at);
        self.watch(plan, start);
    }

    /// A string of which the tasks are those from `start` on.
    pub(super) fn watch(&mut self, plan: &Plan, start: usize) {
        self.scalar = start;
        self.characters = 0;
        self.is_watching = (start..self.tasks.len()).any(|place| {
            self.live(plan, place)
                .is_some_and(|(node, _)| node.choices.is_some() || !node.text.is_empty())
        });
    }

    /// The next characters of the string.
    pub(super) fn characters(&mut self, plan: &Plan, piece: &str, at: usize) {
        if !self.is_watching {
            return;
        }
        let before = self.characters;
        self.characters += count(piece);
        // One character is perhaps an escape, all bytes of which are where it begins.
        let is_one = self.characters == before + 1;
        let offset = |byte: usize| at + if is_one { 0 } else { byte };
        let mut breaches = Vec::new();
        for place in self.scalar..self.tasks.len() {
            let Some((node, task)) = self.live(plan, place) else {
                continue;
            };
            let (id, mut narrowed, mut progress) = (task.node, task.narrowed, task.progress);
            let limit = node.text.max_characters.unwrap_or(u64::MAX);
            let beyond = (self.characters > limit).then(|| {
                let permitted = usize::try_from(limit.saturating_sub(before)).unwrap_or(usize::MAX);
                let byte = piece
                    .char_indices()
                    .nth(permitted)
                    .map_or(0, |(byte, _)| byte);
                (byte, Rule::MaxLength)
            });
            let choice = node
                .choices
                .as_ref()
                .and_then(|choices| choices.narrow(&mut narrowed, piece));
            let pattern = node
                .text
                .pattern
                .and_then(|index| plan.pattern(index)?.advance(&mut progress, piece));
            let broken = [
                beyond,
                choice.map(|byte| (byte, Rule::Choice)),
                pattern.map(|byte| (byte, Rule::Pattern)),
            ];
            if let Some((byte, rule)) = broken.into_iter().flatten().min_by_key(|(byte, _)| *byte) {
                breaches.push(Breach {
                    place,
                    node: id,
                    rule,
                    at: offset(byte),
                });
            } else if let Some(task) = self.tasks.get_mut(place) {
                task.narrowed = narrowed;
                task.progress = progress;
            }
        }
        self.fail_all(breaches);
    }

    pub(super) fn end_text(&mut self, plan: &Plan, at: usize) {
        let characters = self.characters;
        self.end(plan, self.scalar, Kind::Text, at, |node, task| {
            let ends = node.text.pattern.map(|index| match task.progress {
                Progress::Unknown => None,
                progress => plan.pattern(index)?.ends(progress),
            });
            let has_choice = node
                .choices
                .as_ref()
                .is_none_or(|choices| choices.is_whole(task.narrowed));
            let verdict = Verdict::of([
                (has_choice, Rule::Choice),
                (
                    node.text
                        .min_characters
                        .is_none_or(|least| characters >= least),
                    Rule::MinLength,
                ),
                (ends != Some(Some(false)), Rule::Pattern),
            ]);
            match (verdict, ends) {
                (Verdict::Holds, Some(None)) => Verdict::Unknown,
                (verdict, _) => verdict,
            }
        });
        self.is_watching = false;
    }

    pub(super) fn begin_number(&mut self, plan: &Plan, at: usize) {
        self.scalar = self.begin(plan, Kind::Number, at);
        self.partial.clear();
        self.token = Token::Number { at };
    }

    /// Fails what no number permits that begins like the one that is being read.
    pub(super) fn check_number(&mut self, plan: &Plan, at: usize) {
        let mut breaches = Vec::new();
        for place in self.scalar..self.tasks.len() {
            if let Some((node, task)) = self.live(plan, place)
                && let Some((byte, rule)) = impossible(node, &self.partial)
            {
                breaches.push(Breach {
                    place,
                    node: task.node,
                    rule,
                    at: at + byte,
                });
            }
        }
        self.fail_all(breaches);
    }

    pub(super) fn end_number(&mut self, plan: &Plan, written: &str, at: usize) {
        self.check_number(plan, at);
        // A value that nothing is asked about need not be known.
        let value = match self.scalar < self.tasks.len() {
            true => number::parse(written),
            false => Number::from(0),
        };
        // Python's JSON has numbers that are no integers, though the largest float, which stands for them, is one.
        let is_finite = written.ends_with(|last: char| last.is_ascii_digit());
        self.end(
            plan,
            self.scalar,
            Kind::Number,
            at + written.len(),
            |node, _| judge(node, &value, is_finite),
        );
        self.token = Token::None;
    }

    pub(super) fn begin_literal(&mut self, plan: &Plan, literal: Literal, at: usize) {
        let kind = kind_of(literal);
        self.scalar = self.begin(plan, kind, at);
        for place in self.scalar..self.tasks.len() {
            if let Some((node, task)) = self.live(plan, place) {
                let id = task.node;
                if node
                    .choices
                    .as_ref()
                    .is_some_and(|choices| !choices.has_literal(literal))
                {
                    self.fail(place, id, Rule::Choice, at);
                }
            }
        }
    }

    pub(super) fn end_literal(&mut self, plan: &Plan, literal: Literal, at: usize) {
        self.end(plan, self.scalar, kind_of(literal), at, |_, _| {
            Verdict::Holds
        });
    }
}

fn kind_of(literal: Literal) -> Kind {
    match literal {
        Literal::Null => Kind::Null,
        Literal::True | Literal::False => Kind::Bool,
    }
}

/// Characters of a piece of a string.
fn count(piece: &str) -> u64 {
    let is_first = |byte: &u8| byte & 0b1100_0000 != 0b1000_0000;
    piece
        .as_bytes()
        .iter()
        .filter(|byte| is_first(byte))
        .count() as u64
}

/// The byte from which on no number is permitted that begins like `written`, and why.
fn impossible(node: &Node, written: &str) -> Option<(usize, Rule)> {
    // A negative number is zero at most, and another at least: an exponent can make either as small as one likes.
    let bound = match written.starts_with('-') {
        true => node.number.no_negative.map(Rule::Lower),
        false => node.number.no_positive.map(Rule::Upper),
    };
    if let Some(rule) = bound {
        return Some((0, rule));
    }
    let choices = node.choices.as_ref()?;
    if choices.allows_number(written) {
        return None;
    }
    let allows = |bytes: &usize| {
        written
            .get(..*bytes)
            .is_some_and(|text| !choices.allows_number(text))
    };
    let first = (1..=written.len()).find(allows)?;
    Some((first - 1, Rule::Choice))
}

/// What a whole number breaks.
fn judge(node: &Node, value: &Number, is_finite: bool) -> Verdict {
    if node.is_integer && !(is_finite && number::is_integer(value)) {
        return Verdict::Breaks(Rule::Integer);
    }
    if node
        .choices
        .as_ref()
        .is_some_and(|choices| !choices.has_number(value))
    {
        return Verdict::Breaks(Rule::Choice);
    }
    let is_beyond = |bound: &Bound, is_lower: bool| {
        let order = number::order(value, &bound.limit);
        let order = if is_lower { order } else { order.reverse() };
        order.is_lt() || order.is_eq() && bound.is_exclusive
    };
    let lower = node
        .number
        .lower
        .iter()
        .position(|bound| is_beyond(bound, true));
    if let Some(place) = lower {
        return Verdict::Breaks(Rule::Lower(place));
    }
    let upper = node
        .number
        .upper
        .iter()
        .position(|bound| is_beyond(bound, false));
    if let Some(place) = upper {
        return Verdict::Breaks(Rule::Upper(place));
    }
    match (node.number.multiple_of, number::integer(value)) {
        (None, _) => Verdict::Holds,
        (Some(divisor), Some(value)) if value % divisor != 0 => Verdict::Breaks(Rule::MultipleOf),
        (Some(_), Some(_)) => Verdict::Holds,
        (Some(_), None) => Verdict::Unknown,
    }
}
