//! `cargo xtask bench`: the official packages and ours in turn, against the same mock server.

mod report;
mod rounds;
mod rows;

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::interpreter;
use crate::layout;
use crate::mock::{self, Mock};
use crate::node;
use crate::python::{self, Profile, Venv};
use crate::steps::Steps;
use rounds::{Bench, Result as RowResult};
use rows::ROWS;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    is_quick: bool,
    has_report: bool,
}

impl Options {
    /// Reads the options of the command.
    ///
    /// # Errors
    /// When one is unknown.
    pub(crate) fn read(mut arguments: Arguments) -> Result<Options, Failure> {
        let options = Options {
            is_quick: arguments.flag("--quick"),
            has_report: arguments.flag("--report"),
        };
        arguments.finish()?;
        Ok(options)
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    node::version()?;

    let mut steps = Steps::new();
    let server = steps.must("build the mock server", || mock::build(Profile::Release))?;
    let tools = steps.must("install maturin", || Venv::of_tools(interpreter))?;
    let wheels = steps.must("build the wheel", || {
        python::build_wheels(&tools, std::slice::from_ref(interpreter), Profile::Release)
    })?;
    let venv = steps.must("install it beside the official package", || {
        let venv = Venv::of_bench(interpreter)?;
        wheels.iter().try_for_each(|wheel| venv.install(wheel))?;
        Ok(venv)
    })?;
    steps.must("build the addon", || node::build_addon(Profile::Release))?;
    steps.must("npm ci", node::install)?;
    steps.must("npm run build", node::build_typescript)?;
    let official = steps.must("install the official npm package", node::official)?;

    let bench = Bench {
        python: venv.python(),
        node: official.node,
        official_node_folder: official.folder,
        rounds: if options.is_quick { 3 } else { 5 },
        is_quick: options.is_quick,
    };
    let mut results: Vec<RowResult> = Vec::new();
    for row in ROWS {
        let measured = steps.run(row.name, || {
            let server = Mock::start(&server, row.server)?;
            bench.measure(row, &server.url)
        });
        if let Some(result) = measured {
            result
                .lines()
                .iter()
                .for_each(|line| println!("               {line}"));
            results.push(result);
        }
    }
    if options.has_report && results.len() == ROWS.len() {
        steps.run("write BENCHMARKS.md", || {
            let machine = report::Machine::describe(&bench, interpreter)?;
            layout::write(
                &layout::root().join("BENCHMARKS.md"),
                &report::markdown(&machine, &results, bench.rounds),
            )
        });
    }
    Ok(steps.finish("bench"))
}
