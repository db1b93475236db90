//! A grouping and the clock of whoever listens.
//!
//! `now` is milliseconds of a clock that never goes back.

use super::{Fragment, Grouping, Reason, Rules, Speaker, Update};

/// How long the words of a new speaker wait for those that the other one said in the same interval.
const SETTLE: f64 = 50.0;

/// The longest delay that timers of every host take.
const LONGEST: f64 = 2_147_483_647.0;

/// One session.
#[derive(Debug)]
pub struct Session {
    grouping: Grouping,
    /// Fragments of one interval, and when the first and the last of them came.
    pending: Vec<Fragment>,
    began: f64,
    received: f64,
    /// A time of the session, and the clock's.
    anchor: Option<(f64, f64)>,
    last_start: Option<f64>,
    is_closed: bool,
}

impl Session {
    /// Nobody has said anything.
    pub fn new(rules: Rules) -> Self {
        Session {
            grouping: Grouping::new(rules),
            pending: Vec::new(),
            began: 0.0,
            received: 0.0,
            anchor: None,
            last_start: None,
            is_closed: false,
        }
    }

    /// Takes a fragment that came just now.
    pub fn push(&mut self, fragment: Fragment, now: f64) -> Vec<Update> {
        let interval = (fragment.start, fragment.end);
        let is_other = |pending: &Fragment| (pending.start, pending.end) != interval;
        let mut updates = Vec::new();
        if self.pending.first().is_some_and(is_other) {
            updates = self.flush(now);
        }
        self.received = now;
        if self.pending.is_empty() {
            self.began = now;
        }
        self.pending.push(fragment);
        let has = |speaker| {
            self.pending
                .iter()
                .any(|pending| pending.speaker == speaker)
        };
        let has_both = has(Speaker::User) && has(Speaker::Assistant);
        // Only a change of speakers is in doubt.
        if has_both || self.grouping.speaker().is_some_and(has) {
            updates.extend(self.flush(now));
        }
        updates
    }

    /// Closes everything for good.
    pub fn finish(&mut self, reason: Reason, now: f64) -> Vec<Update> {
        self.is_closed = true;
        let mut updates = self.flush(now);
        updates.extend(self.grouping.close(self.time(now), reason));
        updates
    }

    /// Does what is due.
    pub fn tick(&mut self, now: f64) -> Vec<Update> {
        if !self.pending.is_empty() && now < self.began + SETTLE {
            return Vec::new();
        }
        let mut updates = self.flush(now);
        updates.extend(self.grouping.advance(self.time(now), false));
        updates
    }

    /// The whole milliseconds after which [`Session::tick`] has something to do, if it will have.
    pub fn delay(&self, now: f64) -> Option<f64> {
        let remaining = if self.is_closed {
            return None;
        } else if self.pending.is_empty() {
            self.grouping.deadline()? - self.time(now)
        } else {
            self.began + SETTLE - now
        };
        Some(remaining.ceil().clamp(0.0, LONGEST))
    }

    /// The time of the session, if it goes on as the clock does.
    fn time(&self, now: f64) -> f64 {
        self.anchor.map_or(0.0, |(time, clock)| time + now - clock)
    }

    fn flush(&mut self, now: f64) -> Vec<Update> {
        let pending = std::mem::take(&mut self.pending);
        let Some(first) = pending.first() else {
            return Vec::new();
        };
        let (start, mut end) = (first.start, first.end);
        let mut updates = Vec::new();
        if self.last_start.is_some_and(|last| start < last) {
            updates = self.grouping.close(self.time(now), Reason::TimestampReset);
        } else if let Some((time, _)) = self.anchor {
            end = end.max(time);
        }
        self.last_start = Some(start);
        self.anchor = Some((end, self.received));
        updates.extend(self.grouping.process(pending));
        updates
    }
}
