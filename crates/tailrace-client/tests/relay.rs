//! Attempts that are handed to a transport of the caller's.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{sync::mpsc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use support::{
    EVENTS, PATIENCE,
    body::{Temporary, form, framed, numbered},
    client, next, options, send, settle,
};
use tailrace_client::{CallOptions, Exchange, Mode, Pending, Pop, Source, Timeouts};
use tailrace_core::{
    error::{Code, Error, Limit},
    request::Content,
    response::Head,
};

fn relayed(mode: Mode, max_retries: u32) -> CallOptions {
    let mut options = options(mode, Timeouts::default());
    options.retry.max_retries = max_retries;
    options.relayed = true;
    options
}

/// A call to an address where nobody listens: only the relay can answer.
fn start(mode: Mode, max_retries: u32) -> Pending {
    start_with(None, Vec::new(), relayed(mode, max_retries))
}

fn start_with(body: Option<Content<'_>>, sources: Vec<Source>, options: CallOptions) -> Pending {
    send(&client(), "http://127.0.0.1:1", body, sources, options)
}

fn exchange(pending: &Pending) -> Exchange {
    assert!(pending.wait(PATIENCE));
    pending.exchange().unwrap()
}

fn head(status: u16) -> Head {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after-ms", "1".parse().unwrap());
    Head {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        version: Version::HTTP_2,
        url: "http://a.b/".to_owned(),
    }
}

fn answer(exchange: &Exchange, status: u16, body: &'static str) {
    assert!(exchange.head(head(status)));
    exchange.push(Bytes::from_static(body.as_bytes()));
    exchange.end();
}

#[test]
fn each_attempt_is_an_exchange_and_the_policy_decides_as_ever() {
    let pending = start(Mode::Buffered, 3);
    answer(&exchange(&pending), 503, "busy");
    exchange(&pending).fail(Error::new(Code::ConnectFailed, "refused"));
    // Given up without a word.
    drop(exchange(&pending));
    let last = exchange(&pending);
    assert!(pending.exchange().is_none());
    answer(&last, 200, "{}");
    let reply = settle(&pending).unwrap();
    assert_eq!((reply.retries, reply.head.version), (3, Version::HTTP_2));
    assert_eq!(reply.content.whole().unwrap(), "{}");
    assert!(last.is_over());
}

#[test]
fn a_failure_after_the_head_is_one_of_the_body() {
    let pending = start(Mode::Buffered, 0);
    let only = exchange(&pending);
    assert!(only.head(head(200)));
    only.push(Bytes::from_static(b"{"));
    only.fail(Error::new(Code::Interrupted, "reset"));
    let failure = settle(&pending).unwrap_err();
    assert_eq!(
        (failure.error.code(), failure.error.message()),
        (Code::Interrupted, "reset")
    );
}

#[test]
fn the_body_of_a_refusal_is_read() {
    let pending = start(Mode::Events(EVENTS), 0);
    answer(&exchange(&pending), 400, "{\"error\":{}}");
    let failure = settle(&pending).unwrap_err();
    assert_eq!(failure.error.response().unwrap().1, "{\"error\":{}}");
}

#[test]
fn a_stream_goes_on_while_its_caller_pushes() {
    let pending = start(Mode::Events(EVENTS), 0);
    let exchange = exchange(&pending);
    assert!(exchange.head(head(200)));
    let stream = settle(&pending).unwrap().content.stream().unwrap();
    for number in ["1", "2"] {
        assert!(matches!(stream.pop(), Pop::Empty));
        assert!(exchange.push(Bytes::from(format!("data: {number}\n\n"))));
        match next(&stream) {
            Pop::Event(event) => assert_eq!(event.data, number),
            other => panic!("{other:?}"),
        }
    }
    exchange.end();
    assert!(matches!(next(&stream), Pop::End));
}

#[test]
fn a_caller_that_is_ahead_waits_until_there_is_room_or_nobody_wants_more() {
    let pending = start(Mode::Chunks, 0);
    let exchange = exchange(&pending);
    assert!(exchange.head(head(200)));
    let stream = settle(&pending).unwrap().content.stream().unwrap();
    let mut pushed = 0;
    // Longer than a machine stands still while the other side could take something.
    let full = Duration::from_secs(3);
    while exchange.wait_room(full) {
        assert!(exchange.push(Bytes::from(vec![0; 64 * 1024])));
        pushed += 64 * 1024;
        assert!(pushed <= 1 << 20, "nothing holds the caller back");
    }
    let (tell, told) = mpsc::channel();
    exchange.notify_room(std::sync::Arc::new(move || {
        let _ = tell.send(());
    }));
    assert!(told.recv_timeout(Duration::from_millis(100)).is_err());
    let mut seen = 0;
    while seen < pushed / 2 + 128 * 1024 {
        match next(&stream) {
            Pop::Event(event) => seen += event.data.len(),
            other => panic!("{other:?}"),
        }
    }
    told.recv_timeout(PATIENCE).unwrap();
    while exchange.wait_room(full) && !exchange.is_over() {
        exchange.push(Bytes::from(vec![0; 64 * 1024]));
    }
    assert!(!exchange.is_over());
    drop(stream);
    assert!(exchange.wait_room(PATIENCE));
    assert!(!exchange.push(Bytes::from_static(b"x")));
}

