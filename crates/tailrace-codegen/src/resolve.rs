//! Phase 3, resolve: facts become one consistent model, or an error names what is wrong.
//!
//! After this phase every name leads to a definition, every method to its operation and every hand-written property to
//! its mixin, so that the emitters only write.

mod python;
mod typescript;

use std::collections::BTreeMap;

use crate::error::Result;
use crate::load::{Facts, Operation, Overlay, PythonModule, PythonResource, TypeScriptModule};

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

/// A Python resource and those below it.
#[derive(Debug)]
pub struct Resource {
    /// The facts.
    pub facts: PythonResource,
    /// The resources below it.
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
    let mut python_types = BTreeMap::new();
    let mut python_exports = facts.python_resource_packages;
    for (package, facts) in facts.python_packages {
        for (leaf, module) in facts.modules {
            python_types.insert(format!("{package}.{leaf}"), module);
        }
        python_exports.insert(package, facts.exports);
    }
    let mut operations = BTreeMap::new();
    for (resource, methods) in facts.operations {
        for (method, operation) in methods {
            operations.insert(format!("{resource}.{method}"), operation);
        }
    }
    let python_resources = python::join(facts.python_resources)?;
    let api = Api {
        overlay: facts.overlay,
        operations,
        python_types,
        python_exports,
        python_resources,
        typescript_modules: facts.typescript_modules,
    };
    python::check(&api)?;
    typescript::check(&api)?;
    Ok(api)
}
