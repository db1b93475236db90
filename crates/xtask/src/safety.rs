//! `cargo xtask safety`: what looks for faults that tests do not see. Each part says aloud when what it needs is missing.
//!
//! It needs a nightly compiler and minutes to hours, so that `cargo xtask test` does without it.

mod audits;
mod notices;
mod sanitized;

use std::path::Path;
use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::layout;
use crate::line::Line;
use crate::steps::Steps;

/// How long each fuzz target runs without `--seconds`.
const DEFAULT_SECONDS: u32 = 60;
/// The longest input that a target is given, in bytes: what is longer says little more and takes longer.
const MOST_INPUT: &str = "-max_len=1024";

/// What is run.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    seconds: u32,
    only: Option<String>,
    writes_notices: bool,
}

impl Options {
    /// Reads the options of the command.
    ///
    /// # Errors
    /// When one is unknown or no number.
    pub(crate) fn read(mut arguments: Arguments) -> Result<Options, Failure> {
        let seconds = match arguments.value("--seconds")? {
            None => DEFAULT_SECONDS,
            Some(text) => match text.parse() {
                Ok(seconds) if (1..1_000_000).contains(&seconds) => seconds,
                _ => {
                    return Err(Failure::new(format!(
                        "`--seconds` needs a whole number from 1 to 999999, not `{text}`"
                    )));
                }
            },
        };
        let only = arguments.value("--only")?;
        let writes_notices = arguments.flag("--write-notices");
        arguments.finish()?;
        Ok(Options {
            seconds,
            only,
            writes_notices,
        })
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| part.contains(only))
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    if options.writes_notices {
        notices::write()?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut steps = Steps::new();
    if options.wants("notices") {
        steps.run("notices of what the packages contain", notices::check);
    }
    if options.wants("audits") {
        audits::run(&mut steps);
    }
    if options.wants("oldest compiler") {
        oldest_compiler(&mut steps);
    }
    if options.wants("miri") {
        miri(&mut steps);
    }
    fuzz(&mut steps, options)?;
    if options.wants("sanitizers") {
        sanitized::run(&mut steps);
    }
    Ok(steps.finish("safety"))
}

/// Why a program cannot be used, if it cannot.
fn missing(line: &Line, install: &str) -> Option<String> {
    let is_there = line.read().is_ok();
    (!is_there).then(|| format!("`{line}` does not run; `{install}`"))
}

/// The `rust-version` of the workspace, where rustup has that compiler.
fn oldest_compiler(steps: &mut Steps) {
    let name = "the oldest compiler builds the packages";
    let Some(version) = layout::read(&layout::root().join("Cargo.toml"))
        .ok()
        .and_then(|text| rust_version(&text))
    else {
        steps.run(name, || {
            Err::<(), _>(Failure::new("`Cargo.toml` has no line `rust-version`"))
        });
        return;
    };
    let toolchain = format!("+{version}");
    let probe = Line::cargo().args([&toolchain, "--version"]);
    // The compiler by which everything else is built may be that one.
    let usual = Line::cargo().arg("--version");
    let is_usual = usual
        .read()
        .is_ok_and(|text| text.starts_with(&format!("cargo {version}.")));
    if is_usual {
        steps.skip(
            name,
            format!("{version} is what everything is built by here"),
        );
        return;
    }
    if let Some(why) = missing(&probe, &format!("rustup toolchain install {version}")) {
        steps.skip(name, why);
        return;
    }
    steps.run(name, || {
        Line::cargo()
            .args([&toolchain, "check", "--workspace", "--locked"])
            .env("CARGO_TARGET_DIR", layout::work("safety/oldest"))
            .run()
    });
}

fn rust_version(manifest: &str) -> Option<String> {
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))?;
    Some(line.trim_end_matches('"').to_owned())
}

/// The core and what it is built on, interpreted: reads out of bounds, dangling pointers, races.
fn miri(steps: &mut Steps) {
    let probe = Line::cargo().args(["+nightly", "miri", "--version"]);
    if let Some(why) = missing(&probe, "rustup +nightly component add miri rust-src") {
        steps.skip("miri", why);
        return;
    }
    steps.run("miri: the tests of tailrace-core", || {
        Line::cargo()
            .args([
                "+nightly",
                "miri",
                "test",
                "--package",
                "tailrace-core",
                "--locked",
            ])
            // Tests read cases from files.
            .env("MIRIFLAGS", "-Zmiri-disable-isolation")
            .env("CARGO_TARGET_DIR", layout::work("safety/miri"))
            .run()
    });
}

/// Each target for a while, with the address sanitizer, from where the last run ended.
fn fuzz(steps: &mut Steps, options: &Options) -> Result<(), Failure> {
    let folder = Path::new("fuzz/fuzz_targets");
    let targets: Vec<String> = layout::test_files("fuzz/fuzz_targets", &[".rs"])?
        .iter()
        // Below it stands what targets share.
        .filter(|path| path.parent() == Some(folder))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|target| options.wants(&format!("fuzz {target}")))
        .collect();
    if targets.is_empty() {
        return Ok(());
    }
    let probe = Line::cargo().args(["+nightly", "fuzz", "--version"]);
    if let Some(why) = missing(&probe, "cargo install cargo-fuzz") {
        steps.skip("fuzz", why);
        return Ok(());
    }
    for target in targets {
        steps.run(&format!("fuzz {target} for {} s", options.seconds), || {
            let corpus = layout::root().join("fuzz/corpus").join(&target);
            layout::create(&corpus)?;
            let line = Line::cargo()
                .args(["+nightly", "fuzz", "run", &target])
                .arg(corpus);
            let line = match target.as_str() {
                "events" | "items" => line.arg("fuzz/seeds"),
                _ => line,
            };
            let line = line
                .args(["--", MOST_INPUT, "-print_final_stats=1"])
                .arg(format!("-max_total_time={}", options.seconds));
            match dictionary(&target) {
                Some(file) => line.arg(format!("-dict=fuzz/{file}.dict")),
                None => line,
            }
            .run()
        });
    }
    Ok(())
}

/// The words that a target's input is made of, where mutations would not find them.
fn dictionary(target: &str) -> Option<&'static str> {
    match target {
        "events" | "items" => Some("sse"),
        "schema" => Some("schema"),
        "answer" | "redirect" => Some("http"),
        "grant" | "request" => Some("request"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_compiler_is_that_of_the_manifest() {
        let text = layout::read(&layout::root().join("Cargo.toml")).unwrap();
        let version = rust_version(&text).unwrap();
        assert!(version.starts_with("1."), "{version}");
        assert_eq!(rust_version("[package]"), None);
    }

    #[test]
    fn dictionaries_are_there() {
        for target in ["events", "schema", "answer", "grant"] {
            let file = dictionary(target).unwrap();
            let path = layout::root().join(format!("fuzz/{file}.dict"));
            assert!(path.is_file(), "{}", path.display());
        }
    }
}