#[test]
fn cancelling_ends_an_exchange_and_one_that_nobody_took_ends_the_call() {
    let pending = start(Mode::Buffered, 0);
    let taken = exchange(&pending);
    pending.cancel();
    let ended = std::time::Instant::now();
    while !taken.is_over() {
        assert!(ended.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!taken.head(head(200)));

    let untaken = start(Mode::Buffered, 0);
    assert!(untaken.wait(PATIENCE));
    untaken.cancel();
    assert!(untaken.exchange().is_none());
    assert_eq!(settle(&untaken).unwrap_err().error.code(), Code::Cancelled);
}

#[test]
fn the_limits_that_a_foreign_transport_does_not_know_hold_for_it() {
    // Longer than a machine stands still between the start of a call and its first event.
    const AMPLE: Option<Duration> = Some(Duration::from_secs(4));
    let limits = [Limit::FirstByte, Limit::Total, Limit::Deadline, Limit::Idle];
    let begun = limits.map(|limit| {
        let mut options = relayed(Mode::Events(EVENTS), 0);
        match limit {
            Limit::FirstByte => options.timeouts.first_byte = AMPLE,
            Limit::Total => options.timeouts.total = AMPLE,
            Limit::Deadline => options.deadline = AMPLE,
            _ => options.timeouts.idle = AMPLE,
        }
        let pending = start_with(None, Vec::new(), options);
        let exchange = exchange(&pending);
        if limit != Limit::FirstByte {
            assert!(exchange.head(head(200)));
            assert!(exchange.push(Bytes::from_static(b"data: 1\n\n")));
        }
        (limit, pending, exchange)
    });
    for (limit, pending, exchange) in begun {
        let (error, events) = if limit == Limit::FirstByte {
            (settle(&pending).unwrap_err().error, 0)
        } else {
            let stream = settle(&pending).unwrap().content.stream().unwrap();
            assert!(matches!(next(&stream), Pop::Event(_)));
            match next(&stream) {
                Pop::Failed(failure) => (failure.error, 1),
                other => panic!("{other:?}"),
            }
        };
        let passed = error.passed().unwrap();
        assert_eq!((passed.limit, passed.events), (limit, events));
        assert!(passed.elapsed >= AMPLE);
        // The transport learns that nobody wants more.
        assert!(exchange.wait_room(PATIENCE));
        assert!(exchange.is_over());
    }
}

#[test]
fn a_body_is_handed_out_from_its_beginning_each_time() {
    let content = numbered(300_000);
    let file = Temporary::new("relayed", &content);
    let length = content.len() as u64;
    let pending = start_with(
        Some(Content::Multipart(&form(Some(length)))),
        vec![file.source(0, length)],
        relayed(Mode::Buffered, 0),
    );
    let exchange = exchange(&pending);
    let expected = framed(&content);
    for _ in 0..2 {
        let mut parts = exchange.parts();
        let mut sent = Vec::new();
        while let Some(block) = parts.next_block().unwrap() {
            assert!(!block.is_empty() && block.len() <= 64 * 1024);
            sent.extend_from_slice(&block);
        }
        assert!(sent == expected);
    }
    let length = &exchange.request().headers()["content-length"];
    assert_eq!(length.to_str().unwrap(), expected.len().to_string());
}

#[test]
fn a_whole_answer_settles_the_call_on_the_thread_that_gives_it() {
    let pending = start(Mode::Buffered, 0);
    // Nothing was waited for: the first step is taken as the call begins.
    let exchange = pending.exchange().unwrap();
    assert!(exchange.whole(head(200), Bytes::from_static(b"{}")));
    let reply = pending.take().unwrap().unwrap();
    assert_eq!(reply.content.whole().unwrap(), "{}");
    assert!(!exchange.whole(head(200), Bytes::new()));
}

#[test]
fn a_whole_answer_after_a_pause_settles_the_call() {
    let pending = start(Mode::Buffered, 1);
    let first = pending.exchange().unwrap();
    assert!(first.whole(head(429), Bytes::from_static(b"slow down")));
    // The background thread, which ended the pause, may still be about its step and takes the last one then.
    let second = exchange(&pending);
    assert!(second.whole(head(200), Bytes::from_static(b"{}")));
    let reply = settle(&pending).unwrap();
    assert_eq!(reply.retries, 1);
    assert_eq!(reply.content.whole().unwrap(), "{}");
}

#[test]
fn what_a_call_waits_for_besides_its_caller_takes_it_on() {
    let mut options = relayed(Mode::Buffered, 0);
    options.deadline = Some(Duration::from_millis(50));
    let pending = start_with(None, Vec::new(), options);
    let exchange = pending.exchange().unwrap();
    assert!(exchange.head(head(200)));
    exchange.push(Bytes::from_static(b"{"));
    let failure = settle(&pending).unwrap_err();
    assert_eq!(failure.error.passed().unwrap().limit, Limit::Deadline);
    assert!(exchange.is_over());
}

#[test]
fn a_call_that_is_given_up_lets_go_of_its_exchange() {
    for drops in [true, false] {
        let pending = start(Mode::Buffered, 0);
        let exchange = pending.exchange().unwrap();
        assert!(!exchange.is_over());
        if drops {
            drop(pending);
        } else {
            pending.cancel();
        }
        assert!(exchange.is_over());
        assert!(!exchange.head(head(200)));
    }
}
