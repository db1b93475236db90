//! The value with the times at which its parts came.

use std::collections::HashMap;

use super::{Delta, Fault, Names, Numbers};

/// Merges deltas.
#[derive(Debug)]
pub struct Accumulator<V> {
    names: Names,
    nodes: Vec<Node<V>>,
    /// How many deltas have been merged.
    position: usize,
}

/// Makes values of the host.
pub trait Host<V> {
    /// A value of the host.
    type Value;
    /// A text.
    fn text(&mut self, bytes: &[u8]) -> Self::Value;
    /// What was given as a scalar.
    fn scalar(&mut self, scalar: &V) -> Self::Value;
    /// A list.
    fn list(&mut self, items: Vec<Self::Value>) -> Self::Value;
    /// An object, its members in order.
    fn object(&mut self, members: Vec<(&str, Self::Value)>) -> Self::Value;
}

#[derive(Debug)]
enum Node<V> {
    Null(V),
    Number(V),
    Scalar(V),
    Text(Text),
    List(Vec<Slot>),
    Object {
        members: Vec<(String, Slot)>,
        places: HashMap<String, usize>,
    },
}

/// Text and its length in bytes after each delta that made it longer, by the position of that.
#[derive(Debug)]
struct Text {
    bytes: Vec<u8>,
    lengths: Vec<(usize, usize)>,
}

/// What has been in one place, and since when. The first entry says when the place came to be.
#[derive(Debug)]
struct Slot(Vec<(usize, usize)>);

impl Slot {
    fn node(&self) -> usize {
        self.0.last().map_or(0, |(_, node)| *node)
    }

    fn node_at(&self, position: usize) -> Option<usize> {
        let count = self.0.partition_point(|(since, _)| *since <= position);
        let (_, node) = self.0.get(count.checked_sub(1)?)?;
        Some(*node)
    }
}

impl Text {
    fn until(&self, position: usize) -> &[u8] {
        let count = self
            .lengths
            .partition_point(|(since, _)| *since <= position);
        let length = count
            .checked_sub(1)
            .and_then(|place| self.lengths.get(place));
        length
            .and_then(|(_, bytes)| self.bytes.get(..*bytes))
            .unwrap_or_default()
    }

    fn append(&mut self, position: usize, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let length = (position, self.bytes.len());
        match self.lengths.last_mut() {
            Some(last) if last.0 == position => *last = length,
            _ => self.lengths.push(length),
        }
    }
}

impl<V> Accumulator<V> {
    /// An empty object.
    pub fn new(names: Names) -> Self {
        let root = Node::Object {
            members: Vec::new(),
            places: HashMap::new(),
        };
        Accumulator {
            names,
            nodes: vec![root],
            position: 0,
        }
    }

    /// How many deltas have been merged, which names this moment.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Merges the members of an object, and says which moment it is then.
    ///
    /// # Errors
    ///
    /// A list that could not be merged; what came before it in the delta is.
    pub fn push(
        &mut self,
        delta: Vec<(String, Delta<V>)>,
        numbers: &mut impl Numbers<V>,
    ) -> Result<usize, Fault<V>> {
        self.position += 1;
        self.merge(0, delta, numbers)?;
        Ok(self.position)
    }

    /// The object as it was at `position`.
    pub fn value<H: Host<V>>(&self, position: usize, host: &mut H) -> Option<H::Value> {
        self.build(0, position, host)
    }

    fn build<H: Host<V>>(&self, node: usize, position: usize, host: &mut H) -> Option<H::Value> {
        Some(match self.nodes.get(node)? {
            Node::Null(value) | Node::Number(value) | Node::Scalar(value) => host.scalar(value),
            Node::Text(text) => host.text(text.until(position)),
            Node::List(items) => {
                let items = items
                    .iter()
                    .filter_map(|slot| self.build(slot.node_at(position)?, position, host))
                    .collect();
                host.list(items)
            }
            Node::Object { members, .. } => {
                let members = members
                    .iter()
                    .filter_map(|(key, slot)| {
                        let value = self.build(slot.node_at(position)?, position, host)?;
                        Some((key.as_str(), value))
                    })
                    .collect();
                host.object(members)
            }
        })
    }

    fn merge(
        &mut self,
        object: usize,
        delta: Vec<(String, Delta<V>)>,
        numbers: &mut impl Numbers<V>,
    ) -> Result<(), Fault<V>> {
        for (key, delta) in delta {
            let Some(Node::Object { members, places }) = self.nodes.get(object) else {
                return Err(Fault::Mixed);
            };
            let place = places.get(&key).copied();
            let known = place
                .and_then(|place| members.get(place))
                .map(|(_, slot)| slot.node());
            let is_replaced = self.names.replaced.contains(&key);
            let is_null =
                known.is_some_and(|known| matches!(self.nodes.get(known), Some(Node::Null(_))));
            let node = match known {
                _ if is_replaced => self.fresh_member(delta, numbers)?,
                Some(known) if !is_null => match self.combine(known, delta, numbers)? {
                    Some(node) => node,
                    None => continue,
                },
                _ => self.fresh(delta, numbers)?,
            };
            let position = self.position;
            let Some(Node::Object { members, places }) = self.nodes.get_mut(object) else {
                return Err(Fault::Mixed);
            };
            match place.and_then(|place| members.get_mut(place)) {
                Some((_, slot)) => slot.0.push((position, node)),
                None => {
                    places.insert(key.clone(), members.len());
                    members.push((key, Slot(vec![(position, node)])));
                }
            }
        }
        Ok(())
    }

