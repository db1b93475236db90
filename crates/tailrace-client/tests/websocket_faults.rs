//! WebSockets of servers that misbehave.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use serde_json::json;
use support::{
    PATIENCE, eventually, script, server, settle,
    socket::{
        KEY, close, codes, limited, next, next_text, open, said, start, start_with, steps, text,
    },
};
use tailrace_client::{SocketLimits, Timeouts};
use tailrace_core::error::Code;

#[test]
fn the_handshake_has_its_limits() {
    let server = server();
    let base = script(
        &server,
        json!([{ "websocket": [], "delay_ms": 600_000, "repeat": true }]),
    );
    let timeouts = Timeouts {
        read_head: Some(Duration::from_millis(50)),
        ..Timeouts::default()
    };
    let pending = start_with(&base, KEY, SocketLimits::default(), timeouts, true);
    assert_eq!(settle(&pending).unwrap_err().error.code(), Code::TimedOut);
    let pending = start(&base, KEY, SocketLimits::default());
    eventually(&server, &base, |connections| connections.len() == 2);
    pending.cancel();
    assert_eq!(settle(&pending).unwrap_err().error.code(), Code::Cancelled);
    eventually(&server, &base, |connections| {
        connections
            .iter()
            .all(|connection| connection["closed_by"] == "client")
    });
}

#[test]
fn fragments_with_control_frames_between_are_one_message() {
    let server = server();
    let whole = "große Stücke 東京🙂".repeat(30);
    let base = steps(
        &server,
        json!([{ "fragments": { "text": whole, "size": 5, "ping": true } }, { "fragments": { "text": "", "size": 1 } }]),
    );
    let socket = open(&base);
    assert_eq!(next_text(&socket), whole);
    assert_eq!(next_text(&socket), "");
    assert!(!said(&server, &base, 2).is_empty());
}

#[test]
fn a_flood_of_pings_is_answered_and_hides_no_message() {
    let server = server();
    let base = steps(
        &server,
        json!([{ "ping": { "times": 20_000, "data": "x" } }, { "text": "after" }, "echo"]),
    );
    let socket = open(&base);
    assert_eq!(next_text(&socket), "after");
    socket.send(text("still here")).unwrap();
    assert_eq!(next_text(&socket), "still here");
    assert!(said(&server, &base, 2).iter().any(|said| said["pong"] == 1));
}

#[test]
fn a_server_that_breaks_the_protocol_is_told_and_left() {
    let server = server();
    for (frame, code) in [
        (json!({ "opcode": 1, "text": "a", "masked": true }), 1002),
        (json!({ "opcode": 1, "text": "a", "reserved": 4 }), 1002),
        (json!({ "opcode": 3, "text": "a" }), 1002),
        (json!({ "opcode": 0, "text": "a" }), 1002),
        (json!({ "opcode": 9, "text": "a", "more": true }), 1002),
        (json!({ "opcode": 9, "text": "a".repeat(126) }), 1002),
        (json!({ "opcode": 8, "text": "a" }), 1002),
        (json!({ "opcode": 1, "base64": "/w==" }), 1007),
        (json!({ "opcode": 1, "text": "a".repeat(1001) }), 1009),
        (
            json!({ "opcode": 1, "text": "a", "length": 1u64 << 62 }),
            1009,
        ),
    ] {
        let base = steps(&server, json!([{ "text": "first" }, { "frame": frame }]));
        let limits = SocketLimits {
            message_bytes: 1000,
            ..SocketLimits::default()
        };
        let socket = limited(&base, limits);
        assert_eq!(next_text(&socket), "first", "{frame}");
        let closed = next(&socket).unwrap_err();
        assert_eq!(codes(&closed).1, Some(code), "{frame}");
        assert_eq!(closed.error.unwrap().code(), Code::InvalidResponse);
        assert_eq!(said(&server, &base, 1)[0]["close"], code, "{frame}");
    }
}

#[test]
fn a_message_that_goes_wrong_after_its_first_fragment_is_refused() {
    let server = server();
    let begun = json!({ "frame": { "opcode": 1, "text": "a", "more": true } });
    for (rest, code) in [
        // Another message inside the first.
        (json!({ "opcode": 1, "text": "b" }), 1002),
        (json!({ "opcode": 0, "text": "b", "reserved": 2 }), 1002),
        // A control frame that nobody has defined.
        (json!({ "opcode": 11, "text": "b" }), 1002),
        // No UTF-8 as a whole, though each frame is within the limit.
        (json!({ "opcode": 0, "base64": "/w==" }), 1007),
        (json!({ "opcode": 0, "text": "b".repeat(1000) }), 1009),
        // A reason that is no UTF-8.
        (json!({ "opcode": 8, "base64": "A+j/" }), 1007),
    ] {
        let base = steps(&server, json!([begun, { "frame": rest }]));
        let limits = SocketLimits {
            message_bytes: 1000,
            ..SocketLimits::default()
        };
        let closed = next(&limited(&base, limits)).unwrap_err();
        assert_eq!(codes(&closed).1, Some(code), "{rest}");
        assert_eq!(closed.error.unwrap().code(), Code::InvalidResponse);
        assert_eq!(said(&server, &base, 1)[0]["close"], code, "{rest}");
    }
}

#[test]
fn a_close_code_that_no_server_may_send_is_a_breach() {
    let server = server();
    for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535] {
        let base = steps(
            &server,
            json!([{ "text": "first" }, { "close": { "code": code } }]),
        );
        let socket = open(&base);
        assert_eq!(next_text(&socket), "first", "{code}");
        let closed = next(&socket).unwrap_err();
        assert_eq!(codes(&closed), (None, Some(1002), None), "{code}");
        let error = closed.error.unwrap();
        assert_eq!(error.code(), Code::InvalidResponse);
        assert!(
            error
                .causes()
                .iter()
                .any(|cause| cause.contains(&code.to_string()))
        );
        assert_eq!(said(&server, &base, 1)[0]["close"], 1002, "{code}");
    }
}

