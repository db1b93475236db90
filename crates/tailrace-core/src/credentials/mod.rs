//! Tokens that stand in for a key: when one is used, when another is asked for, and what the request for it says.
//!
//! [`exchange`] writes the request of a token exchange (RFC 8693) and reads its answer; [`Tokens`] decides, for all calls
//! of one identity, who asks and who waits. Both are told the time, and neither knows where the token comes from.

pub mod exchange;
mod secret;
mod tokens;

pub use exchange::{Fault, Grant, Rules, Terms};
pub use secret::{Secret, is_secret, wiped};
pub use tokens::{Need, Ticket, Tokens};
