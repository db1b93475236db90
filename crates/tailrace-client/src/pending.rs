//! A call in flight, and what it settles to.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tailrace_core::{
    credentials::Secret,
    error::{Code, Error},
    request::{Request, Signer},
    response::Head,
    retry::Decision,
};
use tokio::sync::oneshot;

use crate::{
    baton, driven::Work, notify::Notify, relay::Exchange, stream::EventStream, unread::Unread,
    websocket::WebSocket,
};

/// A response that was accepted.
#[derive(Debug)]
pub struct Reply {
    /// Status and headers.
    pub head: Head,
    /// The request that the last attempt sent.
    pub request: Request,
    /// From the start of the call to this reply, retries included.
    pub elapsed: Duration,
    /// Attempts after the first.
    pub retries: u32,
    /// The body, as the call's mode asked for it.
    pub content: Content,
}

/// The body of a [`Reply`].
#[derive(Debug)]
pub enum Content {
    /// All of it.
    Whole(Bytes),
    /// Its events or pieces, as they come.
    Stream(EventStream),
    /// Not read yet.
    Unread(Unread),
    /// None: the connection goes on as a WebSocket.
    Socket(WebSocket),
}

impl Content {
    /// The body of a call in [`crate::Mode::Buffered`].
    pub fn whole(self) -> Option<Bytes> {
        match self {
            Content::Whole(body) => Some(body),
            _ => None,
        }
    }

    /// The stream of a call in [`crate::Mode::Events`] or [`crate::Mode::Chunks`].
    pub fn stream(self) -> Option<EventStream> {
        match self {
            Content::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    /// The body of a call in [`crate::Mode::Undecided`] or [`crate::Mode::UndecidedEvents`].
    pub fn unread(self) -> Option<Unread> {
        match self {
            Content::Unread(unread) => Some(unread),
            _ => None,
        }
    }

    /// The connection of a call of [`crate::Client::open`].
    pub fn socket(self) -> Option<WebSocket> {
        match self {
            Content::Socket(socket) => Some(socket),
            _ => None,
        }
    }
}

/// A call that failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What went wrong, with the response for [`Code::Status`].
    pub error: Error,
    /// The request that the last attempt sent, when one could be built.
    pub request: Option<Request>,
    /// From the start of the call to its failure.
    pub elapsed: Duration,
}

/// How a call ends.
pub type Outcome = Result<Reply, Failure>;

/// An attempt that failed and would be followed by another one, if the caller agrees.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What the call would fail with.
    pub failure: Failure,
    /// The pause before the next attempt.
    pub delay: Duration,
}

/// Headers that a caller gives in the middle of a call; `None` removes one.
pub type Headers = Vec<(String, Option<String>)>;

/// What a caller gives in the middle of a call.
#[derive(Debug)]
pub(crate) struct Renewal {
    pub(crate) headers: Headers,
    pub(crate) signer: Option<Arc<Signer>>,
}

/// A call in flight. Dropping it before it settles cancels it and closes its socket.
#[derive(Debug)]
pub struct Pending(Arc<Slot>);

#[derive(Debug)]
struct Slot {
    state: Mutex<State>,
    settled: Condvar,
}

struct State {
    outcome: Option<Outcome>,
    /// What a call for a token settled to.
    token: Option<Secret>,
    is_settled: bool,
    notify: Option<Arc<dyn Notify>>,
    work: Option<Work>,
    asks: Option<Ask>,
}

/// Why a call wants headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// An attempt follows.
    Retry,
    /// The server refused the credentials of the last.
    Refused,
}

/// What a call wants from its caller before it can go on.
enum Ask {
    /// Headers, which go there.
    Headers(oneshot::Sender<Renewal>, Why),
    /// The token that is exchanged for another.
    Subject(oneshot::Sender<Secret>),
    /// Whether to try again; `None` once the caller has seen what is proposed.
    Retry(Option<Box<Proposal>>, oneshot::Sender<Decision>),
    /// That a request is sent.
    Exchange(Box<Exchange>),
}

/// The driver's end. A driver that vanishes without settling has panicked, and that too is an outcome.
#[derive(Debug)]
pub(crate) struct Settle {
    slot: Arc<Slot>,
    pub(crate) started: Instant,
}

impl Pending {
    pub(crate) fn new() -> (Pending, Settle) {
        let slot = Arc::new(Slot {
            state: Mutex::new(State {
                outcome: None,
                token: None,
                is_settled: false,
                notify: None,
                work: None,
                asks: None,
            }),
            settled: Condvar::new(),
        });
        let settle = Settle {
            slot: Arc::clone(&slot),
            started: Instant::now(),
        };
        (Pending(slot), settle)
    }

