//! Writes `node/src/resources`.

mod calls;
mod classes;
mod client;
mod connections;
mod docs;
mod imports;
mod layout;
mod modules;
mod resources;

use std::path::PathBuf;

use crate::error::Result;
use crate::output::Files;
use crate::resolve::Api;

/// The widest line that is written, where a type can be broken at all.
const WIDTH: usize = 120;

/// All TypeScript files.
pub fn emit(api: &Api) -> Result<Files> {
    let mut files = Files::new();
    for (name, module) in &api.typescript.modules {
        files.insert(
            PathBuf::from(format!("node/src/{name}.ts")),
            modules::emit(api, module)?,
        );
    }
    let client = client::emit(&api.typescript.client)?;
    files.insert(
        PathBuf::from(format!("node/src/{}.ts", client::MODULE)),
        client,
    );
    Ok(files)
}
