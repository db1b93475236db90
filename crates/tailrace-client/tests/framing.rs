//! What is taken for a response and what is refused. The cases are in the spirit of llhttp's lists, played by a socket.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use support::{client, settle, start, wire::Wire};
use tailrace_client::{Mode, Timeouts};
use tailrace_core::error::{Code, Error};

/// The body of the answer that `wire` is, before whose end the connection does not end.
fn read(wire: &str) -> Result<String, Error> {
    let server = Wire::saying_once(wire);
    let options = support::options(Mode::Buffered, Timeouts::default());
    match settle(&start(&client(), &server.base(), options)) {
        Ok(reply) => {
            let whole = reply.content.whole().unwrap();
            Ok(String::from_utf8(whole.to_vec()).unwrap())
        }
        Err(failure) => Err(failure.error),
    }
}

#[test]
fn what_is_a_response() {
    let x100k = "x".repeat(100_000);
    let long = format!("HTTP/1.1 200 OK\r\nx-long: {x100k}\r\ncontent-length: 1\r\n\r\na");
    let many = format!(
        "HTTP/1.1 200 OK\r\n{}content-length: 1\r\n\r\na",
        "x: y\r\n".repeat(200)
    );
    for (wire, body) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab", "ab"),
        ("HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nab", "ab"),
        (
            "HTTP/1.1 299 Never Heard Of\r\ncontent-length: 2\r\n\r\nab",
            "ab",
        ),
        ("HTTP/1.0 200 OK\r\n\r\nab", "ab"),
        ("HTTP/1.1 200 OK\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:2\r\n\r\nab", "ab"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2 \t\r\n\r\nab", "ab"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabcd", "ab"),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n",
            "a",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;x=\"y\"\r\na\r\n0\r\nz: 1\r\n\r\n",
            "a",
        ),
        (
            "HTTP/1.1 200 OK\r\nx: caf\u{e9}\r\ncontent-length: 1\r\n\r\na",
            "a",
        ),
        ("HTTP/1.1 200 OK\r\nx:\r\ncontent-length: 1\r\n\r\na", "a"),
        ("\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na", "a"),
        (&long, "a"),
        (&many, "a"),
    ] {
        assert_eq!(
            read(wire).unwrap(),
            body,
            "{}",
            &wire[..wire.len().min(200)]
        );
    }
}

#[test]
fn what_is_none() {
    let large = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(140_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(300));
    let head = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}");
    let chunked = |rest: &str| head(&format!("transfer-encoding: chunked\r\n\r\n{rest}"));
    for (wire, cause) in [
        ("<html>no HTTP at all</html>\r\n\r\n".to_owned(), "version"),
        ("HTTP/1.1 2x0 OK\r\n\r\n".to_owned(), "status"),
        ("HTTP/9.9 200 OK\r\n\r\n".to_owned(), "version"),
        (
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n".to_owned(),
            "another protocol",
        ),
        (
            "HTTP/1.1 200 OK\ncontent-length: 1\n\na".to_owned(),
            "CR LF",
        ),
        (head("content-length: 1\r\n\na"), "CR LF"),
        (head("x: a\rb\r\ncontent-length: 1\r\n\r\na"), "CR LF"),
        (
            head("x: a\0b\r\ncontent-length: 1\r\n\r\na"),
            "header value",
        ),
        (
            head("x: a\r\n b\r\ncontent-length: 1\r\n\r\na"),
            "header name",
        ),
        (head("content-length : 1\r\n\r\na"), "header name"),
        (head("content length: 1\r\n\r\na"), "header name"),
        (
            head("content-length: 1\r\ncontent-length: 1\r\n\r\na"),
            "twice",
        ),
        (
            head("content-length: 1\r\ncontent-length: 2\r\n\r\na"),
            "twice",
        ),
        (head("content-length: 1, 1\r\n\r\na"), "no number"),
        (head("content-length: +1\r\n\r\na"), "no number"),
        (
            head("content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
            "both",
        ),
        (
            head("transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n"),
            "both",
        ),
        (
            head("transfer-encoding: gzip\r\n\r\na"),
            "other than chunked",
        ),
        (
            head("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
            "other than chunked",
        ),
        (
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
            "other than chunked",
        ),
        (chunked("x\r\n"), "size of a chunk"),
        (chunked("0x1\r\na\r\n0\r\n\r\n"), "size of a chunk"),
        (chunked("1 \r\na\r\n0\r\n\r\n"), "size of a chunk"),
        (chunked("1\na\n0\n\n"), "size of a chunk"),
        (chunked("fffffffffffffffff\r\na"), "size of a chunk"),
        (chunked("1;\r\na\r\n0\r\n\r\n"), "extension"),
        (chunked("1;x\ny\r\na\r\n0\r\n\r\n"), "extension"),
        (chunked("1\r\nab\r\n0\r\n\r\n"), "longer than its size"),
        (chunked("1\r\na\n0\r\n\r\n"), "longer than its size"),
        (chunked("0\r\nx y\r\n\r\n"), "trailer"),
        (large, "131072 bytes"),
        (many, "256 fields"),
    ] {
        let shown = &wire[..wire.len().min(200)];
        let error = read(&wire).expect_err(shown);
        assert_eq!(error.code(), Code::Interrupted, "{shown}: {error}");
        let all = error.causes().join("; ");
        assert!(all.contains(cause), "{shown}: {all}");
    }
}
