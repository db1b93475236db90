//! `cargo xtask demo`: build everything and see it work.

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::interpreter;
use crate::line::Line;
use crate::node;
use crate::packages;
use crate::python::Venv;
use crate::steps::Steps;

/// What the demo talks to. Without any of it, the mock server that both packages embed.
#[derive(Debug)]
pub(crate) struct Options {
    live: bool,
    base_url: Option<String>,
    model: Option<String>,
}

impl Options {
    /// Reads the options of the command.
    ///
    /// # Errors
    /// When one is unknown, lacks its value, or asks for the real API without a key.
    pub(crate) fn read(mut arguments: Arguments) -> Result<Options, Failure> {
        let options = Options {
            live: arguments.flag("--live"),
            base_url: arguments.value("--base-url")?,
            model: arguments.value("--model")?,
        };
        arguments.finish()?;
        let has_key = std::env::var("OPENAI_API_KEY").is_ok_and(|key| !key.trim().is_empty());
        if options.live && !has_key {
            return Err(Failure::new(
                "`--live` needs the key of the API in OPENAI_API_KEY; without `--live` no key is needed",
            ));
        }
        if options
            .base_url
            .as_ref()
            .is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://"))
        {
            return Err(Failure::new(
                "`--base-url` needs a URL that begins with http:// or https://",
            ));
        }
        Ok(options)
    }

    /// The options as the two programs take them.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.live {
            words.push("--live".to_owned());
        }
        for (name, value) in [("--base-url", &self.base_url), ("--model", &self.model)] {
            if let Some(value) = value {
                words.extend([name.to_owned(), value.clone()]);
            }
        }
        words
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let interpreter = found.preferred()?;
    let node_version = node::version()?;
    println!(
        "Python {} and Node {node_version}; the first build takes some minutes.\n",
        interpreter.minor()
    );

    let mut steps = Steps::new();
    let venv = packages::install(&mut steps, interpreter, Venv::of_demo)?;

    let words = options.words();
    steps.run("Python: tests/demo/demo.py", || {
        Line::new(venv.python())
            .arg("tests/demo/demo.py")
            .args(&words)
            .run()
    });
    steps.run("Node: tests/demo/demo.mjs", || {
        Line::new("node")
            .arg("tests/demo/demo.mjs")
            .args(&words)
            .run()
    });
    Ok(steps.finish("demo"))
}
