//! What a chunk and a call cost in memory that is asked for, against the numbers in `tests/bench/counts.json`.
//!
//! A clock would measure the machine; counts are the same on every one. The server runs in this process, so its own
//! share is measured alone and taken off. One test, because another one beside it would be counted, too.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::alloc::System;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use bytes::Bytes;
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::{EVENTS, client, next, options, send, settle};
use tailrace_client::{Client, EventStream, Mode, Pending, Pop, Reply, Timeouts};
use tailrace_core::request::{Content, Request};
use tailrace_core::response::Head;
use tailrace_mock::{Config, Load, Server};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Chunks of the short stream and of the long one: what they differ by is the price of the chunks alone.
const CHUNKS: [usize; 2] = [1000, 5000];
const CALLS: usize = 400;
/// Chunks of a stream that is looked at after its end.
const SHORT: usize = 40;

/// What something asks of the heap.
#[derive(Clone, Copy, Debug)]
struct Cost {
    /// Pieces of memory, those that grow included.
    allocations: f64,
    /// Their bytes: the most that can have been copied.
    bytes: f64,
}

#[test]
fn a_chunk_and_a_call_cost_what_is_committed() {
    let server = Server::start(Config {
        load: Load {
            chunks: Some(CHUNKS[1]),
            chunk_bytes: Some(330),
            ..Load::default()
        },
        ..Config::default()
    })
    .unwrap();
    let client = client();
    // What is built once, on either side, is built here.
    for chunks in CHUNKS {
        read_stream(&client, &server, chunks);
    }
    (0..10).for_each(|_| call(&client, &server));
    let mut wire = Wire::open(&server);
    (0..10).for_each(|_| wire.call());

    let [short, long] = CHUNKS.map(|chunks| cost(|| read_stream(&client, &server, chunks)));
    let chunk = long.less(short).each(CHUNKS[1] - CHUNKS[0]);
    let serving = cost(|| (0..CALLS).for_each(|_| wire.call()));
    let calling = cost(|| (0..CALLS).for_each(|_| call(&client, &server)));
    let call = calling.less(serving).each(CALLS);

    // A host collects what has ended when it likes, so what a stream holds after its end adds up.
    let forgotten = live(|| (0..CALLS).for_each(|_| drop(ended_stream(&client, &server))));
    let mut kept = Vec::with_capacity(CALLS);
    let held = live(|| kept.extend((0..CALLS).map(|_| ended_stream(&client, &server))));
    let ended = held.less(forgotten).each(CALLS);

    let committed = include_str!("../../../tests/bench/counts.json");
    let committed: Value = serde_json::from_str(committed).unwrap();
    let wrong: Vec<String> = [("stream", chunk), ("call", call), ("ended_stream", ended)]
        .into_iter()
        .flat_map(|(name, cost)| cost.compare(name, &committed["rust"][name]))
        .collect();
    assert!(
        wrong.is_empty(),
        "{}\nIf that is meant, write the new numbers into tests/bench/counts.json.",
        wrong.join("\n")
    );
}

impl Cost {
    fn less(self, other: Cost) -> Cost {
        Cost {
            allocations: self.allocations - other.allocations,
            bytes: self.bytes - other.bytes,
        }
    }

    fn each(self, times: usize) -> Cost {
        Cost {
            allocations: self.allocations / times as f64,
            bytes: self.bytes / times as f64,
        }
    }

    /// What is out of its bounds, in either direction: a number that is no longer true hides the next change.
    fn compare(self, name: &str, committed: &Value) -> Vec<String> {
        let found = [("allocations", self.allocations), ("bytes", self.bytes)];
        let differs = found.into_iter().filter_map(|(key, found)| {
            let [expected, tolerance] = [&committed[key][0], &committed[key][1]].map(|number| {
                number
                    .as_f64()
                    .unwrap_or_else(|| panic!("counts.json has no {key} for {name}"))
            });
            let is_wrong = (found - expected).abs() > tolerance;
            is_wrong.then(|| format!("{name}: {found:.2} {key}, not {expected} within {tolerance}"))
        });
        differs.collect()
    }
}

