//! Phase 5, output: writes the files or compares them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The folders that the generator owns, below the root of the repository. A file in them that it does not make goes away.
pub const OWNED: [&str; 3] = [
    "python/tailrace/resources",
    "python/tailrace/types",
    "node/src/resources",
];

/// Generated files: path below the root of the repository, and text.
pub type Files = BTreeMap<PathBuf, String>;

/// Makes the owned folders below `root` hold exactly `files`; returns how many files changed.
pub fn write(root: &Path, files: &Files) -> Result<usize> {
    let stale = differences(root, files)?;
    for path in &stale {
        let target = root.join(path);
        match files.get(path) {
            Some(text) => {
                if let Some(folder) = target.parent() {
                    std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, &error))?;
                }
                std::fs::write(&target, text).map_err(|error| Error::io(&target, &error))?;
            }
            None => std::fs::remove_file(&target).map_err(|error| Error::io(&target, &error))?,
        }
    }
    Ok(stale.len())
}

/// Fails when a file below `root` is not what the generator makes.
pub fn check(root: &Path, files: &Files) -> Result<()> {
    match differences(root, files)?.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => Err(Error::new(
            first.display(),
            format_args!(
                "differs from what api/ says, and {} more; run `cargo run -p tailrace-codegen` and commit the result",
                rest.len()
            ),
        )),
    }
}

/// Paths whose text differs, that are missing, or that should not be there.
fn differences(root: &Path, files: &Files) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for (path, text) in files {
        if std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text) {
            found.push(path.clone());
        }
    }
    for owned in OWNED {
        let mut waiting = vec![root.join(owned)];
        while let Some(folder) = waiting.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::io(&folder, &error)),
            };
            for entry in entries {
                let path = entry.map_err(|error| Error::io(&folder, &error))?.path();
                let relative = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
                if path.is_dir() {
                    // Interpreters leave their byte code beside the source; it is not ours to judge.
                    if path.file_name().is_some_and(|name| name != "__pycache__") {
                        waiting.push(path);
                    }
                } else if !files.contains_key(&relative) {
                    found.push(relative);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}
