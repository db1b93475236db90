//! Virtual environments and wheels.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::interpreter::Interpreter;
use crate::layout;
use crate::line::Line;
use crate::tools::{
    GUNICORN, H2, LEGACY_HTTPX, MATURIN, MYPY, NUMPY, OFFICIAL_PYTHON, OFFICIAL_SDIST_SHA256,
    PIP_AUDIT, PYTEST, RESPX, RICH, RUFF, SUITE, TRIO, TRUSTME, UVLOOP,
};

/// How the native module is compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Profile {
    /// As it is published.
    Release,
    /// As `cargo test` compiles: quickly, and with overflow checks and debug assertions.
    Dev,
}

impl Profile {
    /// The option of cargo and maturin.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Profile::Release => "--profile=release",
            Profile::Dev => "--profile=dev",
        }
    }

    /// The folder below `target/`.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Profile::Release => "release",
            Profile::Dev => "debug",
        }
    }
}

/// A virtual environment.
#[derive(Clone, Debug)]
pub(crate) struct Venv(PathBuf);

impl Venv {
    /// The environment for linting and building.
    pub(crate) fn of_tools(interpreter: &Interpreter) -> Result<Venv, Failure> {
        Venv::ensure("tools", interpreter, &[MATURIN, RUFF, MYPY])
    }

    /// The environment for the tests on an interpreter: what ours needs, the runner, and the official package as oracle.
    pub(crate) fn of_tests(interpreter: &Interpreter) -> Result<Venv, Failure> {
        let official = OFFICIAL_PYTHON.replace("==", "[realtime]==");
        let others = [
            PYTEST.as_slice(),
            &[&official, NUMPY, TRIO, GUNICORN, RICH, LEGACY_HTTPX, RESPX],
        ]
        .concat();
        let name = format!("test-{}", interpreter.minor());
        let venv = Venv::for_package(&name, interpreter, &others)?;
        // They come late to new versions of Python, and their tests say that they skip without them.
        for late in [UVLOOP, TRUSTME] {
            let installed = venv.pip().args(["--only-binary=:all:", late]).read();
            if installed.is_err() {
                println!(
                    "               no {late} for Python {}",
                    interpreter.minor()
                );
            }
        }
        Ok(venv)
    }

    /// The environment that judges what others hold.
    pub(crate) fn of_audit(interpreter: &Interpreter) -> Result<Venv, Failure> {
        Venv::ensure("audit", interpreter, &[PIP_AUDIT])
    }

    /// The environment for the demo: what ours needs and nothing else.
    pub(crate) fn of_demo(interpreter: &Interpreter) -> Result<Venv, Failure> {
        Venv::for_package("demo", interpreter, &[])
    }

    /// The environment for the benchmark: ours and the official package on the same interpreter.
    pub(crate) fn of_bench(interpreter: &Interpreter) -> Result<Venv, Failure> {
        let official = OFFICIAL_PYTHON.replace("==", "[realtime]==");
        Venv::for_package("bench", interpreter, &[UVLOOP, NUMPY, H2, &official])
    }

    /// An environment of its own for a peer of the benchmark.
    pub(crate) fn of_peer(
        name: &str,
        interpreter: &Interpreter,
        packages: &[&str],
    ) -> Result<Venv, Failure> {
        Venv::ensure(name, interpreter, &[packages, &[UVLOOP, NUMPY]].concat())
    }

    /// The environment in which the official package runs its own suite. Some cases ask for its other transport.
    pub(crate) fn of_official(interpreter: &Interpreter) -> Result<Venv, Failure> {
        let official = OFFICIAL_PYTHON.replace("==", "[aiohttp]==");
        let requirements = [SUITE.as_slice(), &[&official]].concat();
        Venv::ensure("official", interpreter, &requirements)
    }

    /// The environment in which ours runs that suite: the official package is not there, so that nothing can lean on it.
    pub(crate) fn of_suite(interpreter: &Interpreter) -> Result<Venv, Failure> {
        Venv::for_package("suite", interpreter, &SUITE)
    }

    /// The environment in which the official package runs its own suite over transports of ours.
    pub(crate) fn of_accelerator(interpreter: &Interpreter) -> Result<Venv, Failure> {
        let requirements = [SUITE.as_slice(), &[OFFICIAL_PYTHON]].concat();
        Venv::for_package("accelerator", interpreter, &requirements)
    }

    /// Downloads a package alone, without what it needs, into a folder of its own; returns the folder.
    pub(crate) fn download(&self, requirement: &str) -> Result<PathBuf, Failure> {
        let folder = layout::work("packages").join(requirement.replace("==", "-"));
        if folder.is_dir() {
            return Ok(folder);
        }
        let partial = folder.with_extension("partial");
        layout::remove(&partial)?;
        self.pip()
            .args(["--no-deps", "--no-compile", "--target"])
            .arg(&partial)
            .arg(requirement)
            .run()?;
        std::fs::rename(&partial, &folder).map_err(|error| Failure::io(&folder, &error))?;
        Ok(folder)
    }

    /// Downloads the source distribution of the official package and checks its hash; returns the archive.
    pub(crate) fn official_source(&self) -> Result<PathBuf, Failure> {
        self.source(OFFICIAL_PYTHON, OFFICIAL_SDIST_SHA256, "official/archive")
    }

