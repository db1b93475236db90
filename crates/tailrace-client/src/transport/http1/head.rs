//! The head of a response.

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header::CONNECTION};

use super::framing::{Framing, Malformed};

/// The most bytes and fields of a head. Twice what the strictest of the usual servers would send, and more than any API does.
const MOST_BYTES: usize = 128 * 1024;
const MOST_FIELDS: usize = 256;

/// A response whose head was read.
#[derive(Debug)]
pub(in crate::transport) struct Answer {
    pub(in crate::transport) status: StatusCode,
    pub(in crate::transport) version: Version,
    pub(in crate::transport) headers: HeaderMap,
    pub(in crate::transport) framing: Framing,
    /// The server means to keep the connection open.
    pub(in crate::transport) keeps_open: bool,
}

/// Finds the end of a head, and looks at no byte twice.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// How much was looked at, and where the line begins that it ends in.
    seen: usize,
    line: usize,
    /// The request asked for another protocol, and so 101 is an answer.
    pub(super) may_switch: bool,
}

impl Scan {
    /// The length of the head with its blank line, once it is whole.
    fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        while let Some(found) = memchr::memchr(b'\n', bytes.get(self.seen..).unwrap_or_default()) {
            let end = self.seen + found + 1;
            let line = bytes.get(self.line..end).unwrap_or_default();
            // httparse would take a lone LF, which others do not take for the end of a line.
            let Some(line) = line.strip_suffix(b"\r\n") else {
                return Err(Malformed::LineEnd);
            };
            if memchr::memchr(b'\r', line).is_some() {
                return Err(Malformed::LineEnd);
            }
            (self.seen, self.line) = (end, end);
            if line.is_empty() {
                return Ok(Some(end));
            }
        }
        self.seen = bytes.len();
        if bytes.len() > MOST_BYTES {
            return Err(Malformed::HeadBytes(MOST_BYTES));
        }
        Ok(None)
    }
}

/// Takes the head of the answer to a request with this method from `buffer`; `None` while it is not whole.
pub(super) fn take(
    buffer: &mut BytesMut,
    scan: &mut Scan,
    method: &Method,
) -> Result<Option<Answer>, Malformed> {
    // Blank lines before a status line are passed over, as RFC 9112 recommends.
    while scan.seen == 0 && buffer.starts_with(b"\r\n") {
        buffer.advance(2);
    }
    if &**buffer == b"\r" {
        return Ok(None);
    }
    let Some(end) = scan.end(buffer)? else {
        return Ok(None);
    };
    if end > MOST_BYTES {
        return Err(Malformed::HeadBytes(MOST_BYTES));
    }
    (scan.seen, scan.line) = (0, 0);
    // A reply is kept for as long as its caller likes, and its values would keep the whole buffer of the connection.
    let bytes = Bytes::copy_from_slice(&buffer.split_to(end));
    let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut parsed = httparse::Response::new(&mut []);
    let status = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut parsed, &bytes, &mut fields)
        .map_err(|error| match error {
            httparse::Error::TooManyHeaders => Malformed::HeadFields(MOST_FIELDS),
            error => Malformed::Head(error),
        })?;
    let (true, Some(code), Some(version)) = (status.is_complete(), parsed.code, parsed.version)
    else {
        return Err(Malformed::Head(httparse::Error::Status));
    };
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    for field in &*parsed.headers {
        let name = HeaderName::from_bytes(field.name.as_bytes())
            .map_err(|_| Malformed::Head(httparse::Error::HeaderName))?;
        let value = HeaderValue::from_maybe_shared(bytes.slice_ref(field.value))
            .map_err(|_| Malformed::Head(httparse::Error::HeaderValue))?;
        headers
            .try_append(name, value)
            .map_err(|_| Malformed::HeadFields(MOST_FIELDS))?;
    }
    let version = if version == 0 {
        Version::HTTP_10
    } else {
        Version::HTTP_11
    };
    let status =
        StatusCode::from_u16(code).map_err(|_| Malformed::Head(httparse::Error::Status))?;
    let framing = if status != StatusCode::SWITCHING_PROTOCOLS {
        Framing::of(method, status, version, &headers)?
    } else if scan.may_switch {
        Framing::Length(0)
    } else {
        return Err(Malformed::Upgrade);
    };
    Ok(Some(Answer {
        status,
        version,
        keeps_open: keeps_open(version, &headers),
        headers,
        framing,
    }))
}

