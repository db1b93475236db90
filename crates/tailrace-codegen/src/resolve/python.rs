//! What must hold of the Python facts.

use std::collections::{BTreeMap, BTreeSet};

use super::{Api, Child, Resource};
use crate::error::{Error, Result};
use crate::load::{PythonDefinition, PythonMethod, PythonResource};
use crate::model::Expr;

/// Joins every resource with its children.
pub(super) fn join(resources: BTreeMap<String, PythonResource>) -> Result<Vec<Resource>> {
    let mut children: BTreeMap<String, Vec<Child>> = BTreeMap::new();
    for facts in resources.values() {
        for (attribute, target) in &facts.children {
            let child = resources
                .values()
                .find(|child| *target == format!("{}:{}", child.module, child.sync));
            let child = child.ok_or_else(|| {
                Error::new(
                    &facts.resource,
                    format_args!("`{attribute}` leads to `{target}`, which is no resource"),
                )
            })?;
            children
                .entry(facts.resource.clone())
                .or_default()
                .push(Child {
                    attribute: attribute.clone(),
                    module: child.module.clone(),
                    sync: child.sync.clone(),
                    asynchronous: child.asynchronous.clone(),
                });
        }
    }
    let join = |(name, facts)| Resource {
        facts,
        children: children.remove(&name).unwrap_or_default(),
    };
    Ok(resources.into_iter().map(join).collect())
}

/// Fails when a name leads nowhere or an entry of the overlay is of no use.
pub(super) fn check(api: &Api) -> Result<()> {
    imports(api)?;
    names(api)?;
    mixins(api)?;
    for resource in &api.python_resources {
        for (name, facts) in &resource.facts.methods {
            method(api, &format!("{}.{name}", resource.facts.resource), facts)?;
        }
    }
    Ok(())
}

/// Every imported name has a definition.
fn imports(api: &Api) -> Result<()> {
    let mut defined: BTreeSet<String> = BTreeSet::new();
    for (module, facts) in &api.python_types {
        defined.insert(format!("{module}:"));
        defined.extend(
            facts
                .definitions
                .iter()
                .map(|(name, _)| format!("{module}:{name}")),
        );
    }
    for Resource { facts, .. } in &api.python_resources {
        defined.insert(format!("{}:{}", facts.module, facts.sync));
        defined.insert(format!("{}:{}", facts.module, facts.asynchronous));
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

/// Every name in a type expression is defined, imported or in the overlay, and the overlay has no other names.
fn names(api: &Api) -> Result<()> {
    let mut unused: BTreeSet<&str> = api
        .overlay
        .python
        .names
        .keys()
        .map(String::as_str)
        .collect();
    for (module, facts) in &api.python_types {
        let own: BTreeSet<&str> = facts
            .definitions
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        for (_, definition) in &facts.definitions {
            let texts = match definition {
                PythonDefinition::Model {
                    bases,
                    fields,
                    extra,
                    ..
                } => {
                    let fields = fields.iter().map(|field| &field.annotation);
                    bases.iter().chain(fields).chain(extra).collect::<Vec<_>>()
                }
                PythonDefinition::Dict { bases, fields, .. } => bases
                    .iter()
                    .chain(fields.iter().map(|field| &field.annotation))
                    .collect(),
                PythonDefinition::Alias { annotation } => vec![annotation],
            };
            known(api, module, &own, &facts.imports, &texts, &mut unused)?;
        }
    }
    for Resource { facts, .. } in &api.python_resources {
        for (_, method) in &facts.methods {
            let changes = method
                .overloads
                .iter()
                .flat_map(|overload| &overload.changes);
            let parameters = method
                .parameters
                .iter()
                .chain(changes)
                .map(|parameter| &parameter.annotation);
            let returns = method
                .overloads
                .iter()
                .map(|overload| &overload.returns)
                .chain([&method.returns]);
            let texts: Vec<_> = parameters.chain(returns).collect();
            known(
                api,
                &facts.module,
                &BTreeSet::new(),
                &facts.imports,
                &texts,
                &mut unused,
            )?;
        }
    }
    match unused.first() {
        Some(name) => Err(Error::new(
            "overlay.json",
            format_args!("no fact uses the name `{name}`"),
        )),
        None => Ok(()),
    }
}

fn known(
    api: &Api,
    module: &str,
    own: &BTreeSet<&str>,
    imports: &BTreeMap<String, String>,
    texts: &[&String],
    unused: &mut BTreeSet<&str>,
) -> Result<()> {
    for text in texts {
        let mut missing = None;
        Expr::parse(text)?.names(&mut |name| {
            let first = name.split('.').next().unwrap_or(name);
            if own.contains(first) || imports.contains_key(first) {
                return;
            }
            if api.overlay.python.names.contains_key(name) {
                unused.remove(name);
            } else {
                missing = Some(name.to_owned());
            }
        });
        if let Some(name) = missing {
            return Err(Error::new(
                module,
                format_args!("nothing says where `{name}` comes from; add it to overlay.json"),
            ));
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
            if let PythonDefinition::Model { properties, .. } = definition
                && !properties.is_empty()
                && !has_mixin
            {
                return Err(Error::new(
                    place,
                    format_args!(
                        "has hand-written {properties:?}; name their mixin in overlay.json"
                    ),
                ));
            }
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

/// A method has an operation whose body is made of its parameters.
fn method(api: &Api, name: &str, method: &PythonMethod) -> Result<()> {
    let operation = api
        .operations
        .get(name)
        .ok_or_else(|| Error::new(name, "has no operation"))?;
    let names: BTreeSet<&str> = method
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    for member in &operation.body {
        let parameter = member
            .split_once('=')
            .map_or(member.as_str(), |(_, parameter)| parameter);
        if !names.contains(parameter) {
            return Err(Error::new(
                name,
                format_args!("sends `{member}`, which is no parameter"),
            ));
        }
    }
    if operation.stream != method.stream_item.is_some() {
        return Err(Error::new(
            name,
            "streams without an item type, or the other way round",
        ));
    }
    let has_default = |name: &String| {
        method
            .parameters
            .iter()
            .any(|p| p.name == *name && p.default.is_some())
    };
    // Python itself refuses a call without a parameter that has no default, so such a set needs no check of ours.
    if !method.required.is_empty()
        && method
            .required
            .iter()
            .all(|set| set.iter().any(has_default))
    {
        return Err(Error::new(
            name,
            "needs a check of required arguments, which no emitter writes",
        ));
    }
    Ok(())
}
