//! What a schema says, in the form in which it is followed while a text comes.

use std::collections::HashMap;

use serde_json::Number;

use super::{
    choice::Choices,
    kind::{Kind, Kinds},
    pattern::Pattern,
};

/// Index of a node in its plan.
pub(super) type NodeId = u32;

/// A compiled schema: all that a prefix can decide.
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) root: NodeId,
}

impl Plan {
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub(super) fn pattern(&self, index: usize) -> Option<&Pattern> {
        self.patterns.get(index)
    }
}

/// One schema within the schema.
pub(super) struct Node {
    /// JSON pointer to it.
    pub(super) path: String,
    /// The kinds that `type` permits.
    pub(super) kinds: Kinds,
    /// The kinds for which it can hold at all, as far as is known.
    pub(super) reach: Kinds,
    /// The kinds for which nothing is left to be looked at.
    pub(super) free: Kinds,
    /// Whether numbers must be integers.
    pub(super) is_integer: bool,
    /// Whether it is `false`.
    pub(super) is_never: bool,
    /// The kinds of values about which only the whole document decides.
    pub(super) open: Kinds,
    pub(super) choices: Option<Choices>,
    pub(super) number: NumberRules,
    pub(super) text: TextRules,
    pub(super) array: ArrayRules,
    pub(super) object: Option<Box<ObjectRules>>,
    /// All of them have to hold: `allOf`, `$ref`.
    pub(super) all: Vec<NodeId>,
    pub(super) groups: Vec<Group>,
}

impl Node {
    /// One that holds for everything.
    pub(super) fn new(path: String) -> Self {
        Node {
            path,
            kinds: Kinds::ALL,
            reach: Kinds::ALL,
            free: Kinds::NONE,
            is_integer: false,
            is_never: false,
            open: Kinds::NONE,
            choices: None,
            number: NumberRules::default(),
            text: TextRules::default(),
            array: ArrayRules::default(),
            object: None,
            all: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Whether nothing of it needs to be looked at for a value of this kind, once it is permitted.
    pub(super) fn is_idle(&self, kind: Kind) -> bool {
        !self.open.has(kind)
            && self.choices.is_none()
            && match kind {
                Kind::Null | Kind::Bool => true,
                Kind::Number => !self.is_integer && self.number.is_empty(),
                Kind::Text => self.text.is_empty(),
                Kind::Array => self.array.is_empty(),
                Kind::Object => self.object.is_none(),
            }
    }
}

/// `anyOf` or `oneOf`.
pub(super) struct Group {
    /// Whether exactly one has to hold.
    pub(super) is_one: bool,
    pub(super) branches: Vec<NodeId>,
}

impl Group {
    pub(super) fn keyword(&self) -> &'static str {
        match self.is_one {
            true => "oneOf",
            false => "anyOf",
        }
    }
}

/// A bound of numbers.
pub(super) struct Bound {
    pub(super) limit: Number,
    /// Whether the limit itself is out of bounds.
    pub(super) is_exclusive: bool,
}

#[derive(Default)]
pub(super) struct NumberRules {
    pub(super) lower: Vec<Bound>,
    pub(super) upper: Vec<Bound>,
    /// The bound that no number below zero is within, and the one that none above it is.
    pub(super) no_negative: Option<usize>,
    pub(super) no_positive: Option<usize>,
    /// An integer; the other engine knows what is a multiple of a fraction.
    pub(super) multiple_of: Option<i128>,
}

impl NumberRules {
    pub(super) fn is_empty(&self) -> bool {
        self.lower.is_empty() && self.upper.is_empty() && self.multiple_of.is_none()
    }
}

#[derive(Default)]
pub(super) struct TextRules {
    pub(super) min_characters: Option<u64>,
    pub(super) max_characters: Option<u64>,
    /// Index of the plan's patterns.
    pub(super) pattern: Option<usize>,
}

impl TextRules {
    pub(super) fn is_empty(&self) -> bool {
        self.min_characters.is_none() && self.max_characters.is_none() && self.pattern.is_none()
    }
}

#[derive(Default)]
pub(super) struct ArrayRules {
    /// For the first elements, one each.
    pub(super) first: Vec<NodeId>,
    /// For the others.
    pub(super) rest: Option<NodeId>,
    pub(super) min_items: Option<u64>,
    pub(super) max_items: Option<u64>,
}

impl ArrayRules {
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
            && self.rest.is_none()
            && self.min_items.is_none()
            && self.max_items.is_none()
    }

    pub(super) fn element(&self, index: usize) -> Option<NodeId> {
        self.first.get(index).copied().or(self.rest)
    }
}

#[derive(Default)]
pub(super) struct ObjectRules {
    /// In the order of `properties`, then those that are only required.
    pub(super) members: Vec<Member>,
    /// Where in `members` a name is.
    pub(super) places: HashMap<String, usize>,
    /// Sorted names of `properties`: all that is permitted when `is_closed`.
    pub(super) names: Vec<String>,
    /// How many members are required; each has a place of its own below it.
    pub(super) required: usize,
    /// `patternProperties`: index of the plan's patterns, and what its members have to be.
    pub(super) patterns: Vec<(usize, NodeId)>,
    /// `additionalProperties`.
    pub(super) rest: Option<NodeId>,
    /// Whether no name is permitted but those in `names`.
    pub(super) is_closed: bool,
    /// `propertyNames`.
    pub(super) key: Option<NodeId>,
    pub(super) min_members: Option<u64>,
    pub(super) max_members: Option<u64>,
}

/// A name that a schema mentions.
pub(super) struct Member {
    pub(super) name: String,
    /// What its value has to be; `None` when it is only required.
    pub(super) node: Option<NodeId>,
    /// Its place among the required ones.
    pub(super) required: Option<usize>,
}

impl ObjectRules {
    /// The member called `name`; `hint` is where to look first.
    pub(super) fn find(&self, name: &str, hint: usize) -> Option<(usize, &Member)> {
        if let Some(member) = self.members.get(hint)
            && member.name == name
        {
            return Some((hint, member));
        }
        let place = *self.places.get(name)?;
        Some((place, self.members.get(place)?))
    }

    /// Whether the member at `place` is one of `properties` and begins with `name`.
    pub(super) fn is_beginning_of(&self, place: usize, name: &str) -> bool {
        let member = self.members.get(place);
        member.is_some_and(|member| member.node.is_some() && member.name.starts_with(name))
    }

    /// How many bytes of `name` a permitted name begins with.
    pub(super) fn permitted_bytes(&self, name: &str) -> usize {
        let index = self.names.partition_point(|other| other.as_str() < name);
        let around = [index.checked_sub(1), Some(index)];
        let shared = around.into_iter().flatten().filter_map(|index| {
            let other = self.names.get(index)?;
            let pairs = other.bytes().zip(name.bytes());
            Some(pairs.take_while(|(a, b)| a == b).count())
        });
        shared.max().unwrap_or(0)
    }
}
