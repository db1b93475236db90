//! How a connection ended.

use tailrace_core::error::{Code, Error};
use tokio_tungstenite::tungstenite::{
    self as frames,
    error::CapacityError,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

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

    /// Reads a close frame of the server from its first byte; one that breaks the protocol is the code to say so with, and an
    /// error. Its length is one byte, as that of every control frame.
    pub(super) fn read(frame: &[u8]) -> Result<Self, (u16, Error)> {
        let wrong = |code, what: &str| Err((code, broke(what.to_owned())));
        let Some((&[_, length], rest)) = frame.split_first_chunk() else {
            return wrong(1002, "a close frame without a length");
        };
        let Some(payload) = rest.get(..length.into()).filter(|_| length <= 125) else {
            return wrong(1002, "a close frame that is masked or too long");
        };
        let Some((code, reason)) = payload.split_first_chunk() else {
            return match payload {
                [] => Ok(Close::new(Close::NO_CODE, "")),
                _ => wrong(1002, "a close frame with half a code"),
            };
        };
        let code = u16::from_be_bytes(*code);
        if !Close::is_sendable(code) {
            return wrong(
                1002,
                &format!("a close frame with the code {code}, which none may send"),
            );
        }
        match std::str::from_utf8(reason) {
            Ok(reason) => Ok(Close::new(code, reason)),
            Err(_) => wrong(1007, "a close frame with a reason that is no UTF-8"),
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

/// What a fault of the codec means: the close code that tells the server, where it can still be told, and the error.
pub(super) fn fault(error: &frames::Error) -> (Option<u16>, Error) {
    let interrupted =
        |message: &str| Error::new(Code::Interrupted, message).with_causes(vec![error.to_string()]);
    match error {
        frames::Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => (
            Some(1009),
            Error::new(
                Code::InvalidResponse,
                format!(
                    "the server sent a message of {size} bytes or more, and the limit is {max_size}; raise the limit"
                ),
            ),
        ),
        frames::Error::Utf8(_) => (
            Some(1007),
            Error::new(
                Code::InvalidResponse,
                "the server sent a text message that is no UTF-8; check the server and what stands before it",
            ),
        ),
        frames::Error::Protocol(frames::error::ProtocolError::ResetWithoutClosingHandshake)
        | frames::Error::ConnectionClosed
        | frames::Error::AlreadyClosed => (
            None,
            interrupted("the connection ended without a close frame of the server"),
        ),
        frames::Error::Io(_) => (None, interrupted("the connection broke off")),
        _ => (Some(1002), broke(error.to_string())),
    }
}

/// The server broke the protocol.
fn broke(how: String) -> Error {
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
        for (frame, close, answer) in [
            (&b"\x88\0"[..], said(1005, ""), None),
            (b"\x88\x02\x03\xf6", said(1014, ""), None),
            // What stands behind the frame is no part of it.
            (b"\x88\x03\x0b\xb8xyz", said(3000, "x"), None),
            (b"\x88\x01\x03", None, Some(1002)),
            (b"\x88\x02\x03\xf7", None, Some(1002)),
            (b"\x88\x03\x03\xe8\xff", None, Some(1007)),
            (b"\x88\x7e\0\x02\x03\xe8", None, Some(1002)),
            (b"\x88\x82\0\0\0\0\x03\xe8", None, Some(1002)),
        ] {
            match Close::read(frame) {
                Ok(read) => assert_eq!((Some(read), None), (close, answer), "{frame:?}"),
                Err((code, _)) => assert_eq!((None, Some(code)), (close, answer), "{frame:?}"),
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
