//! Proxies that the environment names.

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
    io::{Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex, atomic::AtomicUsize},
};

use secure::{Authority, answer};
use support::{
    body::Temporary,
    child::child,
    settle, start,
    wire::{Wire, request},
};
use tailrace_client::{Client, Connections, Mode, Settings, Timeouts};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
/// `user:pass`, in base64.
const BASIC: &str = "Basic dXNlcjpwYXNz";

type Heard = Arc<Mutex<Vec<String>>>;

/// Calls the server twice, by way of whatever the environment says.
#[test]
#[ignore = "is played by the others, in a process with an environment of their making"]
fn call() {
    let base = std::env::var("TAILRACE_TEST_BASE").unwrap();
    let client = Client::new(Settings {
        connections: Connections::SharedWithEnvProxies,
        ..Settings::default()
    });
    for _ in 0..2 {
        let options = support::options(Mode::Buffered, Timeouts::default());
        match settle(&start(&client, &base, options)) {
            Ok(reply) => println!("status {}", reply.head.status.as_u16()),
            Err(failure) => println!("{} {}", failure.error.code().as_str(), failure.error),
        }
    }
}

fn calls(base: &str, variables: &[(&str, &str)]) -> String {
    child(
        "call",
        &[&[("TAILRACE_TEST_BASE", base)], variables].concat(),
    )
}

fn twice_ok(said: &str) {
    assert_eq!(said.matches("status 200").count(), 2, "{said}");
}

#[test]
fn a_proxy_for_http_is_asked_for_the_whole_url() {
    let heard = Heard::default();
    let hears = Arc::clone(&heard);
    let proxy = Wire::start(move |_, mut socket| {
        while let Some(head) = request(&mut socket) {
            hears.lock().unwrap().push(head);
            socket.write_all(OK).unwrap();
        }
    });
    let address = format!("http://user:pass@{}", proxy.address);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        twice_ok(&calls("http://api.invalid/v1?a=b", &[(variable, &address)]));
    }
    let heard = heard.lock().unwrap();
    assert_eq!((heard.len(), proxy.connections()), (6, 3));
    for head in &*heard {
        assert!(
            head.starts_with("POST http://api.invalid/v1/chat/completions?a=b HTTP/1.1\r\n"),
            "{head}"
        );
        assert!(head.contains("\r\nhost: api.invalid\r\n"), "{head}");
        assert!(
            head.contains(&format!("\r\nproxy-authorization: {BASIC}\r\n")),
            "{head}"
        );
    }
}

