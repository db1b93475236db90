//! A conversation over a socket in memory, and the reader of frames alone, for the target `frames`.

use std::collections::VecDeque;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader, duplex},
    task::yield_now,
};

use super::{
    Arrival, Close, Closed, Message, SocketLimits, WebSocket,
    deflate::{Agreed, DeflateOffer, Inflater},
    frames::{Frames, Heard},
    queues::Queues,
    task,
};
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
/// the host closes once they are queued. Nothing is deflated.
pub fn converse(
    limits: SocketLimits,
    messages: Vec<Message>,
    close: Option<Close>,
    pieces: &[&[u8]],
) -> Conversation {
    converse_by(limits, None, messages, close, pieces)
}

/// Does so by what is agreed on.
pub(super) fn converse_by(
    limits: SocketLimits,
    deflate: Option<Agreed>,
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
    let rest = pieces.first().copied().unwrap_or_default();
    let pieces: Vec<Vec<u8>> = pieces.iter().skip(1).map(|piece| piece.to_vec()).collect();
    runtime.block_on(async {
        let queues = Queues::new(limits);
        task::start(&queues, Socket::Memory(BufReader::new(ours)), rest, deflate);
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

/// What is read in `pieces` that come one after the other, with messages of at most so many bytes, which may be deflated: the
/// opcode and the data of each message and control frame, and the close frame, or the close code of a fault, behind which
/// nothing is read.
#[allow(clippy::type_complexity, reason = "a check takes it apart at once")]
pub fn heard(
    pieces: &[&[u8]],
    message_bytes: usize,
    is_deflated: bool,
) -> (Vec<(u8, Vec<u8>)>, Option<Result<(u16, String), u16>>) {
    let agreed = DeflateOffer::default().agree("permessage-deflate").ok();
    let inflater = agreed.filter(|_| is_deflated).as_ref().map(Inflater::new);
    let (mut frames, mut all) = (Frames::new(message_bytes, inflater), Vec::new());
    for piece in pieces {
        let mut rest = *piece;
        loop {
            all.push(match frames.next(&mut rest) {
                Ok(Some(Heard::Message(Message { data, is_text }))) => {
                    (if is_text { 1 } else { 2 }, data.to_vec())
                }
                Ok(Some(Heard::Ping(data))) => (9, data.to_vec()),
                Ok(Some(Heard::Pong(data))) => (10, data.to_vec()),
                Ok(Some(Heard::Close { close, .. })) => {
                    return (all, Some(Ok((close.code, close.reason))));
                }
                Ok(None) => break,
                Err((code, _)) => return (all, Some(Err(code))),
            });
        }
    }
    (all, None)
}
