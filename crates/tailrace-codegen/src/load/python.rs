//! Facts of the Python package.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ordered::{Ordered, ordered};

/// A resource class pair of the Python package.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonResource {
    /// Dotted resource name.
    pub resource: String,
    /// Dotted module below the package.
    pub module: String,
    /// Name of the blocking class.
    pub sync: String,
    /// Name of the awaitable class.
    #[serde(rename = "async")]
    pub asynchronous: String,
    /// Attribute to `module:Class` of a child resource.
    pub children: BTreeMap<String, String>,
    /// Local name to `module:Name`.
    pub imports: BTreeMap<String, String>,
    /// Methods in official order.
    #[serde(deserialize_with = "ordered")]
    pub methods: Ordered<PythonMethod>,
}

/// The signature of a Python method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonMethod {
    /// Parameters of the implementation, in order.
    pub parameters: Vec<PythonParameter>,
    /// Return annotation of the implementation.
    pub returns: String,
    /// The type that a whole response becomes.
    pub cast_to: String,
    /// The type that each event of a stream becomes.
    pub stream_item: Option<String>,
    /// Sets of parameters of which one must be given.
    #[serde(default)]
    pub required: Vec<Vec<String>>,
    /// Overloads, as changes to the implementation.
    #[serde(default)]
    pub overloads: Vec<PythonOverload>,
}

/// An overload: the parameters that differ, and its return annotation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonOverload {
    /// Parameters that replace those of the same name.
    pub changes: Vec<PythonParameter>,
    /// Return annotation.
    pub returns: String,
}

/// One parameter of a Python method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonParameter {
    /// Name.
    pub name: String,
    /// Annotation.
    #[serde(rename = "type")]
    pub annotation: String,
    /// Default, as Python writes it; none for a required parameter.
    pub default: Option<String>,
    /// Whether it may be passed by position.
    #[serde(default)]
    pub positional: bool,
}

/// A package folder of type modules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonPackage {
    /// Dotted path below the package.
    pub package: String,
    /// Public name to `module:Name`.
    pub exports: BTreeMap<String, String>,
    /// Modules by their last name.
    pub modules: BTreeMap<String, PythonModule>,
}

/// A module of types.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonModule {
    /// `__all__`.
    pub exports: Vec<String>,
    /// Imported names that the module offers besides.
    #[serde(default)]
    pub again: Vec<String>,
    /// Local name to `module:Name`.
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
    /// Definitions in official order, which is an order in which Python can run them.
    #[serde(deserialize_with = "ordered")]
    pub definitions: Ordered<PythonDefinition>,
}

/// A type of the Python package.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum PythonDefinition {
    /// A response model.
    Model {
        /// Bases other than `BaseModel`.
        #[serde(default)]
        bases: Vec<String>,
        /// Fields in order.
        fields: Vec<PythonField>,
        /// Hand-written properties, which come from a mixin that the overlay names.
        #[serde(default)]
        properties: Vec<String>,
        /// Type of the values of fields that are not declared.
        extra: Option<String>,
    },
    /// A typed dict.
    Dict {
        /// Bases other than `TypedDict`.
        #[serde(default)]
        bases: Vec<String>,
        /// Keys in order.
        fields: Vec<PythonField>,
        /// Whether keys are required unless they say otherwise.
        #[serde(default = "yes")]
        total: bool,
    },
    /// A type alias.
    Alias {
        /// The aliased type expression.
        #[serde(rename = "type")]
        annotation: String,
    },
}

/// A field of a model or a key of a typed dict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonField {
    /// Name in Python.
    pub name: String,
    /// Annotation.
    #[serde(rename = "type")]
    pub annotation: String,
    /// Name on the wire, where it differs.
    pub alias: Option<String>,
    /// Default, as Python writes it.
    pub default: Option<String>,
}

fn yes() -> bool {
    true
}
