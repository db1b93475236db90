//! HTTP/2 on request: a server of the `h2` crate behind TLS, and what it sees of the client.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "support/secure.rs"]
mod secure;
mod support;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream, server::SendResponse};
use http::{Request, Response};
use secure::{Authority, answer};
use support::{EVENTS, next, settle, start, wire::Wire};
use tailrace_client::{
    Client, Connections, Idle, Mode, Pop, Roots, Settings, Timeouts, TlsSettings,
    TransportSettings, Trust,
};
use tailrace_core::request::Content;
use tokio_rustls::TlsAcceptor;

/// What a connection is told to do with a request: the number of its connection and its own, both counted from one.
type Serve =
    dyn Fn(usize, usize, Request<RecvStream>, SendResponse<Bytes>) -> After + Send + Sync + 'static;

/// What becomes of the connection after a request.
#[derive(PartialEq, Eq)]
enum After {
    GoesOn,
    GoesAway,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    open: AtomicUsize,
    cancelled: AtomicUsize,
}

struct Server {
    base: String,
    authority: Authority,
    seen: Arc<Seen>,
}

fn server(
    serve: impl Fn(usize, usize, Request<RecvStream>, SendResponse<Bytes>) -> After
    + Send
    + Sync
    + 'static,
) -> Server {
    let authority = Authority::new();
    let mut config = (*authority.server(&["localhost"], false)).clone();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let seen = Arc::new(Seen::default());
    let serve: Arc<Serve> = Arc::new(serve);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!(
        "https://localhost:{}/v1",
        listener.local_addr().unwrap().port()
    );
    let counts = Arc::clone(&seen);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(connection(
                    acceptor,
                    socket,
                    Arc::clone(&counts),
                    Arc::clone(&serve),
                ));
            }
        });
    });
    Server {
        base,
        authority,
        seen,
    }
}

async fn connection(
    acceptor: TlsAcceptor,
    socket: tokio::net::TcpStream,
    seen: Arc<Seen>,
    serve: Arc<Serve>,
) {
    let Ok(socket) = acceptor.accept(socket).await else {
        return;
    };
    let number = seen.connections.fetch_add(1, Ordering::SeqCst) + 1;
    seen.open.fetch_add(1, Ordering::SeqCst);
    let mut connection = h2::server::handshake(socket).await.unwrap();
    let mut count = 0;
    while let Some(Ok((request, respond))) = connection.accept().await {
        count += 1;
        seen.requests.fetch_add(1, Ordering::SeqCst);
        if serve(number, count, request, respond) == After::GoesAway {
            connection.graceful_shutdown();
        }
    }
    seen.open.fetch_sub(1, Ordering::SeqCst);
}

fn head(respond: &mut SendResponse<Bytes>, ends: bool) -> SendStream<Bytes> {
    let head = Response::builder().header("content-type", "text/event-stream");
    respond.send_response(head.body(()).unwrap(), ends).unwrap()
}

fn ok(respond: &mut SendResponse<Bytes>) {
    head(respond, false)
        .send_data(Bytes::from_static(b"{}"), true)
        .unwrap();
}

impl Server {
    fn client(&self, idle: Idle) -> Client {
        client(&self.authority, idle)
    }

    fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Waits until a count is as expected.
    fn until(&self, what: &str, check: impl Fn(&Seen) -> bool) {
        support::wire::until(what, || check(&self.seen));
    }
}

fn client(authority: &Authority, idle: Idle) -> Client {
    Client::new(Settings {
        connections: Connections::Own(TransportSettings {
            tls: TlsSettings {
                trust: Trust::Roots(Roots::from_pem(authority.pem().as_bytes()).unwrap()),
                identity: None,
            },
            http2: true,
            idle,
            ..TransportSettings::default()
        }),
        ..Settings::default()
    })
}

fn buffered() -> tailrace_client::CallOptions {
    support::options(Mode::Buffered, Timeouts::default())
}

