//! A connection: requests out, the bytes of answers in.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The bytes of one read.
const READ_BYTES: usize = 64 * 1024;

/// An open connection with what was read ahead.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What of the buffer is read, and what of that is taken.
    read: usize,
    taken: usize,
}

impl Socket {
    /// Connects.
    pub(crate) async fn open(address: &str) -> Result<Socket, String> {
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| format!("no connection to {address}: {error}"))?;
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        Ok(Socket {
            stream,
            buffer: vec![0; READ_BYTES],
            read: 0,
            taken: 0,
        })
    }

    /// Sends a request.
    pub(crate) async fn send(&mut self, request: &str) -> Result<(), String> {
        let sent = self.stream.write_all(request.as_bytes()).await;
        sent.map_err(|error| format!("the request was not taken: {error}"))
    }

    /// What is read and not yet taken.
    pub(crate) fn waiting(&self) -> &[u8] {
        self.buffer.get(self.taken..self.read).unwrap_or_default()
    }

    /// Takes that many bytes away.
    pub(crate) fn take(&mut self, length: usize) {
        self.taken = (self.taken + length).min(self.read);
    }

    /// Reads once more, behind what is waiting.
    ///
    /// # Errors
    /// When the server has closed the connection or sends a line that is longer than the buffer.
    pub(crate) async fn fill(&mut self) -> Result<(), String> {
        self.buffer.copy_within(self.taken..self.read, 0);
        self.read -= self.taken;
        self.taken = 0;
        let room = self.buffer.get_mut(self.read..).unwrap_or_default();
        match self.stream.read(room).await {
            Ok(0) => Err("the server ended the connection within an answer".to_owned()),
            Ok(length) => {
                self.read += length;
                Ok(())
            }
            Err(error) => Err(format!("the connection broke: {error}")),
        }
    }
}
