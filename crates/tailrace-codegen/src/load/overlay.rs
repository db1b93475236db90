//! What facts cannot say.

use std::collections::BTreeMap;

use serde::Deserialize;

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
    /// `module:Class` of a generated class to `module:Class` of its hand-written mixin.
    pub mixins: BTreeMap<String, String>,
}

/// The TypeScript half of the overlay.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptOverlay {
    /// Operation to `module#function` below `node/src`: what completes a whole response.
    #[serde(default)]
    pub transforms: BTreeMap<String, String>,
}
