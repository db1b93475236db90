//! The steps of calls, as tables.

use std::sync::Arc;

use http::{HeaderMap, Version};

use super::*;
use crate::{
    error::{Code, Passed, Phase},
    request::{HeaderText, NullQuery, Options, QueryStyle, Space},
    retry::{RuledOut, ServerDelay},
};

fn call(max_retries: u32) -> Call {
    call_until(max_retries, None)
}

fn call_until(max_retries: u32, deadline: Option<Duration>) -> Call {
    let request = Request::build(Options {
        method: "POST",
        base_url: "http://127.0.0.1/v1",
        path: "/chat",
        query: None,
        query_style: QueryStyle {
            null: NullQuery::Skip,
            space: Space::Plus,
        },
        headers: &[],
        header_text: HeaderText::Utf8,
        retry_count_header: Some("x-stainless-retry-count"),
        body: None,
    })
    .unwrap();
    let server_delay = ServerDelay::RefuseAbove(Duration::from_secs(120));
    Call::new(request, Policy::new(max_retries, server_delay), deadline)
}

fn asking(asked: Asked) -> Call {
    let mut call = call_until(2, Some(Duration::from_secs(60)));
    call.policy.asked = asked;
    expect_send(&mut call, "0");
    call.on_head(head(503), after(5));
    assert!(matches!(call.step(), Step::Review));
    call
}

#[track_caller]
fn expect_failure(call: &mut Call, body: &[u8]) {
    match call.step() {
        Step::Fail(error) => assert_eq!(error.response().unwrap().1, body),
        other => panic!("expected a failure, got {other:?}"),
    }
}

#[test]
fn the_caller_is_told_what_failed_and_decides() {
    let mut call = asking(Asked::Decides);
    let (error, pause) = call.review(Some(Bytes::from_static(b"busy"))).unwrap();
    assert_eq!((error.attempts(), pause.as_millis()), (1, 500));
    assert_eq!(error.response().unwrap().1, "busy".as_bytes());
    let decision = Decision::Retry(Duration::from_millis(7));
    call.decide(Some(decision), after(6));
    expect_sleep(&mut call, 7);
    expect_send(&mut call, "1");
    call.on_failure(Error::new(Code::Interrupted, "reset"), after(20));
    assert!(matches!(call.step(), Step::Review));
    assert_eq!(call.review(None).unwrap().0.code(), Code::Interrupted);
    call.decide(Some(Decision::Stop), after(20));
    assert!(matches!(call.step(), Step::Fail(error) if error.attempts() == 2));
}

#[test]
fn a_pause_that_the_caller_names_is_held_to_the_deadline() {
    let mut call = asking(Asked::Decides);
    call.review(Some(Bytes::from_static(b"busy"))).unwrap();
    let decision = Decision::Retry(Duration::from_secs(60));
    call.decide(Some(decision), after(6));
    expect_failure(&mut call, b"busy");
}

#[test]
fn without_a_caller_only_those_that_are_told_go_on() {
    let mut told = asking(Asked::Told);
    told.review(None).unwrap();
    told.decide(None, after(6));
    expect_sleep(&mut told, 500);
    let mut decides = asking(Asked::Decides);
    decides.review(None).unwrap();
    decides.decide(None, after(6));
    expect_failure(&mut decides, b"");
}

#[test]
fn a_body_that_rules_a_retry_out_ends_the_call_and_another_does_not() {
    for (body, is_final) in [
        ("{\"a\":\"used up\"}", true),
        ("{\"a\":\"slow down\"}", false),
    ] {
        let mut call = call(2);
        call.policy.ruled_out = Some(Arc::new(RuledOut {
            places: vec![vec!["a".to_owned()]],
            text: "used up".to_owned(),
        }));
        expect_send(&mut call, "0");
        call.on_head(head(429), after(0));
        assert!(matches!(call.step(), Step::Review));
        assert!(call.review(Some(Bytes::from(body))).is_none());
        if is_final {
            expect_failure(&mut call, body.as_bytes());
        } else {
            expect_sleep(&mut call, 500);
        }
    }
}

#[test]
fn the_last_failure_is_not_reviewed() {
    let mut call = call(0);
    call.policy.asked = Asked::Decides;
    expect_send(&mut call, "0");
    call.on_head(head(503), after(0));
    assert!(matches!(call.step(), Step::Fail(_)));
}

fn after(milliseconds: u64) -> Moment {
    Moment {
        now: SystemTime::UNIX_EPOCH,
        elapsed: Duration::from_millis(milliseconds),
        jitter: 0.0,
    }
}

fn head(status: u16) -> Head {
    Head {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        version: Version::HTTP_11,
        url: String::new(),
    }
}