fn cost(work: impl FnOnce()) -> Cost {
    let region = Region::new(HEAP);
    work();
    let change = region.change();
    Cost {
        allocations: (change.allocations + change.reallocations) as f64,
        // `bytes_reallocated` is what the pieces grew by, already part of neither.
        bytes: change.bytes_allocated as f64,
    }
}

/// What is still there afterwards.
fn live(work: impl FnOnce()) -> Cost {
    let region = Region::new(HEAP);
    work();
    let change = region.change();
    let [allocated, freed] =
        [change.bytes_allocated, change.bytes_deallocated].map(|bytes| bytes as f64);
    Cost {
        allocations: change.allocations as f64 - change.deallocations as f64,
        bytes: allocated - freed + change.bytes_reallocated as f64,
    }
}

fn body(fields: Value) -> Bytes {
    let mut body =
        json!({ "model": "mock", "messages": [{ "role": "user", "content": "Count for me." }] });
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    Bytes::from(body.to_string())
}

fn read_stream(client: &Client, server: &Server, chunks: usize) {
    let (_, reply) = stream(client, server, chunks);
    read_events(&reply.content.stream().unwrap(), chunks);
}

/// A stream that was read to its end, and all that came with it.
fn ended_stream(client: &Client, server: &Server) -> (Pending, Head, Request, EventStream) {
    let (pending, reply) = stream(client, server, SHORT);
    let Reply {
        head,
        request,
        content,
        ..
    } = reply;
    let events = content.stream().unwrap();
    read_events(&events, SHORT);
    (pending, head, request, events)
}

fn stream(client: &Client, server: &Server, chunks: usize) -> (Pending, Reply) {
    let body = body(json!({ "stream": true, "max_completion_tokens": chunks }));
    let options = options(Mode::Events(EVENTS), Timeouts::default());
    let content = Some(Content::Bytes(&body));
    let pending = send(client, &server.url(), content, Vec::new(), options);
    let reply = settle(&pending).unwrap();
    (pending, reply)
}

fn read_events(stream: &EventStream, chunks: usize) {
    let mut events = 0;
    loop {
        match next(stream) {
            Pop::Event(_) => events += 1,
            Pop::End => break,
            other => panic!("{other:?}"),
        }
    }
    // The role before the words, and the reason for the end behind them.
    assert_eq!(events, chunks + 2);
}

fn call(client: &Client, server: &Server) {
    let body = body(json!({ "max_completion_tokens": 40 }));
    let content = Some(Content::Bytes(&body));
    let options = options(Mode::Buffered, Timeouts::default());
    let pending = send(client, &server.url(), content, Vec::new(), options);
    assert!(settle(&pending).unwrap().content.whole().is_some());
}

/// The same calls over a socket and nothing else: what they cost is the server's.
struct Wire {
    socket: TcpStream,
    request: String,
    buffer: Vec<u8>,
}

impl Wire {
    fn open(server: &Server) -> Wire {
        let body = body(json!({ "max_completion_tokens": 40 }));
        let body = std::str::from_utf8(&body).unwrap();
        let url = server.url();
        let host = url.trim_start_matches("http://").trim_end_matches("/v1");
        Wire {
            socket: TcpStream::connect(host).unwrap(),
            request: format!(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer key\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            ),
            buffer: vec![0; 64 * 1024],
        }
    }

    fn call(&mut self) {
        // The client builds its body anew each time, too.
        drop(body(json!({ "max_completion_tokens": 40 })));
        self.socket.write_all(self.request.as_bytes()).unwrap();
        // The mock writes a short reply at once, and nothing else comes before the next request.
        let read = self.socket.read(&mut self.buffer).unwrap();
        assert!(self.buffer[..read].ends_with(b"}"));
    }
}
