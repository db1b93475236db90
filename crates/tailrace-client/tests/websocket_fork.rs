//! What a forked child sees of an open connection. The child is played by counting the fork, as in `fork.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::json;
use support::{PATIENCE, script, server, socket::open};
use tailrace_client::{Arrival, Awaited, Message, Unsent, fork};
use tailrace_core::error::Code;

#[test]
fn a_child_leaves_the_parents_connection_alone_and_can_connect() {
    let server = server();
    let base = script(
        &server,
        json!([{ "websocket": [{ "text": "first" }], "repeat": true }]),
    );
    let socket = open(&base);
    assert!(socket.wait(Awaited::Arrival, PATIENCE));
    fork::after_fork_in_child();
    assert!(socket.is_foreign() && socket.is_ready(Awaited::Arrival));
    match socket.pop() {
        Arrival::Closed(closed) => assert_eq!(closed.error.unwrap().code(), Code::Forked),
        other => panic!("{other:?}"),
    }
    let message = Message {
        data: "a".into(),
        is_text: true,
    };
    assert_eq!(socket.send(message.clone()), Err(Unsent::Closed(message)));
    let fresh = open(&base);
    assert!(fresh.wait(Awaited::Arrival, PATIENCE));
    assert!(matches!(fresh.pop(), Arrival::Message(_)));
}
