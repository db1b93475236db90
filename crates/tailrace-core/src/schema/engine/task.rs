//! One schema and one value.

use crate::schema::{
    choice::{Choices, Narrowed},
    fault::Rule,
    kind::Kind,
    node::{Node, NodeId},
    pattern::Progress,
};

/// One schema and one value, or the alternatives of one.
pub(super) struct Task {
    pub(super) node: NodeId,
    /// The place of the group, when it is one.
    pub(super) group: Option<usize>,
    /// The task that it was started for.
    pub(super) parent: usize,
    /// Whether the parent is a group.
    pub(super) is_branch: bool,
    pub(super) is_dead: bool,
    /// Whether the whole document has to be asked.
    pub(super) is_unknown: bool,
    /// Of a group: branches that are left, that hold, and of which it is not known.
    pub(super) left: usize,
    pub(super) held: usize,
    pub(super) unknown: usize,
    /// Of an object: the member that is likely next, and which required ones have come.
    pub(super) hint: usize,
    pub(super) missing: usize,
    seen: u64,
    /// Those from the 65th on.
    seen_more: Option<Box<[u64]>>,
    /// Of a string.
    pub(super) narrowed: Narrowed,
    pub(super) progress: Progress,
}

/// What the end of a value says about one schema.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    Holds,
    Unknown,
    Breaks(Rule),
}

impl Verdict {
    /// Of rules that each hold or not.
    pub(super) fn of(rules: impl IntoIterator<Item = (bool, Rule)>) -> Self {
        let broken = rules.into_iter().find(|(holds, _)| !holds);
        broken.map_or(Verdict::Holds, |(_, rule)| Verdict::Breaks(rule))
    }
}

/// The rule that a value of this kind breaks by being one.
pub(super) fn refused(node: &Node, kind: Kind) -> Option<Rule> {
    if node.is_never {
        return Some(Rule::Never);
    }
    if !node.kinds.has(kind) {
        return Some(Rule::Kind(kind));
    }
    let has_choice = |choices: &Choices| choices.kinds.has(kind);
    match node.choices.as_ref().is_none_or(has_choice) {
        true => None,
        false => Some(Rule::Choice),
    }
}

impl Task {
    pub(super) fn new(node: NodeId, parent: usize, is_branch: bool) -> Self {
        Task {
            node,
            group: None,
            parent,
            is_branch,
            is_dead: false,
            is_unknown: false,
            left: 0,
            held: 0,
            unknown: 0,
            hint: 0,
            missing: 0,
            seen: 0,
            seen_more: None,
            narrowed: Narrowed::default(),
            progress: Progress::Matched,
        }
    }

    /// So many members are required.
    pub(super) fn require(&mut self, required: usize) {
        self.missing = required;
        if required > 64 {
            self.seen_more = Some(vec![0; required.div_ceil(64) - 1].into_boxed_slice());
        }
    }

    /// Notes that a required member has come.
    pub(super) fn see(&mut self, required: usize) {
        let bit = 1 << (required % 64);
        let word = match (required / 64).checked_sub(1) {
            None => Some(&mut self.seen),
            Some(place) => self.seen_more.as_mut().and_then(|more| more.get_mut(place)),
        };
        if let Some(word) = word
            && *word & bit == 0
        {
            *word |= bit;
            self.missing = self.missing.saturating_sub(1);
        }
    }

    /// The first required member that has not come.
    pub(super) fn first_missing(&self, required: usize) -> Option<usize> {
        let has_come = |place: usize| {
            let word = match (place / 64).checked_sub(1) {
                None => self.seen,
                Some(place) => self
                    .seen_more
                    .as_ref()
                    .and_then(|more| more.get(place).copied())
                    .unwrap_or(0),
            };
            word & (1 << (place % 64)) != 0
        };
        (0..required).find(|place| !has_come(*place))
    }
}
