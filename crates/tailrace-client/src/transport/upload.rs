//! The body of a request that is sent piece by piece.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tailrace_core::{error::Error, request::Segment};

use super::{http1::chunk, reading::Reading};
use crate::{
    push::{take_from, too_short},
    source::Source,
};

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
                // What is beyond would be taken for the next request.
                take_from(left, &piece)?;
                Some(piece)
            }
            (Some(piece), _) => Some(chunk(&piece)),
            (None, Left::Known(left)) => return Poll::Ready(Err(too_short(*left))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::Sink;

    fn sent(length: Option<u64>, pieces: &[&'static [u8]]) -> Result<Vec<u8>, String> {
        let sink = Sink::new(false, Arc::new(|| {}));
        let segments = vec![Segment::Source {
            index: 0,
            length: None,
        }];
        let mut upload = Upload::new(segments, length, Arc::from([sink.source()]));
        for piece in pieces {
            sink.push(Bytes::from_static(piece));
        }
        sink.end();
        let mut sent = Vec::new();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        loop {
            match upload.poll_piece(&mut cx) {
                Poll::Ready(Ok(Some(piece))) => sent.extend_from_slice(&piece),
                Poll::Ready(Ok(None)) => return Ok(sent),
                Poll::Ready(Err(error)) => return Err(error.message().to_owned()),
                Poll::Pending => return Err("pending".to_owned()),
            }
        }
    }

    #[test]
    fn no_more_and_no_less_is_sent_than_the_length_says() {
        assert_eq!(sent(Some(4), &[b"12", b"34"]).as_deref(), Ok(&b"1234"[..]));
        let whole = b"2\r\n12\r\n0\r\n\r\n";
        assert_eq!(sent(None, &[b"12"]).as_deref(), Ok(&whole[..]));
        for pieces in [&[&b"1234"[..]][..], &[b"1", b"234"]] {
            assert!(sent(Some(3), pieces).unwrap_err().contains("longer than"));
        }
        let short = sent(Some(6), &[b"12", b"34"]);
        assert!(short.unwrap_err().contains("ended 2 bytes before"));
    }
}
