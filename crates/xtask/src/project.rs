//! A user's Python project in `tests/surface/project`, read by strict type checkers.
//!
//! It is read with ours installed as a wheel, and once more with the official package in its place: what it states
//! must hold for both.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::layout;
use crate::line::Line;
use crate::python::Venv;

const PROJECT: &str = "tests/surface/project";
const OURS: &str = "tailrace";
const OFFICIAL: &str = "openai";

/// An ignored error that is none is reported, which shows that the mistakes of the project are found.
const STRICT: &str =
    r#"{ "strict": ["."], "pythonVersion": "3.10", "reportUnnecessaryTypeIgnoreComment": true }"#;

/// Checks the project with both packages, which the environment must have.
pub(crate) fn check(venv: &Venv, tools: &Venv, pyright: &Path) -> Result<(), Failure> {
    for package in [OFFICIAL, OURS] {
        let folder = copied(package)?;
        Line::new("node")
            .arg(pyright)
            .arg("--pythonpath")
            .arg(venv.python())
            .arg(&folder)
            .within(&folder)
            .run()?;
        Line::new(tools.program("mypy"))
            .args(["--strict", "--no-error-summary", "--python-executable"])
            .arg(venv.python())
            .arg(".")
            .within(&folder)
            .run()?;
    }
    Ok(())
}

/// The project for a package, outside of the tree: what is found there must not be found by chance.
fn copied(package: &str) -> Result<PathBuf, Failure> {
    let folder = layout::work("project").join(package);
    layout::create(&folder)?;
    layout::write(&folder.join("pyrightconfig.json"), STRICT)?;
    for file in layout::test_files(PROJECT, &[".py"])? {
        let text = layout::read(&layout::root().join(&file))?.replace(OURS, package);
        layout::write(&folder.join(file.file_name().unwrap_or_default()), &text)?;
    }
    Ok(folder)
}
