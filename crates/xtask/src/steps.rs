//! Steps with names, times and a summary.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// The steps of a command so far.
#[derive(Debug)]
pub(crate) struct Steps {
    began: Instant,
    done: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    took: Duration,
    end: End,
}

#[derive(Debug)]
enum End {
    Passed,
    Failed(Failure),
    /// Not run, for a reason that is no defect of the project.
    Skipped(String),
    /// Not run, because a step that it needs failed.
    Blocked(String),
}

impl Steps {
    pub(crate) fn new() -> Steps {
        Steps {
            began: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Runs a step and prints its line. The result is there when it passed.
    pub(crate) fn run<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Option<T> {
        println!("....           {name}");
        let began = Instant::now();
        let (value, end) = match work() {
            Ok(value) => (Some(value), End::Passed),
            Err(failure) => (None, End::Failed(failure)),
        };
        self.end(name, began.elapsed(), end);
        value
    }

    /// Runs a step that needs the result of another one.
    pub(crate) fn run_with<N, T>(
        &mut self,
        name: &str,
        needed: Option<N>,
        work: impl FnOnce(N) -> Result<T, Failure>,
    ) -> Option<T> {
        match needed {
            Some(needed) => self.run(name, || work(needed)),
            None => {
                let why = "a step that it needs failed".to_owned();
                self.end(name, Duration::ZERO, End::Blocked(why));
                None
            }
        }
    }

    /// Runs a step that everything after it needs.
    ///
    /// # Errors
    /// That of the step, with its name.
    pub(crate) fn must<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.run(name, work)
            .ok_or_else(|| Failure::new(format!("stopped at the step `{name}`")))
    }

    /// Notes a step that this machine cannot run.
    pub(crate) fn skip(&mut self, name: &str, why: impl Into<String>) {
        self.end(name, Duration::ZERO, End::Skipped(why.into()));
    }

    /// Prints the table; the exit code says whether every step passed.
    pub(crate) fn finish(self, command: &str) -> ExitCode {
        println!("\ncargo xtask {command}");
        for step in &self.done {
            println!("{}", step.line());
        }
        let bad = self.done.iter().filter(|step| step.is_bad()).count();
        let took = seconds(self.began.elapsed());
        if bad == 0 {
            println!("all {} steps passed in {took}", self.done.len());
            return ExitCode::SUCCESS;
        }
        println!("{bad} of {} steps FAILED in {took}", self.done.len());
        ExitCode::FAILURE
    }

    fn end(&mut self, name: &str, took: Duration, end: End) {
        let step = Step {
            name: name.to_owned(),
            took,
            end,
        };
        println!("{}", step.line());
        self.done.push(step);
    }
}

impl Step {
    fn is_bad(&self) -> bool {
        matches!(self.end, End::Failed(_) | End::Blocked(_))
    }

    fn line(&self) -> String {
        let (word, why) = match &self.end {
            End::Passed => ("ok", String::new()),
            End::Failed(failure) => ("FAIL", format!(": {failure}")),
            End::Skipped(why) => ("skip", format!(": {why}")),
            End::Blocked(why) => ("FAIL", format!(": not run, {why}")),
        };
        format!("{word:<4} {:>9} {}{why}", seconds(self.took), self.name)
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..120 => format!("{:.1} s", time.as_secs_f64()),
        all => format!("{} m {:02} s", all / 60, all % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_command_and_what_needs_it() {
        let mut steps = Steps::new();
        let built: Option<()> = steps.run("build", || Err(Failure::new("no").again("cargo build")));
        assert!(steps.run_with("use", built, |()| Ok(())).is_none());
        steps.skip("other", "not here");
        let lines: Vec<String> = steps.done.iter().map(Step::line).collect();
        assert_eq!(
            lines,
            [
                "FAIL     0.0 s build: no\n  again: cargo build",
                "FAIL     0.0 s use: not run, a step that it needs failed",
                "skip     0.0 s other: not here",
            ]
        );
        assert_eq!(steps.finish("test"), ExitCode::FAILURE);
    }

    #[test]
    fn skipped_steps_do_not_fail_the_command() {
        let mut steps = Steps::new();
        assert_eq!(steps.run("one", || Ok(1)), Some(1));
        steps.skip("two", "not here");
        assert_eq!(steps.finish("test"), ExitCode::SUCCESS);
    }
}
