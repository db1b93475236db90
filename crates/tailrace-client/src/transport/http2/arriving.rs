//! The body of an answer as it comes on its stream.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::RecvStream;
use tailrace_core::error::Error;
use tokio::time::Instant;

use super::{exchange::Sending, links::Seat};
use crate::transport::{coding::Coding, failure};

/// What is left of a response. Dropping it before its end cancels its stream, and no other.
#[derive(Debug)]
pub(in crate::transport) struct Arriving {
    /// Empty once the body is whole.
    stream: Option<RecvStream>,
    /// What the request still sends.
    sending: Option<Sending>,
    coding: Option<Coding>,
    /// Bytes that are left, where the server said how many there are.
    left: Option<u64>,
    _seat: Seat,
}

impl Arriving {
    pub(in crate::transport) fn new(
        stream: RecvStream,
        (seat, sending): (Seat, Option<Sending>),
        coding: Option<Coding>,
        left: Option<u64>,
    ) -> Self {
        Arriving {
            stream: (!stream.is_end_stream()).then_some(stream),
            sending,
            coding,
            left,
            _seat: seat,
        }
    }

    /// Bytes that are left, where that is known.
    pub(in crate::transport) fn left(&self) -> Option<u64> {
        self.left.filter(|_| self.coding.is_none())
    }

    /// True once the last byte was read.
    pub(in crate::transport) fn is_over(&self) -> bool {
        self.stream.is_none() && self.coding.is_none()
    }

    /// The next piece, or `None` at the end. Pending says that there is nothing now.
    pub(in crate::transport) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            let Some(coding) = &mut self.coding else {
                return self.poll_coded(cx);
            };
            if let Some(plain) = coding.next().map_err(failure::from_coding)? {
                return Poll::Ready(Ok(Some(plain)));
            }
            if let Some(coded) = ready!(self.poll_coded(cx))? {
                if let Some(coding) = &mut self.coding {
                    coding.feed(coded);
                }
                continue;
            }
            let last = match self.coding.take() {
                Some(mut coding) => coding.finish().map_err(failure::from_coding)?,
                None => None,
            };
            return Poll::Ready(Ok(last));
        }
    }

    fn poll_coded(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        if let Some(sending) = &mut self.sending
            && sending.poll(cx, &mut Instant::now()).is_ready()
        {
            self.sending = None;
        }
        loop {
            let Some(stream) = &mut self.stream else {
                return Poll::Ready(Ok(None));
            };
            let data = match ready!(stream.poll_data(cx)) {
                Some(Ok(data)) => data,
                Some(Err(error)) => {
                    self.stream = None;
                    return Poll::Ready(Err(failure::from_body(&error)));
                }
                None => {
                    self.stream = None;
                    self.sending = None;
                    return Poll::Ready(Ok(None));
                }
            };
            // Whoever polls takes it, so that the server may send as much again.
            let _ = stream.flow_control().release_capacity(data.len());
            if let Some(left) = &mut self.left {
                *left = left.saturating_sub(data.len() as u64);
            }
            if !data.is_empty() {
                return Poll::Ready(Ok(Some(data)));
            }
        }
    }
}