#[track_caller]
fn expect_send(call: &mut Call, retry_count: &str) {
    match call.step() {
        Step::Send(request) => {
            assert_eq!(request.headers()["x-stainless-retry-count"], retry_count);
        }
        other => panic!("expected a request, got {other:?}"),
    }
}

#[track_caller]
fn expect_sleep(call: &mut Call, milliseconds: u64) {
    match call.step() {
        Step::Sleep(delay) => assert_eq!(delay, Duration::from_millis(milliseconds)),
        other => panic!("expected a sleep, got {other:?}"),
    }
}

#[test]
fn success_is_accepted_at_once() {
    let mut call = call(2);
    expect_send(&mut call, "0");
    call.on_head(head(200), after(0));
    assert!(matches!(call.step(), Step::Accept(_)));
}

#[test]
fn any_status_is_accepted_from_whom_any_is_wanted() {
    let mut call = call(2).accepting_any_status();
    expect_send(&mut call, "0");
    call.on_head(head(500), after(0));
    assert!(matches!(call.step(), Step::Accept(_)));
}

#[test]
fn failures_are_retried_until_none_is_left() {
    let mut call = call(2);
    expect_send(&mut call, "0");
    call.on_head(head(503), after(0));
    expect_sleep(&mut call, 500);
    expect_send(&mut call, "1");
    call.on_failure(Error::new(Code::Interrupted, "reset"), after(0));
    expect_sleep(&mut call, 1000);
    expect_send(&mut call, "2");
    call.on_head(head(500), after(0));
    match call.step() {
        Step::Fail(error) => {
            assert_eq!(error.code(), Code::Status);
            assert_eq!(error.attempts(), 3);
        }
        other => panic!("expected a failure, got {other:?}"),
    }
}

#[test]
fn a_buffered_body_that_breaks_off_is_retried() {
    let mut call = call(1);
    expect_send(&mut call, "0");
    call.on_head(head(200), after(0));
    assert!(matches!(call.step(), Step::Accept(_)));
    call.on_failure(Error::new(Code::Interrupted, "reset"), after(0));
    expect_sleep(&mut call, 500);
    expect_send(&mut call, "1");
}

#[test]
fn a_cancelled_call_is_not_retried() {
    let mut call = call(2);
    expect_send(&mut call, "0");
    call.on_failure(Error::new(Code::Cancelled, "cancelled"), after(0));
    assert!(matches!(call.step(), Step::Fail(_)));
}

#[test]
fn a_call_that_cannot_repeat_fails_at_once() {
    let mut calls = [call(2), call(2)];
    for call in &mut calls {
        expect_send(call, "0");
        call.cannot_repeat();
    }
    let [refused, broken] = &mut calls;
    refused.on_head(head(503), after(0));
    broken.on_failure(Error::new(Code::Interrupted, "reset"), after(0));
    assert!(matches!(refused.step(), Step::Fail(error) if error.code() == Code::Status));
    assert!(matches!(broken.step(), Step::Fail(error) if error.code() == Code::Interrupted));
}

#[test]
fn renewed_headers_go_with_the_next_attempt() {
    let mut call = call(2);
    expect_send(&mut call, "0");
    call.on_head(head(503), after(0));
    expect_sleep(&mut call, 500);
    call.renew(&[("Authorization", Some("Bearer 2"))]).unwrap();
    match call.step() {
        Step::Send(request) => assert_eq!(request.headers()["authorization"], "Bearer 2"),
        other => panic!("expected a request, got {other:?}"),
    }
    assert!(call.renew(&[("Authorization", Some("a\nb"))]).is_err());
}

#[test]
fn refused_credentials_are_replaced_once_beside_the_retries() {
    // Statuses in turn, and what is sent as the number of retries for each.
    let statuses = [401, 503, 401, 401];
    let cases: [(Replaces, &[&str]); 3] = [
        (Replaces::Never, &["0"]),
        (Replaces::OncePerAttempt, &["0", "0", "1", "1"]),
        (Replaces::OncePerCall, &["0", "0", "1"]),
    ];
    for (replaces, sent) in cases {
        let mut call = call(2).replacing(replaces);
        for (status, retry_count) in statuses.into_iter().zip(sent) {
            expect_send(&mut call, retry_count);
            call.on_head(head(status), after(0));
            match (status, call.step()) {
                (401, Step::Replace) => call.renew(&[("Authorization", Some("2"))]).unwrap(),
                (503, Step::Sleep(_)) => {}
                (401, Step::Fail(error)) => {
                    assert_eq!(error.code(), Code::Status);
                    assert_eq!(Some(retry_count), sent.last());
                }
                (status, other) => panic!("{replaces:?}, {status}: {other:?}"),
            }
        }
    }
    let mut once = call(0).replacing(Replaces::OncePerAttempt);
    expect_send(&mut once, "0");
    once.cannot_repeat();
    once.on_head(head(401), after(0));
    assert!(matches!(once.step(), Step::Fail(_)));
}

