//! The import lines of a module.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::WIDTH;

/// What a module imports: those of its names that run, and all the others as types.
pub(super) struct Imports<'a> {
    module: &'a str,
    /// Local name to `module#Name`, or `module#*` for the module itself.
    names: BTreeMap<String, String>,
    values: BTreeSet<String>,
}

impl<'a> Imports<'a> {
    pub(super) fn new(module: &'a str, names: &BTreeMap<String, String>) -> Self {
        Self {
            module,
            names: names.clone(),
            values: BTreeSet::new(),
        }
    }

    /// Imports `module#name` as a value.
    pub(super) fn add(&mut self, target: &str) -> String {
        let name = self.name(target);
        self.value(&name);
        name
    }

    /// Imports `module#name`.
    pub(super) fn name(&mut self, target: &str) -> String {
        let name = target.rsplit('#').next().unwrap_or(target).to_owned();
        self.names.insert(name.clone(), target.to_owned());
        name
    }

    /// Notes that the first part of `name` is needed when the code runs.
    pub(super) fn value(&mut self, name: &str) {
        self.values
            .insert(name.split('.').next().unwrap_or(name).to_owned());
    }

    /// Leaves a name out that the facts import, unless something else needs it when the code runs.
    pub(super) fn leave_out(&mut self, name: &str) {
        if !self.values.contains(name) {
            self.names.remove(name);
        }
    }

    pub(super) fn text(&self) -> String {
        let mut modules: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for (local, target) in &self.names {
            let (module, name) = target.split_once('#').unwrap_or((target, local));
            modules.entry(module).or_default().push((local, name));
        }
        let mut text = String::new();
        for (module, names) in modules {
            let place = relative(self.module, module);
            let (whole, named): (Vec<_>, Vec<_>) =
                names.into_iter().partition(|(_, name)| *name == "*");
            for (local, _) in whole {
                let kind = if self.values.contains(local) {
                    ""
                } else {
                    "type "
                };
                let _ = writeln!(text, "import {kind}* as {local} from '{place}';");
            }
            if !named.is_empty() {
                text += &self.named(&named, &place);
            }
        }
        text
    }

    fn named(&self, names: &[(&str, &str)], place: &str) -> String {
        let is_type_only = !names.iter().any(|(local, _)| self.values.contains(*local));
        let items: Vec<_> = names
            .iter()
            .map(|(local, name)| {
                let kind = if is_type_only || self.values.contains(*local) {
                    ""
                } else {
                    "type "
                };
                if local == name {
                    format!("{kind}{name}")
                } else {
                    format!("{kind}{name} as {local}")
                }
            })
            .collect();
        let kind = if is_type_only { "type " } else { "" };
        braces(
            0,
            &format!("import {kind}"),
            &items,
            &format!(" from '{place}';"),
        )
    }
}

/// `head { items } tail`, one item a line when it is too long.
pub(super) fn braces(indent: usize, head: &str, items: &[String], tail: &str) -> String {
    let space = " ".repeat(indent);
    let flat = format!("{space}{head}{{ {} }}{tail}\n", items.join(", "));
    if flat.chars().count() <= WIDTH + 1 {
        return flat;
    }
    let lines: Vec<_> = items
        .iter()
        .map(|item| format!("{space}  {item},\n"))
        .collect();
    format!("{space}{head}{{\n{}{space}}}{tail}\n", lines.concat())
}

/// `target` as seen from `module`, both below `node/src`; with the extension that Node needs. `npm:` is another package.
pub(super) fn relative(module: &str, target: &str) -> String {
    if let Some(package) = target.strip_prefix("npm:") {
        return package.to_owned();
    }
    let from: Vec<_> = module.split('/').collect();
    let to: Vec<_> = target.split('/').collect();
    let folders = from.len() - 1;
    let shared = from
        .iter()
        .take(folders)
        .zip(to.iter().take(to.len() - 1))
        .take_while(|(a, b)| a == b)
        .count();
    let up = if folders == shared {
        "./".to_owned()
    } else {
        "../".repeat(folders - shared)
    };
    format!("{up}{}.js", to.get(shared..).unwrap_or_default().join("/"))
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn modules_are_seen_from_where_they_are_used() {
        for (module, target, expected) in [
            (
                "resources/chat/chat",
                "core/resource",
                "../../core/resource.js",
            ),
            (
                "resources/chat/chat",
                "resources/chat/completions/completions",
                "./completions/completions.js",
            ),
            (
                "resources/chat/completions",
                "resources/chat/completions/index",
                "./completions/index.js",
            ),
            ("resources/chat/chat", "resources/shared", "../shared.js"),
            ("resources/shared", "resources/shared", "./shared.js"),
            ("resources/live/ws", "npm:ws", "ws"),
        ] {
            assert_eq!(relative(module, target), expected, "{module} {target}");
        }
    }
}
