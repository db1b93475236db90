//! `cargo xtask soak`: mixed traffic with faults in both languages; nothing may hang, be unaccounted for, or grow.
//!
//! The programs are `tests/soak/*`; they make requests, some of them through a proxy that breaks connections, and print
//! what they hold whenever none is in flight. What is too much is decided in [`judge`].

mod judge;
mod programs;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::interpreter;
use crate::mock::{self, Mock};
use crate::node;
use crate::packages;
use crate::python::{Profile, Venv};
use crate::steps::Steps;

pub(crate) use programs::Programs;
use programs::Traffic;

/// The length without `--minutes`.
const DEFAULT_MINUTES: f64 = 30.0;
/// The length inside `cargo xtask test`: long enough for a leak of a socket, a task or a thread per request.
const SHORT: Duration = Duration::from_secs(15);
/// The seed without `--seed`.
const DEFAULT_SEED: u64 = 1;

/// How long, and which faults.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    length: Duration,
    seed: u64,
    traffic: Traffic,
    /// An interpreter that has the package, anyio and trio: nothing is built for either language then.
    python: Option<PathBuf>,
}

impl Options {
    /// Reads the options of the command.
    ///
    /// # Errors
    /// When one is unknown or no number.
    pub(crate) fn read(mut arguments: Arguments) -> Result<Options, Failure> {
        let minutes = match arguments.value("--minutes")? {
            None => DEFAULT_MINUTES,
            Some(text) => match text.parse() {
                Ok(minutes) if (0.1..10_000.0).contains(&minutes) => minutes,
                _ => {
                    return Err(Failure::new(format!(
                        "`--minutes` needs a number from 0.1 to 10000, not `{text}`"
                    )));
                }
            },
        };
        let seed = match arguments.value("--seed")? {
            None => DEFAULT_SEED,
            Some(text) => text.parse().map_err(|_| {
                Failure::new(format!("`--seed` needs a whole number, not `{text}`"))
            })?,
        };
        let traffic = match arguments.flag("--websocket") {
            true => Traffic::WebSockets,
            false => Traffic::Calls,
        };
        let python = arguments.value("--python")?.map(PathBuf::from);
        arguments.finish()?;
        Ok(Options {
            length: Duration::from_secs_f64(minutes * 60.0),
            seed,
            traffic,
            python,
        })
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    node::version()?;
    let mut steps = Steps::new();
    steps.must("build the mock server and the fault proxy", || {
        mock::build(Profile::Release)
    })?;
    let programs = Programs {
        python: match &options.python {
            Some(python) => python.clone(),
            None => build(&mut steps)?,
        },
        node: "node".into(),
    };
    steps.run("soak", || soak(&programs, options, Profile::Release));
    Ok(steps.finish("soak"))
}

/// Builds and installs both packages; returns the interpreter that has one.
fn build(steps: &mut Steps) -> Result<PathBuf, Failure> {
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    // The environment of the tests has anyio and trio.
    Ok(packages::install(steps, interpreter, Venv::of_tests)?.python())
}

/// The short run of `cargo xtask test`, over what that command has built.
pub(crate) fn short(programs: &Programs) -> Result<(), Failure> {
    let options = Options {
        length: SHORT,
        seed: DEFAULT_SEED,
        traffic: Traffic::Calls,
        python: None,
    };
    soak(programs, &options, Profile::Dev)
}

fn soak(programs: &Programs, options: &Options, profile: Profile) -> Result<(), Failure> {
    let server = mock::build(profile)?;
    let proxy = server.with_file_name(format!(
        "tailrace-fault-proxy{}",
        std::env::consts::EXE_SUFFIX
    ));
    // A stream of 40 events in writes of 4 is some 14 kB: most faults fall into one.
    let mock = Mock::start(
        &server,
        &["--chunks", "40", "--chunk-bytes", "330", "--batch", "4"],
    )?;
    let target = mock
        .url
        .trim_start_matches("http://")
        .trim_end_matches("/v1");
    let seed = options.seed.to_string();
    let proxy = Mock::start(
        &proxy,
        &["--to", target, "--seed", &seed, "--percent", "100"],
    )?;
    let runs = programs.run(
        options.traffic,
        [&mock.url, &proxy.url],
        options.length,
        &seed,
    )?;
    let verdict = judge::judge(&runs, options.length);
    verdict
        .lines
        .iter()
        .for_each(|line| println!("               {line}"));
    match verdict.faults.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "{} findings\n  {}",
            verdict.faults.len(),
            verdict.faults.join("\n  ")
        ))
        .again(format!(
            "cargo xtask soak --minutes {:.2} --seed {seed}{}",
            options.length.as_secs_f64() / 60.0,
            options.traffic.option()
        ))),
    }
}
