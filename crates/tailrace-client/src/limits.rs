//! The limits of one attempt while it runs.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tailrace_core::error::{Error, Limit, Passed, Phase};
use tokio::time::{Instant, Sleep};

use crate::{client::Timeouts, time};

/// What limits an attempt, and from when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    timeouts: Timeouts,
    deadline: Option<Duration>,
    /// When the call began, and when this attempt of it did.
    call: Instant,
    attempt: Instant,
}

/// A limit and the moment at which it passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    pub(crate) at: Instant,
    limit: Limit,
    allowed: Duration,
}

impl Stop {
    /// None without a limit, or with one past what the clock can say.
    fn new(limit: Limit, from: Instant, allowed: Option<Duration>) -> Option<Stop> {
        let allowed = allowed?;
        let at = from.checked_add(allowed)?;
        Some(Stop { at, limit, allowed })
    }

    /// The failure of an attempt that was doing `phase` when it passed.
    pub(crate) fn passed(self, phase: Phase) -> Error {
        Error::timed_out(Passed::new(self.limit, phase, self.allowed))
    }
}

fn earliest<const N: usize>(stops: [Option<Stop>; N]) -> Option<Stop> {
    stops.into_iter().flatten().min_by_key(|stop| stop.at)
}

/// When a connection that took something of a request at `moved` has to take more.
pub(crate) fn writing(timeouts: &Timeouts, moved: Instant) -> Option<Stop> {
    Stop::new(Limit::Write, moved, timeouts.write)
}

/// When more of the head is due, for a request that was sent at `sent` and was `heard` of last then.
pub(crate) fn heading(timeouts: &Timeouts, sent: Instant, heard: Option<Instant>) -> Option<Stop> {
    let first_byte = timeouts.first_byte.filter(|_| heard.is_none());
    earliest([
        Stop::new(Limit::FirstByte, sent, first_byte),
        Stop::new(Limit::Read, heard.unwrap_or(sent), timeouts.read_head),
    ])
}

impl Limits {
    /// The limits of a call that began at `call`, for an attempt that begins now.
    pub(crate) fn begin(
        timeouts: Timeouts,
        deadline: Option<Duration>,
        call: std::time::Instant,
    ) -> Self {
        Limits {
            timeouts,
            deadline,
            call: Instant::from_std(call),
            attempt: Instant::now(),
        }
    }

    /// When the reply is due: the head of a stream, or the whole of another body.
    pub(crate) fn reply(&self) -> Due {
        let reply = Stop::new(Limit::Timeout, self.attempt, self.timeouts.reply);
        Due(earliest([self.whole(), reply]), self.call)
    }

    /// When the head is due that a transport of the caller's waits for.
    pub(crate) fn relayed_head(&self) -> Due {
        let first_byte = Stop::new(Limit::FirstByte, self.attempt, self.timeouts.first_byte);
        Due(earliest([self.reply().0, first_byte]), self.call)
    }

    /// When the call as a whole is due.
    pub(crate) fn deadline(&self) -> Due {
        let deadline = Stop::new(Limit::Deadline, self.call, self.deadline);
        Due(deadline, self.call)
    }

    /// Watches a body that is read to its end before the call settles.
    pub(crate) fn watch_reply(self) -> Watch {
        let stop = self.reply().0;
        Watch::new(self, stop)
    }

    /// Watches a body that the caller takes as it comes.
    pub(crate) fn watch_stream(self) -> Watch {
        let stop = self.whole();
        Watch::new(self, stop)
    }

    fn whole(&self) -> Option<Stop> {
        earliest([
            Stop::new(Limit::Total, self.attempt, self.timeouts.total),
            self.deadline().0,
        ])
    }
}

/// A moment at which an attempt is overdue, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due(Option<Stop>, Instant);

impl Due {
    /// Waits until it has come; for ever when there is none. `phase` is what the attempt is doing.
    pub(crate) async fn overdue(self, phase: Phase) -> Error {
        let Due(stop, call) = self;
        match stop {
            None => std::future::pending().await,
            Some(stop) => {
                time::until(Some(stop.at)).await;
                stop.passed(phase).at(call.elapsed())
            }
        }
    }
}

/// Watches a body that is being read: all its limits with one timer.
///
/// The timer is set for the limit that is the next to pass, and not moved for each piece: when it fires too early, it is
/// set again. Only time in which the reader waited for the network counts for the limits between pieces, because their
/// time begins when a reader that had something finds nothing.
#[derive(Debug)]
pub(crate) struct Watch {
    limits: Limits,
    /// The limit of all of the body, which also passes while nobody reads.
    stop: Option<Stop>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Since when there were no bytes, and no event or piece.
    silent: Instant,
    idle: Instant,
    /// Something came since those were noted.
    has_bytes: bool,
    has_piece: bool,
}

impl Watch {
    fn new(limits: Limits, stop: Option<Stop>) -> Self {
        Watch {
            limits,
            stop,
            timer: None,
            silent: limits.attempt,
            idle: limits.attempt,
            has_bytes: true,
            has_piece: true,
        }
    }

    /// Bytes came, whatever they are.
    pub(crate) fn bytes(&mut self) {
        self.has_bytes = true;
    }

