//! The closed list of failures.

/// Declares [`Code`] with its wire names, so that the list stands in one place.
macro_rules! catalog {
    ($($(#[doc = $doc:literal])+ $name:ident = $wire:literal,)+) => {
        /// What kind of failure a call ended with.
        ///
        /// Each host has one table from code to exception class; a test holds its keys against [`Code::ALL`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of declaration.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// The name that crosses to a host, such as `timed_out`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $wire,)+
                }
            }
        }
    };
}

catalog! {
    /// The request could not be built from its options; nothing was sent. The message names the option.
    InvalidRequest = "invalid_request",
    /// No connection could be made: the name did not resolve, the port refused, or TLS failed.
    ConnectFailed = "connect_failed",
    /// A time limit passed; [`super::Error::passed`] says which.
    TimedOut = "timed_out",
    /// The connection ended inside a request or a response.
    Interrupted = "interrupted",
    /// What was to be sent could not be read: a file became shorter or is gone, or the host's stream failed. A part of
    /// the request may have been sent; it is not tried again.
    UnreadableBody = "unreadable_body",
    /// The caller cancelled.
    Cancelled = "cancelled",
    /// The server answered with a status that is not success; the error carries its head and body.
    Status = "status",
    /// A success response whose body breaks its protocol, such as an event past the size cap.
    InvalidResponse = "invalid_response",
    /// The process forked while the stream was open; the socket belongs to the parent.
    Forked = "forked",
    /// A fault in tailrace itself, caught at the border.
    Internal = "internal",
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn wire_names_are_distinct_snake_case() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
