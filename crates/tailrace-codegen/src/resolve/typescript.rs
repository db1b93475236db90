//! What must hold of the TypeScript facts.

use std::collections::{BTreeMap, BTreeSet};

use super::Api;
use crate::error::{Error, Result};
use crate::load::TypeScriptDeclaration;

/// Fails when a name leads nowhere or an entry of the overlay is of no use.
pub(super) fn check(api: &Api) -> Result<()> {
    let mut unused: BTreeSet<&String> = api.overlay.typescript.transforms.keys().collect();
    let mut defined: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (module, facts) in &api.typescript_modules {
        let names = defined.entry(module).or_default();
        for declaration in &facts.declarations {
            match declaration {
                TypeScriptDeclaration::Class {
                    name,
                    resource,
                    methods,
                    ..
                } => {
                    names.insert(name);
                    for (method, _) in methods {
                        let operation = format!("{resource}.{method}");
                        if !api.operations.contains_key(&operation) {
                            return Err(Error::new(
                                module,
                                format_args!("`{operation}` has no operation"),
                            ));
                        }
                        unused.remove(&operation);
                    }
                }
                TypeScriptDeclaration::Interface { name, .. }
                | TypeScriptDeclaration::Alias { name, .. }
                | TypeScriptDeclaration::Namespace { name, .. } => {
                    names.insert(name);
                }
                TypeScriptDeclaration::Export { .. } => {}
            }
        }
    }
    for (module, facts) in &api.typescript_modules {
        for (name, target) in &facts.imports {
            let (from, imported) = target.split_once('#').unwrap_or((target, name));
            // Modules outside of `resources/` are hand-written; the compiler checks what they hold.
            let is_known = !from.starts_with("resources/")
                || defined
                    .get(from)
                    .is_some_and(|names| imported == "*" || names.contains(imported));
            if !is_known {
                return Err(Error::new(
                    module,
                    format_args!("imports `{name}` from `{target}`, which no fact defines"),
                ));
            }
        }
        for declaration in &facts.declarations {
            if let TypeScriptDeclaration::Export { from, .. } = declaration
                && !defined.contains_key(from.as_str())
            {
                return Err(Error::new(
                    module,
                    format_args!("exports from `{from}`, which no fact defines"),
                ));
            }
        }
    }
    match unused.first() {
        Some(operation) => Err(Error::new(
            "overlay.json",
            format_args!("`{operation}` is no operation of a class"),
        )),
        None => Ok(()),
    }
}
