//! Reads HTTP/1.1 requests, keeping what a client library may get wrong: header order and case, the raw query.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest head, in bytes. Official clients send about 1 KiB.
const MAX_HEAD_BYTES: usize = 256 * 1024;
/// The most headers of one request.
const MAX_HEADERS: usize = 256;
/// The largest body, in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// A request as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path without its query.
    pub(crate) path: String,
    /// What follows `?`, undecoded.
    pub(crate) query: Option<String>,
    /// Name and value in the order and case of the wire.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Why no request could be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The client closed the connection or it broke.
    Gone,
    /// The bytes are no HTTP/1.1 request. Status and reason for a reply.
    Malformed(u16, String),
}

impl From<io::Error> for Unreadable {
    fn from(_: io::Error) -> Unreadable {
        Unreadable::Gone
    }
}

impl Request {
    /// The first header of that name, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the client asks for the connection to be closed after the reply.
    pub(crate) fn wants_close(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Reads the next request. `buffer` keeps bytes that belong to the one after it.
    pub(crate) async fn read(
        socket: &mut TcpStream,
        buffer: &mut BytesMut,
    ) -> Result<Request, Unreadable> {
        let mut request = loop {
            if let Some((request, length)) = parse_head(buffer)? {
                buffer.advance(length);
                break request;
            }
            if buffer.len() > MAX_HEAD_BYTES {
                return Err(malformed(
                    431,
                    format!("the head of the request is larger than {MAX_HEAD_BYTES} bytes"),
                ));
            }
            fill(socket, buffer).await?;
        };
        if request
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        request.body = read_body(&request, socket, buffer).await?;
        Ok(request)
    }
}

fn malformed(status: u16, why: String) -> Unreadable {
    Unreadable::Malformed(status, why)
}

async fn fill(socket: &mut TcpStream, buffer: &mut BytesMut) -> Result<(), Unreadable> {
    match socket.read_buf(buffer).await? {
        0 => Err(Unreadable::Gone),
        _ => Ok(()),
    }
}

fn parse_head(buffer: &[u8]) -> Result<Option<(Request, usize)>, Unreadable> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => {
            return Err(malformed(
                400,
                format!("the request is not HTTP/1.1: {error}"),
            ));
        }
    };
    let target = parsed.path.unwrap_or_default();
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (target.to_owned(), None),
    };
    let headers = parsed
        .headers
        .iter()
        .map(|header| {
            (
                header.name.to_owned(),
                String::from_utf8_lossy(header.value).into_owned(),
            )
        })
        .collect();
    let method = parsed.method.unwrap_or_default().to_owned();
    Ok(Some((
        Request {
            method,
            path,
            query,
            headers,
            body: Bytes::new(),
        },
        length,
    )))
}

async fn read_body(
    request: &Request,
    socket: &mut TcpStream,
    buffer: &mut BytesMut,
) -> Result<Bytes, Unreadable> {
    let chunked = request
        .header("transfer-encoding")
        .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
    let length = request.header("content-length");
    match (chunked, length) {
        // A request with both is how one request is smuggled inside another.
        (true, Some(_)) => Err(malformed(
            400,
            "the request has both content-length and transfer-encoding".to_owned(),
        )),
        (true, None) => read_chunked(socket, buffer).await,
        (false, Some(text)) => {
            let length = text
                .trim()
                .parse::<usize>()
                .map_err(|_| malformed(400, format!("content-length `{text}` is not a number")))?;
            take(length, socket, buffer).await
        }
        (false, None) => Ok(Bytes::new()),
    }
}

async fn take(
    length: usize,
    socket: &mut TcpStream,
    buffer: &mut BytesMut,
) -> Result<Bytes, Unreadable> {
    if length > MAX_BODY_BYTES {
        return Err(malformed(
            413,
            format!("the body is larger than {MAX_BODY_BYTES} bytes"),
        ));
    }
    while buffer.len() < length {
        fill(socket, buffer).await?;
    }
    Ok(buffer.split_to(length).freeze())
}

async fn read_chunked(socket: &mut TcpStream, buffer: &mut BytesMut) -> Result<Bytes, Unreadable> {
    let mut body = BytesMut::new();
    loop {
        let line = read_line(socket, buffer).await?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16)
            .map_err(|_| malformed(400, format!("chunk size `{digits}` is not hexadecimal")))?;
        if length == 0 {
            while !read_line(socket, buffer).await?.is_empty() {}
            return Ok(body.freeze());
        }
        body.extend_from_slice(&take(length, socket, buffer).await?);
        if body.len() > MAX_BODY_BYTES {
            return Err(malformed(
                413,
                format!("the body is larger than {MAX_BODY_BYTES} bytes"),
            ));
        }
        if !read_line(socket, buffer).await?.is_empty() {
            return Err(malformed(
                400,
                "a chunk is longer than its size says".to_owned(),
            ));
        }
    }
}

async fn read_line(socket: &mut TcpStream, buffer: &mut BytesMut) -> Result<String, Unreadable> {
    loop {
        if let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") {
            let line = buffer.split_to(end);
            buffer.advance(2);
            return Ok(String::from_utf8_lossy(&line).into_owned());
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Err(malformed(
                400,
                "a line of the chunked body does not end".to_owned(),
            ));
        }
        fill(socket, buffer).await?;
    }
}
