//! Tokens for the calls of one identity, exchanged over the transport of the call that first needs one.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tailrace_core::{
    call::Call,
    credentials::{Grant, Need, Rules, Secret, Terms, Ticket, Tokens},
    error::{Code, Error},
    request::{Content, HeaderText, NullQuery, Options, QueryStyle, Request, Space},
    retry::Policy,
};
use tokio::sync::watch;
use zeroize::Zeroize;

use crate::{
    client::{CallOptions, Client},
    fork::PerProcess,
    pending::{Pending, Settle},
    runtime::Shared,
    time,
};

/// Where and how an identity exchanges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchanging {
    /// The token endpoint.
    pub url: String,
    /// What its requests say beside the subject token.
    pub terms: Terms,
    /// The host has a subject token, which proves who it is; otherwise its certificate does.
    pub asks_subject: bool,
    /// What its answers must have.
    pub rules: Rules,
    /// A failure of the kind that is tried again leaves a token that has not expired in use.
    pub falls_back: bool,
    /// Who waits for an exchange that fails fails with it; otherwise the next one tries.
    pub shares_failures: bool,
}

/// The token of an identity. Clones share it; a forked child has its own.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    exchanging: Exchanging,
    began: Instant,
    state: PerProcess<Mutex<State>>,
}

struct State {
    tokens: Tokens,
    /// Told how the exchange that is under way ends; dropped without a word when it is given up.
    ends: Option<watch::Sender<Option<Result<(), Error>>>>,
}

/// The exchange that this call makes for all who wait. Dropping it lets the next one take over.
struct Turn<'a> {
    credentials: &'a Credentials,
    ticket: Option<Ticket>,
}

impl Credentials {
    /// Nothing is asked for before a token is needed.
    pub fn new(exchanging: Exchanging) -> Self {
        Credentials(Arc::new(Inner {
            exchanging,
            began: Instant::now(),
            state: PerProcess::new(),
        }))
    }

    /// The token that has not expired, and whether somebody should replace it.
    pub fn token(&self) -> Option<(Secret, bool)> {
        let now = self.now();
        let state = self.lock();
        let token = state.tokens.usable(now)?;
        Some((token, state.tokens.is_due(now)))
    }

    /// The token that is there, unless it is due to be replaced.
    pub fn fresh(&self) -> Option<Secret> {
        let now = self.now();
        self.lock().tokens.fresh(now)
    }

    /// Gives up the token that a server refused, unless another one has come since.
    pub fn refuse(&self, token: &str) {
        self.lock().tokens.refuse(token);
    }

    /// Gives up whatever token there is.
    pub fn discard(&self) {
        self.lock().tokens.discard();
    }

    /// Starts a call that settles to a token ([`Pending::take_token`]): the one that is there, if it is not due, or that
    /// of one exchange for all calls that want one meanwhile.
    ///
    /// On the way it may want the subject token ([`Pending::subject`]), or that its caller sends the request. A call that is given up
    /// while it exchanges leaves that to the next one.
    pub fn start(&self, client: &Client, options: CallOptions) -> Pending {
        let shared = match Shared::get() {
            Ok(shared) => shared,
            Err(error) => return Pending::failed(error, None),
        };
        let (pending, settle) = Pending::new();
        let (credentials, client) = (self.clone(), client.clone());
        let task = shared.handle().spawn(async move {
            match credentials.get(shared, &client, options, &settle).await {
                Ok(token) => settle.grant(token),
                // What is told of a failure does not repeat the subject token.
                Err(error) => settle.fail(error, request(&credentials.0.exchanging.url, None).ok()),
            }
        });
        pending.cancels(task.abort_handle());
        pending
    }

