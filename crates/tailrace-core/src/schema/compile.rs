//! From a schema to the plan that is followed while a text comes.
//!
//! Nothing here refuses: the `jsonschema` crate has said before that it is a schema. What a plan has no form for makes its
//! node *open*: the node then holds back nothing, and the whole document decides.

use std::{
    cmp::Ordering,
    collections::{HashMap, VecDeque},
};

use serde_json::{Map, Value};

use super::{
    choice::Choices,
    kind::{Kind, Kinds},
    node::{
        ArrayRules, Bound, Group, Member, Node, NodeId, NumberRules, ObjectRules, Plan, TextRules,
    },
    number,
    pattern::Pattern,
    reference,
};

/// Bytes that the tables of all patterns may take; further patterns wait for the end.
const PATTERN_BYTES: usize = 8 << 20;
/// How many numbers of an `enum` are compared with each other number.
const MAX_NUMBERS: usize = 256;

/// The dialects that a plan can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Draft7,
    Draft202012,
}

impl Dialect {
    /// The one that a schema says, or 2020-12 when it says none.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        let Some(name) = schema.get("$schema") else {
            return Some(Dialect::Draft202012);
        };
        match name.as_str()?.trim_end_matches('#') {
            "https://json-schema.org/draft/2020-12/schema" => Some(Dialect::Draft202012),
            "http://json-schema.org/draft-07/schema" => Some(Dialect::Draft7),
            _ => None,
        }
    }
}

/// Keywords that only a whole value decides, and the kind of value that they are about; `None` for all.
const WHOLE: [(&str, Option<Kind>); 14] = [
    ("$dynamicRef", None),
    ("$recursiveRef", None),
    ("not", None),
    ("if", None),
    ("contains", Some(Kind::Array)),
    ("unevaluatedItems", Some(Kind::Array)),
    ("dependentRequired", Some(Kind::Object)),
    ("dependentSchemas", Some(Kind::Object)),
    ("dependencies", Some(Kind::Object)),
    ("unevaluatedProperties", Some(Kind::Object)),
    ("contentEncoding", Some(Kind::Text)),
    ("contentMediaType", Some(Kind::Text)),
    ("contentSchema", Some(Kind::Text)),
    ("discriminator", None),
];

/// Makes the plan of a schema.
pub(super) fn compile(schema: &Value) -> Plan {
    let mut compiler = Compiler {
        root: schema,
        dialect: Dialect::of(schema),
        nodes: Vec::new(),
        patterns: Vec::new(),
        pattern_bytes: 0,
        known_patterns: HashMap::new(),
        known: HashMap::new(),
        queue: VecDeque::new(),
    };
    let root = compiler.node(schema, String::new(), false);
    while let Some(work) = compiler.queue.pop_front() {
        compiler.fill(work);
    }
    let mut plan = Plan {
        nodes: compiler.nodes,
        patterns: compiler.patterns,
        root,
    };
    plan.narrow();
    plan
}

/// A node whose schema has not been read yet.
struct Work<'s> {
    id: NodeId,
    schema: &'s Value,
    /// Whether references are relative to something else than the document.
    is_foreign: bool,
}

struct Compiler<'s> {
    root: &'s Value,
    dialect: Option<Dialect>,
    nodes: Vec<Node>,
    patterns: Vec<Pattern>,
    pattern_bytes: usize,
    known_patterns: HashMap<&'s str, Option<usize>>,
    /// The nodes by their paths. A schema is read once, however often it is referred to.
    known: HashMap<String, NodeId>,
    queue: VecDeque<Work<'s>>,
}

impl<'s> Compiler<'s> {
    /// The node of the schema at `path`, which is read later.
    fn node(&mut self, schema: &'s Value, path: String, is_foreign: bool) -> NodeId {
        if let Some(id) = self.known.get(&path) {
            return *id;
        }
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        let is_foreign = is_foreign || (!path.is_empty() && reference::has_base(schema));
        self.known.insert(path.clone(), id);
        self.nodes.push(Node::new(path));
        self.queue.push_back(Work {
            id,
            schema,
            is_foreign,
        });
        id
    }

    fn fill(&mut self, work: Work<'s>) {
        let Some(slot) = self.nodes.get_mut(work.id as usize) else {
            return;
        };
        let mut node = std::mem::replace(slot, Node::new(String::new()));
        match work.schema {
            Value::Bool(true) => {}
            Value::Bool(false) => node.is_never = true,
            Value::Object(schema) => {
                let is_other = !node.path.is_empty() && schema.contains_key("$schema");
                match self.dialect {
                    Some(dialect) if !is_other => {
                        self.keywords(&mut node, schema, dialect, work.is_foreign)
                    }
                    _ => node.open = Kinds::ALL,
                }
            }
            _ => node.open = Kinds::ALL,
        }
        if let Some(slot) = self.nodes.get_mut(work.id as usize) {
            *slot = node;
        }
    }

