//! What came out for a row, and whether it is what was aimed at.

use super::program::Sample;
use super::row::{Clock, Figure, Row};
use super::subjects::Subject;
use crate::failure::Failure;

/// The runs of everyone.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) row: &'static Row,
    pub(crate) all: Vec<Runs>,
}

/// The runs of one package.
#[derive(Debug)]
pub(crate) struct Runs {
    pub(crate) subject: Subject,
    pub(crate) samples: Vec<Sample>,
    /// Why there are none.
    pub(crate) cannot: Option<String>,
}

impl Runs {
    pub(crate) fn new(subject: Subject) -> Runs {
        Runs {
            subject,
            samples: Vec::new(),
            cannot: None,
        }
    }

    /// The median of a figure; NaN when there is none.
    pub(crate) fn median(&self, key: &str) -> f64 {
        median(&self.values(key))
    }

    /// How its work differs from that of the others, where it does.
    pub(crate) fn note(&self) -> Option<&str> {
        self.samples.first()?.note()
    }

    fn values(&self, key: &str) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.get(key)).collect()
    }
}

/// How many times one is the other, over the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// A goal beside what was reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub(crate) ratio: Ratio,
    pub(crate) goal: f64,
    pub(crate) is_met: bool,
}

impl Outcome {
    /// The runs of a package; nothing when it was not run.
    pub(crate) fn of(&self, subject: Subject) -> Option<&Runs> {
        self.all.iter().find(|runs| runs.subject.is(subject))
    }

    /// official / tailrace.
    pub(crate) fn to_official(&self, clock: Clock) -> Option<Ratio> {
        self.ratio(Subject::Official, Subject::Tailrace, clock)
    }

    /// tailrace / floor.
    pub(crate) fn to_floor(&self, clock: Clock) -> Option<Ratio> {
        self.ratio(Subject::Tailrace, Subject::Floor, clock)
    }

    /// The goal beside the official package.
    pub(crate) fn verdict_to_official(&self) -> Option<Verdict> {
        let goal = self.row.goal()?;
        let ratio = self.to_official(goal.clock)?;
        Some(Verdict {
            ratio,
            goal: goal.official,
            is_met: ratio.median >= goal.official,
        })
    }

    /// The goal above the floor.
    pub(crate) fn verdict_to_floor(&self) -> Option<Verdict> {
        let (goal, clock) = self
            .row
            .goal()
            .and_then(|goal| Some((goal.floor?, goal.clock)))?;
        let ratio = self.to_floor(clock)?;
        Some(Verdict {
            ratio,
            goal,
            is_met: ratio.median <= goal,
        })
    }

    fn ratio(&self, above: Subject, below: Subject, clock: Clock) -> Option<Ratio> {
        let key = clock.key();
        let (above, below) = (self.of(above)?.values(key), self.of(below)?.values(key));
        ratio(&above, &below)
    }