/// What `connection` says, and the version where it says nothing.
pub(in crate::transport) fn keeps_open(version: Version, headers: &HeaderMap) -> bool {
    let says = |option: &str| {
        headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|said| said.trim().eq_ignore_ascii_case(option))
    };
    !says("close") && (version == Version::HTTP_11 || says("keep-alive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Option<(u16, usize, usize)>, Malformed> {
        let mut scan = Scan::default();
        let mut buffer = BytesMut::new();
        let mut answer = None;
        for piece in pieces {
            buffer.extend_from_slice(piece);
            if answer.is_none() {
                answer = take(&mut buffer, &mut scan, &Method::POST)?;
            }
        }
        Ok(answer.map(|answer| (answer.status.as_u16(), answer.headers.len(), buffer.len())))
    }

    #[track_caller]
    fn check(wire: &[u8], expected: Result<Option<(u16, usize, usize)>, Malformed>) {
        assert_eq!(read(&[wire]), expected);
        for at in 0..=wire.len() {
            let (before, after) = wire.split_at(at);
            assert_eq!(read(&[before, after]), expected, "split at {at}");
        }
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        assert_eq!(read(&bytes), expected, "byte by byte");
    }

    #[test]
    fn heads_at_every_split() {
        for (wire, expected) in [
            ("HTTP/1.1 200 OK\r\n\r\n", (200, 0, 0)),
            ("HTTP/1.1 200\r\n\r\n", (200, 0, 0)),
            ("HTTP/1.1 200 \r\n\r\n", (200, 0, 0)),
            ("HTTP/1.0 404 Not Found\r\na: b\r\n\r\nrest", (404, 1, 4)),
            ("\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", (200, 0, 0)),
            (
                "HTTP/1.1 200 OK\r\nA:b\r\na:  c \r\nd:\r\n\r\n",
                (200, 3, 0),
            ),
            ("HTTP/1.1 299 \u{e9}\r\nx: \u{e9}\r\n\r\n", (299, 1, 0)),
        ] {
            check(wire.as_bytes(), Ok(Some(expected)));
        }
        for wire in [
            "",
            "H",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\na: b\r\n\r",
        ] {
            check(wire.as_bytes(), Ok(None));
        }
    }

    #[test]
    fn no_heads_at_every_split() {
        use httparse::Error::{HeaderName, Status, Version};
        for (wire, why) in [
            ("HTTP/1.1 200 OK\n\n", Malformed::LineEnd),
            ("HTTP/1.1 200 OK\r\na: b\n\r\n", Malformed::LineEnd),
            ("HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\n", Malformed::LineEnd),
            ("HTTP/1.1 200 OK\r\na: b\r\n\n", Malformed::LineEnd),
            (
                "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n",
                Malformed::Head(HeaderName),
            ),
            (
                "HTTP/1.1 200 OK\r\n a: b\r\n\r\n",
                Malformed::Head(HeaderName),
            ),
            (
                "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
                Malformed::Head(HeaderName),
            ),
            (
                "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
                Malformed::Head(HeaderName),
            ),
            ("HTTP/1.1 200 OK\r\nab\r\n\r\n", Malformed::Head(HeaderName)),
            (
                "HTTP/1.1 200 OK\r\na\u{0}: b\r\n\r\n",
                Malformed::Head(HeaderName),
            ),
            ("HTTP/1.1 20 OK\r\n\r\n", Malformed::Head(Status)),
            ("HTTP/1.1 2000 OK\r\n\r\n", Malformed::Head(Status)),
            ("HTTP/2.0 200 OK\r\n\r\n", Malformed::Head(Version)),
            ("ICY 200 OK\r\n\r\n", Malformed::Head(Version)),
            ("HTTP/1.1 101 Switching\r\n\r\n", Malformed::Upgrade),
        ] {
            check(wire.as_bytes(), Err(why));
        }
        let nul = read(&[b"HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n"]);
        assert_eq!(nul, Err(Malformed::Head(httparse::Error::HeaderValue)));
    }

    #[test]
    fn large_heads_are_refused_by_their_limit() {
        let long = format!("HTTP/1.1 200 OK\r\na: {}", "x".repeat(MOST_BYTES));
        assert_eq!(
            read(&[long.as_bytes()]),
            Err(Malformed::HeadBytes(MOST_BYTES))
        );
        let whole = format!("{long}\r\n\r\n");
        assert_eq!(
            read(&[whole.as_bytes()]),
            Err(Malformed::HeadBytes(MOST_BYTES))
        );
        let many = format!(
            "HTTP/1.1 200 OK\r\n{}\r\n",
            "a: b\r\n".repeat(MOST_FIELDS + 1)
        );
        assert_eq!(
            read(&[many.as_bytes()]),
            Err(Malformed::HeadFields(MOST_FIELDS))
        );
    }

    #[test]
    fn who_keeps_the_connection() {
        for (version, value, expected) in [
            (Version::HTTP_11, None, true),
            (Version::HTTP_11, Some("close"), false),
            (Version::HTTP_11, Some("x, Close"), false),
            (Version::HTTP_11, Some("keep-alive"), true),
            (Version::HTTP_10, None, false),
            (Version::HTTP_10, Some("Keep-Alive"), true),
            (Version::HTTP_10, Some("keep-alive, close"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(CONNECTION, HeaderValue::from_static(value));
            }
            assert_eq!(
                keeps_open(version, &headers),
                expected,
                "{version:?} {value:?}"
            );
        }
    }
}
