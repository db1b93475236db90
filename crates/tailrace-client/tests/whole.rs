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
use tailrace_client::{CallOptions, EventStream, Failure, Mode, Outcome, Pending, Pop, Timeouts};
use tailrace_core::{
    error::{Code, Error, Limit, Phase},
    request::Content,
};
use tailrace_mock::Server;

/// Longer than a busy machine stands still, so that what has to happen before such a limit passes does happen.
const AMPLE: Duration = Duration::from_secs(4);
const LIMITS: [Limit; 2] = [Limit::Total, Limit::Deadline];

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
    assert!(passed.elapsed.unwrap() >= allowed);
}

fn run(exchanges: Value, options: CallOptions) -> (Outcome, usize) {
    Running::start(exchanges, options).settle()
}

fn failed(exchanges: Value, options: CallOptions) -> (Failure, usize) {
    Running::start(exchanges, options).fail()
}

/// A call beside others, so that their limits pass at the same time.
struct Running {
    server: Server,
    base: String,
    pending: Pending,
}

impl Running {
    fn start(exchanges: Value, options: CallOptions) -> Self {
        let server = server();
        let base = script(&server, exchanges);
        let pending = start(&client(), &base, options);
        Running {
            server,
            base,
            pending,
        }
    }

    /// What came of it, and how many requests the server received.
    fn settle(self) -> (Outcome, usize) {
        let outcome = settle(&self.pending);
        (outcome, requests(&self.server, &self.base).len())
    }

    fn fail(self) -> (Failure, usize) {
        let (outcome, requests) = self.settle();
        (outcome.unwrap_err(), requests)
    }

    fn stream(&self) -> EventStream {
        settle(&self.pending).unwrap().content.stream().unwrap()
    }
}

/// A call under each of the two limits.
fn under_each(mode: Mode, exchanges: &Value) -> [(Limit, Running); 2] {
    LIMITS.map(|limit| {
        let call = limited(mode, limit, AMPLE);
        (limit, Running::start(exchanges.clone(), call))
    })
}