    /// The lines for the terminal.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.all.iter().map(|runs| self.line(runs)).collect();
        let verdict = |verdict: Verdict, of: &str, sign: &str| {
            let Verdict {
                ratio,
                goal,
                is_met,
            } = verdict;
            let word = if is_met { "met" } else { "MISSED" };
            format!("{of} {ratio}, goal {sign} {goal}: {word}")
        };
        lines.extend(
            self.verdict_to_official()
                .map(|found| verdict(found, "official / tailrace", ">=")),
        );
        lines.extend(
            self.verdict_to_floor()
                .map(|found| verdict(found, "tailrace / floor", "<=")),
        );
        lines
    }

    fn line(&self, runs: &Runs) -> String {
        let name = runs.subject.name();
        if let Some(why) = &runs.cannot {
            return format!("{name:<18} none: {why}");
        }
        let mut line = match self.row.figure {
            Figure::Time { unit, .. } => {
                let (cpu, wall) = (runs.median("cpu_us"), runs.median("wall_us"));
                let peak = runs.median("peak_bytes") / 1e6;
                format!(
                    "{name:<18} CPU {cpu:>10.2}  wall {wall:>10.2} us/{unit}  peak {peak:.0} MB"
                )
            }
            Figure::Memory { key, unit } => {
                format!("{name:<18} {:>10.1} kB/{unit}", runs.median(key) / 1e3)
            }
        };
        let delay = runs.median("p99_us");
        if !delay.is_nan() {
            line.push_str(&format!("  p99 {:.2} ms", delay / 1e3));
        }
        line
    }

    /// The programs count what they read; a package that loses a chunk is not fast.
    pub(crate) fn check_same_work(&self) -> Result<(), Failure> {
        let samples = || {
            self.all
                .iter()
                .flat_map(|runs| runs.samples.iter().map(move |sample| (runs, sample)))
        };
        let Some((_, first)) = samples().next() else {
            return Ok(());
        };
        let differs = |sample: &Sample| {
            let units = sample.note().is_none() && sample.get("units") != first.get("units");
            units || sample.get("check") != first.get("check")
        };
        match samples().find(|(_, sample)| differs(sample)) {
            None => Ok(()),
            Some((runs, sample)) => {
                let read = |sample: &Sample| (sample.get("units"), sample.get("check"));
                Err(Failure::new(format!(
                    "{}: {} read (units, letters) {:?} and the first {:?}, so they did not do the same work",
                    self.row.name,
                    runs.subject.name(),
                    read(sample),
                    read(first)
                )))
            }
        }
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ratio {
            median,
            least,
            most,
        } = self;
        write!(f, "{median:.1} ({least:.1}-{most:.1})")
    }
}

fn ratio(above: &[f64], below: &[f64]) -> Option<Ratio> {
    let ratios: Vec<f64> = above
        .iter()
        .zip(below)
        .map(|(above, below)| above / below)
        .collect();
    (!ratios.is_empty()).then(|| Ratio {
        median: median(&ratios),
        least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
        most: ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
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
    use serde_json::{Value, json};

    use super::super::rows::ROWS;
    use super::*;

    fn outcome(runs: &[(Subject, Value)]) -> Outcome {
        let all = runs.iter().map(|(subject, figures)| Runs {
            samples: vec![Sample(figures.clone())],
            ..Runs::new(*subject)
        });
        Outcome {
            row: ROWS.first().unwrap(),
            all: all.collect(),
        }
    }

    #[test]
    fn the_ratio_is_the_median_of_the_rounds() {
        let found = ratio(&[10.0, 30.0, 20.0], &[1.0, 2.0, 4.0]).unwrap();
        let expected = Ratio {
            median: 10.0,
            least: 5.0,
            most: 15.0,
        };
        assert_eq!(found, expected);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
        assert_eq!(ratio(&[], &[1.0]), None);
    }

    #[test]
    fn a_goal_is_for_both_sides() {
        let cpu = |cpu: f64| json!({ "cpu_us": cpu });
        let found = outcome(&[
            (Subject::Official, cpu(100.0)),
            (Subject::Tailrace, cpu(2.0)),
            (Subject::Floor, cpu(0.5)),
        ]);
        // 50 times less than the official package, where 40 are asked for; 4 times the floor, where 3 are allowed.
        assert!(found.verdict_to_official().unwrap().is_met);
        assert!(!found.verdict_to_floor().unwrap().is_met);
    }

    #[test]
    fn a_package_that_loses_a_chunk_is_found_out() {
        let same = |figures: Value| {
            let first = json!({ "units": 9, "check": 1 });
            outcome(&[(Subject::Official, first), (Subject::Tailrace, figures)]).check_same_work()
        };
        assert!(same(json!({ "units": 9, "check": 1 })).is_ok());
        assert!(same(json!({ "units": 8, "check": 1 })).is_err());
        // One that says how its units differ must still read every letter.
        assert!(same(json!({ "units": 8, "check": 1, "note": "texts" })).is_ok());
        assert!(same(json!({ "units": 8, "check": 0, "note": "texts" })).is_err());
    }
}
