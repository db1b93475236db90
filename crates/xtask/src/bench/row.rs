//! What a measurement is.

/// A measurement: one program, run with every package of its language, and the floor beside it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) language: Language,
    /// Below `tests/bench`.
    pub(crate) program: &'static str,
    /// The arguments after package and base URL.
    pub(crate) arguments: &'static [&'static str],
    /// The same for `--quick`.
    pub(crate) quick: &'static [&'static str],
    /// The options of the mock server.
    pub(crate) server: &'static [&'static str],
    /// What the floor does in its place, if there is a floor for it.
    pub(crate) floor: Option<Floor>,
    pub(crate) figure: Figure,
}

/// Which interpreter runs the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
}

/// The arguments of `tailrace-floor`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    pub(crate) operation: &'static str,
    /// Connections.
    pub(crate) at_once: &'static str,
    /// Requests of each.
    pub(crate) each: &'static str,
    /// The same for `--quick`.
    pub(crate) quick: &'static str,
}

/// What the program prints.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    /// CPU and wall time, in microseconds a unit.
    Time {
        unit: &'static str,
        goal: Option<Goal>,
    },
    /// Memory in bytes, under this key.
    Memory {
        key: &'static str,
        unit: &'static str,
    },
}

/// What is aimed at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    pub(crate) clock: Clock,
    /// So many times less than the official package, at least.
    pub(crate) official: f64,
    /// So many times the floor, at most.
    pub(crate) floor: Option<f64>,
}

/// Which time a goal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    Cpu,
    Wall,
}

impl Clock {
    /// The key under which programs print it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Clock::Cpu => "cpu_us",
            Clock::Wall => "wall_us",
        }
    }
}

impl Row {
    /// Whether its name holds the pattern, whatever the case of its letters.
    pub(crate) fn matches(&self, pattern: &str) -> bool {
        self.name.to_lowercase().contains(&pattern.to_lowercase())
    }

    /// The goal, where there is one.
    pub(crate) fn goal(&self) -> Option<Goal> {
        match self.figure {
            Figure::Time { goal, .. } => goal,
            Figure::Memory { .. } => None,
        }
    }
}
