//! Scripts, and every way to misbehave, as a bare socket sees it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test says that something must hold by panicking"
)]

mod wire;

use std::io::{ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tailrace_mock::{Config, Server};
use wire::{connect, exchange, receive, send};

fn server() -> Server {
    Server::start(Config::default()).unwrap()
}

fn script(server: &Server, exchanges: Value) -> String {
    server
        .script(&json!({ "exchanges": exchanges }).to_string())
        .unwrap()
}

fn record(server: &Server, base_url: &str) -> Value {
    serde_json::from_str(&server.requests(base_url).unwrap()).unwrap()
}

/// Waits until the record satisfies `holds`.
fn eventually(server: &Server, base_url: &str, holds: impl Fn(&Value) -> bool) -> Value {
    eventually_of(|| record(server, base_url), holds)
}

fn eventually_of(record: impl Fn() -> Value, holds: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let record = record();
        if holds(&record) {
            return record;
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "not in time: {record}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a request and reads until the connection ends: the bytes and how it ended.
fn read_to_end(base_url: &str) -> (String, Result<(), ErrorKind>) {
    let mut socket = connect(base_url);
    send(&mut socket, base_url, "POST", "/x", "", "{}");
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let end = loop {
        match socket.read(&mut part) {
            Ok(0) => break Ok(()),
            Ok(read) => bytes.extend(&part[..read]),
            Err(error) => break Err(error.kind()),
        }
    };
    (String::from_utf8(bytes).unwrap(), end)
}

#[test]
fn exchanges_come_in_order_and_the_end_says_so() {
    let server = server();
    let base = script(
        &server,
        json!([{ "status": 429, "headers": { "Retry-After": "1" }, "json": { "a": 1 } }, {}]),
    );
    let first = exchange(&base, "POST", "/x", "", "");
    assert_eq!(
        (
            first.status,
            first.header("retry-after"),
            first.body.as_str()
        ),
        (429, Some("1"), r#"{"a":1}"#)
    );
    assert_eq!(exchange(&base, "POST", "/x", "", "").status, 200);
    let beyond = exchange(&base, "POST", "/x", "", "");
    assert_eq!(beyond.status, 500);
    assert_eq!(beyond.header("x-should-retry"), Some("false"));
    assert!(
        beyond.body.contains("2 exchanges and this is request 3"),
        "{}",
        beyond.body
    );
}

#[test]
fn the_last_exchange_can_repeat() {
    let server = server();
    let base = script(
        &server,
        json!([{ "status": 500 }, { "text": "again", "repeat": true }]),
    );
    assert_eq!(exchange(&base, "GET", "/x", "", "").status, 500);
    for _ in 0..3 {
        assert_eq!(exchange(&base, "GET", "/x", "", "").body, "again");
    }
}

#[test]
fn the_record_keeps_what_was_sent_as_it_was_sent() {
    let server = server();
    let base = script(&server, json!([{ "repeat": true }]));
    let mut socket = connect(&base);
    for _ in 0..2 {
        send(
            &mut socket,
            &base,
            "POST",
            "/chat?a[]=1&b=%20",
            "X-One: a\r\nx-one: b\r\n",
            "caf\u{e9}",
        );
        receive(&mut socket);
    }
    exchange(&base, "GET", "/y", "", "");
    let record = record(&server, &base);
    let requests = record.as_array().unwrap();
    assert_eq!(requests[0]["method"], "POST");
    assert_eq!(requests[0]["path"], "/v1/chat");
    assert_eq!(requests[0]["query"], "a[]=1&b=%20");
    assert_eq!(requests[0]["headers"][1], json!(["X-One", "a"]));
    assert_eq!(requests[0]["headers"][2], json!(["x-one", "b"]));
    assert_eq!(requests[0]["body"], "caf\u{e9}");
    assert_eq!(requests[0]["body_base64"], "Y2Fmw6k=");
    assert_eq!(requests[0]["connection"], requests[1]["connection"]);
    assert_ne!(requests[0]["connection"], requests[2]["connection"]);
}

#[test]
fn a_chunked_request_body_is_joined() {
    let server = server();
    let base = script(&server, json!([{}]));
    let mut socket = connect(&base);
    let path = base.splitn(4, '/').nth(3).unwrap();
    let text = format!(
        "POST /{path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    );
    std::io::Write::write_all(&mut socket, text.as_bytes()).unwrap();
    assert_eq!(receive(&mut socket).status, 200);
    assert_eq!(record(&server, &base)[0]["body"], "abcde");
}

#[test]
fn faults_are_real() {
    let server = server();
    let check = |fault: Value, starts: &str, ends: &str, end: Result<(), ErrorKind>| {
        let mut exchange = json!({ "text": "0123456789", "framing": "chunked" });
        exchange
            .as_object_mut()
            .unwrap()
            .extend(fault.as_object().unwrap().clone());
        let (text, ended) = read_to_end(&script(&server, json!([exchange])));
        assert!(
            text.starts_with(starts) && text.ends_with(ends),
            "{fault}: {text:?}"
        );
        assert_eq!(ended, end, "{fault}");
    };
    let reset = Err(ErrorKind::ConnectionReset);
    check(
        json!({ "fault": { "kind": "reset", "at": "request" } }),
        "",
        "",
        reset,
    );
    check(
        json!({ "fault": { "kind": "close", "at": "request" } }),
        "",
        "",
        Ok(()),
    );
    check(
        json!({ "fault": { "kind": "close", "at": "mid_head" } }),
        "HTTP/1.1 2",
        "",
        Ok(()),
    );
    check(
        json!({ "fault": { "kind": "reset", "at": "head" } }),
        "HTTP/1.1 200",
        "\r\n\r\n",
        reset,
    );
    check(
        json!({ "fault": { "kind": "reset", "at": 4 } }),
        "HTTP/1.1 200",
        "\r\n\r\n4\r\n0123\r\n",
        reset,
    );
    check(
        json!({ "fault": { "kind": "close", "at": "end" } }),
        "HTTP/1.1 200",
        "0123456789\r\n",
        Ok(()),
    );
    check(
        json!({ "after": "close" }),
        "HTTP/1.1 200",
        "0123456789\r\n0\r\n\r\n",
        Ok(()),
    );
    check(
        json!({ "framing": "close" }),
        "HTTP/1.1 200",
        "\r\n\r\n0123456789",
        Ok(()),
    );
    let lying = json!({ "framing": "length", "content_length": 99, "fault": { "kind": "close", "at": "end" } });
    check(
        lying,
        "HTTP/1.1 200",
        "content-length: 99\r\n\r\n0123456789",
        Ok(()),
    );
    let (text, ended) = read_to_end(&script(
        &server,
        json!([{ "raw": "SIP/2.0 200 OK\r\n\r\n" }]),
    ));
    assert_eq!((text.as_str(), ended), ("SIP/2.0 200 OK\r\n\r\n", Ok(())));
}

#[test]
fn a_body_is_cut_where_the_script_says() {
    let server = server();
    let base = script(
        &server,
        json!([
            { "sse": [{ "event": "e", "data": { "a": 1 } }, { "comment": "hi", "data": "x\ny" }, "raw\n\n"] },
            { "text": "0123456789", "split": 1 },
            { "text": "0123456789", "split": [3, 4] },
            { "chunks": ["a", { "text": "b", "times": 3 }, { "base64": "Yw==", "delay_ms": 60 }] },
        ]),
    );
    let next = || exchange(&base, "POST", "/x", "", "");
    let reply = next();
    assert_eq!(
        reply.body,
        "event: e\ndata: {\"a\":1}\n\n: hi\ndata: x\ndata: y\n\nraw\n\n"
    );
    assert_eq!((reply.chunks, next().chunks, next().chunks), (3, 10, 3));
    let start = Instant::now();
    let reply = next();
    assert_eq!((reply.body.as_str(), reply.chunks), ("abbbc", 5));
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[test]
fn a_client_that_leaves_is_noticed_at_once() {
    let server = server();
    let base = script(
        &server,
        json!([{ "text": "0123", "fault": { "kind": "stall", "at": "end" } }]),
    );
    let mut socket = connect(&base);
    send(&mut socket, &base, "POST", "/x", "", "{}");
    receive(&mut socket);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(record(&server, &base)[0]["client_closed_ms"], Value::Null);
    socket.shutdown(Shutdown::Both).unwrap();
    let record = eventually(&server, &base, |record| {
        !record[0]["client_closed_ms"].is_null()
    });
    let request = &record[0];
    let held =
        request["client_closed_ms"].as_f64().unwrap() - request["last_write_ms"].as_f64().unwrap();
    assert!((100.0..30_000.0).contains(&held), "{request}");
    let connections = eventually_of(
        || serde_json::from_str(&server.connections(&base).unwrap()).unwrap(),
        |connections| !connections[0]["closed_ms"].is_null(),
    );
    assert_eq!(connections[0]["closed_by"], "client");
}

#[test]
fn a_client_that_stops_reading_stops_the_server() {
    let server = server();
    let chunk = json!({ "text": "x".repeat(64 * 1024), "times": 4000 });
    let base = script(&server, json!([{ "chunks": [chunk] }]));
    let mut socket = connect(&base);
    send(&mut socket, &base, "POST", "/x", "", "{}");
    std::thread::sleep(Duration::from_millis(300));
    let sent = record(&server, &base)[0]["sent_bytes"].as_u64().unwrap();
    assert!(
        sent < 64 * 1024 * 1024,
        "{sent} of 256 MiB were sent to a client that read nothing"
    );
}

#[test]
fn a_script_can_have_its_own_port() {
    let server = server();
    let check = |listen: &str| {
        let script = json!({ "listen": listen, "own_port": true, "exchanges": [{ "text": "ok" }] });
        server.script(&script.to_string()).unwrap()
    };
    let base = check("accept");
    assert_ne!(base.split('/').nth(2), server.url().split('/').nth(2));
    assert_eq!(exchange(&base, "POST", "/x", "", "").body, "ok");
    // Removing the script frees its port.
    let path = format!("/s/{}", base.split('/').nth(4).unwrap());
    let removed = exchange(
        &format!("{}/", server.url().trim_end_matches("/v1")),
        "DELETE",
        &path[1..],
        "",
        "",
    );
    assert_eq!(removed.status, 200);
    assert!(server.requests(&base).is_err());

    let refused = check("refuse");
    let address = refused.split('/').nth(2).unwrap().parse().unwrap();
    let error = TcpStream::connect_timeout(&address, Duration::from_secs(60)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);

    let silent = check("silent");
    let address = silent.split('/').nth(2).unwrap().parse().unwrap();
    let error = TcpStream::connect_timeout(&address, Duration::from_millis(200)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[test]
fn a_wrong_script_is_refused_with_its_reason() {
    let server = server();
    let check = |script: &str, part: &str| {
        let error = server.script(script).unwrap_err().to_string();
        assert!(error.contains(part), "{script}: {error}");
    };
    check("{", "not valid");
    check("{}", "no `exchanges`");
    check(r#"{"exchanges": [{"statos": 1}]}"#, "statos");
    check(
        r#"{"exchanges": [{"text": "a", "json": 1}]}"#,
        "more than one",
    );
    check(
        r#"{"exchanges": [{"text": "abc", "split": [5]}]}"#,
        "offset 5",
    );
    check(
        r#"{"exchanges": [{"text": "abc", "split": 0}]}"#,
        "at least 1",
    );
    check(r#"{"exchanges": [{"base64": "*"}]}"#, "base64");
    assert!(server.requests("http://127.0.0.1:1/s/none/v1").is_err());
}

#[test]
fn over_http_scripts_work_as_in_the_process() {
    let server = server();
    let root = server.url().replace("/v1", "/");
    let created = exchange(
        &root,
        "POST",
        "__mock/scripts",
        "",
        r#"{"exchanges":[{"text":"hi"}]}"#,
    )
    .json();
    let base = created["base_url"].as_str().unwrap();
    assert_eq!(exchange(base, "POST", "/x", "", "").body, "hi");
    let below = base.trim_end_matches("v1");
    let record = exchange(below, "GET", "__requests", "", "").json();
    assert_eq!(record.as_array().unwrap().len(), 1);
    assert_eq!(
        exchange(&root, "POST", "__mock/scripts", "", "[]").status,
        400
    );
}

#[test]
fn stop_closes_every_connection_and_can_be_called_twice() {
    let server = server();
    let base = script(
        &server,
        json!([{ "fault": { "kind": "stall", "at": "head" } }]),
    );
    let mut socket = connect(&base);
    send(&mut socket, &base, "POST", "/x", "", "{}");
    eventually(&server, &base, |record| {
        !record.as_array().unwrap().is_empty()
    });
    server.stop();
    server.stop();
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest);
    let address = server.url().split('/').nth(2).unwrap().parse().unwrap();
    assert!(TcpStream::connect_timeout(&address, Duration::from_secs(60)).is_err());
    assert!(server.script(r#"{"exchanges":[{}]}"#).is_err());
}

#[test]
fn a_server_that_nobody_stops_plays_a_bounded_number_of_scripts() {
    let server = server();
    let first = script(&server, json!([{"text": "1"}]));
    let second = script(&server, json!([{"text": "2"}]));
    for _ in 0..4095 {
        script(&server, json!([{"text": ""}]));
    }
    assert!(server.requests(&first).is_err());
    assert!(server.requests(&second).is_ok());
}
