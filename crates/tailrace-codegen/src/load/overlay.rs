//! What facts cannot say.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::python::PythonParameter;
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
    /// `Any`.
    #[serde(default)]
    pub outside: BTreeMap<String, String>,
    /// `module:Class` of a generated class to `module:Class` of its hand-written mixin.
    pub mixins: BTreeMap<String, String>,
    /// Type module with code in it to our hand-written module.
    #[serde(default)]
    pub by_hand: BTreeMap<String, String>,
    /// Public name that a resource module has besides its classes, `module:Name`, to ours.
    #[serde(default)]
    pub also: BTreeMap<String, String>,
    /// Method to the hand-written function that it delegates to.
    #[serde(default)]
    pub helpers: BTreeMap<String, PythonHelper>,
    /// Resource with WebSocket connections to where they lead.
    #[serde(default)]
    pub connections: BTreeMap<String, PythonConnectionPlace>,
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
    /// Options of a call that only this package has, in the order in which methods have them.
    #[serde(default)]
    pub options: Vec<PythonOption>,
}

impl PythonOverlay {
    /// The option of this package with this name.
    pub fn option(&self, name: &str) -> Option<&PythonOption> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Whether an option is said to hand-written functions only, which do not pass it on to the requests that they send.
    pub fn stays(&self, option: &PythonOption) -> bool {
        let methods = option.methods.as_deref().unwrap_or_default();
        !methods.is_empty()
            && methods
                .iter()
                .all(|method| self.helpers.contains_key(method))
    }
}

/// An option of a call that only this package has. The run-time code applies it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonOption {
    /// Name.
    pub name: String,
    /// Annotation.
    #[serde(rename = "type")]
    pub annotation: String,
    /// Default, as Python writes it.
    pub default: String,
    /// What it is, for docstrings.
    pub summary: String,
    /// The methods that have it; every method that sends something when there is no list.
    pub methods: Option<Vec<String>>,
}

impl PythonOption {
    /// Whether the method at `place` has it.
    pub fn is_for(&self, place: &str) -> bool {
        let Some(methods) = &self.methods else {
            return true;
        };
        methods.iter().any(|method| method == place)
    }

    /// The parameter by which a method takes it.
    pub fn parameter(&self) -> PythonParameter {
        PythonParameter {
            name: self.name.clone(),
            annotation: self.annotation.clone(),
            default: Some(self.default.clone()),
            positional: false,
        }
    }
}

/// Where the connections of a resource lead.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonConnectionPlace {
    /// The path; `{name}` is an argument of `connect`.
    pub path: String,
    /// The arguments that are sent as the query.
    #[serde(default)]
    pub query: Vec<String>,
    /// Constant headers of the handshake.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
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
