//! References into an `allOf` that will be merged: what they point to is kept under `$defs`.

use std::collections::HashMap;

use super::{
    fault::Fault,
    keywords::{children, resolve},
    tree::{Id, MOST_DEPTH, Members, Part, Tree},
};

/// What the kept schemas are called, with a number after it.
const NAME: &str = "__openai_strict_allOf_ref_";

/// Rewrites the references below `root`.
pub(super) fn keep_moved(tree: &mut Tree<'_>, root: Id) -> Result<(), Fault> {
    let mut found = Vec::new();
    collect(tree, root, 0, &mut found)?;
    let mut kept: HashMap<String, String> = HashMap::new();
    for id in found {
        let Some(text) = tree.member(id, "$ref").and_then(|text| tree.string(text)) else {
            continue;
        };
        if !text.split('/').any(|token| token == "allOf") {
            continue;
        }
        let Some(target) = resolve(tree, root, &text) else {
            continue;
        };
        let name = match kept.get(&text) {
            Some(name) => name.clone(),
            None => {
                let name = keep(tree, root, target)?;
                kept.insert(text, name.clone());
                name
            }
        };
        let reference = tree.name(&format!("#/$defs/{name}"));
        tree.set(id, "$ref", reference);
    }
    Ok(())
}

/// Every schema with a reference.
fn collect(tree: &Tree<'_>, id: Id, depth: usize, found: &mut Vec<Id>) -> Result<(), Fault> {
    if depth > MOST_DEPTH {
        return Err(Fault::TooDeep);
    }
    if tree.member(id, "$ref").is_some() {
        found.push(id);
    }
    for (_, child) in children(tree, id) {
        collect(tree, child, depth + 1, found)?;
    }
    Ok(())
}

/// Puts a copy of `target` under `$defs` and returns its name there.
fn keep(tree: &mut Tree<'_>, root: Id, target: Id) -> Result<String, Fault> {
    let definitions = match tree.member(root, "$defs") {
        Some(definitions) if tree.members(definitions).is_some() => definitions,
        _ => {
            let definitions = tree.add(Part::Object(Members::new()));
            tree.set(root, "$defs", definitions);
            definitions
        }
    };
    let taken = |number: &usize| {
        tree.member(definitions, &format!("{NAME}{number}"))
            .is_none()
    };
    let number = (0..).find(taken).unwrap_or_default();
    let name = format!("{NAME}{number}");
    let copy = tree.copy(target, 0)?;
    tree.set(definitions, &name, copy);
    Ok(name)
}
