//! Follows a text through a plan: for each open value the schemas that it has to satisfy, and the alternatives that are left.
//!
//! A *task* is one schema and one value. Tasks of a value that is within another stand behind those of the other, and each
//! knows the task that it was started for. What fails takes down what depends on it: a task falls with any that it needs, and
//! a group of alternatives when none is left. When the first task falls, no text that begins so is valid.
//!
//! Here are the tasks; `follow` takes the events of a text, and `containers` and `scalars` are what those do to tasks.
//!
//! The number of tasks is limited. What is beyond it is not looked at, and the end of the text decides (`is_unknown`).

mod containers;
mod follow;
mod scalars;
mod task;

use std::collections::HashSet;

pub(super) use follow::Follow;

use task::{Task, Verdict, refused};

use super::{
    fault::{Fault, Rule},
    kind::Kind,
    node::{Node, NodeId, Plan},
    reference,
};

/// Alternatives that are followed side by side.
const MAX_BRANCHES: usize = 256;
/// Tasks for one value.
const MAX_FOR_VALUE: usize = 1024;
/// Tasks for all open values.
const MAX_TASKS: usize = 16 * 1024;
/// Schemas that refer to each other about the same value.
const MAX_STEPS: usize = 64;

/// The parent of the first task.
const NONE: usize = usize::MAX;

/// An open object or array.
#[derive(Default)]
struct Frame {
    is_array: bool,
    /// Its tasks are from here on,
    start: usize,
    /// to here.
    end: usize,
    /// Elements or members that have begun.
    count: usize,
    /// The key that came last.
    key: String,
    /// The keys that have come, where their number matters.
    names: Option<HashSet<String>>,
}

/// What is being read that is told when it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Token {
    #[default]
    None,
    Key,
    Number {
        at: usize,
    },
}

/// A schema for the next value.
#[derive(Clone, Copy)]
struct Seed {
    node: NodeId,
    parent: usize,
}

/// A group of alternatives, and how many of them fit.
struct Group {
    index: usize,
    count: usize,
}

/// A rule that a task breaks at a byte. Several of one piece are told in the order of their bytes, as if each had come alone.
struct Breach {
    place: usize,
    node: NodeId,
    rule: Rule,
    at: usize,
}

/// Where the text no longer fits.
pub(super) struct Rejection {
    pub(super) fault: Fault,
    pub(super) pointer: String,
    /// The member that is looked at.
    pub(super) name: String,
    pub(super) offset: usize,
}

/// What is left of a plan at some point of a text.
#[derive(Default)]
pub(super) struct Engine {
    tasks: Vec<Task>,
    /// Those below `depth` are open; the others keep their memory.
    frames: Vec<Frame>,
    depth: usize,
    seeds: Vec<Seed>,
    /// The first task of the value that began last.
    first: usize,
    /// The first task of the string, number or literal that is being read.
    scalar: usize,
    /// Whether the characters of the string matter.
    is_watching: bool,
    /// Characters of the string that have come.
    characters: u64,
    /// The key or number that is being read, and for each piece of a key where it begins in both.
    partial: String,
    marks: Vec<(usize, usize)>,
    token: Token,
    rejection: Option<Rejection>,
    is_unknown: bool,
    is_whole: bool,
}

impl Engine {
    /// Where the text stopped fitting.
    pub(super) fn rejection(&self) -> Option<&Rejection> {
        self.rejection.as_ref()
    }

    /// Whether the value of the text has ended.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether, when the value has ended, only the whole document decides.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// JSON pointer to what is being read.
    pub(super) fn pointer(&self) -> String {
        self.pointer_at(self.depth)
    }

    fn pointer_at(&self, depth: usize) -> String {
        let mut pointer = String::new();
        for frame in self.frames.iter().take(depth) {
            match frame.count.checked_sub(1) {
                None => {}
                Some(index) if frame.is_array => reference::push(&mut pointer, &index.to_string()),
                Some(_) => reference::push(&mut pointer, &frame.key),
            }
        }
        pointer
    }

    /// Whether what comes need not be looked at any more.
    fn is_over(&self) -> bool {
        self.rejection.is_some()
    }

    /// A value of this kind begins; its tasks start at the index that is returned.
    fn begin(&mut self, plan: &Plan, kind: Kind, at: usize) -> usize {
        let start = self.tasks.len();
        self.first = start;
        match self.depth.checked_sub(1) {
            None => self.expand(
                plan,
                Seed {
                    node: plan.root,
                    parent: NONE,
                },
                false,
                kind,
                at,
                0,
            ),
            Some(top) => {
                if self.frames.get(top).is_some_and(|frame| frame.is_array) {
                    self.element(plan, top, at);
                }
                let mut next = 0;
                while let Some(seed) = self.seeds.get(next).copied() {
                    self.expand(plan, seed, false, kind, at, 0);
                    next += 1;
                }
                self.seeds.clear();
            }
        }
        start
    }

