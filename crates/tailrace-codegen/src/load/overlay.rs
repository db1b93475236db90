//! What facts cannot say.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::typescript::TypeScriptOverlay;

/// `overlay.json`: what facts cannot say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Where Python names come from, and which hand-written classes join generated ones.
    pub python: PythonOverlay,
    /// Which hand-written functions join generated TypeScript.
    #[serde(default)]
    pub typescript: TypeScriptOverlay,
}

/// The Python half of the overlay.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonOverlay {
    /// Name in the facts to `module:Name`; a module that begins with `_` is ours.
    pub names: BTreeMap<String, String>,
    /// Official `module:Name` of a name in annotations that is neither a type of the API nor in `names`, to ours, or to
    /// `Any`. One that is missing belongs to methods of `later`, where it is `Any`.
    #[serde(default)]
    pub outside: BTreeMap<String, String>,
    /// `module:Class` of a generated class to `module:Class` of its hand-written mixin.
    pub mixins: BTreeMap<String, String>,
    /// Type module with code in it to our hand-written module.
    #[serde(default)]
    pub by_hand: BTreeMap<String, String>,
    /// Public name that a resource module has besides its classes, `module:Name` or `module:*`, to ours, or to the feature
    /// that it waits for, as `later:feature`.
    #[serde(default)]
    pub also: BTreeMap<String, String>,
    /// Method to the hand-written function that it delegates to.
    #[serde(default)]
    pub helpers: BTreeMap<String, PythonHelper>,
    /// Method to the feature that it waits for.
    #[serde(default)]
    pub later: BTreeMap<String, String>,
    /// Check of arguments, by its name in the facts, to `module:function`.
    #[serde(default)]
    pub checks: BTreeMap<String, String>,
    /// Resource, prefix of resources or method to the sentence that its deprecation says.
    #[serde(default)]
    pub deprecated: BTreeMap<String, String>,
    /// Schemes of an operation that names none.
    #[serde(default)]
    pub security: Vec<String>,
    /// Parameter to what its type does not say: a unit or a range.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
}

/// A hand-written function behind a generated method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonHelper {
    /// `module:function`; the awaitable form is `async_function`.
    pub function: String,
    /// First line of the docstring.
    pub summary: String,
    /// What it raises, by class, when that is not what a call raises.
    #[serde(default)]
    pub raises: BTreeMap<String, String>,
}
