//! What the tests of the client share: a mock server, and calls that block.

#![allow(
    dead_code,
    unused_imports,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::result_large_err,
    reason = "test support; each test file uses a part of it"
)]

pub(crate) mod body;
pub(crate) mod child;
mod server;
pub(crate) mod socket;
pub(crate) mod wire;

use std::time::{Duration, Instant};

pub(crate) use server::{eventually, raw_server, requests, script, server};
use tailrace_client::{
    Accepts, CallOptions, Client, EventStream, Failure, Mode, Outcome, Pending, Pop, Reply,
    Settings, Source, Timeouts,
};
use tailrace_core::{
    request::{Content, HeaderText, NullQuery, Options, QueryStyle, Space},
    retry::{Policy, ServerDelay},
    sse,
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const EVENTS: sse::Options = sse::Options {
    done: sse::Done::Prefix,
    end_of_input: sse::EndOfInput::Discard,
    max_event_bytes: 1 << 20,
};

pub(crate) fn client() -> Client {
    Client::new(Settings::default())
}

pub(crate) fn options(mode: Mode, timeouts: Timeouts) -> CallOptions {
    CallOptions {
        retry: Policy::new(0, ServerDelay::RefuseAbove(Duration::from_secs(120))),
        timeouts,
        deadline: None,
        mode,
        follows_redirects: true,
        renews: false,
        replaces: tailrace_core::call::Replaces::Never,
        relayed: false,
        accepts: Accepts::Success,
    }
}

pub(crate) fn start(client: &Client, base_url: &str, options: CallOptions) -> Pending {
    send(client, base_url, None, Vec::new(), options)
}

/// A buffered call without a body.
pub(crate) fn with_method(method: &str, client: &Client, base_url: &str) -> Pending {
    let options = options(Mode::Buffered, Timeouts::default());
    request(method, client, base_url, None, Vec::new(), options)
}

/// The same with a body.
pub(crate) fn send(
    client: &Client,
    base_url: &str,
    body: Option<Content<'_>>,
    sources: Vec<Source>,
    options: CallOptions,
) -> Pending {
    request("POST", client, base_url, body, sources, options)
}

fn request(
    method: &str,
    client: &Client,
    base_url: &str,
    body: Option<Content<'_>>,
    sources: Vec<Source>,
    options: CallOptions,
) -> Pending {
    client.start_with(
        Options {
            method,
            base_url,
            path: "/chat/completions",
            query: None,
            query_style: QueryStyle {
                null: NullQuery::Skip,
                space: Space::Plus,
            },
            headers: &[("authorization", Some("Bearer key"))],
            header_text: HeaderText::Utf8,
            retry_count_header: None,
            body,
        },
        sources,
        options,
    )
}

pub(crate) fn settle(pending: &Pending) -> Outcome {
    assert!(pending.wait(PATIENCE), "the call did not settle");
    pending.take().unwrap()
}

pub(crate) fn reply(client: &Client, base_url: &str, mode: Mode) -> Reply {
    settle(&start(client, base_url, options(mode, Timeouts::default()))).unwrap()
}

pub(crate) fn failure(client: &Client, base_url: &str, mode: Mode, timeouts: Timeouts) -> Failure {
    settle(&start(client, base_url, options(mode, timeouts))).unwrap_err()
}

pub(crate) fn stream(client: &Client, base_url: &str) -> EventStream {
    reply(client, base_url, Mode::Events(EVENTS))
        .content
        .stream()
        .unwrap()
}

/// The next thing that is not `Empty`.
pub(crate) fn next(stream: &EventStream) -> Pop {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match stream.pop() {
            Pop::Empty => {
                assert!(Instant::now() < deadline, "the stream said nothing");
                stream.wait(Duration::from_millis(100));
            }
            other => return other,
        }
    }
}
