//! The programs of a soak: started together, read as they print, ended when they hang.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::failure::Failure;
use crate::line::Line;

/// What a program may take beyond its length: to start, to finish its last requests, and to find that one hangs.
const GRACE: Duration = Duration::from_secs(90);

/// What runs the programs.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) python: PathBuf,
    pub(crate) node: PathBuf,
}

/// What the programs do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traffic {
    Calls,
    WebSockets,
}

impl Traffic {
    /// The option of the command that asks for it.
    pub(super) fn option(self) -> &'static str {
        match self {
            Traffic::Calls => "",
            Traffic::WebSockets => " --websocket",
        }
    }

    /// How the programs are called, below `tests/soak`: blocking and awaited Python, and Node.
    fn files(self) -> [&'static str; 3] {
        match self {
            Traffic::Calls => ["soak_sync.py", "soak_async.py", "soak.mjs"],
            Traffic::WebSockets => [
                "websockets_sync.py",
                "websockets_async.py",
                "websockets.mjs",
            ],
        }
    }
}

/// One program, and what it printed.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) name: &'static str,
    pub(super) printed: Vec<Value>,
    /// Why it did not end as it should, if it did not.
    pub(super) fault: Option<String>,
}

impl Programs {
    /// Runs all of them side by side.
    ///
    /// # Errors
    /// When one cannot be started.
    pub(super) fn run(
        &self,
        traffic: Traffic,
        servers: [&str; 2],
        length: Duration,
        seed: &str,
    ) -> Result<Vec<Run>, Failure> {
        let python = |file: &str| Line::new(&self.python).arg(format!("tests/soak/{file}"));
        let [blocking, awaited, node] = traffic.files();
        let node = Line::new(&self.node)
            .arg("--expose-gc")
            .arg(format!("tests/soak/{node}"));
        let lines = [
            ("Python, threads", python(blocking), None),
            ("Python, asyncio", python(awaited), Some("asyncio")),
            ("Python, trio", python(awaited), Some("trio")),
            ("Node", node, None),
        ];
        let deadline = Instant::now() + length + GRACE;
        let mut started = Vec::new();
        for (name, line, last) in lines {
            let seconds = length.as_secs_f64().to_string();
            let line = line.args(servers).args([&*seconds, seed]).args(last);
            // With an arena for each thread glibc keeps freed memory by chance: over 6 minutes resident memory rose by
            // 13 MB in Node while what was allocated stayed at 9 to 22 MB. With one arena it follows what is alive.
            let line = line.env("MALLOC_ARENA_MAX", "1");
            let mut command = line.command();
            let process = command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .map_err(|error| line.unstarted(&error))?;
            started.push((name, thread::spawn(move || follow(name, process, deadline))));
        }
        let runs = started.into_iter().map(|(name, thread)| {
            thread
                .join()
                .map_err(|_| Failure::new(format!("what `{name}` printed could not be read")))
        });
        runs.collect()
    }
}

/// Reads a program to its end, or kills it past the deadline.
fn follow(name: &'static str, mut process: Child, deadline: Instant) -> Run {
    let printed = process.stdout.take();
    let reader = thread::spawn(move || {
        let lines = printed.map(|printed| BufReader::new(printed).lines());
        let lines = lines.into_iter().flatten().map_while(Result::ok);
        lines
            .filter_map(|line| serde_json::from_str(&line).ok())
            .collect::<Vec<Value>>()
    });
    let ended = wait(&mut process, deadline);
    let printed = reader.join().unwrap_or_default();
    let hangs = printed
        .iter()
        .find_map(|line| line.get("hangs")?.as_str().map(str::to_owned));
    let fault = match (hangs, ended) {
        (Some(what), _) => Some(format!("{name}: `{what}` hangs; its stacks are above")),
        (None, Some(status)) if status.success() => None,
        (None, Some(status)) => Some(format!("{name}: the program ended with {status}")),
        (None, None) => Some(format!(
            "{name}: the program did not end and named nothing that hangs"
        )),
    };
    Run {
        name,
        printed,
        fault,
    }
}

fn wait(process: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        if let Ok(Some(status)) = process.try_wait() {
            return Some(status);
        }
        if Instant::now() > deadline {
            drop(process.kill());
            drop(process.wait());
            return None;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
