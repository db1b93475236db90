//! The strict form in which a reference with keywords beside it is replaced by what it points to.
//!
//! Each rule was found by running the official Python package (3.54.0); `tests/python/test_strict_schemas.py` compares.

use super::{
    fault::Fault,
    tree::{Id, MOST_DEPTH, Part, Tree},
};

/// How many schemas may be looked at. Parts that are shared are looked at wherever they stand.
const MOST_STEPS: usize = 500_000;

/// Rewrites the schema `root` in place.
pub(super) fn rewrite(tree: &mut Tree<'_>, root: Id) -> Result<(), Fault> {
    let mut pass = Pass {
        tree,
        root,
        path: Vec::new(),
        steps: 0,
    };
    pass.schema(root, 0)
}

struct Pass<'t, 'j> {
    tree: &'t mut Tree<'j>,
    root: Id,
    path: Vec<String>,
    steps: usize,
}

impl Pass<'_, '_> {
    fn schema(&mut self, id: Id, depth: usize) -> Result<(), Fault> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Fault::TooLarge);
        }
        // What was read nests less deeply, so references have led in a circle.
        if depth > MOST_DEPTH {
            return Err(Fault::Circular {
                path: std::mem::take(&mut self.path),
            });
        }
        if self.tree.members(id).is_none() {
            return Err(Fault::NotASchema {
                path: std::mem::take(&mut self.path),
                found: self.tree.write(id)?,
            });
        }
        self.children_by_name(id, "$defs", depth)?;
        self.children_by_name(id, "definitions", depth)?;
        self.close(id);
        self.require(id);
        self.children_by_name(id, "properties", depth)?;
        self.items(id, depth)?;
        self.branches(id, "anyOf", depth)?;
        self.all_of(id, depth)?;
        self.drop_null_default(id);
        self.inline(id, depth)
    }

    fn step(&mut self, names: &[&str], id: Id, depth: usize) -> Result<(), Fault> {
        let before = self.path.len();
        self.path
            .extend(names.iter().map(|name| (*name).to_owned()));
        self.schema(id, depth + 1)?;
        self.path.truncate(before);
        Ok(())
    }

    fn children_by_name(&mut self, id: Id, keyword: &str, depth: usize) -> Result<(), Fault> {
        let Some(children) = self.tree.member(id, keyword) else {
            return Ok(());
        };
        let Some(members) = self.tree.members(children) else {
            return Ok(());
        };
        let list: Vec<(String, Id)> = members
            .iter()
            .map(|(name, child)| (name.clone(), *child))
            .collect();
        for (name, child) in list {
            self.step(&[keyword, &name], child, depth)?;
        }
        Ok(())
    }

    /// An object takes no properties that it does not name, unless it says what they are.
    fn close(&mut self, id: Id) {
        let is_object = self
            .tree
            .member(id, "type")
            .is_some_and(|kind| self.tree.is_string(kind, "object"));
        let is_open = self.tree.member(id, "additionalProperties").is_none();
        if is_object && is_open {
            let no = self.tree.add(Part::Scalar("false".into()));
            if let Some(members) = self.tree.members_mut(id) {
                members.insert("additionalProperties".to_owned(), no);
            }
        }
    }

    /// Every property is required.
    fn require(&mut self, id: Id) {
        let Some(properties) = self.tree.member(id, "properties") else {
            return;
        };
        let Some(members) = self.tree.members(properties) else {
            return;
        };
        let names: Vec<String> = members.keys().cloned().collect();
        let items = names
            .into_iter()
            .map(|name| self.tree.name(&name))
            .collect();
        let required = self.tree.add(Part::Array(items));
        if let Some(members) = self.tree.members_mut(id) {
            members.insert("required".to_owned(), required);
        }
    }

    fn items(&mut self, id: Id, depth: usize) -> Result<(), Fault> {
        match self.tree.member(id, "items") {
            Some(items) if self.tree.members(items).is_some() => {
                self.step(&["items"], items, depth)
            }
            _ => Ok(()),
        }
    }

    fn branches(&mut self, id: Id, keyword: &str, depth: usize) -> Result<(), Fault> {
        let Some(branches) = self.tree.member(id, keyword) else {
            return Ok(());
        };
        let list: Vec<Id> = self.tree.items(branches).unwrap_or_default().to_vec();
        for (index, branch) in list.into_iter().enumerate() {
            self.step(&[keyword, &index.to_string()], branch, depth)?;
        }
        Ok(())
    }

    /// One schema alone in an `allOf` is merged into what is around it, and wins.
    fn all_of(&mut self, id: Id, depth: usize) -> Result<(), Fault> {
        let Some(list) = self.tree.member(id, "allOf") else {
            return Ok(());
        };
        let only = match self.tree.items(list) {
            Some([only]) => *only,
            _ => return self.branches(id, "allOf", depth),
        };
        self.step(&["allOf", "0"], only, depth)?;
        let merged = self.tree.members(only).cloned().unwrap_or_default();
        if let Some(members) = self.tree.members_mut(id) {
            members.extend(merged);
            members.shift_remove("allOf");
        }
        Ok(())
    }

    fn drop_null_default(&mut self, id: Id) {
        let is_null = self
            .tree
            .member(id, "default")
            .is_some_and(|default| self.tree.raw(default) == Some("null"));
        if is_null && let Some(members) = self.tree.members_mut(id) {
            members.shift_remove("default");
        }
    }

    /// A reference with keywords beside it is replaced by what it points to; the keywords win.
    fn inline(&mut self, id: Id, depth: usize) -> Result<(), Fault> {
        let Some(reference) = self.tree.member(id, "$ref") else {
            return Ok(());
        };
        let has_siblings = self
            .tree
            .members(id)
            .is_some_and(|members| members.len() > 1);
        if !has_siblings || self.says_nothing(reference) {
            return Ok(());
        }
        let Some(text) = self.tree.string(reference) else {
            return Err(Fault::ReferenceNotText {
                path: std::mem::take(&mut self.path),
                found: self.tree.write(reference)?,
            });
        };
        let target = self.resolve(&text)?;
        let found = self.tree.members(target).cloned().unwrap_or_default();
        if let Some(members) = self.tree.members_mut(id) {
            for (name, value) in found {
                members.entry(name).or_insert(value);
            }
            members.shift_remove("$ref");
        }
        self.schema(id, depth + 1)
    }

    /// Whether a value is one that Python takes for false.
    fn says_nothing(&self, id: Id) -> bool {
        match self.tree.get(id) {
            Part::Object(members) => members.is_empty(),
            Part::Array(items) => items.is_empty(),
            Part::Scalar(raw) => matches!(
                raw.as_ref(),
                "null" | "false" | "0" | "0.0" | "-0" | "-0.0" | "\"\""
            ),
        }
    }

    /// What a reference such as `#/$defs/Step` points to. Names are taken as they are written, without escapes.
    fn resolve(&mut self, reference: &str) -> Result<Id, Fault> {
        let Some(names) = reference.strip_prefix("#/") else {
            return Err(Fault::ReferenceNotLocal {
                path: std::mem::take(&mut self.path),
                reference: reference.to_owned(),
            });
        };
        let mut at = self.root;
        for name in names.split('/') {
            let Some(next) = self.tree.member(at, name) else {
                return Err(Fault::ReferenceMissing {
                    path: std::mem::take(&mut self.path),
                    reference: reference.to_owned(),
                    name: name.to_owned(),
                });
            };
            if self.tree.members(next).is_none() {
                return Err(Fault::ReferenceNotObject {
                    path: std::mem::take(&mut self.path),
                    reference: reference.to_owned(),
                    found: self.tree.write(at)?,
                });
            }
            at = next;
        }
        Ok(at)
    }
}