#[test]
fn calls_that_come_at_once_share_a_connection() {
    let server = server(|_, _, request, mut respond| {
        assert_eq!(request.uri().path(), "/v1/chat/completions");
        assert_eq!(request.headers()["authorization"], "Bearer key");
        assert!(!request.headers().contains_key("host"));
        ok(&mut respond);
        After::GoesOn
    });
    let client = server.client(Idle::default());
    for _ in 0..2 {
        let calls: Vec<_> = (0..8)
            .map(|_| start(&client, &server.base, buffered()))
            .collect();
        for call in &calls {
            let reply = settle(call).unwrap();
            assert_eq!(reply.head.version, http::Version::HTTP_2);
        }
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_body_is_sent_whole_and_read_whole() {
    let server = server(|_, _, request, mut respond| {
        assert_eq!(request.headers()["content-length"], "3000000");
        tokio::spawn(async move {
            let mut body = request.into_body();
            let mut stream = head(&mut respond, false);
            while let Some(Ok(data)) = body.data().await {
                body.flow_control().release_capacity(data.len()).unwrap();
                stream.send_data(data, false).unwrap();
            }
            stream.send_data(Bytes::new(), true).unwrap();
        });
        After::GoesOn
    });
    let sent = support::body::numbered(3_000_000);
    let body = Bytes::from(sent.clone());
    let content = Some(Content::Bytes(&body));
    let client = server.client(Idle::default());
    let call = support::send(&client, &server.base, content, Vec::new(), buffered());
    assert_eq!(settle(&call).unwrap().content.whole().unwrap(), sent);
}

#[test]
fn long_streams_are_spread_over_connections_and_one_that_nobody_reads_holds_up_no_other() {
    let streams: Arc<Mutex<Vec<SendStream<Bytes>>>> = Arc::default();
    let held = Arc::clone(&streams);
    let server = server(move |_, _, _, mut respond| {
        let mut stream = head(&mut respond, false);
        // More than any window of a stream: whoever does not read has the rest waiting over there.
        stream
            .send_data(Bytes::from_static(b"data: first\n\n"), false)
            .unwrap();
        stream
            .send_data(Bytes::from(vec![b':'; 4 << 20]), false)
            .unwrap();
        held.lock().unwrap().push(stream);
        After::GoesOn
    });
    let client = server.client(Idle::default());
    let options = || support::options(Mode::Events(EVENTS), Timeouts::default());
    let calls: Vec<_> = (0..20)
        .map(|_| start(&client, &server.base, options()))
        .collect();
    let open: Vec<_> = calls
        .iter()
        .map(|call| settle(call).unwrap().content.stream().unwrap())
        .collect();
    assert!(
        (2..=8).contains(&server.connections()),
        "{}",
        server.connections()
    );
    // Nobody has read more than the first event of any; each comes nevertheless.
    for stream in &open {
        assert!(matches!(next(stream), Pop::Event(_)));
    }
}

#[test]
fn giving_a_stream_up_cancels_it_and_leaves_the_others() {
    let held: Arc<Mutex<Vec<SendStream<Bytes>>>> = Arc::default();
    let streams = Arc::clone(&held);
    let seen: Arc<Seen> = Arc::default();
    let cancelled = Arc::clone(&seen);
    let server = server(move |_, number, _, mut respond| {
        let mut stream = head(&mut respond, false);
        stream
            .send_data(Bytes::from_static(b"data: first\n\n"), false)
            .unwrap();
        if number == 1 {
            let cancelled = Arc::clone(&cancelled);
            tokio::spawn(async move {
                let reason = std::future::poll_fn(|cx| stream.poll_reset(cx))
                    .await
                    .unwrap();
                assert_eq!(reason, Reason::CANCEL);
                cancelled.cancelled.fetch_add(1, Ordering::SeqCst);
            });
        } else {
            streams.lock().unwrap().push(stream);
        }
        After::GoesOn
    });
    let client = server.client(Idle::default());
    let first = support::stream(&client, &server.base);
    let second = support::stream(&client, &server.base);
    assert!(matches!(next(&first), Pop::Event(_)));
    assert!(matches!(next(&second), Pop::Event(_)));
    drop(first);
    support::wire::until("the stream is cancelled", || {
        seen.cancelled.load(Ordering::SeqCst) == 1
    });
    let mut stream = held.lock().unwrap().pop().unwrap();
    stream
        .send_data(Bytes::from_static(b"data: second\n\n"), true)
        .unwrap();
    assert!(matches!(next(&second), Pop::Event(_)));
    assert_eq!(server.connections(), 1);
}

#[test]
fn what_a_server_has_not_looked_at_goes_over_another_connection() {
    let server = server(|connection, number, _, mut respond| {
        if connection == 1 && number == 2 {
            respond.send_reset(Reason::REFUSED_STREAM);
            return After::GoesOn;
        }
        ok(&mut respond);
        if connection == 2 {
            After::GoesAway
        } else {
            After::GoesOn
        }
    });
    let client = server.client(Idle::default());
    for connections in [1, 2, 3, 3] {
        // No retries: it is no failed attempt.
        assert!(settle(&start(&client, &server.base, buffered())).is_ok());
        assert_eq!(server.connections(), connections);
        if connections == 2 {
            server.until("both are closed", |seen| {
                seen.open.load(Ordering::SeqCst) == 0
            });
        }
    }
}

#[test]
fn a_stream_that_breaks_off_is_a_failure_and_its_connection_goes_on() {
    let server = server(|_, number, _, mut respond| {
        match number {
            1 => respond.send_reset(Reason::INTERNAL_ERROR),
            2 => {
                let mut stream = head(&mut respond, false);
                stream.send_data(Bytes::from_static(b"{"), false).unwrap();
                stream.send_reset(Reason::INTERNAL_ERROR);
            }
            _ => ok(&mut respond),
        }
        After::GoesOn
    });
    let client = server.client(Idle::default());
    for expected in [Err("interrupted"), Err("interrupted"), Ok(())] {
        let outcome = settle(&start(&client, &server.base, buffered()));
        let code = outcome
            .map(drop)
            .map_err(|failure| failure.error.code().as_str());
        assert_eq!(code, expected);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn idle_connections_are_closed_when_their_time_has_come_or_none_may_wait() {
    for idle in [
        Idle {
            most: None,
            limit: Some(Duration::from_millis(200)),
        },
        Idle {
            most: Some(0),
            limit: None,
        },
    ] {
        let server = server(|_, _, _, mut respond| {
            ok(&mut respond);
            After::GoesOn
        });
        let client = server.client(idle);
        for count in 1..=2 {
            settle(&start(&client, &server.base, buffered())).unwrap();
            server.until("it is closed", |seen| seen.open.load(Ordering::SeqCst) == 0);
            assert_eq!(server.connections(), count);
        }
    }
}

#[test]
fn connections_are_closed_with_the_client_and_a_stream_keeps_its_own_until_its_end() {
    let held: Arc<Mutex<Vec<SendStream<Bytes>>>> = Arc::default();
    let streams = Arc::clone(&held);
    let server = server(move |_, number, _, mut respond| {
        if number == 1 {
            ok(&mut respond);
            return After::GoesOn;
        }
        let mut stream = head(&mut respond, false);
        let first = Bytes::from_static(b"data: first\n\n");
        stream.send_data(first, false).unwrap();
        streams.lock().unwrap().push(stream);
        After::GoesOn
    });
    let idle = Idle {
        most: None,
        limit: None,
    };
    let client = server.client(idle);
    settle(&start(&client, &server.base, buffered())).unwrap();
    server.until("it waits", |seen| seen.open.load(Ordering::SeqCst) == 1);
    drop(client);
    server.until("it is closed", |seen| seen.open.load(Ordering::SeqCst) == 0);

    let client = server.client(idle);
    settle(&start(&client, &server.base, buffered())).unwrap();
    let stream = support::stream(&client, &server.base);
    assert!(matches!(next(&stream), Pop::Event(_)));
    drop(client);
    let mut sender = held.lock().unwrap().pop().unwrap();
    let second = Bytes::from_static(b"data: second\n\n");
    sender.send_data(second, true).unwrap();
    assert!(matches!(next(&stream), Pop::Event(_)));
    assert!(matches!(next(&stream), Pop::End));
    server.until("it is closed", |seen| seen.open.load(Ordering::SeqCst) == 0);
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_server_that_does_not_speak_it_is_spoken_to_in_the_old_way() {
    let authority = Authority::new();
    let config = authority.server(&["localhost"], false);
    let count = Arc::new(AtomicUsize::new(0));
    let handshakes = Arc::clone(&count);
    let server = Wire::start(move |_, socket| {
        let said = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        answer(&config, socket, said, &handshakes);
    });
    let client = client(&authority, Idle::default());
    let base = format!("https://localhost:{}/v1", server.address.port());
    for _ in 0..2 {
        let reply = settle(&start(&client, &base, buffered())).unwrap();
        assert_eq!(reply.head.version, http::Version::HTTP_11);
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}
