//! Facts of the Python package.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ordered::{Ordered, ordered};
use super::python_connections::PythonConnections;
use super::text::text;

/// What the client has itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonRoot {
    /// Attribute to `module:Class` of a resource.
    #[serde(deserialize_with = "ordered")]
    pub children: Ordered<String>,
    /// `__all__` of the package.
    #[serde(default)]
    pub exports: Vec<String>,
    /// Public name to where the official package defines it.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Names of the module-level client with their types.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Public names of other modules.
    #[serde(default)]
    pub modules: BTreeMap<String, Vec<String>>,
}

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
    #[serde(deserialize_with = "ordered")]
    pub children: Ordered<String>,
    /// Local name to `module:Name` of a type.
    pub imports: BTreeMap<String, String>,
    /// Local name to `module:Name` of anything else that annotations use.
    #[serde(default)]
    pub outside: BTreeMap<String, String>,
    /// Other public names that the module defines.
    #[serde(default)]
    pub also: Vec<String>,
    /// Children that the views of raw responses have, when they are others.
    pub view_children: Option<Vec<String>>,
    /// Whether there are views of raw responses.
    #[serde(default = "yes")]
    pub views: bool,
    /// Its WebSocket connections.
    pub connections: Option<PythonConnections>,
    /// Methods in official order.
    #[serde(deserialize_with = "ordered")]
    pub methods: Ordered<PythonMethod>,
}

impl PythonResource {
    /// Public names of the module that are no classes of the resource, those in its own annotations included.
    pub fn also(&self) -> impl Iterator<Item = &str> {
        let own = self
            .outside
            .iter()
            .filter(|(name, place)| place.strip_prefix(&self.module) == Some(&format!(":{name}")));
        own.map(|(name, _)| name)
            .chain(&self.also)
            .map(String::as_str)
    }

    /// All classes that the module defines: the pair, the views and the connections where there are any.
    pub fn classes(&self) -> Vec<String> {
        let pair = [&self.sync, &self.asynchronous];
        let mut names: Vec<_> = pair.iter().map(|name| (*name).clone()).collect();
        if self.views {
            for view in ["WithRawResponse", "WithStreamingResponse"] {
                names.extend(pair.iter().map(|name| format!("{name}{view}")));
            }
        }
        names.extend(
            self.connections
                .iter()
                .flat_map(PythonConnections::classes)
                .cloned(),
        );
        names
    }
}

/// The signature of a Python method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonMethod {
    /// Parameters of the implementation, in order.
    pub parameters: Vec<PythonParameter>,
    /// Return annotation of the implementation.
    #[serde(deserialize_with = "text")]
    pub returns: String,
    /// The type that a whole response becomes, or that an item of a page becomes.
    pub cast_to: Option<String>,
    /// The type that each event of a stream becomes.
    pub stream_item: Option<String>,
    /// Sets of parameters of which one must be given.
    #[serde(default)]
    pub required: Vec<Vec<String>>,
    /// Overloads, as changes to the implementation.
    #[serde(default)]
    pub overloads: Vec<PythonOverload>,
    /// Whether it has no request of its own, or one that official run-time code builds.
    #[serde(default)]
    pub helper: bool,
    /// Parameters that the type of the answer depends on.
    #[serde(default)]
    pub cast_by: Vec<String>,
    /// Check of arguments by its name, with the parameters that it reads.
    #[serde(default)]
    pub checks: BTreeMap<String, Vec<String>>,
    /// The class of a page of items, as `SyncCursorPage`.
    pub page: Option<String>,
    /// How the awaitable class defines it, when that is a plain `def`.
    #[serde(rename = "async")]
    pub asynchronous: Option<PlainFunction>,
    /// Parameters of the awaitable form that differ.
    #[serde(default)]
    pub async_parameters: Vec<PythonParameter>,
    /// All parameters of the awaitable form, where they are others or in another order.
    pub async_signature: Option<Vec<PythonParameter>>,
    /// Return annotation of the awaitable form, when it differs by more than `AsyncStream` and `AsyncPaginator`.
    pub async_returns: Option<String>,
    /// Overloads of the awaitable form, when they differ.
    pub async_overloads: Option<Vec<PythonOverload>>,
    /// `module:Name` of the typed dict of the body.
    pub body_type: Option<String>,
    /// `module:Name` of the typed dict of the body when a stream is asked for.
    pub streaming_body_type: Option<String>,
    /// `module:Name` of the typed dict of the query.
    pub query_type: Option<String>,
    /// Whether and how it is out of date.
    pub deprecated: Option<Deprecation>,
    /// Whether the views of raw responses have it.
    #[serde(default)]
    pub viewed: Viewed,
}

