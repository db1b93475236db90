//! The fault proxy: each fault, byte by byte, on a real socket.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test says that something must hold by panicking"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tailrace_mock::{FaultProxy, Plan};

const REPLY: usize = 50_000;

/// A server that answers every byte that it receives with `REPLY` bytes, until the other side leaves.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            thread::spawn(move || {
                while socket.read(&mut [0]).is_ok_and(|read| read == 1) {
                    if socket.write_all(&[b'x'; REPLY]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// A proxy with these faults, and a client of it that waits for long.
fn connect(faults: &str) -> (FaultProxy, TcpStream) {
    let plan = Plan::parse(faults).unwrap();
    let proxy = FaultProxy::start(server(), 0, plan).unwrap();
    let client = TcpStream::connect(proxy.address()).unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    (proxy, client)
}

/// What a client gets through a proxy with these faults: bytes, how it ended, and how long after its request.
struct Got {
    bytes: usize,
    end: Result<(), ErrorKind>,
    took: Duration,
    proxy: FaultProxy,
}

fn get(faults: &str) -> Got {
    let (proxy, mut client) = connect(faults);
    let began = Instant::now();
    // Whoever is refused may hear of it here or as it reads.
    let refused = client.write_all(b"?").err();
    let mut bytes = 0;
    let mut buffer = [0; 4096];
    let end = loop {
        let read = client.read(&mut buffer);
        match read {
            Ok(0) => break refused.map_or(Ok(()), |error| Err(error.kind())),
            Ok(read) => bytes += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Err(error.kind()),
        }
        if bytes == REPLY {
            break Ok(());
        }
    };
    Got {
        bytes,
        end,
        took: began.elapsed(),
        proxy,
    }
}

#[test]
fn without_a_fault_everything_passes() {
    let got = get(r#"[{"kind": "none"}]"#);
    assert_eq!((got.bytes, got.end), (REPLY, Ok(())));
}

#[test]
fn a_cut_ends_after_its_bytes() {
    let got = get(r#"[{"kind": "cut", "after": 12345}]"#);
    assert_eq!((got.bytes, got.end), (12_345, Ok(())));
    assert_eq!(got.proxy.counts().get("cut"), Some(&1));
    assert_eq!(get(r#"[{"kind": "cut", "after": 0}]"#).bytes, 0);
}

#[test]
fn a_reset_is_one() {
    let got = get(r#"[{"kind": "reset", "after": 100}]"#);
    assert_eq!(got.end, Err(ErrorKind::ConnectionReset));
    assert!(got.bytes <= 100, "{}", got.bytes);
    let got = get(r#"[{"kind": "refuse"}]"#);
    assert_eq!(got.bytes, 0);
    let end = got.end.unwrap_err();
    assert!(
        matches!(end, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        "{end}"
    );
}

#[test]
fn a_stall_goes_on_and_a_hang_does_not() {
    let got = get(r#"[{"kind": "stall", "after": 100, "ms": 150}]"#);
    assert_eq!((got.bytes, got.end), (REPLY, Ok(())));
    assert!(got.took >= Duration::from_millis(150));
    let (_proxy, mut client) = connect(r#"[{"kind": "hang", "after": 100}]"#);
    client.write_all(b"?").unwrap();
    client.read_exact(&mut [0; 100]).unwrap();
    client
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let more = loop {
        match client.read(&mut [0]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => break other,
        }
    };
    // The limit of this client's own reading.
    assert!(matches!(
        more.map_err(|error| error.kind()),
        Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)
    ));
}

#[test]
fn a_half_closed_connection_still_takes_what_the_client_sends() {
    let plan = Plan::parse(r#"[{"kind": "half_close", "after": 10}]"#).unwrap();
    let proxy = FaultProxy::start(server(), 0, plan).unwrap();
    let mut client = TcpStream::connect(proxy.address()).unwrap();
    client.write_all(b"?").unwrap();
    let mut received = Vec::new();
    client.read_to_end(&mut received).unwrap();
    assert_eq!(received.len(), 10);
    thread::sleep(Duration::from_millis(50));
    client.write_all(b"?").unwrap();
    thread::sleep(Duration::from_millis(50));
    // A closed peer would have answered the first one with a reset.
    client.write_all(b"?").unwrap();
}

#[test]
fn a_trickle_loses_nothing() {
    let got = get(r#"[{"kind": "trickle", "bytes": 700}]"#);
    assert_eq!((got.bytes, got.end), (REPLY, Ok(())));
    assert_eq!(got.proxy.counts().get("trickle"), Some(&1));
}

#[test]
fn a_client_that_leaves_ends_the_connection_to_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let plan = Plan::parse(r#"[{"kind": "hang", "after": 0}]"#).unwrap();
    let proxy = FaultProxy::start(listener.local_addr().unwrap(), 0, plan).unwrap();
    let client = TcpStream::connect(proxy.address()).unwrap();
    let (mut socket, _) = listener.accept().unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    socket.write_all(b"x").unwrap();
    drop(client);
    // A reset, where the client left something unread.
    assert!(matches!(socket.read(&mut [0]), Ok(0) | Err(_)));
    assert!(!matches!(
        socket.read(&mut [0]).map_err(|error| error.kind()),
        Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)
    ));
}
