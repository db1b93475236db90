//! Scripts: what to answer, exchange by exchange, and how to misbehave.

mod compile;
mod format;
mod play;

pub(crate) use compile::Compiled;
pub use format::ScriptError;
pub(crate) use format::{Listen, Script};
pub(crate) use play::Run;
