//! Who is trusted over TLS: real handshakes with certificates that are made here.

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
    sync::{Arc, atomic::AtomicUsize},
};

use secure::{Authority, answer};
use support::{body::Temporary, child::child, client, settle, start, wire::Wire};
use tailrace_client::{
    Client, Connections, Identity, Mode, Roots, Settings, Timeouts, TlsSettings, TransportSettings,
    Trust,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// Calls the server twice and says what came of it.
#[test]
#[ignore = "is played by the others, in a process with an environment of their making"]
fn call() {
    let base = std::env::var("TAILRACE_TEST_BASE").unwrap();
    for _ in 0..2 {
        let options = support::options(Mode::Buffered, Timeouts::default());
        match settle(&start(&client(), &base, options)) {
            Ok(reply) => println!("status {}", reply.head.status.as_u16()),
            Err(failure) => println!("{} {}", failure.error.code().as_str(), failure.error),
        }
    }
}

struct Case {
    said: String,
    handshakes: usize,
}

fn run(host: &str, names: &[&str], has_expired: bool, is_trusted: bool) -> Case {
    let authority = Authority::new();
    let config = authority.server(names, has_expired);
    let handshakes = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&handshakes);
    let server = Wire::start(move |_, socket| answer(&config, socket, OK, &count));
    let trusted = if is_trusted {
        authority
    } else {
        Authority::new()
    };
    let name = format!("{host}-{}-{has_expired}-{is_trusted}.pem", names.join("-"));
    let roots = Temporary::new(&name, trusted.pem().as_bytes());
    let base = format!("https://{host}:{}/v1", server.address.port());
    let variables = [
        ("TAILRACE_TEST_BASE", base.as_str()),
        ("SSL_CERT_FILE", roots.0.to_str().unwrap()),
    ];
    Case {
        said: child("call", &variables),
        handshakes: handshakes.load(std::sync::atomic::Ordering::SeqCst),
    }
}

#[test]
fn a_server_that_is_vouched_for_is_trusted_and_its_connection_used_again() {
    for (host, name) in [("localhost", "localhost"), ("127.0.0.1", "127.0.0.1")] {
        let Case { said, handshakes } = run(host, &[name], false, true);
        assert_eq!(said.matches("status 200").count(), 2, "{said}");
        assert_eq!(handshakes, 1);
    }
}

#[test]
fn others_are_not() {
    for (host, names, has_expired, is_trusted, why) in [
        (
            "localhost",
            &["other.example"][..],
            false,
            true,
            "not valid for name",
        ),
        (
            "127.0.0.1",
            &["localhost"],
            false,
            true,
            "not valid for name",
        ),
        ("localhost", &["localhost"], true, true, "expired"),
        ("localhost", &["localhost"], false, false, "BadSignature"),
    ] {
        let Case { said, handshakes } = run(host, names, has_expired, is_trusted);
        assert_eq!(said.matches("connect_failed").count(), 2, "{said}");
        assert!(said.contains(why), "{said} does not say {why}");
        assert_eq!(handshakes, 0);
    }
}

#[test]
fn a_server_that_speaks_no_tls_fails_to_connect() {
    let server = Wire::start(|_, mut socket| {
        // It cannot wait for the end of a request that is none to it.
        let _ = socket.read(&mut [0; 512]);
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let base = format!("https://{}/v1", server.address);
    let said = child("call", &[("TAILRACE_TEST_BASE", &base)]);
    assert_eq!(said.matches("connect_failed").count(), 2, "{said}");
}

/// Calls a server once and says what came of it.
fn said(config: &Arc<rustls::ServerConfig>, host: &str, tls: TlsSettings) -> String {
    let config = Arc::clone(config);
    let server = Wire::start(move |_, socket| answer(&config, socket, OK, &AtomicUsize::new(0)));
    let client = Client::new(Settings {
        connections: Connections::Own(TransportSettings {
            tls,
            ..TransportSettings::default()
        }),
        ..Settings::default()
    });
    let base = format!("https://{host}:{}/v1", server.address.port());
    let options = support::options(Mode::Buffered, Timeouts::default());
    match settle(&start(&client, &base, options)) {
        Ok(reply) => reply.head.status.as_u16().to_string(),
        Err(failure) => format!("{} {}", failure.error.code().as_str(), failure.error),
    }
}

fn trusting(authority: &Authority) -> Trust {
    Trust::Roots(Roots::from_pem(authority.pem().as_bytes()).unwrap())
}

#[test]
fn given_roots_are_all_that_is_trusted() {
    let (ours, other) = (Authority::new(), Authority::new());
    for (host, names, has_expired, authority, expected) in [
        ("localhost", &["localhost"][..], false, &ours, "200"),
        ("127.0.0.1", &["127.0.0.1"], false, &ours, "200"),
        (
            "localhost",
            &["a.example"],
            false,
            &ours,
            "not valid for name",
        ),
        (
            "127.0.0.1",
            &["localhost"],
            false,
            &ours,
            "not valid for name",
        ),
        ("localhost", &["localhost"], true, &ours, "expired"),
        ("localhost", &["localhost"], false, &other, "connect_failed"),
    ] {
        let config = authority.server(names, has_expired);
        let tls = TlsSettings {
            trust: trusting(&ours),
            identity: None,
        };
        let said = said(&config, host, tls);
        assert!(said.contains(expected), "{host} {names:?}: {said}");
    }
}

#[test]
fn roots_can_be_added_to_those_of_the_system() {
    let authority = Authority::new();
    let config = authority.server(&["localhost"], false);
    let roots = Roots::from_pem(authority.pem().as_bytes()).unwrap();
    for (trust, expected) in [
        (Trust::System(roots), "200"),
        (Trust::default(), "connect_failed"),
    ] {
        let tls = TlsSettings {
            trust,
            identity: None,
        };
        let said = said(&config, "localhost", tls);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn who_trusts_anybody_reaches_all_of_them() {
    let config = Authority::new().server(&["a.example"], true);
    let tls = TlsSettings {
        trust: Trust::Anybody,
        identity: None,
    };
    assert_eq!(said(&config, "localhost", tls), "200");
}

#[test]
fn a_server_that_asks_who_the_client_is_gets_its_certificate() {
    let (authority, other) = (Authority::new(), Authority::new());
    let config = authority.asking_server(&["localhost"]);
    let identity = |authority: &Authority| {
        let (certificate, key) = authority.certificate(&["client"], false);
        Identity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    };
    for (identity, expected) in [
        (Some(identity(&authority)), "200"),
        (Some(identity(&other)), "interrupted"),
        (None, "interrupted"),
    ] {
        let tls = TlsSettings {
            trust: trusting(&authority),
            identity,
        };
        let said = said(&config, "localhost", tls);
        assert!(said.contains(expected), "{said}");
    }
}
