//! One run of a program, and the figures that it prints.

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::failure::Failure;
use crate::line::Line;

/// A program that has not ended by then will not.
const LIMIT: Duration = Duration::from_secs(60);
/// How often that is looked at. It costs nothing against what is measured.
const PAUSE: Duration = Duration::from_millis(10);

/// What a program printed.
#[derive(Clone, Debug)]
pub(crate) enum Printed {
    Figures(Sample),
    /// Why the package cannot do the work.
    Cannot(String),
}

/// The figures of one run, by their keys.
#[derive(Clone, Debug)]
pub(crate) struct Sample(pub(crate) Value);

impl Sample {
    /// A figure; NaN where the program has none.
    pub(crate) fn get(&self, key: &str) -> f64 {
        self.0.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }

    /// How the work differs from that of the others, where it does.
    pub(crate) fn note(&self) -> Option<&str> {
        self.0.get("note")?.as_str()
    }
}

/// Runs the program and reads its last line.
///
/// # Errors
/// When it cannot be started, fails, takes too long or prints something else.
pub(crate) fn run(line: &Line) -> Result<Printed, Failure> {
    let mut command = line.command();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| line.unstarted(&error))?;
    let began = Instant::now();
    let fault = |why: String| Failure::new(why).again(line.to_string());
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if began.elapsed() > LIMIT => {
                drop(child.kill());
                drop(child.wait());
                return Err(fault(format!("no end within {} s", LIMIT.as_secs())));
            }
            Ok(None) => sleep(PAUSE),
            Err(error) => return Err(fault(error.to_string())),
        }
    }
    let output = child
        .wait_with_output()
        .map_err(|error| fault(error.to_string()))?;
    if !output.status.success() {
        let printed = String::from_utf8_lossy(&output.stderr);
        let last = printed.trim_end().lines().last().unwrap_or_default();
        return Err(fault(format!("it ended with {}: {last}", output.status)));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let parsed = printed
        .lines()
        .last()
        .and_then(|last| serde_json::from_str::<Value>(last).ok());
    let parsed = parsed.ok_or_else(|| fault(format!("it printed no figures: {printed}")))?;
    Ok(match parsed.get("cannot").and_then(Value::as_str) {
        Some(why) => Printed::Cannot(why.to_owned()),
        None => Printed::Figures(Sample(parsed)),
    })
}
