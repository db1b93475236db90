//! A text that nobody else may see.

use std::fmt;

use bytes::Bytes;
use zeroize::Zeroizing;

/// A token or key. Its memory is overwritten when it is dropped, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself, for the place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Bytes whose memory is overwritten when the last who holds them lets go.
pub fn wiped(bytes: Zeroizing<Vec<u8>>) -> Bytes {
    Bytes::from_owner(bytes)
}

/// Whether the name of a header speaks of a credential, as those of HTTP and of every provider do.
pub fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 8] = [
        "auth",
        "key",
        "token",
        "secret",
        "cookie",
        "password",
        "credential",
        "signature",
    ];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, is_secret};

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", Secret::from("canary")), "Secret(..)");
    }

    #[test]
    fn names_that_speak_of_credentials() {
        for name in [
            "Authorization",
            "api-key",
            "X-Goog-Api-Key",
            "Cookie",
            "x-amz-security-token",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["accept", "content-type", "user-agent", "x-request-id"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
