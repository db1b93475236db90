//! `BENCHMARKS.md`.

use std::fmt::Write as _;

use super::rounds::{Bench, Compared, Result as RowResult};
use super::rows::Figure;
use crate::failure::Failure;
use crate::interpreter::Interpreter;
use crate::line::Line;
use crate::tools::{OFFICIAL_NODE, OFFICIAL_PYTHON};

/// What the figures depend on.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    system: String,
    versions: Vec<String>,
}

impl Machine {
    /// Asks the machine and the tools.
    pub(crate) fn describe(bench: &Bench, interpreter: &Interpreter) -> Result<Machine, Failure> {
        let (major, minor, patch) = interpreter.version;
        let node = Line::new(&bench.node).arg("--version").read()?;
        let rustc = Line::new("rustc").arg("--version").read()?;
        let rustc = rustc
            .split_whitespace()
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        Ok(Machine {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: processor(),
            system: format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH),
            versions: vec![
                format!("CPython {major}.{minor}.{patch}"),
                format!("Node {}", node.trim().trim_start_matches('v')),
                format!("rustc {rustc}"),
                format!("{} (PyPI)", OFFICIAL_PYTHON.replace("==", " ")),
                format!("{} (npm)", OFFICIAL_NODE.replace('@', " ")),
            ],
        })
    }
}

fn processor() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let linux = cpuinfo.lines().find_map(|line| {
        line.strip_prefix("model name")?
            .split_once(": ")
            .map(|(_, name)| name.to_owned())
    });
    let macos = || {
        Line::new("sysctl")
            .args(["-n", "machdep.cpu.brand_string"])
            .read()
            .ok()
    };
    linux.or_else(macos).map_or_else(
        || "an unknown processor".to_owned(),
        |name| name.trim().to_owned(),
    )
}

/// The text of the file.
pub(crate) fn markdown(machine: &Machine, results: &[RowResult], rounds: usize) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench --report`; run it again rather than edit this file.\n\n",
    );
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
    let _ = writeln!(
        text,
        "The official package and tailrace run the same program in turn, {rounds} rounds, against the mock server in a process of its\n\
         own on the same machine. CPU is user and system time of the whole client process, native threads included, after a\n\
         warm-up. Figures are medians of the rounds; a ratio is official / tailrace, the median of the rounds with the least and the\n\
         greatest. Chunks are chat completion events of 330 bytes, as fast as the socket takes them where no pace is named.\n"
    );
    text.push_str("## Time\n\nMicroseconds a unit.\n\n");
    text.push_str("| | unit | CPU official | CPU tailrace | ratio | wall official | wall tailrace | ratio | goal |\n");
    text.push_str("|---|---|--:|--:|--:|--:|--:|--:|---|\n");
    for result in results {
        if let Figure::Time { unit, .. } = result.row.figure {
            let (cpu, wall) = (result.compare("cpu_us"), result.compare("wall_us"));
            let goal = match result.is_met() {
                Some((goal, true)) => format!("{goal:.0}, met"),
                Some((goal, false)) => format!("{goal:.0}, **missed**"),
                None => String::new(),
            };
            let _ = writeln!(
                text,
                "| {} | {unit} | {} | {} | {goal} |",
                result.row.name,
                cells(cpu),
                cells(wall)
            );
        }
    }
    text.push_str("\n## Memory\n\nKilobytes of resident memory; half as many rounds. A consumer that stops reads one chunk of a stream of 33 MB and then waits.\n\n");
    text.push_str("| | unit | official | tailrace |\n|---|---|--:|--:|\n");
    for result in results {
        if let Figure::Memory { key, unit } = result.row.figure {
            let Compared {
                official, tailrace, ..
            } = result.compare(key);
            let _ = writeln!(
                text,
                "| {} | {unit} | {:.0} | {:.0} |",
                result.row.name,
                official / 1e3,
                tailrace / 1e3
            );
        }
    }
    text
}

fn cells(compared: Compared) -> String {
    let Compared {
        official,
        tailrace,
        ratio: (median, least, most),
    } = compared;
    format!("{official:.1} | {tailrace:.2} | {median:.1} ({least:.1}-{most:.1})")
}