#[test]
fn every_other_close_code_is_told_and_answered_as_it_came() {
    let server = server();
    for code in [1000, 1003, 1007, 1012, 1014, 3000, 3999, 4000, 4999] {
        let base = steps(&server, json!([{ "close": { "code": code } }]));
        let closed = next(&open(&base)).unwrap_err();
        assert_eq!(
            codes(&closed),
            (Some(code), Some(code), Some(true)),
            "{code}"
        );
        assert_eq!(said(&server, &base, 1)[0]["close"], code, "{code}");
    }
}

#[test]
fn nothing_behind_a_close_frame_is_told() {
    let server = server();
    for behind in [
        json!({ "text": "late" }),
        json!({ "frame": { "opcode": 0, "text": "late" } }),
        json!({ "frame": { "opcode": 3, "text": "late" } }),
        json!({ "close": { "code": 1011 } }),
    ] {
        let base = steps(
            &server,
            json!([{ "text": "first" }, { "close": { "code": 4000, "reason": "enough" } }, behind]),
        );
        let socket = open(&base);
        assert_eq!(next_text(&socket), "first", "{behind}");
        let closed = next(&socket).unwrap_err();
        assert_eq!(
            codes(&closed),
            (Some(4000), Some(4000), Some(true)),
            "{behind}"
        );
        assert_eq!(closed.received.unwrap().reason, "enough");
    }
}

#[test]
fn a_control_frame_between_fragments_is_seen_before_their_message() {
    let server = server();
    let base = steps(
        &server,
        json!([
            { "frame": { "opcode": 1, "base64": "8J8=", "more": true } },
            { "ping": { "times": 1, "data": "inside" } },
            { "frame": { "opcode": 10, "text": "nobody asked" } },
            { "frame": { "opcode": 0, "base64": "mYI=" } },
            { "frame": { "opcode": 1, "text": "lost", "more": true } },
            { "close": { "code": 1000 } },
        ]),
    );
    let socket = open(&base);
    assert_eq!(next_text(&socket), "🙂", "a character of two frames");
    let closed = next(&socket).unwrap_err();
    assert_eq!(
        codes(&closed),
        (Some(1000), Some(1002), Some(true)),
        "a message that was not finished is none, and no end in order"
    );
    assert!(
        said(&server, &base, 2)
            .iter()
            .any(|said| said["pong"] == "inside".len())
    );
}

#[test]
fn a_break_is_no_end_in_order() {
    let server = server();
    for end in [
        json!("cut"),
        json!("reset"),
        json!({ "frame": { "opcode": 1, "text": "whole", "cut": 4 } }),
    ] {
        let base = steps(&server, json!([{ "text": "first" }, end, "cut"]));
        let socket = open(&base);
        match next(&socket) {
            Ok(message) => {
                assert_eq!(&message.data[..], b"first");
                let closed = next(&socket).unwrap_err();
                assert_eq!(codes(&closed), (None, None, None), "{end}");
                assert_eq!(closed.error.unwrap().code(), Code::Interrupted);
            }
            // A reset may overtake what came before it.
            Err(closed) => assert_eq!(
                (end, closed.error.unwrap().code()),
                (json!("reset"), Code::Interrupted)
            ),
        }
    }
}

#[test]
fn a_server_that_never_answers_the_close_is_left_in_time() {
    let server = server();
    let base = steps(&server, json!(["mute", { "text": "ready" }]));
    let limits = SocketLimits {
        close: Duration::from_millis(50),
        ..SocketLimits::default()
    };
    let socket = limited(&base, limits);
    assert_eq!(next_text(&socket), "ready");
    let closed = close(&socket, 1000);
    assert_eq!(codes(&closed), (None, Some(1000), None));
    eventually(&server, &base, |connections| {
        connections[0]["closed_by"] == "client"
    });
}

#[test]
fn pings_measure_and_find_a_server_that_is_gone() {
    let server = server();
    let limits = SocketLimits {
        ping: Some(Duration::from_millis(20)),
        pong: Some(PATIENCE),
        ..SocketLimits::default()
    };
    let base = steps(&server, json!(["echo"]));
    let socket = limited(&base, limits);
    eventually(&server, &base, |_| socket.counters().latency.is_some());
    let limits = SocketLimits {
        pong: Some(Duration::from_millis(30)),
        ..limits
    };
    let socket = limited(&steps(&server, json!(["mute"])), limits);
    let closed = next(&socket).unwrap_err();
    assert_eq!(codes(&closed).1, Some(1011));
    assert_eq!(closed.error.unwrap().code(), Code::TimedOut);
}

#[test]
fn a_silent_server_passes_the_idle_limit() {
    let server = server();
    let limits = SocketLimits {
        idle: Some(Duration::from_millis(50)),
        ..SocketLimits::default()
    };
    // Pings are no messages.
    let base = steps(
        &server,
        json!([{ "repeat": { "times": 1000, "steps": [{ "ping": { "times": 1, "data": "" } }, { "delay_ms": 10 }] } }]),
    );
    let closed = next(&limited(&base, limits)).unwrap_err();
    let passed = closed.error.unwrap();
    assert_eq!(
        (passed.code(), passed.passed().unwrap().limit.as_str()),
        (Code::TimedOut, "idle")
    );
}
