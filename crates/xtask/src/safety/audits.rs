//! Licences, sources and known faults of what is depended on.

use crate::interpreter;
use crate::layout;
use crate::line::Line;
use crate::python::Venv;
use crate::steps::Steps;

use super::missing;

pub(crate) fn run(steps: &mut Steps) {
    let probe = Line::cargo().args(["deny", "--version"]);
    match missing(&probe, "cargo install cargo-deny") {
        Some(why) => steps.skip("cargo deny", why),
        None => {
            steps.run("cargo deny: licences, bans, sources", || {
                deny(&["bans", "licenses", "sources"]).run()
            });
            judged(
                steps,
                "cargo deny: advisories",
                &deny(&["advisories"]),
                &["failed to fetch", "failed to load advisory database"],
            );
        }
    }
    python(steps);
    let npm = Line::new("npm").args(["audit", "--package-lock-only"]);
    judged(
        steps,
        "npm audit",
        &npm,
        &[
            "audit endpoint returned an error",
            "ENOTFOUND",
            "ECONNREFUSED",
        ],
    );
}

fn deny(what: &[&str]) -> Line {
    Line::cargo()
        .args(["deny", "--locked", "check", "--hide-inclusion-graph"])
        .args(what)
}

/// What the Python package needs when it runs.
fn python(steps: &mut Steps) {
    let name = "pip-audit: what the Python package needs";
    let ready = steps.run("install pip-audit", || {
        let found = interpreter::find();
        let interpreter = found.preferred()?;
        Ok((Venv::of_audit(interpreter)?, Venv::of_demo(interpreter)?))
    });
    let Some((audit, needed)) = ready else {
        return;
    };
    let listed = steps.run("list what the Python package needs", || {
        let installed = Line::new(needed.python())
            .args(["-m", "pip", "freeze", "--exclude", "tailrace"])
            .read()?;
        let file = layout::work("safety/requirements.txt");
        layout::create(&layout::work("safety"))?;
        layout::write(&file, &installed)?;
        Ok(file)
    });
    let Some(file) = listed else {
        return;
    };
    let line = Line::new(audit.program("pip-audit"))
        .args(["--strict", "--no-deps", "--disable-pip", "--requirement"])
        .arg(file);
    judged(
        steps,
        name,
        &line,
        &[
            "could not be audited",
            "Failed to resolve",
            "ConnectionError",
        ],
    );
}

/// Runs a step that asks a database on the network; where that is out of reach, by these words, it is skipped aloud.
fn judged(steps: &mut Steps, name: &str, line: &Line, out_of_reach: &[&str]) {
    match line.read() {
        Err(failure)
            if out_of_reach
                .iter()
                .any(|words| failure.to_string().contains(words)) =>
        {
            steps.skip(name, format!("its database is out of reach here; `{line}`"));
        }
        outcome => {
            steps.run(name, || outcome.map(drop));
        }
    }
}
