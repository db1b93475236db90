//! What is too much: the account of the requests, and the slope of what a process holds.

use std::time::Duration;

use serde_json::Value;

use super::programs::Run;

/// What is judged, for people and as a line of the report.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) lines: Vec<String>,
    /// Empty when all is well.
    pub(super) faults: Vec<String>,
}

/// Something that a process holds.
struct Measure {
    key: &'static str,
    name: &'static str,
    /// What the slope over the whole time may come to, as a share of the level.
    growth: f64,
    /// The same in a run that ends before interpreters and allocators have settled.
    short_growth: f64,
    /// What it may come to beside the share: what comes and goes by chance.
    slack: f64,
    /// The most that there may ever be.
    most: f64,
}

/// After so long a slope says something about memory: until then caches fill and code is compiled.
const SETTLED: Duration = Duration::from_secs(240);

const MEASURES: [Measure; 5] = [
    // Allocators keep what one burst needed, and the worst burst so far comes ever more seldom. The resident memory of
    // Node goes up and down by a twentieth while its heap stays the same; a leak of 1 kB a request comes to more.
    Measure {
        key: "resident_kb",
        name: "resident kB",
        growth: 0.08,
        short_growth: 0.40,
        slack: 2_000.0,
        most: 400_000.0,
    },
    // Blocks of Python and bytes of V8, after a collection: what is alive.
    Measure {
        key: "heap",
        name: "heap",
        growth: 0.02,
        short_growth: 0.25,
        slack: 0.0,
        most: f64::INFINITY,
    },
    // The pool keeps one connection for each request that was in flight at once, to each of two addresses.
    Measure {
        key: "descriptors",
        name: "descriptors",
        growth: 0.0,
        short_growth: 0.0,
        slack: 12.0,
        most: 90.0,
    },
    // trio keeps an idle thread for ten seconds, and runs at most forty at once, for files that are read.
    Measure {
        key: "threads",
        name: "threads",
        growth: 0.0,
        short_growth: 0.0,
        slack: 6.0,
        most: 48.0,
    },
    // Tasks of a loop and requests, when all have ended.
    Measure {
        key: "tasks",
        name: "tasks",
        growth: 0.0,
        short_growth: 0.0,
        slack: 0.0,
        most: 0.0,
    },
];

/// Fewer samples than this after the warm-up say nothing about a slope.
const FEWEST_SAMPLES: usize = 2;

/// Judges all programs of a run.
pub(super) fn judge(runs: &[Run], length: Duration) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.lines.push(format!(
        "{:<16} {:<12} {:>9} {:>9} {:>10} {:>9}",
        "program", "holds", "settled", "end", "growth", "allowed"
    ));
    for run in runs {
        verdict.faults.extend(run.fault.clone());
        growth(run, length, &mut verdict);
    }
    let broken: f64 = runs.iter().map(|run| account(run, &mut verdict)).sum();
    if broken == 0.0 {
        let why = "the proxy broke nothing, so nothing was tried".to_owned();
        verdict.faults.push(why);
    }
    verdict
}

/// Judges what a program held whenever no request was in flight.
fn growth(run: &Run, length: Duration, verdict: &mut Verdict) {
    let samples: Vec<&Value> = run
        .printed
        .iter()
        .filter(|line| line.get("resident_kb").is_some())
        .collect();
    // The first third warms up; the programs make four rounds at least, so that there is one.
    let settled = samples.get(samples.len() / 3..).unwrap_or_default();
    if settled.len() < FEWEST_SAMPLES {
        let found = settled.len();
        verdict.faults.push(format!(
            "{}: {found} samples are too few to judge by",
            run.name
        ));
        return;
    }
    for measure in &MEASURES {
        let points: Vec<(f64, f64)> = settled
            .iter()
            .map(|sample| (number(sample, "seconds"), number(sample, measure.key)))
            .collect();
        let (start, end) = line(&points);
        let share = if length < SETTLED {
            measure.short_growth
        } else {
            measure.growth
        };
        let allowed = start.abs() * share + measure.slack;
        let most = points
            .iter()
            .map(|(_, value)| *value)
            .fold(f64::NEG_INFINITY, f64::max);
        let (first, grown) = (start, end - start);
        verdict.lines.push(format!(
            "{:<16} {:<12} {first:>9.0} {end:>9.0} {grown:>+10.1} {allowed:>9.1}",
            run.name, measure.name
        ));
        // A figure that is missing is no number.
        if grown.is_nan() || grown > allowed {
            verdict.faults.push(format!(
                "{}: {} grew by {grown:.1}, and {allowed:.1} is allowed",
                run.name, measure.name
            ));
        }
        if most > measure.most {
            verdict.faults.push(format!(
                "{}: {} came to {most:.0}, and {:.0} is the most allowed",
                run.name, measure.name, measure.most
            ));
        }
    }
}

