//! The strict form that says nothing else than the schema did: what it cannot say is refused.
//!
//! Each rule was found by running the official Node package (7.57.0); `tests/node/strict-schemas.test.mjs` compares.

use super::{
    admits::admits_null,
    fault::Fault,
    keywords::{self, is_annotation},
    merge::{self, Merged},
    moved::keep_moved,
    root::expand,
    tree::{Id, MOST_DEPTH, Part, Tree},
};

/// Rewrites the schema `root` in place.
pub(super) fn rewrite(tree: &mut Tree<'_>, root: Id) -> Result<(), Fault> {
    let mut pass = Pass {
        tree,
        root,
        path: Vec::new(),
        steps: 0,
    };
    pass.refuse_nested_ids(root, 0)?;
    keep_moved(pass.tree, root)?;
    expand(pass.tree, root)?;
    pass.root()?;
    pass.merge_everywhere(root, 0)?;
    pass.schema(root, 0)
}

struct Pass<'t, 'j> {
    tree: &'t mut Tree<'j>,
    root: Id,
    path: Vec<String>,
    steps: usize,
}

impl Pass<'_, '_> {
    /// An identifier starts a scope of its own, in which references mean something else.
    fn refuse_nested_ids(&mut self, id: Id, depth: usize) -> Result<(), Fault> {
        if depth > MOST_DEPTH {
            return Err(Fault::TooDeep);
        }
        if depth > 0 && self.tree.member(id, "$id").is_some() {
            let place = self.place();
            return Err(self.unsupported(&format!(
                "Nested $id at \"{place}\" starts a scope of its own for references, which strict Structured Outputs \
                 cannot represent."
            )));
        }
        for (names, child) in keywords::children(self.tree, id) {
            let before = self.path.len();
            self.path.extend(names);
            self.refuse_nested_ids(child, depth + 1)?;
            self.path.truncate(before);
        }
        Ok(())
    }

    fn root(&mut self) -> Result<(), Fault> {
        let kind = self.tree.member(self.root, "type");
        if !kind.is_some_and(|kind| self.tree.is_string(kind, "object")) {
            let said = match kind {
                Some(kind) => self.kind_text(kind)?,
                None => "undefined".to_owned(),
            };
            return Err(self.unsupported(&format!(
                "Root schema must have type: 'object' but got type: {said}"
            )));
        }
        if self.tree.member(self.root, "anyOf").is_some() {
            return Err(self.unsupported(
                "Root schema must not use `anyOf`: strict Structured Outputs requires an object at the root, and no union.",
            ));
        }
        Ok(())
    }

    fn kind_text(&self, kind: Id) -> Result<String, Fault> {
        let said = match self.tree.items(kind) {
            Some(items) => {
                let names: Vec<String> = items
                    .iter()
                    .map(|item| self.tree.string(*item).unwrap_or_default())
                    .collect();
                names.join(",")
            }
            None => match self.tree.string(kind) {
                Some(text) => text,
                None => self.tree.write(kind)?,
            },
        };
        Ok(format!("'{said}'"))
    }

