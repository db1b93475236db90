//! JavaScript values to the options of a call, with the official Node package's rules.

use std::{sync::Arc, time::Duration};

use napi::{Error, Result};
use napi_derive::napi;
use tailrace_client::{
    Accepts, CallOptions, DeflateOffer, Mode, SocketLimits, SocketOptions, Timeouts,
};
use tailrace_core::{
    call::Replaces,
    json,
    request::{HeaderText, NullQuery, QueryStyle, Quoting, Space},
    retry::{Asked, Backoff, Policy, RuledOut, ServerDelay},
    sse,
};

/// `null` becomes an empty value and a space `%20`.
pub(crate) const QUERY_STYLE: QueryStyle = QueryStyle {
    null: NullQuery::Empty,
    space: Space::Percent,
};

/// `fetch` sends a byte for each character of a header's value.
pub(crate) const HEADER_TEXT: HeaderText = HeaderText::Latin1;

/// How `FormData` quotes the names of a form.
pub(crate) const QUOTING: Quoting = Quoting::Html;

/// How the official package quotes them around a streamed file.
pub(crate) const STREAMING_QUOTING: Quoting = Quoting::Percent;

/// The header that counts retries.
pub(crate) const RETRY_COUNT_HEADER: &str = "x-stainless-retry-count";

/// The official Node package replaces refused credentials once for each call.
pub(crate) const REPLACES: Replaces = Replaces::OncePerCall;

/// How long a token lives when the answer to its exchange does not say.
pub(crate) const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);

/// A server may ask for a delay up to this; a longer one is ignored.
const LONGEST_SERVER_DELAY: Duration = Duration::from_secs(60);

/// The limit that Node's own HTTP client has for connecting.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The limit that Node's own HTTP client has between two pieces of a body.
const IDLE_LIMIT: Duration = Duration::from_secs(300);

/// The official package has no such cap; past it a stream that never ends an event would fill the memory.
const MAX_EVENT_BYTES: usize = 256 * 1024 * 1024;

/// How a stream is read: the end mark is exact, and the end of input completes an event.
pub(crate) const SSE: sse::Options = sse::Options {
    done: sse::Done::Exact,
    end_of_input: sse::EndOfInput::Flush,
    max_event_bytes: MAX_EVENT_BYTES,
};

/// What the parser of JSON text that goes on takes in the official package. Its depth is that of `JSON.parse`, which has no limit.
pub(crate) const GROWTH: json::Rules = json::Rules {
    scanner: json::Options {
        max_depth: usize::MAX,
        non_finite: true,
        surrogates: true,
        halves: true,
    },
    number: json::OpenNumber::WhenFollowed,
    half_words: true,
    tolerance: json::Tolerance::WithinBrackets,
};

/// Names and values that come by turns; a missing value removes the header.
pub(crate) fn pairs(fields: &[Option<String>]) -> Vec<(&str, Option<&str>)> {
    fields
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [Some(name), value] => Some((name.as_str(), value.as_deref())),
            _ => None,
        })
        .collect()
}

/// The limits of a call, as JavaScript gives them.
pub(crate) struct Limits {
    /// The official one, in milliseconds: an attempt until the head of a stream, or the whole body otherwise.
    pub(crate) timeout_ms: f64,
    /// In place of it, in milliseconds: connect, read, write, pool, first byte, idle, total; `None` waits for ever.
    pub(crate) each_ms: Option<Vec<Option<f64>>>,
    /// Of the whole call, in milliseconds.
    pub(crate) deadline_ms: Option<f64>,
}

impl Limits {
    fn timeouts(&self) -> Timeouts {
        let Some(each) = &self.each_ms else {
            return Timeouts {
                connect: Some(CONNECT_LIMIT),
                read_body: Some(IDLE_LIMIT),
                reply: milliseconds(self.timeout_ms),
                ..Timeouts::default()
            };
        };
        let mut each = each.iter().map(|limit| limit.and_then(milliseconds));
        let mut next = || each.next().flatten();
        let (connect, read, write, pool) = (next(), next(), next(), next());
        let (first_byte, idle, total) = (next(), next(), next());
        Timeouts {
            pool,
            connect,
            write,
            first_byte,
            read_head: read,
            read_body: read,
            idle,
            total,
            reply: None,
        }
    }
}

