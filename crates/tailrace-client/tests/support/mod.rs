//! What the tests of the client share: a mock server, and calls that block.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::result_large_err,
    reason = "test support; each test file uses a part of it"
)]

pub(crate) mod body;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tailrace_client::{
    CallOptions, Client, EventStream, Failure, Mode, Outcome, Pending, Pop, Reply, Settings,
    Source, Timeouts,
};
use tailrace_core::{
    request::{Content, NullQuery, Options, QueryStyle, Space},
    retry::{Policy, ServerDelay},
    sse,
};
use tailrace_mock::{Config, Server};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const EVENTS: sse::Options = sse::Options {
    done: sse::Done::Prefix,
    end_of_input: sse::EndOfInput::Discard,
    max_event_bytes: 1 << 20,
};

pub(crate) fn server() -> Server {
    Server::start(Config::default()).unwrap()
}

/// Loads a script of one exchange and gives it a port of its own.
pub(crate) fn script(server: &Server, exchanges: Value) -> String {
    server
        .script(&json!({"exchanges": exchanges, "own_port": true}).to_string())
        .unwrap()
}

pub(crate) fn client() -> Client {
    Client::new(Settings::default())
}

pub(crate) fn options(mode: Mode, timeouts: Timeouts) -> CallOptions {
    CallOptions {
        retry: Policy {
            max_retries: 0,
            server_delay: ServerDelay::RefuseAbove(Duration::from_secs(120)),
        },
        timeouts,
        mode,
        follows_redirects: true,
        renews: false,
    }
}

pub(crate) fn start(client: &Client, base_url: &str, options: CallOptions) -> Pending {
    send(client, base_url, None, Vec::new(), options)
}

/// The same with a body.
pub(crate) fn send(
    client: &Client,
    base_url: &str,
    body: Option<Content<'_>>,
    sources: Vec<Source>,
    options: CallOptions,
) -> Pending {
    client.start_with(
        Options {
            method: "POST",
            base_url,
            path: "/chat/completions",
            query: None,
            query_style: QueryStyle {
                null: NullQuery::Skip,
                space: Space::Plus,
            },
            headers: &[("authorization", Some("Bearer key"))],
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

/// Waits until `check` holds for the connections that the server saw.
pub(crate) fn eventually(
    server: &Server,
    base_url: &str,
    check: impl Fn(&[Value]) -> bool,
) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let connections: Value =
            serde_json::from_str(&server.connections(base_url).unwrap()).unwrap();
        let connections = connections.as_array().unwrap().clone();
        if check(&connections) {
            return connections;
        }
        assert!(
            Instant::now() < deadline,
            "never came true: {connections:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What the server received, oldest first.
pub(crate) fn requests(server: &Server, base_url: &str) -> Vec<Value> {
    let requests: Value = serde_json::from_str(&server.requests(base_url).unwrap()).unwrap();
    requests.as_array().unwrap().clone()
}

/// A server of one connection that is none of HTTP: `serve` gets its socket.
pub(crate) fn raw_server(
    serve: impl FnOnce(std::net::TcpStream) + Send + 'static,
) -> (String, std::thread::JoinHandle<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        serve(socket);
    });
    (base, thread)
}
