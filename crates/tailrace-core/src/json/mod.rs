//! JSON (RFC 8259) that arrives in pieces: a reader that goes on where the last piece ended.
//!
//! [`Scanner`] takes bytes and tells a [`Sink`] what they say. Any split of the same bytes says the same, no byte is looked
//! at twice, and nothing is kept but the open brackets and the key or number that is being read: the work for a piece is
//! proportional to the piece, however long the text before it. [`Growth`] says what the value is so far; [`Elements`] finds those of one
//! array.

#[cfg(test)]
mod cases;
mod character;
mod elements;
mod error;
mod growth;
mod number;
mod scanner;
mod sink;
#[cfg(test)]
mod tests;
mod text;

pub use elements::Elements;
pub use error::{Reason, SyntaxError};
pub use growth::{Growth, OpenNumber, Rules, Standing, Tail, Tolerance};
pub use scanner::{Open, Options, Scanner};
pub use sink::{Literal, Sink};
