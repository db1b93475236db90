//! Phase 1, load: the JSON files below `api/`, as they are.
//!
//! Every structure refuses members that it does not know, so that a fact of a new kind cannot be dropped in silence.

mod operation;
mod ordered;
mod overlay;
mod python;
mod python_connections;
mod text;
mod typescript;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

pub use operation::{Answer, Multipart, Operation, Streaming};
pub use ordered::Ordered;
pub use overlay::{Overlay, PythonConnectionPlace, PythonHelper, PythonOption, PythonOverlay};
pub use python::{
    Deprecation, PythonDefinition, PythonField, PythonMethod, PythonModel, PythonModule,
    PythonOverload, PythonPackage, PythonParameter, PythonResource, PythonRoot, Viewed,
};
pub use python_connections::{PythonConnectionPart, PythonConnections, PythonEventMethod};
pub use typescript::{
    TypeScriptClass, TypeScriptClassMember, TypeScriptClient, TypeScriptDeclaration,
    TypeScriptExport, TypeScriptHelper, TypeScriptMember, TypeScriptModule, TypeScriptOverlay,
    TypeScriptSignature,
};

/// Everything below `api/`.
#[derive(Debug)]
pub struct Facts {
    /// Resource name (`chat.completions`) to its operations by method name.
    pub operations: BTreeMap<String, BTreeMap<String, Operation>>,
    /// The children of the Python client, and its public names.
    pub python_root: PythonRoot,
    /// Python resources by name.
    pub python_resources: BTreeMap<String, PythonResource>,
    /// Python type packages by dotted path.
    pub python_packages: BTreeMap<String, PythonPackage>,
    /// Exports of the packages of resources, by dotted path: public name to `module:Name`.
    pub python_resource_packages: BTreeMap<String, BTreeMap<String, String>>,
    /// TypeScript modules by path without extension (`resources/chat/chat`).
    pub typescript_modules: BTreeMap<String, TypeScriptModule>,
    /// The children and the namespace of the TypeScript client.
    pub typescript_client: TypeScriptClient,
    /// What the facts cannot say.
    pub overlay: Overlay,
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
        python_root: read(&api.join("python/root.json"))?,
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
        typescript_client: read(&api.join("typescript/client.json"))?,
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
