//! A caller who has a part in each retry, and failures that rule one out.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::result_large_err,
    reason = "test code"
)]

mod support;

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use serde_json::{Value, json};
use support::{PATIENCE, client, next, options, requests, script, server, settle, start};
use tailrace_client::{CallOptions, Mode, Pending, Pop, Proposal, Timeouts};
use tailrace_core::{
    error::Code,
    retry::{Asked, Decision, RuledOut},
};

fn asking(mode: Mode, asked: Asked) -> CallOptions {
    let mut options = options(mode, Timeouts::default());
    options.retry.max_retries = 2;
    options.retry.asked = asked;
    options
}

fn busy() -> Value {
    json!({"status": 503, "headers": {"retry-after-ms": "1"}, "json": {"why": "busy"}})
}

fn proposed(pending: &Pending) -> Proposal {
    assert!(pending.wait(PATIENCE));
    assert!(pending.take().is_none());
    pending.proposal().unwrap()
}

#[test]
fn each_retry_waits_for_the_caller_who_sees_the_whole_failure() {
    let server = server();
    let base = script(
        &server,
        json!([busy(), {"fault": {"kind": "reset", "at": "request"}}, {"json": {}}]),
    );
    let pending = start(&client(), &base, asking(Mode::Buffered, Asked::Decides));
    let Proposal { failure, delay } = proposed(&pending);
    assert_eq!(delay, Duration::from_millis(1));
    let (head, body) = failure.error.response().unwrap();
    assert_eq!(head.status, 503);
    assert_eq!(
        serde_json::from_slice::<Value>(body).unwrap(),
        json!({"why": "busy"})
    );
    assert_eq!(failure.error.attempts(), 1);
    // It is proposed once, and the call is not ready until it was decided.
    assert!(pending.proposal().is_none());
    assert!(!pending.wait(Duration::from_millis(20)));
    assert_eq!(requests(&server, &base).len(), 1);
    assert!(pending.decide(Decision::Retry(Duration::ZERO)));
    let second = proposed(&pending);
    assert_eq!(second.failure.error.code(), Code::Interrupted);
    assert_eq!(second.failure.error.attempts(), 2);
    assert!(pending.decide(Decision::Retry(Duration::ZERO)));
    assert_eq!(settle(&pending).unwrap().retries, 2);
    assert!(!pending.decide(Decision::Stop));
}

#[test]
fn a_retry_that_the_caller_stops_fails_with_what_happened() {
    let server = server();
    let base = script(&server, json!([busy(), {"json": {}}]));
    let pending = start(&client(), &base, asking(Mode::Buffered, Asked::Decides));
    proposed(&pending);
    assert!(pending.decide(Decision::Stop));
    let failure = settle(&pending).unwrap_err();
    assert!(!failure.error.response().unwrap().1.is_empty());
    assert_eq!(failure.error.attempts(), 1);
    assert_eq!(requests(&server, &base).len(), 1);
}

#[test]
fn a_caller_who_is_away_is_told_cancelled_or_late() {
    let server = server();
    let base = script(&server, json!([busy(), {"json": {}}]));
    let mut options = asking(Mode::Buffered, Asked::Decides);
    let pending = start(&client(), &base, options.clone());
    proposed(&pending);
    pending.cancel();
    assert!(!pending.decide(Decision::Retry(Duration::ZERO)));
    assert_eq!(settle(&pending).unwrap_err().error.code(), Code::Cancelled);
    let base = script(&server, json!([busy(), {"json": {}}]));
    options.deadline = Some(Duration::from_secs(6));
    let pending = start(&client(), &base, options);
    let (tell, told) = mpsc::channel();
    proposed(&pending);
    pending.notify(Arc::new(move || {
        let _ = tell.send(());
    }));
    told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(settle(&pending).unwrap_err().error.code(), Code::TimedOut);
}

