//! Runs the conformance cases on the Rust client. `tests/conformance/README.md` explains them.
//!
//! `TAILRACE_CASE` limits the run to cases whose id begins with it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test says that something must hold by panicking"
)]

mod case;
mod check;
mod subject;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tailrace_client::{Client, Settings};
use tailrace_mock::{Config, Server};

use case::Case;

/// As many as wait at the same time: no case depends on how soon it gets its turn.
const CONCURRENCY: usize = 40;

#[test]
fn every_case_holds() {
    let wanted = std::env::var("TAILRACE_CASE").unwrap_or_default();
    let cases = case::read_all("rust");
    let cases: VecDeque<Case> = cases
        .into_iter()
        .filter(|case| case.id.starts_with(&wanted))
        .collect();
    assert!(!cases.is_empty(), "no case begins with `{wanted}`");
    let server = Server::start(Config::default()).unwrap();
    let waiting = Mutex::new(cases);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            scope.spawn(|| {
                loop {
                    let Some(case) = waiting.lock().unwrap().pop_front() else {
                        return;
                    };
                    let problems = run(&server, &case);
                    if !problems.is_empty() {
                        let text =
                            format!("{}: {}\n    {}", case.id, case.why, problems.join("\n    "));
                        failures.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} cases failed\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn cases_have_their_form_for_every_subject() {
    for subject in ["rust", "python", "python-async", "node"] {
        let cases = case::read_all(subject);
        assert!(cases.len() >= 60, "only {} cases", cases.len());
    }
}

/// Runs one case and lists what differs.
fn run(server: &Server, case: &Case) -> Vec<String> {
    let base_url = match server.script(&case.script().to_string()) {
        Ok(base_url) => base_url,
        Err(error) => return vec![format!("the script is wrong: {error}")],
    };
    // Kept to the end: a connection that closes was closed by a call.
    let client = Client::new(Settings {
        max_connections: None,
        ..Settings::default()
    });
    let client = Arc::new(client);
    let outcomes: Vec<_> = case
        .calls
        .iter()
        .map(|call| subject::run(&client, &base_url, &case.client, call))
        .collect();
    let requests = settled_requests(server, &base_url, case.wire.closed_ms.is_some());
    let connections = serde_json::from_str(&server.connections(&base_url).unwrap()).unwrap();
    check::check(case, &outcomes, &requests, &connections)
}

/// The record. That a client closed a connection arrives a moment after the client went on.
fn settled_requests(server: &Server, base_url: &str, closed: bool) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let requests: Vec<Value> =
            serde_json::from_str(&server.requests(base_url).unwrap()).unwrap();
        let open = requests
            .last()
            .is_some_and(|last| last["client_closed_ms"].is_null());
        if !closed || !open || Instant::now() > deadline {
            return requests;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
