//! Where things are.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    // The variable is that of the running command; the constant is where this program was compiled.
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors()
        .nth(2)
        .map_or(here.clone(), Path::to_path_buf)
}

/// A folder for what the commands install and build, ignored by git.
pub(crate) fn work(name: &str) -> PathBuf {
    root().join(".work").join(name)
}

/// The folder in which cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |set| root().join(set))
}

/// The folder of the recorded exchanges, where there is one. It is no part of the repository.
pub(crate) fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("TAILRACE_RECORDINGS")
        .map_or_else(|| root().join("../shared/recordings"), PathBuf::from);
    folder
        .is_dir()
        .then(|| folder.canonicalize().unwrap_or(folder))
}

/// The API description for the mock server of the official suite, where there is one. It is no part of the repository.
pub(crate) fn description(named: Option<&str>) -> Option<PathBuf> {
    let file = named
        .map(|named| root().join(named))
        .or_else(|| std::env::var_os("TAILRACE_API_DESCRIPTION").map(PathBuf::from))
        .unwrap_or_else(|| root().join("../shared/spec/openapi.transformed.yml"));
    file.canonicalize().ok().filter(|file| file.is_file())
}

/// Creates a folder and those above it.
pub(crate) fn create(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))
}

/// Deletes a folder; one that is not there is fine.
pub(crate) fn remove(folder: &Path) -> Result<(), Failure> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::io(folder, &error))
        }
        _ => Ok(()),
    }
}

/// Replaces the text of a file.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::io(path, &error))
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::io(path, &error))
}

/// The files below a folder whose names end so, sorted, as paths from the root.
///
/// # Errors
/// When there is none: a suite of no tests would pass.
pub(crate) fn test_files(folder: &str, endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut waiting = vec![PathBuf::from(folder)];
    let mut files = Vec::new();
    while let Some(below) = waiting.pop() {
        let entries =
            std::fs::read_dir(root().join(&below)).map_err(|error| Failure::io(&below, &error))?;
        for entry in entries.flatten() {
            let path = below.join(entry.file_name());
            if entry.path().is_dir() {
                waiting.push(path);
            } else if endings
                .iter()
                .any(|ending| path.to_string_lossy().ends_with(ending))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(Failure::new(format!("`{folder}` holds no test"))),
        false => Ok(files),
    }
}
