//! Request bodies that the host pushes while they are sent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{sync::mpsc, time::Duration};

use serde_json::json;
use support::{
    PATIENCE,
    body::{body, form, framed, header, numbered, retrying},
    client, eventually, raw_server, requests, script, send, server, settle,
    wire::until,
};
use tailrace_client::{Push, Sink};
use tailrace_core::{error::Code, request::Content};

/// A sink whose announcements can be waited for.
fn sink(is_replayable: bool) -> (Sink, mpsc::Receiver<()>) {
    let (tell, told) = mpsc::channel();
    let notify = std::sync::Arc::new(move || {
        let _ = tell.send(());
    });
    (Sink::new(is_replayable, notify), told)
}

#[test]
fn a_pushed_stream_is_sent_in_chunks_as_it_comes() {
    let server = server();
    let base = script(&server, json!([{"json": {}}]));
    let content = numbered(2 * 1024 * 1024);
    let (sink, told) = sink(false);
    let call = send(
        &client(),
        &base,
        Some(Content::Multipart(&form(None))),
        vec![sink.source()],
        retrying(),
    );
    for piece in content.chunks(100_000) {
        match sink.push(bytes::Bytes::copy_from_slice(piece)) {
            Push::Room => {}
            Push::Full => told.recv_timeout(PATIENCE).unwrap(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(sink.end(), Push::Room);
    settle(&call).unwrap();
    let received = requests(&server, &base);
    assert_eq!(header(&received[0], "transfer-encoding"), Some("chunked"));
    assert!(body(&received[0]) == framed(&content));
    told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(sink.push(bytes::Bytes::from_static(b"more")), Push::Over);
}

#[test]
fn a_host_that_pushes_too_fast_is_asked_to_wait_and_told_when_the_call_ends() {
    let (done, wait) = mpsc::channel::<()>();
    let (base, thread) = raw_server(move |_socket| {
        let _ = wait.recv_timeout(PATIENCE);
    });
    let (sink, told) = sink(false);
    let call = send(
        &client(),
        &base,
        Some(Content::Source(None)),
        vec![sink.source()],
        retrying(),
    );
    let mut taken = 0;
    loop {
        let said = sink.push(bytes::Bytes::from(vec![0; 64 * 1024]));
        taken += 64 * 1024;
        assert!(taken < 64 << 20, "nothing holds the host back");
        // Full, and nothing frees room: the socket's buffers are full, too.
        if said == Push::Full && told.recv_timeout(Duration::from_millis(500)).is_err() {
            break;
        }
    }
    drop(call);
    until("over", || {
        let said = sink.push(bytes::Bytes::from_static(b"x"));
        said == Push::Over || {
            told.recv_timeout(PATIENCE).unwrap();
            false
        }
    });
    done.send(()).unwrap();
    thread.join().unwrap();
}

#[test]
fn a_stream_that_was_begun_is_not_retried_and_one_that_was_not_is() {
    let server = server();
    let refused = server
        .script(&json!({"exchanges": [], "own_port": true, "listen": "refuse"}).to_string())
        .unwrap();
    let (untouched, _told) = sink(false);
    untouched.push(bytes::Bytes::from_static(b"x"));
    untouched.end();
    let call = send(
        &client(),
        &refused,
        Some(Content::Source(None)),
        vec![untouched.source()],
        retrying(),
    );
    let failure = settle(&call).unwrap_err();
    assert_eq!(failure.error.code(), Code::ConnectFailed);
    assert_eq!(failure.error.attempts(), 3);

    let base = script(&server, json!([{"status": 503, "repeat": true}]));
    let (begun, _told) = sink(false);
    begun.push(bytes::Bytes::from_static(b"x"));
    begun.end();
    let call = send(
        &client(),
        &base,
        Some(Content::Source(None)),
        vec![begun.source()],
        retrying(),
    );
    let failure = settle(&call).unwrap_err();
    assert_eq!(failure.error.code(), Code::Status);
    assert_eq!(failure.error.attempts(), 1);
}

#[test]
fn a_redirect_of_a_stream_that_was_begun_says_so() {
    let server = server();
    let base = script(
        &server,
        json!([{"status": 307, "headers": {"location": "{base_url}/a"}}, {"json": {}}]),
    );
    let (sink, _told) = sink(false);
    sink.push(bytes::Bytes::from_static(b"x"));
    sink.end();
    let call = send(
        &client(),
        &base,
        Some(Content::Source(None)),
        vec![sink.source()],
        retrying(),
    );
    let failure = settle(&call).unwrap_err();
    assert_eq!(failure.error.code(), Code::UnreadableBody);
    assert_eq!(failure.error.attempts(), 1);
    assert_eq!(requests(&server, &base).len(), 1);
}

#[test]
fn a_stream_of_the_wrong_length_or_without_an_end_fails() {
    let server = server();
    let base = script(&server, json!([{"json": {}, "repeat": true}]));
    for (length, ends, why) in [
        (Some(3), true, "longer than the length"),
        (Some(6), true, "ended 2 bytes before"),
        (None, false, "dropped before its end"),
    ] {
        let (sink, _told) = sink(true);
        let call = send(
            &client(),
            &base,
            Some(Content::Source(length)),
            vec![sink.source()],
            retrying(),
        );
        sink.push(bytes::Bytes::from_static(b"1234"));
        if ends {
            sink.end();
        }
        drop(sink);
        let failure = settle(&call).unwrap_err();
        assert_eq!(failure.error.code(), Code::UnreadableBody);
        assert!(failure.error.message().contains(why), "{}", failure.error);
    }
    eventually(&server, &base, |connections| {
        connections
            .iter()
            .all(|connection| connection["closed_by"] == "client")
    });
}
