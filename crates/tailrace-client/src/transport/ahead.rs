//! A socket of the system, which can be read in larger pieces than its reader asks for.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// The most that is read at a time. TLS asks for 4 kB, which would be a system call for each part of a record.
const BLOCK_BYTES: usize = 64 * 1024;

thread_local! {
    /// Where it is read to: one for all sockets, because an idle one should hold nothing. One whose reader leaves much of what
    /// was read keeps it for so long, rather than a copy.
    static BLOCK: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// A socket below TLS, or below a reader that takes what it finds.
#[derive(Debug)]
pub(crate) struct Ahead {
    tcp: TcpStream,
    /// A reader that asks for little is read ahead of.
    is_ahead: bool,
    held: Option<Held>,
}

/// A block that was read and has not been taken from `at` to `end`.
#[derive(Debug)]
struct Held {
    block: Box<[u8]>,
    at: usize,
    end: usize,
}

impl Ahead {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Ahead {
            tcp,
            is_ahead: false,
            held: None,
        }
    }

    /// The same socket, read in large pieces whatever its reader asks for.
    pub(super) fn read_ahead(self) -> Self {
        Ahead {
            is_ahead: true,
            ..self
        }
    }

    pub(super) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// True while nothing is held that the reader has not asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_none()
    }
}

impl AsyncBufRead for Ahead {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let ahead = self.get_mut();
        if ahead.held.is_none() {
            let mut block = BLOCK
                .take()
                .unwrap_or_else(|| vec![0; BLOCK_BYTES].into_boxed_slice());
            let mut buffer = ReadBuf::new(&mut block);
            let read = Pin::new(&mut ahead.tcp).poll_read(cx, &mut buffer);
            match buffer.filled().len() {
                0 => BLOCK.set(Some(block)),
                end => ahead.held = Some(Held { block, at: 0, end }),
            }
            ready!(read)?;
        }
        let held = ahead.held.as_ref();
        Poll::Ready(Ok(held.map_or(&[], Held::bytes)))
    }

    fn consume(self: Pin<&mut Self>, bytes: usize) {
        let ahead = self.get_mut();
        let Some(mut held) = ahead.held.take() else {
            return;
        };
        held.at += bytes;
        if held.block.len() == BLOCK_BYTES && held.bytes().len() < BLOCK_BYTES / 2 {
            // The reader may take its time, and what is left is not worth the block.
            let rest: Box<[u8]> = held.bytes().into();
            let end = rest.len();
            BLOCK.set(Some(std::mem::replace(&mut held.block, rest)));
            (held.at, held.end) = (0, end);
        }
        ahead.held = Some(held).filter(|held| held.at < held.end);
    }
}

impl Held {
    fn bytes(&self) -> &[u8] {
        self.block.get(self.at..self.end).unwrap_or_default()
    }
}

impl AsyncRead for Ahead {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.is_ahead && self.is_empty() {
            return Pin::new(&mut self.tcp).poll_read(cx, buffer);
        }
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let given = bytes.len().min(buffer.remaining());
        buffer.put_slice(bytes.get(..given).unwrap_or_default());
        self.consume(given);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Ahead {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tcp).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn small_reads_give_everything_in_order() {
        let sent: Vec<u8> = (0..3 * BLOCK_BYTES).map(|at| (at % 251) as u8).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap());
        let (ours, accepted) = tokio::join!(tcp, listener.accept());
        let mut ahead = Ahead::new(ours.unwrap()).read_ahead();
        let mut theirs = accepted.unwrap().0;
        let writing = async {
            theirs.write_all(&sent).await.unwrap();
            theirs.shutdown().await.unwrap();
        };
        let reading = async {
            let (mut read, mut held) = (Vec::new(), false);
            let mut piece = [0; 4096];
            loop {
                let size = ahead.read(&mut piece).await.unwrap();
                held |= !ahead.is_empty();
                // The block is kept for much only.
                assert!(ahead.held.as_ref().is_none_or(|held| {
                    held.block.len() < BLOCK_BYTES || held.bytes().len() >= BLOCK_BYTES / 2
                }));
                match size {
                    0 => break (read, held),
                    _ => read.extend_from_slice(&piece[..size]),
                }
            }
        };
        let ((), (read, held)) = tokio::join!(writing, reading);
        assert!(read == sent, "{} bytes of {}", read.len(), sent.len());
        assert!(held, "nothing was read ahead");
        assert!(ahead.is_empty());
    }
}