/// How many events came before the failure that ended a stream.
fn drained(stream: &EventStream) -> (u64, Error) {
    let mut seen = 0;
    loop {
        match next(stream) {
            Pop::Event(_) => seen += 1,
            Pop::Failed(failure) => return (seen, failure.error),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_stream_is_limited_to_its_end_although_events_keep_coming() {
    let flowing = json!([{"chunks": [{"text": "data: 1\n\n", "delay_ms": 25, "times": 1000}]}]);
    for (limit, call) in under_each(Mode::Events(EVENTS), &flowing) {
        let (seen, error) = drained(&call.stream());
        check(&error, limit, Phase::Body, AMPLE);
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
    let line = format!("data: {}\n\n", "x".repeat(10_000));
    let large = json!([{"chunks": [{"text": line, "times": 5000}]}]);
    for (limit, call) in under_each(Mode::Events(EVENTS), &large) {
        let stream = call.stream();
        // The socket is closed although nobody takes anything.
        eventually(&call.server, &call.base, |connections| {
            connections.len() == 1 && !connections[0]["closed_ms"].is_null()
        });
        let (seen, error) = drained(&stream);
        check(&error, limit, Phase::Body, AMPLE);
        assert_eq!(error.passed().unwrap().events, seen);
        assert!(seen < 5000);
    }
}

#[test]
fn a_head_that_does_not_come_ends_the_attempt_or_the_call() {
    let stall = json!([{"fault": {"kind": "stall", "at": "request"}, "repeat": true}]);
    let calls = under_each(Mode::Buffered, &stall);
    // The deadline ends the retries, too; a limit of the attempt does not.
    let mut call = limited(Mode::Buffered, Limit::Deadline, AMPLE);
    call.retry.max_retries = 5;
    let retried = Running::start(stall, call);
    for (limit, call) in calls {
        check(&call.fail().0.error, limit, Phase::Headers, AMPLE);
    }
    let (failure, requests) = retried.fail();
    check(&failure.error, Limit::Deadline, Phase::Headers, AMPLE);
    assert_eq!((requests, failure.error.attempts()), (1, 1));
}

#[test]
fn each_attempt_has_the_whole_of_its_limit() {
    let mut call = limited(Mode::Buffered, Limit::Total, AMPLE);
    call.retry.max_retries = 1;
    let stalled =
        json!([{"fault": {"kind": "stall", "at": "request"}}, {"json": {"a": 1}, "delay_ms": 60}]);
    let (outcome, requests) = run(stalled, call);
    let reply = outcome.unwrap();
    assert_eq!((reply.retries, requests), (1, 2));
    assert!(reply.elapsed > AMPLE);
}

#[test]
fn attempts_and_pauses_together_stay_within_the_deadline() {
    let busy = json!([
        {"status": 503, "headers": {"retry-after-ms": "1"}},
        {"status": 503, "headers": {"retry-after": "50"}, "repeat": true},
    ]);
    let allowed = Duration::from_secs(20);
    let mut call = limited(Mode::Buffered, Limit::Deadline, allowed);
    call.retry.max_retries = 1000;
    let (failure, requests) = failed(busy, call);
    // What the server said is worth more than that time is up, and it is said before time is up.
    assert_eq!(failure.error.code(), Code::Status);
    assert!(failure.elapsed < allowed, "{:?}", failure.elapsed);
    assert_eq!(requests, 2);
    assert_eq!(failure.error.attempts() as usize, requests);
    let why = &failure.error.causes()[0];
    assert!(why.contains("after the deadline of 20 s"), "{why}");
}

#[test]
fn a_pause_that_would_end_after_the_deadline_is_not_begun() {
    // The fifth pause is the core's own, of 6 s at least.
    let busy = json!({"status": 503, "headers": {"retry-after-ms": "1"}});
    let refused = json!([busy, busy, busy, busy, {"fault": {"kind": "reset", "at": "request"}, "repeat": true}]);
    let allowed = Duration::from_millis(5900);
    let mut call = limited(Mode::Buffered, Limit::Deadline, allowed);
    call.retry.max_retries = 10;
    let (failure, requests) = failed(refused, call);
    assert_eq!(failure.error.code(), Code::Interrupted);
    assert!(failure.elapsed < allowed);
    assert_eq!(requests, 5);
    assert!(
        failure.error.message().contains("not tried again"),
        "{}",
        failure.error
    );
}

#[test]
fn a_redirect_begins_a_limit_of_the_head_anew_and_no_limit_of_the_whole() {
    let to = json!({"location": "{base_url}/there"});
    let hops = json!([
        {"status": 307, "headers": to, "delay_ms": 3500},
        {"json": {"a": 1}, "delay_ms": 3500},
    ]);
    let mut call = options(Mode::Buffered, Timeouts::default());
    call.timeouts.first_byte = Some(Duration::from_secs(6));
    call.timeouts.read_head = Some(Duration::from_secs(6));
    let slow = Running::start(hops, call);
    let stalled = json!([
        {"status": 307, "headers": to},
        {"fault": {"kind": "stall", "at": "request"}},
    ]);
    for (limit, call) in under_each(Mode::Buffered, &stalled) {
        let (failure, requests) = call.fail();
        check(&failure.error, limit, Phase::Headers, AMPLE);
        assert_eq!(requests, 2);
    }
    assert_eq!(slow.settle().0.unwrap().head.status, 200);
}

#[test]
fn a_body_that_is_not_taken_is_limited_as_a_whole() {
    let calls = LIMITS.map(|limit| {
        let (done, wait) = mpsc::channel::<()>();
        let (base, thread) = raw_server(move |_socket| {
            let _ = wait.recv_timeout(PATIENCE);
        });
        let file = Temporary::new(limit.as_str(), b"");
        let opened = std::fs::File::options().write(true).open(&file.0).unwrap();
        opened.set_len(64 << 20).unwrap();
        let mut call = limited(Mode::Buffered, limit, AMPLE);
        call.timeouts.write = Some(Duration::from_secs(60));
        call.timeouts.first_byte = Some(Duration::from_millis(50));
        let body = Some(Content::Source(Some(64 << 20)));
        let pending = send(&client(), &base, body, vec![file.source(0, 64 << 20)], call);
        (limit, pending, file, done, thread)
    });
    for (limit, pending, _file, done, thread) in calls {
        // The limit of the head is shorter and does not count before the body is sent.
        check(
            &settle(&pending).unwrap_err().error,
            limit,
            Phase::Headers,
            AMPLE,
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
    let mut call = limited(Mode::Buffered, Limit::Deadline, AMPLE);
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
        AMPLE,
    );
}
