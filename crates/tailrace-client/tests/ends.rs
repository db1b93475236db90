//! How streams end: in order, broken, closed, and tried again while nothing was handed over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::time::Duration;

use serde_json::json;
use support::{EVENTS, client, next, options, requests, script, server, settle, start, stream};
use tailrace_client::{CallOptions, Ended, EventStream, Mode, Pop, Timeouts};
use tailrace_core::error::Code;

/// A stream that may be tried again twice.
fn repeated(base_url: &str, mode: Mode, timeouts: Timeouts) -> EventStream {
    let mut options: CallOptions = options(mode, timeouts);
    options.retry.max_retries = 2;
    let reply = settle(&start(&client(), base_url, options)).unwrap();
    match mode {
        Mode::Undecided => reply.content.unread().unwrap().events(EVENTS).unwrap(),
        _ => reply.content.stream().unwrap(),
    }
}

/// The data of all events, and what came after them.
fn drained(stream: &EventStream) -> (Vec<String>, Pop) {
    let mut texts = Vec::new();
    loop {
        match next(stream) {
            Pop::Event(event) => texts.push(String::from_utf8(event.data.to_vec()).unwrap()),
            other => return (texts, other),
        }
    }
}

#[test]
fn the_consumer_learns_how_a_stream_ended_once_it_has_seen_the_end() {
    let server = server();
    for (exchange, expected) in [
        (
            json!({"sse": [{"data": "1"}, {"data": "[DONE]"}]}),
            Ended::Done,
        ),
        (json!({"sse": [{"data": "1"}]}), Ended::Input),
        (
            json!({"sse": [{"data": "1"}], "fault": {"kind": "close", "at": "end"}}),
            Ended::Broken,
        ),
    ] {
        let stream = stream(&client(), &script(&server, json!([exchange])));
        assert!(matches!(next(&stream), Pop::Event(_)));
        assert_eq!(stream.ended(), None, "the end was not seen yet");
        match (next(&stream), expected) {
            (Pop::End, Ended::Done | Ended::Input) => {}
            (Pop::Failed(failure), Ended::Broken) => {
                let received = failure.error.received().unwrap();
                assert_eq!((received.events, received.bytes), (1, 1));
                assert_eq!(received.first, received.last);
            }
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(stream.ended(), Some(expected));
        assert_eq!(stream.received().last.unwrap().data, "1");
        stream.close();
        assert_eq!(
            stream.ended(),
            Some(expected),
            "closing comes too late to change it"
        );
    }
}

#[test]
fn a_stream_that_is_closed_says_so() {
    let server = server();
    let base = script(
        &server,
        json!([{"sse": [{"data": "1"}, {"data": "[DONE]"}]}]),
    );
    let stream = stream(&client(), &base);
    assert!(matches!(next(&stream), Pop::Event(_)));
    stream.close();
    assert_eq!(stream.ended(), Some(Ended::Closed));
    assert!(matches!(stream.pop(), Pop::End));
}

#[test]
fn a_break_before_the_first_event_is_tried_again() {
    let server = server();
    let broken = |at| json!({"sse": [{"comment": "wait"}, {"data": "1"}], "fault": {"kind": "close", "at": at}});
    for mode in [Mode::Events(EVENTS), Mode::Undecided] {
        let base = script(
            &server,
            json!([
                broken(5),
                {"status": 503, "headers": {"retry-after-ms": "1"}, "text": "later"},
                {"sse": [{"data": "2"}, {"data": "[DONE]"}]},
            ]),
        );
        let (texts, end) = drained(&repeated(&base, mode, Timeouts::default()));
        assert_eq!(texts, ["2"]);
        assert!(matches!(end, Pop::End));
        assert_eq!(requests(&server, &base).len(), 3);
    }
}

#[test]
fn a_limit_before_the_first_event_is_a_failed_attempt() {
    let server = server();
    let stalled = json!({"sse": [{"comment": "wait"}], "fault": {"kind": "stall", "at": "end"}});
    let base = script(
        &server,
        json!([stalled, {"sse": [{"data": "2"}, {"data": "[DONE]"}]}]),
    );
    let timeouts = Timeouts {
        read_body: Some(Duration::from_millis(100)),
        ..Timeouts::default()
    };
    let (texts, end) = drained(&repeated(&base, Mode::Events(EVENTS), timeouts));
    assert_eq!(texts, ["2"]);
    assert!(matches!(end, Pop::End));
}

#[test]
fn the_failure_of_the_last_attempt_ends_the_stream() {
    let server = server();
    let base = script(
        &server,
        json!([
            {"sse": [], "fault": {"kind": "close", "at": "end"}},
            {"status": 400, "json": {"error": {"message": "no"}}},
        ]),
    );
    match drained(&repeated(&base, Mode::Events(EVENTS), Timeouts::default())) {
        (texts, Pop::Failed(failure)) => {
            assert!(texts.is_empty());
            assert_eq!(failure.error.code(), Code::Status);
            assert_eq!(failure.error.attempts(), 2);
            let (head, body) = failure.error.response().unwrap();
            assert_eq!(head.status, 400);
            assert!(body.starts_with(b"{\"error\""));
            assert!(failure.request.is_some());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn after_an_event_nothing_is_tried_again() {
    let server = server();
    let base = script(
        &server,
        json!([
            {"sse": [{"data": "1"}], "fault": {"kind": "close", "at": "end"}},
            {"sse": [{"data": "2"}, {"data": "[DONE]"}]},
        ]),
    );
    match drained(&repeated(&base, Mode::Events(EVENTS), Timeouts::default())) {
        (texts, Pop::Failed(failure)) => {
            assert_eq!(texts, ["1"]);
            assert_eq!(failure.error.code(), Code::Interrupted);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(requests(&server, &base).len(), 1);
}
