//! What had arrived before a stream failed.

use crate::sse::Event;

/// What of an event stream had been handed to its consumer before it ended.
///
/// It holds two events and two numbers, however long the stream was: keeping every event would make each stream cost
/// what its whole text costs, for the few that break.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// How many events.
    pub events: u64,
    /// Bytes of data in them.
    pub bytes: u64,
    /// The first one, which in the API's streams names the answer.
    pub first: Option<Event>,
    /// The last one, which says how far the answer had come.
    pub last: Option<Event>,
}

impl Received {
    /// Counts events that are about to be handed over.
    pub fn add(&mut self, events: &[Event]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return;
        };
        if self.first.is_none() {
            self.first = Some(first.clone());
        }
        self.last = Some(last.clone());
        self.events = self.events.saturating_add(count(events.len()));
        let bytes = events.iter().map(|event| event.data.len()).sum();
        self.bytes = self.bytes.saturating_add(count(bytes));
    }

    /// Lets go of the chunks that the two events came in, for a consumer who keeps the stream after its end. A large
    /// event fills most of its chunk anyway.
    pub fn detach(&mut self) {
        for event in [&mut self.first, &mut self.last].into_iter().flatten() {
            if event.data.len() <= SMALL_BYTES {
                event.detach();
            }
        }
    }
}

/// Chunks are up to 16 KiB, so that an event of this size may hold four times as much.
const SMALL_BYTES: usize = 4096;

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn the_ends_and_the_sums_are_kept() {
        let event = |data: &'static str| Event {
            name: Bytes::new(),
            data: Bytes::from_static(data.as_bytes()),
        };
        let mut received = Received::default();
        received.add(&[]);
        assert_eq!(received, Received::default());
        received.add(&[event("ab"), event("c")]);
        received.add(&[event("def")]);
        assert_eq!(
            received,
            Received {
                events: 3,
                bytes: 6,
                first: Some(event("ab")),
                last: Some(event("def")),
            }
        );
    }
}
