//! Imports lead to definitions, and hand-written classes to generated ones.

use std::collections::BTreeSet;

use super::super::{Api, Resource};
use crate::error::{Error, Result};
use crate::load::PythonDefinition;

pub(super) fn check(api: &Api) -> Result<()> {
    imports(api)?;
    mixins(api)?;
    by_hand(api)?;
    also(api)
}

/// Every imported name has a definition.
fn imports(api: &Api) -> Result<()> {
    let mut defined: BTreeSet<String> = BTreeSet::new();
    for (module, facts) in &api.python_types {
        defined.insert(format!("{module}:"));
        let names = facts.definitions.iter().map(|(name, _)| name);
        defined.extend(
            names
                .chain(&facts.by_hand)
                .map(|name| format!("{module}:{name}")),
        );
    }
    for Resource { facts, .. } in &api.python_resources {
        let names = facts.classes().into_iter();
        let names = names.chain(facts.also().map(str::to_owned));
        defined.extend(names.map(|name| format!("{}:{name}", facts.module)));
    }
    let types = api
        .python_types
        .iter()
        .map(|(module, facts)| (module, &facts.imports));
    let resources = api
        .python_resources
        .iter()
        .map(|resource| (&resource.facts.module, &resource.facts.imports));
    for (module, imports) in types.chain(resources).chain(&api.python_exports) {
        for (name, target) in imports {
            if !defined.contains(target) {
                return Err(Error::new(
                    module,
                    format_args!("imports `{name}` from `{target}`, which no fact defines"),
                ));
            }
        }
    }
    Ok(())
}

/// A class with hand-written properties has a mixin, and every mixin has its class.
fn mixins(api: &Api) -> Result<()> {
    let mut unused: BTreeSet<&String> = api.overlay.python.mixins.keys().collect();
    for (module, facts) in &api.python_types {
        for (name, definition) in &facts.definitions {
            let place = format!("{module}:{name}");
            let has_mixin = unused.remove(&place);
            if let PythonDefinition::Model(model) = definition
                && !model.properties.is_empty()
                && !has_mixin
            {
                return Err(Error::new(
                    place,
                    format_args!(
                        "has hand-written {:?}; name their mixin in overlay.json",
                        model.properties
                    ),
                ));
            }
        }
    }
    for Resource { facts, .. } in &api.python_resources {
        for class in [&facts.sync, &facts.asynchronous] {
            unused.remove(&format!("{}:{class}", facts.module));
        }
    }
    match unused.first() {
        Some(place) => Err(Error::new(
            "overlay.json",
            format_args!("the mixin of `{place}` joins no class"),
        )),
        None => Ok(()),
    }
}

/// A module with code in it is one of ours, and no other is.
fn by_hand(api: &Api) -> Result<()> {
    let mut unused: BTreeSet<&String> = api.overlay.python.by_hand.keys().collect();
    for (module, facts) in &api.python_types {
        if !facts.by_hand.is_empty() && !unused.remove(module) {
            return Err(Error::new(
                module,
                "has code in it; name our module for it in overlay.json under `by_hand`",
            ));
        }
    }
    match unused.first() {
        Some(module) => Err(Error::new(
            "overlay.json",
            format_args!("`{module}` under `by_hand` is no module with code in it"),
        )),
        None => Ok(()),
    }
}

/// Every public name that a resource module has besides its classes is in the overlay, and nothing else is.
fn also(api: &Api) -> Result<()> {
    let mut unused: BTreeSet<&String> = api.overlay.python.also.keys().collect();
    for Resource { facts, .. } in &api.python_resources {
        for name in facts.also() {
            match api.also(&facts.module, name) {
                Some((key, _)) => unused.remove(key),
                None => {
                    return Err(Error::new(
                        format_args!("{}:{name}", facts.module),
                        "is no class of a resource; say in overlay.json under `also` where it comes from",
                    ));
                }
            };
        }
    }
    match unused.first() {
        Some(place) => Err(Error::new(
            "overlay.json",
            format_args!("`{place}` under `also` is no name of a resource module"),
        )),
        None => Ok(()),
    }
}