    fn keywords(
        &mut self,
        node: &mut Node,
        schema: &'s Map<String, Value>,
        dialect: Dialect,
        is_foreign: bool,
    ) {
        let mut scope = Scope {
            path: node.path.clone(),
            schema,
            is_foreign,
        };
        if let Some(target) = schema.get("$ref") {
            match target
                .as_str()
                .filter(|_| !is_foreign)
                .and_then(|target| reference::resolve(self.root, target))
            {
                Some((path, target)) => {
                    let id = self.node(target, path, false);
                    node.all.push(id);
                }
                None => node.open = Kinds::ALL,
            }
            if dialect == Dialect::Draft7 {
                // Its siblings mean nothing in this draft.
                return;
            }
        }
        for (keyword, kind) in WHOLE {
            if schema.contains_key(keyword) {
                node.open = node.open.or(kind.map_or(Kinds::ALL, Kinds::of));
            }
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            node.open.add(Kind::Array);
        }
        types(node, schema);
        choices(node, schema);
        node.number = numbers(node, schema);
        node.text = self.text(node, schema);
        node.array = self.array(&mut scope, dialect);
        node.object = self.object(node, &mut scope).map(Box::new);
        for (keyword, is_one) in [("anyOf", false), ("oneOf", true)] {
            let branches = self.list(&scope, keyword);
            if !branches.is_empty() {
                node.groups.push(Group { is_one, branches });
            }
        }
        node.all.extend(self.list(&scope, "allOf"));
    }

    /// The nodes of an array of schemas.
    fn list(&mut self, scope: &Scope<'s>, keyword: &str) -> Vec<NodeId> {
        let Some(Value::Array(schemas)) = scope.schema.get(keyword) else {
            return Vec::new();
        };
        let place = scope.at(keyword);
        let each = schemas.iter().enumerate();
        each.map(|(index, schema)| self.node(schema, format!("{place}/{index}"), scope.is_foreign))
            .collect()
    }

    /// The node of a keyword whose value is a schema.
    fn one(&mut self, scope: &Scope<'s>, keyword: &str) -> Option<NodeId> {
        let schema = scope.schema.get(keyword)?;
        Some(self.node(schema, scope.at(keyword), scope.is_foreign))
    }

    /// The index of a pattern; `None` when the whole string has to be waited for.
    fn pattern(&mut self, source: &'s str) -> Option<usize> {
        if let Some(known) = self.known_patterns.get(source) {
            return *known;
        }
        let compiled = match self.pattern_bytes < PATTERN_BYTES {
            true => Pattern::compile(source),
            false => None,
        };
        let index = compiled.map(|pattern| {
            self.pattern_bytes += pattern.bytes();
            self.patterns.push(pattern);
            self.patterns.len() - 1
        });
        self.known_patterns.insert(source, index);
        index
    }

    fn text(&mut self, node: &mut Node, schema: &'s Map<String, Value>) -> TextRules {
        let mut rules = TextRules {
            min_characters: whole(schema, "minLength"),
            max_characters: whole(schema, "maxLength"),
            pattern: None,
        };
        if let Some(source) = schema.get("pattern").and_then(Value::as_str) {
            rules.pattern = self.pattern(source);
            if rules.pattern.is_none() {
                node.open.add(Kind::Text);
            }
        }
        rules
    }

    fn array(&mut self, scope: &mut Scope<'s>, dialect: Dialect) -> ArrayRules {
        let is_list = scope.schema.get("items").is_some_and(Value::is_array);
        let (first, rest) = match (dialect, is_list) {
            (Dialect::Draft202012, _) => ("prefixItems", "items"),
            (Dialect::Draft7, true) => ("items", "additionalItems"),
            (Dialect::Draft7, false) => ("", "items"),
        };
        ArrayRules {
            first: self.list(scope, first),
            rest: self.one(scope, rest),
            min_items: whole(scope.schema, "minItems"),
            max_items: whole(scope.schema, "maxItems"),
        }
    }