    /// A piece came, or the reader waited for something other than the network.
    pub(crate) fn piece(&mut self) {
        self.has_bytes = true;
        self.has_piece = true;
    }

    /// To be polled where there is nothing to read: ready when the body is overdue.
    pub(crate) fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if self.has_bytes {
            let now = Instant::now();
            self.silent = now;
            if self.has_piece {
                self.idle = now;
            }
            self.has_bytes = false;
            self.has_piece = false;
        }
        loop {
            let timer = match &mut self.timer {
                Some(timer) => timer,
                None => match self.next() {
                    Some(next) => self
                        .timer
                        .insert(Box::pin(tokio::time::sleep_until(next.at))),
                    None => return Poll::Pending,
                },
            };
            ready!(timer.as_mut().poll(cx));
            let Some(next) = self.next() else {
                return Poll::Pending;
            };
            if next.at <= Instant::now() {
                return Poll::Ready(self.passed(next));
            }
            if let Some(timer) = &mut self.timer {
                timer.as_mut().reset(next.at);
            }
        }
    }

    /// Waits until the body as a whole is overdue, while nothing is read; for ever without such a limit.
    pub(crate) async fn stopped(&self) -> Error {
        match self.stop {
            None => std::future::pending().await,
            Some(stop) => {
                time::until(Some(stop.at)).await;
                self.passed(stop)
            }
        }
    }

    /// The limit that passes next unless something comes.
    fn next(&self) -> Option<Stop> {
        let timeouts = &self.limits.timeouts;
        earliest([
            self.stop,
            Stop::new(Limit::Read, self.silent, timeouts.read_body),
            Stop::new(Limit::Idle, self.idle, timeouts.idle),
        ])
    }

    fn passed(&self, stop: Stop) -> Error {
        stop.passed(Phase::Body).at(self.limits.call.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Waker};

    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn watch(timeouts: Timeouts, deadline: Option<Duration>) -> Watch {
        Limits::begin(timeouts, deadline, Instant::now().into_std()).watch_stream()
    }

    async fn limit(watch: &mut Watch) -> (Limit, Duration) {
        let error = poll_fn(|cx| watch.poll_overdue(cx)).await;
        let passed = error.passed().unwrap();
        (passed.limit, passed.elapsed.unwrap())
    }

    fn poll(watch: &mut Watch) -> bool {
        watch
            .poll_overdue(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(test);
    }

    #[test]
    fn bytes_that_are_no_event_are_for_the_read_limit_only() {
        run(async {
            let mut watch = watch(
                Timeouts {
                    read_body: Some(MS(100)),
                    idle: Some(MS(250)),
                    ..Timeouts::default()
                },
                None,
            );
            for _ in 0..3 {
                assert!(!poll(&mut watch));
                tokio::time::advance(MS(80)).await;
                watch.bytes();
            }
            assert_eq!(limit(&mut watch).await.0, Limit::Idle);
        });
    }

    #[test]
    fn the_limit_that_passes_first_is_named() {
        let all = Timeouts {
            read_body: Some(MS(100)),
            idle: Some(MS(100)),
            total: Some(MS(100)),
            ..Timeouts::default()
        };
        let longer = Some(MS(200));
        run(async {
            for (timeouts, deadline, expected) in [
                (
                    Timeouts {
                        read_body: Some(MS(50)),
                        ..all
                    },
                    longer,
                    Limit::Read,
                ),
                (
                    Timeouts {
                        idle: Some(MS(50)),
                        ..all
                    },
                    longer,
                    Limit::Idle,
                ),
                (
                    Timeouts {
                        total: Some(MS(50)),
                        ..all
                    },
                    longer,
                    Limit::Total,
                ),
                (all, Some(MS(50)), Limit::Deadline),
            ] {
                let mut watch = watch(timeouts, deadline);
                let (limit, elapsed) = limit(&mut watch).await;
                assert_eq!(limit, expected);
                assert!((MS(50)..MS(60)).contains(&elapsed), "{elapsed:?}");
            }
        });
    }

    #[test]
    fn time_in_which_nobody_read_is_not_waiting_for_the_network() {
        run(async {
            let mut watch = watch(
                Timeouts {
                    read_body: Some(MS(100)),
                    idle: Some(MS(100)),
                    total: Some(MS(2000)),
                    ..Timeouts::default()
                },
                None,
            );
            assert!(!poll(&mut watch));
            tokio::time::advance(MS(1000)).await;
            watch.piece();
            assert!(!poll(&mut watch));
            let (limit, elapsed) = limit(&mut watch).await;
            assert_ne!(limit, Limit::Total);
            assert!(elapsed >= MS(1100), "{elapsed:?}");
        });
    }

    #[test]
    fn without_limits_nothing_is_overdue_and_no_timer_is_made() {
        run(async {
            let endless = Some(Duration::MAX);
            for limits in [None, endless] {
                let mut watch = watch(
                    Timeouts {
                        read_body: limits,
                        idle: limits,
                        total: limits,
                        ..Timeouts::default()
                    },
                    limits,
                );
                assert!(!poll(&mut watch));
                assert!(watch.timer.is_none());
            }
        });
    }
}
