//! The commands of the project: `cargo xtask --help`.
//!
//! Each command is a file. This one only reads the command line.
//!
//! Invariants:
//! * Nothing is installed outside `.work/` and `target/`, both ignored by git.
//! * A step that fails names itself and the command line that repeats it.
//! * The versions of every tool stand in `tools.rs` and nowhere else.

mod arguments;
mod bench;
mod check;
mod demo;
mod failure;
mod r#gen;
mod import_surface;
mod interpreter;
mod json_suite;
mod layout;
mod line;
mod metadata;
mod mock;
mod node;
mod official;
mod packages;
mod parts;
mod project;
mod python;
mod safety;
mod schema_suite;
mod soak;
mod steps;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use arguments::Arguments;
use failure::Failure;

const HELP: &str = "\
The commands of the project.

usage: cargo xtask <command> [options]

  demo             Build everything, start the mock server, stream from Python and then from Node.
      --live           Use the real API; OPENAI_API_KEY must be set.
      --base-url URL   Use any compatible server.
      --model M        Ask this model.
  test             Run every test and every check, on each Python >= 3.10 that is found and on Node.
  check            The fast part of `test`: format, lints, types, generated files. Builds no package.
  gen              Write the generated Python and TypeScript from crates/tailrace-codegen/api.
      --check          Compare only.
  import-surface   Read the pinned official packages anew into crates/tailrace-codegen/api.
      --python V       Another version of the Python package.
      --node V         Another version of the npm package.
      --into FOLDER    Write there instead, to compare two versions.
  official         Run the official Python suite for the official package and for ours, and compare what passes.
      --wire           Compare the requests of every case instead.
      --accelerator    Compare the official package over its own transports and over ours instead.
      --readme         Check and run the examples of the official READMEs instead.
      --spec FILE      The API description for the mock server; also TAILRACE_API_DESCRIPTION.
      --mode M         `reject` or `lenient`: what the server does with a request that is not described. Default: both.
      --only PATH      A folder or file of the suite, such as tests/api_resources/chat.
      --fresh          Run the official package again, too.
  bench            Compare with the official packages, their peers and the floor: CPU and wall time, delay, memory.
      --quick          A quarter of the work and no peers, for a first look.
      --rounds N       Run each so often; 3 times without it, or 2 with --quick.
      --only PATTERN   The rows whose names hold this text, such as `embeddings` or `node`.
      --report         Write BENCHMARKS.md as well.
  schema-suite     Judge the JSON-Schema-Test-Suite, and say per keyword what is right, refused and wrong.
  json-suite       Read the JSONTestSuite in both packages and in the core, beside the JSON of each host.
  safety           Miri, fuzz targets, sanitizers, licences and audits; each part says when its tool is missing.
      --seconds N      Run each fuzz target for so long. Default: 60.
      --only PART      The parts whose names hold this text: notices, audits, oldest compiler, miri, fuzz, `fuzz frames`, sanitizers.
      --write-notices  Write THIRD-PARTY.txt only.
  soak             Mixed traffic with faults in both languages: nothing may hang, be unaccounted for, or grow.
      --minutes N      For so long. Default: 30.
      --seed N         Draw requests and faults from this number. Default: 1.
      --websocket      WebSockets in place of calls.
      --python P       Build neither package: take this interpreter, which has ours, and node/dist as it is.

Needed: Rust, Python >= 3.10, Node >= 20, and the registries of pip, npm and cargo.
Everything is installed below .work/, which can be deleted at any time.";

fn main() -> ExitCode {
    match dispatch(Arguments::of_process()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut arguments: Arguments) -> Result<ExitCode, Failure> {
    let command = arguments.command();
    match command.as_deref() {
        Some("demo") => demo::run(&demo::Options::read(arguments)?),
        Some("test") => arguments.finish().and_then(|()| test::run()),
        Some("check") => arguments.finish().and_then(|()| check::run()),
        Some("gen") => {
            let is_check = arguments.flag("--check");
            arguments.finish().and_then(|()| r#gen::run(is_check))
        }
        Some("import-surface") => import_surface::run(&import_surface::Options::read(arguments)?),
        Some("official") => official::run(&official::Options::read(arguments)?),
        Some("bench") => bench::run(&bench::Options::read(arguments)?),
        Some("schema-suite") => arguments.finish().and_then(|()| schema_suite::run()),
        Some("json-suite") => arguments.finish().and_then(|()| json_suite::run()),
        Some("safety") => safety::run(&safety::Options::read(arguments)?),
        Some("soak") => soak::run(&soak::Options::read(arguments)?),
        Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(Failure::new(format!(
            "there is no command `{other}`\n\n{HELP}"
        ))),
        None => Err(Failure::new(format!("a command is missing\n\n{HELP}"))),
    }
}
