//! Does what the core's call machine says.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::Url;
use tailrace_core::{
    call::{Call, Step},
    error::{Error, Phase},
    request::Request,
    response::Head,
    sse::Items,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::{
    client::{CallOptions, Mode},
    pending::{Reply, Settle},
    pump::{Pump, Reader},
    stream::{EventStream, Queue},
    time,
    transport::{Body, Received, Transport, timed_out},
};

/// What the attempts of one call have in common.
pub(crate) struct Attempts {
    pub(crate) transport: Transport,
    pub(crate) url: Url,
    pub(crate) places: Option<Arc<Semaphore>>,
    pub(crate) options: CallOptions,
}

/// A response in hand, with its connection's place below the client's limit.
struct Held {
    body: Body,
    place: Option<OwnedSemaphorePermit>,
    /// When the attempt as a whole is overdue.
    deadline: Option<Instant>,
}

impl Attempts {
    /// Takes the call to its outcome.
    pub(crate) async fn drive(self, mut call: Call, settle: Settle) {
        let mut held: Option<Held> = None;
        loop {
            match call.step() {
                Step::Send(request) => match self.attempt(request).await {
                    Ok((head, received)) => {
                        held = Some(received);
                        call.on_head(head, time::now(), time::jitter());
                    }
                    Err(error) => call.on_failure(error, time::jitter()),
                },
                Step::Sleep(delay) => {
                    if let Some(Held { body, place, .. }) = held.take() {
                        // A short error body is read while waiting, so that the retry finds the connection again.
                        tokio::spawn(async move {
                            body.drain().await;
                            drop(place);
                        });
                    }
                    tokio::time::sleep(delay).await;
                }
                Step::Accept(head) => {
                    let Some(response) = held.take() else { return };
                    let reader = match self.options.mode {
                        Mode::Events(options) => Reader::Events(Box::new(Items::new(options))),
                        Mode::Chunks => Reader::Chunks,
                        Mode::Buffered => match self.read(response).await {
                            Ok(body) => return settle_reply(call, head, body, None, settle),
                            Err(error) => {
                                call.on_failure(error, time::jitter());
                                continue;
                            }
                        },
                    };
                    let events = open_stream(response, reader, self.options.timeouts.frame);
                    return settle_reply(call, head, Bytes::new(), Some(events), settle);
                }
                Step::Fail(error) => {
                    let error = match held.take() {
                        // The status is the failure; a body that does not come adds nothing to it.
                        Some(response) => match self.read(response).await {
                            Ok(body) => error.with_body(body),
                            Err(_) => error,
                        },
                        None => error,
                    };
                    return settle.fail(error, Some(call.into_request()));
                }
            }
        }
    }

    /// One request, up to the head of its response.
    async fn attempt(&self, request: &Request) -> Result<(Head, Held), Error> {
        let timeouts = &self.options.timeouts;
        // A limit past what the clock can say is none.
        let deadline = timeouts
            .attempt
            .and_then(|limit| Instant::now().checked_add(limit));
        let exchange = async {
            let place = self.place().await?;
            let Received { head, body } = self.transport.send(request, &self.url, timeouts).await?;
            Ok((
                head,
                Held {
                    body,
                    place,
                    deadline,
                },
            ))
        };
        tokio::select! {
            biased;
            done = exchange => done,
            () = time::until(deadline) => Err(timed_out(Phase::Headers, timeouts.attempt)),
        }
    }

    async fn read(&self, response: Held) -> Result<Bytes, Error> {
        let timeouts = &self.options.timeouts;
        tokio::select! {
            biased;
            body = response.body.read(timeouts.frame) => body,
            () = time::until(response.deadline) => Err(timed_out(Phase::Body, timeouts.attempt)),
        }
    }

    async fn place(&self) -> Result<Option<OwnedSemaphorePermit>, Error> {
        let Some(places) = &self.places else {
            return Ok(None);
        };
        let limit = self.options.timeouts.pool;
        tokio::select! {
            biased;
            // The semaphore is never closed, so an error cannot come; without a place the call would still be right.
            place = Arc::clone(places).acquire_owned() => Ok(place.ok()),
            () = time::limit(limit) => Err(timed_out(Phase::Pool, limit)),
        }
    }
}

fn settle_reply(call: Call, head: Head, body: Bytes, events: Option<EventStream>, settle: Settle) {
    let retries = call.retries();
    let elapsed = settle.started.elapsed();
    settle.succeed(Reply {
        head,
        request: call.into_request(),
        elapsed,
        retries,
        body,
        events,
    });
}

fn open_stream(response: Held, reader: Reader, frame: Option<Duration>) -> EventStream {
    let queue = Queue::new();
    let mut events = EventStream::new(Arc::clone(&queue));
    let pump = Pump {
        body: response.body,
        queue,
        reader,
        frame,
        place: response.place,
    };
    events.closes(tokio::spawn(pump.run()).abort_handle());
    events
}
