//! Server-sent events (WHATWG HTML, section 9.2): bytes in, events out.
//!
//! [`Decoder`] follows the standard; [`Items`] adds what the OpenAI API puts on top of it (`[DONE]`) and what the official
//! packages do at the end of input. Any split of the same bytes into chunks gives the same events, no byte is looked at
//! twice, and an event that lies within one chunk is not copied.

#[cfg(test)]
mod cases;
mod decoder;
mod items;
#[cfg(test)]
mod splits;

pub use decoder::{Decoder, Event, TooLarge};
pub use items::{Done, EndOfInput, Items, Options, Verdict};
