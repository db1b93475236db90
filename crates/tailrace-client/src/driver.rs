//! Does what the core's call machine says.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use tailrace_core::{
    call::{Call, Moment, Step},
    error::{Code, Error, Limit, Passed, Phase},
    request::Request,
    response::Head,
    retry::Asked,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::{
    client::{Accepts, CallOptions, Mode},
    flow::{Again, Flow, Form},
    limits::Limits,
    pending::{Content, Failure, Proposal, Renewal, Reply, Settle, Why},
    relay,
    source::Source,
    stream::EventStream,
    time,
    transport::{Body, Outgoing, Received, Transport},
    unread::Unread,
};

/// What the attempts of one call have in common.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) transport: Transport,
    pub(crate) url: Url,
    pub(crate) sources: Arc<[Source]>,
    pub(crate) places: Option<Arc<Semaphore>>,
    pub(crate) options: CallOptions,
    /// When the call began.
    pub(crate) started: Instant,
}

/// A response in hand, with its connection's place below the client's limit.
#[derive(Debug)]
pub(crate) struct Held {
    body: Body,
    place: Option<OwnedSemaphorePermit>,
    limits: Limits,
}

impl Held {
    /// The body, its connection's place and the limits of its attempt.
    pub(crate) fn into_parts(self) -> (Body, Option<OwnedSemaphorePermit>, Limits) {
        (self.body, self.place, self.limits)
    }

    fn into_flow(self, started: Instant, again: Option<Box<Again>>) -> Flow {
        let (body, place, limits) = self.into_parts();
        Flow {
            body,
            place,
            limits,
            started,
            again,
        }
    }

    /// The body to its end, as long as the reply may take.
    pub(crate) async fn read(self) -> Result<Bytes, Error> {
        let mut watch = self.limits.watch_reply();
        self.body.read(&mut watch).await
    }
}

impl Attempts {
    /// Takes the call to its outcome.
    pub(crate) async fn drive(self, mut call: Call, settle: Settle) {
        loop {
            let (head, response) = match self.accept(&mut call, Some(&settle)).await {
                Ok(accepted) => accepted,
                Err(error) => return settle.fail(error, Some(call.into_request())),
            };
            return match self.options.mode {
                Mode::Buffered => match response.read().await {
                    Ok(body) => settle_reply(
                        call.retries(),
                        call.into_request(),
                        head,
                        Content::Whole(body),
                        settle,
                    ),
                    Err(error) => {
                        call.on_failure(error, self.moment());
                        continue;
                    }
                },
                Mode::Events(options) | Mode::UndecidedEvents(options)
                    if self.decides_before_an_event(&call) =>
                {
                    let mut flow = response.into_flow(self.started, None);
                    if let Err(error) = flow.look_ahead(options).await {
                        call.on_failure(error, self.moment());
                        continue;
                    }
                    let content = match self.options.mode {
                        Mode::UndecidedEvents(_) => Content::Unread(Unread::new(flow)),
                        _ => Content::Stream(EventStream::open(flow, Form::Events(options))),
                    };
                    settle_reply(call.retries(), call.into_request(), head, content, settle)
                }
                Mode::Events(options) => self.open(call, head, response, settle, |flow| {
                    Content::Stream(EventStream::open(flow, Form::Events(options)))
                }),
                Mode::Chunks => self.open(call, head, response, settle, |mut flow| {
                    flow.again = None;
                    Content::Stream(EventStream::open(flow, Form::Chunks))
                }),
                Mode::Undecided | Mode::UndecidedEvents(_) => {
                    self.open(call, head, response, settle, |flow| {
                        Content::Unread(Unread::new(flow))
                    })
                }
            };
        }
    }

    /// Takes the call to a response that is accepted, from wherever it stands.
    ///
    /// Without `settle` there is nobody who could give headers or send a request, and so the last headers go out again.
    pub(crate) async fn accept(
        &self,
        call: &mut Call,
        settle: Option<&Settle>,
    ) -> Result<(Head, Held), Error> {
        let mut held: Option<Held> = None;
        loop {
            call.sign(self.url.as_str(), time::now)?;
            match call.step() {
                Step::Send(request) => {
                    let limits = self.limits();
                    let answer = match settle {
                        Some(settle) if self.options.relayed => {
                            self.relay(request, limits, settle).await
                        }
                        _ => self.attempt(request, limits).await,
                    };
                    if !self.sources.iter().all(Source::can_repeat) {
                        call.cannot_repeat();
                    }
                    match answer {
                        Ok((head, received)) => {
                            held = Some(received);
                            if settle.is_none() {
                                call.cannot_replace();
                            }
                            call.on_head(head, self.moment());
                        }
                        Err(error) => call.on_failure(error, self.moment()),
                    }
                }
                Step::Sleep(delay) => {
                    let_go(held.take());
                    tokio::time::sleep(delay).await;
                    if self.options.renews
                        && let Some(settle) = settle
                    {
                        self.renew(call, settle, Why::Retry).await?;
                    }
                }
                Step::Replace => {
                    let_go(held.take());
                    if let Some(settle) = settle {
                        self.renew(call, settle, Why::Refused).await?;
                    }
                }
                Step::Review => {
                    // What does not come adds nothing to the failure.
                    let body = match held.take() {
                        Some(response) => response.read().await.ok(),
                        None => None,
                    };
                    let Some((error, delay)) = call.review(body) else {
                        continue;
                    };
                    let decision = match settle {
                        Some(settle) => {
                            let proposal = Proposal {
                                failure: Failure {
                                    error,
                                    request: Some(call.request().clone()),
                                    elapsed: self.started.elapsed(),
                                },
                                delay,
                            };
                            tokio::select! {
                                biased;
                                decided = settle.propose(proposal) => Some(decided.map_err(|_| unheard())?),
                                error = self.limits().deadline().overdue(Phase::Retry) => return Err(error),
                            }
                        }
                        None => None,
                    };
                    call.decide(decision, self.moment());
                }
                Step::Accept(head) => {
                    return match held.take() {
                        Some(response) => Ok((head, response)),
                        None => Err(Error::new(
                            Code::Internal,
                            "a response was accepted that never came; please report this to the tailrace project",
                        )),
                    };
                }
                Step::Fail(error) => {
                    return Err(match held.take() {
                        // The status is the failure; a body that does not come adds nothing to it.
                        Some(response) => match response.read().await {
                            Ok(body) => error.with_body(body),
                            Err(_) => error,
                        },
                        None => error,
                    });
                }
            }
        }
    }

