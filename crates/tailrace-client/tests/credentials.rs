//! Tokens that are exchanged over real sockets: who asks, who waits, what a cancelled call leaves to the next.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use serde_json::json;
use support::{PATIENCE, client, options, script, server};
use tailrace_client::{Credentials, Exchanging, Mode, Pending, Timeouts};
use tailrace_core::{
    credentials::{Rules, Secret, Terms},
    error::Code,
};

fn credentials(url: &str, shares_failures: bool) -> Credentials {
    Credentials::new(Exchanging {
        url: format!("{url}/chat/completions"),
        terms: Terms {
            subject_token_type: Some("urn:kind".to_owned()),
            fields: vec![("provider".to_owned(), "p".to_owned())],
        },
        asks_subject: true,
        rules: Rules {
            ahead: Duration::from_secs(1200),
            default_lifetime: None,
            bearer_only: false,
        },
        falls_back: true,
        shares_failures,
    })
}

fn granting(token: &str) -> serde_json::Value {
    json!({"status": 200, "json": {"access_token": token, "expires_in": 3600}})
}

fn start(credentials: &Credentials) -> Pending {
    credentials.start(&client(), options(Mode::Buffered, Timeouts::default()))
}

/// Waits for a call that must want the subject token, and gives it one.
fn answer(pending: &Pending) {
    assert!(pending.wait(PATIENCE));
    assert!(pending.needs_subject());
    assert!(pending.subject(Secret::from("subject")));
}

fn token(pending: &Pending) -> String {
    assert!(pending.wait(PATIENCE));
    pending.take_token().unwrap().expose().to_owned()
}

#[test]
fn many_calls_make_one_exchange_and_share_its_token() {
    let server = server();
    let base = script(&server, json!([granting("a"), granting("b")]));
    let credentials = credentials(&base, false);
    assert!(credentials.token().is_none());
    let first = start(&credentials);
    assert!(first.wait(PATIENCE));
    let others: Vec<_> = (0..5).map(|_| start(&credentials)).collect();
    answer(&first);
    assert_eq!(token(&first), "a");
    for other in &others {
        assert_eq!(token(other), "a");
    }
    assert_eq!(token(&start(&credentials)), "a");
    assert_eq!(credentials.fresh(), Some(Secret::from("a")));

    // A token that a server refused is given up once, however many calls say so.
    credentials.refuse("a");
    let next = start(&credentials);
    answer(&next);
    assert_eq!(token(&next), "b");
    credentials.refuse("a");
    assert_eq!(credentials.fresh(), Some(Secret::from("b")));
}

#[test]
fn a_call_that_is_given_up_leaves_the_exchange_to_the_next() {
    let server = server();
    let base = script(&server, json!([granting("a")]));
    let credentials = credentials(&base, false);
    let first = start(&credentials);
    assert!(first.wait(PATIENCE));
    let second = start(&credentials);
    first.cancel();
    answer(&second);
    assert_eq!(token(&second), "a");
}

#[test]
fn a_failed_exchange_is_tried_by_the_next_or_shared() {
    for shares_failures in [false, true] {
        let server = server();
        let refusal = json!({"status": 401, "json": {"error": "invalid_grant"}, "delay_ms": 100});
        let base = script(&server, json!([refusal, granting("a")]));
        let credentials = credentials(&base, shares_failures);
        let first = start(&credentials);
        assert!(first.wait(PATIENCE));
        let second = start(&credentials);
        answer(&first);
        assert!(first.wait(PATIENCE));
        let failure = first.take().unwrap().unwrap_err();
        assert_eq!(failure.error.response().unwrap().0.status, 401);
        assert!(second.wait(PATIENCE));
        if second.needs_subject() {
            answer(&second);
            assert_eq!(token(&second), "a");
        } else {
            assert!(shares_failures);
            let failure = second.take().unwrap().unwrap_err();
            assert_eq!(failure.error.response().unwrap().0.status, 401);
        }
    }
}

#[test]
fn an_answer_without_a_token_is_a_failure() {
    let server = server();
    let base = script(&server, json!([{"status": 200, "json": {"expires_in": 5}}]));
    let credentials = credentials(&base, false);
    let pending = start(&credentials);
    answer(&pending);
    assert!(pending.wait(PATIENCE));
    let failure = pending.take().unwrap().unwrap_err();
    assert_eq!(failure.error.code(), Code::InvalidResponse);
    assert!(credentials.token().is_none());
    assert!(!format!("{credentials:?}").contains("subject\""));
}
