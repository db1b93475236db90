//! `cargo xtask official`: the official Python suite, run for the official package and for ours.
//!
//! The work is done by `tests/official/run.py`; here its tools are installed. The suite stays below `.work/`.

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::interpreter::{self, Interpreter};
use crate::layout;
use crate::line::Line;
use crate::mock;
use crate::node;
use crate::python::{self, Profile, Venv};
use crate::steps::Steps;

/// What is compared.
#[derive(Debug)]
pub(crate) struct Options {
    spec: Option<String>,
    /// The examples of the READMEs instead of the suite.
    is_readme: bool,
    /// The options that `run.py` takes as they are.
    words: Vec<String>,
}

impl Options {
    /// Reads the options of the command.
    ///
    /// # Errors
    /// When one is unknown or lacks its value.
    pub(crate) fn read(mut arguments: Arguments) -> Result<Options, Failure> {
        let spec = arguments.value("--spec")?;
        let is_readme = arguments.flag("--readme");
        let mut words = Vec::new();
        for name in ["--wire", "--accelerator", "--fresh"] {
            if arguments.flag(name) {
                words.push(name.to_owned());
            }
        }
        for name in ["--mode", "--only"] {
            if let Some(value) = arguments.value(name)? {
                words.extend([name.to_owned(), value]);
            }
        }
        arguments.finish()?;
        if is_readme && !words.is_empty() {
            return Err(Failure::new(format!(
                "`--readme` takes no `{}`",
                words.join(" ")
            )));
        }
        Ok(Options {
            spec,
            is_readme,
            words,
        })
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    node::version()?;
    let mut steps = Steps::new();
    let Some(description) = layout::description(options.spec.as_deref()) else {
        let why = "there is no API description; name one with `--spec` or TAILRACE_API_DESCRIPTION";
        steps.skip("official suite", why);
        return Ok(steps.finish("official"));
    };

    let is_accelerator = options.words.iter().any(|word| word == "--accelerator");
    let ours = steps.must("build and install the wheel", || {
        installed(interpreter, is_accelerator)
    })?;
    let official = steps.must("install the official package", || {
        Venv::of_official(interpreter)
    })?;
    let archive = steps.must("download its suite", || official.official_source())?;
    let steady = steps.must("install Steady", node::steady)?;
    let line = |program: &str| {
        Line::new(official.python())
            .arg(format!("tests/official/{program}"))
            .arg("--archive")
            .arg(&archive)
            .arg("--work")
            .arg(layout::work("official"))
            .arg("--official-python")
            .arg(official.python())
            .arg("--tailrace-python")
            .arg(ours.python())
            .arg("--steady")
            .arg(&steady)
            .arg("--description")
            .arg(&description)
    };
    if options.is_readme {
        let node = steps.must("build the npm package", npm_package)?;
        let mock = steps.must("build the mock server", || mock::build(Profile::Dev))?;
        let pyright = steps.must("install pyright", node::pyright)?;
        steps.run("compare", || {
            line("readme.py")
                .arg("--mock")
                .arg(&mock)
                .arg("--node")
                .arg(&node.node)
                .arg("--official-modules")
                .arg(node.folder.join("node_modules"))
                .arg("--tailrace-package")
                .arg(layout::root())
                .arg("--pyright")
                .arg(&pyright)
                .run()
        });
    } else {
        steps.run("compare", || line("run.py").args(&options.words).run());
    }
    Ok(steps.finish("official"))
}

/// Ours, built in the tree, and the official one beside the Node that it needs.
fn npm_package() -> Result<node::Official, Failure> {
    node::build_addon(Profile::Dev)?;
    node::install()?;
    node::build_typescript()?;
    node::official()
}

fn installed(interpreter: &Interpreter, is_accelerator: bool) -> Result<Venv, Failure> {
    let tools = Venv::of_tools(interpreter)?;
    let wheels = python::build_wheels(&tools, std::slice::from_ref(interpreter), Profile::Dev)?;
    let venv = match is_accelerator {
        true => Venv::of_accelerator(interpreter)?,
        false => Venv::of_suite(interpreter)?,
    };
    wheels.iter().try_for_each(|wheel| venv.install(wheel))?;
    Ok(venv)
}
