//! The plausible API: chat completions, responses, embeddings and models, answered from the request alone.

mod chat;
mod embeddings;
mod prompt;
pub(crate) mod refusal;
mod reply;
mod responses;
mod sample;
mod service;
mod stream;
mod text;
mod tour;

pub(crate) use service::Api;
