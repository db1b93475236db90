//! How deep the validator of whole documents calls itself, which bounds what it may be given.
//!
//! It is measured on the schema itself, in every dialect alike, with anchors and names of parts: what is counted too much
//! makes a document that nests deeply be refused, and what is counted too little would use up the stack.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// How many parts of one name a reference into them is followed to; one of more counts by itself.
const MAX_NAMESAKES: usize = 64;
/// How long the ways are that lead through the schemas of schemas, which every dialect knows without being given them.
const OF_SCHEMAS: usize = 10;
/// Keywords that ask about the same value, with one schema, an array or an object of them.
const KEYWORDS: [&str; 9] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependencies",
];
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// What judging one value can take at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Nesting {
    /// The longest way from one schema to another about the same value, in schemas; a circle counts with all that are in it.
    pub(super) longest: usize,
    /// How many schemas are met on all ways: one that is met on two ways is judged twice.
    pub(super) ways: u64,
}

/// Measures documents that refer to each other, each with its URI.
pub(super) fn measure(documents: &[(&str, &Value)]) -> Nesting {
    let mut graph = Graph::default();
    for (uri, document) in documents {
        let base = graph.places.len();
        graph.add(document, base);
        graph.call(uri, base);
    }
    graph.link(documents);
    let out = if graph.leads_out { OF_SCHEMAS } else { 0 };
    let found = graph.search();
    Nesting {
        longest: found.longest + graph.counted + out,
        ..found
    }
}

/// The objects of some documents, and which asks another about the same value.
#[derive(Default)]
struct Graph<'s> {
    places: Vec<Place<'s>>,
    /// The place of an object, by where it is in memory.
    of: HashMap<*const Value, usize>,
    /// Parts with a name of their own, by the end of that name.
    named: HashMap<&'s str, Vec<usize>>,
    anchors: HashMap<&'s str, Vec<usize>>,
    /// References that are counted because they are not followed.
    counted: usize,
    /// Whether something refers to a document that is not among them.
    leads_out: bool,
}

/// An object, or what stands for all that have one name.
struct Place<'s> {
    value: &'s Value,
    /// The part that it is in, which references are relative to.
    base: usize,
    next: Vec<usize>,
    /// How many schemas it is.
    weight: usize,
}