    fn schema(&mut self, id: Id, depth: usize) -> Result<(), Fault> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Fault::TooLarge);
        }
        if depth > MOST_DEPTH {
            return Err(Fault::TooDeep);
        }
        if self.tree.members(id).is_none() {
            let found = self.tree.write(id)?;
            let place = self.place();
            return Err(self.mistyped(&match found.as_str() {
                "true" | "false" => format!("Expected object schema but got boolean; path={place}"),
                _ => format!("Expected {found} to be an object; path={place}"),
            }));
        }
        self.reference(id)?;
        self.refuse_keywords(id)?;
        self.one_type(id);
        self.object_any_of(id)?;
        self.object(id)?;
        self.array(id)?;
        if self
            .tree
            .member(id, "default")
            .is_some_and(|default| self.tree.raw(default) == Some("null"))
        {
            self.tree.remove(id, "default");
        }
        for (names, child) in self.next(id)? {
            let before = self.path.len();
            self.path.extend(names);
            self.schema(child, depth + 1)?;
            self.path.truncate(before);
        }
        Ok(())
    }

    /// The schemas inside a schema that is in order.
    fn next(&mut self, id: Id) -> Result<Vec<(Vec<String>, Id)>, Fault> {
        if let Some(branches) = self.tree.member(id, "anyOf")
            && self.tree.items(branches).is_none()
        {
            let found = self.tree.write(branches)?;
            self.path.push("anyOf".to_owned());
            let place = self.place();
            return Err(self.mistyped(&format!("Expected {found} to be an object; path={place}")));
        }
        let mut found = Vec::new();
        for keyword in ["$defs", "definitions", "properties"] {
            keywords::named(self.tree, id, keyword, &mut found);
        }
        if let Some(items) = self.tree.member(id, "items") {
            found.push((vec!["items".to_owned()], items));
        }
        keywords::listed(self.tree, id, "anyOf", &mut found);
        Ok(found)
    }

    /// Before any object is closed, which it would be for the others that it is merged with.
    fn merge_everywhere(&mut self, id: Id, depth: usize) -> Result<(), Fault> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Fault::TooLarge);
        }
        if depth > MOST_DEPTH {
            return Err(Fault::TooDeep);
        }
        self.merge_all_of(id)?;
        for (names, child) in keywords::children(self.tree, id) {
            let before = self.path.len();
            self.path.extend(names);
            self.merge_everywhere(child, depth + 1)?;
            self.path.truncate(before);
        }
        Ok(())
    }

    fn merge_all_of(&mut self, id: Id) -> Result<(), Fault> {
        // Each round takes one `allOf` away; what it leaves may have another one inside.
        for _ in 0..MOST_DEPTH {
            match merge::all_of(self.tree, self.root, id)? {
                Merged::Nothing => return Ok(()),
                Merged::Again => {}
                Merged::Impossible => {
                    let place = self.place();
                    return Err(self.unsupported(&format!(
                        "Object allOf at `{place}` cannot be merged without changing Draft 7 validation."
                    )));
                }
            }
        }
        Err(Fault::TooDeep)
    }

    fn reference(&mut self, id: Id) -> Result<(), Fault> {
        let Some(reference) = self.tree.member(id, "$ref") else {
            return Ok(());
        };
        let place = self.place();
        let Some(text) = self.tree.string(reference) else {
            let found = self.tree.write(reference)?;
            return Err(self.mistyped(&format!("Received non-string $ref - {found}; path={place}")));
        };
        let members = self.tree.members(id);
        let has_others = members.is_some_and(|members| {
            members
                .keys()
                .any(|name| name != "$ref" && !is_annotation(name))
        });
        if has_others {
            return Err(self.unsupported(&format!(
                "Schema $ref at `{place}` has non-annotation siblings, which Draft 7 ignores and strict Structured \
                 Outputs cannot represent."
            )));
        }
        if !text.starts_with('#') {
            return Err(self.unsupported(&format!(
                "External $ref at `{place}` is not supported in strict Structured Outputs: \"{text}\""
            )));
        }
        if keywords::resolve(self.tree, self.root, &text).is_none() {
            return Err(self.unsupported(&format!(
                "Local $ref at `{place}` does not resolve to an object or boolean schema: \"{text}\""
            )));
        }
        Ok(())
    }

    fn refuse_keywords(&mut self, id: Id) -> Result<(), Fault> {
        let place = self.place();
        if let Some(items) = self.tree.member(id, "items")
            && self.tree.items(items).is_some()
        {
            return Err(self.mistyped(&format!(
                "Schema at `{place}` uses tuple-form `items`, which strict Structured Outputs cannot represent."
            )));
        }
        if let Some(rest) = self.tree.member(id, "additionalProperties")
            && self.tree.raw(rest) != Some("false")
        {
            return Err(self.unsupported(&format!(
                "Object schema at `{place}` must set `additionalProperties: false` to be compatible with strict \
                 Structured Outputs."
            )));
        }
        let Some(members) = self.tree.members(id) else {
            return Ok(());
        };
        let unsupported = keywords::UNSUPPORTED
            .iter()
            .find(|name| members.contains_key(**name));
        if let Some(name) = unsupported {
            return Err(self.unsupported(&format!(
                "Schema at `{place}` uses unsupported keyword `{name}` and cannot be represented in strict Structured \
                 Outputs."
            )));
        }
        Ok(())
    }

    /// A list of one type is that type.
    fn one_type(&mut self, id: Id) {
        if let Some(kind) = self.tree.member(id, "type")
            && let Some([only]) = self.tree.items(kind)
        {
            let only = *only;
            self.tree.set(id, "type", only);
        }
    }

    /// The type beside a union of objects says nothing that its branches do not say.
    fn object_any_of(&mut self, id: Id) -> Result<(), Fault> {
        let Some(branches) = self.tree.member(id, "anyOf") else {
            return Ok(());
        };
        let Some(members) = self.tree.members(id) else {
            return Ok(());
        };
        let says_more = ["properties", "required", "additionalProperties"]
            .iter()
            .any(|name| members.contains_key(*name));
        if !says_more && !keywords::has_type(self.tree, id, "object") {
            return Ok(());
        }
        let is_only_object = self
            .tree
            .member(id, "type")
            .is_some_and(|kind| self.tree.is_string(kind, "object"));
        let all_objects = self.tree.items(branches).is_some_and(|branches| {
            branches.iter().all(|branch| {
                let branch = keywords::followed(self.tree, self.root, *branch);
                let kind = self.tree.member(branch, "type");
                kind.is_some_and(|kind| self.tree.is_string(kind, "object"))
            })
        });
        if says_more || !is_only_object || !all_objects {
            let place = self.place();
            return Err(self.unsupported(&format!(
                "Object anyOf schema at `{place}` cannot be represented in strict Structured Outputs without changing \
                 Draft 7 validation."
            )));
        }
        self.tree.remove(id, "type");
        Ok(())
    }

    fn object(&mut self, id: Id) -> Result<(), Fault> {
        let place = self.place();
        let properties = self
            .tree
            .member(id, "properties")
            .filter(|properties| self.tree.members(*properties).is_some());
        let is_object = keywords::has_type(self.tree, id, "object") || properties.is_some();
        if is_object && self.tree.member(id, "additionalProperties").is_none() {
            let no = self.tree.add(Part::Scalar("false".into()));
            self.tree.set(id, "additionalProperties", no);
        }
        let required = self.required(id)?;
        let declared: Vec<(String, Id)> = match properties.and_then(|id| self.tree.members(id)) {
            Some(members) => members
                .iter()
                .map(|(name, id)| (name.clone(), *id))
                .collect(),
            None => Vec::new(),
        };
        for name in &required {
            if !properties
                .and_then(|properties| self.tree.members(properties))
                .is_some_and(|members| members.contains_key(name))
            {
                return Err(self.unsupported(&format!(
                    "Object schema at `{place}` requires property `{name}` but does not declare it in `properties`."
                )));
            }
        }
        if properties.is_none() {
            return Ok(());
        }
        let required: std::collections::HashSet<String> = required.into_iter().collect();
        for (name, property) in &declared {
            let is_sure = required.contains(name) || self.tree.raw(*property).is_some();
            if !is_sure && !admits_null(self.tree, self.root, *property) {
                self.path.extend(["properties".to_owned(), name.clone()]);
                let place = self.place();
                return Err(self.unsupported(&format!(
                    "Schema field at `{place}` uses `.optional()` without `.nullable()` which is not supported by the API. \
                     See: https://platform.openai.com/docs/guides/structured-outputs?api-mode=responses#all-fields-must-be-required"
                )));
            }
        }
        let names = declared
            .iter()
            .map(|(name, _)| self.tree.name(name))
            .collect();
        let all = self.tree.add(Part::Array(names));
        self.tree.set(id, "required", all);
        Ok(())
    }

    fn required(&mut self, id: Id) -> Result<Vec<String>, Fault> {
        let Some(required) = self.tree.member(id, "required") else {
            return Ok(Vec::new());
        };
        let names = self.tree.items(required).and_then(|items| {
            items
                .iter()
                .map(|item| self.tree.string(*item))
                .collect::<Option<Vec<_>>>()
        });
        let place = self.place();
        names.ok_or_else(|| {
            self.mistyped(&format!(
                "Expected `required` to be an array of strings; path={place}"
            ))
        })
    }

    fn array(&mut self, id: Id) -> Result<(), Fault> {
        if keywords::has_type(self.tree, id, "array") && self.tree.member(id, "items").is_none() {
            let place = self.place();
            return Err(self.unsupported(&format!(
                "Schema at `{place}` declares an array without `items`, which strict Structured Outputs cannot represent."
            )));
        }
        Ok(())
    }

    /// Where the pass is, as the official package says it.
    fn place(&self) -> String {
        match self.path.is_empty() {
            true => "<root>".to_owned(),
            false => self.path.join("/"),
        }
    }

    fn unsupported(&mut self, message: &str) -> Fault {
        Fault::Unsupported {
            path: std::mem::take(&mut self.path),
            message: message.to_owned(),
        }
    }

    fn mistyped(&mut self, message: &str) -> Fault {
        Fault::Mistyped {
            path: std::mem::take(&mut self.path),
            message: message.to_owned(),
        }
    }
}

/// How many schemas may be looked at. Parts that are shared are looked at wherever they stand.
const MOST_STEPS: usize = 500_000;
