//! `cargo xtask test`: every test and every check.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::check;
use crate::failure::Failure;
use crate::interpreter::{self, Found, Interpreter};
use crate::layout;
use crate::line::Line;
use crate::mock::{self, Mock};
use crate::node;
use crate::python::{self, Profile, Venv};
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
            .args(["test", "--workspace", "--locked"])
            .run()
    });

    let mock = steps.run("mock server", || {
        let program = mock::build(Profile::Dev)?;
        Mock::start(&program, &[])
    });
    let shared = Shared::new(mock.as_ref());

    check::languages(&mut steps, default);
    python(&mut steps, &found, &shared);
    node(&mut steps, &node_version, &shared);

    if shared.recordings.is_none() {
        steps.skip(
            "recorded exchanges",
            "neither TAILRACE_RECORDINGS nor ../shared/recordings is a folder",
        );
    }
    Ok(steps.finish("test"))
}

/// What the tests of every language are told.
struct Shared {
    mock_url: Option<String>,
    recordings: Option<PathBuf>,
}

impl Shared {
    fn new(mock: Option<&Mock>) -> Shared {
        Shared {
            mock_url: mock.map(|mock| mock.url.clone()),
            recordings: layout::recordings(),
        }
    }

    fn tell(&self, mut line: Line) -> Line {
        if let Some(url) = &self.mock_url {
            line = line.env("TAILRACE_MOCK_URL", url);
        }
        if let Some(folder) = &self.recordings {
            line = line.env("TAILRACE_RECORDINGS", folder);
        }
        line
    }
}

/// The whole suite on every interpreter, each with the wheel and the official package.
fn python(steps: &mut Steps, found: &Found, shared: &Shared) {
    let names: Vec<String> = found.usable.iter().map(Interpreter::minor).collect();
    let tools = steps.run("install maturin", || Venv::of_tools(found.preferred()?));
    let wheels = steps.run_with(
        &format!("wheels for Python {}", names.join(", ")),
        tools,
        |tools| python::build_wheels(&tools, &found.usable, Profile::Dev),
    );
    for (at, interpreter) in found.usable.iter().enumerate() {
        let wheel = wheels.as_ref().and_then(|wheels| wheels.get(at));
        let minor = interpreter.minor();
        let venv = steps.run_with(&format!("install Python {minor}"), wheel, |wheel| {
            ready(interpreter, wheel)
        });
        steps.run_with(&format!("pytest {minor}"), venv, |venv| {
            let python = venv.python();
            let line = Line::new(&python).args([
                "-m",
                "pytest",
                "tests/python",
                "--timeout=120",
                "--quiet",
            ]);
            // A failed test prints what differs; the reasons for skips show what was not tried.
            let line = line
                .args(["-rfEs", "--tb=short"])
                .env("TAILRACE_OFFICIAL_PYTHON", &python);
            shared.tell(line).run()
        });
    }
}

fn ready(interpreter: &Interpreter, wheel: &Path) -> Result<Venv, Failure> {
    let venv = Venv::of_tests(interpreter)?;
    venv.install(wheel)?;
    Ok(venv)
}

/// The suite on the machine's Node and on the one that the official package needs, which is the oracle for both.
fn node(steps: &mut Steps, version: &str, shared: &Shared) {
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
                let tests =
                    layout::test_files("tests/node", &[".test.mjs", ".test.cjs", ".test.js"])?;
                let line = Line::new(program)
                    .args(["--test", "--test-reporter=spec"])
                    .args(tests);
                let line = line.env("TAILRACE_OFFICIAL_NODE", &official.node);
                let line = line.env(
                    "TAILRACE_OFFICIAL_NODE_MODULES",
                    official.folder.join("node_modules"),
                );
                shared.tell(line).run()
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
