//! `tailrace-fault-proxy`: the fault proxy as a program.
//!
//! Prints one line of JSON, `{"url": "http://127.0.0.1:PORT"}`, and passes connections on until its standard input is
//! closed.

use std::io::{self, Write as _};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::process::ExitCode;

use tailrace_mock::{FaultProxy, Plan};

const USAGE: &str = "\
usage: tailrace-fault-proxy --to HOST:PORT [--port N] [--seed N] [--percent N] [--faults JSON]

  --to HOST:PORT   the server
  --port N         the port to bind, a free one without it
  --seed N         draw the faults from this seed, 1 without it
  --percent N      of a hundred connections so many get a fault, 50 without it
  --faults JSON    the connections get these in turn instead: {\"kind\": \"none\"}, {\"kind\": \"refuse\"},
                   {\"kind\": \"cut\" or \"reset\" or \"hang\" or \"half_close\", \"after\": BYTES},
                   {\"kind\": \"stall\", \"after\": BYTES, \"ms\": N}, {\"kind\": \"trickle\", \"bytes\": N}";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tailrace-fault-proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (mut target, mut port, mut seed, mut percent, mut plan) = (None, 0, 1, 50, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        if flag == "--help" || flag == "-h" {
            println!("{USAGE}");
            return Ok(());
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("`{flag}` needs a value\n{USAGE}"))?;
        match flag.as_str() {
            "--to" => target = Some(resolve(&value)?),
            "--port" => port = number(&flag, &value)?,
            "--seed" => seed = number(&flag, &value)?,
            "--percent" => percent = number(&flag, &value)?,
            "--faults" => plan = Some(Plan::parse(&value).map_err(|error| error.to_string())?),
            _ => return Err(format!("unknown argument `{flag}`\n{USAGE}")),
        }
    }
    let target = target.ok_or_else(|| format!("`--to` is missing\n{USAGE}"))?;
    let plan = plan.unwrap_or(Plan::Seeded { seed, percent });
    let proxy = FaultProxy::start(target, port, plan)
        .map_err(|error| format!("the proxy cannot start: {error}"))?;
    print(&format!("{{\"url\": \"http://{}\"}}", proxy.address()))?;
    // Whoever started the program holds the other end: when it dies, so does the proxy.
    io::copy(&mut io::stdin(), &mut io::sink())
        .map_err(|error| format!("standard input cannot be read: {error}"))?;
    drop(proxy);
    Ok(())
}

fn print(line: &str) -> Result<(), String> {
    let mut out = io::stdout();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| format!("standard output cannot be written: {error}"))
}

fn resolve(text: &str) -> Result<SocketAddr, String> {
    let mut found = text
        .to_socket_addrs()
        .map_err(|error| format!("`--to` needs HOST:PORT, not `{text}`: {error}"))?;
    found
        .next()
        .ok_or_else(|| format!("`{text}` has no address"))
}

fn number<T: std::str::FromStr>(flag: &str, text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("`{flag}` needs a number that fits, not `{text}`"))
}
