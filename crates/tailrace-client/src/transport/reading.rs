//! The pieces of a request body, read while they are sent.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tailrace_core::{
    error::{Code, Error},
    request::Segment,
};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    push::Pushed,
    source::{FileRange, Source},
};

/// The most bytes that are handed to the connection, or read from a file, at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// What is left to be read.
pub(super) struct Reading {
    segments: std::vec::IntoIter<Segment>,
    current: Current,
    sources: Arc<[Source]>,
}

enum Current {
    None,
    Bytes(Bytes),
    File(FileReader),
    Pushed {
        pushed: Arc<Pushed>,
        left: Option<u64>,
    },
}

impl Reading {
    /// The pieces of these segments, from the first one on.
    pub(super) fn new(segments: Vec<Segment>, sources: Arc<[Source]>) -> Self {
        for source in sources.iter() {
            if let Source::Pushed(pushed) = source {
                pushed.open();
            }
        }
        Reading {
            segments: segments.into_iter(),
            current: Current::None,
            sources,
        }
    }

    /// The next piece, `None` at the end.
    pub(super) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            let piece = match &mut self.current {
                Current::None => None,
                Current::Bytes(bytes) if bytes.is_empty() => None,
                Current::Bytes(bytes) => Some(bytes.split_to(bytes.len().min(BLOCK_BYTES))),
                Current::File(reader) => ready!(reader.poll_block(cx))?,
                Current::Pushed { pushed, left } => ready!(pushed.poll_within(left, cx))?,
            };
            if piece.is_some() {
                return Poll::Ready(Ok(piece));
            }
            self.current = match self.segments.next() {
                None => return Poll::Ready(Ok(None)),
                Some(Segment::Bytes(bytes)) => Current::Bytes(bytes),
                Some(Segment::Source { index, length }) => match self.sources.get(index) {
                    Some(Source::File(range)) => Current::File(FileReader::new(range.clone())),
                    Some(Source::Pushed(pushed)) => Current::Pushed {
                        pushed: Arc::clone(pushed),
                        left: length,
                    },
                    None => {
                        return Poll::Ready(Err(Error::new(
                            Code::Internal,
                            "a part of the body has no source; please report this to the tailrace project",
                        )));
                    }
                },
            };
        }
    }
}

/// Reads a file on a thread that may block, a block ahead of the connection.
struct FileReader {
    range: FileRange,
    at: u64,
    ahead: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileReader {
    fn new(range: FileRange) -> Self {
        let mut reader = FileReader {
            range,
            at: 0,
            ahead: None,
        };
        reader.read_ahead();
        reader
    }

    fn read_ahead(&mut self) {
        if self.at < self.range.len() {
            let (range, at) = (self.range.clone(), self.at);
            self.ahead = Some(spawn_blocking(move || range.read(at, BLOCK_BYTES)));
        }
    }

    fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        let Some(ahead) = &mut self.ahead else {
            return Poll::Ready(Ok(None));
        };
        let read =
            ready!(Pin::new(ahead).poll(cx)).unwrap_or_else(|error| Err(io::Error::other(error)));
        self.ahead = None;
        let block = match read {
            Ok(block) => block,
            Err(error) => {
                return Poll::Ready(Err(Error::new(
                    Code::UnreadableBody,
                    "a file could not be read while it was being sent; check that it is a regular file on a disk that works",
                )
                .with_causes(vec![error.to_string()])));
            }
        };
        if block.is_empty() {
            return Poll::Ready(Err(Error::new(
                Code::UnreadableBody,
                format!(
                    "a file became shorter while it was being sent: {} bytes were to be sent and it ends after {}; send it again when nothing writes to it",
                    self.range.len(),
                    self.at
                ),
            )));
        }
        self.at = self
            .at
            .saturating_add(u64::try_from(block.len()).unwrap_or(u64::MAX));
        self.read_ahead();
        Poll::Ready(Ok(Some(block)))
    }
}
