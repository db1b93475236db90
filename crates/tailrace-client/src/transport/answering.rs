//! Waiting for the head of an answer, whatever version of HTTP it comes by.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tailrace_core::error::{Error, Phase};
use tokio::time::Instant;

use super::{http1, http2};
use crate::{client::Timeouts, limits};

/// A request that was begun, in either version.
pub(super) trait Begun {
    type Answer;
    type Fault;

    /// Sends, and waits for the head of the answer.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Answer, Self::Fault>>;
    /// True while a body that is sent piece by piece is not whole.
    fn is_uploading(&self) -> bool;
    /// When something of the request was last taken.
    fn moved(&self) -> Instant;
    /// When a part of the head last came that did not complete it.
    fn heard(&self) -> Option<Instant>;
}

impl Begun for http1::Exchange {
    type Answer = http1::Answer;
    type Fault = http1::Fault;

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Answer, Self::Fault>> {
        http1::Exchange::poll_head(self, cx)
    }

    fn is_uploading(&self) -> bool {
        http1::Exchange::is_uploading(self)
    }

    fn moved(&self) -> Instant {
        http1::Exchange::moved(self)
    }

    fn heard(&self) -> Option<Instant> {
        http1::Exchange::heard(self)
    }
}

impl Begun for http2::Exchange {
    type Answer = http2::Answer;
    type Fault = http2::Fault;

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Answer, Self::Fault>> {
        http2::Exchange::poll_head(self, cx)
    }

    fn is_uploading(&self) -> bool {
        http2::Exchange::is_uploading(self)
    }

    fn moved(&self) -> Instant {
        http2::Exchange::moved(self)
    }

    fn heard(&self) -> Option<Instant> {
        None
    }
}

/// Waits for the head of the answer, as long as the limits on sending and on waiting allow.
pub(super) async fn answered<B: Begun>(
    exchange: &mut B,
    timeouts: &Timeouts,
) -> Result<Result<B::Answer, B::Fault>, Error> {
    let mut timer = pin!(tokio::time::sleep(Duration::ZERO));
    let mut set: Option<Instant> = None;
    poll_fn(|cx| {
        if let Poll::Ready(answered) = exchange.poll_head(cx) {
            return Poll::Ready(Ok(answered));
        }
        loop {
            let next = if exchange.is_uploading() {
                limits::writing(timeouts, exchange.moved())
            } else {
                limits::heading(timeouts, exchange.moved(), exchange.heard())
            };
            let Some(next) = next else {
                return Poll::Pending;
            };
            // The timer is moved when it fires rather than with each piece, unless it would come too late.
            if set.is_none_or(|set| next.at < set) {
                timer.as_mut().reset(next.at);
                set = Some(next.at);
            }
            ready!(timer.as_mut().poll(cx));
            if next.at <= Instant::now() {
                return Poll::Ready(Err(next.passed(Phase::Headers)));
            }
            set = None;
        }
    })
    .await
}
