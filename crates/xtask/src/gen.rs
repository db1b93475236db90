//! `cargo xtask gen`: the generated folders.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::line::Line;

pub(crate) fn run(is_check: bool) -> Result<ExitCode, Failure> {
    if is_check {
        check()?;
    } else {
        Line::cargo()
            .args(["run", "--quiet", "--package", "tailrace-codegen"])
            .run()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares the generated folders with what the generator makes.
pub(crate) fn check() -> Result<(), Failure> {
    Line::cargo()
        .args([
            "run",
            "--quiet",
            "--package",
            "tailrace-codegen",
            "--",
            "--check",
        ])
        .run()
}
