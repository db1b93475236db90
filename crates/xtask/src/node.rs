//! Node, the addon and the TypeScript.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::layout;
use crate::line::Line;
use crate::python::Profile;
use crate::tools::{
    AIMOCK, NODE_24, OFFICIAL_NODE, OLDEST_NODE, PYRIGHT, STEADY, TEST_TOOLS, TYPESCRIPT_API, WS,
    ZOD,
};

/// The official package and the Node that it runs on.
#[derive(Clone, Debug)]
pub(crate) struct Official {
    /// The program.
    pub(crate) node: PathBuf,
    /// The folder that holds `node_modules`.
    pub(crate) folder: PathBuf,
}

/// The version of the machine's Node, without the `v`.
///
/// # Errors
/// When there is none or it is too old.
pub(crate) fn version() -> Result<String, Failure> {
    let needed = format!("Node >= {OLDEST_NODE} is needed on PATH");
    let text = Line::new("node")
        .arg("--version")
        .read()
        .map_err(|failure| Failure::new(format!("{needed}: {failure}")))?;
    let version = text.trim().trim_start_matches('v').to_owned();
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => Ok(version),
        _ => Err(Failure::new(format!("{needed}, but it is {version}"))),
    }
}

/// Compiles the addon and puts it where the package looks for it.
pub(crate) fn build_addon(profile: Profile) -> Result<(), Failure> {
    Line::cargo()
        .args([
            "build",
            "--quiet",
            "--package",
            "tailrace-node",
            profile.option(),
        ])
        .run()?;
    let (before, after) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let built = layout::target()
        .join(profile.folder())
        .join(format!("{before}tailrace_node{after}"));
    let folder = layout::root().join("node/native");
    layout::create(&folder)?;
    // A new file, not new bytes in the old one: a process that has loaded the old one would crash.
    let addon = folder.join("tailrace.node");
    let fresh = addon.with_extension("new");
    std::fs::copy(&built, &fresh).map_err(|error| Failure::io(&built, &error))?;
    std::fs::rename(&fresh, &addon).map_err(|error| Failure::io(&addon, &error))
}

/// Installs what compiles the TypeScript, exactly as locked.
pub(crate) fn install() -> Result<(), Failure> {
    let root = layout::root();
    let lock = layout::read(&root.join("package-lock.json"))?;
    let mark = root.join("node_modules/.made-from-lock");
    if std::fs::read_to_string(&mark).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    npm(&root).arg("ci").args(QUIET).run()?;
    layout::write(&mark, &lock)
}

/// Compiles the TypeScript into `node/dist`; the compiler is strict.
pub(crate) fn build_typescript() -> Result<(), Failure> {
    npm(&layout::root())
        .args(["run", "--silent", "build"])
        .run()
}

/// Checks the types and writes nothing.
pub(crate) fn check_typescript() -> Result<(), Failure> {
    Line::new("node")
        .args([
            "node_modules/typescript/bin/tsc",
            "--strict",
            "--noEmit",
            "--project",
            "node/tsconfig.json",
        ])
        .run()
}

/// The official package, installed beside a Node that it supports, the compiler that reads its declarations, the sockets
/// that it uses, and zod.
pub(crate) fn official() -> Result<Official, Failure> {
    let folder = ensure(
        "official-node",
        &[NODE_24, OFFICIAL_NODE, TYPESCRIPT_API, WS, ZOD],
    )?;
    let name = if cfg!(windows) { "node.exe" } else { "node" };
    let node = folder.join("node_modules/node/bin").join(name);
    let version = Line::new(&node).arg("--version").read()?;
    match version.starts_with("v24.") {
        true => Ok(Official { node, folder }),
        false => Err(Failure::new(format!(
            "npm installed Node {} for {NODE_24}",
            version.trim()
        ))),
    }
}

/// A version of the official package beside the compiler that reads its declarations; returns their `node_modules`.
pub(crate) fn official_package(package: &str) -> Result<PathBuf, Failure> {
    if package == OFFICIAL_NODE {
        return official().map(|official| official.folder.join("node_modules"));
    }
    let name = format!("packages/{}", package.replace('@', "-node-"));
    ensure(&name, &[package, TYPESCRIPT_API]).map(|folder| folder.join("node_modules"))
}

/// A peer of the benchmark; returns the folder that holds its `node_modules`.
pub(crate) fn peer(name: &str, packages: &[&str]) -> Result<PathBuf, Failure> {
    ensure(name, packages)
}

/// The script of pyright.
pub(crate) fn pyright() -> Result<PathBuf, Failure> {
    ensure("pyright", &[PYRIGHT]).map(|folder| folder.join("node_modules/pyright/index.js"))
}

/// The script of Steady, the mock server of the official suite.
pub(crate) fn steady() -> Result<PathBuf, Failure> {
    ensure("steady", &[STEADY]).map(|folder| folder.join("node_modules/@stdy/cli/steady.js"))
}

/// The folder of aimock, the server with faults.
pub(crate) fn aimock() -> Result<PathBuf, Failure> {
    ensure("aimock", &[AIMOCK]).map(|folder| folder.join("node_modules/@copilotkit/aimock"))
}

/// The folder whose `node_modules` has what people test their own programs with.
pub(crate) fn test_tools() -> Result<PathBuf, Failure> {
    ensure("test-tools", &TEST_TOOLS)
}

const QUIET: [&str; 3] = ["--no-audit", "--no-fund", "--loglevel=error"];

/// A folder below `.work/` with these packages and no others.
fn ensure(name: &str, packages: &[&str]) -> Result<PathBuf, Failure> {
    let folder = layout::work(name);
    let mark = folder.join("made-from.txt");
    let made_from = packages.join("\n");
    if std::fs::read_to_string(&mark).is_ok_and(|text| text == made_from) {
        return Ok(folder);
    }
    layout::remove(&folder)?;
    layout::create(&folder)?;
    layout::write(&folder.join("package.json"), "{ \"private\": true }\n")?;
    npm(&folder)
        .args(["install", "--save-exact"])
        .args(QUIET)
        .args(packages)
        .run()?;
    layout::write(&mark, &made_from)?;
    Ok(folder)
}

fn npm(folder: &Path) -> Line {
    // On Windows npm is a script, and a script is started by its full name.
    Line::new(if cfg!(windows) { "npm.cmd" } else { "npm" }).within(folder)
}
