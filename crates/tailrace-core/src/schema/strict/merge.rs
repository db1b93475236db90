//! Schemas in an `allOf` as one schema, where that says the same.

use std::collections::{BTreeMap, HashSet};

use super::{
    fault::Fault,
    keywords::{followed, is_annotation, is_metadata},
    tree::{Id, Members, Part, Tree},
};

/// What became of an `allOf`.
pub(super) enum Merged {
    /// There is none that could be merged.
    Nothing,
    /// It is gone, and what it said stands in its place, which may have an `allOf` again.
    Again,
    /// Its objects cannot be one object.
    Impossible,
}

/// Merges the `allOf` of the schema `id` into it.
pub(super) fn all_of(tree: &mut Tree<'_>, root: Id, id: Id) -> Result<Merged, Fault> {
    let Some(list) = tree.member(id, "allOf") else {
        return Ok(Merged::Nothing);
    };
    let Some(branches) = tree.items(list) else {
        return Ok(Merged::Nothing);
    };
    let branches = different(tree, branches)?;
    let own = tree.members(id).cloned().unwrap_or_default();
    let is_root = id == root;
    let describes =
        |name: &String| is_annotation(name) || name == "allOf" || (is_root && is_metadata(name));
    if let [only] = branches.as_slice()
        && own.keys().all(describes)
    {
        return Ok(replaced(tree, id, *only, is_root));
    }
    let fits = |name: &String| {
        describes(name)
            || matches!(
                name.as_str(),
                "type" | "properties" | "required" | "additionalProperties"
            )
    };
    if !own.keys().all(fits) {
        return Ok(Merged::Nothing);
    }
    let mut parts = vec![id];
    for branch in branches {
        let target = followed(tree, root, branch);
        if target == branch && tree.raw(branch) == Some("true") {
            continue;
        }
        parts.push(target);
    }
    if !parts.iter().any(|part| is_object(tree, *part)) {
        return Ok(Merged::Nothing);
    }
    merge(tree, id, &parts)
}

/// The branches without those that are there already.
fn different(tree: &Tree<'_>, branches: &[Id]) -> Result<Vec<Id>, Fault> {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for branch in branches {
        if seen.insert(tree.write(*branch)?) {
            kept.push(*branch);
        }
    }
    Ok(kept)
}

/// What describes the schema stays, and wins over what the only branch says. Definitions of the root come last.
fn replaced(tree: &mut Tree<'_>, id: Id, only: Id, is_root: bool) -> Merged {
    let inner = match tree.get(only) {
        Part::Object(members) => members.clone(),
        Part::Scalar(raw) if raw == "true" => Members::new(),
        _ => return Merged::Impossible,
    };
    if let Some(members) = tree.members_mut(id) {
        members.shift_remove("allOf");
        for (name, value) in inner {
            members.entry(name).or_insert(value);
        }
        for name in ["$defs", "definitions"].iter().filter(|_| is_root) {
            if let Some(definitions) = members.shift_remove(*name) {
                members.insert((*name).to_owned(), definitions);
            }
        }
    }
    Merged::Again
}

fn is_object(tree: &Tree<'_>, id: Id) -> bool {
    let has_type = tree
        .member(id, "type")
        .is_some_and(|kind| tree.is_string(kind, "object"));
    has_type || tree.member(id, "properties").is_some() || tree.member(id, "required").is_some()
}

fn merge(tree: &mut Tree<'_>, id: Id, parts: &[Id]) -> Result<Merged, Fault> {
    let mut described: BTreeMap<String, Id> = BTreeMap::new();
    let mut properties = Members::new();
    let mut required: Vec<Id> = Vec::new();
    let mut names = HashSet::new();
    let mut kind = None;
    let mut closed: Vec<HashSet<String>> = Vec::new();
    let mut has_properties = false;
    for part in parts {
        let Some(members) = tree.members(*part).cloned() else {
            return Ok(Merged::Impossible);
        };
        let mut own = HashSet::new();
        let mut is_closed = false;
        for (name, value) in &members {
            match name.as_str() {
                "allOf" if *part == id => {}
                "type" if tree.is_string(*value, "object") => kind = Some(*value),
                "properties" => {
                    has_properties = true;
                    let Some(found) = tree.members(*value) else {
                        return Ok(Merged::Impossible);
                    };
                    for (name, property) in found {
                        own.insert(name.clone());
                        match properties.get(name) {
                            Some(other) if tree.write(*other)? != tree.write(*property)? => {
                                return Ok(Merged::Impossible);
                            }
                            Some(_) => {}
                            None => {
                                properties.insert(name.clone(), *property);
                            }
                        }
                    }
                }
                "required" => {
                    for item in tree.items(*value).unwrap_or_default() {
                        if names.insert(tree.write(*item)?) {
                            required.push(*item);
                        }
                    }
                }
                "additionalProperties" => match tree.raw(*value) {
                    Some("false") => is_closed = true,
                    Some("true") => {}
                    _ => return Ok(Merged::Impossible),
                },
                // What references point to by a path through a branch has been moved before.
                "$defs" | "definitions" if *part != id => {}
                _ if is_annotation(name) || (is_metadata(name) && *part == id) => {
                    described.entry(name.clone()).or_insert(*value);
                }
                _ => return Ok(Merged::Impossible),
            }
        }
        if is_closed {
            closed.push(own);
        }
    }
    let fits = |own: &HashSet<String>| properties.keys().all(|name| own.contains(name));
    if !closed.iter().all(fits) {
        return Ok(Merged::Impossible);
    }
    // What references point to by name comes last.
    let (definitions, described): (Vec<_>, Vec<_>) = described
        .into_iter()
        .partition(|(name, _)| matches!(name.as_str(), "$defs" | "definitions"));
    let mut merged: Members = described.into_iter().collect();
    if let Some(kind) = kind {
        merged.insert("type".to_owned(), kind);
    }
    if has_properties {
        let properties = tree.add(Part::Object(properties));
        merged.insert("properties".to_owned(), properties);
    }
    if !required.is_empty() {
        let required = tree.add(Part::Array(required));
        merged.insert("required".to_owned(), required);
    }
    if !closed.is_empty() {
        let no = tree.add(Part::Scalar("false".into()));
        merged.insert("additionalProperties".to_owned(), no);
    }
    merged.extend(definitions);
    if let Some(members) = tree.members_mut(id) {
        *members = merged;
    }
    Ok(Merged::Again)
}
