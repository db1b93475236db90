//! Writes `python/tailrace/{resources,types}`.
//!
//! The text is laid out like `ruff format` with 120 columns, but denser: lists that are long have as many members in a line
//! as fit, and one blank line stands between definitions. The formatter leaves these folders alone.

mod calls;
mod connections;
mod docs;
mod imports;
mod layout;
mod lazy;
mod methods;
mod models;
mod packages;
mod resources;
mod roots;
mod types;
mod views;

use std::path::PathBuf;

use crate::error::Result;
use crate::output::Files;
use crate::resolve::Api;

/// The widest line that is written.
const WIDTH: usize = 120;

/// All Python files.
pub fn emit(api: &Api) -> Result<Files> {
    let mut files = Files::new();
    for (name, exports) in &api.python_exports {
        files.insert(
            path(&format!("{name}.__init__")),
            packages::emit(name, exports),
        );
    }
    for (name, module) in &api.python_types {
        files.insert(path(name), types::emit(api, name, module)?);
    }
    for resource in &api.python_resources {
        files.insert(
            path(&resource.facts.module),
            resources::emit(api, resource)?,
        );
    }
    files.extend(roots::emit(api));
    for text in files.values_mut() {
        *text = text.replace("\n\n\n", "\n\n");
    }
    Ok(files)
}

/// File of a dotted module below the package.
fn path(module: &str) -> PathBuf {
    PathBuf::from(format!("python/tailrace/{}.py", module.replace('.', "/")))
}
