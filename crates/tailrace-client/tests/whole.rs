//! The limits of the whole: `total` for an attempt, the deadline for a call with its attempts, pauses and stream.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::result_large_err,
    reason = "tests"
)]

mod support;

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use support::body::Temporary;
use support::{
    EVENTS, PATIENCE, client, eventually, next, options, raw_server, requests, script, send,
    server, settle, start,
};
use tailrace_client::{CallOptions, Failure, Mode, Outcome, Pop, Timeouts};
use tailrace_core::{
    error::{Code, Error, Limit, Phase},
    request::Content,
};

const SHORT: Duration = Duration::from_millis(150);

/// A call with one of the two limits, as long as `allowed`.
fn limited(mode: Mode, limit: Limit, allowed: Duration) -> CallOptions {
    let mut options = options(mode, Timeouts::default());
    match limit {
        Limit::Total => options.timeouts.total = Some(allowed),
        _ => options.deadline = Some(allowed),
    }
    options
}

#[track_caller]
fn check(error: &Error, limit: Limit, phase: Phase, allowed: Duration) {
    assert_eq!(error.code(), Code::TimedOut, "{error}");
    let passed = error.passed().unwrap();
    assert_eq!((passed.limit, passed.phase), (limit, phase), "{error}");
    assert_eq!(passed.allowed, Some(allowed));
    let elapsed = passed.elapsed.unwrap();
    assert!(elapsed >= allowed && elapsed < allowed + Duration::from_secs(2));
}

fn run(exchanges: Value, options: CallOptions) -> (Outcome, usize) {
    let server = server();
    let base = script(&server, exchanges);
    let outcome = settle(&start(&client(), &base, options));
    (outcome, requests(&server, &base).len())
}

fn failed(exchanges: Value, options: CallOptions) -> (Failure, usize) {
    let (outcome, requests) = run(exchanges, options);
    (outcome.unwrap_err(), requests)
}

#[test]
fn a_stream_is_limited_to_its_end_although_events_keep_coming() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": [{"text": "data: 1\n\n", "delay_ms": 25, "times": 400}], "repeat": true}]),
    );
    for limit in [Limit::Total, Limit::Deadline] {
        let call = limited(Mode::Events(EVENTS), limit, SHORT);
        let stream = settle(&start(&client(), &base, call))
            .unwrap()
            .content
            .stream()
            .unwrap();
        let mut seen = 0;
        let error = loop {
            match next(&stream) {
                Pop::Event(_) => seen += 1,
                Pop::Failed(failure) => break failure.error,
                other => panic!("{other:?}"),
            }
        };
        check(&error, limit, Phase::Body, SHORT);
        assert!(seen > 0);
        assert_eq!(error.passed().unwrap().events, seen);
        assert!(
            error.message().contains(&format!("{seen} event")),
            "{error}"
        );
    }
}

#[test]
fn a_consumer_that_stopped_reading_does_not_stop_the_clock_of_the_whole() {
    let server = server();
    let line = format!("data: {}\n\n", "x".repeat(10_000));
    for limit in [Limit::Total, Limit::Deadline] {
        let base = script(
            &server,
            json!([{"chunks": [{"text": line, "times": 5000}]}]),
        );
        let allowed = Duration::from_millis(300);
        let call = limited(Mode::Events(EVENTS), limit, allowed);
        let stream = settle(&start(&client(), &base, call))
            .unwrap()
            .content
            .stream()
            .unwrap();
        // The socket is closed although nobody takes anything.
        eventually(&server, &base, |connections| {
            connections.len() == 1 && !connections[0]["closed_ms"].is_null()
        });
        let mut seen = 0;
        let error = loop {
            match next(&stream) {
                Pop::Event(_) => seen += 1,
                Pop::Failed(failure) => break failure.error,
                other => panic!("{other:?}"),
            }
        };
        check(&error, limit, Phase::Body, allowed);
        assert_eq!(error.passed().unwrap().events, seen);
        assert!(seen < 5000);
    }
}

#[test]
fn a_head_that_does_not_come_ends_the_attempt_or_the_call() {
    let stall = json!([{"fault": {"kind": "stall", "at": "request"}, "repeat": true}]);
    for limit in [Limit::Total, Limit::Deadline] {
        let (failure, _) = failed(stall.clone(), limited(Mode::Buffered, limit, SHORT));
        check(&failure.error, limit, Phase::Headers, SHORT);
    }
    // The deadline ends the retries, too; a limit of the attempt does not.
    let mut call = limited(Mode::Buffered, Limit::Deadline, SHORT);
    call.retry.max_retries = 5;
    let (failure, requests) = failed(stall, call);
    check(&failure.error, Limit::Deadline, Phase::Headers, SHORT);
    assert_eq!((requests, failure.error.attempts()), (1, 1));
}

