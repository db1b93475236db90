//! The machine and the tools that the figures belong to.

use super::rounds::Bench;
use crate::failure::Failure;
use crate::interpreter::Interpreter;
use crate::line::Line;
use crate::tools::{OFFICIAL_NODE, OFFICIAL_PYTHON};

/// What the figures depend on.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) system: String,
    pub(crate) versions: Vec<String>,
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
