//! How a connection ended.

use tailrace_core::error::{Code, Error};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

/// A close code to say it to the server with, and the error.
pub(super) type Fault = (u16, Error);

/// What a close frame says. A frame without a code stands for 1005, as RFC 6455 says in section 7.1.5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Why, as RFC 6455 lists in section 7.4.
    pub code: u16,
    /// At most 123 bytes.
    pub reason: String,
}

impl Close {
    /// Stands for a frame that carries no code.
    pub const NO_CODE: u16 = 1005;

    /// A reason of more than 123 bytes is cut before the character that goes past it: a control frame holds no more.
    pub fn new(code: u16, reason: &str) -> Self {
        const MOST_BYTES: usize = 123;
        let mut end = reason.len().min(MOST_BYTES);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        Close {
            code,
            reason: reason.get(..end).unwrap_or_default().to_owned(),
        }
    }

    /// Reads the payload of the server's close frame; one that breaks the protocol is the code to say so with, and an error.
    pub(super) fn read(payload: &[u8]) -> Result<Self, Fault> {
        let wrong = |what: &str| Err((1002, broke(what.to_owned())));
        let Some((code, reason)) = payload.split_first_chunk() else {
            return match payload {
                [] => Ok(Close::new(Close::NO_CODE, "")),
                _ => wrong("a close frame with half a code"),
            };
        };
        let code = u16::from_be_bytes(*code);
        if !Close::is_sendable(code) {
            return wrong(&format!(
                "a close frame with the code {code}, which none may send"
            ));
        }
        match std::str::from_utf8(reason) {
            Ok(reason) => Ok(Close::new(code, reason)),
            Err(_) => {
                let what = "a close frame with a reason that is no UTF-8";
                Err((1007, broke(what.to_owned())))
            }
        }
    }

    pub(super) fn frame(&self) -> Option<CloseFrame> {
        (self.code != Close::NO_CODE).then(|| CloseFrame {
            code: CloseCode::from(self.code),
            reason: self.reason.as_str().into(),
        })
    }

    /// True for a code that an endpoint may send: those of RFC 6455, section 7.4.1, and of its registry, and 3000 to 4999.
    pub fn is_sendable(code: u16) -> bool {
        matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

/// How a connection ended, for both directions.
#[derive(Debug, Clone, Default)]
pub struct Closed {
    /// The frame that the server sent, if it did.
    pub received: Option<Close>,
    /// The frame that was sent to it, if one was.
    pub sent: Option<Close>,
    /// Which of the two came first, where there are both: the server's?
    pub received_first: Option<bool>,
    /// Why, where no close frame says it: the socket broke, a limit passed, the server broke the protocol.
    pub error: Option<Error>,
}

/// The socket broke, as it says in `cause`.
pub(super) fn broke_off(cause: &dyn std::error::Error) -> Error {
    Error::new(Code::Interrupted, "the connection broke off").with_causes(vec![cause.to_string()])
}

/// The server ended the connection without a word.
pub(super) fn gone() -> Error {
    Error::new(
        Code::Interrupted,
        "the connection ended without a close frame of the server",
    )
}

/// A message of the server that has `size` bytes at least is not read, and the code to say so with.
pub(super) fn too_long(size: u64, most: usize) -> Fault {
    let message = format!(
        "the server sent a message of {size} bytes or more, and the limit is {most}; raise the limit"
    );
    (1009, Error::new(Code::InvalidResponse, message))
}

/// A text of the server that is none, and the code to say so with.
pub(super) fn not_text() -> Fault {
    let message = "the server sent a text message that is no UTF-8; check the server and what stands before it";
    (1007, Error::new(Code::InvalidResponse, message))
}

/// The server broke the protocol.
pub(super) fn broke(how: String) -> Error {
    Error::new(
        Code::InvalidResponse,
        "the server broke the WebSocket protocol; check the server and what stands before it",
    )
    .with_causes(vec![how])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_between_characters() {
        let long = "é".repeat(100);
        let close = Close::new(1000, &long);
        assert_eq!(close.reason.len(), 122);
        assert_eq!(Close::new(1000, "x").reason, "x");
    }

    #[test]
    fn close_frames_are_read() {
        let said = |code, reason| Some(Close::new(code, reason));
        for (payload, close, answer) in [
            (&b""[..], said(1005, ""), None),
            (b"\x03\xf6", said(1014, ""), None),
            (b"\x0b\xb8x", said(3000, "x"), None),
            (b"\x03", None, Some(1002)),
            (b"\x03\xf7", None, Some(1002)),
            (b"\x03\xe8\xff", None, Some(1007)),
        ] {
            match Close::read(payload) {
                Ok(read) => assert_eq!((Some(read), None), (close, answer), "{payload:?}"),
                Err((code, _)) => assert_eq!((None, Some(code)), (close, answer), "{payload:?}"),
            }
        }
    }

    #[test]
    fn codes_that_may_be_sent() {
        for code in [1000, 1001, 1011, 1014, 3000, 4999] {
            assert!(Close::is_sendable(code), "{code}");
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000] {
            assert!(!Close::is_sendable(code), "{code}");
        }
    }
}
