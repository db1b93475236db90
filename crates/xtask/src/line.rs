//! A command line: run, read, shown and repeated.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::layout;

/// A program with its arguments, the variables that are set for it, and the folder that it runs in.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(String, OsString)>,
    folder: Option<PathBuf>,
}

impl Line {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Line {
        Line {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            folder: None,
        }
    }

    /// A program that may open as many files as the system allows at all: a thousand streams are a thousand sockets, more
    /// than many shells allow at first.
    pub(crate) fn of_many_files(program: impl AsRef<OsStr>) -> Line {
        match cfg!(unix) {
            true => Line::new("sh")
                .args(["-c", r#"ulimit -n "$(ulimit -H -n)"; exec "$0" "$@""#])
                .arg(program),
            false => Line::new(program),
        }
    }

    pub(crate) fn cargo() -> Line {
        Line::new("cargo")
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Line {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Line {
        self.arguments.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Line {
        self.variables
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Runs in another folder than the root of the repository.
    pub(crate) fn within(mut self, folder: &Path) -> Line {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Runs it; what it prints goes to the terminal.
    ///
    /// # Errors
    /// When it cannot be started or does not end with 0.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let status = self
            .command()
            .status()
            .map_err(|error| self.unstarted(&error))?;
        match status.success() {
            true => Ok(()),
            false => Err(
                Failure::new(format!("`{}` ended with {status}", self.name()))
                    .again(self.to_string()),
            ),
        }
    }

    /// Runs it and returns what it prints to standard output.
    ///
    /// # Errors
    /// When it cannot be started, does not end with 0 or prints no UTF-8. The message ends with its standard error.
    pub(crate) fn read(&self) -> Result<String, Failure> {
        let output = self
            .command()
            .stdin(Stdio::null())
            .output()
            .map_err(|error| self.unstarted(&error))?;
        if !output.status.success() {
            let printed = String::from_utf8_lossy(&output.stderr);
            let why = format!(
                "`{}` ended with {}\n{}",
                self.name(),
                output.status,
                printed.trim_end()
            );
            return Err(Failure::new(why).again(self.to_string()));
        }
        String::from_utf8(output.stdout).map_err(|_| {
            Failure::new(format!("`{}` printed text that is not UTF-8", self.name()))
                .again(self.to_string())
        })
    }

    /// The command, for a caller that keeps the process.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(self.folder.clone().unwrap_or_else(layout::root));
        // `cargo run` describes xtask to its child; build scripts that watch these would build again for nothing.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_BIN_",
                "CARGO_CRATE_",
            ]
            .iter()
            .any(|start| text.starts_with(start))
            {
                command.env_remove(&name);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Why it could not be started.
    pub(crate) fn unstarted(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("`{}` cannot be started: {error}", self.name()))
            .again(self.to_string())
    }

    fn name(&self) -> String {
        let program = Path::new(&self.program)
            .file_name()
            .unwrap_or(&self.program)
            .to_string_lossy()
            .into_owned();
        match self.arguments.first() {
            Some(first) if !first.to_string_lossy().starts_with('-') => {
                let first = Path::new(first).file_name().unwrap_or(first);
                format!("{program} {}", first.to_string_lossy())
            }
            _ => program,
        }
    }
}

/// The line as a shell takes it, from the root of the repository.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(folder) = &self.folder {
            write!(f, "cd {} && ", quoted(folder.as_os_str()))?;
        }
        for (name, value) in &self.variables {
            write!(f, "{name}={} ", quoted(value))?;
        }
        f.write_str(&quoted(&self.program))?;
        self.arguments
            .iter()
            .try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let root = layout::root();
    // Relative to the root, as one would type it.
    let word = match word.strip_prefix(&*format!("{}/", root.display())) {
        Some(below) => below.to_owned(),
        None => word.into_owned(),
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,@+%".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_as_a_shell_takes_it() {
        let script = layout::root().join("tests/it's.py");
        let line = Line::new("python3")
            .env("A", "b c")
            .arg(script)
            .arg("")
            .arg("--x=1");
        assert_eq!(
            line.to_string(),
            r"A='b c' python3 'tests/it'\''s.py' '' --x=1"
        );
    }

    #[test]
    fn a_failed_line_says_how_to_repeat_it() {
        let failure = Line::cargo()
            .args(["no-such-command"])
            .read()
            .unwrap_err()
            .to_string();
        assert!(
            failure.contains("`cargo no-such-command` ended with"),
            "{failure}"
        );
        assert!(
            failure.ends_with("again: cargo no-such-command"),
            "{failure}"
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = Line::new("no-such-program").run().unwrap_err().to_string();
        assert!(
            failure.starts_with("`no-such-program` cannot be started"),
            "{failure}"
        );
    }
}