/// Judges that every request ended, and as it should; returns how many the proxy broke.
fn account(run: &Run, verdict: &mut Verdict) -> f64 {
    let Some(report) = run
        .printed
        .iter()
        .find(|line| line.get("outcomes").is_some())
    else {
        verdict
            .faults
            .push(format!("{}: it gave no account of its requests", run.name));
        return 0.0;
    };
    let (started, ended) = (number(report, "started"), number(report, "ended"));
    verdict.lines.push(format!(
        "{}: {started} requests, {ended} ended, the longest after {} ms",
        run.name,
        number(report, "longest_ms")
    ));
    let mut broken = 0.0;
    let scenarios = report.get("outcomes").and_then(Value::as_object);
    for (scenario, outcomes) in scenarios.into_iter().flatten() {
        let outcomes = outcomes.as_object().into_iter().flatten();
        let counts: Vec<String> = outcomes
            .map(|(outcome, count)| {
                if scenario.ends_with(", proxy") && outcome != "ok" && outcome != "left" {
                    broken += count.as_f64().unwrap_or_default();
                }
                format!("{outcome} {count}")
            })
            .collect();
        verdict
            .lines
            .push(format!("    {scenario:<36} {}", counts.join(", ")));
    }
    if started != ended || started == 0.0 {
        verdict.faults.push(format!(
            "{}: {started} requests began and {ended} ended",
            run.name
        ));
    }
    let unexpected = report.get("unexpected").and_then(Value::as_array);
    for each in unexpected.into_iter().flatten() {
        verdict.faults.push(format!(
            "{}: unexpected: {}",
            run.name,
            each.as_str().unwrap_or_default()
        ));
    }
    broken
}

fn number(line: &Value, key: &str) -> f64 {
    line.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

/// The values at the beginning and at the end of the straight line through the points, by least squares.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let common: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    let slope = common / spread;
    let at =
        |point: Option<&(f64, f64)>| point.map_or(f64::NAN, |(when, _)| y + slope * (when - x));
    (at(points.first()), at(points.last()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(resident: impl Fn(usize) -> f64, unexpected: &[&str], ended: u64) -> Run {
        let samples = (0..12).map(|at| {
            json!({
                "seconds": at as f64, "resident_kb": resident(at), "heap": 1000, "descriptors": 20,
                "threads": 4, "tasks": 0,
            })
        });
        let outcomes = json!({ "call, proxy": { "ok": 5, "connection": 4 } });
        let account = json!({
            "started": 9, "ended": ended, "longest_ms": 7, "outcomes": outcomes, "unexpected": unexpected,
        });
        Run {
            name: "it",
            printed: samples.chain([account]).collect(),
            fault: None,
        }
    }

    fn faults(run: Run) -> Vec<String> {
        judge(&[run], Duration::from_secs(600)).faults
    }

    #[test]
    fn what_is_flat_after_the_warm_up_passes() {
        let flat = |at: usize| {
            if at < 3 {
                10_000.0
            } else {
                50_000.0 + (at % 2) as f64
            }
        };
        assert_eq!(faults(run(flat, &[], 9)), [""; 0]);
    }

    #[test]
    fn what_grows_hangs_or_is_unaccounted_for_is_named() {
        let leak = faults(run(|at| 50_000.0 + at as f64 * 1_000.0, &[], 9));
        assert!(
            leak.len() == 1 && leak.concat().contains("resident kB grew by 7000"),
            "{leak:?}"
        );
        let lost = faults(run(|_| 1.0, &[], 8));
        assert!(
            lost.concat().contains("9 requests began and 8 ended"),
            "{lost:?}"
        );
        let wrong = faults(run(|_| 1.0, &["call: ended early"], 9));
        assert!(wrong.concat().contains("call: ended early"), "{wrong:?}");
        let mut hung = run(|_| 1.0, &[], 9);
        hung.fault = Some("it: `call` hangs".to_owned());
        assert_eq!(faults(hung), ["it: `call` hangs"]);
    }

    #[test]
    fn a_figure_that_is_missing_is_no_pass() {
        let mut blind = run(|_| 1.0, &[], 9);
        blind.printed.iter_mut().for_each(|line| {
            line.as_object_mut().unwrap().remove("threads");
        });
        assert!(faults(blind).concat().contains("threads"));
    }
}
