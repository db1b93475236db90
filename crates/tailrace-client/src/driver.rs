//! Does what the core's call machine says.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Url;
use tailrace_core::{
    call::{Call, Step},
    error::{Code, Error, Phase},
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
    pending::{Content, Reply, Settle},
    pump::Reader,
    relay,
    source::Source,
    stream::EventStream,
    time,
    transport::{Body, Outgoing, Received, Transport, timed_out},
    unread::Unread,
};

/// What the attempts of one call have in common.
pub(crate) struct Attempts {
    pub(crate) transport: Transport,
    pub(crate) url: Url,
    pub(crate) sources: Arc<[Source]>,
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
                Step::Send(request) => {
                    let answer = if self.options.relayed {
                        self.relay(request, &settle).await
                    } else {
                        self.attempt(request).await
                    };
                    if !self.sources.iter().all(Source::can_repeat) {
                        call.cannot_repeat();
                    }
                    match answer {
                        Ok((head, received)) => {
                            held = Some(received);
                            call.on_head(head, time::now(), time::jitter());
                        }
                        Err(error) => call.on_failure(error, time::jitter()),
                    }
                }
                Step::Sleep(delay) => {
                    if let Some(Held { body, place, .. }) = held.take() {
                        // A short error body is read while waiting, so that the retry finds the connection again.
                        tokio::spawn(async move {
                            body.drain().await;
                            drop(place);
                        });
                    }
                    tokio::time::sleep(delay).await;
                    if self.options.renews
                        && let Err(error) = renew(&mut call, &settle).await
                    {
                        return settle.fail(error, Some(call.into_request()));
                    }
                }
                Step::Accept(head) => {
                    let Some(response) = held.take() else { return };
                    let reader = match self.options.mode {
                        Mode::Events(options) => Reader::Events(Box::new(Items::new(options))),
                        Mode::Chunks => Reader::Chunks,
                        Mode::Undecided => {
                            let Held { body, place, .. } = response;
                            let frame = self.options.timeouts.frame;
                            let unread = Unread::new(body, place, frame, settle.started);
                            return settle_reply(call, head, Content::Unread(unread), settle);
                        }
                        Mode::Buffered => match self.read(response).await {
                            Ok(body) => {
                                return settle_reply(call, head, Content::Whole(body), settle);
                            }
                            Err(error) => {
                                call.on_failure(error, time::jitter());
                                continue;
                            }
                        },
                    };
                    let Held { body, place, .. } = response;
                    let frame = self.options.timeouts.frame;
                    let events = EventStream::open(body, place, reader, frame);
                    return settle_reply(call, head, Content::Stream(events), settle);
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
            let outgoing = Outgoing {
                request,
                url: &self.url,
                sources: &self.sources,
                timeouts,
                follows_redirects: self.options.follows_redirects,
            };
            let Received { head, body } = self.transport.send(&outgoing).await?;
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

    /// The same over the caller's own transport, whose limits are its own.
    async fn relay(&self, request: &Request, settle: &Settle) -> Result<(Head, Held), Error> {
        let (exchange, answer) = relay::open(request, &self.sources);
        settle.hand_over(exchange);
        let (head, pushed) = answer.head().await?;
        let held = Held {
            body: Body::of_relay(pushed),
            place: None,
            deadline: None,
        };
        Ok((head, held))
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

/// Asks the caller for headers.
async fn renew(call: &mut Call, settle: &Settle) -> Result<(), Error> {
    let Ok(headers) = settle.ask().await else {
        // Nobody is left to answer, and so nobody to be told.
        return Err(Error::new(Code::Cancelled, "the call was cancelled"));
    };
    let headers: Vec<(&str, Option<&str>)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_deref()))
        .collect();
    call.renew(&headers)
}

fn settle_reply(call: Call, head: Head, content: Content, settle: Settle) {
    let retries = call.retries();
    let elapsed = settle.started.elapsed();
    settle.succeed(Reply {
        head,
        request: call.into_request(),
        elapsed,
        retries,
        content,
    });
}
