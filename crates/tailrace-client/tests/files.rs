//! Request bodies that are read from disk while they are sent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{
    fs::File,
    io::{ErrorKind, Read as _, Write as _},
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::json;
use support::{
    PATIENCE,
    body::{Temporary, body, form, framed, header, numbered, retrying},
    client, options, raw_server, requests, script, send, server, settle,
};
use tailrace_client::{CallOptions, FileRange, Mode, Source, Timeouts};
use tailrace_core::{
    error::{Code, Limit},
    request::Content,
};

/// What the server reads at a time, at most.
const BLOCK: usize = 64 * 1024;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[test]
fn a_file_is_sent_with_its_length_and_again_on_each_retry() {
    let server = server();
    let base = script(
        &server,
        json!([{"status": 503, "headers": {"retry-after-ms": "1"}}, {"fault": {"kind": "reset", "at": "request"}}, {"json": {}}]),
    );
    let content = numbered(3 * 1024 * 1024 + 7);
    let file = Temporary::new("retried", &content);
    // The first and the last byte are left out.
    let length = content.len() as u64 - 2;
    let call = send(
        &client(),
        &base,
        Some(Content::Multipart(&form(Some(length)))),
        vec![file.source(1, length)],
        retrying(),
    );
    assert_eq!(settle(&call).unwrap().retries, 2);
    let expected = framed(&content[1..content.len() - 1]);
    let received = requests(&server, &base);
    assert_eq!(received.len(), 3);
    for request in &received {
        assert_eq!(
            header(request, "content-length"),
            Some(expected.len().to_string().as_str())
        );
        assert_eq!(header(request, "transfer-encoding"), None);
        assert_eq!(
            header(request, "content-type"),
            Some("multipart/form-data; boundary=B")
        );
        assert!(body(request) == expected);
    }
}

