//! The crates of the workspace and what they depend on, as cargo knows it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::failure::Failure;
use crate::line::Line;

/// Crate name -> names of its direct dependencies. Those of tests are left out.
pub(crate) type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// Asks cargo.
pub(crate) fn dependencies() -> Result<Dependencies, Failure> {
    let line = Line::cargo().args(["metadata", "--format-version=1", "--no-deps"]);
    let text = line.read()?;
    parse(&text).ok_or_else(|| {
        Failure::new("`cargo metadata` printed something else than it documents")
            .again(line.to_string())
    })
}

fn parse(text: &str) -> Option<Dependencies> {
    let metadata: Value = serde_json::from_str(text).ok()?;
    let mut all = Dependencies::new();
    for package in metadata.get("packages")?.as_array()? {
        let mut names = BTreeSet::new();
        for dependency in package.get("dependencies")?.as_array()? {
            if dependency.get("kind")?.as_str() != Some("dev") {
                names.insert(dependency.get("name")?.as_str()?.to_owned());
            }
        }
        all.insert(package.get("name")?.as_str()?.to_owned(), names);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_tests_do_not_count() {
        let text = r#"{"packages": [{"name": "a", "dependencies": [
            {"name": "b", "kind": null}, {"name": "c", "kind": "dev"}, {"name": "d", "kind": "build"}]}]}"#;
        let expected = BTreeSet::from(["b".to_owned(), "d".to_owned()]);
        assert_eq!(parse(text).unwrap().get("a"), Some(&expected));
        assert!(parse("{}").is_none());
    }
}
