//! `cargo xtask import-surface`: reads the facts of the pinned official packages anew.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::interpreter;
use crate::line::Line;
use crate::node;
use crate::python::Venv;
use crate::steps::Steps;
use crate::tools::{OFFICIAL_NODE, OFFICIAL_PYTHON};

const SCRIPTS: &str = "crates/tailrace-codegen/import";

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let mut steps = Steps::new();
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    let venv = steps.must(&format!("install {OFFICIAL_PYTHON}"), || {
        Venv::of_tests(interpreter)
    })?;
    steps.must("import the Python package", || {
        let site_packages = venv.site_packages()?;
        Line::new(venv.python())
            .arg(format!("{SCRIPTS}/import_python.py"))
            .arg(site_packages)
            .run()
    })?;
    let official = steps.must(&format!("install {OFFICIAL_NODE}"), node::official)?;
    steps.must("import the npm package", || {
        Line::new("node")
            .arg(format!("{SCRIPTS}/import_typescript.mjs"))
            .arg(official.folder.join("node_modules"))
            .run()
    })?;
    println!("Now `cargo xtask gen`, and read the difference.");
    Ok(steps.finish("import-surface"))
}
