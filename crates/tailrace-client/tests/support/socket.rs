//! WebSockets whose tests block.

use bytes::Bytes;
use serde_json::{Value, json};
use tailrace_client::{
    Arrival, Awaited, Close, Closed, Failure, Message, Pending, SocketLimits, SocketOptions,
    Timeouts, WebSocket,
};
use tailrace_core::request::{HeaderText, NullQuery, Options, QueryStyle, Space};
use tailrace_mock::Server;

use super::{PATIENCE, client, eventually, requests, script, settle};

pub(crate) fn start(
    base_url: &str,
    headers: &[(&str, Option<&str>)],
    limits: SocketLimits,
) -> Pending {
    let timeouts = Timeouts {
        connect: Some(PATIENCE),
        read_head: Some(PATIENCE),
        ..Timeouts::default()
    };
    start_with(base_url, headers, limits, timeouts, true)
}

pub(crate) fn start_with(
    base_url: &str,
    headers: &[(&str, Option<&str>)],
    limits: SocketLimits,
    timeouts: Timeouts,
    follows_redirects: bool,
) -> Pending {
    client().open(
        Options {
            method: "GET",
            base_url,
            path: "/realtime",
            query: Some(br#"{"model":"m"}"#),
            query_style: QueryStyle {
                null: NullQuery::Skip,
                space: Space::Plus,
            },
            headers,
            header_text: HeaderText::Utf8,
            retry_count_header: None,
            body: None,
        },
        SocketOptions {
            timeouts,
            deadline: None,
            follows_redirects,
            deflate: None,
            limits,
        },
    )
}

pub(crate) const KEY: &[(&str, Option<&str>)] = &[("authorization", Some("Bearer key"))];

pub(crate) fn limited(base_url: &str, limits: SocketLimits) -> WebSocket {
    let reply = settle(&start(base_url, KEY, limits)).unwrap();
    assert_eq!(reply.head.status.as_u16(), 101);
    reply.content.socket().unwrap()
}

pub(crate) fn open(base_url: &str) -> WebSocket {
    limited(base_url, SocketLimits::default())
}

pub(crate) fn refused(base_url: &str) -> Failure {
    settle(&start(base_url, KEY, SocketLimits::default())).unwrap_err()
}

pub(crate) fn steps(server: &Server, steps: Value) -> String {
    script(server, json!([{ "websocket": steps }]))
}

pub(crate) fn text(text: &str) -> Message {
    Message {
        data: Bytes::copy_from_slice(text.as_bytes()),
        is_text: true,
    }
}

/// The next message, or how the connection ended.
pub(crate) fn next(socket: &WebSocket) -> Result<Message, Closed> {
    loop {
        match socket.pop() {
            Arrival::Message(message) => return Ok(message),
            Arrival::Closed(closed) => return Err(*closed),
            Arrival::Empty => assert!(socket.wait(Awaited::Arrival, PATIENCE), "nothing came"),
        }
    }
}

pub(crate) fn next_text(socket: &WebSocket) -> String {
    let message = next(socket).unwrap();
    assert!(message.is_text);
    String::from_utf8(message.data.to_vec()).unwrap()
}

/// Closes, and gives how the connection ended.
pub(crate) fn close(socket: &WebSocket, code: u16) -> Closed {
    socket.close(Close::new(code, "done"));
    assert!(socket.wait(Awaited::End, PATIENCE), "it did not end");
    socket.closed().unwrap()
}

pub(crate) fn codes(closed: &Closed) -> (Option<u16>, Option<u16>, Option<bool>) {
    (
        closed.received.as_ref().map(|close| close.code),
        closed.sent.as_ref().map(|close| close.code),
        closed.received_first,
    )
}

/// What the server recorded of what the client said, once there are so many.
pub(crate) fn said(server: &Server, base_url: &str, messages: usize) -> Vec<Value> {
    let mut said = Vec::new();
    eventually(server, base_url, |_| {
        said = requests(server, base_url)[0]["messages"]
            .as_array()
            .unwrap()
            .clone();
        said.len() >= messages
    });
    said
}
