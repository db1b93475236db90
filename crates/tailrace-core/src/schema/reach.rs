//! Which kinds of values each node of a plan can hold for, by the nodes that it refers to.

use super::{
    kind::{Kind, Kinds},
    node::{NodeId, Plan},
};

/// How often the kinds that a node can hold for are narrowed by those it refers to. Fewer than there are keep more kinds.
const ROUNDS: usize = 8;

impl Plan {
    /// Narrows the kinds that each node can hold for by what it refers to.
    pub(super) fn narrow(&mut self) {
        for node in &mut self.nodes {
            let chosen = node
                .choices
                .as_ref()
                .map_or(Kinds::ALL, |choices| choices.kinds);
            node.reach = match node.is_never {
                true => Kinds::NONE,
                false => node.kinds.and(chosen),
            };
        }
        for _ in 0..ROUNDS {
            let reaches: Vec<Kinds> = self.nodes.iter().map(|node| node.reach).collect();
            let of = |id: &NodeId| reaches.get(*id as usize).copied().unwrap_or(Kinds::ALL);
            for node in &mut self.nodes {
                node.reach = node
                    .all
                    .iter()
                    .fold(node.reach, |reach, id| reach.and(of(id)));
                for group in &node.groups {
                    let any = group
                        .branches
                        .iter()
                        .fold(Kinds::NONE, |kinds, id| kinds.or(of(id)));
                    node.reach = node.reach.and(any);
                }
            }
        }
        for node in &mut self.nodes {
            let is_alone = node.all.is_empty() && node.groups.is_empty();
            for kind in Kind::ALL {
                if is_alone && node.reach.has(kind) && node.is_idle(kind) {
                    node.free.add(kind);
                }
            }
        }
    }
}
