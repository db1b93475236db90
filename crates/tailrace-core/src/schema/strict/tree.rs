//! A JSON document whose parts may be shared: inlining a reference copies names, not what they stand for.

use std::borrow::Cow;

use indexmap::IndexMap;
use jiter::{Jiter, JiterError, Peek};

use super::fault::Fault;

/// How deeply a document may nest: far deeper than the API takes schemas, and a recursion over it fits every stack.
pub(super) const MOST_DEPTH: usize = 400;

/// How many characters the answer may have. References that are inlined twice at each level double it.
const MOST_TEXT: usize = 64 << 20;

/// How many parts a document may grow to by copies.
const MOST_PARTS: usize = 5_000_000;

/// Where a part is in its tree.
pub(super) type Id = usize;

/// The members of an object in their order.
pub(super) type Members = IndexMap<String, Id>;

/// A part of a document.
#[derive(Clone, Debug)]
pub(super) enum Part<'j> {
    Object(Members),
    Array(Vec<Id>),
    /// A string, number or word, as it was written: no digit of a number is lost.
    Scalar(Cow<'j, str>),
}

/// What a document consists of. The same part may stand in several places.
#[derive(Debug)]
pub(super) struct Tree<'j> {
    parts: Vec<Part<'j>>,
    text: &'j str,
}

/// What an id of another tree would stand for; there is none.
const NOTHING: &Part<'static> = &Part::Scalar(Cow::Borrowed("null"));

impl<'j> Tree<'j> {
    /// Reads a document; its root is returned, too.
    pub(super) fn read(text: &'j str) -> Result<(Self, Id), Fault> {
        let mut tree = Tree {
            parts: Vec::new(),
            text,
        };
        let mut json = Jiter::new(text.as_bytes()).with_allow_inf_nan();
        let peek = json.peek().map_err(not_json)?;
        let root = tree.part(&mut json, peek, 0)?;
        json.finish().map_err(not_json)?;
        Ok((tree, root))
    }

    fn part(&mut self, json: &mut Jiter<'j>, peek: Peek, depth: usize) -> Result<Id, Fault> {
        if depth > MOST_DEPTH {
            return Err(Fault::TooDeep);
        }
        let part = match peek {
            Peek::Object => {
                let mut members = Members::new();
                let mut key = json.known_object().map_err(not_json)?.map(str::to_owned);
                while let Some(name) = key {
                    let peek = json.peek().map_err(not_json)?;
                    let value = self.part(json, peek, depth + 1)?;
                    members.insert(name, value);
                    key = json.next_key().map_err(not_json)?.map(str::to_owned);
                }
                Part::Object(members)
            }
            Peek::Array => {
                let mut items = Vec::new();
                let mut next = json.known_array().map_err(not_json)?;
                while let Some(peek) = next {
                    items.push(self.part(json, peek, depth + 1)?);
                    next = json.array_step().map_err(not_json)?;
                }
                Part::Array(items)
            }
            _ => {
                let start = json.current_index();
                json.known_skip(peek).map_err(not_json)?;
                // Both ends of a scalar are ASCII, so the slice is there.
                let raw = self.text.get(start..json.current_index());
                Part::Scalar(Cow::Borrowed(raw.unwrap_or("null")))
            }
        };
        Ok(self.add(part))
    }

    /// A new part.
    pub(super) fn add(&mut self, part: Part<'j>) -> Id {
        self.parts.push(part);
        self.parts.len() - 1
    }

    /// A new string.
    pub(super) fn name(&mut self, text: &str) -> Id {
        let mut raw = String::with_capacity(text.len() + 2);
        quote(text, &mut raw);
        self.add(Part::Scalar(Cow::Owned(raw)))
    }

    pub(super) fn get(&self, id: Id) -> &Part<'j> {
        self.parts.get(id).unwrap_or(NOTHING)
    }

    pub(super) fn members(&self, id: Id) -> Option<&Members> {
        match self.get(id) {
            Part::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn members_mut(&mut self, id: Id) -> Option<&mut Members> {
        match self.parts.get_mut(id) {
            Some(Part::Object(members)) => Some(members),
            _ => None,
        }
    }

    pub(super) fn member(&self, id: Id, name: &str) -> Option<Id> {
        self.members(id)?.get(name).copied()
    }

    /// Sets a member, in its place where it is there already.
    pub(super) fn set(&mut self, id: Id, name: &str, value: Id) {
        if let Some(members) = self.members_mut(id) {
            members.insert(name.to_owned(), value);
        }
    }

    pub(super) fn remove(&mut self, id: Id, name: &str) {
        if let Some(members) = self.members_mut(id) {
            members.shift_remove(name);
        }
    }

    /// A part of its own that says the same.
    pub(super) fn copy(&mut self, id: Id, depth: usize) -> Result<Id, Fault> {
        if depth > MOST_DEPTH || self.parts.len() > MOST_PARTS {
            return Err(Fault::TooLarge);
        }
        let part = match self.get(id).clone() {
            Part::Object(members) => {
                let mut copied = Members::with_capacity(members.len());
                for (name, value) in members {
                    copied.insert(name, self.copy(value, depth + 1)?);
                }
                Part::Object(copied)
            }
            Part::Array(items) => {
                let mut copied = Vec::with_capacity(items.len());
                for item in items {
                    copied.push(self.copy(item, depth + 1)?);
                }
                Part::Array(copied)
            }
            scalar @ Part::Scalar(_) => scalar,
        };
        Ok(self.add(part))
    }

    /// The items of an array.
    pub(super) fn items(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Part::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a scalar as it was written.
    pub(super) fn raw(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Part::Scalar(raw) => Some(raw),
            _ => None,
        }
    }

    /// What a string says.
    pub(super) fn string(&self, id: Id) -> Option<String> {
        let raw = self.raw(id)?;
        if !raw.starts_with('"') {
            return None;
        }
        Jiter::new(raw.as_bytes())
            .next_str()
            .ok()
            .map(str::to_owned)
    }

    /// Whether it is the string `text`.
    pub(super) fn is_string(&self, id: Id, text: &str) -> bool {
        self.string(id).is_some_and(|said| said == text)
    }

    /// The document below `id` as text, without spaces.
    pub(super) fn write(&self, id: Id) -> Result<String, Fault> {
        let mut text = String::new();
        self.write_part(id, 0, &mut text)?;
        Ok(text)
    }

    fn write_part(&self, id: Id, depth: usize, text: &mut String) -> Result<(), Fault> {
        // Parts that are shared may nest more deeply, and take more room, than what was read.
        if depth > 2 * MOST_DEPTH {
            return Err(Fault::TooDeep);
        }
        if text.len() > MOST_TEXT {
            return Err(Fault::TooLarge);
        }
        match self.get(id) {
            Part::Scalar(raw) => text.push_str(raw),
            Part::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    self.write_part(*item, depth + 1, text)?;
                }
                text.push(']');
            }
            Part::Object(members) => {
                text.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    quote(name, text);
                    text.push(':');
                    self.write_part(*value, depth + 1, text)?;
                }
                text.push('}');
            }
        }
        Ok(())
    }
}

/// Appends `text` as a JSON string.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

fn not_json(error: JiterError) -> Fault {
    Fault::NotJson {
        offset: error.index,
        reason: error.error_type.to_string(),
    }
}