    pub(crate) fn failed(error: Error, request: Option<Request>) -> Self {
        let (pending, settle) = Pending::new();
        settle.fail(error, request);
        pending
    }

    pub(crate) fn cancels(&self, work: impl Into<Work>) {
        let mut state = self.0.lock();
        // What has settled need not stay in memory for a caller who keeps the call.
        if !state.is_settled {
            state.work = Some(work.into());
        }
    }

    /// The outcome, if the call has settled and nobody has taken it yet.
    pub fn take(&self) -> Option<Outcome> {
        self.0.lock().outcome.take()
    }

    /// Blocks until the call has settled or wants something, at most `limit`; true if either is so.
    pub fn wait(&self, limit: Duration) -> bool {
        baton::pass();
        let state = self.0.lock();
        let waited = self
            .0
            .settled
            .wait_timeout_while(state, limit, |state| !state.is_ready());
        match waited {
            Ok((state, _)) => state.is_ready(),
            Err(poisoned) => poisoned.into_inner().0.is_ready(),
        }
    }

    /// Tells `notify` when the call settles or wants something: once, and at once if it already does.
    pub fn notify(&self, notify: Arc<dyn Notify>) {
        let mut state = self.0.lock();
        if state.is_ready() {
            drop(state);
            notify.notify();
        } else {
            state.notify = Some(notify);
        }
    }

    /// The token of a call for one ([`crate::Credentials::start`]), if that has settled and nobody has taken it yet.
    pub fn take_token(&self) -> Option<Secret> {
        self.0.lock().token.take()
    }

    /// True while the call waits for [`Pending::renew`], which only calls with `renews` or `replaces` do.
    pub fn needs_headers(&self) -> bool {
        matches!(self.0.lock().asks, Some(Ask::Headers(..)))
    }

    /// True while the call waits for other credentials than those that the server has refused.
    pub fn is_refused(&self) -> bool {
        matches!(self.0.lock().asks, Some(Ask::Headers(_, Why::Refused)))
    }

    /// True while a call for a token waits for [`Pending::subject`].
    pub fn needs_subject(&self) -> bool {
        matches!(self.0.lock().asks, Some(Ask::Subject(_)))
    }

    /// Gives a call for a token what it exchanges. False when it needs nothing.
    pub fn subject(&self, subject: Secret) -> bool {
        let mut state = self.0.lock();
        match state.asks.take() {
            Some(Ask::Subject(asks)) => {
                drop(state);
                asks.send(subject).is_ok()
            }
            other => {
                state.asks = other;
                false
            }
        }
    }

    /// The request that the caller has to send, which only calls with `relayed` give: one for each attempt, once.
    pub fn exchange(&self) -> Option<Exchange> {
        let mut state = self.0.lock();
        match state.asks.take() {
            Some(Ask::Exchange(exchange)) => Some(match &state.work {
                Some(Work::Caller(driven)) => exchange.taken_on_by(Arc::clone(driven)),
                _ => *exchange,
            }),
            other => {
                state.asks = other;
                None
            }
        }
    }

    /// The retry that the call asks about, once; it waits for [`Pending::decide`].
    pub fn proposal(&self) -> Option<Proposal> {
        match &mut self.0.lock().asks {
            Some(Ask::Retry(proposal, _)) => proposal.take().map(|proposal| *proposal),
            _ => None,
        }
    }

    /// Answers a call that asks about a retry. False when it asks about none.
    pub fn decide(&self, decision: Decision) -> bool {
        let mut state = self.0.lock();
        match state.asks.take() {
            Some(Ask::Retry(_, asks)) => {
                drop(state);
                asks.send(decision).is_ok()
            }
            other => {
                state.asks = other;
                false
            }
        }
    }

    /// Answers a call that needs headers: they are merged over those of the request, and the call goes on. False when it
    /// needs none.
    pub fn renew(&self, headers: Headers) -> bool {
        self.renew_signed(headers, None)
    }

    /// The same with what signs the attempts from now on; `None` leaves that as it was.
    pub fn renew_signed(&self, headers: Headers, signer: Option<Arc<Signer>>) -> bool {
        let mut state = self.0.lock();
        match state.asks.take() {
            Some(Ask::Headers(asks, _)) => {
                drop(state);
                asks.send(Renewal { headers, signer }).is_ok()
            }
            other => {
                state.asks = other;
                false
            }
        }
    }

