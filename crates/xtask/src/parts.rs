//! Servers and proxies that nobody here wrote, from the packages of the system, for tests of TLS and proxies.

use std::env;
use std::path::{Path, PathBuf};

use crate::line::Line;
use crate::steps::Steps;

/// Programs that tests start, and the packages of Debian that have them.
const PARTS: [(&str, &str); 4] = [
    ("nginx", "nginx-light"),
    ("haproxy", "haproxy"),
    ("tinyproxy", "tinyproxy"),
    ("microsocks", "microsocks"),
];

/// Installs those that are missing where this user may, and says aloud which are missing otherwise: their tests skip.
pub(crate) fn ready(steps: &mut Steps) {
    if lacking().is_empty() {
        return;
    }
    let packages: Vec<&str> = lacking().iter().map(|(_, package)| *package).collect();
    if found("apt-get").is_some() && is_root() {
        // A mirror that is not reached is no fault of the project; what is missing after it is told below.
        let apt = || Line::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        let _ = apt().args(["update", "--quiet=2"]).read();
        let install = ["install", "--yes", "--quiet=2", "--no-install-recommends"];
        let _ = apt().args(install).args(packages).read();
    }
    let missing: Vec<&str> = lacking().iter().map(|(program, _)| *program).collect();
    if !missing.is_empty() {
        let why = format!(
            "{} are not installed, and this user cannot install packages of Debian",
            missing.join(", ")
        );
        steps.skip("real servers and proxies", why);
    }
}

fn lacking() -> Vec<(&'static str, &'static str)> {
    let is_lacking = |(program, _): &(&str, &str)| found(program).is_none();
    PARTS.into_iter().filter(is_lacking).collect()
}

fn found(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Servers are where only root looks.
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|folder| folder.join(program))
        .find(|path| Path::is_file(path))
}

fn is_root() -> bool {
    Line::new("id")
        .arg("-u")
        .read()
        .is_ok_and(|id| id.trim() == "0")
}
