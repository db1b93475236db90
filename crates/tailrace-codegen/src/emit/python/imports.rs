//! The import lines of a module, in isort's order.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::layout;
use crate::load::PythonOverlay;

/// Collects what a module needs to import while its text is written.
pub(super) struct Imports<'a> {
    /// Dotted path of the module below the package.
    module: &'a str,
    /// Local name to `module:Name`, from the facts.
    known: &'a BTreeMap<String, String>,
    overlay: &'a PythonOverlay,
    /// Names that the module defines itself.
    own: BTreeSet<String>,
    used: RefCell<BTreeMap<String, BTreeSet<String>>>,
    /// Modules that are imported whole, because a name in them is written with its module.
    whole: RefCell<BTreeSet<String>>,
}

impl<'a> Imports<'a> {
    pub(super) fn new(
        module: &'a str,
        known: &'a BTreeMap<String, String>,
        overlay: &'a PythonOverlay,
        own: impl IntoIterator<Item = String>,
    ) -> Self {
        let own = own.into_iter().collect();
        Self {
            module,
            known,
            overlay,
            own,
            used: RefCell::default(),
            whole: RefCell::default(),
        }
    }

    /// The spelling of a name of the facts in this module; notes the import that it needs.
    pub(super) fn name(&self, name: &str) -> String {
        let (first, rest) = name
            .split_once('.')
            .map_or((name, None), |(first, rest)| (first, Some(rest)));
        if self.own.contains(first) {
            return name.to_owned();
        }
        if let Some(target) = self.known.get(first) {
            let local = self.target(first, target);
            return rest.map_or(local.clone(), |rest| format!("{local}.{rest}"));
        }
        match self.overlay.names.get(name) {
            Some(module) if !module.contains(':') => {
                self.whole.borrow_mut().insert(module.clone());
                name.to_owned()
            }
            Some(target) => {
                let defined = target.rsplit(':').next().unwrap_or(name);
                self.target(defined, target)
            }
            // The resolve phase has refused names that nothing knows.
            None => name.to_owned(),
        }
    }

    /// Whether a name of the facts leads anywhere.
    pub(super) fn is_known(&self, name: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        self.own.contains(first)
            || self.known.contains_key(first)
            || self.overlay.names.contains_key(name)
    }

    /// Imports `module:Name` as a public name of this module.
    pub(super) fn again(&self, local: &str, target: &str) {
        let (module, name) = target.split_once(':').unwrap_or((target, local));
        let mut used = self.used.borrow_mut();
        let names = used.entry(self.spelling(module)).or_default();
        names.remove(local);
        names.insert(format!("{name} as {local}"));
    }

    /// Imports `module:Name` (or the module `module:`) under `local`.
    pub(super) fn target(&self, local: &str, target: &str) -> String {
        let (mut module, mut name) = target.split_once(':').unwrap_or((target, ""));
        let mut spelling = self.spelling(module);
        if name.is_empty() {
            (module, name) = module.rsplit_once('.').unwrap_or((".", module));
            // The package `types` is ours here, where the module of the standard library has the same name.
            spelling = relative(self.module, module);
        }
        if module != "builtins" {
            let item = if name == local {
                name.to_owned()
            } else {
                format!("{name} as {local}")
            };
            let mut used = self.used.borrow_mut();
            used.entry(spelling).or_default().insert(item);
        }
        local.to_owned()
    }

    /// The import lines, `indent` columns to the right, with an empty line between groups.
    pub(super) fn text(&self, indent: usize) -> String {
        let mut groups = [const { String::new() }; 4];
        for module in self.whole.borrow().iter() {
            let [_, standard, ..] = &mut groups;
            *standard += &format!("{}import {module}\n", " ".repeat(indent));
        }
        let used = self.used.borrow();
        let mut modules: Vec<_> = used.iter().collect();
        modules.sort_by_key(|(module, _)| order(module));
        for (module, names) in modules {
            let mut names: Vec<_> = names.iter().cloned().collect();
            names.sort_by_key(|name| key(name));
            let [future, standard, other, own] = &mut groups;
            let group = match module.as_str() {
                "__future__" => future,
                module if module.starts_with('.') => own,
                "pydantic" | "typing_extensions" => other,
                _ => standard,
            };
            // isort wants a statement for each name that is renamed, in the order of the names.
            let (renamed, mut plain): (Vec<_>, Vec<_>) =
                names.into_iter().partition(|name| name.contains(" as "));
            let first = plain.first().cloned();
            for name in renamed {
                if first.as_ref().is_some_and(|first| key(first) < key(&name)) {
                    *group += &layout::import(indent, module, &std::mem::take(&mut plain));
                }
                *group += &layout::import(indent, module, &[name]);
            }
            *group += &layout::import(indent, module, &plain);
        }
        groups
            .into_iter()
            .filter(|group| !group.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// How this module writes `module` behind `from`: relative for modules of ours.
    fn spelling(&self, module: &str) -> String {
        // `types` alone is a module of the standard library.
        let ours = module.starts_with('_') && module != "__future__"
            || ["types.", "resources.", "lib."]
                .iter()
                .any(|folder| module.starts_with(folder))
            || module == "pagination";
        if ours {
            relative(self.module, module)
        } else {
            module.to_owned()
        }
    }
}

/// Where isort puts a name among those of one module.
fn key(name: &str) -> (u8, String, String) {
    let bare = name.split(' ').next().unwrap_or(name);
    (kind(bare), bare.to_lowercase(), name.to_owned())
}

/// `target` as seen from `module`, both below the package.
pub(super) fn relative(module: &str, target: &str) -> String {
    let from: Vec<_> = module.split('.').collect();
    let to: Vec<_> = target.split('.').collect();
    let folders = from.len() - 1;
    let shared = from
        .iter()
        .take(folders)
        .zip(&to)
        .take_while(|(a, b)| a == b)
        .count();
    let rest = to.get(shared..).unwrap_or_default();
    format!("{}{}", ".".repeat(folders - shared + 1), rest.join("."))
}

/// Absolute modules by name, then relative ones from the furthest to the closest.
fn order(module: &str) -> (bool, i64, String) {
    let dots = module.chars().take_while(|c| *c == '.').count();
    (
        dots > 0,
        -i64::try_from(dots).unwrap_or(0),
        module.to_lowercase(),
    )
}

/// Constants, then classes, then functions, as isort groups the names of one import.
fn kind(name: &str) -> u8 {
    if name.chars().count() > 1
        && name
            .chars()
            .all(|c| c.is_uppercase() || c.is_ascii_digit() || c == '_')
    {
        0
    } else if name.starts_with(char::is_uppercase) {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn modules_are_seen_from_where_they_are_used() {
        for (module, target, expected) in [
            ("types.chat.chat_completion", "_models", "..._models"),
            (
                "types.chat.chat_completion",
                "types.completion_usage",
                "..completion_usage",
            ),
            ("types.chat.chat_completion", "types.chat.choice", ".choice"),
            (
                "types.chat.chat_completion",
                "types.shared.metadata",
                "..shared.metadata",
            ),
            ("types.completion_usage", "_models", ".._models"),
            ("types.chat.__init__", "types.chat.choice", ".choice"),
            ("resources.chat.chat", "types.chat", "...types.chat"),
        ] {
            assert_eq!(relative(module, target), expected, "{module} {target}");
        }
    }
}
