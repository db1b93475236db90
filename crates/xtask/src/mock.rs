//! The mock server, or the fault proxy, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::failure::Failure;
use crate::layout;
use crate::line::Line;
use crate::python::Profile;

/// A running mock server. It stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Mock {
    process: Child,
    /// The base URL of the plausible API.
    pub(crate) url: String,
}

/// Compiles the server; returns the program.
///
/// It is always below `target/` of the repository, where the tests of both languages look for it.
pub(crate) fn build(profile: Profile) -> Result<PathBuf, Failure> {
    build_program("tailrace-mock", profile)
}

/// Compiles the floor of the benchmark; returns the program.
pub(crate) fn build_floor() -> Result<PathBuf, Failure> {
    build_program("tailrace-floor", Profile::Release)
}

fn build_program(name: &str, profile: Profile) -> Result<PathBuf, Failure> {
    let target = layout::root().join("target");
    Line::cargo()
        .args(["build", "--quiet", "--package", name])
        .arg(profile.option())
        .arg("--target-dir")
        .arg(&target)
        .run()?;
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join(profile.folder()).join(name))
}

impl Mock {
    /// Starts the program with its options.
    pub(crate) fn start(program: &std::path::Path, options: &[&str]) -> Result<Mock, Failure> {
        let line = Line::of_many_files(program).args(options);
        let mut command = line.command();
        // The server ends when its standard input does, so it never outlives this program.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| line.unstarted(&error))?;
        let mut first = String::new();
        if let Some(printed) = process.stdout.take() {
            let read = BufReader::new(printed).read_line(&mut first);
            read.map_err(|error| line.unstarted(&error))?;
        }
        let url = serde_json::from_str::<Value>(&first)
            .ok()
            .and_then(|line| Some(line.get("url")?.as_str()?.to_owned()));
        match url {
            Some(url) => Ok(Mock { process, url }),
            None => {
                drop(process.kill());
                drop(process.wait());
                Err(Failure::new("the server did not print its address").again(line.to_string()))
            }
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // An error means that it has ended already.
        drop(self.process.wait());
    }
}
