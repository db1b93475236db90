//! The JSONTestSuite: what is read and what is refused, in every kind of cut. `cargo xtask json-suite` runs it.
//!
//! The argument is the folder `test_parsing`, in which `y_` files are JSON, `n_` files are none, and of `i_` files each reader
//! decides.

#![allow(clippy::disallowed_methods, reason = "it reads files")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the comparison says what differs by panicking, and it is caught here"
)]

#[path = "../tests/json/compare.rs"]
mod compare;

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    process::ExitCode,
};

use tailrace_core::json::{Literal, Options, Scanner, Sink};

/// As deep as the deepest file that is JSON.
const DEPTH: usize = 1000;

struct Nothing;

impl Sink for Nothing {
    fn begin_object(&mut self, _: usize) {}
    fn key(&mut self, _: &str, _: usize) {}
    fn end_object(&mut self, _: usize) {}
    fn begin_array(&mut self, _: usize) {}
    fn end_array(&mut self, _: usize) {}
    fn text_begin(&mut self, _: usize) {}
    fn text(&mut self, _: &str, _: usize) {}
    fn text_end(&mut self, _: usize) {}
    fn number(&mut self, _: &str, _: usize) {}
    fn literal(&mut self, _: Literal, _: usize) {}
}

fn is_read(text: &[u8]) -> bool {
    let mut scanner = Scanner::new(Options::strict(DEPTH));
    let read = scanner.push(text, &mut Nothing);
    read.and_then(|()| scanner.finish(&mut Nothing)).is_ok()
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("usage: json_suite FOLDER");
        return ExitCode::FAILURE;
    };
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let kinds = ["y_", "n_", "i_"];
    let mut counts = [[0; 2]; 3];
    let mut wrong = 0;
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(kind) = kinds.iter().position(|kind| name.starts_with(kind)) else {
            continue;
        };
        let text = fs::read(&path).unwrap_or_default();
        let is_json = is_read(&text);
        counts[kind][usize::from(!is_json)] += 1;
        if (kind == 0 && !is_json) || (kind == 1 && is_json) {
            wrong += 1;
            println!("{name}: {}", if is_json { "read" } else { "refused" });
        }
        let mut place = 0;
        let cut = |limit: usize| {
            place += 7;
            place % limit
        };
        // Every cut says the same, and serde_json and jiter read the same value.
        if panic::catch_unwind(AssertUnwindSafe(|| compare::check(&text, cut))).is_err() {
            wrong += 1;
            println!("{name}: read differently");
        }
    }
    println!("  {:4} {:>6} {:>8}", "", "read", "refused");
    for (kind, [read, refused]) in kinds.iter().zip(counts) {
        println!("  {kind:4} {read:6} {refused:8}");
    }
    let is_whole = counts.iter().all(|[read, refused]| read + refused > 0);
    match wrong == 0 && is_whole {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
