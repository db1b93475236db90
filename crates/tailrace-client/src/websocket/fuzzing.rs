//! A conversation over a socket in memory, for the target `frames`.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    task::yield_now,
};

use super::{Arrival, Close, Closed, Message, SocketLimits, WebSocket, queues::Queues, task};
use crate::transport::Socket;

/// How a conversation went.
#[derive(Debug)]
pub struct Conversation {
    /// What the host got.
    pub arrived: Vec<Message>,
    /// How it was told of the end.
    pub closed: Closed,
    /// What was handed back to it.
    pub unsent: VecDeque<Message>,
    /// What the server got.
    pub written: Vec<u8>,
}

/// Bytes between the two ends; more wait for the other.
const PIPE_BYTES: usize = 1 << 16;

/// Sends messages to a server that says `pieces`, the first of them right behind its handshake, and goes. With `close`,
/// the host closes once they are queued.
pub fn converse(
    limits: SocketLimits,
    messages: Vec<Message>,
    close: Option<Close>,
    pieces: &[&[u8]],
) -> Conversation {
    #[allow(clippy::expect_used, reason = "without it there is nothing to check")]
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O needs nothing of the system");
    let (ours, theirs) = duplex(PIPE_BYTES);
    let rest = Bytes::copy_from_slice(pieces.first().copied().unwrap_or_default());
    let pieces: Vec<Vec<u8>> = pieces.iter().skip(1).map(|piece| piece.to_vec()).collect();
    runtime.block_on(async {
        let queues = Queues::new(limits);
        task::start(&queues, Socket::Memory(ours), rest);
        let socket = WebSocket::new(queues);
        for message in messages {
            // What the queue has no room for was never taken.
            let _ = socket.send(message);
        }
        if let Some(close) = close {
            socket.close(close);
        }
        let (mut hears, mut says) = tokio::io::split(theirs);
        let server = tokio::spawn(async move {
            for piece in pieces {
                if says.write_all(&piece).await.is_err() {
                    break;
                }
                yield_now().await;
            }
            let _ = says.shutdown().await;
        });
        let heard = tokio::spawn(async move {
            let mut written = Vec::new();
            let _ = hears.read_to_end(&mut written).await;
            written
        });
        let mut arrived = Vec::new();
        let closed = loop {
            match socket.pop() {
                Arrival::Message(message) => arrived.push(message),
                Arrival::Empty => yield_now().await,
                Arrival::Closed(closed) => break *closed,
            }
        };
        let unsent = socket.unsent();
        let _ = server.await;
        let written = heard.await.unwrap_or_default();
        Conversation {
            arrived,
            closed,
            unsent,
            written,
        }
    })
}
