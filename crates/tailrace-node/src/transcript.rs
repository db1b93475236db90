//! Transcripts of spoken sessions as turns.

use napi::{
    Error, Result,
    bindgen_prelude::{Either, Null, Utf16String},
};
use napi_derive::napi;
use tailrace_core::transcript::{
    Fragment, Grouping, Reason, Rules, Session, Speaker, Text, Update,
};

use crate::guard::guard;

/// One piece of a transcript, in milliseconds of the session.
#[napi(object, object_to_js = false)]
pub struct TranscriptPiece {
    /// The user, or else the assistant.
    pub is_user: bool,
    /// What was said.
    pub text: Utf16String,
    /// From here.
    pub start: f64,
    /// To here.
    pub end: f64,
}

/// A segment as it is now.
#[napi(object, object_from_js = false)]
pub struct TranscriptTurn {
    /// Its number.
    pub id: u32,
    /// That of the one before.
    pub previous: Either<u32, Null>,
    /// The user, or else the assistant.
    pub is_user: bool,
    /// All that was said.
    pub text: Utf16String,
    /// From here.
    pub start: f64,
    /// To here.
    pub end: f64,
    /// Why it is closed, if it is.
    pub reason: Option<&'static str>,
}

/// Turns by the times of a session alone.
#[napi]
pub struct Turns(Grouping);

#[napi]
impl Turns {
    /// Limits in milliseconds: separation, silence, the longest backchannel and its isolation; and acknowledgments beside
    /// the known ones.
    #[napi(constructor)]
    pub fn new(limits: Vec<f64>, acknowledgments: Vec<Utf16String>) -> Result<Self> {
        guard(|| Ok(Turns(Grouping::new(rules(&limits, &acknowledgments)?))))
    }

    /// `true` for the user, `false` for the assistant, null for nobody.
    #[napi]
    pub fn is_user(&self) -> Result<Option<bool>> {
        guard(|| Ok(self.0.speaker().map(|speaker| speaker == Speaker::User)))
    }

    /// Takes fragments of one moment.
    #[napi]
    pub fn process(&mut self, pieces: Vec<TranscriptPiece>) -> Result<Vec<TranscriptTurn>> {
        guard(|| {
            let fragments = pieces.into_iter().map(fragment).collect();
            Ok(told(self.0.process(fragments)))
        })
    }

    /// Does what is due at a time of the session.
    #[napi]
    pub fn advance(&mut self, time: f64, has_incoming_user: bool) -> Result<Vec<TranscriptTurn>> {
        guard(|| Ok(told(self.0.advance(time, has_incoming_user))))
    }

    /// When something is due, as a time of the session.
    #[napi]
    pub fn deadline(&self) -> Result<Option<f64>> {
        guard(|| Ok(self.0.deadline()))
    }

    /// Closes everything at a time of the session.
    #[napi]
    pub fn close(&mut self, time: f64, reason: String) -> Result<Vec<TranscriptTurn>> {
        guard(|| Ok(told(self.0.close(time, named(&reason)?))))
    }
}

/// One session; `now` is milliseconds of a clock that never goes back.
#[napi]
pub struct Transcript(Session);

#[napi]
impl Transcript {
    /// As [`Turns::new`].
    #[napi(constructor)]
    pub fn new(limits: Vec<f64>, acknowledgments: Vec<Utf16String>) -> Result<Self> {
        guard(|| Ok(Transcript(Session::new(rules(&limits, &acknowledgments)?))))
    }

    /// Takes a fragment that came just now.
    #[napi]
    pub fn push(&mut self, piece: TranscriptPiece, now: f64) -> Result<Vec<TranscriptTurn>> {
        guard(|| Ok(told(self.0.push(fragment(piece), now))))
    }

    /// Closes everything for good.
    #[napi]
    pub fn finish(&mut self, reason: String, now: f64) -> Result<Vec<TranscriptTurn>> {
        guard(|| Ok(told(self.0.finish(named(&reason)?, now))))
    }

    /// Does what is due.
    #[napi]
    pub fn tick(&mut self, now: f64) -> Result<Vec<TranscriptTurn>> {
        guard(|| Ok(told(self.0.tick(now))))
    }

    /// The whole milliseconds after which `tick` has something to do, if it will have.
    #[napi]
    pub fn delay(&self, now: f64) -> Result<Option<f64>> {
        guard(|| Ok(self.0.delay(now)))
    }
}

fn rules(limits: &[f64], acknowledgments: &[Utf16String]) -> Result<Rules> {
    let limits = limits
        .try_into()
        .map_err(|_| Error::from_reason("There are four limits of a transcript."))?;
    let texts: Vec<Text> = acknowledgments.iter().map(text).collect();
    Ok(Rules::new(limits, &texts))
}

fn named(reason: &str) -> Result<Reason> {
    let unknown = || Error::from_reason(format!("`{reason}` closes no segment."));
    Reason::named(reason).ok_or_else(unknown)
}

fn text(text: &Utf16String) -> Text {
    Text::from(text.to_vec())
}

fn fragment(piece: TranscriptPiece) -> Fragment {
    Fragment {
        speaker: if piece.is_user {
            Speaker::User
        } else {
            Speaker::Assistant
        },
        text: text(&piece.text),
        start: piece.start,
        end: piece.end,
    }
}

fn told(updates: Vec<Update>) -> Vec<TranscriptTurn> {
    let each = updates
        .into_iter()
        .map(|Update { segment, reason }| TranscriptTurn {
            id: segment.id,
            previous: segment.previous.map_or(Either::B(Null), Either::A),
            is_user: segment.speaker == Speaker::User,
            text: Utf16String::from(segment.text.units().to_vec()),
            start: segment.start,
            end: segment.end,
            reason: reason.map(Reason::as_str),
        });
    each.collect()
}
