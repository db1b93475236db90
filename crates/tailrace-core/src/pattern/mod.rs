//! Events that repeat: most events of a stream are the one before with other values in the same places.
//!
//! [`Patterns`] finds such events while it sees them. Of an event that fits a [`Pattern`] only the values in its gaps have to
//! be handed to the host, which has read the rest once. An event that fits is well-formed JSON, because the event that
//! the pattern was made from is and the values in the gaps are.

mod learn;
mod scan;

pub use learn::{Fit, Pattern, Patterns};
