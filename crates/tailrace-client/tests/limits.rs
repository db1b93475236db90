//! Each limit of an attempt passes by itself, and says which it was.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{net::TcpListener, time::Duration};

use serde_json::json;
use support::{EVENTS, client, failure, next, options, script, server, settle, start};
use tailrace_client::{Client, EventStream, Mode, Pop, Settings, Timeouts};
use tailrace_core::error::{Code, Error, Limit, Phase};

/// For limits before which nothing has to happen.
const SHORT: Option<Duration> = Some(Duration::from_millis(150));
/// For the others: longer than a busy machine stands still.
const AMPLE: Option<Duration> = Some(Duration::from_secs(4));
const LONG: Option<Duration> = Some(Duration::from_secs(60));

#[track_caller]
fn check(error: &Error, limit: Limit, phase: Phase, allowed: Option<Duration>) {
    assert_eq!(error.code(), Code::TimedOut, "{error}");
    let passed = error.passed().unwrap();
    assert_eq!((passed.limit, passed.phase), (limit, phase), "{error}");
    assert_eq!(passed.allowed, allowed);
    assert!(passed.elapsed >= allowed, "{error}");
    let said = if allowed == SHORT { "0.15 s" } else { "4 s" };
    assert!(error.message().contains(said), "{error}");
}

/// A stream that is begun now, so that the limits of several pass at the same time.
fn begin(base: &str, mode: Mode, timeouts: Timeouts) -> EventStream {
    let streamed = settle(&start(&client(), base, options(mode, timeouts)));
    streamed.unwrap().content.stream().unwrap()
}

#[test]
fn connecting_has_a_limit_of_its_own() {
    // A server that never answers the TLS handshake keeps the client connecting.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", silent.local_addr().unwrap());
    let timeouts = Timeouts {
        connect: SHORT,
        read_head: LONG,
        ..Timeouts::default()
    };
    check(
        &failure(&client(), &base, Mode::Buffered, timeouts).error,
        Limit::Connect,
        Phase::Connect,
        SHORT,
    );
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
    for (first_byte, read_head, limit) in [
        (SHORT, None, Limit::FirstByte),
        (None, SHORT, Limit::Read),
        (SHORT, LONG, Limit::FirstByte),
        (LONG, SHORT, Limit::Read),
    ] {
        let base = script(
            &server,
            json!([{"fault": {"kind": "stall", "at": "request"}}]),
        );
        let timeouts = Timeouts {
            connect: LONG,
            first_byte,
            read_head,
            ..Timeouts::default()
        };
        check(
            &failure(&client(), &base, Mode::Buffered, timeouts).error,
            limit,
            Phase::Headers,
            SHORT,
        );
    }
}

#[test]
fn a_part_of_the_head_ends_the_wait_for_the_first_byte() {
    let server = server();
    let half =
        json!([{"json": {}, "delay_ms": 1000, "fault": {"kind": "stall", "at": "mid_head"}}]);
    let base = script(&server, half);
    let timeouts = Timeouts {
        first_byte: AMPLE,
        read_head: Some(Duration::from_millis(4500)),
        ..Timeouts::default()
    };
    let error = failure(&client(), &base, Mode::Buffered, timeouts).error;
    let passed = error.passed().unwrap();
    assert_eq!(passed.limit, Limit::Read, "{error}");
    // It was heard of after a second, and from then on the limit began anew.
    assert!(
        passed.elapsed.unwrap() >= Duration::from_millis(5490),
        "{error}"
    );
}

#[test]
fn each_piece_of_a_body_has_a_limit() {
    let server = server();
    let stall =
        json!([{"sse": [{"data": "1"}], "fault": {"kind": "stall", "at": "end"}, "repeat": true}]);
    let base = script(&server, stall);
    let mut begun = Vec::new();
    for (at, limit) in [Limit::Read, Limit::Idle].into_iter().enumerate() {
        let of = |allowed| Timeouts {
            read_body: [allowed, None][at],
            idle: [None, allowed][at],
            ..Timeouts::default()
        };
        let whole = failure(&client(), &base, Mode::Buffered, of(SHORT)).error;
        check(&whole, limit, Phase::Body, SHORT);
        assert_eq!(whole.passed().unwrap().events, 0);
        for (mode, events) in [(Mode::Events(EVENTS), 1), (Mode::Chunks, 0)] {
            begun.push((begin(&base, mode, of(AMPLE)), limit, events));
        }
    }
    for (stream, limit, events) in begun {
        assert!(matches!(next(&stream), Pop::Event(_)));
        match next(&stream) {
            Pop::Failed(failure) => {
                let error = failure.error;
                check(&error, limit, Phase::Body, AMPLE);
                assert_eq!(error.passed().unwrap().events, events);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn comments_are_bytes_and_no_events() {
    let server = server();
    let commented = |times| {
        let comments = json!({"text": ": alive\n\n", "delay_ms": 100, "times": times});
        script(&server, json!([{"chunks": ["data: 1\n\n", comments]}]))
    };
    let limits = |read_body, idle| Timeouts {
        read_body,
        idle,
        ..Timeouts::default()
    };
    let silent = begin(&commented(200), Mode::Events(EVENTS), limits(LONG, AMPLE));
    // 4.5 s of comments are longer than the limit between two reads.
    let kept = begin(&commented(45), Mode::Events(EVENTS), limits(AMPLE, LONG));
    assert!(matches!(next(&silent), Pop::Event(_)));
    match next(&silent) {
        Pop::Failed(failure) => check(&failure.error, Limit::Idle, Phase::Body, AMPLE),
        other => panic!("{other:?}"),
    }
    assert!(matches!(next(&kept), Pop::Event(_)));
    assert!(matches!(next(&kept), Pop::End));
}

#[test]
fn pieces_that_come_in_time_reset_the_limit() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": [{"text": "data: 1\n\n", "delay_ms": 700, "times": 6}]}]),
    );
    let timeouts = Timeouts {
        read_body: AMPLE,
        idle: AMPLE,
        ..Timeouts::default()
    };
    let stream = begin(&base, Mode::Events(EVENTS), timeouts);
    for _ in 0..6 {
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
        read_body: AMPLE,
        idle: AMPLE,
        ..Timeouts::default()
    };
    let stream = begin(&base, Mode::Events(EVENTS), timeouts);
    std::thread::sleep(Duration::from_millis(4500));
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
        json!([{"chunks": [{"text": " ", "delay_ms": 20, "times": 1000}], "repeat": true}]),
    );
    let calls = [(AMPLE, None, Limit::Timeout), (None, AMPLE, Limit::Total)].map(
        |(reply, total, limit)| {
            let timeouts = Timeouts {
                reply,
                total,
                ..Timeouts::default()
            };
            (
                limit,
                start(&client(), &base, options(Mode::Buffered, timeouts)),
            )
        },
    );
    for (limit, call) in calls {
        check(&settle(&call).unwrap_err().error, limit, Phase::Body, AMPLE);
    }
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
        ..Settings::default()
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
        SHORT,
    );
    // A place is free again once its holder is gone.
    drop(first);
    let again = Timeouts {
        pool: LONG,
        first_byte: SHORT,
        ..Timeouts::default()
    };
    check(
        &failure(&client, &base, Mode::Buffered, again).error,
        Limit::FirstByte,
        Phase::Headers,
        SHORT,
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
