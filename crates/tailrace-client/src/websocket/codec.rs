//! The codec of a connection, and what goes in and out of it.

use bytes::Bytes;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self as frames,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{heads::Heads, queues::Message};
use crate::transport::Socket;

/// How much is taken at a time of what was read. A connection that is idle holds so much.
const READ_BYTES: usize = 8 * 1024;
/// Messages that came are handed over once they have so many bytes, or the socket has no more.
pub(super) const BURST_BYTES: usize = 64 * 1024;
/// A smaller message is copied: it would keep all that was read with it.
const SMALL_BYTES: usize = 256;

/// Reads and writes messages.
pub(super) type Codec = WebSocketStream<Heads>;

/// The codec of a client that reads `rest` before the socket, and messages of at most so many bytes.
pub(super) async fn open(socket: Socket, rest: Bytes, message_bytes: usize) -> Codec {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(BURST_BYTES)
        .max_message_size(Some(message_bytes))
        .max_frame_size(Some(message_bytes));
    let heads = Heads::new(socket.read_ahead(), rest);
    WebSocketStream::from_raw_socket(heads, Role::Client, Some(config)).await
}

/// A message that is to be sent.
pub(super) fn frame(message: &Message) -> frames::Message {
    let data = message.data.clone();
    if message.is_text {
        match data.try_into() {
            Ok(text) => return frames::Message::Text(text),
            Err(_) => return frames::Message::Binary(message.data.clone()),
        }
    }
    frames::Message::Binary(data)
}

/// The data of a message that came, for as long as the host likes.
pub(super) fn kept(data: Bytes) -> Bytes {
    if data.len() < SMALL_BYTES {
        Bytes::copy_from_slice(&data)
    } else {
        data
    }
}
