//! Which keywords hold schemas, which only describe, and what a local reference points to.

use super::tree::{Id, Tree};

/// Keywords without a place in strict schemas, in the order in which they are named.
pub(super) const UNSUPPORTED: [&str; 29] = [
    "additionalItems",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "allOf",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "else",
    "if",
    "maxContains",
    "maxProperties",
    "minContains",
    "minProperties",
    "not",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Keywords whose members are schemas.
const NAMED: [&str; 6] = [
    "$defs",
    "definitions",
    "properties",
    "patternProperties",
    "dependentSchemas",
    "dependencies",
];

/// Keywords that are a list of schemas.
const LISTED: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// Keywords that are a schema.
const ALONE: [&str; 12] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Whether a keyword describes, and changes nothing that is valid.
pub(super) fn is_annotation(name: &str) -> bool {
    matches!(
        name,
        "$comment"
            | "$defs"
            | "definitions"
            | "title"
            | "description"
            | "default"
            | "readOnly"
            | "writeOnly"
            | "examples"
    )
}

/// Whether a keyword may stand beside what makes the root an object.
pub(super) fn is_metadata(name: &str) -> bool {
    is_annotation(name) || matches!(name, "$schema" | "$id")
}

/// Every schema inside a schema, with the names on the way to it.
pub(super) fn children(tree: &Tree<'_>, id: Id) -> Vec<(Vec<String>, Id)> {
    let mut found = Vec::new();
    for keyword in NAMED {
        named(tree, id, keyword, &mut found);
    }
    for keyword in LISTED {
        listed(tree, id, keyword, &mut found);
    }
    for keyword in ALONE {
        match tree.member(id, keyword) {
            Some(child) if tree.members(child).is_some() => {
                found.push((vec![keyword.to_owned()], child));
            }
            _ => {}
        }
    }
    listed(tree, id, "items", &mut found);
    found
}

/// Appends the members of a keyword such as `properties`.
pub(super) fn named(tree: &Tree<'_>, id: Id, keyword: &str, found: &mut Vec<(Vec<String>, Id)>) {
    let members = tree.member(id, keyword).and_then(|id| tree.members(id));
    for (name, child) in members.into_iter().flatten() {
        found.push((vec![keyword.to_owned(), name.clone()], *child));
    }
}

/// Appends the items of a keyword such as `anyOf`.
pub(super) fn listed(tree: &Tree<'_>, id: Id, keyword: &str, found: &mut Vec<(Vec<String>, Id)>) {
    let items = tree.member(id, keyword).and_then(|id| tree.items(id));
    for (index, child) in items.into_iter().flatten().enumerate() {
        found.push((vec![keyword.to_owned(), index.to_string()], *child));
    }
}

/// Whether `type` is, or has among others, `kind`.
pub(super) fn has_type(tree: &Tree<'_>, id: Id, kind: &str) -> bool {
    let Some(said) = tree.member(id, "type") else {
        return false;
    };
    match tree.items(said) {
        Some(items) => items.iter().any(|item| tree.is_string(*item, kind)),
        None => tree.is_string(said, kind),
    }
}

/// What a local reference points to: a schema or a boolean, by keywords that hold schemas.
pub(super) fn resolve(tree: &Tree<'_>, root: Id, reference: &str) -> Option<Id> {
    let pointer = decoded(reference.strip_prefix('#')?)?;
    if pointer.is_empty() {
        return Some(root);
    }
    let tokens: Vec<String> = pointer
        .strip_prefix('/')?
        .split('/')
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect();
    let mut at = root;
    let mut rest = tokens.as_slice();
    while let [keyword, after @ ..] = rest {
        let value = tree.member(at, keyword)?;
        (at, rest) = if NAMED.contains(&keyword.as_str()) {
            let [name, after @ ..] = after else {
                return None;
            };
            (tree.member(value, name)?, after)
        } else if tree.items(value).is_some() {
            let is_list = LISTED.contains(&keyword.as_str()) || keyword == "items";
            let [index, after @ ..] = after else {
                return None;
            };
            let index: usize = index.parse().ok().filter(|_| is_list)?;
            (*tree.items(value)?.get(index)?, after)
        } else if ALONE.contains(&keyword.as_str()) {
            (value, after)
        } else {
            return None;
        };
    }
    let is_schema = tree.members(at).is_some() || matches!(tree.raw(at), Some("true" | "false"));
    is_schema.then_some(at)
}

/// The schema that a chain of references ends at; the schema itself where it has none.
pub(super) fn followed(tree: &Tree<'_>, root: Id, id: Id) -> Id {
    let mut at = id;
    // A chain that is longer goes in a circle.
    for _ in 0..64 {
        let target = tree
            .member(at, "$ref")
            .and_then(|reference| tree.string(reference))
            .and_then(|reference| resolve(tree, root, &reference));
        match target {
            Some(target) => at = target,
            None => return at,
        }
    }
    at
}

/// A fragment without its percent signs.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let [high, low, after @ ..] = after else {
                return None;
            };
            let digits = [*high, *low];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}
