//! `cargo run -p tailrace-codegen` writes the generated folders; `-- --check` only compares them.

use std::path::Path;
use std::process::ExitCode;

use tailrace_codegen::error::Result;
use tailrace_codegen::{generate, output};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => run(false),
        ["--check"] => run(true),
        _ => {
            eprintln!("usage: tailrace-codegen [--check]");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tailrace-codegen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(is_check: bool) -> Result<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("../..");
    let files = generate(&here.join("api"))?;
    if is_check {
        output::check(&root, &files)?;
        return Ok(format!("{} generated files are up to date", files.len()));
    }
    let changed = output::write(&root, &files)?;
    Ok(format!(
        "{} generated files, {changed} of them changed",
        files.len()
    ))
}
