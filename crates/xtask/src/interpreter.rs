//! The Python interpreters of this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::line::Line;
use crate::tools::OLDEST_PYTHON;

/// Prints what is asked of an interpreter. Debian has one without `ensurepip`, which cannot make an environment.
const PROBE: &str = "
import json, sys, sysconfig
try:
    import ensurepip, venv
    has_venv = True
except ImportError:
    has_venv = False
print(json.dumps({
    'path': sys.executable, 'version': list(sys.version_info[:3]), 'name': sys.implementation.name,
    'has_venv': has_venv, 'has_gil': not sysconfig.get_config_var('Py_GIL_DISABLED'),
}))";

/// An interpreter that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    pub(crate) path: PathBuf,
    pub(crate) version: (u32, u32, u32),
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// One of each minor version, oldest first.
    pub(crate) usable: Vec<Interpreter>,
    /// Those that were passed over, with the reason.
    pub(crate) passed_over: Vec<(String, &'static str)>,
    /// The version that `python3` names on this machine, where it can be used.
    first: Option<(u32, u32)>,
}

impl Interpreter {
    /// `3.13`.
    pub(crate) fn minor(&self) -> String {
        format!("{}.{}", self.version.0, self.version.1)
    }

    /// `cp313`, as in the name of a wheel.
    pub(crate) fn tag(&self) -> String {
        format!("cp{}{}", self.version.0, self.version.1)
    }
}

impl Found {
    /// The interpreter for everything that needs only one: the machine's `python3`, else the newest.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn preferred(&self) -> Result<&Interpreter, Failure> {
        let minor = |found: &&Interpreter| Some((found.version.0, found.version.1)) == self.first;
        self.usable.iter().find(minor).or(self.usable.last()).ok_or_else(|| {
            let (major, minor) = OLDEST_PYTHON;
            let why = format!("no Python >= {major}.{minor} with `venv` was found on PATH or below ~/.pyenv/versions");
            Failure::new(why)
        })
    }
}

/// Looks on `PATH` and in the versions of pyenv.
pub(crate) fn find() -> Found {
    let mut found = Found::default();
    let mut seen: BTreeMap<(u32, u32), Interpreter> = BTreeMap::new();
    for candidate in candidates() {
        let Some((interpreter, fault)) = probe(&candidate) else {
            continue;
        };
        let minor = (interpreter.version.0, interpreter.version.1);
        match fault {
            // The many that are too old are of no interest.
            _ if minor < OLDEST_PYTHON => {}
            Some(fault) => found
                .passed_over
                .push((candidate.display().to_string(), fault)),
            None => {
                found.first.get_or_insert(minor);
                seen.entry(minor).or_insert(interpreter);
            }
        }
    }
    found.usable = seen.into_values().collect();
    // Another build of the same version makes up for one that cannot be used.
    found.passed_over.sort();
    found.passed_over.dedup();
    found
}

fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path)
        .flat_map(|folder| pythons(&folder))
        .collect();
    // `python3` comes first: it is the one that the user means.
    let (plain, versioned): (Vec<_>, Vec<_>) = on_path
        .into_iter()
        .partition(|path| stem(path) == "python3");
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".pyenv")));
    let versions = pyenv
        .map(|root| list(&root.join("versions")))
        .unwrap_or_default();
    let from_pyenv = versions
        .into_iter()
        .flat_map(|version| pythons(&version.join("bin")));
    let mut all: Vec<PathBuf> = plain
        .into_iter()
        .chain(versioned)
        .chain(from_pyenv)
        .collect();
    if cfg!(windows) {
        all.extend(
            std::env::split_paths(&path)
                .map(|folder| folder.join("python.exe"))
                .filter(|path| path.is_file()),
        );
    }
    all
}

/// `python3` and `python3.N` of a folder.
fn pythons(folder: &Path) -> Vec<PathBuf> {
    let is_python = |path: &PathBuf| {
        let name = stem(path);
        let minor = name.strip_prefix("python3.");
        name == "python3" || minor.is_some_and(|minor| minor.parse::<u32>().is_ok())
    };
    list(folder).into_iter().filter(is_python).collect()
}

fn stem(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    name.strip_suffix(".exe")
        .map_or(name.clone(), str::to_owned)
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Asks a program what it is. One that does not answer as Python does is none.
fn probe(candidate: &Path) -> Option<(Interpreter, Option<&'static str>)> {
    let text = Line::new(candidate).args(["-c", PROBE]).read().ok()?;
    let answer: Value = serde_json::from_str(&text).ok()?;
    let number = |at: usize| u32::try_from(answer.get("version")?.get(at)?.as_u64()?).ok();
    let interpreter = Interpreter {
        path: PathBuf::from(answer.get("path")?.as_str()?),
        version: (number(0)?, number(1)?, number(2)?),
    };
    let fault = match () {
        () if answer.get("name")?.as_str()? != "cpython" => Some("it is not CPython"),
        () if !answer.get("has_gil")?.as_bool()? => Some("it is a build without the GIL"),
        () if !answer.get("has_venv")?.as_bool()? => {
            Some("it has no `ensurepip`, so it cannot make an environment")
        }
        () => None,
    };
    Some((interpreter, fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(first: Option<(u32, u32)>, minors: &[u32]) -> Found {
        let usable = minors.iter().map(|minor| Interpreter {
            path: PathBuf::from("python3"),
            version: (3, *minor, 0),
        });
        Found {
            usable: usable.collect(),
            passed_over: Vec::new(),
            first,
        }
    }

    #[test]
    fn the_default_is_python3_and_else_the_newest() {
        assert_eq!(
            found(Some((3, 11)), &[10, 11, 13])
                .preferred()
                .unwrap()
                .minor(),
            "3.11"
        );
        assert_eq!(
            found(None, &[10, 11, 13]).preferred().unwrap().minor(),
            "3.13"
        );
        assert!(
            found(None, &[])
                .preferred()
                .unwrap_err()
                .to_string()
                .contains(">= 3.10")
        );
    }

    #[test]
    fn only_the_names_of_interpreters_are_tried() {
        let folder = std::env::temp_dir().join(format!("xtask-pythons-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in [
            "python3",
            "python3.12",
            "python3-config",
            "python3.12-config",
            "python2",
            "pip3",
        ] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let names: Vec<String> = pythons(&folder).iter().map(|path| stem(path)).collect();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, ["python3", "python3.12"]);
    }
}
