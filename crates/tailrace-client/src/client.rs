//! The entry: settings in, calls out.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tailrace_core::{
    call::{Call, Replaces},
    error::Error,
    request::{Options, Request, Signer},
    retry::Policy,
    sse,
};
use tokio::sync::Semaphore;

use crate::{
    driven::Driven,
    driver,
    fork::PerProcess,
    pending::Pending,
    runtime::Shared,
    source::Source,
    transport::{Transport, TransportSettings},
};

/// What all calls of a client share.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The most connections that this client uses at once; `None` for no limit.
    pub max_connections: Option<usize>,
    /// Where its connections come from.
    pub connections: Connections,
}

/// Where the connections of a client come from.
#[derive(Debug, Clone, Default)]
pub enum Connections {
    /// A pool of the process, without proxies.
    #[default]
    Shared,
    /// A pool of the process, with the proxies that the environment names.
    SharedWithEnvProxies,
    /// A pool of its own, with these settings. Clones of the client share it.
    Own(TransportSettings),
}

/// The limits of one attempt; `None` waits for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// Waiting for a free place below [`Settings::max_connections`].
    pub pool: Option<Duration>,
    /// Name lookup, TCP and TLS.
    pub connect: Option<Duration>,
    /// Waiting for the connection to take the next piece of a large body, and for the next piece to be there.
    pub write: Option<Duration>,
    /// Waiting for the first byte of the response, once connected and once a large body is sent.
    pub first_byte: Option<Duration>,
    /// Waiting for the next bytes of the head; with `read_body` it is the read limit.
    pub read_head: Option<Duration>,
    /// Waiting for the next bytes of the body, whatever they are.
    pub read_body: Option<Duration>,
    /// Waiting for the next event of a stream, or the next piece of another body.
    pub idle: Option<Duration>,
    /// The attempt to its very end, that of a stream included.
    pub total: Option<Duration>,
    /// The attempt until its reply: the head of a stream, the end of the body otherwise.
    pub reply: Option<Duration>,
}

/// What becomes of an accepted body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is read to its end before the call settles; breaking off counts as a failed attempt.
    Buffered,
    /// It is read as an event stream while the caller takes events.
    Events(sse::Options),
    /// It is handed on as it comes: each piece is the data of a nameless event.
    Chunks,
    /// It is left unread until the caller chooses (see [`crate::Unread`]).
    Undecided,
    /// The same for an event stream: a caller who decides about retries gets it at its first event, and so decides about a
    /// break before that as well.
    UndecidedEvents(sse::Options),
}

/// What becomes of the head of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// A status that is no success fails the attempt; content codings are undone.
    Success,
    /// Every response is accepted, whatever its status; content codings are undone.
    AnyStatus,
    /// Every response is accepted, whatever its status, and its body is handed on in its coding.
    AsItCame,
}

/// How one call is made.
#[derive(Debug, Clone)]
pub struct CallOptions {
    /// How often and when it is tried again, and whether the caller is asked (see [`Pending::proposal`]).
    pub retry: Policy,
    /// The limits of each attempt.
    pub timeouts: Timeouts,
    /// The limit of the whole call: its attempts, the pauses between them, and a stream to its end.
    pub deadline: Option<Duration>,
    /// What becomes of the body.
    pub mode: Mode,
    /// Which responses are accepted.
    pub accepts: Accepts,
    /// Redirects are followed; otherwise one is an answer, and so a failure.
    pub follows_redirects: bool,
    /// Each attempt but the first waits for headers of the caller (see [`Pending::renew`]).
    pub renews: bool,
    /// How often credentials that are refused with 401 are replaced by headers of the caller, in the same way.
    pub replaces: Replaces,
    /// Each attempt is handed to the caller, who has a transport of its own (see [`Pending::exchange`]).
    pub relayed: bool,
}

/// Makes calls. Cheap to create and to clone; clones share the connection limit.
#[derive(Debug, Clone)]
pub struct Client {
    connections: Connections,
    own: Arc<PerProcess<Transport>>,
    max_connections: Option<usize>,
    places: Arc<PerProcess<Arc<Semaphore>>>,
}

impl Client {
    /// A client with these settings. Opens nothing and starts nothing.
    pub fn new(settings: Settings) -> Self {
        Client {
            connections: settings.connections,
            own: Arc::new(PerProcess::new()),
            max_connections: settings.max_connections,
            places: Arc::new(PerProcess::new()),
        }
    }

    /// Builds a request and starts the call.
    ///
    /// Never fails itself: a request that cannot be built gives a call that has already failed.
    pub fn start(&self, request: Options<'_>, options: CallOptions) -> Pending {
        self.start_with(request, Vec::new(), options)
    }

    /// The same for a body with parts that are not in memory.
    pub fn start_with(
        &self,
        request: Options<'_>,
        sources: Vec<Source>,
        options: CallOptions,
    ) -> Pending {
        self.start_signed(request, sources, options, None)
    }

    /// The same with every attempt signed, until [`Pending::renew_signed`] gives another signer.
    pub fn start_signed(
        &self,
        request: Options<'_>,
        sources: Vec<Source>,
        options: CallOptions,
        signer: Option<Arc<Signer>>,
    ) -> Pending {
        match Request::build(request) {
            Ok(request) => self.start_request(request, sources, options, signer),
            Err(error) => Pending::failed(error, None),
        }
    }

    fn start_request(
        &self,
        request: Request,
        sources: Vec<Source>,
        options: CallOptions,
        signer: Option<Arc<Signer>>,
    ) -> Pending {
        let prepared = Shared::get().and_then(|shared| {
            let call = (
                options.retry.clone(),
                options.deadline,
                options.replaces,
                options.accepts,
            );
            let attempts = self.attempts(shared, &request, sources, options)?;
            Ok((shared, attempts, call))
        });
        let (shared, attempts, (retry, deadline, replaces, accepts)) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Pending::failed(error, Some(request)),
        };
        let mut call = Call::new(request, retry, deadline).replacing(replaces);
        if let Some(signer) = signer {
            call.set_signer(signer);
        }
        if accepts != Accepts::Success {
            call = call.accepting_any_status();
        }
        let (pending, settle) = Pending::new();
        let is_relayed = attempts.options.relayed;
        let task = attempts.drive(call, settle);
        if is_relayed {
            pending.cancels(Driven::start(shared.handle(), task));
        } else {
            pending.cancels(shared.handle().spawn(task).abort_handle());
        }
        pending
    }

    /// What sends `request`.
    pub(crate) fn attempts(
        &self,
        shared: &Shared,
        request: &Request,
        sources: Vec<Source>,
        options: CallOptions,
    ) -> Result<driver::Attempts, Error> {
        let transport = self.transport(shared);
        Ok(driver::Attempts {
            url: transport.parse(request.url())?,
            transport,
            sources: sources.into(),
            places: self.places(),
            options,
            started: Instant::now(),
        })
    }

    /// What opens this client's connections.
    pub(crate) fn transport(&self, shared: &Shared) -> Transport {
        match &self.connections {
            Connections::Shared => shared.transport(false),
            Connections::SharedWithEnvProxies => shared.transport(true),
            Connections::Own(settings) => self.own.get_or_init(|| Transport::new(settings)).clone(),
        }
    }

    fn places(&self) -> Option<Arc<Semaphore>> {
        let max = self.max_connections?.min(Semaphore::MAX_PERMITS);
        let places = self.places.get_or_init(|| Arc::new(Semaphore::new(max)));
        Some(Arc::clone(places))
    }
}
