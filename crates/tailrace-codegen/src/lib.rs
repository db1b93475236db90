//! Writes the generated folders of both languages from the facts in `api/`.
//!
//! The work goes through five phases, each of them a module, in one direction:
//!
//! 1. [`load`] reads the JSON files of `api/` as they are.
//! 2. [`model`] parses what they hold as text: type expressions.
//! 3. [`resolve`] joins operations, types and the overlay and refuses what does not fit together.
//! 4. [`emit`] makes text, a module for each language.
//! 5. [`output`] writes the files, or compares them.
//!
//! # Invariants
//!
//! * The generator never reads the official packages. The scripts in `import/` do, and what they take is facts: names,
//!   types, paths and defaults, never prose or code.
//! * An emitter never names an operation, a type or a parameter of the API. What the facts cannot say stands in
//!   `api/overlay.json`.
//! * A generated file is never edited, and a folder is wholly generated or wholly hand-written. Hand-written members join
//!   a generated class as a mixin that the overlay names.
//! * Nothing is dropped in silence: a fact of an unknown kind, an import without a definition and an overlay entry without
//!   a use are errors.
//! * This crate depends on no other crate of the workspace, and none depends on it.

pub mod emit;
pub mod error;
pub mod load;
pub mod model;
pub mod output;
pub mod resolve;

use std::path::Path;

use crate::error::Result;
use crate::output::Files;

/// All generated files, by path below the root of the repository, from the facts in `api`.
pub fn generate(api: &Path) -> Result<Files> {
    let api = resolve::resolve(load::load(api)?)?;
    let mut files = emit::python::emit(&api)?;
    files.extend(emit::typescript::emit(&api)?);
    Ok(files)
}
