//! `cargo xtask import-surface`: reads the facts of the official packages anew, at the pinned versions or at others.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::interpreter;
use crate::layout;
use crate::line::Line;
use crate::node;
use crate::python::Venv;
use crate::steps::Steps;
use crate::tools::{OFFICIAL_NODE, OFFICIAL_PYTHON};

const CODEGEN: &str = "crates/tailrace-codegen";

/// What is read, and where the facts go.
#[derive(Debug)]
pub(crate) struct Options {
    /// As pip takes it.
    python: String,
    /// As npm takes it.
    node: String,
    /// In place of `api/` of the generator.
    into: Option<PathBuf>,
}

impl Options {
    /// Reads the options of the command.
    ///
    /// # Errors
    /// When one is unknown or lacks its value.
    pub(crate) fn read(mut arguments: Arguments) -> Result<Options, Failure> {
        let python = arguments.value("--python")?;
        let node = arguments.value("--node")?;
        let into = arguments.value("--into")?;
        arguments.finish()?;
        Ok(Options {
            python: python.map_or(OFFICIAL_PYTHON.to_owned(), |version| {
                format!("openai=={version}")
            }),
            node: node.map_or(OFFICIAL_NODE.to_owned(), |version| {
                format!("openai@{version}")
            }),
            into: into.map(|folder| layout::root().join(folder)),
        })
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let mut steps = Steps::new();
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    let api = match &options.into {
        Some(folder) => folder.clone(),
        None => layout::root().join(CODEGEN).join("api"),
    };
    let site_packages = steps.must(&format!("download {}", options.python), || {
        Venv::of_tools(interpreter)?.download(&options.python)
    })?;
    steps.must("import the Python package", || {
        Line::new(&interpreter.path)
            .arg(format!("{CODEGEN}/import/import_python.py"))
            .arg(site_packages)
            .arg(&api)
            .run()
    })?;
    let node_modules = steps.must(&format!("download {}", options.node), || {
        node::official_package(&options.node)
    })?;
    steps.must("import the npm package", || {
        Line::new("node")
            .arg(format!("{CODEGEN}/import/import_typescript.mjs"))
            .arg(node_modules)
            .arg(api.join("typescript"))
            .run()
    })?;
    if options.into.is_none() {
        println!("Now read the difference, then `cargo xtask gen` and `cargo xtask test`.");
    }
    Ok(steps.finish("import-surface"))
}
