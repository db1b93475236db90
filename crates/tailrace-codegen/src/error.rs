//! The one error of the generator: which file is wrong, and what to do about it.

use std::fmt;
use std::path::Path;

/// A fact, an overlay entry or a file that the generator cannot use.
#[derive(Debug)]
pub struct Error(String);

/// The result of every phase.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error about the facts of `place` (a file below `api/`, a module or a definition).
    pub fn new(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self(format!("{place}: {what}"))
    }

    /// An error of the file system about `path`.
    pub fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::new(path.display(), error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
