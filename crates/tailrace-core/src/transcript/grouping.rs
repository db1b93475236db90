//! Whose turn it is, by the times of the session.

use super::{Fragment, Reason, Rules, Speaker, Update, turn::Turn};

/// The turns that are open.
#[derive(Debug)]
pub struct Grouping {
    rules: Rules,
    current: Option<Turn>,
    /// The assistant's words during the user's turn.
    waiting: Option<Turn>,
    next_id: u32,
    last_seen: Option<u32>,
    assistant_ended: Option<f64>,
}

impl Grouping {
    /// Nobody has said anything.
    pub fn new(rules: Rules) -> Self {
        Grouping {
            rules,
            current: None,
            waiting: None,
            next_id: 0,
            last_seen: None,
            assistant_ended: None,
        }
    }

    /// Who has the turn.
    pub fn speaker(&self) -> Option<Speaker> {
        self.current.as_ref().map(|turn| turn.speaker)
    }

    /// Takes fragments of one moment; those of the speaker who has the turn go first, or else the user's.
    pub fn process(&mut self, mut fragments: Vec<Fragment>) -> Vec<Update> {
        let speaker = self.speaker().unwrap_or(Speaker::User);
        fragments.sort_by_key(|fragment| fragment.speaker != speaker);
        let mut updates = Vec::new();
        let Some(first) = fragments.first() else {
            return updates;
        };
        let (start, is_answer) = (first.start, first.speaker == Speaker::Assistant);
        while let Some(deadline) = self.deadline().filter(|&deadline| deadline < start) {
            updates.extend(self.advance(deadline, false));
        }
        if is_answer && self.waiting.is_some() {
            updates.extend(self.advance(start, false));
        }
        for fragment in fragments {
            updates.extend(self.take(fragment));
        }
        updates
    }

    /// Closes or begins what is due at a time of the session; silence ends no turn that the user is about to end.
    pub fn advance(&mut self, time: f64, has_incoming_user: bool) -> Vec<Update> {
        if self.deadline().is_none_or(|deadline| time < deadline) {
            return Vec::new();
        }
        let Some(waiting) = &self.waiting else {
            return if has_incoming_user {
                Vec::new()
            } else {
                self.finish_current(Reason::Inactivity)
            };
        };
        if self.is_left_out(waiting, time) {
            self.waiting = None;
            return Vec::new();
        }
        self.answer()
    }

    /// When something is due if nobody says more, as a time of the session.
    pub fn deadline(&self) -> Option<f64> {
        let current = self.current.as_ref()?;
        let Some(waiting) = &self.waiting else {
            let is_assistant = current.speaker == Speaker::Assistant;
            return is_assistant.then_some(current.end + self.rules.silence);
        };
        let separated = current.end + self.rules.separation;
        let is_held =
            self.is_backchannel(waiting) && !self.is_talked_over(waiting) && !self.goes_on(waiting);
        Some(if is_held {
            separated.max(waiting.end + self.rules.isolation)
        } else {
            separated
        })
    }

    /// Closes everything at a time of the session. After [`Reason::TimestampReset`] its times begin anew.
    pub fn close(&mut self, time: f64, reason: Reason) -> Vec<Update> {
        let kept = self
            .waiting
            .take()
            .filter(|waiting| !self.is_left_out(waiting, time));
        let mut updates = self.finish_current(reason);
        if let Some(waiting) = kept {
            updates.extend(self.finish(waiting, reason));
        }
        if matches!(reason, Reason::TimestampReset) {
            self.assistant_ended = None;
        }
        updates
    }

    fn take(&mut self, fragment: Fragment) -> Vec<Update> {
        let Some(current) = &mut self.current else {
            return self.begin(fragment);
        };
        if current.speaker == fragment.speaker {
            if self.waiting.is_some() {
                current.append_apart(&fragment);
            } else {
                current.append(&fragment);
            }
            return self.seen();
        }
        if fragment.speaker == Speaker::User {
            let mut updates = self.finish_current(Reason::SpeakerChange);
            updates.extend(self.begin(fragment));
            return updates;
        }
        let separated = current.end + self.rules.separation;
        self.take_beside_user(fragment, separated)
    }

