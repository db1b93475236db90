//! Phase 1, load: the JSON files below `api/`, as they are.
//!
//! Every structure refuses members that it does not know, so that a fact of a new kind cannot be dropped in silence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

/// Names in the order in which the facts list them.
pub type Ordered<T> = Vec<(String, T)>;

/// Everything below `api/`.
#[derive(Debug)]
pub struct Facts {
    /// Resource name (`chat.completions`) to its operations by method name.
    pub operations: BTreeMap<String, BTreeMap<String, Operation>>,
    /// Python resources by name.
    pub python_resources: BTreeMap<String, PythonResource>,
    /// Python type packages by dotted path.
    pub python_packages: BTreeMap<String, PythonPackage>,
    /// Exports of the packages of resources, by dotted path: public name to `module:Name`.
    pub python_resource_packages: BTreeMap<String, BTreeMap<String, String>>,
    /// TypeScript modules by path without extension (`resources/chat/chat`).
    pub typescript_modules: BTreeMap<String, TypeScriptModule>,
    /// What the facts cannot say.
    pub overlay: Overlay,
}

/// One HTTP operation, the same in every language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// HTTP verb in lower case.
    pub verb: String,
    /// Path below the base URL, with `{placeholders}`.
    pub path: String,
    /// Members of the JSON body in the order in which they are sent; `wire=name` where the two differ.
    #[serde(default)]
    pub body: Vec<String>,
    /// Whether the operation can answer with an event stream.
    #[serde(default)]
    pub stream: bool,
    /// Security schemes that apply.
    #[serde(default)]
    pub security: Vec<String>,
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

/// Reads all facts below `api`.
pub fn load(api: &Path) -> Result<Facts> {
    let packages: BTreeMap<PathBuf, PythonPackage> = read_tree(&api.join("python/types"))?;
    let resources: BTreeMap<PathBuf, PythonResource> = read_tree(&api.join("python/resources"))?;
    let modules: BTreeMap<PathBuf, TypeScriptModule> = read_tree(&api.join("typescript/modules"))?;
    let operations: BTreeMap<PathBuf, BTreeMap<String, Operation>> =
        read_tree(&api.join("operations"))?;
    Ok(Facts {
        operations: operations
            .into_iter()
            .map(|(path, value)| (path.with_extension("").display().to_string(), value))
            .collect(),
        python_resources: resources
            .into_values()
            .map(|value| (value.resource.clone(), value))
            .collect(),
        python_packages: packages
            .into_values()
            .map(|value| (value.package.clone(), value))
            .collect(),
        python_resource_packages: read(&api.join("python/packages.json"))?,
        typescript_modules: modules
            .into_values()
            .map(|value| (value.module.clone(), value))
            .collect(),
        overlay: read(&api.join("overlay.json"))?,
    })
}

/// Reads every JSON file below `folder`, by path relative to it. A folder that is missing holds nothing.
fn read_tree<T: DeserializeOwned>(folder: &Path) -> Result<BTreeMap<PathBuf, T>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(current) = waiting.pop() {
        let entries = match std::fs::read_dir(&current) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io(&current, &error)),
        };
        for entry in entries {
            let path = entry.map_err(|error| Error::io(&current, &error))?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let relative = path.strip_prefix(folder).unwrap_or(&path).to_path_buf();
                found.insert(relative, read(&path)?);
            }
        }
    }
    Ok(found)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io(path, &error))?;
    serde_json::from_str(&text).map_err(|error| Error::new(path.display(), error))
}

fn ordered<'de, D, T>(deserializer: D) -> std::result::Result<Ordered<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: DeserializeOwned,
{
    let map = serde_json::Map::<String, Value>::deserialize(deserializer)?;
    map.into_iter()
        .map(|(name, value)| {
            Ok((
                name,
                serde_json::from_value(value).map_err(serde::de::Error::custom)?,
            ))
        })
        .collect()
}

fn yes() -> bool {
    true
}
