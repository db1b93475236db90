//! The rest of a response.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tailrace_core::error::Error;
use tokio::time::Instant;

use super::{http2::Arriving, incoming::Incoming};
use crate::{limits::Watch, push::Pushed, time};

/// The rest of a response. Dropping it closes the connection unless it was read to its end.
#[derive(Debug)]
pub(crate) struct Body {
    from: From,
    /// What was read and put back.
    ahead: VecDeque<Bytes>,
}

#[derive(Debug)]
enum From {
    Wire(Box<Incoming>),
    Stream(Box<Arriving>),
    /// What the caller's own transport pushes.
    Relay(Arc<Pushed>),
}

impl Body {
    pub(super) fn of_wire(incoming: Incoming) -> Self {
        Body::new(From::Wire(Box::new(incoming)))
    }

    pub(super) fn of_stream(arriving: Arriving) -> Self {
        Body::new(From::Stream(Box::new(arriving)))
    }

    pub(crate) fn of_relay(pushed: Arc<Pushed>) -> Self {
        Body::new(From::Relay(pushed))
    }

    fn new(from: From) -> Self {
        Body {
            from,
            ahead: VecDeque::new(),
        }
    }

    /// Lets what was read come once more, before the rest.
    pub(crate) fn put_back(&mut self, read: VecDeque<Bytes>) {
        debug_assert!(self.ahead.is_empty(), "a body is looked ahead in once");
        self.ahead = read;
    }

    /// True once it was read to its end and the connection is free.
    pub(crate) fn is_over(&self) -> bool {
        self.ahead.is_empty()
            && match &self.from {
                From::Wire(incoming) => incoming.is_over(),
                From::Stream(arriving) => arriving.is_over(),
                From::Relay(_) => false,
            }
    }

    /// The next piece, or `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// The same for whoever takes what is there and goes on: pending says that the socket has nothing now.
    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        if let Some(chunk) = self.ahead.pop_front() {
            return Poll::Ready(Ok(Some(chunk)));
        }
        match &mut self.from {
            From::Wire(incoming) => incoming.poll_chunk(cx),
            From::Stream(arriving) => arriving.poll_chunk(cx),
            From::Relay(pushed) => pushed.poll_next(cx),
        }
    }

    /// Bytes to make room for: what is left, where that is known, up to a size that a server cannot misuse.
    fn room(&self) -> usize {
        const MOST_BYTES: u64 = 64 << 20;
        let left = match &self.from {
            From::Wire(incoming) => incoming.left().unwrap_or_default(),
            From::Stream(arriving) => arriving.left().unwrap_or_default(),
            From::Relay(_) => 0,
        };
        usize::try_from(left.min(MOST_BYTES)).unwrap_or_default()
    }

    /// Everything to the end.
    pub(crate) async fn read(mut self, watch: &mut Watch) -> Result<Bytes, Error> {
        let mut first: Option<Bytes> = None;
        let mut all: Vec<u8> = Vec::new();
        loop {
            let chunk = poll_fn(|cx| match self.poll_chunk(cx) {
                Poll::Pending => watch.poll_overdue(cx).map(Err),
                chunk => chunk,
            })
            .await?;
            watch.piece();
            match (chunk, &first) {
                // A body that came in one piece, the usual case, is not copied.
                (None, Some(_)) if all.is_empty() => return Ok(first.unwrap_or_default()),
                (None, _) => return Ok(Bytes::from(all)),
                (Some(chunk), None) => first = Some(chunk),
                (Some(chunk), Some(held)) => {
                    if all.is_empty() {
                        all.reserve(held.len() + chunk.len() + self.room());
                        all.extend_from_slice(held);
                    }
                    all.extend_from_slice(&chunk);
                }
            }
        }
    }

    /// Reads the little that may be left, so that the connection can be used again; gives up after a second.
    pub(crate) async fn drain(mut self) {
        const MOST_BYTES: usize = 256 * 1024;
        let deadline = Instant::now() + Duration::from_secs(1);
        let mut seen = 0;
        if self.is_over() {
            return;
        }
        while seen < MOST_BYTES {
            tokio::select! {
                biased;
                chunk = self.chunk() => match chunk {
                    Ok(Some(chunk)) => seen += chunk.len(),
                    Ok(None) | Err(_) => return,
                },
                () = time::until(Some(deadline)) => return,
            }
        }
    }
}
