//! WebSockets over real sockets: the handshake, both queues, and the end in both directions.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{
    PATIENCE, eventually, requests, script, server, settle,
    socket::{
        KEY, close, codes, limited, next, next_text, open, refused, said, start_with, steps, text,
    },
};
use tailrace_client::{Awaited, SocketLimits, Timeouts, Unsent};
use tailrace_core::error::Code;

#[test]
fn messages_go_both_ways_in_order() {
    let server = server();
    let base = steps(
        &server,
        json!([{ "json": { "type": "hello" } }, { "binary": "AP8=" }, "echo"]),
    );
    let socket = open(&base.replace("http://", "ws://"));
    assert_eq!(next_text(&socket), r#"{"type":"hello"}"#);
    let binary = next(&socket).unwrap();
    assert_eq!((&*binary.data, binary.is_text), (&b"\x00\xff"[..], false));
    let sent: Vec<String> = [1, 125, 126, 65_535, 65_536, 1_000_000]
        .into_iter()
        .map(|length| "ö".repeat(length / 2) + &length.to_string())
        .collect();
    for message in &sent {
        assert!(socket.wait(Awaited::Room, PATIENCE));
        socket.send(text(message)).unwrap();
    }
    for message in &sent {
        assert_eq!(next_text(&socket), *message);
    }
    let closed = close(&socket, 1000);
    assert_eq!(codes(&closed), (Some(1000), Some(1000), Some(false)));
    assert!(closed.error.is_none());
    let counters = socket.counters();
    assert_eq!((counters.sent_messages, counters.received_messages), (6, 8));
    assert_eq!(
        counters.sent_bytes,
        sent.iter().map(|text| text.len() as u64).sum::<u64>()
    );
    let request = &requests(&server, &base)[0];
    assert_eq!(
        (&request["path"], &request["query"]),
        (&json!("/v1/realtime"), &json!("model=m"))
    );
    let headers = request["headers"].to_string();
    assert!(headers.contains("Bearer key") && !headers.contains("sec-websocket-extensions"));
}

#[test]
fn a_refusal_is_the_failure_of_a_call() {
    let server = server();
    let base = script(
        &server,
        json!([
            { "status": 401, "headers": { "x-request-id": "r1" }, "json": { "error": { "message": "no" } } },
            { "status": 200, "json": {} },
            { "websocket": [], "headers": { "sec-websocket-accept": "wrong" } },
            { "websocket": [], "headers": { "sec-websocket-extensions": "permessage-deflate" } },
            { "websocket": [], "headers": { "sec-websocket-protocol": "other" } },
            { "websocket": [], "headers": { "upgrade": "h2c" } },
        ]),
    );
    let failure = refused(&base);
    assert_eq!(failure.error.code(), Code::Status);
    let (head, body) = failure.error.response().unwrap();
    assert_eq!(
        (head.status.as_u16(), head.header("x-request-id")),
        (401, Some("r1"))
    );
    assert_eq!(&body[..], br#"{"error":{"message":"no"}}"#);
    assert_eq!(refused(&base).error.code(), Code::Status);
    for _ in 0..4 {
        let failure = refused(&base);
        assert_eq!(
            failure.error.code(),
            Code::InvalidResponse,
            "{}",
            failure.error
        );
    }
}

#[test]
fn a_redirect_is_followed_within_its_origin_only() {
    let server = server();
    let base = script(
        &server,
        json!([
            { "status": 302, "headers": { "location": "{base_url}/next" } },
            { "websocket": [{ "text": "here" }] },
            { "status": 302, "headers": { "location": "{other_origin}/next" }, "text": "elsewhere" },
            { "status": 307, "headers": { "location": "{base_url}/next" } },
        ]),
    );
    assert_eq!(next_text(&open(&base)), "here");
    let failure = refused(&base);
    let (head, body) = failure.error.response().unwrap();
    assert_eq!((head.status.as_u16(), &body[..]), (302, &b"elsewhere"[..]));
    let failure = settle(&start_with(
        &base,
        KEY,
        SocketLimits::default(),
        Timeouts::default(),
        false,
    ))
    .unwrap_err();
    assert_eq!(failure.error.response().unwrap().0.status.as_u16(), 307);
    assert_eq!(requests(&server, &base).len(), 4);
}

#[test]
fn the_server_closes_with_a_code() {
    let server = server();
    for (close, expected, reason) in [
        (
            json!({ "code": 1011, "reason": "restart" }),
            1011,
            "restart",
        ),
        (json!({ "code": 4999 }), 4999, ""),
        (json!({}), 1005, ""),
    ] {
        let base = steps(&server, json!([{ "text": "last" }, { "close": close }]));
        let socket = open(&base);
        assert_eq!(next_text(&socket), "last");
        let closed = next(&socket).unwrap_err();
        assert_eq!(codes(&closed), (Some(expected), Some(expected), Some(true)));
        assert_eq!(closed.received.unwrap().reason, reason);
        assert_eq!(
            codes(&next(&socket).unwrap_err()).0,
            Some(expected),
            "said again each time"
        );
        assert_eq!(socket.send(text("late")), Err(Unsent::Closed(text("late"))));
        assert_eq!(
            said(&server, &base, 1)[0]["close"],
            if expected == 1005 {
                Value::Null
            } else {
                json!(expected)
            }
        );
    }
}

#[test]
fn what_was_queued_goes_out_before_the_close_frame() {
    let server = server();
    let base = steps(&server, json!([]));
    let socket = open(&base);
    for number in 0..500 {
        socket.send(text(&number.to_string())).unwrap();
    }
    assert_eq!(codes(&close(&socket, 4000)).0, Some(4000));
    let said = said(&server, &base, 501);
    assert!((0..500).all(|number| said[number]["text"] == json!(number.to_string())));
    assert_eq!(
        (&said[500]["close"], &said[500]["reason"]),
        (&json!(4000), &json!("done"))
    );
    assert!(socket.unsent().is_empty());
}

#[test]
fn a_full_send_queue_hands_the_message_back_and_the_rest_after_the_end() {
    let server = server();
    // Past what both systems hold, because nobody reads while the server says nothing.
    let (base, thread) = support::raw_server(silent_server);
    let limits = SocketLimits {
        send_bytes: 64 * 1024,
        ..SocketLimits::default()
    };
    let socket = limited(&base, limits);
    let piece = text(&"x".repeat(512 * 1024));
    let mut taken = 0;
    let refused = loop {
        match socket.send(piece.clone()) {
            Ok(()) => taken += 1,
            Err(Unsent::Full(message))
                if socket.wait(Awaited::Room, Duration::from_millis(300)) =>
            {
                drop(message)
            }
            Err(other) => break other,
        }
    };
    assert_eq!(refused, Unsent::Full(piece.clone()));
    assert!(socket.counters().waiting_bytes > 0);
    socket.abort();
    let _ = thread.join();
    assert!(socket.wait(Awaited::End, PATIENCE));
    assert_eq!(socket.send(piece.clone()), Err(Unsent::Closed(piece)));
    assert!(socket.counters().sent_messages < taken);
    drop(server);
}

/// Answers the handshake by hand and reads nothing more.
fn silent_server(mut socket: std::net::TcpStream) {
    use std::io::{Read, Write};
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("sec-websocket-key: "))
        .unwrap();
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    socket.write_all(answer.as_bytes()).unwrap();
    // Nothing is read until the client is gone, which a write finds out.
    loop {
        std::thread::sleep(Duration::from_millis(20));
        if socket.write_all(b"\x89\x00").is_err() {
            return;
        }
    }
}

#[test]
fn a_host_that_is_behind_stops_the_socket_and_loses_nothing() {
    let server = server();
    let big = "x".repeat(4000);
    let base = steps(
        &server,
        json!([{ "repeat": { "times": 5000, "steps": [{ "text": big }] } }, { "text": "last" }]),
    );
    let limits = SocketLimits {
        receive_bytes: 64 * 1024,
        receive_messages: 10,
        ..SocketLimits::default()
    };
    let socket = limited(&base, limits);
    assert!(socket.wait(Awaited::Arrival, PATIENCE));
    std::thread::sleep(Duration::from_millis(100));
    let counters = socket.counters();
    assert!(counters.queued_messages <= 20, "{counters:?}");
    let mut taken = std::collections::VecDeque::new();
    let mut count = 0;
    loop {
        socket.pop_up_to(16 * 1024, &mut taken);
        count += taken.len();
        if taken
            .back()
            .is_some_and(|message| &message.data[..] == b"last")
        {
            break;
        }
        taken.clear();
        assert!(socket.wait(Awaited::Arrival, PATIENCE));
    }
    assert_eq!(count, 5001);
    assert_eq!(codes(&close(&socket, 1000)).0, Some(1000));
}

#[test]
fn what_a_server_says_before_its_close_frame_is_there_after_a_close() {
    let server = server();
    let big = "x".repeat(4000);
    // Without answering the client's close frame until it has said all.
    let base = steps(
        &server,
        json!(["mute", { "repeat": { "times": 1000, "steps": [{ "text": big }] } }, { "close": { "code": 1000 } }]),
    );
    let socket = open(&base);
    assert!(socket.wait(Awaited::Arrival, PATIENCE));
    assert_eq!(
        codes(&close(&socket, 1000)),
        (Some(1000), Some(1000), Some(false))
    );
    let count = std::iter::from_fn(|| next(&socket).ok()).count();
    assert_eq!(count, 1000, "4 MB, where an open connection holds 256 KiB");
}

#[test]
fn a_close_that_nobody_reads_behind_ends_in_time() {
    let server = server();
    let big = "x".repeat(40_000);
    let base = steps(
        &server,
        json!(["mute", { "repeat": { "times": 1000, "steps": [{ "text": big }] } }, { "close": { "code": 1000 } }]),
    );
    let limits = SocketLimits {
        close: Duration::from_secs(1),
        ..SocketLimits::default()
    };
    let socket = limited(&base, limits);
    assert!(socket.wait(Awaited::Arrival, PATIENCE));
    assert_eq!(codes(&close(&socket, 1000)), (None, Some(1000), None));
    let held = socket.counters().queued_bytes;
    assert!(held < 20 * 1024 * 1024, "{held}");
    assert!(next(&socket).is_ok(), "what came is there");
}

#[test]
fn a_server_that_reads_nothing_holds_up_no_close() {
    let (base, thread) = support::raw_server(silent_server);
    let limits = SocketLimits {
        close: Duration::from_millis(300),
        ..SocketLimits::default()
    };
    let socket = limited(&base, limits);
    let piece = text(&"x".repeat(16 * 1024 * 1024));
    socket.send(piece.clone()).unwrap();
    assert_eq!(socket.send(text("more")), Err(Unsent::Full(text("more"))));
    assert!(!tailrace_client::send_rest(Duration::from_millis(50)));
    assert_eq!(codes(&close(&socket, 1000)), (None, None, None));
    assert_eq!(socket.unsent(), [piece]);
    let _ = thread.join();
}

#[test]
fn what_waits_goes_out_when_the_host_or_its_process_ends() {
    let server = server();
    let base = steps(&server, json!([]));
    let socket = open(&base);
    for number in 0..500 {
        socket.send(text(&number.to_string())).unwrap();
    }
    drop(socket);
    let said_by_dropped = said(&server, &base, 501);
    assert!((0..500).all(|number| said_by_dropped[number]["text"] == json!(number.to_string())));
    assert_eq!(said_by_dropped[500]["close"], json!(1001));
    eventually(&server, &base, |connections| {
        connections[0]["closed_by"] == "client"
    });

    let base = steps(&server, json!([]));
    let socket = open(&base);
    for _ in 0..20 {
        socket.send(text(&"x".repeat(10_000))).unwrap();
    }
    // Other tests of this process may hold a connection that sends nothing.
    let deadline = std::time::Instant::now() + PATIENCE;
    while socket.counters().waiting_bytes > 0 && std::time::Instant::now() < deadline {
        tailrace_client::send_rest(Duration::from_millis(20));
    }
    assert_eq!(socket.counters().sent_messages, 20);
}

#[test]
fn pings_of_the_host_bring_their_pongs() {
    let server = server();
    let base = steps(
        &server,
        json!([{ "ping": { "times": 3, "data": "x" } }, "echo"]),
    );
    let socket = open(&base);
    for data in ["first", ""] {
        socket.ping(data.into()).unwrap();
        assert!(socket.wait(Awaited::Arrival, PATIENCE));
        assert_eq!(socket.pong().unwrap(), data);
    }
    assert_eq!(socket.pong(), None);
    assert!(!socket.is_ready(Awaited::Arrival));
    assert_eq!(codes(&close(&socket, 1005)).0, Some(1005));
    assert!(matches!(socket.ping("late".into()), Err(Unsent::Closed(_))));
}

#[test]
fn a_host_that_is_behind_can_close() {
    let server = server();
    let big = "x".repeat(4000);
    let base = steps(
        &server,
        json!([{ "repeat": { "times": 2000, "steps": [{ "text": big }] } }]),
    );
    let limits = SocketLimits {
        receive_bytes: 16 * 1024,
        close: PATIENCE,
        ..SocketLimits::default()
    };
    let socket = limited(&base, limits);
    assert!(socket.wait(Awaited::Arrival, PATIENCE));
    assert_eq!(
        codes(&close(&socket, 1000)),
        (Some(1000), Some(1000), Some(false))
    );
}

#[test]
fn giving_up_closes_the_socket() {
    let server = server();
    let base = steps(&server, json!(["echo"]));
    drop(open(&base));
    eventually(&server, &base, |connections| {
        connections[0]["closed_by"] == "client"
    });
}
