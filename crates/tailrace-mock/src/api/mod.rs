//! The plausible API: chat completions, responses and models, answered from the request alone.

mod chat;
mod prompt;
pub(crate) mod refusal;
mod reply;
mod responses;
mod sample;
mod service;
mod stream;
mod text;

pub(crate) use service::Api;
