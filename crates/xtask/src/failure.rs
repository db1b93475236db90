//! Why a step failed, and how to repeat it.

use std::fmt;
use std::path::Path;

/// A failed step. `Display` is one sentence, and the command line that repeats it where there is one.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    why: String,
    again: Option<String>,
}

impl Failure {
    pub(crate) fn new(why: impl Into<String>) -> Failure {
        Failure {
            why: why.into(),
            again: None,
        }
    }

    /// A failure to read or write.
    pub(crate) fn io(path: &Path, error: &std::io::Error) -> Failure {
        Failure::new(format!("`{}`: {error}", path.display()))
    }

    /// Names the command line that repeats the step.
    pub(crate) fn again(mut self, line: impl Into<String>) -> Failure {
        self.again.get_or_insert(line.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        match &self.again {
            None => Ok(()),
            Some(line) => write!(f, "\n  again: {line}"),
        }
    }
}