#[test]
fn hosts_that_no_proxy_names_are_reached_directly() {
    let server = Wire::saying(OK);
    let proxy = Wire::saying_once("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
    let address = format!("http://{}", proxy.address);
    for except in ["127.0.0.1", "*", "127.0.0.0/8"] {
        twice_ok(&calls(
            &server.base(),
            &[("HTTP_PROXY", &address), ("NO_PROXY", except)],
        ));
    }
    assert_eq!(proxy.connections(), 0);
}

/// A server behind a tunnel: the proxy hands the socket to it.
struct Behind {
    roots: Temporary,
    proxy: Wire,
    heard: Heard,
}

fn behind(name: &str, tunnels: fn(&mut TcpStream, &Heard) -> bool) -> Behind {
    let authority = Authority::new();
    let config = authority.server(&["api.invalid"], false);
    let heard = Heard::default();
    let hears = Arc::clone(&heard);
    let proxy = Wire::start(move |_, mut socket| {
        if tunnels(&mut socket, &hears) {
            answer(&config, socket, OK, &AtomicUsize::new(0));
        }
    });
    Behind {
        roots: Temporary::new(&format!("{name}.pem"), authority.pem().as_bytes()),
        proxy,
        heard,
    }
}

impl Behind {
    fn calls(&self, variable: &str, address: &str) -> String {
        let roots = self.roots.0.to_str().unwrap();
        calls(
            "https://api.invalid/v1",
            &[(variable, address), ("SSL_CERT_FILE", roots)],
        )
    }
}

#[test]
fn a_proxy_makes_a_tunnel_for_https() {
    let behind = behind("tunnel", |socket, heard| {
        heard.lock().unwrap().push(request(socket).unwrap());
        socket
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .unwrap();
        true
    });
    let address = format!("http://user:pass@{}", behind.proxy.address);
    twice_ok(&behind.calls("HTTPS_PROXY", &address));
    let heard = behind.heard.lock().unwrap();
    assert_eq!(heard.len(), 1);
    assert!(
        heard[0].starts_with("CONNECT api.invalid:443 HTTP/1.1\r\n"),
        "{}",
        heard[0]
    );
    assert!(
        heard[0].contains(&format!("\r\nProxy-Authorization: {BASIC}\r\n")),
        "{}",
        heard[0]
    );
}

#[test]
fn a_proxy_that_refuses_is_a_failed_connection_which_does_not_tell_the_password() {
    let behind = behind("refused", |socket, _| {
        request(socket);
        let _ = socket.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        false
    });
    let address = format!("http://user:open-sesame@{}", behind.proxy.address);
    let said = behind.calls("HTTPS_PROXY", &address);
    assert_eq!(said.matches("connect_failed").count(), 2, "{said}");
    assert!(said.contains("proxy authorization required"), "{said}");
    assert!(!said.contains("open-sesame"), "{said}");
}

/// Speaks SOCKS 5 up to the point where the target follows; notes what was asked for.
fn socks(socket: &mut TcpStream, heard: &Heard) -> bool {
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        socket.read_exact(&mut bytes).unwrap();
        bytes
    };
    let greeting = take(2);
    take(usize::from(greeting[1]));
    socket.write_all(&[5, 2]).unwrap();
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        socket.read_exact(&mut bytes).unwrap();
        bytes
    };
    let user = take(2)[1];
    let user = take(usize::from(user));
    let password = take(1)[0];
    let password = take(usize::from(password));
    socket.write_all(&[1, 0]).unwrap();
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        socket.read_exact(&mut bytes).unwrap();
        bytes
    };
    let kind = take(4)[3];
    let target = if kind == 3 {
        let length = take(1)[0];
        String::from_utf8(take(usize::from(length))).unwrap()
    } else {
        format!("{:?}", take(4))
    };
    let port = u16::from_be_bytes(take(2).try_into().unwrap());
    heard.lock().unwrap().push(format!(
        "{}:{} {target} {port}",
        String::from_utf8(user).unwrap(),
        String::from_utf8(password).unwrap(),
    ));
    socket.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    true
}

#[test]
fn a_socks_proxy_is_told_the_name_or_the_address() {
    let behind = behind("socks", socks);
    let address = format!("socks5h://user:pass@{}", behind.proxy.address);
    twice_ok(&behind.calls("ALL_PROXY", &address));
    assert_eq!(*behind.heard.lock().unwrap(), ["user:pass api.invalid 443"]);

    let heard = Heard::default();
    let hears = Arc::clone(&heard);
    let proxy = Wire::start(move |_, mut socket| {
        socks(&mut socket, &hears);
        while request(&mut socket).is_some() {
            socket.write_all(OK).unwrap();
        }
    });
    let address = format!("socks5://user:pass@{}", proxy.address);
    twice_ok(&calls(
        "http://127.0.0.1:81/v1",
        &[("HTTP_PROXY", &address)],
    ));
    assert_eq!(*heard.lock().unwrap(), ["user:pass [127, 0, 0, 1] 81"]);
}

#[test]
fn a_proxy_that_is_not_there_is_a_failed_connection() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let address = format!("http://127.0.0.1:{port}");
    let said = calls("http://api.invalid/v1", &[("HTTP_PROXY", &address)]);
    assert_eq!(said.matches("connect_failed").count(), 2, "{said}");
}
