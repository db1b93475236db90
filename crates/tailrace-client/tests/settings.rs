//! What a client says of its connections: how long they wait for use, what a body grows to; and that no part of a request
//! carries a line of its own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use support::{
    PATIENCE, settle, start,
    wire::{Wire, closes, request},
};
use tailrace_client::{
    CallOptions, Client, Connections, Idle, Mode, Settings, Timeouts, TransportSettings,
};
use tailrace_core::{
    error::Code,
    request::{HeaderText, NullQuery, Options, QueryStyle, Space},
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

fn client(settings: TransportSettings) -> Client {
    Client::new(Settings {
        connections: Connections::Own(settings),
        ..Settings::default()
    })
}

fn buffered() -> CallOptions {
    support::options(Mode::Buffered, Timeouts::default())
}

#[test]
fn idle_connections_are_closed_when_their_time_has_come_or_too_many_wait() {
    for idle in [
        Idle {
            most: None,
            limit: Some(Duration::from_millis(50)),
        },
        Idle {
            most: Some(0),
            limit: None,
        },
    ] {
        let (told, heard) = std::sync::mpsc::channel();
        let server = Wire::start(move |_, mut socket| {
            request(&mut socket);
            socket.write_all(OK).unwrap();
            told.send(closes(&mut socket, PATIENCE)).unwrap();
        });
        let client = client(TransportSettings {
            idle,
            ..TransportSettings::default()
        });
        for count in 1..=2 {
            settle(&start(&client, &server.base(), buffered())).unwrap();
            assert!(heard.recv_timeout(PATIENCE).unwrap());
            assert_eq!(server.connections(), count);
        }
    }
}

#[test]
fn of_too_many_the_one_that_has_waited_longest_is_closed() {
    let servers = [Wire::saying(OK), Wire::saying(OK)];
    let client = client(TransportSettings {
        idle: Idle {
            most: Some(1),
            limit: None,
        },
        ..TransportSettings::default()
    });
    for (at, connections) in [(0, 1), (0, 1), (1, 1), (1, 1), (0, 2)] {
        let server: &Wire = &servers[at];
        settle(&start(&client, &server.base(), buffered())).unwrap();
        assert_eq!(server.connections(), connections);
    }
}

#[test]
fn a_body_that_is_being_read_outlives_the_time_of_idle_ones() {
    let server = Wire::start(|_, mut socket| {
        request(&mut socket);
        socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{")
            .unwrap();
        // Longer than an idle connection would be kept.
        std::thread::sleep(Duration::from_millis(150));
        socket.write_all(b"}").unwrap();
    });
    let client = client(TransportSettings {
        idle: Idle {
            most: None,
            limit: Some(Duration::from_millis(10)),
        },
        ..TransportSettings::default()
    });
    assert!(settle(&start(&client, &server.base(), buffered())).is_ok());
}

#[test]
fn bodies_in_the_newer_codings_are_read_up_to_the_cap() {
    let plain = vec![b' '; 100_000];
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18);
    brotli.write_all(&plain).unwrap();
    let mut zstd = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
    zstd_safe::compress(&mut zstd, &plain, 3).unwrap();
    for (name, coded) in [("br", brotli.into_inner()), ("zstd", zstd)] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {name}\r\ncontent-length: {}\r\n\r\n",
            coded.len()
        );
        let server = Wire::saying([head.as_bytes(), &coded].concat());
        for (most, expected) in [
            (None, Ok(100_000)),
            (Some(99_999), Err(Code::InvalidResponse)),
        ] {
            let client = client(TransportSettings {
                most_plain_bytes: most,
                ..TransportSettings::default()
            });
            let outcome = settle(&start(&client, &server.base(), buffered()));
            let found = outcome
                .map(|reply| reply.content.whole().unwrap().len())
                .map_err(|failure| failure.error.code());
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn no_part_of_a_request_carries_a_line_of_its_own() {
    let heard = Arc::new(Mutex::new(String::new()));
    let hears = Arc::clone(&heard);
    let server = Wire::start(move |_, mut socket| {
        while let Some(head) = request(&mut socket) {
            hears.lock().unwrap().push_str(&head);
            socket.write_all(OK).unwrap();
        }
    });
    let client = support::client();
    let base = server.base();
    for evil in [
        "a\r\nx-evil: 1",
        "a\nx-evil: 1",
        "a\rx-evil: 1",
        "a\0x-evil: 1",
    ] {
        let query = serde_json::json!({ evil: evil }).to_string();
        let with_evil_base = format!("{base}/{evil}");
        let plain = Options {
            method: "GET",
            base_url: &base,
            path: "/x",
            query: None,
            query_style: QueryStyle {
                null: NullQuery::Skip,
                space: Space::Plus,
            },
            headers: &[],
            header_text: HeaderText::Utf8,
            retry_count_header: None,
            body: None,
        };
        let name = [(evil, Some("1"))];
        let value = [("x-a", Some(evil))];
        let host = [("host", Some(evil))];
        let asked = [
            (
                "method",
                Options {
                    method: evil,
                    ..plain
                },
                true,
            ),
            (
                "path",
                Options {
                    path: evil,
                    ..plain
                },
                false,
            ),
            (
                "base",
                Options {
                    base_url: &with_evil_base,
                    ..plain
                },
                false,
            ),
            (
                "query",
                Options {
                    query: Some(query.as_bytes()),
                    ..plain
                },
                false,
            ),
            (
                "name",
                Options {
                    headers: &name,
                    ..plain
                },
                true,
            ),
            (
                "value",
                Options {
                    headers: &value,
                    ..plain
                },
                true,
            ),
            (
                "host",
                Options {
                    headers: &host,
                    ..plain
                },
                true,
            ),
        ];
        for (part, options, is_refused) in asked {
            match settle(&client.start(options, buffered())) {
                Ok(_) => assert!(!is_refused, "{part} {evil:?}"),
                Err(failure) => assert_eq!(
                    failure.error.code(),
                    Code::InvalidRequest,
                    "{part} {evil:?}: {}",
                    failure.error
                ),
            }
        }
    }
    // What stands in a path or a query is escaped, and so part of its line.
    for line in heard.lock().unwrap().lines() {
        assert!(!line.to_lowercase().starts_with("x-evil"), "{line}");
        assert!(!line.contains('\0'), "{line:?}");
    }
}
