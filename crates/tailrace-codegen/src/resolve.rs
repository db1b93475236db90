//! Phase 3, resolve: facts become one consistent model, or an error names what is wrong.
//!
//! After this phase every import leads to a definition, every method to its operation and every hand-written property to
//! its mixin, so that the emitters only write.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::load::{Facts, Operation, Overlay, PythonDefinition, PythonMethod, PythonModule, PythonResource, TypeScriptModule};

/// The model that the emitters read.
#[derive(Debug)]
pub struct Api {
    /// What facts cannot say.
    pub overlay: Overlay,
    /// Operations by `resource.method`.
    pub operations: BTreeMap<String, Operation>,
    /// Python type modules by dotted path.
    pub python_types: BTreeMap<String, PythonModule>,
    /// Exports of every Python package by dotted path.
    pub python_exports: BTreeMap<String, BTreeMap<String, String>>,
    /// Python resources.
    pub python_resources: Vec<Resource>,
    /// TypeScript modules by path.
    pub typescript_modules: BTreeMap<String, TypeScriptModule>,
}

/// A Python resource with the operations of its methods.
#[derive(Debug)]
pub struct Resource {
    /// The facts.
    pub facts: PythonResource,
    /// Classes of its children: attribute to module, sync and async class.
    pub children: Vec<Child>,
}

/// A resource below another.
#[derive(Debug)]
pub struct Child {
    /// The attribute that leads to it.
    pub attribute: String,
    /// Dotted module.
    pub module: String,
    /// Name of the blocking class.
    pub sync: String,
    /// Name of the awaitable class.
    pub asynchronous: String,
}

/// Joins and checks the facts.
pub fn resolve(facts: Facts) -> Result<Api> {
    let Facts { operations, python_resources, python_packages, python_resource_packages, typescript_modules, overlay } = facts;
    let mut python_types = BTreeMap::new();
    let mut python_exports = python_resource_packages;
    for (package, facts) in python_packages {
        for (leaf, module) in facts.modules {
            python_types.insert(format!("{package}.{leaf}"), module);
        }
        python_exports.insert(package, facts.exports);
    }
    let operations: BTreeMap<_, _> = operations
        .into_iter()
        .flat_map(|(resource, methods)| {
            methods.into_iter().map(move |(method, operation)| (format!("{resource}.{method}"), operation))
        })
        .collect();

    check_imports(&python_types, &python_exports, &python_resources)?;
    check_mixins(&python_types, &overlay)?;
    for resource in python_resources.values() {
        for (name, method) in &resource.methods {
            check_method(&format!("{}.{name}", resource.resource), method, &operations)?;
        }
    }
    let children: BTreeMap<_, _> = python_resources
        .values()
        .map(|resource| {
            let child = |attribute: &str| Child {
                attribute: attribute.to_owned(),
                module: resource.module.clone(),
                sync: resource.sync.clone(),
                asynchronous: resource.asynchronous.clone(),
            };
            let attribute = resource.resource.rsplit('.').next().unwrap_or_default();
            (format!("{}:{}", resource.module, resource.sync), child(attribute))
        })
        .collect();
    let mut resources = Vec::new();
    let mut children = children;
    for facts in python_resources.into_values() {
        let mut own = Vec::new();
        for (attribute, target) in &facts.children {
            let child = children
                .remove(target)
                .ok_or_else(|| Error::new(&facts.resource, format_args!("`{attribute}` leads to `{target}`, which is no resource")))?;
            own.push(Child { attribute: attribute.clone(), ..child });
        }
        resources.push(Resource { facts, children: own });
    }
    Ok(Api { overlay, operations, python_types, python_exports, python_resources: resources, typescript_modules })
}

/// Every imported name has a definition.
fn check_imports(
    types: &BTreeMap<String, PythonModule>,
    packages: &BTreeMap<String, BTreeMap<String, String>>,
    resources: &BTreeMap<String, PythonResource>,
) -> Result<()> {
    let mut defined: BTreeSet<String> = BTreeSet::new();
    for (module, facts) in types {
        defined.insert(format!("{module}:"));
        defined.extend(facts.definitions.iter().map(|(name, _)| format!("{module}:{name}")));
    }
    for resource in resources.values() {
        defined.insert(format!("{}:{}", resource.module, resource.sync));
        defined.insert(format!("{}:{}", resource.module, resource.asynchronous));
    }
    let imports = types.iter().map(|(module, facts)| (module, &facts.imports));
    let imports = imports.chain(resources.values().map(|resource| (&resource.module, &resource.imports))).chain(packages);
    for (module, imports) in imports {
        for (name, target) in imports {
            if !defined.contains(target) {
                return Err(Error::new(module, format_args!("imports `{name}` from `{target}`, which no fact defines")));
            }
        }
    }
    Ok(())
}

/// A class with hand-written properties has a mixin, and every mixin has its class.
fn check_mixins(types: &BTreeMap<String, PythonModule>, overlay: &Overlay) -> Result<()> {
    let mut unused: BTreeSet<&String> = overlay.python.mixins.keys().collect();
    for (module, facts) in types {
        for (name, definition) in &facts.definitions {
            let place = format!("{module}:{name}");
            let has_mixin = unused.remove(&place);
            if let PythonDefinition::Model { properties, .. } = definition
                && !properties.is_empty()
                && !has_mixin
            {
                return Err(Error::new(place, format_args!("has hand-written {properties:?}; name their mixin in overlay.json")));
            }
        }
    }
    match unused.first() {
        Some(place) => Err(Error::new("overlay.json", format_args!("the mixin of `{place}` joins no class"))),
        None => Ok(()),
    }
}

/// A method has an operation whose body is made of its parameters.
fn check_method(name: &str, method: &PythonMethod, operations: &BTreeMap<String, Operation>) -> Result<()> {
    let operation = operations.get(name).ok_or_else(|| Error::new(name, "has no operation"))?;
    let names: BTreeSet<&str> = method.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    for member in &operation.body {
        let parameter = member.split_once('=').map_or(member.as_str(), |(_, parameter)| parameter);
        if !names.contains(parameter) {
            return Err(Error::new(name, format_args!("sends `{member}`, which is no parameter")));
        }
    }
    if operation.stream != method.stream_item.is_some() {
        return Err(Error::new(name, "streams without an item type, or the other way round"));
    }
    let missing = |variant: &Vec<String>| {
        variant.iter().any(|wanted| method.parameters.iter().any(|p| p.name == *wanted && p.default.is_some()))
    };
    // Python itself refuses a call without a parameter that has no default, so such a set needs no check of ours.
    if !method.required.is_empty() && method.required.iter().all(missing) {
        return Err(Error::new(name, "needs a check of required arguments, which no emitter writes"));
    }
    Ok(())
}
