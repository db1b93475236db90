//! A socket that is read in larger pieces than its reader asks for.

use std::{
    cell::RefCell,
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// The most that is read at a time. TLS asks for 4 kB, which would be a system call for each part of a record.
const BLOCK_BYTES: usize = 64 * 1024;

thread_local! {
    /// Where it is read to: one for all sockets, because an idle one should hold nothing.
    static BLOCK: RefCell<Box<[MaybeUninit<u8>]>> = RefCell::new(Box::new_uninit_slice(BLOCK_BYTES));
}

/// The socket below TLS.
#[derive(Debug)]
pub(crate) struct Ahead {
    tcp: TcpStream,
    /// Read and not yet asked for, from `at` on.
    rest: Vec<u8>,
    at: usize,
}

impl Ahead {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Ahead {
            tcp,
            rest: Vec::new(),
            at: 0,
        }
    }

    pub(super) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// True while nothing is held that the reader has not asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Gives what fits of what is held.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let held = self.rest.get(self.at..).unwrap_or_default();
        let given = held.len().min(buffer.remaining());
        buffer.put_slice(held.get(..given).unwrap_or_default());
        self.at += given;
        if self.at >= self.rest.len() {
            (self.rest, self.at) = (Vec::new(), 0);
        }
    }
}

impl AsyncRead for Ahead {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let ahead = self.get_mut();
        if !ahead.rest.is_empty() {
            ahead.give(buffer);
            return Poll::Ready(Ok(()));
        }
        BLOCK.with_borrow_mut(|block| {
            let mut block = ReadBuf::uninit(block);
            ready!(Pin::new(&mut ahead.tcp).poll_read(cx, &mut block))?;
            let read = block.filled();
            let (given, rest) = read.split_at(read.len().min(buffer.remaining()));
            buffer.put_slice(given);
            if !rest.is_empty() {
                ahead.rest = rest.to_vec();
            }
            Poll::Ready(Ok(()))
        })
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
        let (mut ahead, mut theirs) = (Ahead::new(ours.unwrap()), accepted.unwrap().0);
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
