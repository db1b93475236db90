//! From Python's options to the client's.

use std::{sync::Arc, time::Duration};

use pyo3::{exceptions::PyValueError, prelude::*};
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

/// The header that counts retries.
pub(crate) const RETRY_COUNT_HEADER: &str = "x-stainless-retry-count";

/// How the official Python package writes a query.
const QUERY_STYLE: QueryStyle = QueryStyle {
    null: NullQuery::Skip,
    space: Space::Plus,
};

/// How the query of a call is written; a signature knows no plus for a space.
pub(crate) fn query_style(is_signed: bool) -> QueryStyle {
    QueryStyle {
        space: if is_signed {
            Space::Percent
        } else {
            QUERY_STYLE.space
        },
        ..QUERY_STYLE
    }
}

/// Header values go as UTF-8; the official Python package refuses what is not ASCII.
pub(crate) const HEADER_TEXT: HeaderText = HeaderText::Utf8;

/// How the official Python package quotes the names of a form.
pub(crate) const QUOTING: Quoting = Quoting::Doubled;

/// How the official Python package reads a stream. It has no cap; ours is far above what the API sends.
pub(crate) const EVENTS: sse::Options = sse::Options {
    done: sse::Done::Prefix,
    end_of_input: sse::EndOfInput::Discard,
    max_event_bytes: 1 << 30,
};

/// The official Python package does not retry when the server asks for more than two minutes.
const SERVER_DELAY: ServerDelay = ServerDelay::RefuseAbove(Duration::from_secs(120));

/// The official Python package replaces refused credentials once for each attempt.
pub(crate) const REPLACES: Replaces = Replaces::OncePerAttempt;

/// What the official Python package takes of a JSON text that goes on (jiter's partial mode), but as deep as Python's own JSON.
pub(crate) const fn growth(max_depth: usize) -> json::Rules {
    json::Rules {
        scanner: json::Options {
            max_depth,
            non_finite: true,
            surrogates: true,
            halves: false,
        },
        number: json::OpenNumber::AsFarAsItGoes,
        half_words: false,
        tolerance: json::Tolerance::AfterValue,
    }
}

/// Limits in seconds, in the order of `limits_of` in `_wire/timeout.py`: connect, read, write, pool, first byte, idle,
/// total, deadline; `None` waits for ever.
pub(crate) type Limits = (
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
);

/// A retry policy of the caller's: seconds before the first retry and at most, whether the caller is told of each retry (1)
/// or decides it (2), and paths of members with the text that rules a retry out where it stands at one of them.
pub(crate) type Retry = (f64, f64, u8, Option<(Vec<Vec<String>>, String)>);

/// How a call is tried again, with the caller's policy over the official one.
fn policy(max_retries: u32, given: Option<Retry>) -> PyResult<Policy> {
    let mut policy = Policy::new(max_retries, SERVER_DELAY);
    if let Some((initial, max, asked, ruled_out)) = given {
        let pause = |seconds| Ok::<_, PyErr>(duration(Some(seconds))?.unwrap_or(Duration::MAX));
        policy.backoff = Backoff {
            initial: pause(initial)?,
            max: pause(max)?,
        };
        policy.asked = match asked {
            0 => Asked::Nothing,
            1 => Asked::Told,
            _ => Asked::Decides,
        };
        policy.ruled_out = ruled_out.map(|(places, text)| Arc::new(RuledOut { places, text }));
    }
    Ok(policy)
}

/// The options of one call. `mode` is 0 for a whole body, 1 for events, 2 for one that is left unread and 3 for events that are.
///
/// A call that is `relayed` connects, reads and writes with the limits of the caller's own transport.
pub(crate) fn call_options(
    limits: Limits,
    max_retries: u32,
    retry: Option<Retry>,
    mode: u8,
    relayed: bool,
) -> PyResult<CallOptions> {
    let (connect, read, write, pool, first_byte, idle, total, deadline) = limits;
    let own = |seconds| {
        if relayed { Ok(None) } else { duration(seconds) }
    };
    let read = own(read)?;
    let mode = match mode {
        0 => Mode::Buffered,
        1 => Mode::Events(EVENTS),
        2 => Mode::Undecided,
        3 => Mode::UndecidedEvents(EVENTS),
        other => {
            return Err(PyValueError::new_err(format!(
                "the mode {other} is none of 0 (whole), 1 (events), 2 (undecided) and 3 (undecided events)"
            )));
        }
    };
    Ok(CallOptions {
        retry: policy(max_retries, retry)?,
        timeouts: Timeouts {
            pool: own(pool)?,
            connect: own(connect)?,
            write: own(write)?,
            first_byte: duration(first_byte)?,
            read_head: read,
            read_body: read,
            idle: duration(idle)?,
            total: duration(total)?,
            reply: None,
        },
        deadline: duration(deadline)?,
        mode,
        follows_redirects: true,
        renews: false,
        replaces: Replaces::Never,
        relayed,
        accepts: Accepts::Success,
    })
}

/// The limits of an open WebSocket: bytes and messages that are held, bytes that wait, bytes of a message, then in seconds those
/// for a close frame, between pings, for a pong and without a message; `None` is the default.
pub(crate) type SocketBounds = (
    Option<usize>,
    Option<usize>,
    Option<usize>,
    Option<usize>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
);

/// The options of one WebSocket; its handshake has the limits of a call. `deflate` is the extension as the header has it.
pub(crate) fn socket_options(
    limits: Limits,
    bounds: SocketBounds,
    follows_redirects: bool,
    deflate: Option<&str>,
) -> PyResult<SocketOptions> {
    let CallOptions {
        timeouts, deadline, ..
    } = call_options(limits, 0, None, 0, false)?;
    let usual = SocketLimits::default();
    let (receive_bytes, receive_messages, send_bytes, message_bytes, close, ping, pong, idle) =
        bounds;
    Ok(SocketOptions {
        timeouts,
        deadline,
        follows_redirects,
        deflate: deflate.map(deflate_offer).transpose()?,
        limits: SocketLimits {
            receive_bytes: receive_bytes.unwrap_or(usual.receive_bytes),
            receive_messages: receive_messages.unwrap_or(usual.receive_messages),
            send_bytes: send_bytes.unwrap_or(usual.send_bytes),
            message_bytes: message_bytes.unwrap_or(usual.message_bytes),
            close: duration(close)?.unwrap_or(usual.close),
            ping: duration(ping)?,
            pong: duration(pong)?,
            idle: duration(idle)?,
        },
    })
}

fn deflate_offer(text: &str) -> PyResult<DeflateOffer> {
    text.parse().map_err(|what| {
        PyValueError::new_err(format!("a WebSocket can ask for no such extension: {what}"))
    })
}

pub(crate) fn duration(seconds: Option<f64>) -> PyResult<Option<Duration>> {
    match seconds {
        None => Ok(None),
        Some(seconds) if seconds.is_nan() => Err(PyValueError::new_err(
            "a timeout is not a number; give seconds, or None to wait for ever",
        )),
        // Past the range of a duration nobody is left to see the difference.
        Some(seconds) => Ok(Duration::try_from_secs_f64(seconds.max(0.0)).ok()),
    }
}
