//! Objects and arrays: what keys, elements and closing brackets decide.

use std::collections::HashSet;

use super::{Breach, Engine, Frame, Seed, task::Verdict};
use crate::schema::{
    fault::Rule,
    kind::Kind,
    node::{NodeId, ObjectRules, Plan},
};

impl Engine {
    pub(super) fn open(&mut self, plan: &Plan, kind: Kind, at: usize) {
        let start = self.begin(plan, kind, at);
        let is_counted = kind == Kind::Object
            && (start..self.tasks.len()).any(|place| {
                let rules = self
                    .live(plan, place)
                    .and_then(|(node, _)| node.object.as_deref());
                rules
                    .is_some_and(|rules| rules.max_members.is_some() || rules.min_members.is_some())
            });
        if self.depth == self.frames.len() {
            self.frames.push(Frame::default());
        }
        if let Some(frame) = self.frames.get_mut(self.depth) {
            frame.is_array = kind == Kind::Array;
            frame.start = start;
            frame.end = self.tasks.len();
            frame.count = 0;
            frame.key.clear();
            frame.names = is_counted.then(HashSet::new);
        }
        self.depth += 1;
    }

    pub(super) fn close(&mut self, plan: &Plan, kind: Kind, at: usize) {
        self.depth = self.depth.saturating_sub(1);
        let Some(frame) = self.frames.get_mut(self.depth) else {
            return;
        };
        let start = frame.start;
        let count = frame.names.take().map_or(frame.count, |names| names.len()) as u64;
        match kind {
            Kind::Array => self.end(plan, start, kind, at, |node, _| {
                let least = node.array.min_items.unwrap_or(0);
                Verdict::of([(count >= least, Rule::MinItems)])
            }),
            _ => self.end(plan, start, kind, at, |node, task| {
                let Some(rules) = &node.object else {
                    return Verdict::Holds;
                };
                if let Some(place) = (task.missing > 0)
                    .then(|| task.first_missing(rules.required))
                    .flatten()
                {
                    return Verdict::Breaks(Rule::Required(place));
                }
                Verdict::of([(
                    rules.min_members.is_none_or(|least| count >= least),
                    Rule::MinProperties,
                )])
            }),
        }
    }

    /// The schemas for the next element of the array.
    pub(super) fn element(&mut self, plan: &Plan, top: usize, at: usize) {
        let Some(frame) = self.frames.get_mut(top) else {
            return;
        };
        let (index, start, end) = (frame.count, frame.start, frame.end);
        frame.count += 1;
        for place in start..end {
            let Some((node, task)) = self.live(plan, place) else {
                continue;
            };
            let id = task.node;
            if node
                .array
                .max_items
                .is_some_and(|limit| index as u64 >= limit)
            {
                self.fail(place, id, Rule::MaxItems, at);
            } else if let Some(node) = node.array.element(index) {
                self.seeds.push(Seed {
                    node,
                    parent: place,
                });
            }
        }
    }

    /// A whole key. What its value has to be is in `seeds` afterwards.
    pub(super) fn name(&mut self, plan: &Plan, key: &str, at: usize) {
        let Some(top) = self.depth.checked_sub(1) else {
            return;
        };
        let Some(frame) = self.frames.get_mut(top) else {
            return;
        };
        frame.key.clear();
        frame.key.push_str(key);
        frame.count += 1;
        let (start, end) = (frame.start, frame.end);
        let count = frame.names.as_mut().map(|names| {
            names.insert(key.to_owned());
            names.len() as u64
        });
        self.seeds.clear();
        if end > start + 1 || count.is_some() {
            // First what a beginning of the key has decided, or would have.
            self.check_key(plan);
        }
        for place in start..end {
            let Some((node, task)) = self.live(plan, place) else {
                continue;
            };
            let id = task.node;
            if let Some(rules) = &node.object {
                let most = rules.max_members.unwrap_or(u64::MAX);
                match count.is_some_and(|count| count > most) {
                    true => self.fail(place, id, Rule::MaxProperties, at),
                    false => self.member(plan, place, id, rules, key, at),
                }
            }
        }
    }

