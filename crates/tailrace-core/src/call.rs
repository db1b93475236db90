//! One logical API call, from its first attempt to its outcome.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::StatusCode;

use crate::{
    error::{Error, Limit},
    request::{Request, Signer},
    response::Head,
    retry::{Asked, Decision, Policy},
};

/// A call in progress.
///
/// `Call` never reads a clock, opens a socket or draws a random number; the driver passes each of those in. The driver
/// asks [`Call::step`] what to do, does it, and reports with [`Call::on_head`] or [`Call::on_failure`].
#[derive(Debug)]
pub struct Call {
    request: Request,
    signer: Option<Arc<Signer>>,
    policy: Policy,
    deadline: Option<Duration>,
    accepts_any_status: bool,
    attempts: u32,
    is_final: bool,
    replaces: Replaces,
    /// The credentials were replaced, and may not be once more.
    is_replaced: bool,
    state: State,
}

/// How often the credentials of a request that the server refuses with 401 are replaced, and the request sent again,
/// beside all retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replaces {
    /// Never: 401 is the answer.
    #[default]
    Never,
    /// Once for each attempt (the official Python package).
    OncePerAttempt,
    /// Once (the official Node package).
    OncePerCall,
}

#[derive(Debug)]
enum State {
    Ready,
    InFlight,
    Refused,
    Waiting(Duration),
    /// Failed, and a retry after this pause is to be reviewed.
    Reviewed(Error, Duration),
    Accepted(Head),
    Failed(Error),
    Over,
}

/// What the driver knows of time and chance when it reports.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The wall clock, for dates in `retry-after`.
    pub now: SystemTime,
    /// Since the call began.
    pub elapsed: Duration,
    /// A random number in `0.0..1.0`.
    pub jitter: f64,
}

/// What the driver has to do next.
#[derive(Debug)]
pub enum Step<'a> {
    /// Send this request, then report.
    Send(&'a Request),
    /// Wait, then ask again.
    Sleep(Duration),
    /// The credentials were refused: get other ones, [`Call::renew`] with them, then ask again.
    Replace,
    /// Read the body of what failed, if there is one, and report it with [`Call::review`]. Only policies that look at
    /// bodies or ask the caller have this step.
    Review,
    /// The response is accepted; its body belongs to the caller.
    Accept(Head),
    /// The call is over.
    Fail(Error),
}

impl Call {
    /// A call that has not sent anything yet. No attempt follows that would begin `deadline` or later after the call.
    pub fn new(request: Request, policy: Policy, deadline: Option<Duration>) -> Self {
        Call {
            request,
            signer: None,
            policy,
            deadline,
            accepts_any_status: false,
            attempts: 0,
            is_final: false,
            replaces: Replaces::Never,
            is_replaced: false,
            state: State::Ready,
        }
    }

    /// Says how often refused credentials are replaced; without it they never are.
    #[must_use]
    pub fn replacing(mut self, replaces: Replaces) -> Self {
        self.replaces = replaces;
        self
    }

    /// Has every attempt from now on signed by `signer`; see [`Call::sign`].
    pub fn set_signer(&mut self, signer: Arc<Signer>) {
        self.signer = Some(signer);
    }

    /// Signs the attempt that is about to be made to `url`, if the call signs its attempts: asked before each step.
    pub fn sign(&mut self, url: &str, now: impl FnOnce() -> SystemTime) -> Result<(), Error> {
        if let (State::Ready, Some(signer)) = (&self.state, &self.signer) {
            // The signature covers the count.
            self.request.set_retry_count(self.attempts);
            self.request.sign(signer, url, now())?;
        }
        Ok(())
    }

    /// The same for a caller who wants every response, whatever its status.
    pub fn accepting_any_status(mut self) -> Self {
        self.accepts_any_status = true;
        self
    }

