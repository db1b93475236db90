//! The TypeScript half of the model: modules as the facts have them, and what each method does.

mod members;
mod method;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::load::{
    Operation, Overlay, TypeScriptClient, TypeScriptDeclaration, TypeScriptExport, TypeScriptModule,
};

pub use method::{Call, Data, Method, Page, Rest, Segment};

/// What the TypeScript emitter reads.
#[derive(Debug)]
pub struct TypeScript {
    /// Modules by path.
    pub modules: BTreeMap<String, TypeScriptModule>,
    /// What the client class offers.
    pub client: TypeScriptClient,
    /// Methods by `resource.method`, the method with its TypeScript name.
    pub methods: BTreeMap<String, Method>,
    /// Folder of the modules of a WebSocket connection to its path.
    pub connections: BTreeMap<String, String>,
}

/// Joins modules, operations and overlay.
///
/// Fails when a name leads nowhere, a method has nothing to do, or an entry of the overlay is of no use.
pub(super) fn join(
    modules: BTreeMap<String, TypeScriptModule>,
    client: TypeScriptClient,
    operations: &BTreeMap<String, Operation>,
    overlay: &Overlay,
) -> Result<TypeScript> {
    let overlay = &overlay.typescript;
    check_names(&modules, &client)?;
    let mut methods = BTreeMap::new();
    let mut problems = Vec::new();
    for (path, module) in &modules {
        for declaration in &module.declarations {
            let TypeScriptDeclaration::Class(class) = declaration else {
                continue;
            };
            let Some(resource) = &class.resource else {
                continue;
            };
            for (name, overloads) in &class.methods {
                let key = format!("{resource}.{name}");
                match method::resolve(&modules, path, &key, overloads, operations, overlay) {
                    Ok(method) => {
                        methods.insert(key, method);
                    }
                    Err(error) => problems.push(error.to_string()),
                }
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::new("typescript", problems.join("\n")));
    }
    let is_call = |key: &String| matches!(methods.get(key), Some(Method::Call(_)));
    let is_helper = |key: &String| matches!(methods.get(key), Some(Method::Helper(_)));
    let changed = overlay.transforms.keys().chain(overlay.operations.keys());
    let unused = changed
        .filter(|key| !is_call(key))
        .chain(overlay.helpers.keys().filter(|key| !is_helper(key)))
        .next();
    match unused {
        Some(key) => Err(Error::new(
            "overlay.json",
            format_args!("an entry for `{key}` is of no use: it is no such method"),
        )),
        None => Ok(TypeScript {
            modules,
            client,
            methods,
            connections: overlay.connections.clone(),
        }),
    }
}

/// `createAndPoll` is `create_and_poll`, `adminAPIKeys` is `admin_api_keys`.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (position, letter) in letters.iter().enumerate() {
        let before = position.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(position + 1);
        let is_start = letter.is_uppercase()
            && (before.is_some_and(|c| c.is_lowercase() || c.is_numeric())
                || before.is_some_and(|c| c.is_uppercase())
                    && after.is_some_and(|c| c.is_lowercase()));
        if is_start {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn check_names(
    modules: &BTreeMap<String, TypeScriptModule>,
    client: &TypeScriptClient,
) -> Result<()> {
    let defined: BTreeMap<&str, BTreeSet<&str>> = modules
        .iter()
        .map(|(path, module)| (path.as_str(), names(module)))
        .collect();
    let imports = modules
        .iter()
        .flat_map(|(path, module)| {
            module
                .imports
                .iter()
                .map(move |entry| (path.as_str(), entry))
        })
        .chain(client.imports.iter().map(|entry| ("client", entry)));
    for (module, (name, target)) in imports {
        let (from, imported) = target.split_once('#').unwrap_or((target, name));
        // Modules outside of `resources/` are hand-written; the compiler checks what they hold. What a module only
        // exports again is checked where it is defined.
        let is_known = !from.starts_with("resources/")
            || defined.get(from).is_some_and(|names| {
                imported == "*" || names.contains(imported) || names.contains("*")
            });
        if !is_known {
            return Err(Error::new(
                module,
                format_args!("imports `{name}` from `{target}`, which no fact defines"),
            ));
        }
    }
    for (module, facts) in modules {
        for declaration in &facts.declarations {
            if let TypeScriptDeclaration::Export {
                from: Some(from), ..
            } = declaration
                && from.starts_with("resources/")
                && !defined.contains_key(from.as_str())
            {
                return Err(Error::new(
                    module,
                    format_args!("exports from `{from}`, which no fact defines"),
                ));
            }
        }
    }
    Ok(())
}

/// What can be imported from a module; `*` stands for all names of another one.
fn names(module: &TypeScriptModule) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for declaration in &module.declarations {
        match declaration {
            TypeScriptDeclaration::Class(class) => {
                names.insert(class.name.as_str());
            }
            TypeScriptDeclaration::Interface { name, .. }
            | TypeScriptDeclaration::Alias { name, .. }
            | TypeScriptDeclaration::Function { name, .. }
            | TypeScriptDeclaration::Namespace { name, .. } => {
                names.insert(name);
            }
            TypeScriptDeclaration::Export { exports, .. } if exports.is_empty() => {
                names.insert("*");
            }
            TypeScriptDeclaration::Export { exports, .. } => {
                names.extend(exports.iter().map(TypeScriptExport::public));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn names_become_those_of_the_operations() {
        for (name, expected) in [
            ("create", "create"),
            ("createAndPoll", "create_and_poll"),
            ("fileID", "file_id"),
            ("adminAPIKeys", "admin_api_keys"),
            ("oauth2Token", "oauth2_token"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }
}