    async fn get(
        &self,
        shared: &'static Shared,
        client: &Client,
        options: CallOptions,
        settle: &Settle,
    ) -> Result<Secret, Error> {
        let mut has_waited = false;
        loop {
            match self.step(has_waited) {
                Step::Use(token) => return Ok(token),
                Step::Exchange(turn) => {
                    let retry = options.retry.clone();
                    let granted = self.exchange(shared, client, options, settle).await;
                    return turn.finish(granted, &retry);
                }
                Step::Wait(mut ends) => {
                    has_waited = true;
                    let failed = match ends.wait_for(Option::is_some).await {
                        Ok(end) => end.clone().and_then(Result::err),
                        Err(_) => None,
                    };
                    if let Some(error) = failed
                        && self.0.exchanging.shares_failures
                    {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn step(&self, has_waited: bool) -> Step<'_> {
        let now = self.now();
        let mut state = self.lock();
        let need = if has_waited {
            state.tokens.need_after_wait(now)
        } else {
            state.tokens.need(now)
        };
        match need {
            Need::Use(token) => Step::Use(token),
            Need::Exchange(ticket) => {
                state.ends = Some(watch::Sender::new(None));
                Step::Exchange(Turn {
                    credentials: self,
                    ticket: Some(ticket),
                })
            }
            Need::Wait => Step::Wait(match &state.ends {
                Some(ends) => ends.subscribe(),
                // It has just ended; a receiver without a sender says so.
                None => watch::Sender::new(None).subscribe(),
            }),
        }
    }

    async fn exchange(
        &self,
        shared: &Shared,
        client: &Client,
        options: CallOptions,
        settle: &Settle,
    ) -> Result<Grant, Error> {
        let Exchanging {
            url,
            terms,
            rules,
            asks_subject,
            ..
        } = &self.0.exchanging;
        let subject = if *asks_subject {
            let Ok(subject) = settle.ask_subject().await else {
                return Err(Error::new(Code::Cancelled, "the call was cancelled"));
            };
            Some(subject)
        } else {
            None
        };
        let body = terms.body(subject.as_ref());
        drop(subject);
        let request = request(url, Some(&body))?;
        drop(body);
        let (retry, deadline) = (options.retry.clone(), options.deadline);
        let attempts = client.attempts(shared, &request, Vec::new(), options)?;
        let mut call = Call::new(request, retry, deadline);
        loop {
            let (_, held) = attempts.accept(&mut call, Some(settle)).await?;
            match held.read().await {
                Ok(answer) => {
                    let grant = rules.grant(&answer);
                    if let Ok(mut answer) = answer.try_into_mut() {
                        answer.zeroize();
                    }
                    return grant
                        .map_err(|fault| Error::new(Code::InvalidResponse, fault.message()));
                }
                Err(error) => call.on_failure(error, attempts.moment()),
            }
        }
    }

    fn now(&self) -> Duration {
        self.0.began.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let state = self.0.state.get_or_init(|| {
            Mutex::new(State {
                tokens: Tokens::new(self.0.exchanging.rules),
                ends: None,
            })
        });
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a call for a token does next.
enum Step<'a> {
    Use(Secret),
    Exchange(Turn<'a>),
    Wait(watch::Receiver<Option<Result<(), Error>>>),
}

impl Turn<'_> {
    /// Keeps what was granted, and tells those who wait.
    fn finish(mut self, granted: Result<Grant, Error>, retry: &Policy) -> Result<Secret, Error> {
        let Credentials(inner) = self.credentials;
        let now = self.credentials.now();
        let mut state = self.credentials.lock();
        let (grant, result) = match granted {
            Ok(grant) => (Some(grant.clone()), Ok(grant.token)),
            Err(error) => match state.tokens.usable(now) {
                Some(token) if inner.exchanging.falls_back && is_passing(&error, retry) => {
                    (None, Ok(token))
                }
                _ => (None, Err(error)),
            },
        };
        if let Some(ticket) = self.ticket.take() {
            state.tokens.finish(ticket, grant, now);
        }
        if let Some(ends) = state.ends.take() {
            ends.send_replace(Some(result.as_ref().map(drop).map_err(Error::clone)));
        }
        result
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        let mut state = self.credentials.lock();
        state.tokens.finish(ticket, None, Duration::ZERO);
        state.ends = None;
    }
}

/// Whether the failure says something of the moment and nothing of the identity.
fn is_passing(error: &Error, retry: &Policy) -> bool {
    match error.code() {
        Code::ConnectFailed | Code::TimedOut | Code::Interrupted => true,
        Code::Status => error.response().is_some_and(|(head, _)| {
            let once = Policy {
                max_retries: 1,
                ..retry.clone()
            };
            let retries = once.after_response(head, 0, time::now(), 0.0);
            !matches!(head.status.as_u16(), 400 | 401 | 403) && retries.is_some()
        }),
        _ => false,
    }
}

fn request(url: &str, body: Option<&Bytes>) -> Result<Request, Error> {
    Request::build(Options {
        method: "POST",
        base_url: "",
        path: url,
        query: None,
        query_style: QueryStyle {
            null: NullQuery::Skip,
            space: Space::Plus,
        },
        headers: &[
            ("Content-Type", Some("application/json")),
            ("Accept", Some("application/json")),
        ],
        header_text: HeaderText::Utf8,
        retry_count_header: None,
        body: body.map(Content::Bytes),
    })
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("exchanging", &self.0.exchanging)
            .finish_non_exhaustive()
    }
}
