//! A segment in the making.

use super::{Fragment, Segment, Speaker, Text};

/// Nobody has seen it before it has a text and the turn.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) id: u32,
    pub(super) speaker: Speaker,
    pub(super) text: Text,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) previous: Option<u32>,
    pub(super) is_seen: bool,
    pub(super) may_be_left_out: bool,
}

impl Turn {
    pub(super) fn new(id: u32, fragment: Fragment) -> Self {
        Turn {
            id,
            speaker: fragment.speaker,
            text: fragment.text,
            start: fragment.start,
            end: fragment.end,
            previous: None,
            is_seen: false,
            may_be_left_out: false,
        }
    }

    pub(super) fn append(&mut self, fragment: &Fragment) {
        self.text.append(&fragment.text);
        self.end = self.end.max(fragment.end);
    }

    pub(super) fn append_apart(&mut self, fragment: &Fragment) {
        self.text.append_apart(&fragment.text);
        self.end = self.end.max(fragment.end);
    }

    pub(super) fn segment(&self) -> Segment {
        Segment {
            id: self.id,
            previous: self.previous,
            speaker: self.speaker,
            text: self.text.clone(),
            start: self.start,
            end: self.end,
        }
    }
}
