//! The root of a schema as an object: what a reference or a union of one says there stands there itself.

use super::{
    fault::Fault,
    keywords::{is_metadata, resolve},
    merge::{self, Merged},
    tree::{Id, Members, Tree},
};

/// How many references may follow each other.
const MOST_HOPS: usize = 100;

/// Rewrites the root until it is neither a reference, nor a union of one, nor an `allOf`.
pub(super) fn expand(tree: &mut Tree<'_>, root: Id) -> Result<(), Fault> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..MOST_HOPS {
        if let Some(reference) = tree.member(root, "$ref") {
            // What is no text is refused where every reference is.
            let Some(text) = tree.string(reference) else {
                return Ok(());
            };
            let Some(target) = target(tree, root, &text, &mut seen)? else {
                return Ok(());
            };
            put(tree, root, target, "$ref");
        } else if let Some(branch) = only_branch(tree, root) {
            put(tree, root, branch, "anyOf");
        } else {
            match merge::all_of(tree, root, root)? {
                Merged::Again => {}
                Merged::Nothing => return Ok(()),
                Merged::Impossible => {
                    return Err(refused(
                        "Object allOf at `<root>` cannot be merged without changing Draft 7 validation.",
                    ));
                }
            }
        }
    }
    Err(Fault::TooDeep)
}

fn target(
    tree: &Tree<'_>,
    root: Id,
    text: &str,
    seen: &mut Vec<String>,
) -> Result<Option<Id>, Fault> {
    let members = tree.members(root);
    if members.is_some_and(|members| {
        members
            .keys()
            .any(|name| name != "$ref" && !is_metadata(name))
    }) {
        return Err(refused(
            "Schema $ref at `<root>` has non-metadata siblings, which Draft 7 ignores and strict Structured Outputs \
             cannot represent.",
        ));
    }
    let Some(target) = resolve(tree, root, text) else {
        return Ok(None);
    };
    if target == root || seen.iter().any(|before| before == text) {
        return Err(refused(&format!(
            "Cyclic local $ref at `<root>` is not supported: \"{text}\""
        )));
    }
    seen.push(text.to_owned());
    Ok(tree.members(target).is_some().then_some(target))
}

/// The only branch of a union at the root, where nothing else than the type stands beside it.
fn only_branch(tree: &Tree<'_>, root: Id) -> Option<Id> {
    let [only] = tree.items(tree.member(root, "anyOf")?)? else {
        return None;
    };
    let is_alone = tree.members(root)?.iter().all(|(name, value)| {
        name == "anyOf" || is_metadata(name) || (name == "type" && tree.is_string(*value, "object"))
    });
    (is_alone && tree.members(*only).is_some()).then_some(*only)
}

/// Puts the members of `target` first; what the root says itself wins.
fn put(tree: &mut Tree<'_>, root: Id, target: Id, keyword: &str) {
    let mut merged: Members = tree.members(target).cloned().unwrap_or_default();
    let own = tree.members(root).cloned().unwrap_or_default();
    let definitions = |name: &String| matches!(name.as_str(), "$defs" | "definitions");
    let (last, first): (Vec<_>, Vec<_>) = own.into_iter().partition(|(name, _)| definitions(name));
    for (name, value) in first.into_iter().chain(last) {
        if name != keyword {
            merged.insert(name, value);
        }
    }
    if let Some(members) = tree.members_mut(root) {
        *members = merged;
    }
}

fn refused(message: &str) -> Fault {
    Fault::Unsupported {
        path: Vec::new(),
        message: message.to_owned(),
    }
}
