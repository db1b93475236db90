//! Streams over real sockets: reuse, closing, bounded memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use support::{
    EVENTS, PATIENCE, client, eventually, next, options, reply, script, server, start, stream,
    wire::until,
};
use tailrace_client::{Mode, Pop, Timeouts};
use tailrace_core::error::Code;

#[test]
fn events_come_in_order_and_then_the_end() {
    let server = server();
    let base = script(
        &server,
        json!([{"sse": [{"data": "1"}, {"data": "2"}, {"data": "[DONE]"}]}]),
    );
    let stream = stream(&client(), &base);
    for expected in ["1", "2"] {
        match next(&stream) {
            Pop::Event(event) => assert_eq!(event.data, expected),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(next(&stream), Pop::End));
    assert!(matches!(next(&stream), Pop::End));
    assert!(stream.is_over());
}

#[test]
fn a_connection_is_used_again_after_the_end_mark() {
    let server = server();
    let base = script(
        &server,
        json!([{"sse": [{"data": "1"}, {"data": "[DONE]"}, {"comment": "tail"}], "interval_ms": 5, "repeat": true}]),
    );
    let client = client();
    let mut streams = 0;
    // The tail is read in the background, where the next call may overtake it when the machine is slow.
    eventually(&server, &base, |connections| {
        connections.len() + 2 < streams || {
            let stream = stream(&client, &base);
            while !matches!(next(&stream), Pop::End) {}
            drop(stream);
            streams += 1;
            std::thread::sleep(Duration::from_millis(100));
            false
        }
    });
}

#[test]
fn dropping_or_closing_a_stream_closes_its_socket_at_once() {
    let server = server();
    let endless = json!([{"chunks": [{"text": "data: 1\n\n", "delay_ms": 20, "times": 1000}], "repeat": true}]);
    let dropped = script(&server, endless.clone());
    let closed = script(&server, endless);
    let client = client();

    let stream_to_drop = stream(&client, &dropped);
    assert!(matches!(next(&stream_to_drop), Pop::Event(_)));
    drop(stream_to_drop);
    eventually(&server, &dropped, |connections| {
        connections
            .iter()
            .all(|connection| connection["closed_by"] == "client")
    });

    let stream_to_close = stream(&client, &closed);
    assert!(matches!(next(&stream_to_close), Pop::Event(_)));
    stream_to_close.close();
    assert!(matches!(stream_to_close.pop(), Pop::End));
    eventually(&server, &closed, |connections| {
        connections
            .iter()
            .all(|connection| connection["closed_by"] == "client")
    });
}

#[test]
fn a_consumer_that_stops_reading_bounds_the_queue() {
    let server = server();
    let line = format!("data: {}\n\n", "x".repeat(1000));
    let base = script(
        &server,
        json!([{"chunks": [{"text": line, "times": 100_000}]}]),
    );
    let stream = stream(&client(), &base);
    assert!(stream.wait(PATIENCE));
    std::thread::sleep(Duration::from_millis(500));
    let mut events = VecDeque::new();
    stream.pop_up_to(usize::MAX, &mut events);
    let held: usize = events.iter().map(|event| event.data.len()).sum();
    // One burst may go past the limit of 256 KiB; 100 MB must not.
    assert!((1..600_000).contains(&held), "{held} bytes");
    // Taking them makes room, and the stream goes on.
    assert!(matches!(next(&stream), Pop::Event(_)));
}

#[test]
fn an_event_past_the_cap_fails_the_stream_after_what_came_before() {
    let server = server();
    let large = "x".repeat(2 << 20);
    let base = script(&server, json!([{"sse": [{"data": "1"}, {"data": large}]}]));
    let stream = stream(&client(), &base);
    assert!(matches!(next(&stream), Pop::Event(_)));
    match next(&stream) {
        Pop::Failed(failure) => {
            let error = &failure.error;
            assert_eq!(error.code(), Code::InvalidResponse);
            assert!(error.message().contains("1048576 bytes"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(next(&stream), Pop::End));
}

#[test]
fn a_waiter_is_notified_once_for_a_burst() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": [{"text": "data: 1\n\ndata: 2\n\ndata: 3\n\n", "delay_ms": 3000}]}]),
    );
    let stream = stream(&client(), &base);
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    stream.notify(Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    until("told", || told.load(Ordering::SeqCst) > 0);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(told.load(Ordering::SeqCst), 1);
    let mut events = VecDeque::new();
    stream.pop_up_to(4, &mut events);
    assert_eq!(events.len(), 3);
}

#[test]
fn dropping_a_call_in_flight_closes_its_socket() {
    let server = server();
    let base = script(
        &server,
        json!([{"fault": {"kind": "stall", "at": "request"}}]),
    );
    let pending = start(
        &client(),
        &base,
        options(Mode::Buffered, Timeouts::default()),
    );
    eventually(&server, &base, |connections| connections.len() == 1);
    drop(pending);
    eventually(&server, &base, |connections| {
        connections[0]["closed_by"] == "client"
    });
}

#[test]
fn a_cancelled_call_says_so() {
    let server = server();
    let base = script(
        &server,
        json!([{"fault": {"kind": "stall", "at": "request"}}]),
    );
    let pending = start(
        &client(),
        &base,
        options(Mode::Events(EVENTS), Timeouts::default()),
    );
    pending.cancel();
    let failure = support::settle(&pending).unwrap_err();
    assert_eq!(failure.error.code(), Code::Cancelled);
}

#[test]
fn a_thousand_streams_are_open_at_once() {
    let server = server();
    let base = script(
        &server,
        json!([{"chunks": [{"text": "data: 1\n\n"}, {"text": "data: 2\n\n", "delay_ms": 1500}], "repeat": true}]),
    );
    let client = client();
    let pending: Vec<_> = (0..1000)
        .map(|_| {
            start(
                &client,
                &base,
                options(Mode::Events(EVENTS), Timeouts::default()),
            )
        })
        .collect();
    let streams: Vec<_> = pending
        .iter()
        .map(|pending| support::settle(pending).unwrap().content.stream().unwrap())
        .collect();
    for expected in ["1", "2"] {
        for stream in &streams {
            match next(stream) {
                Pop::Event(event) => assert_eq!(event.data, expected),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_whole_reply_has_its_head_and_body() {
    let server = server();
    let base = script(
        &server,
        json!([{"json": {"a": 1}, "headers": {"x-request-id": "req_1"}}]),
    );
    let reply = reply(&client(), &base, Mode::Buffered);
    assert_eq!(reply.head.header("x-request-id"), Some("req_1"));
    assert_eq!(reply.content.whole().unwrap(), "{\"a\":1}");
    assert_eq!(reply.retries, 0);
}

#[test]
fn a_body_can_be_handed_on_as_it_comes() {
    let server = server();
    let text = ": note\n\ndata: 1\n\ndata: [DONE]\n\n";
    let base = script(&server, json!([{"chunks": [{"text": text}]}]));
    let stream = reply(&client(), &base, Mode::Chunks)
        .content
        .stream()
        .unwrap();
    let mut body = Vec::new();
    loop {
        match next(&stream) {
            Pop::Event(event) => body.extend_from_slice(&event.data),
            Pop::End => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(body, text.as_bytes());
}
