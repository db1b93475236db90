//! `tailrace-mock`: the mock server as a program.
//!
//! Prints one line of JSON, `{"url": "http://127.0.0.1:PORT/v1"}`, and serves until its standard input is closed.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use tailrace_mock::{Config, Server};

const USAGE: &str = "\
usage: tailrace-mock [--host NAME] [--port N] [--keep] [--chunks N] [--chunk-bytes N] [--interval-ms N] [--batch N]
                     [--stamp] [--all-events]

  --host NAME      the address to bind, 127.0.0.1 without it
  --port N         the port to bind, a free one without it
  --keep           go on when standard input is closed
  --chunks N       pieces of every text, each an event of its stream
  --chunk-bytes N  pad each chat event to N bytes
  --interval-ms N  pause before each write of a stream
  --batch N        events of one write
  --stamp          begin each text event's text with the time of its write, 19 digits of nanoseconds
  --all-events     let streams of responses visit every type of event";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tailrace-mock: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut config = Config::default();
    let mut keep = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        match flag.as_str() {
            "--keep" => keep = true,
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            "--host" => config.host = value(&flag, arguments.next())?,
            "--port" => config.port = number(&flag, arguments.next())?,
            "--chunks" => config.load.chunks = Some(number(&flag, arguments.next())?),
            "--chunk-bytes" => config.load.chunk_bytes = Some(number(&flag, arguments.next())?),
            "--interval-ms" => {
                config.load.interval = Duration::from_millis(number(&flag, arguments.next())?)
            }
            "--stamp" => config.load.stamp = true,
            "--all-events" => config.load.all_events = true,
            "--batch" => config.load.batch = Some(number(&flag, arguments.next())?),
            _ => return Err(format!("unknown argument `{flag}`\n{USAGE}")),
        }
    }
    let server =
        Server::start(config).map_err(|error| format!("the server cannot start: {error}"))?;
    let mut out = io::stdout();
    writeln!(out, "{{\"url\": \"{}\"}}", server.url())
        .and_then(|()| out.flush())
        .map_err(|error| format!("standard output cannot be written: {error}"))?;
    if keep {
        loop {
            std::thread::park();
        }
    }
    // Whoever started the program holds the other end: when it dies, so does the server.
    io::copy(&mut io::stdin(), &mut io::sink())
        .map_err(|error| format!("standard input cannot be read: {error}"))?;
    server.stop();
    Ok(())
}

fn value(flag: &str, value: Option<String>) -> Result<String, String> {
    value.ok_or_else(|| format!("`{flag}` needs a value\n{USAGE}"))
}

fn number<T: std::str::FromStr>(flag: &str, text: Option<String>) -> Result<T, String> {
    let text = value(flag, text)?;
    text.parse()
        .map_err(|_| format!("`{flag}` needs a number that fits, not `{text}`"))
}
