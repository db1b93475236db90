//! How deep the validator of whole documents calls itself, which bounds what it may be given.

use super::node::{Node, NodeId, Plan};

/// The longest way from one schema to another about the same value, in schemas; a way in a circle is gone once.
pub(super) fn longest(plan: &Plan) -> usize {
    // What leads out of the plan may lead to anything else that does.
    let out = plan.nodes.iter().filter(|node| node.leads_out).count();
    let mut lengths: Vec<Length> = plan.nodes.iter().map(|_| Length::Unknown).collect();
    let mut longest = 0;
    for first in 0..plan.nodes.len() {
        longest = longest.max(measure(plan, first, &mut lengths));
    }
    longest + out
}

#[derive(Clone, Copy)]
enum Length {
    Unknown,
    /// It is being measured: whoever leads to it closes a circle.
    Open,
    Known(usize),
}

/// The longest way from one node. It keeps its own stack, because the way may be as long as the schema.
fn measure(plan: &Plan, first: usize, lengths: &mut [Length]) -> usize {
    let mut stack = vec![(first, false)];
    while let Some((index, is_done)) = stack.pop() {
        let (Some(node), Some(length)) = (plan.nodes.get(index), lengths.get(index).copied())
        else {
            continue;
        };
        let next = match (is_done, length) {
            (true, _) => {
                let known = |id: NodeId| match lengths.get(id as usize) {
                    Some(Length::Known(length)) => *length,
                    _ => 0,
                };
                Length::Known(1 + ways(node).map(known).max().unwrap_or(0))
            }
            (false, Length::Unknown) => {
                stack.push((index, true));
                stack.extend(ways(node).map(|id| (id as usize, false)));
                Length::Open
            }
            (false, other) => other,
        };
        if let Some(length) = lengths.get_mut(index) {
            *length = next;
        }
    }
    match lengths.get(first) {
        Some(Length::Known(length)) => *length,
        _ => 0,
    }
}

/// The schemas that a schema asks about the same value.
fn ways(node: &Node) -> impl Iterator<Item = NodeId> + '_ {
    let groups = node.groups.iter().flat_map(|group| &group.branches);
    node.all.iter().chain(groups).chain(&node.later).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::compile;
    use serde_json::json;

    #[test]
    fn the_longest_way_is_counted_and_circles_end() {
        let check = |schema| longest(&compile::compile(&schema));
        assert_eq!(check(json!({})), 1);
        assert_eq!(check(json!({"$ref": "#"})), 1);
        assert_eq!(check(json!({"allOf": [{"not": {"anyOf": [true]}}]})), 4);
        assert_eq!(
            check(json!({"properties": {"a": {"properties": {"b": {}}}}})),
            1
        );
        assert_eq!(
            check(
                json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}})
            ),
            3
        );
        assert_eq!(
            check(json!({"$ref": "#anchor", "$defs": {"a": {"$anchor": "anchor"}}})),
            2
        );
    }
}
