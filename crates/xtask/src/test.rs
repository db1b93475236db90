//! `cargo xtask test`: every test and every check.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::check;
use crate::failure::Failure;
use crate::interpreter::{self, Found, Interpreter};
use crate::layout;
use crate::line::Line;
use crate::mock;
use crate::node;
use crate::parts;
use crate::project;
use crate::python::{self, Profile, Venv};
use crate::soak::{self, Programs};
use crate::steps::Steps;

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let found = interpreter::find();
    let default = found.preferred()?;
    let node_version = node::version()?;
    announce(&found, &node_version);

    let mut steps = Steps::new();
    check::rust(&mut steps);
    steps.run("cargo test", || {
        Line::cargo()
            .args(["test", "--workspace", "--locked", "--no-fail-fast"])
            // The long ones wait for a limit to pass, which many can do at the same time.
            .env("RUST_TEST_THREADS", "8")
            .run()
    });

    // The runners of conformance start it themselves, so that the line that repeats one of them works alone.
    steps.run("mock server", || mock::build(Profile::Dev));
    let oracles = Oracles {
        recordings: layout::recordings(),
        aimock: steps.run("install aimock", node::aimock),
        test_tools: steps.run("install nock, MSW and undici", node::test_tools),
    };

    parts::ready(&mut steps);

    check::languages(&mut steps, default);
    python(&mut steps, &found, &oracles);
    node(&mut steps, &node_version, &oracles);
    // What both languages have built and installed by now.
    steps.run("soak for 15 s", || {
        soak::short(&Programs {
            python: Venv::of_tests(default)?.python(),
            node: "node".into(),
        })
    });

    if oracles.recordings.is_none() {
        steps.skip(
            "recorded exchanges",
            "neither TAILRACE_RECORDINGS nor ../shared/recordings is a folder",
        );
    }
    Ok(steps.finish("test"))
}

/// What tests of both languages compare with, beside the official packages.
struct Oracles {
    /// Recorded exchanges, where they lie beside the project.
    recordings: Option<PathBuf>,
    /// A server with faults that nobody here wrote.
    aimock: Option<PathBuf>,
    /// What people test their own programs with, for Node.
    test_tools: Option<PathBuf>,
}

/// The whole suite on every interpreter, each with the wheel and the official package.
fn python(steps: &mut Steps, found: &Found, oracles: &Oracles) {
    let is_first =
        |interpreter: &Interpreter| found.preferred().is_ok_and(|first| first == interpreter);
    let names: Vec<String> = found.usable.iter().map(Interpreter::minor).collect();
    let tools = steps.run("install maturin", || Venv::of_tools(found.preferred()?));
    let wheels = steps.run_with(
        &format!("wheels for Python {}", names.join(", ")),
        tools.as_ref(),
        |tools| python::build_wheels(tools, &found.usable, Profile::Dev),
    );
    for (at, interpreter) in found.usable.iter().enumerate() {
        let wheel = wheels.as_ref().and_then(|wheels| wheels.get(at));
        let minor = interpreter.minor();
        let venv = steps.run_with(&format!("install Python {minor}"), wheel, |wheel| {
            ready(interpreter, wheel)
        });
        steps.run_with(&format!("pytest {minor}"), venv.as_ref(), |venv| {
            let python = venv.python();
            let line = Line::new(&python).args([
                "-m",
                "pytest",
                "tests/python",
                "tests/surface",
                "--timeout=120",
                "--quiet",
            ]);
            // Most tests wait for a socket or a timer, so three processes share two cores well; the cases of a file
            // share servers.
            let line = line.args(["-n", "3", "--dist", "loadfile"]);
            // The oracle of conformance, the importer and the like say the same on every interpreter.
            let line = match is_first(interpreter) {
                true => line,
                false => line.args(["-m", "not once"]),
            };
            // A failed test prints what differs; the reasons for skips show what was not tried.
            let line = line
                .args(["-rfEs", "--tb=short"])
                .env("TAILRACE_OFFICIAL_PYTHON", &python);
            with_oracles(line, oracles).run()
        });
        // Types do not depend on the interpreter, so one of them says it for all.
        if is_first(interpreter) {
            let venv = venv.as_ref().zip(tools.as_ref());
            steps.run_with(
                "pyright and mypy in a user's project",
                venv,
                |(venv, tools)| project::check(venv, tools, &node::pyright()?),
            );
        }
    }
}

/// Says where the oracles are that are there.
fn with_oracles(line: Line, oracles: &Oracles) -> Line {
    let named = [
        ("TAILRACE_RECORDINGS", &oracles.recordings),
        ("TAILRACE_AIMOCK", &oracles.aimock),
        ("TAILRACE_TEST_TOOLS", &oracles.test_tools),
    ];
    named
        .into_iter()
        .fold(line, |line, (name, path)| match path {
            Some(path) => line.env(name, path),
            None => line,
        })
}

fn ready(interpreter: &Interpreter, wheel: &Path) -> Result<Venv, Failure> {
    let venv = Venv::of_tests(interpreter)?;
    venv.install(wheel)?;
    Ok(venv)
}

/// The suite on the machine's Node and on the one that the official package needs, which is the oracle for both.
fn node(steps: &mut Steps, version: &str, oracles: &Oracles) {
    let addon = steps.run("addon for Node", || node::build_addon(Profile::Dev));
    let built = steps.run_with("npm run build", addon, |()| node::build_typescript());
    let official = steps.run("install the official npm package", node::official);
    let machine = Path::new("node").to_owned();
    let newer = official.as_ref().map(|official| official.node.clone());
    for (name, program) in [(version, Some(machine)), ("24", newer)] {
        let needed = built.and(official.as_ref()).zip(program);
        steps.run_with(
            &format!("node --test on Node {name}"),
            needed,
            |(official, program)| {
                let endings = [".test.mjs", ".test.cjs", ".test.js"];
                let mut tests = layout::test_files("tests/node", &endings)?;
                // Declarations do not depend on the Node that reads them.
                if name == "24" {
                    tests.extend(layout::test_files("tests/surface", &endings)?);
                }
                // Most files wait for sockets and timers; one at a time, which is what Node does on two cores, is slow.
                let line = Line::new(program)
                    .args(["--test", "--test-reporter=spec", "--test-concurrency=3"])
                    .args(tests);
                let line = line.env("TAILRACE_OFFICIAL_NODE", &official.node);
                let line = line.env(
                    "TAILRACE_OFFICIAL_NODE_MODULES",
                    official.folder.join("node_modules"),
                );
                with_oracles(line, oracles).run()
            },
        );
    }
}

fn announce(found: &Found, node_version: &str) {
    for interpreter in &found.usable {
        let (major, minor, patch) = interpreter.version;
        println!("Python {major}.{minor}.{patch}");
    }
    for (path, why) in &found.passed_over {
        println!("not used: {path}: {why}");
    }
    println!("Node {node_version}\n");
}
