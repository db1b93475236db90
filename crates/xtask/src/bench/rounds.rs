//! Runs a row some times with each package, and says what came out.

use std::path::PathBuf;

use serde_json::Value;

use super::rows::{Clock, Figure, Language, Row};
use crate::failure::Failure;
use crate::layout;
use crate::line::Line;

/// Where the packages are and how often each is run.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) python: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) official_node_folder: PathBuf,
    pub(crate) rounds: usize,
    pub(crate) is_quick: bool,
}

/// The two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Package {
    Official,
    Tailrace,
}

/// One run of a program.
#[derive(Clone, Debug)]
struct Sample(Value);

/// What came out for a row, one sample of each package for each round.
#[derive(Debug)]
pub(crate) struct Result {
    pub(crate) row: &'static Row,
    official: Vec<Sample>,
    tailrace: Vec<Sample>,
}

/// One figure of both packages over all rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Compared {
    /// Medians.
    pub(crate) official: f64,
    pub(crate) tailrace: f64,
    /// official / tailrace: median, least and greatest of the rounds.
    pub(crate) ratio: (f64, f64, f64),
}

impl Bench {
    /// Runs the row.
    ///
    /// # Errors
    /// When a program fails, or when the packages did not do the same work.
    pub(crate) fn measure(
        &self,
        row: &'static Row,
        url: &str,
    ) -> std::result::Result<Result, Failure> {
        let mut result = Result {
            row,
            official: Vec::new(),
            tailrace: Vec::new(),
        };
        let rounds = match row.figure {
            Figure::Time { .. } => {
                // The first run of each pays for cold caches of the machine, so it does not count.
                self.sample(row, Package::Official, url)?;
                self.sample(row, Package::Tailrace, url)?;
                self.rounds
            }
            // Memory varies less than time, and these programs wait on purpose.
            Figure::Memory { .. } => self.rounds.div_ceil(2),
        };
        for round in 0..rounds {
            // Neither is always the one that finds the machine warm.
            let order = match round % 2 {
                0 => [Package::Official, Package::Tailrace],
                _ => [Package::Tailrace, Package::Official],
            };
            for package in order {
                let sample = self.sample(row, package, url)?;
                match package {
                    Package::Official => result.official.push(sample),
                    Package::Tailrace => result.tailrace.push(sample),
                }
            }
        }
        result.check_same_work()?;
        Ok(result)
    }

    fn sample(
        &self,
        row: &Row,
        package: Package,
        url: &str,
    ) -> std::result::Result<Sample, Failure> {
        let name = match package {
            Package::Official => "openai",
            Package::Tailrace => "tailrace",
        };
        let line = match row.language {
            Language::Python => Line::new(&self.python).arg(program(row)).arg(name),
            Language::Node => {
                let folder = match package {
                    Package::Official => self.official_node_folder.clone(),
                    Package::Tailrace => layout::root(),
                };
                Line::new(&self.node)
                    .arg(program(row))
                    .arg(name)
                    .arg(folder)
            }
        };
        let line = line.arg(url).args(if self.is_quick {
            row.quick
        } else {
            row.arguments
        });
        let printed = line.read()?;
        let parsed = printed
            .lines()
            .last()
            .and_then(|last| serde_json::from_str(last).ok());
        let fault = || {
            Failure::new(format!("{} printed no figures: {printed}", row.program))
                .again(line.to_string())
        };
        parsed.map(Sample).ok_or_else(fault)
    }
}

impl Sample {
    fn get(&self, key: &str) -> f64 {
        self.0.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }
}

impl Result {
    /// One figure of the programs, by its key.
    pub(crate) fn compare(&self, key: &str) -> Compared {
        let of = |samples: &[Sample]| {
            samples
                .iter()
                .map(|sample| sample.get(key))
                .collect::<Vec<f64>>()
        };
        compare(&of(&self.official), &of(&self.tailrace))
    }

    /// Whether the goal is met; nothing when there is none.
    pub(crate) fn is_met(&self) -> Option<(f64, bool)> {
        let Figure::Time {
            goal: Some((clock, goal)),
            ..
        } = self.row.figure
        else {
            return None;
        };
        let key = if clock == Clock::Cpu {
            "cpu_us"
        } else {
            "wall_us"
        };
        Some((goal, self.compare(key).ratio.0 >= goal))
    }

    /// The lines for the terminal.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self.row.figure {
            Figure::Time { unit, goal } => {
                let line = |clock: Clock, name: &str, key: &str| {
                    let verdict = match (self.is_met(), goal) {
                        (Some((goal, is_met)), Some((of, _))) if of == clock => {
                            format!(
                                "  goal {goal:.0}x {}",
                                if is_met { "met" } else { "MISSED" }
                            )
                        }
                        _ => String::new(),
                    };
                    let Compared {
                        official,
                        tailrace,
                        ratio: (median, least, most),
                    } = self.compare(key);
                    let ratio = format!("{median:.1}x ({least:.1}-{most:.1})");
                    format!(
                        "{name:<4} us/{unit:<8} official {official:>11.1}  tailrace {tailrace:>9.2}  {ratio}{verdict}"
                    )
                };
                vec![
                    line(Clock::Cpu, "CPU", "cpu_us"),
                    line(Clock::Wall, "wall", "wall_us"),
                ]
            }
            Figure::Memory { key, unit } => {
                let Compared {
                    official, tailrace, ..
                } = self.compare(key);
                vec![format!(
                    "kB/{unit}  official {:.1}  tailrace {:.1}",
                    official / 1e3,
                    tailrace / 1e3
                )]
            }
        }
    }

    /// The programs count what they read; a package that loses a chunk is not fast.
    fn check_same_work(&self) -> std::result::Result<(), Failure> {
        let read = |sample: &Sample| (sample.get("units"), sample.get("check"));
        let mut all = self.official.iter().chain(&self.tailrace).map(read);
        let first = all.next();
        match all.find(|other| Some(*other) != first) {
            None => Ok(()),
            Some(other) => Err(Failure::new(format!(
                "{}: one run read (units, letters) {other:?} and another {:?}, so they did not do the same work",
                self.row.name,
                first.unwrap_or_default()
            ))),
        }
    }
}

fn program(row: &Row) -> PathBuf {
    layout::root().join("tests/bench").join(row.program)
}

fn compare(official: &[f64], tailrace: &[f64]) -> Compared {
    let ratios: Vec<f64> = official
        .iter()
        .zip(tailrace)
        .map(|(official, tailrace)| official / tailrace)
        .collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Compared {
        official: median(official),
        tailrace: median(tailrace),
        ratio: (median(&ratios), least, most),
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(at(middle.saturating_sub(1)), at(middle)),
        _ => at(middle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_the_rounds() {
        let compared = compare(&[10.0, 30.0, 20.0], &[1.0, 2.0, 4.0]);
        assert_eq!(
            compared,
            Compared {
                official: 20.0,
                tailrace: 2.0,
                ratio: (10.0, 5.0, 15.0)
            }
        );
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_package_that_loses_a_chunk_is_found_out() {
        let sample = |units: u64| Sample(serde_json::json!({ "units": units, "check": 1 }));
        let row = super::super::rows::ROWS.first().unwrap();
        let result = |tailrace: u64| Result {
            row,
            official: vec![sample(9)],
            tailrace: vec![sample(tailrace)],
        };
        assert!(result(9).check_same_work().is_ok());
        assert!(result(8).check_same_work().is_err());
    }
}
