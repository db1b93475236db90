//! Doors for the checks in `fuzz/`, which call what is no public name. They are there only for tests, and where cargo-fuzz
//! builds, which sets `--cfg fuzzing`.

pub use crate::{
    transport::fuzzing::{Answered, Redirected, answered, head, redirected, undone},
    websocket::fuzzing::{Conversation, converse, heard},
};

#[cfg(test)]
mod tests;
