//! Nothing of a key stays in the memory of a process that has made its calls. One test, because another one beside it
//! would have its own.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod support;

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    net::TcpListener,
};

use support::{PATIENCE, client, options, settle};
use tailrace_client::{Mode, Timeouts};
use tailrace_core::request::{HeaderText, NullQuery, Options, QueryStyle, Space};
use zeroize::{Zeroize as _, Zeroizing};

/// The secret part of the key, kept in a form that is not found.
const MASKED: [u8; 24] = [0x5a; 24];

const PIECE: usize = 64 * 1024;

fn key() -> Zeroizing<String> {
    let letters = MASKED
        .iter()
        .zip(0_u8..)
        .map(|(byte, at)| char::from(b'A' + (byte ^ at) % 26));
    let mut key = Zeroizing::new(String::with_capacity(64));
    key.push_str("Bearer ");
    key.extend(letters);
    key
}

/// How often the secret part stands in memory that this process can write.
fn found() -> usize {
    let key = key();
    let needle = &key.as_bytes()["Bearer ".len()..];
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut piece = Zeroizing::new([0_u8; PIECE]);
    let mut count = 0;
    for line in maps.lines() {
        let mut words = line.split(' ');
        let (range, flags) = (words.next().unwrap(), words.next().unwrap());
        if !flags.starts_with("rw") || line.ends_with("[vvar]") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        // In small pieces that are overwritten at once: what is looked at must not be found later.
        let mut at = from;
        while at < to {
            memory.seek(SeekFrom::Start(at)).unwrap();
            // What cannot be read holds nothing of ours.
            let Ok(length) = memory.read(piece.as_mut_slice()) else {
                break;
            };
            count += piece[..length]
                .windows(needle.len())
                .filter(|window| *window == needle)
                .count();
            piece.zeroize();
            at += (PIECE - needle.len() + 1) as u64;
        }
    }
    // The key itself, once.
    count - 1
}

#[test]
fn a_key_is_gone_when_its_call_is() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut received = Zeroizing::new([0_u8; 4096]);
        for answer in ["503 Busy", "307 Other", "200 OK"] {
            let (mut socket, _) = listener.accept().unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut length = 0;
            while !received[..length].ends_with(b"{}") {
                length += socket.read(&mut received[length..]).unwrap();
            }
            assert!(
                received[..length]
                    .windows(7)
                    .any(|window| window == b"Bearer ")
            );
            received.zeroize();
            let head =
                "connection: close\r\nretry-after-ms: 1\r\nlocation: /v1/x\r\ncontent-length: 2";
            write!(socket, "HTTP/1.1 {answer}\r\n{head}\r\n\r\n{{}}").unwrap();
        }
    });
    assert_eq!(found(), 0);
    let mut call = options(Mode::Buffered, Timeouts::default());
    call.retry.max_retries = 1;
    let pending = client().start(
        Options {
            method: "POST",
            base_url: &base,
            path: "/x",
            query: None,
            query_style: QueryStyle {
                null: NullQuery::Skip,
                space: Space::Plus,
            },
            headers: &[("authorization", Some(&key()))],
            header_text: HeaderText::Utf8,
            retry_count_header: None,
            body: Some(tailrace_core::request::Content::Bytes(
                &bytes::Bytes::from_static(b"{}"),
            )),
        },
        call,
    );
    let reply = settle(&pending).unwrap();
    server.join().unwrap();
    assert_eq!(reply.retries, 1);
    assert!(found() > 0, "the reply has its request, and so its key");
    drop((reply, pending));
    // The background thread lets go of the call a moment after it has settled.
    let deadline = std::time::Instant::now() + PATIENCE;
    while found() > 0 {
        assert!(
            std::time::Instant::now() < deadline,
            "the key stands {} times in memory",
            found()
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