/// A retry policy of the caller's.
#[napi(object)]
pub struct Retry {
    /// Before the first retry, in milliseconds.
    pub initial_ms: f64,
    /// The longest pause, in milliseconds.
    pub max_ms: f64,
    /// Whether the caller is told of each retry (1) or decides it (2); 0 for neither.
    pub asked: u32,
    /// Paths of members of a failure's body.
    pub places: Vec<Vec<String>>,
    /// What rules a retry out where it stands at one of `places`.
    pub ruled_out: Option<String>,
}

impl Retry {
    fn over(self, mut policy: Policy) -> Policy {
        policy.backoff = Backoff {
            initial: milliseconds(self.initial_ms).unwrap_or(Duration::MAX),
            max: milliseconds(self.max_ms).unwrap_or(Duration::MAX),
        };
        policy.asked = match self.asked {
            0 => Asked::Nothing,
            1 => Asked::Told,
            _ => Asked::Decides,
        };
        let places = self.places;
        policy.ruled_out = self
            .ruled_out
            .map(|text| Arc::new(RuledOut { places, text }));
        policy
    }
}

/// Which responses a call accepts: 1 all of them, decoded; otherwise those of success. The names are those of
/// `node/src/internal/native.cts`.
pub(crate) fn accepts(accepts: Option<u32>) -> Accepts {
    match accepts {
        Some(1) => Accepts::AnyStatus,
        _ => Accepts::Success,
    }
}

/// Past the range of a duration nobody is left to see the difference.
pub(crate) fn milliseconds(limit: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(limit / 1000.0).ok()
}

/// How a call is made.
///
/// `mode` is 0 for a whole body, 1 for events that are left unread, 2 for pieces as they come and 3 for a body that is left
/// unread; the names are those of `node/src/internal/native.cts`.
pub(crate) fn call(
    limits: &Limits,
    max_retries: u32,
    retry: Option<Retry>,
    mode: u32,
) -> CallOptions {
    let policy = Policy::new(max_retries, ServerDelay::IgnoreAbove(LONGEST_SERVER_DELAY));
    let mode = match mode {
        1 => Mode::UndecidedEvents(SSE),
        2 => Mode::Chunks,
        3 => Mode::Undecided,
        _ => Mode::Buffered,
    };
    CallOptions {
        retry: match retry {
            Some(retry) => retry.over(policy),
            None => policy,
        },
        timeouts: limits.timeouts(),
        deadline: limits.deadline_ms.and_then(milliseconds),
        mode,
        follows_redirects: true,
        renews: false,
        replaces: Replaces::Never,
        relayed: false,
        accepts: Accepts::Success,
    }
}

/// How a WebSocket is opened. `bounds`: bytes and messages that are held, bytes that wait, bytes of a message, then in milliseconds
/// those for a close frame, between pings, for a pong and without a message, and the bytes below which a message that would be deflated
/// by itself is not; what is missing is the default. `deflate` is the extension as the header has it.
pub(crate) fn socket(
    limits: &Limits,
    bounds: &[Option<f64>],
    follows_redirects: bool,
    deflate: Option<&str>,
) -> Result<SocketOptions> {
    let usual = SocketLimits::default();
    let bound = |at: usize| bounds.get(at).copied().flatten();
    // A cast of a float saturates, and so what is no size becomes the nearest one.
    let size = |at: usize, usual: usize| bound(at).map_or(usual, |size| size as usize);
    let time = |at: usize| bound(at).and_then(milliseconds);
    let deflate = deflate.map(str::parse::<DeflateOffer>).transpose();
    let deflate = deflate.map_err(|what| {
        Error::from_reason(format!("a WebSocket can ask for no such extension: {what}"))
    })?;
    Ok(SocketOptions {
        timeouts: limits.timeouts(),
        deadline: None,
        follows_redirects,
        deflate: deflate.map(|offer| DeflateOffer {
            threshold: size(8, offer.threshold),
            ..offer
        }),
        limits: SocketLimits {
            receive_bytes: size(0, usual.receive_bytes),
            receive_messages: size(1, usual.receive_messages),
            send_bytes: size(2, usual.send_bytes),
            message_bytes: size(3, usual.message_bytes),
            close: time(4).unwrap_or(usual.close),
            ping: time(5),
            pong: time(6),
            idle: time(7),
        },
    })
}