    /// The node and task at `place`, unless it is a group or dead.
    fn live<'p>(&self, plan: &'p Plan, place: usize) -> Option<(&'p Node, &Task)> {
        let task = self.tasks.get(place)?;
        match task.is_dead || task.group.is_some() {
            true => None,
            false => Some((plan.node(task.node)?, task)),
        }
    }

    /// Starts the tasks of a schema for the value that begins.
    fn expand(
        &mut self,
        plan: &Plan,
        seed: Seed,
        is_branch: bool,
        kind: Kind,
        at: usize,
        steps: usize,
    ) {
        let Some(node) = plan.node(seed.node) else {
            return self.give_up(seed.parent, is_branch);
        };
        if node.free.has(kind) && !is_branch && seed.parent != NONE {
            return;
        }
        if self
            .tasks
            .get(seed.parent)
            .is_some_and(|parent| parent.is_dead)
            || self.is_over()
        {
            return;
        }
        let is_beyond = steps > MAX_STEPS
            || self.tasks.len() >= MAX_TASKS
            || self.tasks.len().saturating_sub(self.first) >= MAX_FOR_VALUE;
        if is_beyond || self.is_circular(seed) {
            return self.give_up(seed.parent, is_branch);
        }
        let is_permitted = node.reach.has(kind);
        let is_bare = is_permitted && node.groups.is_empty() && node.is_idle(kind);
        let place = if is_bare && !is_branch && seed.parent != NONE {
            // It asks for nothing by itself: what it refers to is asked for by its parent.
            seed.parent
        } else {
            self.start(plan, node, seed, is_branch, kind)
        };
        if let Some(rule) = refused(node, kind) {
            return self.fail(place, seed.node, rule, at);
        }
        for id in &node.all {
            self.expand(
                plan,
                Seed {
                    node: *id,
                    parent: place,
                },
                false,
                kind,
                at,
                steps + 1,
            );
        }
        for (index, group) in node.groups.iter().enumerate() {
            let fits = |id: &NodeId| plan.node(*id).is_none_or(|node| node.reach.has(kind));
            let fitting = || group.branches.iter().copied().filter(fits);
            match (fitting().next(), fitting().take(MAX_BRANCHES + 1).count()) {
                (None, _) => self.fail(place, seed.node, Rule::NoBranch(index), at),
                (Some(node), 1) => {
                    let parent = place;
                    self.expand(plan, Seed { node, parent }, false, kind, at, steps + 1);
                }
                (_, count) if count > MAX_BRANCHES => self.give_up(place, false),
                (_, count) => {
                    let group = Group { index, count };
                    self.branches(plan, place, group, fitting(), kind, at, steps);
                }
            }
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "it is the second half of `expand`"
    )]
    fn branches(
        &mut self,
        plan: &Plan,
        parent: usize,
        group: Group,
        branches: impl Iterator<Item = NodeId>,
        kind: Kind,
        at: usize,
        steps: usize,
    ) {
        let Some(node) = self.tasks.get(parent).map(|task| task.node) else {
            return;
        };
        let mut task = Task::new(node, parent, false);
        task.group = Some(group.index);
        task.left = group.count;
        let parent = self.tasks.len();
        self.tasks.push(task);
        for node in branches {
            self.expand(plan, Seed { node, parent }, true, kind, at, steps + 1);
        }
    }

    /// Adds the task of a node.
    fn start(
        &mut self,
        plan: &Plan,
        node: &Node,
        seed: Seed,
        is_branch: bool,
        kind: Kind,
    ) -> usize {
        let mut task = Task::new(seed.node, seed.parent, is_branch);
        match kind {
            Kind::Object => {
                if let Some(rules) = &node.object {
                    task.require(rules.required);
                }
            }
            Kind::Text => {
                if let Some(choices) = &node.choices {
                    task.narrowed = choices.start();
                }
                if let Some(pattern) = node.text.pattern.and_then(|index| plan.pattern(index)) {
                    task.progress = pattern.start();
                }
            }
            _ => {}
        }
        self.tasks.push(task);
        self.tasks.len() - 1
    }

    /// Whether the schema is being asked about this value already, by a reference to itself.
    fn is_circular(&self, seed: Seed) -> bool {
        let mut place = seed.parent;
        while place >= self.first
            && let Some(task) = self.tasks.get(place)
        {
            if task.node == seed.node && task.group.is_none() {
                return true;
            }
            place = task.parent;
        }
        false
    }

    /// The value that began last has ended at byte `at`; its tasks are those from `start` on, and `check` is what its end
    /// decides.
    fn end(
        &mut self,
        plan: &Plan,
        start: usize,
        kind: Kind,
        at: usize,
        check: impl Fn(&Node, &Task) -> Verdict,
    ) {
        for place in (start..self.tasks.len()).rev() {
            let Some(task) = self.tasks.get(place).filter(|task| !task.is_dead) else {
                continue;
            };
            let Some(node) = plan.node(task.node) else {
                continue;
            };
            let verdict = match task
                .group
                .and_then(|index| Some((index, node.groups.get(index)?)))
            {
                Some((index, group)) if group.is_one && task.held > 1 => {
                    Verdict::Breaks(Rule::TwoBranches(index))
                }
                Some((_, group)) if task.held == 0 || group.is_one && task.unknown > 0 => {
                    Verdict::Unknown
                }
                Some(_) => Verdict::Holds,
                None => match check(node, task) {
                    Verdict::Holds if task.is_unknown || node.open.has(kind) => Verdict::Unknown,
                    other => other,
                },
            };
            let (id, parent, is_branch) = (task.node, task.parent, task.is_branch);
            match verdict {
                Verdict::Breaks(rule) => self.fail(place, id, rule, at),
                Verdict::Unknown => self.give_up(parent, is_branch),
                Verdict::Holds if is_branch => {
                    if let Some(group) = self.tasks.get_mut(parent) {
                        group.held += 1;
                    }
                }
                Verdict::Holds => {}
            }
        }
        self.tasks.truncate(start);
        self.is_whole = self.depth == 0;
    }

    /// Leaves it to the whole document whether something holds that `parent` needs.
    fn give_up(&mut self, parent: usize, is_branch: bool) {
        match self.tasks.get_mut(parent) {
            None => self.is_unknown = true,
            Some(group) if is_branch => group.unknown += 1,
            Some(task) => task.is_unknown = true,
        }
    }

    /// The task at `place` breaks a rule: it falls, and with it what needs it.
    fn fail(&mut self, mut place: usize, node: NodeId, rule: Rule, at: usize) {
        let mut fault = Fault {
            node,
            rule,
            group: None,
        };
        while let Some(task) = self.tasks.get(place).filter(|task| !task.is_dead) {
            let (parent, is_branch) = (task.parent, task.is_branch);
            self.kill(place);
            if parent == NONE {
                return self.reject(fault, at);
            }
            if is_branch {
                let Some(group) = self.tasks.get_mut(parent).filter(|group| !group.is_dead) else {
                    return;
                };
                group.left = group.left.saturating_sub(1);
                if group.left > 0 {
                    return;
                }
                fault.group = group.group.map(|index| (group.node, index));
            }
            place = parent;
        }
    }

    /// Several tasks break rules, one byte after the other.
    fn fail_all(&mut self, mut breaches: Vec<Breach>) {
        if breaches.is_empty() {
            return;
        }
        breaches.sort_by_key(|breach| breach.at);
        for Breach {
            place,
            node,
            rule,
            at,
        } in breaches
        {
            self.fail(place, node, rule, at);
        }
    }

    /// Marks a task as fallen and all that were started for it.
    fn kill(&mut self, place: usize) {
        if let Some(task) = self.tasks.get_mut(place) {
            task.is_dead = true;
        }
        for index in place + 1..self.tasks.len() {
            let parent = self.tasks.get(index).map_or(NONE, |task| task.parent);
            let is_dead = self.tasks.get(parent).is_some_and(|parent| parent.is_dead);
            if let Some(task) = self.tasks.get_mut(index) {
                task.is_dead |= is_dead;
            }
        }
    }

    fn reject(&mut self, fault: Fault, offset: usize) {
        if self.rejection.is_some() {
            return;
        }
        // What there is too much of is a matter of the container, not of its last member.
        let is_around = matches!(fault.rule, Rule::MaxItems | Rule::MaxProperties);
        let depth = self.depth.saturating_sub(usize::from(is_around));
        let key = self
            .depth
            .checked_sub(1)
            .and_then(|top| self.frames.get(top));
        self.rejection = Some(Rejection {
            fault,
            pointer: self.pointer_at(depth),
            name: key.map_or_else(String::new, |frame| frame.key.clone()),
            offset,
        });
    }
}
