//! One decision: retry or not, and when.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{Backoff, RuledOut, retry_after, retry_after::as_duration};
use crate::response::Head;

/// What to do with a delay that the server asks for and that is longer than a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerDelay {
    /// Do not retry at all (the official Python package, above 120 s).
    RefuseAbove(Duration),
    /// Use the computed backoff instead (the official Node package, above 60 s).
    IgnoreAbove(Duration),
}

/// Whether the caller has a part in a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asked {
    /// None.
    #[default]
    Nothing,
    /// It is told of each one, and of those that nobody can tell it of it hears nothing.
    Told,
    /// It decides each one; without it there is none.
    Decides,
}

/// What the caller answers when it is asked about a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Try again after this pause.
    Retry(Duration),
    /// Fail with what happened.
    Stop,
}

/// How often a call is retried, after which pauses, and who has a say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Attempts after the first.
    pub max_retries: u32,
    /// The rule for long server delays.
    pub server_delay: ServerDelay,
    /// The pauses where the server asks for none.
    pub backoff: Backoff,
    /// What a failure may say that rules a retry out.
    pub ruled_out: Option<Arc<RuledOut>>,
    /// The caller's part.
    pub asked: Asked,
}

impl Policy {
    /// A policy with the official pauses, which decides alone.
    pub fn new(max_retries: u32, server_delay: ServerDelay) -> Self {
        Policy {
            max_retries,
            server_delay,
            backoff: Backoff::default(),
            ruled_out: None,
            asked: Asked::Nothing,
        }
    }

    /// Whether a retry needs more than the head of a failure: its body, or the caller.
    pub(crate) fn is_reviewed(&self) -> bool {
        self.ruled_out.is_some() || self.asked != Asked::Nothing
    }

    /// The delay before the next attempt after a response that is not success, or `None` to fail with it.
    ///
    /// `retries` counts the retries already made, `jitter` is a random number in `0.0..1.0`.
    pub fn after_response(
        &self,
        head: &Head,
        retries: u32,
        now: SystemTime,
        jitter: f64,
    ) -> Option<Duration> {
        if retries >= self.max_retries {
            return None;
        }
        let asked = retry_after(head, now);
        if let (Some(seconds), ServerDelay::RefuseAbove(limit)) = (asked, self.server_delay)
            && seconds > limit.as_secs_f64()
        {
            return None;
        }
        if !is_retryable(head) {
            return None;
        }
        let honoured = asked.filter(|seconds| self.honours(*seconds));
        Some(
            honoured
                .and_then(as_duration)
                .unwrap_or_else(|| self.backoff.pause(retries, jitter)),
        )
    }

    /// The delay before the next attempt after a failure without a response, or `None` to fail with it.
    pub fn after_failure(&self, retries: u32, jitter: f64) -> Option<Duration> {
        (retries < self.max_retries).then(|| self.backoff.pause(retries, jitter))
    }

    /// Zero asks for nothing in the official Python package and for an immediate retry in the Node one.
    fn honours(&self, seconds: f64) -> bool {
        match self.server_delay {
            ServerDelay::RefuseAbove(limit) => seconds > 0.0 && seconds <= limit.as_secs_f64(),
            ServerDelay::IgnoreAbove(limit) => seconds >= 0.0 && seconds <= limit.as_secs_f64(),
        }
    }
}

fn is_retryable(head: &Head) -> bool {
    match head.header("x-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => matches!(head.status.as_u16(), 408 | 409 | 429) || head.status.as_u16() >= 500,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};

    use super::*;

    const REFUSING: ServerDelay = ServerDelay::RefuseAbove(Duration::from_secs(120));
    const IGNORING: ServerDelay = ServerDelay::IgnoreAbove(Duration::from_secs(60));

    #[track_caller]
    fn check(
        server_delay: ServerDelay,
        status: u16,
        headers: &[(&'static str, &'static str)],
        expected: Option<u64>,
    ) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        let head = Head {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            version: Version::HTTP_11,
            url: String::new(),
        };
        let policy = Policy::new(2, server_delay);
        let delay = policy.after_response(&head, 0, SystemTime::UNIX_EPOCH, 0.0);
        assert_eq!(
            delay.map(|delay| delay.as_millis() as u64),
            expected,
            "status {status}"
        );
    }

    #[test]
    fn statuses_that_are_retried() {
        for status in [408, 409, 429, 500, 502, 503, 504, 529, 599] {
            check(REFUSING, status, &[], Some(500));
        }
        for status in [301, 304, 400, 401, 403, 404, 413, 422] {
            check(REFUSING, status, &[], None);
        }
    }

    #[test]
    fn x_should_retry_overrides_the_status() {
        check(REFUSING, 400, &[("x-should-retry", "true")], Some(500));
        check(REFUSING, 500, &[("x-should-retry", "false")], None);
        check(REFUSING, 500, &[("x-should-retry", "perhaps")], Some(500));
    }

    #[test]
    fn a_server_delay_replaces_the_backoff() {
        check(REFUSING, 429, &[("retry-after-ms", "120")], Some(120));
        check(REFUSING, 429, &[("retry-after", "120")], Some(120_000));
        check(REFUSING, 429, &[("retry-after", "0")], Some(500));
        check(IGNORING, 429, &[("retry-after", "0")], Some(0));
        check(REFUSING, 429, &[("retry-after", "-3")], Some(500));
        check(IGNORING, 429, &[("retry-after", "60")], Some(60_000));
    }

    #[test]
    fn a_delay_past_the_limit_refuses_or_is_ignored() {
        check(REFUSING, 429, &[("retry-after", "121")], None);
        check(
            REFUSING,
            429,
            &[("retry-after", "121"), ("x-should-retry", "true")],
            None,
        );
        check(IGNORING, 429, &[("retry-after", "61")], Some(500));
        check(REFUSING, 429, &[("retry-after", "inf")], None);
        check(IGNORING, 429, &[("retry-after", "inf")], Some(500));
        check(REFUSING, 429, &[("retry-after", "nan")], Some(500));
    }

    #[test]
    fn no_retry_is_left_after_the_last() {
        let policy = Policy::new(2, REFUSING);
        assert_eq!(
            policy.after_failure(1, 0.0),
            Some(Duration::from_millis(1000))
        );
        assert_eq!(policy.after_failure(2, 0.0), None);
    }
}