    /// A key, for one task of its object.
    fn member(
        &mut self,
        plan: &Plan,
        place: usize,
        id: NodeId,
        rules: &ObjectRules,
        key: &str,
        at: usize,
    ) {
        let Some(task) = self.tasks.get_mut(place) else {
            return;
        };
        let mut is_known = false;
        if let Some((index, member)) = rules.find(key, task.hint) {
            task.hint = index + 1;
            if let Some(required) = member.required {
                task.see(required);
            }
            if let Some(node) = member.node {
                is_known = true;
                self.seeds.push(Seed {
                    node,
                    parent: place,
                });
            }
        }
        for (pattern, node) in &rules.patterns {
            match plan
                .pattern(*pattern)
                .and_then(|pattern| pattern.matches(key))
            {
                Some(false) => {}
                Some(true) => {
                    is_known = true;
                    self.seeds.push(Seed {
                        node: *node,
                        parent: place,
                    });
                }
                None => {
                    is_known = true;
                    self.give_up(place, false);
                }
            }
        }
        if !is_known
            && rules.is_closed
            && let Some(offset) = self.key_offset(rules.permitted_bytes(key))
        {
            return self.fail(place, id, Rule::Additional, offset);
        }
        if let Some(node) = rules.key {
            self.key_as_value(plan, place, node, key, at);
        }
        if is_known {
            return;
        }
        match rules.rest {
            None => {}
            Some(rest) if plan.node(rest).is_some_and(|node| node.is_never) => {
                // A permitted name can begin like the whole key; then the closing quote is one too early.
                self.fail(place, id, Rule::Additional, self.key_end(at));
            }
            Some(rest) => self.seeds.push(Seed {
                node: rest,
                parent: place,
            }),
        }
    }

    /// `propertyNames`: a key is a string like another.
    fn key_as_value(&mut self, plan: &Plan, place: usize, node: NodeId, key: &str, at: usize) {
        let start = self.tasks.len();
        self.first = start;
        let seed = Seed {
            node,
            parent: place,
        };
        self.expand(plan, seed, false, Kind::Text, at, 0);
        self.watch(plan, start);
        self.characters(plan, key, at + 1);
        self.end_text(plan, at + 1 + key.len());
    }

    /// Remembers where the pieces of a key are in the text.
    pub(super) fn key_piece(&mut self, piece: &str, at: usize) {
        self.marks.push((self.partial.len(), at));
        self.partial.push_str(piece);
    }

    /// Where in the text the key that begins at `at` ends, its closing quote; an escape at its end counts as one byte.
    fn key_end(&self, at: usize) -> usize {
        let last = self.marks.last();
        last.map_or(at + 1, |(first, at)| {
            at + self.partial.len().saturating_sub(*first)
        })
    }

    /// Where in the text the byte of the key is that has so many before it.
    fn key_offset(&self, bytes: usize) -> Option<usize> {
        if bytes >= self.partial.len() {
            return None;
        }
        let after = self.marks.partition_point(|(first, _)| *first <= bytes);
        let (first, at) = self.marks.get(after.checked_sub(1)?)?;
        let end = self
            .marks
            .get(after)
            .map_or(self.partial.len(), |(first, _)| *first);
        // One character is perhaps an escape, all bytes of which are where it begins.
        let is_one = self.partial.get(*first..end)?.chars().nth(1).is_none();
        Some(at + if is_one { 0 } else { bytes - first })
    }

    /// Fails what permits no name that begins like the key that is being read.
    pub(super) fn check_key(&mut self, plan: &Plan) {
        let top = self.depth.checked_sub(1);
        let Some(frame) = top.and_then(|top| self.frames.get(top)) else {
            return;
        };
        let mut breaches = Vec::new();
        for place in frame.start..frame.end {
            let Some((node, task)) = self.live(plan, place) else {
                continue;
            };
            let Some(rules) = node.object.as_deref().filter(|rules| rules.is_closed) else {
                continue;
            };
            if rules.is_beginning_of(task.hint, &self.partial) {
                continue;
            }
            let found = rules.find(&self.partial, task.hint);
            if found.is_some_and(|(_, member)| member.node.is_some()) {
                continue;
            }
            if let Some(at) = self.key_offset(rules.permitted_bytes(&self.partial)) {
                breaches.push(Breach {
                    place,
                    node: task.node,
                    rule: Rule::Additional,
                    at,
                });
            }
        }
        if breaches.is_empty() {
            return;
        }
        if let Some(frame) = top.and_then(|top| self.frames.get_mut(top)) {
            frame.key.clone_from(&self.partial);
            frame.count = frame.count.max(1);
        }
        self.fail_all(breaches);
    }
}