    /// True when the caller decides about retries, and so must not have turned to the stream while one may follow.
    fn decides_before_an_event(&self, call: &Call) -> bool {
        self.options.retry.asked == Asked::Decides && call.may_repeat()
    }

    /// Settles the call with a body that is read while the caller has it.
    fn open(
        self,
        call: Call,
        head: Head,
        response: Held,
        settle: Settle,
        content: impl FnOnce(Flow) -> Content,
    ) {
        let retries = call.retries();
        let started = self.started;
        // A relayed request is sent, and a retry decided, by a caller who has turned to the answer.
        let may_repeat = call.may_repeat()
            && !self.options.relayed
            && self.options.retry.asked != Asked::Decides;
        let (request, again) = if may_repeat {
            let again = Again {
                attempts: self,
                call,
            };
            (again.call.request().clone(), Some(Box::new(again)))
        } else {
            (call.into_request(), None)
        };
        let flow = response.into_flow(started, again);
        settle_reply(retries, request, head, content(flow), settle);
    }

    /// Asks the caller for headers, as long as the call may take.
    async fn renew(&self, call: &mut Call, settle: &Settle, why: Why) -> Result<(), Error> {
        let renewal = tokio::select! {
            biased;
            renewal = settle.ask(why) => renewal,
            error = self.limits().deadline().overdue(Phase::Retry) => return Err(error),
        };
        let Renewal { headers, signer } = renewal.map_err(|_| unheard())?;
        if let Some(signer) = signer {
            call.set_signer(signer);
        }
        let headers: Vec<(&str, Option<&str>)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
            .collect();
        call.renew(&headers)
    }

    /// The limits of an attempt that begins now.
    fn limits(&self) -> Limits {
        let CallOptions {
            timeouts, deadline, ..
        } = self.options;
        Limits::begin(timeouts, deadline, self.started)
    }

    /// What the call is told of time and chance.
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            now: time::now(),
            elapsed: self.started.elapsed(),
            jitter: time::jitter(),
        }
    }

    /// One request, up to the head of its response.
    async fn attempt(&self, request: &Request, limits: Limits) -> Result<(Head, Held), Error> {
        let exchange = async {
            let place = self.place().await?;
            let outgoing = Outgoing {
                request,
                url: &self.url,
                sources: &self.sources,
                timeouts: &self.options.timeouts,
                follows_redirects: self.options.follows_redirects,
                undoes_codings: self.options.accepts != Accepts::AsItCame,
            };
            let Received { head, body } = self.transport.send(&outgoing).await?;
            Ok((
                head,
                Held {
                    body,
                    place,
                    limits,
                },
            ))
        };
        tokio::select! {
            biased;
            done = exchange => done,
            error = limits.reply().overdue(Phase::Headers) => Err(error),
        }
    }

    /// The same over the caller's own transport, which limits connecting, reading and writing itself.
    async fn relay(
        &self,
        request: &Request,
        limits: Limits,
        settle: &Settle,
    ) -> Result<(Head, Held), Error> {
        let (exchange, answer) = relay::open(request, &self.sources);
        settle.hand_over(exchange);
        let (head, pushed) = tokio::select! {
            biased;
            answered = answer.head() => answered?,
            error = limits.relayed_head().overdue(Phase::Headers) => return Err(error),
        };
        let held = Held {
            body: Body::of_relay(pushed),
            place: None,
            limits,
        };
        Ok((head, held))
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
            () = time::limit(limit) => {
                let passed = Passed::new(Limit::Pool, Phase::Pool, limit.unwrap_or_default());
                Err(Error::timed_out(passed))
            }
        }
    }
}

/// A short error body is read while something else happens, so that the next attempt finds the connection again.
fn let_go(held: Option<Held>) {
    if let Some(Held { body, place, .. }) = held {
        tokio::spawn(async move {
            body.drain().await;
            drop(place);
        });
    }
}

/// Nobody is left to answer, and so nobody to be told.
fn unheard() -> Error {
    Error::new(Code::Cancelled, "the call was cancelled")
}

fn settle_reply(retries: u32, request: Request, head: Head, content: Content, settle: Settle) {
    let elapsed = settle.started.elapsed();
    settle.succeed(Reply {
        head,
        request,
        elapsed,
        retries,
        content,
    });
}
