//! From the body of a response to the queue of its stream.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use bytes::Bytes;
use tailrace_core::{
    error::{Code, Error, Phase, Received},
    sse::{Event, Items, TooLarge, Verdict},
};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use crate::{
    stream::{QUEUE_LIMIT_BYTES, Queue},
    transport::{Body, timed_out},
};

/// Reads one body as events.
pub(crate) struct Pump<'a> {
    pub(crate) body: Body,
    pub(crate) queue: &'a Queue,
    pub(crate) reader: Reader,
    /// The limit between two pieces of the body.
    pub(crate) frame: Option<Duration>,
    /// The connection's place below the client's limit.
    pub(crate) place: Option<OwnedSemaphorePermit>,
}

/// How a body ended.
pub(crate) enum Finish {
    /// The end mark was read.
    Done,
    /// The body ended in order, without the mark.
    Input,
    /// It broke off.
    Broken(Error),
}

/// What becomes of the bytes.
pub(crate) enum Reader {
    /// They are decoded as an event stream.
    Events(Box<Items>),
    /// They are handed on, each piece as the data of a nameless event.
    Chunks,
}

/// What a burst of chunks ended with.
enum Burst {
    /// The socket has no more for now, or enough was read.
    Paused,
    Done,
    EndOfInput,
    Failed(Error),
}

impl Pump<'_> {
    /// Runs until the body ends or breaks off; counts in `received` what was handed to the queue.
    pub(crate) async fn run(mut self, received: &mut Received) -> Finish {
        let mut events = Vec::new();
        let mut idle = pin!(tokio::time::sleep(self.frame.unwrap_or(Duration::MAX)));
        loop {
            self.queue.room().await;
            let since = Instant::now();
            let burst = loop {
                tokio::select! {
                    biased;
                    burst = self.burst(&mut events) => break burst,
                    // The timer is moved when it fires rather than on every chunk.
                    () = idle.as_mut(), if self.frame.is_some() => {
                        let limit = self.frame.unwrap_or(Duration::MAX);
                        if since.elapsed() >= limit {
                            break Burst::Failed(timed_out(Phase::Body, self.frame));
                        }
                        idle.as_mut().reset(since + limit);
                    }
                }
            };
            if matches!(burst, Burst::EndOfInput) {
                events.extend(self.reader.finish());
            }
            if self.reader.has_events() {
                received.add(&events);
            }
            self.queue.push(&mut events);
            match burst {
                Burst::Paused => {}
                Burst::Done => {
                    // What follows the end mark is read so that the connection can be used again.
                    let Pump { body, place, .. } = self;
                    tokio::spawn(async move {
                        body.drain().await;
                        drop(place);
                    });
                    return Finish::Done;
                }
                Burst::EndOfInput => return Finish::Input,
                Burst::Failed(error) => return Finish::Broken(error),
            }
        }
    }

    /// Takes chunks until the socket pauses, so that the consumer is woken once for all of them.
    async fn burst(&mut self, events: &mut Vec<Event>) -> Burst {
        let mut bytes = 0;
        let mut yielded = false;
        poll_fn(|cx| {
            loop {
                match self.body.poll_chunk(cx) {
                    Poll::Pending if events.is_empty() => return Poll::Pending,
                    Poll::Pending if yielded => return Poll::Ready(Burst::Paused),
                    Poll::Pending => {
                        // The connection's own task hands over one chunk at a time: let it run once more before saying
                        // that nothing is left.
                        yielded = true;
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(Some(chunk))) => {
                        yielded = false;
                        bytes += chunk.len();
                        if let Some(end) = self.reader.take(chunk, events) {
                            return Poll::Ready(end);
                        }
                        if bytes >= QUEUE_LIMIT_BYTES / 4 {
                            return Poll::Ready(Burst::Paused);
                        }
                    }
                    Poll::Ready(Ok(None)) => return Poll::Ready(Burst::EndOfInput),
                    Poll::Ready(Err(error)) => return Poll::Ready(Burst::Failed(error)),
                }
            }
        })
        .await
    }
}

impl Reader {
    /// Adds the events of `chunk`; what it returns ends the stream.
    fn take(&mut self, chunk: Bytes, events: &mut Vec<Event>) -> Option<Burst> {
        let items = match self {
            Reader::Events(items) => items,
            Reader::Chunks => {
                events.push(Event {
                    name: Bytes::new(),
                    data: chunk,
                });
                return None;
            }
        };
        items.feed(chunk);
        loop {
            match items.next_item() {
                Ok(Verdict::Item(event)) => events.push(event),
                Ok(Verdict::NeedData) => return None,
                Ok(Verdict::Done) => return Some(Burst::Done),
                Err(TooLarge { limit }) => {
                    return Some(Burst::Failed(Error::new(
                        Code::InvalidResponse,
                        format!(
                            "an event of the stream is larger than the limit of {limit} bytes; the server does not send events as the API does"
                        ),
                    )));
                }
            }
        }
    }

    /// True when what is handed over are events rather than pieces of a body.
    pub(crate) fn has_events(&self) -> bool {
        matches!(self, Reader::Events(_))
    }

    /// The event that the end of input completes, if there is one.
    fn finish(&mut self) -> Option<Event> {
        match self {
            Reader::Events(items) => items.finish(),
            Reader::Chunks => None,
        }
    }
}
