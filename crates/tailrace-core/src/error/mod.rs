//! Failures: one opaque type, one closed catalogue, no text that anybody has to parse.

mod catalog;
mod limit;
mod received;

use std::fmt;

use bytes::Bytes;

pub use catalog::Code;
pub use limit::{Limit, Passed, Phase};
pub use received::Received;

use crate::response::Head;

/// Why a call failed. One pointer wide; the text of `Display` is not part of the contract.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    message: String,
    passed: Option<Passed>,
    causes: Vec<String>,
    attempts: u32,
    response: Option<(Head, Bytes)>,
    received: Option<Received>,
}

impl Error {
    /// An error of the given code, with one sentence that names the thing, the limit and the remedy.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            code,
            message: message.into(),
            passed: None,
            causes: Vec::new(),
            attempts: 0,
            response: None,
            received: None,
        }))
    }

    /// The server answered with `head`; the driver adds the body once it has read it.
    pub fn status(head: Head) -> Self {
        let mut error = Error::new(
            Code::Status,
            format!("the server answered with status {}", head.status),
        );
        error.0.response = Some((head, Bytes::new()));
        error
    }

    /// Adds the chain of causes below this error, outermost first.
    #[must_use]
    pub fn with_causes(mut self, causes: Vec<String>) -> Self {
        self.0.causes = causes;
        self
    }

    /// Adds the body that belongs to the response of a `status` error; without effect on others.
    #[must_use]
    pub fn with_body(mut self, body: Bytes) -> Self {
        if let Some((_, held)) = &mut self.0.response {
            *held = body;
        }
        self
    }

    /// Adds what of a stream had arrived before this error ended it.
    #[must_use]
    pub fn with_received(mut self, received: Received) -> Self {
        if let Some(passed) = &mut self.0.passed
            && received.events > 0
        {
            passed.events = received.events;
            self.0.message = passed.to_string();
        }
        self.0.received = Some(received);
        self
    }

    pub(crate) fn after(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// The kind of failure.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// One sentence for a person.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The chain below this error, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// How many requests were sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Head and body of the response, for [`Code::Status`].
    pub fn response(&self) -> Option<(&Head, &Bytes)> {
        self.0.response.as_ref().map(|(head, body)| (head, body))
    }

    /// What had arrived, for an error that ended an event stream.
    pub fn received(&self) -> Option<&Received> {
        self.0.received.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for cause in &self.0.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