#[test]
fn each_attempt_is_signed_anew() {
    let mut call = call(2);
    let signature = |call: &mut Call, seconds: u64| {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        call.sign("http://127.0.0.1/v1/chat", || now).unwrap();
        match call.step() {
            Step::Send(request) => {
                let headers = request.headers();
                let text = |name: &str| headers[name].to_str().unwrap().to_owned();
                (text("x-amz-date"), text("authorization"))
            }
            other => panic!("expected a request, got {other:?}"),
        }
    };
    let signer = |key: &str| {
        Arc::new(Signer::new(
            key.to_owned(),
            "secret".to_owned(),
            None,
            "r".to_owned(),
            "s".to_owned(),
        ))
    };
    call.set_signer(signer("first"));
    let (date, first) = signature(&mut call, 0);
    assert_eq!(date, "19700101T000000Z");
    assert!(first.contains("Credential=first/19700101/r/s/aws4_request"));
    assert!(first.contains("x-stainless-retry-count"));
    call.on_head(head(503), after(0));
    expect_sleep(&mut call, 500);
    let (date, again) = signature(&mut call, 1);
    assert_eq!(date, "19700101T000001Z");
    assert_ne!(again, first);
    call.on_head(head(503), after(0));
    expect_sleep(&mut call, 1000);
    call.set_signer(signer("second"));
    assert!(signature(&mut call, 2).1.contains("Credential=second/"));
}

#[test]
fn a_pause_that_would_end_after_the_deadline_is_not_waited_for() {
    // The first pause is half a second.
    for (elapsed, is_retried) in [(0, true), (499, true), (500, false), (2000, false)] {
        let deadline = Some(Duration::from_millis(1000));
        let mut calls = [call_until(2, deadline), call_until(2, deadline)];
        for call in &mut calls {
            expect_send(call, "0");
        }
        let [refused, broken] = &mut calls;
        refused.on_head(head(503), after(elapsed));
        broken.on_failure(Error::new(Code::Interrupted, "reset"), after(elapsed));
        if is_retried {
            expect_sleep(refused, 500);
            expect_sleep(broken, 500);
            continue;
        }
        let why =
            "not tried again, because the pause of 0.50 s would end after the deadline of 1 s";
        match refused.step() {
            Step::Fail(error) => {
                assert_eq!(error.code(), Code::Status);
                assert_eq!(error.causes(), [why]);
                assert_eq!(error.attempts(), 1);
            }
            other => panic!("expected a failure, got {other:?}"),
        }
        match broken.step() {
            Step::Fail(error) => {
                assert_eq!(error.code(), Code::Interrupted);
                assert_eq!(error.message(), format!("reset; {why}"));
            }
            other => panic!("expected a failure, got {other:?}"),
        }
    }
}

#[test]
fn a_failure_that_is_final_says_nothing_of_the_deadline() {
    let mut call = call_until(0, Some(Duration::from_millis(1)));
    expect_send(&mut call, "0");
    call.on_failure(Error::new(Code::Interrupted, "reset"), after(5));
    assert!(matches!(call.step(), Step::Fail(error) if error.message() == "reset"));
}

#[test]
fn a_limit_that_passed_is_tried_again_unless_it_is_the_deadline() {
    for limit in Limit::ALL {
        let mut call = call_until(2, Some(Duration::from_secs(60)));
        expect_send(&mut call, "0");
        let passed = Passed::new(limit, Phase::Headers, Duration::from_millis(40));
        call.on_failure(Error::timed_out(passed), after(70));
        match call.step() {
            Step::Sleep(_) => assert_ne!(limit, Limit::Deadline),
            Step::Fail(error) => {
                assert_eq!(limit, Limit::Deadline);
                let elapsed = error.passed().and_then(|passed| passed.elapsed);
                assert_eq!(elapsed, Some(Duration::from_millis(70)));
                assert!(
                    error.message().contains("0.07 s after the call began"),
                    "{error}"
                );
            }
            other => panic!("expected a pause or a failure, got {other:?}"),
        }
    }
}

#[test]
fn a_step_out_of_turn_is_an_internal_error_and_no_panic() {
    let mut call = call(2);
    expect_send(&mut call, "0");
    match call.step() {
        Step::Fail(error) => assert_eq!(error.code(), Code::Internal),
        other => panic!("expected a failure, got {other:?}"),
    }
}
