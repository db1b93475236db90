//! From the body of a response to the queue of its stream.

use std::{future::poll_fn, task::Poll};

use bytes::Bytes;
use tailrace_core::{
    error::{Code, Error, Received},
    sse::{Event, Items, TooLarge, Verdict},
};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    limits::Watch,
    stream::{QUEUE_LIMIT_BYTES, Queue},
    transport::Body,
};

/// Reads one body as events.
pub(crate) struct Pump<'a> {
    pub(crate) body: Body,
    pub(crate) queue: &'a Queue,
    pub(crate) reader: Reader,
    pub(crate) watch: Watch,
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
        loop {
            if self.queue.is_full() {
                // The consumer is behind, which only the limits of the whole mind.
                tokio::select! {
                    biased;
                    () = self.queue.room() => self.watch.piece(),
                    error = self.watch.stopped() => return Finish::Broken(error),
                }
            }
            let burst = self.burst(&mut events).await;
            if matches!(burst, Burst::EndOfInput) {
                events.extend(self.reader.finish());
            }
            if !events.is_empty() {
                self.watch.piece();
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
                    if !body.is_over() {
                        tokio::spawn(async move {
                            body.drain().await;
                            drop(place);
                        });
                    }
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
        poll_fn(|cx| {
            loop {
                match self.body.poll_chunk(cx) {
                    Poll::Pending if events.is_empty() => {
                        return self.watch.poll_overdue(cx).map(Burst::Failed);
                    }
                    Poll::Pending => return Poll::Ready(Burst::Paused),
                    Poll::Ready(Ok(Some(chunk))) => {
                        self.watch.bytes();
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
        let (chunk_bytes, before) = (chunk.len(), events.len());
        items.feed(chunk);
        let end = loop {
            match items.next_item() {
                Ok(Verdict::Item(event)) => events.push(event),
                Ok(Verdict::NeedData) => break None,
                Ok(Verdict::Done) => break Some(Burst::Done),
                Err(TooLarge { limit }) => {
                    break Some(Burst::Failed(Error::new(
                        Code::InvalidResponse,
                        format!(
                            "an event of the stream is larger than the limit of {limit} bytes; the server does not send events as the API does"
                        ),
                    )));
                }
            }
        };
        // Events are parts of their chunk. Where most of it is something else, such as comments, they would hold more than
        // the queue counts.
        let new = events.get_mut(before..).unwrap_or_default();
        if new.iter().map(Event::held_bytes).sum::<usize>() < chunk_bytes / 2 {
            new.iter_mut().for_each(Event::detach);
        }
        end
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

#[cfg(test)]
mod tests {
    use tailrace_core::sse::{Done, EndOfInput, Options};

    use super::*;

    #[track_caller]
    fn check(text: &str, count: usize, keeps_chunk: bool) {
        let mut reader = Reader::Events(Box::new(Items::new(Options {
            done: Done::Exact,
            end_of_input: EndOfInput::Discard,
            max_event_bytes: 1 << 20,
        })));
        let chunk = Bytes::from(text.to_owned().into_bytes());
        let mut events = Vec::new();
        reader.take(chunk.clone(), &mut events);
        assert_eq!(events.len(), count);
        // Alone again, the chunk is held by no event.
        assert_eq!(!chunk.is_unique(), keeps_chunk);
    }

    #[test]
    fn an_event_does_not_keep_a_chunk_that_is_mostly_something_else() {
        let long = "-".repeat(16_000);
        check(&format!("data: {long}\n\n"), 1, true);
        check(&"data: 1\n\n".repeat(100), 100, true);
        check(&format!("event: {long}\ndata: 1\n\n"), 1, true);
        check(&format!(": {long}\ndata: 1\n\n"), 1, false);
        check(&format!("data: 1\n\n: {long}\n\n"), 1, false);
        check(&format!("id: {long}\ndata: 1\n\ndata: 2\n\n"), 2, false);
    }
}
