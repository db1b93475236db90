//! What a value does that its schema does not permit, and the sentence for it.

use super::{
    kind::{Kind, Kinds},
    node::{Bound, Node, NodeId, Plan},
};

/// A rule that is broken for good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) node: NodeId,
    pub(super) rule: Rule,
    /// The group none of whose branches is left, because the last one broke the rule.
    pub(super) group: Option<(NodeId, usize)>,
}

/// The rules that a prefix can break.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    Never,
    Kind(Kind),
    Choice,
    Integer,
    /// Its place among the lower bounds.
    Lower(usize),
    Upper(usize),
    MultipleOf,
    MinLength,
    MaxLength,
    Pattern,
    MinItems,
    MaxItems,
    MinProperties,
    MaxProperties,
    /// The place of a name among the required ones.
    Required(usize),
    Additional,
    /// The place of the group that none or more than one branch of fits.
    NoBranch(usize),
    TwoBranches(usize),
}

impl Fault {
    /// JSON pointer to the keyword.
    pub(super) fn schema_path(self, plan: &Plan) -> String {
        if let Some((node, group)) = self.group {
            let keyword = |node: &Node| node.groups.get(group).map(|group| group.keyword());
            return plan.node(node).map_or_else(String::new, |node| {
                format!("{}/{}", node.path, keyword(node).unwrap_or_default())
            });
        }
        plan.node(self.node).map_or_else(String::new, |node| {
            let keyword = self.rule.keyword(node);
            match keyword.is_empty() {
                true => node.path.clone(),
                false => format!("{}/{keyword}", node.path),
            }
        })
    }

    /// One sentence. `name` is that of the member that is looked at.
    pub(super) fn reason(self, plan: &Plan, name: &str) -> String {
        let Some(node) = plan.node(self.node) else {
            return String::new();
        };
        let reason = self.rule.reason(node, name);
        match self.group {
            None => reason,
            Some(_) => {
                format!("none of the permitted forms fits any more; of the last one: {reason}")
            }
        }
    }
}

impl Rule {
    fn keyword(self, node: &Node) -> &'static str {
        let bound = |bounds: &[Bound], place: usize, names: (&'static str, &'static str)| {
            let is_exclusive = bounds.get(place).is_some_and(|bound| bound.is_exclusive);
            if is_exclusive { names.1 } else { names.0 }
        };
        match self {
            Rule::Never => "",
            Rule::Kind(_) | Rule::Integer => "type",
            Rule::Choice => node.choices.as_ref().map_or("", |choices| choices.keyword),
            Rule::Lower(place) => bound(&node.number.lower, place, ("minimum", "exclusiveMinimum")),
            Rule::Upper(place) => bound(&node.number.upper, place, ("maximum", "exclusiveMaximum")),
            Rule::MultipleOf => "multipleOf",
            Rule::MinLength => "minLength",
            Rule::MaxLength => "maxLength",
            Rule::Pattern => "pattern",
            Rule::MinItems => "minItems",
            Rule::MaxItems => "maxItems",
            Rule::MinProperties => "minProperties",
            Rule::MaxProperties => "maxProperties",
            Rule::Required(_) => "required",
            Rule::Additional => "additionalProperties",
            Rule::NoBranch(place) | Rule::TwoBranches(place) => {
                node.groups.get(place).map_or("", |group| group.keyword())
            }
        }
    }

    fn reason(self, node: &Node, name: &str) -> String {
        let or_none = |limit: Option<u64>| limit.unwrap_or_default();
        let bound = |bounds: &[Bound], place: usize| {
            bounds
                .get(place)
                .map(|bound| (bound.limit.to_string(), bound.is_exclusive))
                .unwrap_or_default()
        };
        match self {
            Rule::Never => "nothing is permitted here".to_owned(),
            Rule::Kind(kind) => format!(
                "{} is not permitted here, but {}",
                kind.noun(),
                permitted(node.kinds, node.is_integer)
            ),
            Rule::Choice => format!(
                "it is not how a value of {} begins or ends",
                self.keyword(node)
            ),
            Rule::Integer => "the number has to be an integer".to_owned(),
            Rule::Lower(place) => match bound(&node.number.lower, place) {
                (limit, true) => format!("the number has to be greater than {limit}"),
                (limit, false) => format!("the number has to be at least {limit}"),
            },
            Rule::Upper(place) => match bound(&node.number.upper, place) {
                (limit, true) => format!("the number has to be less than {limit}"),
                (limit, false) => format!("the number has to be at most {limit}"),
            },
            Rule::MultipleOf => format!(
                "the number has to be a multiple of {}",
                node.number.multiple_of.unwrap_or_default()
            ),
            Rule::MinLength => format!(
                "the string has to have {} characters or more",
                or_none(node.text.min_characters)
            ),
            Rule::MaxLength => format!(
                "the string has to have {} characters at most",
                or_none(node.text.max_characters)
            ),
            Rule::Pattern => "no string that goes on like this matches the pattern".to_owned(),
            Rule::MinItems => format!(
                "the array has to have {} elements or more",
                or_none(node.array.min_items)
            ),
            Rule::MaxItems => format!(
                "the array has to have {} elements at most",
                or_none(node.array.max_items)
            ),
            Rule::MinProperties => {
                format!(
                    "the object has to have {} members or more",
                    or_none(node.object.as_ref().and_then(|rules| rules.min_members))
                )
            }
            Rule::MaxProperties => {
                format!(
                    "the object has to have {} members at most",
                    or_none(node.object.as_ref().and_then(|rules| rules.max_members))
                )
            }
            Rule::Required(place) => {
                let members = node.object.iter().flat_map(|rules| &rules.members);
                let mut missing = members.filter(|member| member.required == Some(place));
                format!(
                    "the member {:?} is missing",
                    missing.next().map_or("", |member| &member.name)
                )
            }
            Rule::Additional => format!("no member is called {name:?} or begins so"),
            Rule::NoBranch(_) => "none of the permitted forms begins like this".to_owned(),
            Rule::TwoBranches(_) => {
                "more than one of the forms fits, of which exactly one has to".to_owned()
            }
        }
    }
}

/// The kinds of a set as words.
fn permitted(kinds: Kinds, is_integer: bool) -> String {
    let each = [
        Kind::Object,
        Kind::Array,
        Kind::Text,
        Kind::Number,
        Kind::Bool,
        Kind::Null,
    ];
    let words: Vec<&str> = each
        .into_iter()
        .filter(|kind| kinds.has(*kind))
        .map(|kind| match kind {
            Kind::Number if is_integer => "an integer",
            other => other.noun(),
        })
        .collect();
    match words.is_empty() {
        true => "nothing".to_owned(),
        false => words.join(" or "),
    }
}