    /// What to do next.
    pub fn step(&mut self) -> Step<'_> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Ready => {
                self.request.set_retry_count(self.attempts);
                self.attempts += 1;
                self.state = State::InFlight;
                Step::Send(&self.request)
            }
            State::Waiting(delay) => {
                if self.replaces == Replaces::OncePerAttempt {
                    self.is_replaced = false;
                }
                self.state = State::Ready;
                Step::Sleep(delay)
            }
            State::Refused => {
                // What follows is the same attempt with other credentials.
                self.attempts = self.retries();
                self.is_replaced = true;
                self.state = State::Ready;
                Step::Replace
            }
            State::Reviewed(error, pause) => {
                self.state = State::Reviewed(error, pause);
                Step::Review
            }
            State::Accepted(head) => {
                // A body may still break off before any of it was handed over, and that is reported with `on_failure`.
                self.state = State::InFlight;
                Step::Accept(head)
            }
            State::Failed(error) => Step::Fail(error.after(self.attempts)),
            State::InFlight | State::Over => Step::Fail(Error::new(
                crate::error::Code::Internal,
                "the call was asked for a step out of turn; please report this to the tailrace project",
            )),
        }
    }

    /// The attempt in flight was answered with `head`.
    pub fn on_head(&mut self, head: Head, at: Moment) {
        self.state = if self.accepts_any_status || head.is_success() {
            State::Accepted(head)
        } else if head.status == StatusCode::UNAUTHORIZED && self.may_replace() {
            State::Refused
        } else {
            let pause = self
                .policy
                .after_response(&head, self.retries(), at.now, at.jitter);
            self.after_failure(Error::status(head), pause, at)
        };
    }

    /// The attempt in flight ended without a whole response.
    ///
    /// `error` comes from the transport (`connect_failed`, `timed_out`, `interrupted`), all of which are retried, or is
    /// final (`invalid_request`, `cancelled`, `internal`).
    pub fn on_failure(&mut self, error: Error, at: Moment) {
        use crate::error::Code;
        let transient = matches!(
            error.code(),
            Code::ConnectFailed | Code::TimedOut | Code::Interrupted
        );
        let is_over = error
            .passed()
            .is_some_and(|passed| passed.limit == Limit::Deadline);
        let pause = (transient && !is_over)
            .then(|| self.policy.after_failure(self.retries(), at.jitter))
            .flatten();
        self.state = self.after_failure(error.at(at.elapsed), pause, at);
    }

    fn after_failure(&self, error: Error, pause: Option<Duration>, at: Moment) -> State {
        match self.timely(error, pause, at) {
            (error, Some(pause)) if self.policy.is_reviewed() => State::Reviewed(error, pause),
            (_, Some(pause)) => State::Waiting(pause),
            (error, None) => State::Failed(error),
        }
    }

    /// Nobody waits for an attempt that could not begin before the deadline: what failed is said at once instead.
    fn timely(
        &self,
        error: Error,
        pause: Option<Duration>,
        at: Moment,
    ) -> (Error, Option<Duration>) {
        match (pause.filter(|_| !self.is_final), self.deadline) {
            (Some(pause), Some(deadline)) if at.elapsed.saturating_add(pause) >= deadline => {
                (error.out_of_time(pause, deadline), None)
            }
            (pause, _) => (error, pause),
        }
    }

    /// The body of what failed, or that none could be read. Gives what the caller is asked or told: the failure and the
    /// pause that would follow; the answer goes to [`Call::decide`]. `None` when that is settled without it.
    pub fn review(&mut self, body: Option<Bytes>) -> Option<(Error, Duration)> {
        let (error, pause) = match std::mem::replace(&mut self.state, State::Over) {
            State::Reviewed(error, pause) => (error, pause),
            other => {
                self.state = other;
                return None;
            }
        };
        let error = match body {
            Some(body) => error.with_body(body),
            None => error,
        };
        let said = error.response().map(|(_, body)| body);
        let is_ruled_out = self
            .policy
            .ruled_out
            .as_ref()
            .zip(said)
            .is_some_and(|(rule, body)| rule.is_said_by(body));
        if is_ruled_out {
            self.state = State::Failed(error);
            return None;
        }
        if self.policy.asked == Asked::Nothing {
            self.state = State::Waiting(pause);
            return None;
        }
        let asked = error.clone().after(self.attempts);
        self.state = State::Reviewed(error, pause);
        Some((asked, pause))
    }

    /// What the caller says to a retry that it was asked about; `None` when nobody could ask it.
    pub fn decide(&mut self, decision: Option<Decision>, at: Moment) {
        self.state = match std::mem::replace(&mut self.state, State::Over) {
            State::Reviewed(error, planned) => {
                let pause = match decision {
                    Some(Decision::Retry(pause)) => Some(pause),
                    None if self.policy.asked == Asked::Told => Some(planned),
                    Some(Decision::Stop) | None => None,
                };
                match self.timely(error, pause, at) {
                    (_, Some(pause)) => State::Waiting(pause),
                    (error, None) => State::Failed(error),
                }
            }
            other => other,
        };
    }

    /// Says that no attempt can follow the one in flight, because its body cannot be sent again.
    pub fn cannot_repeat(&mut self) {
        self.is_final = true;
    }

    /// Says that nobody is left who could replace refused credentials.
    pub fn cannot_replace(&mut self) {
        self.replaces = Replaces::Never;
    }

    fn may_replace(&self) -> bool {
        self.replaces != Replaces::Never && !self.is_replaced && !self.is_final
    }

    /// Merges headers over those of the request, before its next attempt; `None` removes one.
    pub fn renew(&mut self, headers: &[(&str, Option<&str>)]) -> Result<(), Error> {
        self.request.merge_headers(headers)
    }

    /// True while a failure of the attempt in flight could still be followed by another attempt.
    pub fn may_repeat(&self) -> bool {
        !self.is_final && self.retries() < self.policy.max_retries
    }

    /// The request, as the last attempt sent it.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Retries made so far: attempts after the first.
    pub fn retries(&self) -> u32 {
        self.attempts.saturating_sub(1)
    }

    /// Ends the call and gives back its request, as the last attempt sent it.
    pub fn into_request(self) -> Request {
        self.request
    }
}

#[cfg(test)]
mod tests {
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
}
