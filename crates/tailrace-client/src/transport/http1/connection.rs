//! A socket with what was read from it and not yet understood.

use std::{
    future::Future,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWrite};

use crate::transport::{connect::Forward, socket::Socket};

/// The least and the most that is read at a time. A stream of small events keeps to the least, so that an event that waits
/// for its consumer holds on to little; a large body comes to the most.
const LEAST_BYTES: usize = 4 * 1024;
const MOST_BYTES: usize = 128 * 1024;

/// A connection to a server, or to a proxy that is asked for URLs.
#[derive(Debug)]
pub(in crate::transport) struct Connection {
    socket: Socket,
    pub(super) forward: Option<Forward>,
    /// What was read and not yet understood.
    pub(super) buffer: BytesMut,
    /// How much is asked for at a time.
    block: usize,
}

impl Connection {
    pub(in crate::transport) fn new(socket: Socket, forward: Option<Forward>) -> Self {
        Connection {
            socket,
            forward,
            buffer: BytesMut::new(),
            block: LEAST_BYTES,
        }
    }

    /// The socket, and what was read from it and not yet understood.
    pub(in crate::transport) fn into_parts(self) -> (Socket, BytesMut) {
        (self.socket, self.buffer)
    }

    /// The proxy that is asked for URLs, if this is a connection to one.
    pub(in crate::transport) fn forward(&self) -> Option<&Forward> {
        self.forward.as_ref()
    }

    /// True if an idle connection can be used again. See [`Socket::is_quiet`].
    pub(in crate::transport) fn is_quiet(&self) -> bool {
        self.socket.is_quiet()
    }

    /// True if an idle connection has not been closed, as far as the runtime knows; `cx` is then woken when it is.
    pub(in crate::transport) fn waits_quietly(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_fill(cx).is_pending()
    }

    /// Reads more into the buffer: how many bytes, none at the end. Pending says that the socket has nothing now.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let spare = self.buffer.capacity() - self.buffer.len();
        if spare < self.block / 4 {
            self.buffer.reserve(self.block);
        }
        let spare = self.buffer.capacity() - self.buffer.len();
        let reading = pin!(self.socket.read_buf(&mut self.buffer));
        let read = ready!(reading.poll(cx))?;
        if read == spare {
            self.block = (self.block * 2).min(MOST_BYTES);
        } else if read < self.block / 8 {
            self.block = (self.block / 2).max(LEAST_BYTES);
        }
        Poll::Ready(Ok(read))
    }

    /// Hands bytes to the socket: how many it took.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    /// Sends what the socket took and holds back.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }
}