#[test]
fn a_text_that_rules_a_retry_out_ends_the_call_with_its_body() {
    let server = server();
    let refused = json!({"status": 429, "json": {"a": {"b": "used up"}}});
    let base = script(&server, json!([refused, {"json": {}}]));
    let mut options = asking(Mode::Buffered, Asked::Nothing);
    options.retry.ruled_out = Some(Arc::new(RuledOut {
        places: vec![vec!["a".to_owned(), "b".to_owned()]],
        text: "used up".to_owned(),
    }));
    let failure = settle(&start(&client(), &base, options.clone())).unwrap_err();
    assert!(!failure.error.response().unwrap().1.is_empty());
    assert_eq!(requests(&server, &base).len(), 1);
    let base = script(&server, json!([busy(), {"json": {}}]));
    let reply = settle(&start(&client(), &base, options)).unwrap();
    assert_eq!(reply.retries, 1);
}

#[test]
fn a_stream_that_breaks_before_its_first_event_is_repeated_as_the_caller_says() {
    let server = server();
    let broken = || json!({"sse": [{"comment": "x"}], "fault": {"kind": "reset", "at": "end"}});
    let events = Mode::Events(support::EVENTS);
    let base = script(&server, json!([broken(), {"sse": [{"data": "1"}]}]));
    let reply = settle(&start(&client(), &base, asking(events, Asked::Told))).unwrap();
    let stream = reply.content.stream().unwrap();
    assert!(matches!(next(&stream), Pop::Event(_)));
    assert_eq!(requests(&server, &base).len(), 2);

    let exchanges = json!([broken(), broken(), {"sse": [{"data": "1"}]}]);
    let base = script(&server, exchanges);
    let pending = start(&client(), &base, asking(events, Asked::Decides));
    for attempts in 1..=2 {
        let Proposal { failure, .. } = proposed(&pending);
        assert_eq!(failure.error.code(), Code::Interrupted);
        assert_eq!(failure.error.attempts(), attempts);
        assert!(pending.decide(Decision::Retry(Duration::ZERO)));
    }
    let reply = settle(&pending).unwrap();
    assert_eq!(reply.retries, 2);
    let stream = reply.content.stream().unwrap();
    assert!(matches!(next(&stream), Pop::Event(_)));
    assert!(matches!(next(&stream), Pop::End));

    let base = script(&server, json!([broken(), {"sse": [{"data": "1"}]}]));
    let pending = start(&client(), &base, asking(events, Asked::Decides));
    proposed(&pending);
    assert!(pending.decide(Decision::Stop));
    let failure = settle(&pending).unwrap_err();
    assert_eq!(failure.error.code(), Code::Interrupted);
    assert_eq!(requests(&server, &base).len(), 1);
}

#[test]
fn a_caller_who_decides_has_a_stream_once_it_has_an_event_or_ends() {
    let server = server();
    let events = Mode::Events(support::EVENTS);
    let late_break = json!({"sse": [{"data": "1"}], "fault": {"kind": "reset", "at": "end"}});
    let base = script(&server, json!([late_break, {"sse": [{"data": "2"}]}]));
    let pending = start(&client(), &base, asking(events, Asked::Decides));
    let stream = settle(&pending).unwrap().content.stream().unwrap();
    assert!(matches!(next(&stream), Pop::Event(_)));
    assert!(matches!(next(&stream), Pop::Failed(_)));
    assert_eq!(requests(&server, &base).len(), 1);

    let base = script(&server, json!([{"sse": []}]));
    let pending = start(&client(), &base, asking(events, Asked::Decides));
    let stream = settle(&pending).unwrap().content.stream().unwrap();
    assert!(matches!(next(&stream), Pop::End));

    let silent = json!({"sse": [{"comment": "x"}], "fault": {"kind": "stall", "at": "end"}});
    let base = script(&server, json!([silent]));
    let pending = start(&client(), &base, asking(events, Asked::Decides));
    assert!(!pending.wait(Duration::from_millis(50)));
    pending.cancel();
    assert_eq!(settle(&pending).unwrap_err().error.code(), Code::Cancelled);
}