    fn object(&mut self, node: &mut Node, scope: &mut Scope<'s>) -> Option<ObjectRules> {
        const KEYWORDS: [&str; 7] = [
            "properties",
            "required",
            "patternProperties",
            "additionalProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
        ];
        let schema = scope.schema;
        if !KEYWORDS.iter().any(|keyword| schema.contains_key(*keyword)) {
            return None;
        }
        let mut rules = ObjectRules {
            min_members: whole(schema, "minProperties"),
            max_members: whole(schema, "maxProperties"),
            rest: self.one(scope, "additionalProperties"),
            key: self.one(scope, "propertyNames"),
            ..ObjectRules::default()
        };
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let place = scope.at("properties");
            for (name, schema) in properties {
                let mut path = place.clone();
                reference::push(&mut path, name);
                let id = self.node(schema, path, scope.is_foreign);
                rules.member(name).node = Some(id);
                rules.names.push(name.clone());
            }
            rules.names.sort_unstable();
        }
        if let Some(Value::Array(names)) = schema.get("required") {
            for name in names.iter().filter_map(Value::as_str) {
                let place = rules.required;
                let member = rules.member(name);
                if member.required.is_none() {
                    member.required = Some(place);
                    rules.required += 1;
                }
            }
        }
        let mut has_all_patterns = true;
        if let Some(Value::Object(patterns)) = schema.get("patternProperties") {
            let place = scope.at("patternProperties");
            for (source, schema) in patterns {
                match self.pattern(source) {
                    Some(pattern) => {
                        let mut path = place.clone();
                        reference::push(&mut path, source);
                        let id = self.node(schema, path, scope.is_foreign);
                        rules.patterns.push((pattern, id));
                    }
                    None => has_all_patterns = false,
                }
            }
        }
        if !has_all_patterns {
            node.open.add(Kind::Object);
            rules.rest = None;
        }
        let is_false = schema.get("additionalProperties") == Some(&Value::Bool(false));
        rules.is_closed = is_false && has_all_patterns && rules.patterns.is_empty();
        Some(rules)
    }
}

impl ObjectRules {
    /// The member called so, which is made when there is none.
    fn member(&mut self, name: &str) -> &mut Member {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                self.places.insert(name.to_owned(), self.members.len());
                self.members.len()
            }
        };
        if place >= self.members.len() {
            self.members.push(Member {
                name: name.to_owned(),
                node: None,
                required: None,
            });
        }
        let last = self.members.len() - 1;
        #[allow(
            clippy::indexing_slicing,
            reason = "a place is below the number of members, and the list is not empty"
        )]
        &mut self.members[place.min(last)]
    }
}

/// The schema whose keywords are read.
struct Scope<'s> {
    path: String,
    schema: &'s Map<String, Value>,
    is_foreign: bool,
}

impl Scope<'_> {
    fn at(&self, keyword: &str) -> String {
        format!("{}/{keyword}", self.path)
    }
}

/// `type`.
fn types(node: &mut Node, schema: &Map<String, Value>) {
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    node.kinds = names
        .iter()
        .fold(Kinds::NONE, |kinds, name| kinds.or(Kinds::named(name)));
    node.is_integer = names.contains(&"integer") && !names.contains(&"number");
}

/// `enum` and `const`; when both are there, `const`, and the document decides about the other one.
fn choices(node: &mut Node, schema: &Map<String, Value>) {
    let choices = match (schema.get("const"), schema.get("enum")) {
        (Some(value), other) => {
            if other.is_some() {
                node.open = Kinds::ALL;
            }
            Choices::of(std::slice::from_ref(value), "const")
        }
        (None, Some(Value::Array(values))) => Choices::of(values, "enum"),
        _ => return,
    };
    if choices.len() > MAX_NUMBERS {
        node.open = Kinds::ALL;
        return;
    }
    for kind in [Kind::Array, Kind::Object] {
        if choices.kinds.has(kind) {
            node.open.add(kind);
        }
    }
    node.choices = Some(choices);
}

fn numbers(node: &mut Node, schema: &Map<String, Value>) -> NumberRules {
    let bounds = |names: [&str; 2]| -> Vec<Bound> {
        let each = names.iter().zip([false, true]);
        each.filter_map(|(name, is_exclusive)| {
            let Some(Value::Number(limit)) = schema.get(*name) else {
                return None;
            };
            Some(Bound {
                limit: limit.clone(),
                is_exclusive,
            })
        })
        .collect()
    };
    let lower = bounds(["minimum", "exclusiveMinimum"]);
    let upper = bounds(["maximum", "exclusiveMaximum"]);
    // The first bound that leaves nothing on one side of zero.
    let beyond_zero = |bounds: &[Bound], side: Ordering| {
        bounds.iter().position(|bound| {
            let order = number::order(&bound.limit, &0.into());
            order == side || order.is_eq() && bound.is_exclusive
        })
    };
    let mut rules = NumberRules {
        no_negative: beyond_zero(&lower, Ordering::Greater),
        no_positive: beyond_zero(&upper, Ordering::Less),
        lower,
        upper,
        multiple_of: None,
    };
    if let Some(Value::Number(divisor)) = schema.get("multipleOf") {
        rules.multiple_of = number::integer(divisor).filter(|divisor| *divisor > 0);
        if rules.multiple_of.is_none() {
            node.open.add(Kind::Number);
        }
    }
    rules
}

/// A limit, which may be written `2.0`.
fn whole(schema: &Map<String, Value>, keyword: &str) -> Option<u64> {
    let limit = schema.get(keyword)?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a limit beyond the range is none that a document reaches"
    )]
    limit
        .as_u64()
        .or_else(|| limit.as_f64().map(|limit| limit as u64))
}
