//! Whether a schema admits null, so that a property that was left out can be null instead.

use super::{
    keywords::{has_type, resolve},
    tree::{Id, Part, Tree},
};

/// How many references and branches are followed before a schema counts as one that does not.
const MOST_STEPS: usize = 10_000;

/// Whether null is valid for the schema `id`.
pub(super) fn admits_null(tree: &Tree<'_>, root: Id, id: Id) -> bool {
    Question {
        tree,
        root,
        open: Vec::new(),
        steps: 0,
    }
    .ask(id)
}

struct Question<'t, 'j> {
    tree: &'t Tree<'j>,
    root: Id,
    open: Vec<Id>,
    steps: usize,
}

impl Question<'_, '_> {
    fn ask(&mut self, id: Id) -> bool {
        self.steps += 1;
        // A reference that leads back to the question says nothing about it.
        if self.steps > MOST_STEPS || self.open.len() > 200 || self.open.contains(&id) {
            return false;
        }
        if self.tree.members(id).is_none() {
            return self.tree.raw(id) == Some("true");
        }
        self.open.push(id);
        let answer = self.keywords(id);
        self.open.pop();
        answer
    }

    fn keywords(&mut self, id: Id) -> bool {
        let tree = self.tree;
        if let Some(reference) = tree.member(id, "$ref") {
            let target = tree
                .string(reference)
                .and_then(|reference| resolve(tree, self.root, &reference));
            return target.is_some_and(|target| self.ask(target));
        }
        if tree.member(id, "type").is_some() && !has_type(tree, id, "null") {
            return false;
        }
        if let Some(only) = tree.member(id, "const")
            && !self.is_null(only)
        {
            return false;
        }
        if let Some(values) = tree.member(id, "enum")
            && !tree
                .items(values)
                .is_some_and(|values| values.iter().any(|value| self.is_null(*value)))
        {
            return false;
        }
        let branches = |keyword: &str| {
            let list = tree.member(id, keyword)?;
            Some(tree.items(list).unwrap_or_default().to_vec())
        };
        if let Some(any) = branches("anyOf")
            && !any.into_iter().any(|branch| self.ask(branch))
        {
            return false;
        }
        if let Some(all) = branches("allOf")
            && !all.into_iter().all(|branch| self.ask(branch))
        {
            return false;
        }
        if let Some(one) = branches("oneOf")
            && one.into_iter().filter(|branch| self.ask(*branch)).count() != 1
        {
            return false;
        }
        match tree.member(id, "not") {
            Some(not) => !self.ask(not),
            None => true,
        }
    }

    fn is_null(&self, id: Id) -> bool {
        matches!(self.tree.get(id), Part::Scalar(raw) if raw == "null")
    }
}