#[test]
fn redirects_that_keep_the_body_send_it_again() {
    let server = server();
    let base = script(
        &server,
        json!([{"status": 308, "headers": {"location": "{base_url}/a"}}, {"status": 307, "headers": {"location": "{base_url}/b"}}, {"json": {}}]),
    );
    let content = numbered(200_000);
    let file = Temporary::new("redirected", &content);
    let length = content.len() as u64;
    let call = send(
        &client(),
        &base,
        Some(Content::Multipart(&form(Some(length)))),
        vec![file.source(0, length)],
        options(Mode::Buffered, Timeouts::default()),
    );
    let reply = settle(&call).unwrap();
    assert!(reply.head.url.ends_with("/b"), "{}", reply.head.url);
    let received = requests(&server, &base);
    let paths: Vec<_> = received
        .iter()
        .map(|request| request["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["/v1/chat/completions", "/v1/a", "/v1/b"]);
    assert!(
        received
            .iter()
            .all(|request| body(request) == framed(&content))
    );
    assert!(
        received
            .iter()
            .all(|request| header(request, "authorization").is_some())
    );
}

#[test]
fn a_redirect_to_a_page_leaves_the_body_behind() {
    let server = server();
    let base = script(
        &server,
        json!([{"status": 303, "headers": {"location": "{base_url}/a"}}, {"json": {}}]),
    );
    let file = Temporary::new("left", b"12345");
    let call = send(
        &client(),
        &base,
        Some(Content::Multipart(&form(Some(5)))),
        vec![file.source(0, 5)],
        options(Mode::Buffered, Timeouts::default()),
    );
    settle(&call).unwrap();
    let received = requests(&server, &base);
    assert_eq!(received[1]["method"], "GET");
    assert_eq!(body(&received[1]), b"");
    assert_eq!(header(&received[1], "content-type"), None);
}

#[test]
fn a_redirect_is_a_failure_where_none_is_followed() {
    let server = server();
    let base = script(
        &server,
        json!([{"status": 307, "headers": {"location": "{base_url}/a"}}, {"json": {}}]),
    );
    let options = CallOptions {
        follows_redirects: false,
        ..options(Mode::Buffered, Timeouts::default())
    };
    let failure = settle(&support::start(&client(), &base, options)).unwrap_err();
    let (head, _) = failure.error.response().unwrap();
    assert_eq!(head.status, 307);
    assert_eq!(requests(&server, &base).len(), 1);
}

#[test]
fn a_file_that_became_shorter_fails_at_once() {
    let server = server();
    let base = script(&server, json!([{"json": {}, "repeat": true}]));
    let file = Temporary::new("shorter", &numbered(100_000));
    let call = send(
        &client(),
        &base,
        Some(Content::Multipart(&form(Some(200_000)))),
        vec![file.source(0, 200_000)],
        retrying(),
    );
    let failure = settle(&call).unwrap_err();
    assert_eq!(failure.error.code(), Code::UnreadableBody);
    assert_eq!(failure.error.attempts(), 1);
    assert!(
        failure
            .error
            .message()
            .contains("200000 bytes were to be sent and it ends after 100000"),
        "{}",
        failure.error
    );

    assert!(requests(&server, &base).is_empty());
}

#[test]
fn a_file_that_cannot_be_read_fails_at_once() {
    let server = server();
    let base = script(&server, json!([{"json": {}, "repeat": true}]));
    // A directory opens and does not read.
    let folder = File::open(std::env::temp_dir()).unwrap();
    let call = send(
        &client(),
        &base,
        Some(Content::Source(Some(10))),
        vec![Source::File(FileRange::new(folder, 0, 10))],
        retrying(),
    );
    let failure = settle(&call).unwrap_err();
    assert_eq!(failure.error.code(), Code::UnreadableBody);
    assert_eq!(failure.error.causes().len(), 1, "{}", failure.error);
}

#[test]
fn an_empty_file_is_sent() {
    let server = server();
    let base = script(&server, json!([{"json": {}}]));
    let file = Temporary::new("empty", b"");
    let call = send(
        &client(),
        &base,
        Some(Content::Multipart(&form(Some(0)))),
        vec![file.source(0, 0)],
        retrying(),
    );
    settle(&call).unwrap();
    assert_eq!(body(&requests(&server, &base)[0]), framed(b""));
}

/// Reads a request of `length` bytes of body and gives back its size, `pause` after each read.
fn drain(socket: &mut std::net::TcpStream, length: u64, pause: Duration) -> u64 {
    let mut seen = 0;
    let mut block = vec![0; BLOCK];
    while seen < length {
        match socket.read(&mut block) {
            Ok(read @ 1..) => seen += read as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => break,
        }
        std::thread::sleep(pause);
    }
    seen
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_file_takes_little_memory() {
    const SIZE: u64 = 400 << 20;
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib >> 10
    };
    let file = Temporary::new("large", b"");
    File::options()
        .write(true)
        .open(&file.0)
        .unwrap()
        .set_len(SIZE)
        .unwrap();
    let (base, thread) = raw_server(|mut socket| {
        assert!(drain(&mut socket, SIZE, Duration::ZERO) >= SIZE);
        socket.write_all(ANSWER).unwrap();
    });
    let before = resident();
    let call = send(
        &client(),
        &base,
        Some(Content::Source(Some(SIZE))),
        vec![file.source(0, SIZE)],
        options(Mode::Buffered, Timeouts::default()),
    );
    assert!(call.wait(Duration::from_secs(60)));
    call.take().unwrap().unwrap();
    thread.join().unwrap();
    let grown = resident() - before;
    assert!(grown < 64, "{grown} MiB for a file of {} MiB", SIZE >> 20);
}

#[test]
fn a_server_that_does_not_read_runs_into_the_write_limit() {
    let (done, wait) = mpsc::channel::<()>();
    let (base, thread) = raw_server(move |_socket| {
        let _ = wait.recv_timeout(PATIENCE);
    });
    let file = Temporary::new("stalled", b"");
    File::options()
        .write(true)
        .open(&file.0)
        .unwrap()
        .set_len(64 << 20)
        .unwrap();
    let timeouts = Timeouts {
        write: Some(Duration::from_millis(150)),
        first_byte: Some(Duration::from_secs(60)),
        ..Timeouts::default()
    };
    let call = send(
        &client(),
        &base,
        Some(Content::Source(Some(64 << 20))),
        vec![file.source(0, 64 << 20)],
        options(Mode::Buffered, timeouts),
    );
    let failure = settle(&call).unwrap_err();
    assert_eq!(failure.error.code(), Code::TimedOut);
    assert_eq!(failure.error.passed().unwrap().limit, Limit::Write);
    assert!(
        failure.error.message().contains("0.15 s"),
        "{}",
        failure.error
    );
    done.send(()).unwrap();
    thread.join().unwrap();
}

#[test]
fn sending_that_goes_on_does_not_count_as_waiting_for_the_head() {
    const SIZE: u64 = 48 << 20;
    let (base, thread) = raw_server(|mut socket| {
        // Slow while the client sends, and fast with the megabytes that the system holds at the end, which the client
        // cannot tell from sent ones.
        let mut seen = 0;
        for _ in 0..280 {
            seen += drain(&mut socket, 1, Duration::from_millis(20));
        }
        drain(&mut socket, SIZE - seen, Duration::ZERO);
        socket.write_all(ANSWER).unwrap();
    });
    let file = Temporary::new("slow", b"");
    File::options()
        .write(true)
        .open(&file.0)
        .unwrap()
        .set_len(SIZE)
        .unwrap();
    let limit = Duration::from_secs(5);
    let timeouts = Timeouts {
        write: Some(limit),
        first_byte: Some(limit),
        ..Timeouts::default()
    };
    let at = Instant::now();
    let call = send(
        &client(),
        &base,
        Some(Content::Source(Some(SIZE))),
        vec![file.source(0, SIZE)],
        options(Mode::Buffered, timeouts),
    );
    settle(&call).unwrap();
    assert!(
        at.elapsed() > limit,
        "the server was faster than the test means it to be"
    );
    thread.join().unwrap();
}

#[test]
fn an_answer_before_the_whole_request_is_the_answer_and_ends_the_sending() {
    let (base, thread) = raw_server(|mut socket| {
        let mut block = [0; 1024];
        let _ = socket.read(&mut block).unwrap();
        socket
            .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}")
            .unwrap();
        // The client gives up sending: its socket ends long before the whole body is here.
        std::thread::sleep(Duration::from_millis(200));
        assert!(drain(&mut socket, u64::MAX, Duration::ZERO) < 64 << 20);
    });
    let file = Temporary::new("refused", b"");
    File::options()
        .write(true)
        .open(&file.0)
        .unwrap()
        .set_len(512 << 20)
        .unwrap();
    let call = send(
        &client(),
        &base,
        Some(Content::Source(Some(512 << 20))),
        vec![file.source(0, 512 << 20)],
        options(Mode::Buffered, Timeouts::default()),
    );
    let failure = settle(&call).unwrap_err();
    let (head, body) = failure.error.response().unwrap();
    assert_eq!((head.status.as_u16(), &**body), (413, &b"{}"[..]));
    thread.join().unwrap();
}
