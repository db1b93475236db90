//! `cargo xtask bench`: the official packages, ours, the peers and the floor in turn, against the same mock server.

mod machine;
mod outcome;
mod program;
mod report;
mod rounds;
mod row;
mod rows;
mod subjects;

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::interpreter;
use crate::layout;
use crate::mock::{self, Mock};
use crate::node;
use crate::packages;
use crate::python::{Profile, Venv};
use crate::steps::Steps;
use outcome::Outcome;
use rounds::Bench;
use row::Row;
use rows::ROWS;

/// How much is measured.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    is_quick: bool,
    has_report: bool,
    rounds: usize,
    rows: Vec<&'static Row>,
}

impl Options {
    /// Reads the options of the command.
    ///
    /// # Errors
    /// When one is unknown, when no row has the name that is asked for, or when a report of a part is asked for.
    pub(crate) fn read(mut arguments: Arguments) -> Result<Options, Failure> {
        let is_quick = arguments.flag("--quick");
        let has_report = arguments.flag("--report");
        let rounds = match arguments.value("--rounds")? {
            None if is_quick => 2,
            None => 3,
            Some(text) => text
                .parse()
                .ok()
                .filter(|rounds| *rounds > 0)
                .ok_or_else(|| {
                    Failure::new(format!("`--rounds` needs a number above 0, not `{text}`"))
                })?,
        };
        let only = arguments.value("--only")?;
        arguments.finish()?;
        if has_report && only.is_some() {
            let why =
                "`--report` writes the file whole, so it measures every row: leave `--only` out";
            return Err(Failure::new(why));
        }
        let pattern = only.unwrap_or_default();
        let rows: Vec<&Row> = ROWS.iter().filter(|row| row.matches(&pattern)).collect();
        if rows.is_empty() {
            let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
            let why = format!(
                "no row is called `{pattern}`; there are\n  {}",
                names.join("\n  ")
            );
            return Err(Failure::new(why));
        }
        Ok(Options {
            is_quick,
            has_report,
            rounds,
            rows,
        })
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    node::version()?;

    let mut steps = Steps::new();
    let server = steps.must("build the mock server", || mock::build(Profile::Release))?;
    let floor = steps.must("build the floor", mock::build_floor)?;
    // The environment of the benchmark has the official package.
    let venv = packages::install(&mut steps, interpreter, Venv::of_bench)?;
    let official = steps.must("install the official npm package", node::official)?;
    let peers = match options.is_quick {
        true => subjects::left_out(),
        false => steps.must("install the peers", || Ok(subjects::install(interpreter)))?,
    };

    let bench = Bench {
        python: venv.python(),
        node: official.node,
        official_node_folder: official.folder,
        floor,
        peers,
        rounds: options.rounds,
        is_quick: options.is_quick,
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    for row in &options.rows {
        let measured = steps.run(row.name, || {
            let server = Mock::start(&server, row.server)?;
            bench.measure(row, &server.url)
        });
        if let Some(outcome) = measured {
            let lines = outcome.lines();
            lines
                .iter()
                .for_each(|line| println!("               {line}"));
            outcomes.push(outcome);
        }
    }
    if options.has_report && outcomes.len() == ROWS.len() {
        steps.run("write BENCHMARKS.md", || {
            let machine = machine::Machine::describe(&bench, interpreter)?;
            let text = report::markdown(&machine, &outcomes, &bench);
            layout::write(&layout::root().join("BENCHMARKS.md"), &text)
        });
    }
    Ok(steps.finish("bench"))
}
