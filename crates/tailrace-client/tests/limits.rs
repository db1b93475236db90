//! Each limit of an attempt passes by itself, and says which it was.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use serde_json::json;
use support::{EVENTS, client, failure, next, options, script, server, settle, start};
use tailrace_client::{Client, Mode, Pop, Settings, Timeouts};
use tailrace_core::error::{Code, Limit, Phase};

const SHORT: Option<Duration> = Some(Duration::from_millis(150));

#[track_caller]
fn check(error: &tailrace_core::error::Error, limit: Limit, phase: Phase) {
    assert_eq!(error.code(), Code::TimedOut, "{error}");
    let passed = error.passed().unwrap();
    assert_eq!((passed.limit, passed.phase), (limit, phase), "{error}");
    assert_eq!(passed.allowed, SHORT);
    assert!(passed.elapsed >= SHORT, "{error}");
    assert!(error.message().contains("0.15 s"), "{error}");
}

#[test]
fn connecting_has_a_limit_of_its_own() {
    // A server that never answers the TLS handshake keeps the client connecting.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", silent.local_addr().unwrap());
    let timeouts = Timeouts {
        connect: SHORT,
        read_head: Some(Duration::from_secs(30)),
        ..Timeouts::default()
    };
    let at = Instant::now();
    check(
        &failure(&client(), &base, Mode::Buffered, timeouts).error,
        Limit::Connect,
        Phase::Connect,
    );
    assert!(at.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_time_of_connecting_does_not_count_as_waiting_for_the_head() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", silent.local_addr().unwrap());
    let timeouts = Timeouts {
        connect: Some(Duration::from_millis(600)),
        first_byte: SHORT,
        read_head: SHORT,
        ..Timeouts::default()
    };
    let error = failure(&client(), &base, Mode::Buffered, timeouts).error;
    assert_eq!(error.passed().unwrap().limit, Limit::Connect, "{error}");
}

#[test]
fn the_head_has_two_limits_of_which_the_shorter_counts() {
    let server = server();
    let long = Some(Duration::from_secs(30));
    for (first_byte, read_head, limit) in [
        (SHORT, None, Limit::FirstByte),
        (None, SHORT, Limit::Read),
        (SHORT, long, Limit::FirstByte),
        (long, SHORT, Limit::Read),
    ] {
        let base = script(
            &server,
            json!([{"fault": {"kind": "stall", "at": "request"}}]),
        );
        let timeouts = Timeouts {
            connect: long,
            first_byte,
            read_head,
            ..Timeouts::default()
        };
        check(
            &failure(&client(), &base, Mode::Buffered, timeouts).error,
            limit,
            Phase::Headers,
        );
    }
}

#[test]
fn a_part_of_the_head_ends_the_wait_for_the_first_byte() {
    let server = server();
    let half = json!([{"json": {}, "delay_ms": 100, "fault": {"kind": "stall", "at": "mid_head"}}]);
    let base = script(&server, half);
    let timeouts = Timeouts {
        first_byte: Some(Duration::from_millis(200)),
        read_head: Some(Duration::from_millis(250)),
        ..Timeouts::default()
    };
    let error = failure(&client(), &base, Mode::Buffered, timeouts).error;
    let passed = error.passed().unwrap();
    assert_eq!(passed.limit, Limit::Read, "{error}");
    // It was heard of after 100 ms, and from then on the limit began anew.
    assert!(
        passed.elapsed.unwrap() >= Duration::from_millis(340),
        "{error}"
    );
}

#[test]
fn each_piece_of_a_body_has_a_limit() {
    let server = server();
    let stall =
        json!([{"sse": [{"data": "1"}], "fault": {"kind": "stall", "at": "end"}, "repeat": true}]);
    let base = script(&server, stall);
    for (read_body, idle, limit) in [(SHORT, None, Limit::Read), (None, SHORT, Limit::Idle)] {
        let timeouts = Timeouts {
            read_body,
            idle,
            ..Timeouts::default()
        };
        let whole = failure(&client(), &base, Mode::Buffered, timeouts).error;
        check(&whole, limit, Phase::Body);
        assert_eq!(whole.passed().unwrap().events, 0);

        for (mode, events) in [(Mode::Events(EVENTS), 1), (Mode::Chunks, 0)] {
            let streamed = settle(&start(&client(), &base, options(mode, timeouts)));
            let stream = streamed.unwrap().content.stream().unwrap();
            assert!(matches!(next(&stream), Pop::Event(_)));
            match next(&stream) {
                Pop::Failed(failure) => {
                    let error = failure.error;
                    check(&error, limit, Phase::Body);
                    assert_eq!(error.passed().unwrap().events, events);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn comments_are_bytes_and_no_events() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": ["data: 1\n\n", {"text": ": alive\n\n", "delay_ms": 60, "times": 20}], "repeat": true}]),
    );
    let limits = |read_body, idle| Timeouts {
        read_body: Some(Duration::from_millis(read_body)),
        idle: Some(Duration::from_millis(idle)),
        ..Timeouts::default()
    };
    let streamed = settle(&start(
        &client(),
        &base,
        options(Mode::Events(EVENTS), limits(500, 150)),
    ));
    let stream = streamed.unwrap().content.stream().unwrap();
    assert!(matches!(next(&stream), Pop::Event(_)));
    match next(&stream) {
        Pop::Failed(failure) => check(&failure.error, Limit::Idle, Phase::Body),
        other => panic!("{other:?}"),
    }
    // More than a second of comments is far longer than the limit between two reads.
    let streamed = settle(&start(
        &client(),
        &base,
        options(Mode::Events(EVENTS), limits(500, 10_000)),
    ));
    let stream = streamed.unwrap().content.stream().unwrap();
    assert!(matches!(next(&stream), Pop::Event(_)));
    assert!(matches!(next(&stream), Pop::End));
}

#[test]
fn pieces_that_come_in_time_reset_the_limit() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": [{"text": "data: 1\n\n", "delay_ms": 80, "times": 8}]}]),
    );
    let timeouts = Timeouts {
        read_body: Some(Duration::from_millis(400)),
        idle: Some(Duration::from_millis(400)),
        ..Timeouts::default()
    };
    let streamed = settle(&start(
        &client(),
        &base,
        options(Mode::Events(EVENTS), timeouts),
    ));
    let stream = streamed.unwrap().content.stream().unwrap();
    for _ in 0..8 {
        assert!(matches!(next(&stream), Pop::Event(_)));
    }
    assert!(matches!(next(&stream), Pop::End));
}

#[test]
fn a_slow_consumer_is_no_slow_server() {
    let server = server();
    let line = format!("data: {}\n\n", "x".repeat(10_000));
    let base = script(
        &server,
        json!([{"chunks": [{"text": line, "times": 2000}]}]),
    );
    let timeouts = Timeouts {
        read_body: SHORT,
        idle: SHORT,
        ..Timeouts::default()
    };
    let streamed = settle(&start(
        &client(),
        &base,
        options(Mode::Events(EVENTS), timeouts),
    ));
    let stream = streamed.unwrap().content.stream().unwrap();
    std::thread::sleep(Duration::from_millis(600));
    let mut seen = 0;
    loop {
        match next(&stream) {
            Pop::Event(_) => seen += 1,
            Pop::End => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, 2000);
}

#[test]
fn a_reply_as_a_whole_has_a_limit() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": [{"text": " ", "delay_ms": 20, "times": 500}], "repeat": true}]),
    );
    let at = Instant::now();
    for (reply, total, limit) in [(SHORT, None, Limit::Timeout), (None, SHORT, Limit::Total)] {
        let timeouts = Timeouts {
            reply,
            total,
            ..Timeouts::default()
        };
        check(
            &failure(&client(), &base, Mode::Buffered, timeouts).error,
            limit,
            Phase::Body,
        );
    }
    assert!(at.elapsed() < Duration::from_secs(5));
}

#[test]
fn places_below_the_connection_limit_are_waited_for() {
    let server = server();
    let base = script(
        &server,
        json!([{"fault": {"kind": "stall", "at": "request"}, "repeat": true}]),
    );
    let client = Client::new(Settings {
        max_connections: Some(1),
        env_proxies: false,
    });
    let first = start(&client, &base, options(Mode::Buffered, Timeouts::default()));
    support::eventually(&server, &base, |connections| connections.len() == 1);
    let timeouts = Timeouts {
        pool: SHORT,
        ..Timeouts::default()
    };
    check(
        &failure(&client, &base, Mode::Buffered, timeouts).error,
        Limit::Pool,
        Phase::Pool,
    );
    // A place is free again once its holder is gone.
    drop(first);
    let again = Timeouts {
        pool: Some(Duration::from_secs(10)),
        first_byte: SHORT,
        ..Timeouts::default()
    };
    check(
        &failure(&client, &base, Mode::Buffered, again).error,
        Limit::FirstByte,
        Phase::Headers,
    );
}

#[test]
fn nobody_listening_is_a_failed_connection() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let base = format!("http://127.0.0.1:{port}");
    let error = failure(&client(), &base, Mode::Buffered, Timeouts::default()).error;
    assert_eq!(error.code(), Code::ConnectFailed);
    assert!(error.message().contains(&format!("127.0.0.1:{port}")));
    assert!(!error.causes().is_empty());
}