/// A method of the awaitable class that is no coroutine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlainFunction {
    /// `def`.
    Def,
}

/// How a method says that it is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub enum Deprecation {
    /// By a warning at each call.
    Warns,
    /// To type checkers only.
    Silent,
}

impl TryFrom<serde_json::Value> for Deprecation {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Self, String> {
        match value {
            serde_json::Value::Bool(true) => Ok(Deprecation::Warns),
            serde_json::Value::String(text) if text == "silent" => Ok(Deprecation::Silent),
            other => Err(format!("`{other}` is no kind of deprecation")),
        }
    }
}

/// Which views of raw responses have a method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub enum Viewed {
    /// Those of raw and of streamed responses.
    #[default]
    Both,
    /// That of raw responses.
    Raw,
    /// None.
    Neither,
}

impl TryFrom<serde_json::Value> for Viewed {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Self, String> {
        match value {
            serde_json::Value::Bool(true) => Ok(Viewed::Both),
            serde_json::Value::Bool(false) => Ok(Viewed::Neither),
            serde_json::Value::String(text) if text == "raw" => Ok(Viewed::Raw),
            other => Err(format!("`{other}` names no view")),
        }
    }
}

/// An overload: the parameters that differ, and its return annotation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonOverload {
    /// Parameters that replace those of the same name.
    #[serde(default)]
    pub changes: Vec<PythonParameter>,
    /// All parameters, where they are others or in another order than the required ones first.
    pub parameters: Option<Vec<PythonParameter>>,
    /// Return annotation.
    #[serde(deserialize_with = "text")]
    pub returns: String,
}

/// One parameter of a Python method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonParameter {
    /// Name.
    pub name: String,
    /// Annotation.
    #[serde(rename = "type", deserialize_with = "text")]
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
    /// Local name to `module:Name` of a package that is not ours.
    #[serde(default)]
    pub outside: BTreeMap<String, String>,
    /// Public names of a module with code in it.
    #[serde(default)]
    pub by_hand: Vec<String>,
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
    Model(PythonModel),
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
    /// A type variable.
    TypeVar {},
    /// A type alias.
    Alias {
        /// The aliased type expression.
        #[serde(rename = "type", deserialize_with = "text")]
        annotation: String,
    },
}

/// A response model.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonModel {
    /// Bases other than `BaseModel`.
    #[serde(default)]
    pub bases: Vec<String>,
    /// Fields in order.
    pub fields: Vec<PythonField>,
    /// Hand-written properties, which come from a mixin that the overlay names.
    #[serde(default)]
    pub properties: Vec<String>,
    /// Type of the values of fields that are not declared.
    pub extra: Option<String>,
    /// Fields that are not sent when the model is an argument.
    #[serde(default)]
    pub api_exclude: Vec<String>,
    /// Whether a test runner may take the class for a test.
    #[serde(default = "yes")]
    pub test: bool,
}

/// A field of a model or a key of a typed dict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonField {
    /// Name in Python.
    pub name: String,
    /// Annotation.
    #[serde(rename = "type", deserialize_with = "text")]
    pub annotation: String,
    /// Name on the wire, where it differs.
    pub alias: Option<String>,
    /// Default, as Python writes it.
    pub default: Option<String>,
    /// Function that makes the default.
    pub default_factory: Option<String>,
    /// Annotation at run time, where it is another than for type checkers.
    pub runtime: Option<String>,
    /// Whether `repr` shows it.
    #[serde(default = "yes")]
    pub repr: bool,
}

fn yes() -> bool {
    true
}
