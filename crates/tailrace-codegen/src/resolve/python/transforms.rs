//! Which typed dicts must be transformed before they are sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::load::{PythonDefinition, PythonModule};
use crate::model::Expr;

/// `module:Name` of every definition in which, at any depth, a key has another name on the wire or a format.
pub(in super::super) fn transformed(
    modules: &BTreeMap<String, PythonModule>,
) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (module, facts) in modules {
        for (name, definition) in &facts.definitions {
            let place = format!("{module}:{name}");
            let texts: Vec<_> = match definition {
                // A model is sent as pydantic writes it.
                PythonDefinition::Model(_) | PythonDefinition::TypeVar {} => continue,
                PythonDefinition::Dict { bases, fields, .. } => bases
                    .iter()
                    .chain(fields.iter().map(|field| &field.annotation))
                    .collect(),
                PythonDefinition::Alias { annotation } => vec![annotation],
            };
            for text in texts {
                let expr = Expr::parse(text)?;
                expr.keywords(&mut |keyword| {
                    if keyword != "discriminator" {
                        found.insert(place.clone());
                    }
                });
                expr.names(&mut |name| {
                    let used = used(module, facts, name);
                    users.entry(used).or_default().push(place.clone());
                });
            }
        }
    }
    let mut waiting: Vec<String> = found.iter().cloned().collect();
    while let Some(place) = waiting.pop() {
        for user in users.get(&place).into_iter().flatten() {
            if found.insert(user.clone()) {
                waiting.push(user.clone());
            }
        }
    }
    Ok(found)
}

/// `module:Name` that `name` means in `module`.
fn used(module: &str, facts: &PythonModule, name: &str) -> String {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    match facts.imports.get(first) {
        Some(target) => format!("{target}{rest}"),
        None => format!("{module}:{name}"),
    }
}
