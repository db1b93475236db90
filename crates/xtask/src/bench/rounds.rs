//! Runs a row some times with each package in turn.

use std::path::PathBuf;

use super::outcome::{Outcome, Runs};
use super::program::{self, Printed};
use super::row::{Figure, Language, Row};
use super::subjects::{Installed, Subject};
use crate::failure::Failure;
use crate::layout;
use crate::line::Line;

/// Where the programs are and how often each is run.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) python: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) official_node_folder: PathBuf,
    pub(crate) floor: PathBuf,
    pub(crate) peers: Vec<Installed>,
    pub(crate) rounds: usize,
    pub(crate) is_quick: bool,
}

impl Bench {
    /// Runs the row.
    ///
    /// # Errors
    /// When a program of the official package, of ours or of the floor fails, or when the packages did not do the same
    /// work. What a peer cannot do is part of the outcome.
    pub(crate) fn measure(&self, row: &'static Row, url: &str) -> Result<Outcome, Failure> {
        let mut all: Vec<Runs> = self.subjects(row).into_iter().map(Runs::new).collect();
        let count = all.len();
        for round in 0..self.rounds_of(row) {
            // None is always the one that finds the machine warm.
            for step in 0..count {
                let Some(runs) = all.get_mut((round + step) % count) else {
                    continue;
                };
                let is_peer = matches!(runs.subject, Subject::Peer(_));
                // The peers stand beside the comparison that has goals, so a third of the rounds does.
                if runs.cannot.is_some() || is_peer && round % 3 != 0 {
                    continue;
                }
                match self.run(row, runs.subject, url) {
                    Ok(Printed::Figures(sample)) => runs.samples.push(sample),
                    Ok(Printed::Cannot(why)) => runs.cannot = Some(why),
                    Err(failure) if is_peer => runs.cannot = Some(first_line(&failure)),
                    Err(failure) => return Err(failure),
                }
            }
        }
        let outcome = Outcome { row, all };
        outcome.check_same_work()?;
        Ok(outcome)
    }

    fn subjects(&self, row: &Row) -> Vec<Subject> {
        let mut subjects = vec![Subject::Official, Subject::Tailrace];
        subjects.extend(row.floor.map(|_| Subject::Floor));
        let peers = self.peers.iter().map(|installed| installed.peer);
        subjects.extend(
            peers
                .filter(|peer| peer.language == row.language)
                .map(Subject::Peer),
        );
        subjects
    }

    fn rounds_of(&self, row: &Row) -> usize {
        match row.figure {
            Figure::Time { .. } => self.rounds,
            // Memory varies less than time, and these programs wait on purpose.
            Figure::Memory { .. } => 1,
        }
    }

    fn run(&self, row: &Row, subject: Subject, url: &str) -> Result<Printed, Failure> {
        let arguments = if self.is_quick {
            row.quick
        } else {
            row.arguments
        };
        let program = layout::root().join("tests/bench").join(row.program);
        let (key, place) = match subject {
            Subject::Floor => return self.run_floor(row, url),
            Subject::Official => ("openai", None),
            Subject::Tailrace => ("tailrace", None),
            Subject::Peer(peer) => match self.place(peer.key) {
                Ok(place) => (peer.key, Some(place)),
                Err(why) => return Ok(Printed::Cannot(why)),
            },
        };
        let line = match row.language {
            Language::Python => {
                let python = place.unwrap_or_else(|| self.python.clone());
                Line::of_many_files(&python).arg(program).arg(key)
            }
            Language::Node => {
                let folder = match subject {
                    Subject::Tailrace => layout::root(),
                    _ => place.unwrap_or_else(|| self.official_node_folder.clone()),
                };
                Line::of_many_files(&self.node)
                    .arg(program)
                    .arg(key)
                    .arg(folder)
            }
        };
        program::run(&line.arg(url).args(arguments))
    }

    fn run_floor(&self, row: &Row, url: &str) -> Result<Printed, Failure> {
        let Some(floor) = row.floor else {
            return Ok(Printed::Cannot("there is none".to_owned()));
        };
        let each = if self.is_quick {
            floor.quick
        } else {
            floor.each
        };
        let mut line =
            Line::of_many_files(&self.floor)
                .arg(url)
                .args([floor.operation, floor.at_once, each]);
        if row.server.contains(&"--stamp") {
            line = line.arg("--stamped");
        }
        if row.language == Language::Node {
            line = line.arg("--utf16");
        }
        program::run(&line)
    }

    fn place(&self, key: &str) -> Result<PathBuf, String> {
        let found = self
            .peers
            .iter()
            .find(|installed| installed.peer.key == key);
        found.map_or_else(
            || Err("is not installed".to_owned()),
            |installed| installed.place.clone(),
        )
    }
}

fn first_line(failure: &Failure) -> String {
    failure
        .to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}
