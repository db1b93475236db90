//! A connected socket, plain or under TLS.

use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::{ahead::Ahead, tls::HTTP2};

/// What a connection reads and writes.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(Ahead),
    /// TLS over TCP, or over the TLS of a proxy.
    Tls(Box<TlsStream<Socket>>),
    /// Of a check that has no socket.
    #[cfg(any(test, fuzzing))]
    Memory(tokio::io::BufReader<tokio::io::DuplexStream>),
}

impl Socket {
    /// True while the peer has neither closed nor said anything, which is how a connection that can be used again looks.
    ///
    /// Asks the system, because what the runtime knows of a socket is as old as its last look at all sockets.
    pub(super) fn is_quiet(&self) -> bool {
        let mut socket = self;
        loop {
            match socket {
                Socket::Tcp(ahead) => return ahead.is_empty() && has_nothing(ahead.tcp()),
                Socket::Tls(tls) => socket = tls.get_ref().0,
                #[cfg(any(test, fuzzing))]
                Socket::Memory(_) => return false,
            }
        }
    }
}

fn has_nothing(tcp: &TcpStream) -> bool {
    let peeked = SockRef::from(tcp).peek(&mut [MaybeUninit::uninit()]);
    peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

impl Socket {
    /// The same socket, read in large pieces where it is one of the system.
    pub(super) fn read_ahead(self) -> Self {
        match self {
            Socket::Tcp(tcp) => Socket::Tcp(tcp.read_ahead()),
            other => other,
        }
    }

    /// True if the server agreed in the handshake to speak HTTP/2.
    pub(super) fn speaks_http2(&self) -> bool {
        match self {
            Socket::Tcp(_) => false,
            Socket::Tls(tls) => tls.get_ref().1.alpn_protocol() == Some(HTTP2),
            #[cfg(any(test, fuzzing))]
            Socket::Memory(_) => false,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Socket::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
            #[cfg(any(test, fuzzing))]
            Socket::Memory(memory) => Pin::new(memory).poll_read(cx, buffer),
        }
    }
}

impl AsyncBufRead for Socket {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        match self.get_mut() {
            Socket::Tcp(tcp) => Pin::new(tcp).poll_fill_buf(cx),
            Socket::Tls(tls) => Pin::new(tls).poll_fill_buf(cx),
            #[cfg(any(test, fuzzing))]
            Socket::Memory(memory) => Pin::new(memory).poll_fill_buf(cx),
        }
    }

    fn consume(self: Pin<&mut Self>, bytes: usize) {
        match self.get_mut() {
            Socket::Tcp(tcp) => Pin::new(tcp).consume(bytes),
            Socket::Tls(tls) => Pin::new(tls).consume(bytes),
            #[cfg(any(test, fuzzing))]
            Socket::Memory(memory) => Pin::new(memory).consume(bytes),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Socket::Tcp(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Socket::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
            #[cfg(any(test, fuzzing))]
            Socket::Memory(memory) => Pin::new(memory).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Socket::Tls(tls) => Pin::new(tls).poll_flush(cx),
            #[cfg(any(test, fuzzing))]
            Socket::Memory(memory) => Pin::new(memory).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Socket::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
            #[cfg(any(test, fuzzing))]
            Socket::Memory(memory) => Pin::new(memory).poll_shutdown(cx),
        }
    }
}
