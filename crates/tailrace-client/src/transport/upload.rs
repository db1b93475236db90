//! The body of a request that is sent piece by piece.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tailrace_core::{error::Error, request::Segment};

use super::{http1::chunk, reading::Reading};
use crate::source::Source;

/// What is left to be sent.
pub(super) struct Upload {
    reading: Reading,
    left: Left,
}

enum Left {
    /// Bytes of a body whose length was said.
    Known(u64),
    /// It ends with a chunk that has none.
    Chunks,
    Nothing,
}

impl Upload {
    /// The body that these segments make, of this length where it is known.
    pub(super) fn new(segments: Vec<Segment>, length: Option<u64>, sources: Arc<[Source]>) -> Self {
        Upload {
            reading: Reading::new(segments, sources),
            left: length.map_or(Left::Chunks, Left::Known),
        }
    }

    /// The next piece as it goes over the wire, `None` at the end.
    pub(super) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        // A known length is not read past: a source may never say that it has ended.
        if matches!(self.left, Left::Nothing | Left::Known(0)) {
            return Poll::Ready(Ok(None));
        }
        let piece = ready!(self.reading.poll_piece(cx))?;
        Poll::Ready(Ok(match (piece, &mut self.left) {
            (Some(piece), Left::Known(left)) => {
                let size = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                *left = left.saturating_sub(size);
                Some(piece)
            }
            (Some(piece), _) => Some(chunk(&piece)),
            (None, Left::Known(_)) => None,
            (None, left) => {
                *left = Left::Nothing;
                Some(Bytes::from_static(b"0\r\n\r\n"))
            }
        }))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upload")
    }
}
