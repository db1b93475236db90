//! Bodies to send, and what became of them.

use std::{fs::File, path::PathBuf};

use serde_json::Value;
use tailrace_client::{CallOptions, FileRange, Mode, Source, Timeouts};
use tailrace_core::request::{Field, Multipart, Quoting, Segment};

use super::options;

/// A file that is removed with the test.
pub(crate) struct Temporary(pub(crate) PathBuf);

impl Temporary {
    pub(crate) fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("tailrace-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Temporary(path)
    }

    pub(crate) fn source(&self, offset: u64, length: u64) -> Source {
        Source::File(FileRange::new(File::open(&self.0).unwrap(), offset, length))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Bytes that tell their place.
pub(crate) fn numbered(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at / 251) as u8 ^ at as u8).collect()
}

pub(crate) fn form(length: Option<u64>) -> Multipart {
    Multipart {
        boundary: "B".to_owned(),
        quoting: Quoting::Doubled,
        fields: vec![Field {
            name: "file".to_owned(),
            filename: Some("a.bin".to_owned()),
            headers: Vec::new(),
            content: Segment::Source { index: 0, length },
        }],
    }
}

/// The body that `form` makes of `content`.
pub(crate) fn framed(content: &[u8]) -> Vec<u8> {
    let mut body =
        b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"
            .to_vec();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--B--\r\n");
    body
}

pub(crate) fn retrying() -> CallOptions {
    let mut options = options(Mode::Buffered, Timeouts::default());
    options.retry.max_retries = 2;
    options
}

pub(crate) fn header<'r>(request: &'r Value, name: &str) -> Option<&'r str> {
    let headers = request["headers"].as_array().unwrap();
    headers
        .iter()
        .find(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name))
        .and_then(|header| header[1].as_str())
}

pub(crate) fn body(request: &Value) -> Vec<u8> {
    // The server records text where it is text, and base64 of any bytes beside it.
    decode(request["body_base64"].as_str().unwrap())
}

/// Base64, which no dependency of this crate decodes.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => 0,
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for quad in text.as_bytes().chunks(4) {
        let bits = quad.iter().fold(0, |bits, byte| bits << 6 | digit(*byte));
        let padding = quad.iter().filter(|byte| **byte == b'=').count();
        out.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    out
}
