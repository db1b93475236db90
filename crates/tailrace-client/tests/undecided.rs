//! Replies whose body is left unread until the caller chooses, and calls that ask for headers between attempts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::result_large_err,
    reason = "tests"
)]

mod support;

use std::{io::Write, sync::mpsc, time::Duration};

use serde_json::{Value, json};
use support::{
    EVENTS, PATIENCE, client, eventually, next, options, raw_server, requests, script, server,
    settle, start, wire::request,
};
use tailrace_client::{
    CallOptions, Client, EventStream, Mode, Outcome, Pop, Reply, Settings, Timeouts, Unread,
};
use tailrace_core::error::{Code, Limit};

fn undecided(client: &Client, base: &str) -> Reply {
    undecided_within(client, base, Timeouts::default())
}

fn undecided_within(client: &Client, base: &str, timeouts: Timeouts) -> Reply {
    settle(&start(client, base, options(Mode::Undecided, timeouts))).unwrap()
}

fn unread(reply: Reply) -> Unread {
    reply.content.unread().unwrap()
}

fn read(reply: Reply) -> Outcome {
    let Reply {
        head,
        request,
        retries,
        content,
        ..
    } = reply;
    settle(&content.unread().unwrap().read(head, request, retries))
}

fn texts(stream: &EventStream) -> Vec<String> {
    let mut texts = Vec::new();
    loop {
        match next(stream) {
            Pop::Event(event) => texts.push(String::from_utf8(event.data.to_vec()).unwrap()),
            Pop::End => return texts,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_call_settles_at_the_head_and_the_body_can_be_read_whole() {
    // The body is sent when the call has settled, and not before.
    let (settled, wait) = mpsc::channel();
    let (base, thread) = raw_server(move |mut socket| {
        request(&mut socket);
        let head = "HTTP/1.1 200 OK\r\nx-request-id: r\r\ncontent-length: 7\r\n\r\n";
        socket.write_all(head.as_bytes()).unwrap();
        wait.recv_timeout(PATIENCE).unwrap();
        socket.write_all(b"{\"a\":1}").unwrap();
    });
    let reply = undecided(&client(), &base);
    assert_eq!(reply.head.header("x-request-id"), Some("r"));
    settled.send(()).unwrap();
    let whole = read(reply).unwrap();
    assert_eq!(whole.head.header("x-request-id"), Some("r"));
    assert_eq!(whole.content.whole().unwrap(), "{\"a\":1}");
    thread.join().unwrap();
}

#[test]
fn the_body_can_be_read_as_events_or_in_pieces() {
    let server = server();
    let events =
        json!([{"sse": [{"data": "1"}, {"data": "2"}, {"data": "[DONE]"}], "repeat": true}]);
    let base = script(&server, events);
    let client = client();
    let stream = unread(undecided(&client, &base)).events(EVENTS).unwrap();
    assert_eq!(texts(&stream), ["1", "2"]);
    let pieces = unread(undecided(&client, &base)).chunks().unwrap();
    assert_eq!(
        texts(&pieces).concat(),
        "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n"
    );
}

#[test]
fn an_unread_body_stays_in_the_socket() {
    let server = server();
    let piece = "x".repeat(1 << 20);
    let base = script(
        &server,
        json!([{"chunks": [{"text": piece, "times": 200}]}]),
    );
    let reply = undecided(&client(), &base);
    let sent = || requests(&server, &base)[0]["sent_bytes"].as_u64().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let before = sent();
    assert!(before < 32 << 20, "{before} bytes went to nobody");
    let stream = unread(reply).chunks().unwrap();
    let mut seen = 0;
    while let Pop::Event(event) = next(&stream) {
        assert!(!event.data.is_empty());
        seen += event.data.len();
    }
    assert_eq!(seen, 200 << 20);
}

#[test]
fn dropping_an_unread_body_closes_its_socket() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": [{"text": "x", "delay_ms": 20, "times": 1000}], "repeat": true}]),
    );
    let client = client();
    let reply = undecided(&client, &base);
    drop(reply);
    let closed = |connections: &[Value]| {
        connections
            .iter()
            .all(|connection| connection["closed_by"] == "client")
    };
    eventually(&server, &base, closed);
    // The same for a whole read that is given up.
    let Reply {
        head,
        request,
        content,
        ..
    } = undecided(&client, &base);
    let pending = content.unread().unwrap().read(head, request, 0);
    assert!(!pending.wait(Duration::from_millis(100)));
    drop(pending);
    eventually(&server, &base, closed);
}

#[test]
fn a_body_that_breaks_off_or_stalls_fails_the_read_and_is_not_retried() {
    let server = server();
    for (kind, allowed, code, limit) in [
        ("reset", 60_000, Code::Interrupted, None),
        ("stall", 150, Code::TimedOut, Some(Limit::Read)),
    ] {
        let timeouts = Timeouts {
            read_body: Some(Duration::from_millis(allowed)),
            ..Timeouts::default()
        };
        let base = script(
            &server,
            json!([{"text": "0123456789", "fault": {"kind": kind, "at": 5}, "repeat": true}]),
        );
        let failure = read(undecided_within(&client(), &base, timeouts)).unwrap_err();
        assert_eq!(failure.error.code(), code);
        assert_eq!(failure.error.passed().map(|passed| passed.limit), limit);
        assert!(failure.request.is_some());
        assert_eq!(requests(&server, &base).len(), 1);
    }
}

#[test]
fn the_limit_between_pieces_does_not_run_before_the_choice() {
    let server = server();
    let base = script(&server, json!([{"json": {"a": 1}}]));
    let timeouts = Timeouts {
        read_body: Some(Duration::from_millis(100)),
        idle: Some(Duration::from_millis(100)),
        first_byte: Some(Duration::from_secs(10)),
        reply: Some(Duration::from_millis(300)),
        ..Timeouts::default()
    };
    let reply = undecided_within(&client(), &base, timeouts);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(read(reply).unwrap().content.whole().unwrap(), "{\"a\":1}");
}

#[test]
fn the_limits_of_the_whole_also_run_before_the_choice() {
    let server = server();
    let allowed = Some(Duration::from_secs(4));
    let replies = [Limit::Total, Limit::Deadline].map(|limit| {
        // The body does not end, and the socket has nothing when the choice is made.
        let stall = json!([{"text": "0123456789", "fault": {"kind": "stall", "at": 5}}]);
        let base = script(&server, stall);
        let mut options = options(Mode::Undecided, Timeouts::default());
        match limit {
            Limit::Total => options.timeouts.total = allowed,
            _ => options.deadline = allowed,
        }
        (limit, settle(&start(&client(), &base, options)).unwrap())
    });
    std::thread::sleep(Duration::from_millis(4100));
    for (limit, reply) in replies {
        let failure = read(reply).unwrap_err();
        let passed = failure.error.passed().unwrap();
        assert_eq!(passed.limit, limit);
        assert!(passed.elapsed.unwrap() >= Duration::from_millis(4100));
    }
}

#[test]
fn an_error_status_is_retried_and_then_a_failure_with_its_body() {
    let server = server();
    let base = script(
        &server,
        json!([{"status": 503, "headers": {"retry-after-ms": "1"}}, {"status": 400, "text": "no"}]),
    );
    let mut options = options(Mode::Undecided, Timeouts::default());
    options.retry.max_retries = 2;
    let failure = settle(&start(&client(), &base, options)).unwrap_err();
    let (head, body) = failure.error.response().unwrap();
    assert_eq!((head.status.as_u16(), &**body), (400, &b"no"[..]));
    assert_eq!(failure.error.attempts(), 2);
}

#[test]
fn an_unread_body_keeps_its_place_among_the_connections() {
    let server = server();
    let base = script(&server, json!([{"json": {}, "repeat": true}]));
    let client = Client::new(Settings {
        max_connections: Some(1),
        ..Settings::default()
    });
    let within = |pool| {
        let timeouts = Timeouts {
            pool: Some(pool),
            ..Timeouts::default()
        };
        settle(&start(&client, &base, options(Mode::Buffered, timeouts)))
    };
    let held = undecided(&client, &base);
    let failure = within(Duration::from_millis(150)).unwrap_err();
    assert_eq!(failure.error.passed().unwrap().limit, Limit::Pool);
    read(held).unwrap();
    within(PATIENCE).unwrap();
    let dropped = undecided(&client, &base);
    drop(dropped);
    within(PATIENCE).unwrap();
}

fn renewing(max_retries: u32) -> CallOptions {
    let mut options = options(Mode::Buffered, Timeouts::default());
    options.retry.max_retries = max_retries;
    options.renews = true;
    options
}

fn key(request: &Value) -> &str {
    let headers = request["headers"].as_array().unwrap();
    let header = headers.iter().find(|header| header[0] == "authorization");
    header.unwrap()[1].as_str().unwrap()
}

#[test]
fn each_attempt_but_the_first_waits_for_new_headers() {
    let server = server();
    let busy = json!({"status": 503, "headers": {"retry-after-ms": "1"}});
    let base = script(&server, json!([busy, busy, {"json": {}}]));
    let pending = start(&client(), &base, renewing(2));
    for (attempt, value) in ["Bearer 2", "Bearer 3"].into_iter().enumerate() {
        assert!(pending.wait(PATIENCE));
        assert!(pending.needs_headers());
        assert!(pending.take().is_none());
        assert_eq!(requests(&server, &base).len(), attempt + 1);
        assert!(pending.renew(vec![("authorization".to_owned(), Some(value.to_owned()))]));
    }
    assert_eq!(settle(&pending).unwrap().retries, 2);
    assert!(!pending.renew(Vec::new()));
    let received = requests(&server, &base);
    let keys: Vec<&str> = received.iter().map(key).collect();
    assert_eq!(keys, ["Bearer key", "Bearer 2", "Bearer 3"]);
}

#[test]
fn a_call_that_waits_for_headers_tells_its_host_and_can_be_cancelled() {
    let server = server();
    let busy = json!([{"status": 503, "headers": {"retry-after-ms": "1"}, "repeat": true}]);
    let base = script(&server, busy);
    let pending = start(&client(), &base, renewing(2));
    let (tell, told) = std::sync::mpsc::channel();
    pending.notify(std::sync::Arc::new(move || {
        let _ = tell.send(());
    }));
    told.recv_timeout(PATIENCE).unwrap();
    assert!(pending.needs_headers());
    pending.cancel();
    assert!(!pending.needs_headers());
    assert_eq!(settle(&pending).unwrap_err().error.code(), Code::Cancelled);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(requests(&server, &base).len(), 1);
}

#[test]
fn a_header_that_cannot_be_sent_fails_the_call_without_showing_it() {
    let server = server();
    let busy = json!([{"status": 503, "headers": {"retry-after-ms": "1"}, "repeat": true}]);
    let base = script(&server, busy);
    let pending = start(&client(), &base, renewing(2));
    assert!(pending.wait(PATIENCE));
    let header = (
        "authorization".to_owned(),
        Some("Bearer secret\n".to_owned() + "x"),
    );
    assert!(pending.renew(vec![header]));
    let failure = settle(&pending).unwrap_err();
    assert_eq!(failure.error.code(), Code::InvalidRequest);
    assert!(!failure.error.to_string().contains("secret"));
}