    /// Ends the call with [`Code::Cancelled`] and closes its socket; without effect once its outcome was taken.
    pub fn cancel(&self) {
        let cancelled = Err(Failure {
            error: Error::new(Code::Cancelled, "the call was cancelled"),
            request: None,
            elapsed: Duration::ZERO,
        });
        let mut state = self.0.lock();
        let work = state.work.take();
        if let Some(outcome) = state.outcome.as_mut() {
            // It settled, and nobody has seen it: a reply that holds an open socket must not wait for this value's end,
            // which a caught exception may put off.
            let unseen = std::mem::replace(outcome, cancelled);
            drop(state);
            drop(unseen);
        } else {
            drop(state);
            self.0.settle(cancelled);
        }
        if let Some(work) = work {
            work.give_up();
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.is_settled {
            return;
        }
        // Nobody is left to be told.
        state.is_settled = true;
        let work = state.work.take();
        let asks = state.asks.take();
        drop(state);
        drop(asks);
        if let Some(work) = work {
            work.give_up();
        }
    }
}

impl Settle {
    /// Asks the caller for headers. The receiver fails when the caller is gone.
    pub(crate) fn ask(&self, why: Why) -> oneshot::Receiver<Renewal> {
        let (sender, receiver) = oneshot::channel();
        self.want(Ask::Headers(sender, why));
        receiver
    }

    /// Asks the caller for what is exchanged. The receiver fails when the caller is gone.
    pub(crate) fn ask_subject(&self) -> oneshot::Receiver<Secret> {
        let (sender, receiver) = oneshot::channel();
        self.want(Ask::Subject(sender));
        receiver
    }

    /// Asks the caller about a retry. The receiver fails when the caller is gone.
    pub(crate) fn propose(&self, proposal: Proposal) -> oneshot::Receiver<Decision> {
        let (sender, receiver) = oneshot::channel();
        self.want(Ask::Retry(Some(Box::new(proposal)), sender));
        receiver
    }

    /// Asks the caller to send a request.
    pub(crate) fn hand_over(&self, exchange: Exchange) {
        self.want(Ask::Exchange(Box::new(exchange)));
    }

    fn want(&self, ask: Ask) {
        let mut state = self.slot.lock();
        if state.is_settled {
            // Nobody is left to be asked.
            return;
        }
        state.asks = Some(ask);
        let notify = state.notify.take();
        drop(state);
        self.slot.settled.notify_all();
        if let Some(notify) = notify {
            notify.notify();
        }
    }

    pub(crate) fn succeed(self, reply: Reply) {
        self.slot.settle(Ok(reply));
    }

    pub(crate) fn grant(self, token: Secret) {
        let mut state = self.slot.lock();
        if !state.is_settled {
            state.token = Some(token);
        }
        drop(state);
        self.slot.finish(None);
    }

    pub(crate) fn fail(self, error: Error, request: Option<Request>) {
        let elapsed = self.started.elapsed();
        self.slot.settle(Err(Failure {
            error,
            request,
            elapsed,
        }));
    }
}

impl Drop for Settle {
    fn drop(&mut self) {
        if self.slot.lock().is_settled {
            return;
        }
        self.slot.settle(Err(Failure {
            error: Error::new(
                Code::Internal,
                "tailrace failed inside a call; please report this to the tailrace project",
            ),
            request: None,
            elapsed: self.started.elapsed(),
        }));
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, outcome: Outcome) {
        self.finish(Some(outcome));
    }

    fn finish(&self, outcome: Option<Outcome>) {
        let mut state = self.lock();
        if state.is_settled {
            return;
        }
        state.is_settled = true;
        state.work = None;
        let asks = state.asks.take();
        state.outcome = outcome;
        let notify = state.notify.take();
        drop(state);
        drop(asks);
        self.settled.notify_all();
        if let Some(notify) = notify {
            notify.notify();
        }
    }
}

impl State {
    fn is_ready(&self) -> bool {
        let is_asking = match &self.asks {
            None => false,
            // What is proposed has been seen, and is being thought about.
            Some(Ask::Retry(proposal, _)) => proposal.is_some(),
            Some(Ask::Headers(..) | Ask::Subject(_) | Ask::Exchange(_)) => true,
        };
        self.is_settled || is_asking
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("is_settled", &self.is_settled)
            .finish_non_exhaustive()
    }
}