    /// Merges `delta` into the node `known`. A node that takes its place is returned.
    fn combine(
        &mut self,
        known: usize,
        delta: Delta<V>,
        numbers: &mut impl Numbers<V>,
    ) -> Result<Option<usize>, Fault<V>> {
        let position = self.position;
        match (self.nodes.get_mut(known), delta) {
            (Some(Node::Text(text)), Delta::Text(bytes)) if !bytes.is_empty() => {
                text.append(position, &bytes);
            }
            (Some(Node::Number(number)), Delta::Number(more)) => {
                let sum = numbers.add(number, &more);
                return Ok(Some(self.add(Node::Number(sum))));
            }
            (Some(Node::Object { .. }), Delta::Object(members)) => {
                self.merge(known, members, numbers)?;
            }
            (Some(Node::List(items)), Delta::List(more)) => {
                if items.is_empty() {
                    return self.list(more, numbers).map(Some);
                }
                let nodes: Vec<usize> = items.iter().map(Slot::node).collect();
                let is_flat = nodes.iter().all(|node| {
                    matches!(self.nodes.get(*node), Some(Node::Text(_) | Node::Number(_)))
                });
                for item in more {
                    if is_flat {
                        let node = self.fresh(item, numbers)?;
                        self.append(known, node);
                    } else {
                        self.element(known, item, numbers)?;
                    }
                }
            }
            _ => {}
        }
        Ok(None)
    }

    /// Merges an object into the element that its index names.
    fn element(
        &mut self,
        list: usize,
        item: Delta<V>,
        numbers: &mut impl Numbers<V>,
    ) -> Result<(), Fault<V>> {
        let Delta::Object(members) = item else {
            return Err(Fault::NoObject(item));
        };
        let index = members.iter().find(|(key, _)| *key == self.names.index);
        let place = match index {
            Some((_, Delta::Number(index))) => numbers.place(index),
            Some(_) => None,
            None => return Err(Fault::NoIndex(Delta::Object(members))),
        };
        let Some(index) = place else {
            let index = members
                .into_iter()
                .find(|(key, _)| *key == self.names.index);
            return Err(match index {
                Some((_, index)) => Fault::Index(index),
                None => Fault::Mixed,
            });
        };
        let Some(Node::List(items)) = self.nodes.get(list) else {
            return Err(Fault::Mixed);
        };
        let place = if index < 0 {
            // Counted from the end, as Python does; before the first one there is none.
            usize::try_from(index.unsigned_abs())
                .ok()
                .and_then(|back| items.len().checked_sub(back))
        } else {
            usize::try_from(index).ok()
        };
        match place.and_then(|place| items.get(place)).map(Slot::node) {
            Some(known) => self.merge(known, members, numbers),
            None => {
                let node = self.fresh(Delta::Object(members), numbers)?;
                self.append(list, node);
                Ok(())
            }
        }
    }

    fn append(&mut self, list: usize, node: usize) {
        let position = self.position;
        if let Some(Node::List(items)) = self.nodes.get_mut(list) {
            items.push(Slot(vec![(position, node)]));
        }
    }

    /// A node for a value where there was none.
    fn fresh(&mut self, delta: Delta<V>, numbers: &mut impl Numbers<V>) -> Result<usize, Fault<V>> {
        let node = match delta {
            Delta::Null(value) => Node::Null(value),
            Delta::Number(value) => Node::Number(value),
            Delta::Scalar(value) => Node::Scalar(value),
            Delta::Text(bytes) => {
                let mut text = Text {
                    bytes: Vec::new(),
                    lengths: Vec::new(),
                };
                text.append(self.position, &bytes);
                Node::Text(text)
            }
            Delta::List(items) => return self.list(items, numbers),
            Delta::Object(delta) => {
                let mut members = Vec::with_capacity(delta.len());
                let mut places = HashMap::with_capacity(delta.len());
                for (key, value) in delta {
                    let node = self.fresh_member(value, numbers)?;
                    places.insert(key.clone(), members.len());
                    members.push((key, Slot(vec![(self.position, node)])));
                }
                Node::Object { members, places }
            }
        };
        Ok(self.add(node))
    }

    /// A node for a value that is taken as it is: the elements of its lists are not merged.
    fn fresh_member(
        &mut self,
        delta: Delta<V>,
        numbers: &mut impl Numbers<V>,
    ) -> Result<usize, Fault<V>> {
        match delta {
            Delta::List(items) => self.as_it_is(items, numbers),
            other => self.fresh(other, numbers),
        }
    }

    /// A list where there was none: one whose elements have indexes is merged element by element.
    fn list(
        &mut self,
        items: Vec<Delta<V>>,
        numbers: &mut impl Numbers<V>,
    ) -> Result<usize, Fault<V>> {
        let has_index = items.iter().any(|item| match item {
            Delta::Object(members) => members.iter().any(|(key, _)| *key == self.names.index),
            _ => false,
        });
        if !has_index {
            return self.as_it_is(items, numbers);
        }
        let list = self.add(Node::List(Vec::new()));
        for item in items {
            self.element(list, item, numbers)?;
        }
        Ok(list)
    }

    fn as_it_is(
        &mut self,
        items: Vec<Delta<V>>,
        numbers: &mut impl Numbers<V>,
    ) -> Result<usize, Fault<V>> {
        let position = self.position;
        let mut slots = Vec::with_capacity(items.len());
        for item in items {
            slots.push(Slot(vec![(position, self.fresh_member(item, numbers)?)]));
        }
        Ok(self.add(Node::List(slots)))
    }

    #[cfg(test)]
    pub(super) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    fn add(&mut self, node: Node<V>) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}
