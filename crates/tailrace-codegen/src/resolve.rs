//! Phase 3, resolve: facts become one consistent model, or an error names what is wrong.
//!
//! After this phase every name leads to a definition, every method to its operation and every hand-written property to
//! its mixin, so that the emitters only write.

mod python;
pub mod typescript;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::load::{Facts, Operation, Overlay, PythonModule, PythonResource};

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
    /// The resources that the Python client has itself.
    pub python_roots: Vec<Child>,
    /// Python resources.
    pub python_resources: Vec<Resource>,
    /// `module:Name` of the Python types that must be transformed before they are sent.
    pub transformed: BTreeSet<String>,
    /// The TypeScript half.
    pub typescript: typescript::TypeScript,
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
    /// Whether the views of its parent lead to its own.
    pub is_viewed: bool,
}

impl Api {
    /// Where a public name of a resource module comes from that is no class of the resource: the overlay's entry with its
    /// key.
    pub fn also(&self, module: &str, name: &str) -> Option<(&String, &String)> {
        let also = &self.overlay.python.also;
        also.get_key_value(&format!("{module}:{name}"))
    }

    /// Why `method` is out of date, with the key of the overlay: the method, or its closest resource that has a sentence.
    pub fn deprecation(&self, method: &str) -> Option<(&String, &String)> {
        let mut name = method;
        loop {
            if let Some(found) = self.overlay.python.deprecated.get_key_value(name) {
                return Some(found);
            }
            name = name.rsplit_once('.')?.0;
        }
    }
}

/// Joins and checks the facts.
pub fn resolve(mut facts: Facts) -> Result<Api> {
    python::add_options(&mut facts.python_resources, &facts.overlay.python.options)?;
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
    let transformed = python::transformed(&python_types)?;
    let (python_roots, python_resources) =
        python::join(&facts.python_root.children, facts.python_resources)?;
    let typescript = typescript::join(
        facts.typescript_modules,
        facts.typescript_client,
        &operations,
        &facts.overlay,
    )?;
    let api = Api {
        overlay: facts.overlay,
        operations,
        python_types,
        python_exports,
        python_roots,
        python_resources,
        transformed,
        typescript,
    };
    python::check(&api)?;
    Ok(api)
}
