//! The head of a response, and what it means.

use http::{HeaderMap, StatusCode, Version};

/// Status line and headers of a response.
#[derive(Debug, Clone)]
pub struct Head {
    /// The status code, 100 to 999.
    pub status: StatusCode,
    /// The headers as received, names in lower case.
    pub headers: HeaderMap,
    /// The protocol version that the server spoke.
    pub version: Version,
    /// The URL that answered, after redirects.
    pub url: String,
}

impl Head {
    /// True for 2xx: the only statuses whose body is handed to the caller as a result.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The value of a header as text, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
