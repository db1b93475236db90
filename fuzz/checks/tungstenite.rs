//! Tungstenite as a second reader of frames.

use std::io::{Read, Result, Write};

use tokio_tungstenite::tungstenite::{
    Error, Message, WebSocket,
    error::ProtocolError,
    protocol::{Role, WebSocketConfig},
};

/// What is read: the kind of each message and control frame, by its opcode, and its data; and how that ends, with a close frame
/// or the close code of a fault, if it does.
pub(crate) type Found = (
    Vec<(u8, Vec<u8>)>,
    Option<std::result::Result<(u16, String), u16>>,
);

/// Bytes that are there.
struct Bytes<'b>(&'b [u8]);

impl Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// What tungstenite reads as a client.
fn found(bytes: &[u8], most: usize) -> Found {
    let config = WebSocketConfig::default()
        .max_message_size(Some(most))
        .max_frame_size(Some(most));
    let mut socket = WebSocket::from_raw_socket(Bytes(bytes), Role::Client, Some(config));
    let mut all = Vec::new();
    loop {
        let end = match socket.read() {
            Ok(Message::Text(text)) => {
                all.push((1, text.as_bytes().to_vec()));
                continue;
            }
            Ok(Message::Binary(data)) => {
                all.push((2, data.to_vec()));
                continue;
            }
            Ok(Message::Ping(data)) => {
                all.push((9, data.to_vec()));
                continue;
            }
            Ok(Message::Pong(data)) => {
                all.push((10, data.to_vec()));
                continue;
            }
            Ok(Message::Frame(_)) => unreachable!("no frame is read as one"),
            Ok(Message::Close(close)) => Some(Ok(close.map_or_else(
                || (1005, String::new()),
                |close| (close.code.into(), close.reason.as_str().to_owned()),
            ))),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => None,
            Err(Error::Capacity(_)) => Some(Err(1009)),
            Err(Error::Utf8(_)) => Some(Err(1007)),
            Err(Error::Protocol(_)) => Some(Err(1002)),
            Err(error) => panic!("{error}"),
        };
        return (all, end);
    }
}

/// Ours read the same, and judged it the same, except where it sees more or sooner.
pub(crate) fn check(bytes: &[u8], most: usize, (all, end): &Found) {
    let (expected, its) = found(bytes, most);
    if *end == Some(Err(1002)) {
        // It reads a control frame whose length is in more than one byte, and looks at other faults before this. Whether ours
        // is right is for the reader of RFC 6455 to say.
        assert!(
            expected.starts_with(all),
            "{all:?}, and tungstenite: {expected:?}"
        );
        return;
    }
    assert_eq!(*all, expected);
    let is_same = match &its {
        // It looks at a frame when all of it is there.
        None => matches!(end, None | Some(Err(_))),
        // This is what it makes of codes that it does not know.
        Some(Ok((1002, reason))) if reason == "Protocol violation" => {
            matches!(end, Some(Ok((1014, _)))) || *end == its
        }
        _ => *end == its,
    };
    assert!(is_same, "{end:?}, and tungstenite: {its:?}");
}
