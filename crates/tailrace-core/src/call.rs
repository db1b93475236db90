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
mod tests;
