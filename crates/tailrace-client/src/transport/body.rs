//! The rest of a response.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tailrace_core::error::{Error, Phase};
use tokio::time::Instant;

use super::{failure, upload::AbandonOnDrop};
use crate::{push::Pushed, time};

/// The rest of a response. Dropping it closes the connection unless it was read to its end.
#[derive(Debug)]
pub(crate) struct Body {
    from: From,
    /// A server may answer before it has the whole request; what is left of that is sent no longer than this lives.
    _sending: Option<AbandonOnDrop>,
}

#[derive(Debug)]
enum From {
    Wire(reqwest::Response),
    /// What the caller's own transport pushes.
    Relay(Arc<Pushed>),
}

impl Body {
    pub(super) fn of_wire(response: reqwest::Response, sending: Option<AbandonOnDrop>) -> Self {
        Body {
            from: From::Wire(response),
            _sending: sending,
        }
    }

    pub(crate) fn of_relay(pushed: Arc<Pushed>) -> Self {
        Body {
            from: From::Relay(pushed),
            _sending: None,
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
        match &mut self.from {
            From::Wire(response) => pin!(response.chunk()).poll(cx).map_err(failure::from_body),
            From::Relay(pushed) => pushed.poll_next(cx),
        }
    }

    /// Everything to the end, with `frame` as the limit between two pieces.
    pub(crate) async fn read(mut self, frame: Option<Duration>) -> Result<Bytes, Error> {
        let mut first: Option<Bytes> = None;
        let mut all: Vec<u8> = Vec::new();
        loop {
            let chunk = tokio::select! {
                biased;
                chunk = self.chunk() => chunk?,
                () = time::limit(frame) => return Err(failure::timed_out(Phase::Body, frame)),
            };
            match (chunk, &first) {
                // A body that came in one piece, the usual case, is not copied.
                (None, Some(_)) if all.is_empty() => return Ok(first.unwrap_or_default()),
                (None, _) => return Ok(Bytes::from(all)),
                (Some(chunk), None) => first = Some(chunk),
                (Some(chunk), Some(held)) => {
                    if all.is_empty() {
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
