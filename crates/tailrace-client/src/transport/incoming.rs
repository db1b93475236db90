//! The body of a response as it comes over a connection.

use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tailrace_core::error::Error;

use super::{
    coding::Coding,
    failure,
    http1::{Exchange, Framing},
    pool::{Origin, Pool},
};

/// What is left of a response. Dropping it closes the connection, which goes back to its pool at the end of the body.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Empty once the body is whole.
    exchange: Option<Exchange>,
    framing: Framing,
    coding: Option<Coding>,
    /// Where the connection goes at the end, if it can be used again.
    home: Option<(Pool, Origin)>,
}

impl Incoming {
    pub(super) fn new(
        exchange: Exchange,
        framing: Framing,
        coding: Option<Coding>,
        home: Option<(Pool, Origin)>,
    ) -> Self {
        let mut incoming = Incoming {
            exchange: Some(exchange),
            framing,
            coding,
            home,
        };
        incoming.settle();
        incoming
    }

    /// Bytes that are left, where that is known. What a content coding makes of them is not.
    pub(super) fn left(&self) -> Option<u64> {
        match self.coding {
            None => self.framing.left(),
            Some(_) => None,
        }
    }

    /// True once the last byte was read.
    pub(super) fn is_over(&self) -> bool {
        self.exchange.is_none() && self.coding.is_none()
    }

    /// The next piece, or `None` at the end. Pending says that the socket has nothing now.
    pub(super) fn poll_chunk(
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
        loop {
            let Some(exchange) = &mut self.exchange else {
                return Poll::Ready(Ok(None));
            };
            let buffer = exchange.buffer();
            if !buffer.is_empty() {
                let data = self.framing.decode(buffer).map_err(|malformed| {
                    self.exchange = None;
                    failure::from_body(&malformed)
                })?;
                self.settle();
                if !data.is_empty() {
                    return Poll::Ready(Ok(Some(data)));
                }
                continue;
            }
            match ready!(exchange.poll_body(cx)) {
                Ok(true) => {}
                Ok(false) if matches!(self.framing, Framing::Close) => self.exchange = None,
                Ok(false) => {
                    self.exchange = None;
                    let early = io::Error::from(io::ErrorKind::UnexpectedEof);
                    return Poll::Ready(Err(failure::from_body(&early)));
                }
                Err(error) => {
                    self.exchange = None;
                    return Poll::Ready(Err(failure::from_body(&error)));
                }
            }
        }
    }

    /// At the end of the body, parts with the connection.
    fn settle(&mut self) {
        if !self.framing.is_over() {
            return;
        }
        let Some(exchange) = self.exchange.take() else {
            return;
        };
        let Some((pool, origin)) = self.home.take() else {
            return;
        };
        if let Some(connection) = exchange.into_idle() {
            pool.put(origin, connection);
        }
    }
}
