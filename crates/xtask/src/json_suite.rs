//! `cargo xtask json-suite`: the JSONTestSuite, read by the core and by both packages, each beside the JSON of its host.
//!
//! The suite is in the source distribution of a Python package, which is downloaded below `.work/` and never committed.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::interpreter;
use crate::line::Line;
use crate::packages;
use crate::python::Venv;
use crate::steps::Steps;
use crate::tools::{JSON_SUITE, JSON_SUITE_SHA256};

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    let mut steps = Steps::new();
    let tools = steps.must("install the tools", || Venv::of_tools(interpreter))?;
    let unpacked = steps.must("download the suite", || {
        tools.unpacked(JSON_SUITE, JSON_SUITE_SHA256, "json-suite")
    })?;
    let folder = unpacked.join("third-party/JSONTestSuite/test_parsing");
    steps.run("core: every cut, beside serde_json and jiter", || {
        Line::new("cargo")
            .args([
                "run",
                "--quiet",
                "-p",
                "tailrace-core",
                "--example",
                "json_suite",
            ])
            .arg(&folder)
            .run()
    });
    let venv = packages::install(&mut steps, interpreter, Venv::of_demo)?;
    steps.run("Python, beside json", || {
        Line::new(venv.python())
            .arg("tests/json_suite/host.py")
            .arg(&folder)
            .run()
    });
    steps.run("Node, beside JSON.parse", || {
        Line::new("node")
            .arg("tests/json_suite/host.mjs")
            .arg(&folder)
            .run()
    });
    Ok(steps.finish("json-suite"))
}
