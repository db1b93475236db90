//! The socket of a connection: what is heard from it, and frames out of tungstenite into it.

use std::{
    io,
    pin::Pin,
    str,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tailrace_core::error::Error;
use tokio::io::AsyncBufRead;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Utf8Bytes,
        protocol::{
            Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use super::{
    close::{Close, broke_off, gone},
    deflate::{Agreed, Deflater, Inflater},
    frames::{Frames, Heard},
    open::SocketLimits,
    queues::Message,
};
use crate::transport::Socket;

/// Messages that came are handed over once they have so many bytes, or the socket has no more; and so many bytes of what goes
/// out are written at a time.
const BURST_BYTES: usize = 64 * 1024;

/// A connection.
#[derive(Debug)]
pub(super) struct Codec {
    /// Reading goes past it.
    pub(super) writer: WebSocketStream<Socket>,
    /// What is sent is deflated by it, if that is agreed on.
    deflater: Option<Deflater>,
    frames: Frames,
    /// What came behind the handshake and was not heard yet.
    rest: Bytes,
}

/// What is to be sent.
#[derive(Debug)]
pub(super) enum Next {
    Ping(Bytes),
    Message(Message),
    Close(Close),
}

/// Reading goes no further.
#[derive(Debug)]
pub(super) enum End {
    Closed {
        close: Close,
        /// See [`Heard::Close`].
        is_inside: bool,
    },
    /// With the close code that tells the server, where it can still be told.
    Failed(Option<u16>, Error),
}

/// What is heard in one go.
#[derive(Debug)]
pub(super) struct Burst {
    pub(super) messages: Vec<Message>,
    pub(super) pongs: Vec<Bytes>,
    /// The last ping, which is the only one that wants an answer: RFC 6455, section 5.5.3.
    pub(super) ping: Option<Bytes>,
    bytes: usize,
    most_messages: usize,
    most_bytes: usize,
}

impl Codec {
    /// The codec of a client that reads `rest` before the socket, and messages of at most so many bytes.
    pub(super) async fn open(
        socket: Socket,
        rest: Bytes,
        message_bytes: usize,
        deflate: Option<Agreed>,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(0)
            .write_buffer_size(BURST_BYTES);
        Codec {
            writer: WebSocketStream::from_raw_socket(socket, Role::Client, Some(config)).await,
            deflater: deflate.as_ref().map(Deflater::new),
            frames: Frames::new(message_bytes, deflate.as_ref().map(Inflater::new)),
            rest,
        }
    }

    /// What is read and written, for reading past the end.
    pub(super) fn socket(&mut self) -> &mut Socket {
        self.writer.get_mut()
    }

    /// The frame of what is to be sent; `None` where it takes so long that it is to be asked for once more.
    pub(super) fn frame(&mut self, next: &Next) -> io::Result<Option<tungstenite::Message>> {
        let message = match next {
            Next::Message(message) => message,
            Next::Ping(data) => return Ok(Some(tungstenite::Message::Ping(data.clone()))),
            Next::Close(close) => return Ok(Some(tungstenite::Message::Close(close.frame()))),
        };
        let data = message.data.clone();
        if let Some(deflater) = &mut self.deflater
            && deflater.takes(&data)
        {
            return Ok(deflater.step(&data)?.map(|small| {
                let is_text = message.is_text && str::from_utf8(&data).is_ok();
                let kind = if is_text { Data::Text } else { Data::Binary };
                let mut frame = Frame::message(small, OpCode::Data(kind), true);
                frame.header_mut().rsv1 = true;
                tungstenite::Message::Frame(frame)
            }));
        }
        let text = match message.is_text {
            true => Utf8Bytes::try_from(data.clone()).ok(),
            false => None,
        };
        Ok(Some(match text {
            Some(text) => tungstenite::Message::Text(text),
            None => tungstenite::Message::Binary(data),
        }))
    }

    /// A message was begun to be made a frame of, and is to be asked for again.
    pub(super) fn is_midway(&self) -> bool {
        self.deflater.as_ref().is_some_and(Deflater::is_midway)
    }

    /// Reads once, and adds what is heard. After an end there is nothing more.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        burst: &mut Burst,
    ) -> Poll<Result<(), End>> {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            let (heard, end) = burst.hear(&mut self.frames, &rest);
            self.rest = rest.slice(heard..);
            return Poll::Ready(end);
        }
        let mut socket = Pin::new(self.writer.get_mut());
        let read = ready!(socket.as_mut().poll_fill_buf(cx));
        let bytes = read.map_err(|error| End::Failed(None, broke_off(&error)))?;
        if bytes.is_empty() {
            return Poll::Ready(Err(End::Failed(None, gone())));
        }
        let (heard, end) = burst.hear(&mut self.frames, bytes);
        socket.consume(heard);
        Poll::Ready(end)
    }
}

impl Burst {
    /// Of at most so much, and one message more, as the limits let a host be behind.
    pub(super) fn new(limits: &SocketLimits) -> Self {
        Burst {
            messages: Vec::new(),
            pongs: Vec::new(),
            ping: None,
            bytes: 0,
            most_messages: limits.receive_messages,
            most_bytes: limits.receive_bytes,
        }
    }

    /// True once it is to be handed over.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= BURST_BYTES || self.is_over()
    }

    /// True once the host may not have more.
    fn is_over(&self) -> bool {
        self.bytes >= self.most_bytes || self.messages.len() >= self.most_messages
    }

    /// Takes what one burst may have from the front of `bytes`, and gives how much of them that is.
    fn hear(&mut self, frames: &mut Frames, bytes: &[u8]) -> (usize, Result<(), End>) {
        let mut rest = bytes;
        let end = self.hear_all(frames, &mut rest);
        (bytes.len() - rest.len(), end)
    }

    fn hear_all(&mut self, frames: &mut Frames, bytes: &mut &[u8]) -> Result<(), End> {
        let failed = |(code, error)| End::Failed(Some(code), error);
        while let Some(heard) = frames.next(bytes).map_err(failed)? {
            // A control frame counts, too: however many there are, the messages among them are handed over.
            self.bytes += size_of::<Heard>();
            match heard {
                Heard::Message(message) => {
                    self.bytes += message.data.len();
                    self.messages.push(message);
                }
                Heard::Pong(data) => self.pongs.push(data),
                Heard::Ping(data) => self.ping = Some(data),
                Heard::Close { close, is_inside } => return Err(End::Closed { close, is_inside }),
            }
            if self.is_over() {
                break;
            }
        }
        Ok(())
    }
}
