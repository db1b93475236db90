//! `THIRD-PARTY.txt`: the licences of the crates that the native modules contain, which ask to be given away with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::layout;
use crate::line::Line;

/// Where the packages begin.
const ROOTS: [&str; 2] = ["tailrace-python", "tailrace-node"];
/// What the name of a licence file begins with.
const FILES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

const HEAD: &str = "\
The native modules of tailrace contain these crates. Each is given away under the licence that is named; where there is a
choice, the texts that follow are those of the first of MIT, BSD, ISC, Zlib and Apache-2.0 that it offers. Texts that are
equal are printed once.

Written by `cargo xtask safety --write-notices`.
";

/// Writes the file.
pub(crate) fn write() -> Result<(), Failure> {
    layout::write(&path(), &text()?)
}

/// Compares it with what it would be.
pub(crate) fn check() -> Result<(), Failure> {
    match layout::read(&path())? == text()? {
        true => Ok(()),
        false => Err(Failure::new(
            "`THIRD-PARTY.txt` is not what the crates say that are built in",
        )
        .again("cargo xtask safety --write-notices")),
    }
}

fn path() -> PathBuf {
    layout::root().join("THIRD-PARTY.txt")
}

fn text() -> Result<String, Failure> {
    let line = Line::cargo().args(["metadata", "--format-version=1", "--locked"]);
    let metadata: Value = serde_json::from_str(&line.read()?).map_err(|error| {
        Failure::new(format!("`cargo metadata` printed no JSON: {error}")).again(line.to_string())
    })?;
    let shipped = shipped(&metadata).ok_or_else(|| {
        Failure::new("`cargo metadata` printed something else than it documents")
            .again(line.to_string())
    })?;
    // A text, and the crates that it is of.
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for crate_ in &shipped {
        for text in crate_.texts()? {
            texts.entry(text).or_default().insert(crate_.label());
        }
    }
    let mut texts: Vec<(BTreeSet<String>, String)> = texts
        .into_iter()
        .map(|(text, crates)| (crates, text))
        .collect();
    texts.sort();
    let mut out = HEAD.to_owned();
    for (crates, text) in texts {
        let crates: Vec<String> = crates.into_iter().collect();
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "\n{}\n{}\n\n{text}\n",
            "=".repeat(80),
            crates.join("\n")
        );
    }
    Ok(out)
}

struct Crate {
    name: String,
    version: String,
    license: String,
    authors: String,
    folder: PathBuf,
}

/// The crates of others that are linked into a package, on any system. What runs while it is compiled is not.
fn shipped(metadata: &Value) -> Option<Vec<Crate>> {
    let text = |value: &Value, name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let mut packages = BTreeMap::new();
    for package in metadata.get("packages")?.as_array()? {
        packages.insert(text(package, "id")?, package);
    }
    let mut nodes = BTreeMap::new();
    for node in metadata.get("resolve")?.get("nodes")?.as_array()? {
        nodes.insert(text(node, "id")?, node);
    }
    let is_macro = |package: &Value| {
        let kinds = package.get("targets").and_then(Value::as_array);
        kinds.is_some_and(|targets| {
            targets
                .iter()
                .any(|target| target.get("kind") == Some(&serde_json::json!(["proc-macro"])))
        })
    };
    let mut open: Vec<String> = packages
        .iter()
        .filter(|(_, package)| text(package, "name").is_some_and(|name| ROOTS.contains(&&*name)))
        .map(|(id, _)| id.clone())
        .collect();
    let mut seen = BTreeSet::new();
    let mut crates = Vec::new();
    while let Some(id) = open.pop() {
        let package = packages.get(&id)?;
        if is_macro(package) || !seen.insert(id.clone()) {
            continue;
        }
        for dependency in nodes.get(&id)?.get("deps")?.as_array()? {
            let kinds = dependency.get("dep_kinds")?.as_array()?;
            if kinds
                .iter()
                .any(|kind| kind.get("kind") == Some(&Value::Null))
            {
                open.push(text(dependency, "pkg")?);
            }
        }
        // Ours have no source.
        if package.get("source")?.is_null() {
            continue;
        }
        let authors = package.get("authors")?.as_array()?.iter();
        let authors: Vec<&str> = authors.filter_map(Value::as_str).collect();
        crates.push(Crate {
            name: text(package, "name")?,
            version: text(package, "version")?,
            license: text(package, "license").unwrap_or_default(),
            authors: authors.join(", "),
            folder: Path::new(&text(package, "manifest_path")?)
                .parent()?
                .to_owned(),
        });
    }
    Some(crates)
}

impl Crate {
    fn label(&self) -> String {
        format!("{} {} ({})", self.name, self.version, self.license)
    }

    /// The texts that go with it.
    fn texts(&self) -> Result<Vec<String>, Failure> {
        let mut files = Vec::new();
        let entries = std::fs::read_dir(&self.folder);
        for entry in entries.map_err(|error| Failure::io(&self.folder, &error))? {
            let path = entry
                .map_err(|error| Failure::io(&self.folder, &error))?
                .path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .to_uppercase();
            if path.is_file() && FILES.iter().any(|start| name.starts_with(start)) {
                files.push((name, path));
            }
        }
        files.sort();
        let texts = chosen(&self.license, files)
            .iter()
            .map(|path| {
                let bytes = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
                let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
                let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
                Ok(lines.join("\n").trim_matches('\n').to_owned())
            })
            .collect::<Result<Vec<String>, Failure>>()?;
        if !texts.is_empty() {
            return Ok(texts);
        }
        // Some are published without their file.
        let by = match self.authors.as_str() {
            "" => format!("the authors of {}", self.name),
            authors => authors.to_owned(),
        };
        Ok(vec![format!(
            "Published without the text of its licence, {}, which stands here for other crates. Copyright (c) {by}",
            self.license
        )])
    }
}

/// The files of the licence that is chosen, where the names of files say whose they are; otherwise all.
fn chosen(license: &str, files: Vec<(String, PathBuf)>) -> Vec<PathBuf> {
    let is_choice = license.contains(" OR ") || license.contains('/');
    let of = |word: &str| -> Vec<PathBuf> {
        files
            .iter()
            .filter(|(name, _)| name.contains(word) || name.starts_with("NOTICE"))
            .map(|(_, path)| path.clone())
            .collect()
    };
    if is_choice && !license.contains(" AND ") {
        for word in ["MIT", "BSD", "ISC", "ZLIB", "APACHE"] {
            if files.iter().any(|(name, _)| name.contains(word)) {
                return of(word);
            }
        }
    }
    files.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_choice_one_licence_is_taken_and_notices_with_it() {
        let files = |names: &[&str]| -> Vec<(String, PathBuf)> {
            names
                .iter()
                .map(|name| ((*name).to_owned(), PathBuf::from(name)))
                .collect()
        };
        for (license, names, expected) in [
            (
                "MIT OR Apache-2.0",
                &["LICENSE-APACHE", "LICENSE-MIT"][..],
                &["LICENSE-MIT"][..],
            ),
            (
                "Apache-2.0/MIT",
                &["LICENSE-APACHE", "NOTICE"],
                &["LICENSE-APACHE", "NOTICE"],
            ),
            (
                "Apache-2.0 AND ISC",
                &["LICENSE", "LICENSE-ISC"],
                &["LICENSE", "LICENSE-ISC"],
            ),
            ("MIT OR Apache-2.0", &["COPYRIGHT"], &["COPYRIGHT"]),
        ] {
            let found = chosen(license, files(names));
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(found, expected, "{license}");
        }
    }
}
