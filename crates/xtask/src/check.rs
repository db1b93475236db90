//! `cargo xtask check`: what can be said without building a package.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::r#gen;
use crate::interpreter::{self, Interpreter};
use crate::line::Line;
use crate::node;
use crate::python::Venv;
use crate::steps::Steps;
use crate::tidy;

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let mut steps = Steps::new();
    rust(&mut steps);
    languages(&mut steps, found.preferred()?);
    Ok(steps.finish("check"))
}

/// Format, lints, structure and generated files.
pub(crate) fn rust(steps: &mut Steps) {
    steps.run("cargo fmt", || {
        Line::cargo().args(["fmt", "--all", "--check"]).run()
    });
    steps.run("clippy", || {
        let line = Line::cargo().args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--locked",
        ]);
        line.args(["--", "--deny", "warnings"]).run()
    });
    steps.run("tidy", tidy::run);
    steps.run("generated files", r#gen::check);
}

/// Lints and types of Python and TypeScript.
pub(crate) fn languages(steps: &mut Steps, interpreter: &Interpreter) {
    let tools = steps.run("install ruff", || Venv::of_tools(interpreter));
    let ruff = |arguments: &'static [&'static str]| {
        move |tools: &Venv| {
            Line::new(tools.program("ruff"))
                .args(arguments)
                .arg(".")
                .run()
        }
    };
    steps.run_with("ruff check", tools.as_ref(), ruff(&["check", "--quiet"]));
    steps.run_with(
        "ruff format",
        tools.as_ref(),
        ruff(&["format", "--check", "--quiet"]),
    );

    let venv = steps.run("install what the Python tests need", || {
        Venv::of_tests(interpreter)
    });
    let pyright = steps.run("install pyright", node::pyright);
    steps.run_with("pyright", venv.zip(pyright), |(venv, pyright)| {
        Line::new("node")
            .arg(pyright)
            .arg("--pythonpath")
            .arg(venv.python())
            .run()
    });

    let installed = steps.run("npm ci", node::install);
    steps.run_with("tsc --strict", installed, |()| node::check_typescript());
}