    /// Downloads the source distribution of `requirement`, `name==version`, to a folder below `.work/` and checks its hash;
    /// returns the archive.
    pub(crate) fn source(
        &self,
        requirement: &str,
        sha256: &str,
        folder: &str,
    ) -> Result<PathBuf, Failure> {
        let folder = layout::work(folder);
        let archive = folder.join(format!("{}.tar.gz", requirement.replace("==", "-")));
        if archive.is_file() {
            return Ok(archive);
        }
        layout::create(&folder)?;
        let pinned = folder.join("pinned.txt");
        let line = format!("{requirement} --hash=sha256:{sha256}\n");
        layout::write(&pinned, &line)?;
        let pip = Line::new(self.python()).args(["-m", "pip", "--disable-pip-version-check"]);
        pip.args([
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary=:all:",
            "--require-hashes",
        ])
        .arg("--dest")
        .arg(&folder)
        .arg("--requirement")
        .arg(&pinned)
        .run()?;
        Ok(archive)
    }

    /// The folder that such a distribution is unpacked to.
    ///
    /// # Errors
    /// When it is not to be had.
    pub(crate) fn unpacked(
        &self,
        requirement: &str,
        sha256: &str,
        folder: &str,
    ) -> Result<PathBuf, Failure> {
        let archive = self.source(requirement, sha256, folder)?;
        let folder = layout::work(folder);
        Line::new("tar")
            .arg("-xzf")
            .arg(&archive)
            .arg("-C")
            .arg(&folder)
            .run()?;
        Ok(folder.join(requirement.replace("==", "-")))
    }

    /// An environment with what the package needs at run time, which `pyproject.toml` says, and with others.
    fn for_package(
        name: &str,
        interpreter: &Interpreter,
        others: &[&str],
    ) -> Result<Venv, Failure> {
        let path = layout::root().join("pyproject.toml");
        let text = layout::read(&path)?;
        let needed = dependencies(&text).ok_or_else(|| {
            Failure::new(format!(
                "`{}` has no line `dependencies = [...]`",
                path.display()
            ))
        })?;
        Venv::ensure(name, interpreter, &[needed.as_slice(), others].concat())
    }

    /// Makes the environment anew when its interpreter or requirements are others than last time.
    fn ensure(
        name: &str,
        interpreter: &Interpreter,
        requirements: &[&str],
    ) -> Result<Venv, Failure> {
        let folder = layout::work("venvs").join(name);
        let mark = folder.join("made-from.txt");
        let (major, minor, patch) = interpreter.version;
        let made_from = format!(
            "{} {major}.{minor}.{patch}\n{}\n",
            interpreter.path.display(),
            requirements.join("\n")
        );
        let venv = Venv(folder);
        if std::fs::read_to_string(&mark).is_ok_and(|text| text == made_from)
            && venv.python().exists()
        {
            return Ok(venv);
        }
        layout::remove(&venv.0)?;
        layout::create(&layout::work("venvs"))?;
        Line::new(&interpreter.path)
            .args(["-m", "venv"])
            .arg(&venv.0)
            .run()?;
        venv.pip().args(requirements).run()?;
        layout::write(&mark, &made_from)?;
        Ok(venv)
    }

    /// Its interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// A program that was installed into it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        match cfg!(windows) {
            true => self.0.join("Scripts").join(format!("{name}.exe")),
            false => self.0.join("bin").join(name),
        }
    }

    /// Installs a wheel of ours in place of the one before.
    pub(crate) fn install(&self, wheel: &Path) -> Result<(), Failure> {
        self.pip()
            .args(["--force-reinstall", "--no-deps"])
            .arg(wheel)
            .run()
    }

    fn pip(&self) -> Line {
        let pip = Line::new(self.python()).args([
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
        ]);
        pip.args(["install", "--quiet"])
    }
}

/// Builds a wheel for each interpreter in the shared target folder: only what depends on PyO3 is compiled again.
pub(crate) fn build_wheels(
    tools: &Venv,
    interpreters: &[Interpreter],
    profile: Profile,
) -> Result<Vec<PathBuf>, Failure> {
    let folder = layout::work("wheels").join(profile.folder());
    // A wheel of an earlier version must not be taken for the new one.
    layout::remove(&folder)?;
    let mut line = Line::new(tools.program("maturin"))
        .args(["build", "--quiet", profile.option(), "--out"])
        .arg(&folder);
    if cfg!(target_os = "linux") {
        // The wheel stays on this machine, so it need not run on older ones.
        line = line.args(["--compatibility", "linux"]);
    }
    for interpreter in interpreters {
        line = line.arg("--interpreter").arg(&interpreter.path);
    }
    line.run()?;
    interpreters
        .iter()
        .map(|interpreter| wheel_of(&folder, interpreter))
        .collect()
}

fn wheel_of(folder: &Path, interpreter: &Interpreter) -> Result<PathBuf, Failure> {
    let tag = format!("-{}-", interpreter.tag());
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::io(folder, &error))?;
    let mut wheels = entries.flatten().map(|entry| entry.path());
    wheels
        .find(|path| path.to_string_lossy().contains(&tag))
        .ok_or_else(|| {
            Failure::new(format!(
                "maturin made no wheel for Python {} in `{}`",
                interpreter.minor(),
                folder.display()
            ))
        })
}

/// The dependencies of a `pyproject.toml` that has them in one line.
fn dependencies(text: &str) -> Option<Vec<&str>> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("dependencies = ["))?;
    // Every second piece between quotation marks is a name with its versions.
    Some(line.split('"').skip(1).step_by(2).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_from_pyproject() {
        let text = "[project]\nname = \"a\"\ndependencies = [\"b>=2,<3\", \"c\"]\n";
        assert_eq!(dependencies(text), Some(vec!["b>=2,<3", "c"]));
        assert_eq!(dependencies("[project]\n"), None);
        let ours = layout::read(&layout::root().join("pyproject.toml")).unwrap();
        assert!(
            dependencies(&ours)
                .is_some_and(|names| names.iter().any(|name| name.starts_with("pydantic")))
        );
    }
}
