//! One request on its way and the answer to it.

use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes, BytesMut};
use http::{Method, StatusCode};
use tailrace_core::error::Error;
use tokio::time::Instant;

use super::{
    connection::Connection,
    framing::Malformed,
    head::{self, Answer, Scan},
};
use crate::transport::{socket::Socket, upload::Upload};

/// A connection with a request that is being sent, and an answer that is being read. Dropping it closes the socket.
#[derive(Debug)]
pub(in crate::transport) struct Exchange {
    connection: Connection,
    method: Method,
    /// When a part of the head last came that does not complete it.
    heard: Option<Instant>,
    scan: Scan,
    sending: Sending,
}

/// Why an exchange got no head.
#[derive(Debug)]
pub(in crate::transport) enum Fault {
    /// The connection was closed: before a whole request had been sent, and before any of the answer had come?
    Closed {
        is_unsent: bool,
        is_unanswered: bool,
    },
    Io {
        error: io::Error,
        is_unsent: bool,
    },
    Malformed(Malformed),
    /// The body of the request could not be read.
    Unreadable(Error),
}

#[derive(Debug)]
struct Sending {
    /// What is handed to the socket now.
    bytes: Bytes,
    /// What comes after it.
    upload: Option<Upload>,
    /// The socket may hold something back.
    is_held_back: bool,
    /// When the socket last took something.
    moved: Instant,
    /// Sending broke off, which is no failure as long as the server answers.
    broken: Option<io::Error>,
    is_whole: bool,
}

impl Exchange {
    /// Begins to send `bytes`, and then the pieces of `upload`.
    pub(in crate::transport) fn new(
        connection: Connection,
        method: Method,
        bytes: Bytes,
        upload: Option<Upload>,
    ) -> Self {
        Exchange {
            connection,
            heard: None,
            method,
            scan: Scan::default(),
            sending: Sending {
                bytes,
                upload,
                is_held_back: false,
                moved: Instant::now(),
                broken: None,
                is_whole: false,
            },
        }
    }

    /// Lets the server answer with 101, and so by another protocol.
    pub(in crate::transport) fn may_switch(&mut self) {
        self.scan.may_switch = true;
    }

    /// The socket, and what came behind the head, of a connection that switched to another protocol.
    pub(in crate::transport) fn into_switched(self) -> (Socket, BytesMut) {
        self.connection.into_parts()
    }

    /// True while a body that is sent piece by piece is not whole.
    pub(in crate::transport) fn is_uploading(&self) -> bool {
        self.sending.upload.is_some() && self.sending.broken.is_none()
    }

    /// When the socket last took something of the request.
    pub(in crate::transport) fn moved(&self) -> Instant {
        self.sending.moved
    }

    /// When a part of the head last came that did not complete it.
    pub(in crate::transport) fn heard(&self) -> Option<Instant> {
        self.heard
    }

    /// What was read and not yet understood.
    pub(in crate::transport) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.connection.buffer
    }

    /// The connection, if nothing is left to be sent or was said unasked.
    pub(in crate::transport) fn into_idle(self) -> Option<Connection> {
        let is_idle = self.sending.is_whole && self.connection.buffer.is_empty();
        is_idle.then_some(self.connection)
    }

    /// Sends, and waits for the head of the final answer.
    pub(in crate::transport) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Answer, Fault>> {
        self.poll_send(cx).map_err(Fault::Unreadable)?;
        let mut has_read = false;
        loop {
            let taken = head::take(&mut self.connection.buffer, &mut self.scan, &self.method);
            match taken.map_err(Fault::Malformed)? {
                Some(answer) if answer.status == StatusCode::SWITCHING_PROTOCOLS => {
                    return Poll::Ready(Ok(answer));
                }
                Some(answer) if answer.status.is_informational() => continue,
                Some(answer) => return Poll::Ready(Ok(answer)),
                None if has_read => self.heard = Some(Instant::now()),
                None => {}
            }
            let is_unsent = !self.sending.is_whole;
            match ready!(self.connection.poll_fill(cx)) {
                Ok(0) => {
                    let is_unanswered = self.connection.buffer.is_empty();
                    return Poll::Ready(Err(match self.sending.broken.take() {
                        Some(error) if is_unanswered => Fault::Io { error, is_unsent },
                        _ => Fault::Closed {
                            is_unsent,
                            is_unanswered,
                        },
                    }));
                }
                Ok(_) => has_read = true,
                Err(error) => return Poll::Ready(Err(Fault::Io { error, is_unsent })),
            }
        }
    }

    /// Goes on with sending, and reads more of the body into the buffer: false at the end of the connection. Pending says
    /// that the socket has nothing now.
    pub(in crate::transport) fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        if !self.sending.is_whole && self.poll_send(cx).is_err() {
            // The server has answered; what it answers counts, and it no longer waits for what cannot be read.
            self.sending.upload = None;
        }
        let read = ready!(self.connection.poll_fill(cx))?;
        Poll::Ready(Ok(read > 0))
    }

    /// Sends what the socket takes. An error is one of the body's source; one of the socket is kept.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        if self.sending.is_whole || self.sending.broken.is_some() {
            return Ok(());
        }
        match self.sending.poll(&mut self.connection, cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(())) => {
                self.sending.is_whole = true;
                self.sending.moved = Instant::now();
                Ok(())
            }
            Poll::Ready(Err(Broken::Socket(error))) => {
                self.sending.upload = None;
                self.sending.broken = Some(error);
                Ok(())
            }
            Poll::Ready(Err(Broken::Source(error))) => Err(error),
        }
    }
}

enum Broken {
    Socket(io::Error),
    Source(Error),
}

impl Sending {
    fn poll(
        &mut self,
        connection: &mut Connection,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Broken>> {
        loop {
            while !self.bytes.is_empty() {
                let taken =
                    ready!(connection.poll_write(cx, &self.bytes)).map_err(Broken::Socket)?;
                if taken == 0 {
                    return Poll::Ready(Err(Broken::Socket(io::ErrorKind::WriteZero.into())));
                }
                self.bytes.advance(taken);
                self.is_held_back = true;
                if self.upload.is_some() {
                    self.moved = Instant::now();
                }
            }
            let piece = match &mut self.upload {
                Some(upload) => upload.poll_piece(cx),
                None => Poll::Ready(Ok(None)),
            };
            match piece {
                Poll::Ready(Ok(Some(piece))) => self.bytes = piece,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(Broken::Source(error))),
                // What was taken goes out before anything is waited for.
                Poll::Ready(Ok(None)) | Poll::Pending => {
                    if self.is_held_back {
                        ready!(connection.poll_flush(cx)).map_err(Broken::Socket)?;
                        self.is_held_back = false;
                    }
                    if piece.is_pending() {
                        return Poll::Pending;
                    }
                    self.upload = None;
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl Fault {
    /// True when the server had closed a connection before it had the request, so that another may well take it.
    pub(in crate::transport) fn is_stale(&self) -> bool {
        match self {
            Fault::Closed {
                is_unsent,
                is_unanswered,
            } => *is_unsent && *is_unanswered,
            Fault::Io { is_unsent, .. } => *is_unsent,
            Fault::Malformed(_) | Fault::Unreadable(_) => false,
        }
    }
}

/// A piece of a body of unknown length, as it is sent.
pub(in crate::transport) fn chunk(piece: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(piece.len() + 16);
    framed.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
    framed.extend_from_slice(piece);
    framed.extend_from_slice(b"\r\n");
    framed.freeze()
}
