//! `BENCHMARKS.md`.

use std::fmt::Write as _;

use super::machine::Machine;
use super::outcome::{Outcome, Runs, Verdict};
use super::rounds::Bench;
use super::row::{Clock, Figure};
use super::subjects::{PEERS, Subject};

/// The text of the file.
pub(crate) fn markdown(machine: &Machine, outcomes: &[Outcome], bench: &Bench) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench --report`; run it again rather than edit this file.\n\n",
    );
    method(&mut text, machine, bench.rounds);
    goals(&mut text, outcomes);
    text.push_str("\n## Every row\n");
    for outcome in outcomes {
        row(&mut text, outcome);
    }
    text
}

// Writing to a String cannot fail, so the results of `writeln` are dropped here and below.
fn method(text: &mut String, machine: &Machine, rounds: usize) {
    let Machine {
        cores,
        processor,
        system,
        versions,
    } = machine;
    let _ = writeln!(
        text,
        "Machine: {cores} cores, {processor}, {system}; {}.\n",
        versions.join(", ")
    );
    let peers: Vec<String> = PEERS
        .iter()
        .map(|peer| {
            format!(
                "{} ({})",
                peer.name,
                peer.packages.join(", ").replace("==", " ").replace('`', "")
            )
        })
        .collect();
    let _ = writeln!(text, "Peers: {}.\n", peers.join("; "));
    let _ = writeln!(
        text,
        "Everyone runs the same program in turn, {rounds} rounds (peers one in three), against the mock server in a process of\n\
         its own on the same machine; the programs count what they read, and the letters must agree. CPU is user and system\n\
         time of the whole client process, native threads included, after a warm-up. Figures are medians of the rounds; a ratio\n\
         is the median of the rounds with the least and the greatest. Chunks are chat completion events of 330 bytes, unpaced as\n\
         fast as the socket takes them, 64 in a write; paced streams start out of step. *floor* is `tailrace-floor`: one thread\n\
         of Rust that reads the same sockets and parses the same JSON into values, and makes no object of them. *p99* is the 99th\n\
         percentile of the time from the server's write of a chunk to its receipt by the consumer. *peak* is the most memory\n\
         that the process held. Where the official package has no array of vectors, its lists stand in.\n"
    );
}

fn goals(text: &mut String, outcomes: &[Outcome]) {
    let verdicts = |outcome: &Outcome| [outcome.verdict_to_official(), outcome.verdict_to_floor()];
    let all: Vec<Verdict> = outcomes.iter().flat_map(verdicts).flatten().collect();
    let met = all.iter().filter(|verdict| verdict.is_met).count();
    let _ = writeln!(
        text,
        "## Goals\n\n{met} of {} are met. Microseconds of CPU a unit, where *wall* is not named.\n",
        all.len()
    );
    text.push_str("| | unit | official | tailrace | floor | official / tailrace | goal | tailrace / floor | goal |\n");
    text.push_str("|---|---|--:|--:|--:|--:|---|--:|---|\n");
    for outcome in outcomes {
        let (Figure::Time { unit, .. }, Some(goal)) = (outcome.row.figure, outcome.row.goal())
        else {
            continue;
        };
        let unit = match goal.clock {
            Clock::Cpu => unit.to_owned(),
            Clock::Wall => format!("{unit}, wall"),
        };
        let median = |subject: Subject| {
            let found = outcome
                .of(subject)
                .map(|runs| runs.median(goal.clock.key()));
            found.map_or_else(String::new, |value| format!("{value:.2}"))
        };
        let ratio = |ratio: Option<_>| {
            ratio.map_or_else(String::new, |ratio: super::outcome::Ratio| {
                ratio.to_string()
            })
        };
        let _ = writeln!(
            text,
            "| {} | {unit} | {} | {} | {} | {} | {} | {} | {} |",
            outcome.row.name,
            median(Subject::Official),
            median(Subject::Tailrace),
            median(Subject::Floor),
            ratio(outcome.to_official(goal.clock)),
            verdict(outcome.verdict_to_official(), ">="),
            ratio(outcome.to_floor(goal.clock)),
            verdict(outcome.verdict_to_floor(), "<="),
        );
    }
}

fn verdict(verdict: Option<Verdict>, sign: &str) -> String {
    verdict.map_or_else(String::new, |Verdict { goal, is_met, .. }| match is_met {
        true => format!("{sign} {goal}, met"),
        false => format!("{sign} {goal}, **missed**"),
    })
}

fn row(text: &mut String, outcome: &Outcome) {
    let _ = writeln!(text, "\n### {}\n", outcome.row.name);
    match outcome.row.figure {
        Figure::Time { unit, .. } => {
            let _ = writeln!(
                text,
                "| | CPU us / {unit} | wall us / {unit} | CPU / tailrace's | p99 ms | peak MB |\n|---|--:|--:|--:|--:|--:|"
            );
        }
        Figure::Memory { unit, .. } => {
            let _ = writeln!(text, "| | kB / {unit} |\n|---|--:|");
        }
    }
    let ours = outcome
        .of(Subject::Tailrace)
        .map_or(f64::NAN, |runs| runs.median("cpu_us"));
    for runs in outcome.all.iter().filter(|runs| runs.cannot.is_none()) {
        let _ = match outcome.row.figure {
            Figure::Time { .. } => {
                writeln!(text, "| {} | {} |", runs.subject.name(), times(runs, ours))
            }
            Figure::Memory { key, .. } => {
                writeln!(
                    text,
                    "| {} | {:.0} |",
                    runs.subject.name(),
                    runs.median(key) / 1e3
                )
            }
        };
    }
    let notes = outcome.all.iter().filter_map(|runs| {
        let why = runs
            .cannot
            .as_deref()
            .map(|why| format!("not measured: {why}"));
        let note = why.or_else(|| runs.note().map(str::to_owned))?;
        Some(format!("* {}: {note}", runs.subject.name()))
    });
    let notes: Vec<String> = notes.collect();
    if !notes.is_empty() {
        let _ = writeln!(text, "\n{}", notes.join("\n"));
    }
}

fn times(runs: &Runs, ours: f64) -> String {
    let cpu = runs.median("cpu_us");
    let delay = runs.median("p99_us");
    let delay = match delay.is_nan() {
        true => String::new(),
        false => format!("{:.2}", delay / 1e3),
    };
    format!(
        "{cpu:.2} | {:.2} | {:.1} | {delay} | {:.0}",
        runs.median("wall_us"),
        cpu / ours,
        runs.median("peak_bytes") / 1e6
    )
}
