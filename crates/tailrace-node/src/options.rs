//! JavaScript values to the options of a call, with the official Node package's rules.

use std::time::Duration;

use tailrace_client::{CallOptions, Mode, Timeouts};
use tailrace_core::{
    request::{HeaderText, NullQuery, QueryStyle, Quoting, Space},
    retry::{Policy, ServerDelay},
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

/// How a call is made; `timeout_ms` covers an attempt until the head of a stream, or the whole body otherwise.
///
/// `mode` is 0 for a whole body, 1 for events, 2 for pieces as they come and 3 for one that is left unread; the names are those of
/// `node/src/internal/native.cts`.
pub(crate) fn call(timeout_ms: f64, max_retries: u32, mode: u32) -> CallOptions {
    let mode = match mode {
        1 => Mode::Events(SSE),
        2 => Mode::Chunks,
        3 => Mode::Undecided,
        _ => Mode::Buffered,
    };
    CallOptions {
        retry: Policy {
            max_retries,
            server_delay: ServerDelay::IgnoreAbove(LONGEST_SERVER_DELAY),
        },
        timeouts: Timeouts {
            pool: None,
            connect: Some(CONNECT_LIMIT),
            write: None,
            headers: None,
            frame: Some(IDLE_LIMIT),
            attempt: Duration::try_from_secs_f64(timeout_ms / 1000.0).ok(),
        },
        mode,
        follows_redirects: true,
        renews: false,
        relayed: false,
    }
}
