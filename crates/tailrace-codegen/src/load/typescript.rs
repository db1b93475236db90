//! Facts of the TypeScript package.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ordered::{Ordered, ordered};

/// A module of the TypeScript package: statements with their types as text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptModule {
    /// Path without extension.
    pub module: String,
    /// Local name to `module#Name`.
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
    /// Declarations in official order.
    pub declarations: Vec<TypeScriptDeclaration>,
}

/// A declaration of a TypeScript module.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum TypeScriptDeclaration {
    /// A resource class.
    Class {
        /// Class name.
        name: String,
        /// Dotted resource name.
        resource: String,
        /// Child resources: property and class.
        #[serde(default)]
        children: Vec<TypeScriptMember>,
        /// Methods in official order; each holds its overloads.
        #[serde(default, deserialize_with = "ordered")]
        methods: Ordered<Vec<TypeScriptSignature>>,
    },
    /// An interface.
    Interface {
        /// Name.
        name: String,
        /// Type parameters, as text.
        #[serde(default)]
        generics: Vec<String>,
        /// Heritage, as text.
        #[serde(default)]
        extends: Vec<String>,
        /// Members in order.
        members: Vec<TypeScriptMember>,
    },
    /// A type alias.
    Alias {
        /// Name.
        name: String,
        /// Type parameters, as text.
        #[serde(default)]
        generics: Vec<String>,
        /// The aliased type.
        #[serde(rename = "type")]
        value: String,
    },
    /// Names of another module, offered again.
    Export {
        /// The other module.
        from: String,
        /// The names; all when there are none.
        #[serde(default)]
        exports: Vec<TypeScriptExport>,
    },
    /// A namespace that nests types.
    Namespace {
        /// Name.
        name: String,
        /// Names that it exports again, local name to public name.
        #[serde(default)]
        exports: Vec<TypeScriptExport>,
        /// What it declares itself.
        #[serde(default)]
        declarations: Vec<TypeScriptDeclaration>,
    },
}

/// A name that a namespace exports again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptExport {
    /// Name in the module.
    pub name: String,
    /// Public name, where it differs.
    #[serde(rename = "as")]
    pub renamed: Option<String>,
    /// Whether it is a value (a class), and no type.
    #[serde(default)]
    pub value: bool,
}

/// A member of an interface.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptMember {
    /// Property name, quoted where TypeScript needs quotes; an index signature is `[key: string]`.
    pub name: String,
    /// Type, as text.
    #[serde(rename = "type")]
    pub value: String,
    /// Whether it may be absent.
    #[serde(default)]
    pub optional: bool,
}

/// One overload of a method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptSignature {
    /// Parameters in order.
    pub parameters: Vec<TypeScriptMember>,
    /// Return type.
    pub returns: String,
}