#[test]
fn a_base_url_that_is_none_fails_without_sending() {
    for base in [
        "",
        "nonsense",
        "http://",
        "http://[::1",
        "https://host:99999/v1",
    ] {
        let failure = failure(&client(), base, Mode::Buffered, Timeouts::default());
        assert_eq!(failure.error.code(), Code::InvalidRequest, "{base}");
        assert_eq!(failure.error.attempts(), 0, "{base}");
    }
}

#[test]
fn a_limit_longer_than_any_clock_is_none() {
    let server = server();
    let base = script(&server, json!([{"sse": [{"data": "1"}], "repeat": true}]));
    let endless = Some(Duration::MAX);
    let timeouts = Timeouts {
        pool: endless,
        connect: endless,
        write: endless,
        first_byte: endless,
        read_head: endless,
        read_body: endless,
        idle: endless,
        total: endless,
        reply: endless,
    };
    let mut buffered = options(Mode::Buffered, timeouts);
    buffered.deadline = endless;
    let buffered = settle(&start(&client(), &base, buffered));
    assert_eq!(buffered.unwrap().head.status, 200);
    let streamed = settle(&start(
        &client(),
        &base,
        options(Mode::Events(EVENTS), timeouts),
    ));
    assert!(matches!(
        next(&streamed.unwrap().content.stream().unwrap()),
        Pop::Event(_)
    ));
}