#[test]
fn each_attempt_has_the_whole_of_its_limit() {
    let mut call = limited(Mode::Buffered, Limit::Total, SHORT);
    call.retry.max_retries = 1;
    let stalled =
        json!([{"fault": {"kind": "stall", "at": "request"}}, {"json": {"a": 1}, "delay_ms": 60}]);
    let (outcome, requests) = run(stalled, call);
    let reply = outcome.unwrap();
    assert_eq!((reply.retries, requests), (1, 2));
    assert!(reply.elapsed > SHORT);
}

#[test]
fn attempts_and_pauses_together_stay_within_the_deadline() {
    let busy = json!([{"status": 503, "headers": {"retry-after-ms": "500"}, "repeat": true}]);
    let allowed = Duration::from_millis(900);
    let mut call = limited(Mode::Buffered, Limit::Deadline, allowed);
    call.retry.max_retries = 1000;
    let (failure, requests) = failed(busy, call);
    // What the server said is worth more than that time is up, and it is said before time is up.
    assert_eq!(failure.error.code(), Code::Status);
    assert!(failure.elapsed < allowed, "{:?}", failure.elapsed);
    assert_eq!(requests, 2);
    assert_eq!(failure.error.attempts() as usize, requests);
    let why = &failure.error.causes()[0];
    assert!(why.contains("after the deadline of 0.9 s"), "{why}");
}

#[test]
fn a_pause_that_would_end_after_the_deadline_is_not_begun() {
    let refused = json!([{"fault": {"kind": "reset", "at": "request"}, "repeat": true}]);
    let mut call = limited(Mode::Buffered, Limit::Deadline, Duration::from_millis(250));
    call.retry.max_retries = 5;
    let (failure, requests) = failed(refused, call);
    assert_eq!(failure.error.code(), Code::Interrupted);
    assert!(failure.elapsed < Duration::from_millis(250));
    assert_eq!(requests, 1);
    assert!(
        failure.error.message().contains("not tried again"),
        "{}",
        failure.error
    );
}

#[test]
fn a_redirect_begins_a_limit_of_the_head_anew_and_no_limit_of_the_whole() {
    let hops = json!([
        {"status": 307, "headers": {"location": "{base_url}/there"}, "delay_ms": 100},
        {"json": {"a": 1}, "delay_ms": 100},
    ]);
    let mut call = options(Mode::Buffered, Timeouts::default());
    call.timeouts.first_byte = Some(Duration::from_millis(180));
    call.timeouts.read_head = Some(Duration::from_millis(180));
    assert_eq!(run(hops.clone(), call).0.unwrap().head.status, 200);
    for limit in [Limit::Total, Limit::Deadline] {
        let (failure, requests) = failed(hops.clone(), limited(Mode::Buffered, limit, SHORT));
        check(&failure.error, limit, Phase::Headers, SHORT);
        assert_eq!(requests, 2);
    }
}

#[test]
fn a_body_that_is_not_taken_is_limited_as_a_whole() {
    for limit in [Limit::Total, Limit::Deadline] {
        let (done, wait) = mpsc::channel::<()>();
        let (base, thread) = raw_server(move |_socket| {
            let _ = wait.recv_timeout(PATIENCE);
        });
        let file = Temporary::new(limit.as_str(), b"");
        let opened = std::fs::File::options().write(true).open(&file.0).unwrap();
        opened.set_len(64 << 20).unwrap();
        let mut call = limited(Mode::Buffered, limit, SHORT);
        call.timeouts.write = Some(Duration::from_secs(60));
        call.timeouts.first_byte = Some(Duration::from_millis(50));
        let body = Some(Content::Source(Some(64 << 20)));
        let pending = send(&client(), &base, body, vec![file.source(0, 64 << 20)], call);
        // The limit of the head is shorter and does not count before the body is sent.
        check(
            &settle(&pending).unwrap_err().error,
            limit,
            Phase::Headers,
            SHORT,
        );
        done.send(()).unwrap();
        thread.join().unwrap();
    }
}

#[test]
fn headers_for_the_next_attempt_are_not_waited_for_past_the_deadline() {
    let server = server();
    let busy = json!([{"status": 503, "headers": {"retry-after-ms": "1"}, "repeat": true}]);
    let base = script(&server, busy);
    let mut call = limited(Mode::Buffered, Limit::Deadline, SHORT);
    call.retry.max_retries = 5;
    call.renews = true;
    let at = Instant::now();
    let pending = start(&client(), &base, call);
    assert!(pending.wait(PATIENCE) && pending.needs_headers());
    // Nobody gives them.
    while pending.needs_headers() {
        assert!(at.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    check(
        &settle(&pending).unwrap_err().error,
        Limit::Deadline,
        Phase::Retry,
        SHORT,
    );
}