impl<'s> Graph<'s> {
    fn add(&mut self, value: &'s Value, base: usize) {
        match value {
            Value::Object(members) => {
                let place = self.places.len();
                let name = ["$id", "id"]
                    .iter()
                    .find_map(|key| members.get(*key)?.as_str());
                let base = match name {
                    Some(name) if !name.starts_with('#') => place,
                    _ => base,
                };
                self.of.insert(std::ptr::from_ref(value), place);
                self.places.push(Place {
                    value,
                    base,
                    next: Vec::new(),
                    weight: 1,
                });
                if let Some(name) = name {
                    self.call(name, place);
                }
                for key in ["$anchor", "$dynamicAnchor"] {
                    if let Some(Value::String(anchor)) = members.get(key) {
                        self.anchors.entry(anchor).or_default().push(place);
                    }
                }
                if members.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
                    self.anchors.entry("").or_default().push(place);
                }
                for member in members.values() {
                    self.add(member, base);
                }
            }
            Value::Array(elements) => {
                for element in elements {
                    self.add(element, base);
                }
            }
            _ => {}
        }
    }

    /// Notes a name, with which another part may refer to `place`.
    fn call(&mut self, name: &'s str, place: usize) {
        match name.split_once('#') {
            Some(("", anchor)) => self.anchors.entry(anchor).or_default().push(place),
            Some((uri, _)) => self.named.entry(last(uri)).or_default().push(place),
            None => self.named.entry(last(name)).or_default().push(place),
        }
    }

    fn link(&mut self, documents: &[(&str, &'s Value)]) {
        let anchors = std::mem::take(&mut self.anchors);
        let anchors = self.hubs(anchors);
        let whole = self.hubs(self.named.clone());
        for place in 0..self.places.len() {
            let Some(Place { value, base, .. }) = self.places.get(place) else {
                continue;
            };
            let (Value::Object(members), base) = (*value, *base) else {
                continue;
            };
            let mut next = self.asked(members);
            for reference in REFERENCES
                .iter()
                .filter_map(|key| members.get(*key)?.as_str())
            {
                let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
                if fragment.starts_with('/') {
                    self.point(uri, fragment, base, documents, &mut next);
                } else if !fragment.is_empty() {
                    next.extend(anchors.get(fragment));
                } else if !uri.is_empty() {
                    let named = whole.get(last(uri));
                    self.leads_out |= named.is_none();
                    next.extend(named);
                } else {
                    next.push(base);
                    next.extend(anchors.get(""));
                }
            }
            if let Some(place) = self.places.get_mut(place) {
                place.next = next;
            }
        }
    }

    /// One place of no weight for each name, from which the way leads to all that have it.
    fn hubs(&mut self, names: HashMap<&'s str, Vec<usize>>) -> HashMap<&'s str, usize> {
        names
            .into_iter()
            .map(|(name, next)| {
                self.places.push(Place {
                    value: &Value::Null,
                    base: 0,
                    next,
                    weight: 0,
                });
                (name, self.places.len() - 1)
            })
            .collect()
    }

    /// The schemas that the keywords of one ask about the same value.
    fn asked(&self, members: &'s Map<String, Value>) -> Vec<usize> {
        let place = |value: &'s Value| self.of.get(&std::ptr::from_ref(value)).copied();
        let mut next = Vec::new();
        for value in KEYWORDS.iter().filter_map(|key| members.get(*key)) {
            next.extend(place(value));
            match value {
                Value::Array(elements) => next.extend(elements.iter().filter_map(place)),
                Value::Object(members) => next.extend(members.values().filter_map(place)),
                _ => {}
            }
        }
        next
    }

    /// Where a pointer leads, from the part that it is in or the one that it names.
    fn point(
        &mut self,
        uri: &str,
        fragment: &str,
        base: usize,
        documents: &[(&str, &'s Value)],
        next: &mut Vec<usize>,
    ) {
        let Some(path) = super::reference::percent_decoded(fragment) else {
            return;
        };
        let place = |value: &'s Value| {
            self.of
                .get(&std::ptr::from_ref(value.pointer(&path)?))
                .copied()
        };
        let value = |place: &usize| self.places.get(*place).map(|place| place.value);
        if uri.is_empty() {
            let within = value(&base).and_then(place);
            next.extend(within);
            // What was taken for a name need not have been one.
            let whole = documents.iter().filter_map(|(_, document)| place(document));
            next.extend(whole.filter(|place| Some(*place) != within));
            return;
        }
        match self.named.get(last(uri)) {
            Some(namesakes) if namesakes.len() > MAX_NAMESAKES => self.counted += 1,
            Some(namesakes) => next.extend(namesakes.iter().filter_map(value).filter_map(place)),
            None => self.leads_out = true,
        }
    }

    /// The largest of both. Circles are found as Tarjan does, who meets what a circle leads to before the circle; the stack is
    /// its own, because the way may be as long as the schema.
    fn search(&self) -> Nesting {
        let mut search = Search {
            marks: vec![Mark::default(); self.places.len()],
            open: Vec::new(),
            count: 0,
        };
        (0..self.places.len()).fold(Nesting::default(), |largest, place| {
            let found = search.from(self, place);
            Nesting {
                longest: largest.longest.max(found.longest),
                ways: largest.ways.max(found.ways),
            }
        })
    }
}

/// What is known of each place.
struct Search {
    marks: Vec<Mark>,
    /// The places whose circle is not whole yet.
    open: Vec<usize>,
    count: usize,
}

#[derive(Clone, Default)]
struct Mark {
    /// When it was met first; zero when it was not.
    order: usize,
    /// The first that is met from it and is in its circle.
    low: usize,
    /// What is asked from it on.
    found: Option<Nesting>,
}

#[allow(
    clippy::indexing_slicing,
    reason = "every place has a mark, and `next` holds places only"
)]
impl Search {
    /// What is asked from one place on.
    fn from(&mut self, graph: &Graph<'_>, first: usize) -> Nesting {
        let mut way = vec![(first, 0)];
        while let Some((place, edge)) = way.pop() {
            if edge == 0 {
                if self.marks[place].order > 0 {
                    continue;
                }
                self.count += 1;
                self.marks[place].order = self.count;
                self.marks[place].low = self.count;
                self.open.push(place);
            }
            if let Some(next) = graph.places[place].next.get(edge) {
                way.push((place, edge + 1));
                let Mark { order, found, .. } = self.marks[*next];
                if order == 0 {
                    way.push((*next, 0));
                } else if found.is_none() {
                    self.marks[place].low = self.marks[place].low.min(order);
                }
                continue;
            }
            if self.marks[place].low == self.marks[place].order {
                self.close(graph, place);
            }
            if let Some((before, _)) = way.last() {
                self.marks[*before].low = self.marks[*before].low.min(self.marks[place].low);
            }
        }
        self.marks[first].found.unwrap_or_default()
    }

    /// The circle that was met at `first` is whole: everything after it is `open`, and what it leads to is known.
    fn close(&mut self, graph: &Graph<'_>, first: usize) {
        let start = self.open.iter().rposition(|place| *place == first);
        let circle = self.open.split_off(start.unwrap_or(self.open.len()));
        let places = || circle.iter().map(|place| &graph.places[*place]);
        let weight: usize = places().map(|place| place.weight).sum();
        let mut found = Nesting {
            longest: 0,
            ways: weight as u64,
        };
        // In a circle each place may be met on as many ways as lead to it from the others.
        let mut turns: u64 = 1;
        for place in places() {
            let mut within = 0;
            for next in &place.next {
                match self.marks[*next].found {
                    Some(after) => {
                        found.longest = found.longest.max(after.longest);
                        found.ways = found.ways.saturating_add(after.ways);
                    }
                    None => within += 1,
                }
            }
            turns = turns.saturating_mul(within.max(1));
        }
        found.longest += weight;
        found.ways = found.ways.saturating_mul(turns);
        for place in &circle {
            self.marks[*place].found = Some(found);
        }
    }
}

/// The last part of a URI, which stays the same however it is written.
fn last(uri: &str) -> &str {
    let uri = uri.trim_end_matches('/');
    uri.rsplit(['/', ':']).next().unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(schema: Value, expected: usize) {
        let found = measure(&[("", &schema)]);
        assert_eq!(found.longest, expected, "{schema}");
    }

    #[test]
    fn the_longest_way_is_counted_and_circles_end() {
        check(json!(true), 0);
        check(json!({}), 1);
        check(json!({"$ref": "#"}), 1);
        check(json!({"allOf": [{"not": {"anyOf": [{}]}}]}), 4);
        check(json!({"properties": {"a": {"properties": {"b": {}}}}}), 1);
        check(
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
            3,
        );
        check(
            json!({"allOf": [{"$ref": "#/x/0"}, {"$ref": "#/x/1"}], "x": [{"$ref": "#/x/1"}, {"not": {}}]}),
            5,
        );
    }

    #[test]
    fn what_is_met_twice_counts_twice() {
        let ways = |schema: Value| measure(&[("", &schema)]).ways;
        let next = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
        let twice = |name: &str| json!({"anyOf": [next(name), next(name)]});
        assert_eq!(ways(json!({})), 1);
        assert_eq!(ways(json!({"allOf": [{}, {}], "items": {"not": {}}})), 3);
        assert_eq!(
            ways(json!({"$defs": {"a": twice("b"), "b": twice("c"), "c": {}}})),
            13
        );
        let circle = json!({"$defs": {"a": twice("b"), "b": twice("a")}});
        assert_eq!(ways(circle), 24);
        assert_eq!(ways(json!({"allOf": [{"$ref": "#"}]})), 2);
    }

    #[test]
    fn names_are_followed_in_every_dialect() {
        check(
            json!({"$ref": "#a", "$defs": {"a": {"$anchor": "a", "if": {"$ref": "#b"}}, "b": {"$dynamicAnchor": "b"}}}),
            4,
        );
        check(
            json!({"$ref": "a", "$defs": {"a": {"$id": "/a", "$ref": "b.json#/$defs/c"}, "b": {"$id": "http://x/b.json", "$defs": {"c": {}}}}}),
            3,
        );
        check(
            json!({"$ref": "#/definitions/a", "definitions": {"a": {"id": "a", "$ref": "#/definitions/b", "definitions": {"b": {"$ref": "#c"}}}, "c": {"id": "#c"}}}),
            4,
        );
        check(
            json!({"$ref": "http://json-schema.org/draft-07/schema"}),
            1 + OF_SCHEMAS,
        );
    }
}
