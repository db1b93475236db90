//! The laws of prefix validation for schemas that people use: `cargo run --release -p tailrace-core --example schema_corpus --
//! SCHEMAS [DOCUMENTS]...`.
//!
//! SCHEMAS is a folder of JSON schemas, such as `src/schemas/json` of SchemaStore; each DOCUMENTS one that has a folder of
//! documents for a schema, called as it is (`src/test`, `src/negative_test`). Each document is tried as it is and with mistakes, and
//! so are documents that are generated from the schema. The judge is the `jsonschema` crate.

#![allow(
    clippy::disallowed_methods,
    reason = "it reads files and measures time"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_wrap,
    reason = "the laws say what is broken by panicking, and it is caught here"
)]

#[path = "../tests/schema/laws.rs"]
mod laws;
#[path = "../tests/schema/random.rs"]
#[allow(dead_code, reason = "the schemas are given")]
mod random;

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use random::Random;
use serde_json::Value;
use tailrace_core::schema::Schema;

/// Documents that are generated from each schema, and how often each document gets a mistake.
const GENERATED: usize = 20;
const MISTAKES: usize = 5;
/// Bytes of the largest document that is tried byte by byte.
const LONGEST: usize = 100_000;
/// What takes longer to compile is named.
const SLOW: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Sum {
    compiled: usize,
    refused: usize,
    valid: usize,
    early: usize,
    late: usize,
    broken: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let Some((schemas, documents)) = arguments.split_first() else {
        eprintln!("usage: schema_corpus SCHEMAS [DOCUMENTS]...");
        return ExitCode::FAILURE;
    };
    panic::set_hook(Box::new(|_| {}));
    let mut sum = Sum::default();
    for path in json_files(schemas) {
        schema(&path, documents, &mut sum);
    }
    println!(
        "{} schemas compiled, {} refused; {} documents valid, {} refused early, {} at the end; {} laws broken",
        sum.compiled, sum.refused, sum.valid, sum.early, sum.late, sum.broken
    );
    match sum.broken == 0 && sum.compiled > 0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn schema(path: &Path, folders: &[PathBuf], sum: &mut Sum) {
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let text = fs::read_to_string(path).unwrap_or_default();
    let Ok(schema) = serde_json::from_str::<Value>(&text) else {
        return println!("{name}: no JSON");
    };
    let start = Instant::now();
    let compiled = Schema::compile(&text);
    let took = start.elapsed();
    if took > SLOW {
        println!("{name}: {took:?} to compile {} bytes", text.len());
    }
    let judge = laws::judge(&schema);
    let (compiled, judge) = match (compiled, judge) {
        (Ok(compiled), Some(judge)) => (compiled, judge),
        (Ok(_), None) => {
            sum.broken += 1;
            return println!("{name}: compiled, though the judge refuses it");
        }
        (Err(error), judge) => {
            sum.refused += 1;
            let also = if judge.is_none() {
                "by the judge as well"
            } else {
                "BY US ALONE"
            };
            return println!("{name}: refused {also}: {error}");
        }
    };
    sum.compiled += 1;
    let mut random = Random::seeded(name.len() as u64);
    let given = folders
        .iter()
        .flat_map(|folder| json_files(&folder.join(&name)));
    let mut all: Vec<Value> = given
        .filter_map(|path| serde_json::from_str(&fs::read_to_string(path).ok()?).ok())
        .collect();
    all.extend((0..GENERATED).map(|_| random::instance(&mut random, &schema, &schema, 12)));
    let mut shown = 0;
    for document in all {
        for mistakes in 0..=MISTAKES {
            let mut document = document.clone();
            for _ in 0..mistakes.min(2) {
                random::spoil(&mut random, &mut document);
            }
            let spelled = random::spelled(&mut random, &document);
            if spelled.len() > LONGEST {
                continue;
            }
            let check = || laws::check(&compiled, &judge, &spelled, "");
            match panic::catch_unwind(AssertUnwindSafe(check)) {
                Ok(laws::Seen::Valid) => sum.valid += 1,
                Ok(laws::Seen::Early) => sum.early += 1,
                Ok(laws::Seen::Late) => sum.late += 1,
                Err(panic) => {
                    sum.broken += 1;
                    shown += 1;
                    if shown <= 3 {
                        let said = panic.downcast_ref::<String>().map_or("", String::as_str);
                        let length = spelled.len().min(600);
                        println!(
                            "{name}: {said}\n  {}",
                            &spelled.get(..length).unwrap_or_default()
                        );
                    }
                }
            }
        }
    }
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_json = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_json).collect();
    found.sort();
    found
}
