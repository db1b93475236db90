//! A spoken session's transcript as the turns of its two speakers.
//!
//! [`Grouping`] judges by the times of the session alone; [`Session`] adds what a clock is needed for. Neither has a clock or
//! a timer: whoever does asks [`Session::delay`] when to call [`Session::tick`].
//!
//! While the user has the turn, what the assistant says waits until it is known to be an answer. A short acknowledgment,
//! such as "mhm", that the user talks over is left out.

mod grouping;
mod rules;
mod session;
mod text;
mod turn;

#[cfg(test)]
mod tests;

pub use grouping::Grouping;
pub use rules::Rules;
pub use session::Session;
pub use text::Text;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The one who is listened to.
    User,
    /// The one who answers.
    Assistant,
}

/// One piece of a transcript, in milliseconds of the session.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: Text,
    /// From here.
    pub start: f64,
    /// To here.
    pub end: f64,
}

/// What one speaker said without a break, as far as it is known. Times are milliseconds of the session.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Counted from 0, with gaps where something was left out.
    pub id: u32,
    /// The segment that was seen before this one.
    pub previous: Option<u32>,
    /// Who said it.
    pub speaker: Speaker,
    /// All of it.
    pub text: Text,
    /// From here.
    pub start: f64,
    /// To here.
    pub end: f64,
}

/// A segment that has grown, or that is closed for a reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// As it is now.
    pub segment: Segment,
    /// Why nothing is added to it any more.
    pub reason: Option<Reason>,
}

/// Why a segment was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The other speaker has the turn.
    SpeakerChange,
    /// The assistant was silent for long.
    Inactivity,
    /// The times of the session began anew.
    TimestampReset,
    /// The session has ended.
    SessionClosed,
    /// Somebody closed it.
    Manual,
}

impl Reason {
    const ALL: [Reason; 5] = [
        Reason::SpeakerChange,
        Reason::Inactivity,
        Reason::TimestampReset,
        Reason::SessionClosed,
        Reason::Manual,
    ];

    /// Its name in every language.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::SpeakerChange => "speaker_change",
            Reason::Inactivity => "inactivity",
            Reason::TimestampReset => "timestamp_reset",
            Reason::SessionClosed => "session_closed",
            Reason::Manual => "manual",
        }
    }

    /// The reason of a name.
    pub fn named(name: &str) -> Option<Reason> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}