    /// The assistant's words during the user's turn, which are apart from it after `separated`.
    fn take_beside_user(&mut self, fragment: Fragment, separated: f64) -> Vec<Update> {
        let is_apart = fragment.start >= separated;
        let mut waiting = self.waiting.take();
        waiting = waiting.filter(|turn| !self.is_backchannel(turn) || !self.is_talked_over(turn));
        let is_acknowledgment = self
            .rules
            .is_acknowledgment(&self.short(&fragment, waiting.as_ref()));
        if is_apart && !is_acknowledgment {
            waiting = waiting.filter(|turn| !self.is_left_out(turn, fragment.start));
        }
        let may_become = self
            .rules
            .may_become_acknowledgment(&self.short(&fragment, waiting.as_ref()));
        let Some(mut waiting) = waiting else {
            if is_apart && !is_acknowledgment {
                let mut updates = self.finish_current(Reason::SpeakerChange);
                updates.extend(self.begin(fragment));
                return updates;
            }
            let mut turn = self.turn(fragment);
            turn.may_be_left_out = may_become && !is_apart;
            self.waiting = Some(turn);
            return Vec::new();
        };
        waiting.may_be_left_out = may_become;
        waiting.append(&fragment);
        self.waiting = Some(waiting);
        if is_apart && !is_acknowledgment {
            self.answer()
        } else {
            Vec::new()
        }
    }

    /// The normalized text with what waits before it; nothing where it takes too long.
    fn short(&self, fragment: &Fragment, before: Option<&Turn>) -> String {
        if fragment.end - before.map_or(fragment.start, |before| before.start)
            >= self.rules.backchannel
        {
            return String::new();
        }
        let mut text = before.map(|before| before.text.clone()).unwrap_or_default();
        text.append(&fragment.text);
        text.normalized()
    }

    fn is_backchannel(&self, waiting: &Turn) -> bool {
        waiting.may_be_left_out && waiting.end - waiting.start < self.rules.backchannel
    }

    fn is_talked_over(&self, waiting: &Turn) -> bool {
        self.current
            .as_ref()
            .is_some_and(|current| current.end > waiting.end)
    }

    /// Whether the assistant had the turn before, and only finishes its words into the user's.
    fn goes_on(&self, waiting: &Turn) -> bool {
        let is_within = self
            .current
            .as_ref()
            .is_some_and(|current| waiting.start <= current.start);
        let ended = self.assistant_ended.filter(|_| is_within);
        ended.is_some_and(|ended| waiting.start - ended < self.rules.isolation)
    }

    fn is_left_out(&self, waiting: &Turn, time: f64) -> bool {
        let is_alone = time >= waiting.end + self.rules.isolation && !self.goes_on(waiting);
        self.is_backchannel(waiting) && (self.is_talked_over(waiting) || is_alone)
    }

    fn turn(&mut self, fragment: Fragment) -> Turn {
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        Turn::new(id, fragment)
    }

    fn begin(&mut self, fragment: Fragment) -> Vec<Update> {
        self.current = Some(self.turn(fragment));
        self.seen()
    }

    /// What waits has the turn.
    fn answer(&mut self) -> Vec<Update> {
        let mut updates = self.finish_current(Reason::SpeakerChange);
        self.current = self.waiting.take();
        updates.extend(self.seen());
        updates
    }

    /// The current turn as it is now.
    fn seen(&mut self) -> Vec<Update> {
        let last_seen = &mut self.last_seen;
        let update = self.current.as_mut().and_then(|turn| show(turn, last_seen));
        update.into_iter().collect()
    }

    fn finish_current(&mut self, reason: Reason) -> Vec<Update> {
        let turn = self.current.take();
        turn.map_or_else(Vec::new, |turn| self.finish(turn, reason))
    }

    fn finish(&mut self, mut turn: Turn, reason: Reason) -> Vec<Update> {
        if turn.speaker == Speaker::Assistant {
            self.assistant_ended = Some(turn.end);
        }
        let mut updates = Vec::new();
        if !turn.is_seen {
            updates.extend(show(&mut turn, &mut self.last_seen));
        }
        if turn.is_seen {
            let reason = Some(reason);
            updates.push(Update {
                segment: turn.segment(),
                reason,
            });
        }
        updates
    }
}

fn show(turn: &mut Turn, last_seen: &mut Option<u32>) -> Option<Update> {
    if turn.text.is_empty() {
        return None;
    }
    if !turn.is_seen {
        turn.is_seen = true;
        turn.previous = last_seen.replace(turn.id);
    }
    Some(Update {
        segment: turn.segment(),
        reason: None,
    })
}
