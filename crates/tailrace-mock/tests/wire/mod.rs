//! The smallest HTTP client that shows what was on the wire.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use tailrace_mock::Server;

/// A reply, its chunked coding removed.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
    /// Chunks of the body; 0 when it was not chunked.
    pub chunks: usize,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }
}

/// Opens a connection to where `url` points.
pub fn connect(url: &str) -> TcpStream {
    let socket = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    socket
}

/// Sends a request on an open connection.
pub fn send(
    socket: &mut TcpStream,
    url: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) {
    let below = url.splitn(4, '/').nth(3).unwrap();
    let length = body.len();
    let text = format!(
        "{method} /{below}{path} HTTP/1.1\r\nHost: mock\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    socket.write_all(text.as_bytes()).unwrap();
}

/// Reads one reply of a known end.
pub fn receive(socket: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|part: &[u8]| part == b"\r\n\r\n") {
            break String::from_utf8(bytes.drain(..end + 4).collect()).unwrap();
        }
        more(socket, &mut bytes);
    };
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut reply = Reply {
        status,
        head,
        body: String::new(),
        chunks: 0,
    };
    if let Some(length) = reply.header("content-length") {
        let length: usize = length.parse().unwrap();
        while bytes.len() < length {
            more(socket, &mut bytes);
        }
        reply.body = String::from_utf8(bytes).unwrap();
        return reply;
    }
    let mut body = Vec::new();
    loop {
        let Some(end) = bytes.windows(2).position(|part| part == b"\r\n") else {
            more(socket, &mut bytes);
            continue;
        };
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        while bytes.len() < end + 2 + size + 2 {
            more(socket, &mut bytes);
        }
        body.extend(&bytes[end + 2..end + 2 + size]);
        bytes.drain(..end + 2 + size + 2);
        if size == 0 {
            break;
        }
        reply.chunks += 1;
    }
    reply.body = String::from_utf8(body).unwrap();
    reply
}

fn more(socket: &mut TcpStream, bytes: &mut Vec<u8>) {
    let mut part = [0; 16 * 1024];
    let read = socket.read(&mut part).unwrap();
    assert!(
        read > 0,
        "the connection ended inside a reply: {:?}",
        String::from_utf8_lossy(bytes)
    );
    bytes.extend(&part[..read]);
}

/// One request on a connection of its own.
pub fn exchange(url: &str, method: &str, path: &str, headers: &str, body: &str) -> Reply {
    let mut socket = connect(url);
    send(&mut socket, url, method, path, headers, body);
    receive(&mut socket)
}

/// Posts JSON with a key that is accepted.
pub fn post(server: &Server, path: &str, body: &Value) -> Reply {
    exchange(
        &server.url(),
        "POST",
        path,
        "Authorization: Bearer sk-test\r\n",
        &body.to_string(),
    )
}
