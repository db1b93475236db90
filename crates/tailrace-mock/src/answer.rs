//! What goes over the wire for one request: bytes, pauses, and how it ends.

use std::fmt::Write as _;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;

use crate::journal::Entry;
use crate::stamp;
use crate::websocket::Step;

/// A reply as bytes in time.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The pause before the head.
    pub(crate) delay: Duration,
    /// Status line and headers; for a short reply also the body, so that it is one write.
    pub(crate) head: Bytes,
    /// What follows, one write each.
    pub(crate) pieces: Arc<[Piece]>,
    /// What happens after the last piece.
    pub(crate) ending: Ending,
    /// What is said over the WebSocket that the connection becomes; the head is then one of 101.
    pub(crate) steps: Option<Arc<[Step]>>,
}

/// One write, after a pause.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// The pause before the write.
    pub(crate) delay: Duration,
    /// The bytes, framing included.
    pub(crate) bytes: Bytes,
    /// Where the time of the write goes into them.
    pub(crate) stamps: Box<[usize]>,
}

impl Piece {
    /// Bytes that are the same each time.
    pub(crate) fn new(delay: Duration, bytes: Bytes) -> Piece {
        Piece {
            delay,
            bytes,
            stamps: Box::default(),
        }
    }
}

/// What happens to the connection when everything was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Wait for the next request.
    KeepAlive,
    /// Close in an orderly way (FIN).
    Close,
    /// Close with RST.
    Reset,
    /// Say nothing more until the client leaves.
    Stall,
}

impl Answer {
    /// A complete JSON reply that leaves the connection open.
    pub(crate) fn json(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = Head::new(status, None);
        head.add("content-type", "application/json");
        for (name, value) in headers {
            head.add(name, value);
        }
        head.add("content-length", &body.len().to_string());
        let mut bytes = head.finish();
        bytes.put_slice(body);
        Answer {
            delay: Duration::ZERO,
            head: bytes.freeze(),
            pieces: Arc::new([]),
            ending: Ending::KeepAlive,
            steps: None,
        }
    }

    /// Plays the reply on `socket` and says how to go on with the connection.
    pub(crate) async fn play<W>(&self, socket: &mut W, entry: Option<&Entry>) -> io::Result<Ending>
    where
        W: AsyncWrite + Unpin,
    {
        pause(self.delay).await;
        write(socket, &self.head, entry).await?;
        for piece in self.pieces.iter() {
            pause(piece.delay).await;
            match piece.stamps.is_empty() {
                true => write(socket, &piece.bytes, entry).await?,
                false => write(socket, &stamp::put(&piece.bytes, &piece.stamps), entry).await?,
            }
        }
        if let Some(entry) = entry {
            entry.answered();
        }
        if self.ending == Ending::Stall {
            pending::<()>().await;
        }
        Ok(self.ending)
    }
}

async fn pause(length: Duration) {
    if !length.is_zero() {
        sleep(length).await;
    }
}

async fn write<W>(socket: &mut W, bytes: &[u8], entry: Option<&Entry>) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let mut rest = bytes;
    while !rest.is_empty() {
        // Taken before the call: the client may be ahead of this task when the call returns.
        let at = Instant::now();
        let written = socket.write(rest).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        if let Some(entry) = entry {
            entry.wrote(written, at);
        }
        rest = rest.get(written..).unwrap_or_default();
    }
    Ok(())
}

/// Builds the head of a reply.
#[derive(Debug)]
pub(crate) struct Head(String);

impl Head {
    /// Starts with the status line. Without a reason the usual one for the status is taken.
    pub(crate) fn new(status: u16, reason: Option<&str>) -> Head {
        Head(format!(
            "HTTP/1.1 {status} {}\r\n",
            reason.unwrap_or_else(|| usual_reason(status))
        ))
    }

    /// Adds a header as it is: a script may send names and values that no well-behaved server would.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{name}: {value}\r\n");
    }

    /// Ends the head.
    pub(crate) fn finish(mut self) -> BytesMut {
        self.0.push_str("\r\n");
        BytesMut::from(self.0.as_bytes())
    }
}

/// Appends `payload` to `out` as one chunk of the chunked transfer coding.
pub(crate) fn put_chunk(out: &mut BytesMut, payload: &[u8]) {
    out.put_slice(format!("{:x}\r\n", payload.len()).as_bytes());
    out.put_slice(payload);
    out.put_slice(b"\r\n");
}

/// The end of a chunked body.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

fn usual_reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unnamed",
    }
}
