//! The JSON-Schema-Test-Suite, as a table of what is right per keyword: `cargo xtask schema-suite` runs it.
//!
//! Arguments: the folder that holds `tests` and `remotes`, then the drafts. Each case is judged as a whole document and byte by
//! byte, where a valid one may never be refused and one that is not must be refused at its last byte at the latest.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde_json::Value;
use tailrace_core::{
    json::Options,
    schema::{MAX_DEPTH, Schema, State},
};

/// Where the suite says that its remote documents are.
const REMOTES: &str = "http://localhost:1234/";

/// What became of the cases of one file.
#[derive(Default)]
struct Row {
    right: usize,
    refused: Vec<String>,
    wrong: Vec<String>,
    early: usize,
    invalid: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((folder, drafts)) = arguments.split_first() else {
        eprintln!("usage: schema_suite FOLDER DRAFT...");
        return ExitCode::FAILURE;
    };
    let mut is_good = true;
    for draft in drafts {
        is_good &= report(Path::new(folder), draft);
    }
    match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn report(folder: &Path, draft: &str) -> bool {
    let remotes = remotes(&folder.join("remotes"), draft);
    let mut rows = BTreeMap::new();
    for path in files(&folder.join("tests").join(draft), false) {
        let keyword = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        rows.insert(keyword, file(&read(&path), draft, &remotes));
    }
    println!(
        "{draft}\n  {:32} {:>6} {:>8} {:>6} {:>8} {:>6}",
        "keyword", "right", "refused", "wrong", "invalid", "early"
    );
    let mut sum = Row::default();
    for (keyword, row) in rows {
        println!(
            "  {keyword:32} {:6} {:8} {:6} {:8} {:6}",
            row.right,
            row.refused.len(),
            row.wrong.len(),
            row.invalid,
            row.early
        );
        for case in row.refused.iter().chain(&row.wrong) {
            println!("    {case}");
        }
        sum.right += row.right;
        sum.invalid += row.invalid;
        sum.early += row.early;
        sum.refused.extend(row.refused);
        sum.wrong.extend(row.wrong);
    }
    let all = sum.right + sum.refused.len() + sum.wrong.len();
    println!(
        "  {:32} {:6} {:8} {:6} {:8} {:6}   of {all}",
        "all",
        sum.right,
        sum.refused.len(),
        sum.wrong.len(),
        sum.invalid,
        sum.early
    );
    all > 0 && sum.wrong.is_empty() && sum.right * 100 >= all * 98
}

/// The cases of one file. `early` counts the documents that were refused before their last byte.
fn file(groups: &Value, draft: &str, remotes: &[(String, String)]) -> Row {
    let mut row = Row::default();
    let resources: Vec<(&str, &str)> = remotes
        .iter()
        .map(|(uri, text)| (uri.as_str(), text.as_str()))
        .collect();
    for group in groups.as_array().into_iter().flatten() {
        let mut schema = group["schema"].clone();
        if let Value::Object(members) = &mut schema
            && !members.contains_key("$schema")
            && draft == "draft7"
        {
            members.insert(
                "$schema".into(),
                "http://json-schema.org/draft-07/schema#".into(),
            );
        }
        let compiled = Schema::compile_with(&schema.to_string(), &resources);
        for case in group["tests"].as_array().into_iter().flatten() {
            let name = format!("{}: {}", group["description"], case["description"]);
            let is_valid = case["valid"] == true;
            match &compiled {
                Err(error) => row.refused.push(format!("{name}: {error}")),
                Ok(schema) => match judge(schema, &case["data"].to_string(), is_valid) {
                    Ok(is_early) => {
                        row.right += 1;
                        row.invalid += usize::from(!is_valid);
                        row.early += usize::from(is_early);
                    }
                    Err(what) => row.wrong.push(format!("{name}: {what}")),
                },
            }
        }
    }
    row
}

/// Whether the document was refused before its last byte.
fn judge(schema: &Schema, text: &str, is_valid: bool) -> Result<bool, String> {
    let options = Options::strict(MAX_DEPTH);
    let whole = schema.violation(text.as_bytes(), options);
    if whole.is_none() != is_valid {
        return Err(format!("as a whole: {whole:?}"));
    }
    let mut state = State::new(schema, options);
    let mut refused = None;
    for (index, byte) in text.bytes().enumerate() {
        if let Some(violation) = state.push(schema, &[byte]) {
            refused = Some((index, violation.clone()));
            break;
        }
    }
    let end = state.finish(schema).cloned();
    match (is_valid, refused, end) {
        (true, None, None) => Ok(false),
        (true, refused, end) => Err(format!("valid, but refused: {refused:?} {end:?}")),
        (false, Some((index, _)), _) => Ok(index + 1 < text.len()),
        // A number ends with the text.
        (false, None, Some(_)) => Ok(false),
        (false, None, None) => Err("not refused byte by byte".to_owned()),
    }
}

/// The documents that schemas of the suite refer to, each with its URI.
fn remotes(folder: &Path, draft: &str) -> Vec<(String, String)> {
    let others = [
        "draft3",
        "draft4",
        "draft6",
        "draft7",
        "draft2019-09",
        "draft2020-12",
        "draft-next",
        "v1",
    ];
    files(folder, true)
        .into_iter()
        .filter_map(|path| {
            let name = path
                .strip_prefix(folder)
                .ok()?
                .to_string_lossy()
                .replace('\\', "/");
            let top = name.split('/').next().unwrap_or_default();
            let is_ours = top == draft || !others.contains(&top);
            is_ours.then(|| {
                (
                    format!("{REMOTES}{name}"),
                    fs::read_to_string(&path).unwrap_or_default(),
                )
            })
        })
        .collect()
}

fn files(folder: &Path, is_deep: bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && is_deep {
            found.extend(files(&path, true));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
