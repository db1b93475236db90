//! Deltas merged into one value, which can be had as it was at any earlier moment.
//!
//! Texts are appended, numbers added, objects merged by key and lists of objects by index; the rest is taken once, unless its
//! key is one of those that are replaced. No field is known by name: the keys with a meaning are arguments. Adding a delta
//! costs as much as the delta is large; a value is built when it is asked for.

mod delta;
#[cfg(test)]
mod tests;
mod tree;

pub use delta::{Delta, Fault, Names, Numbers};
pub use tree::{Accumulator, Host};
