//! Where a body ends.

use std::{error::Error as StdError, fmt};

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, Method, StatusCode, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

use super::chunked::Chunked;

/// How a response breaks HTTP/1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum Malformed {
    /// A line of the head ends in other than CR LF, or a CR stands within one.
    LineEnd,
    Head(httparse::Error),
    /// More bytes, or more fields, than this.
    HeadBytes(usize),
    HeadFields(usize),
    Upgrade,
    ContentLength,
    TwoContentLengths,
    TransferEncoding,
    TwoFramings,
    ChunkSize,
    ChunkExtension,
    ChunkEnd,
    Trailer,
    /// More bytes of chunk extensions and trailers than this.
    Aside(usize),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::LineEnd => f.write_str("a line of the head does not end in CR LF"),
            Malformed::Head(why) => write!(f, "the head is malformed: {why}"),
            Malformed::HeadBytes(most) => write!(f, "the head is larger than {most} bytes"),
            Malformed::HeadFields(most) => write!(f, "the head has more than {most} fields"),
            Malformed::Upgrade => f.write_str("the server switched to another protocol unasked"),
            Malformed::ContentLength => f.write_str("content-length is no number of bytes"),
            Malformed::TwoContentLengths => f.write_str("content-length is given twice"),
            Malformed::TransferEncoding => f.write_str("transfer-encoding is other than chunked"),
            Malformed::TwoFramings => {
                f.write_str("both content-length and transfer-encoding are given")
            }
            Malformed::ChunkSize => f.write_str("the size of a chunk is no hexadecimal number"),
            Malformed::ChunkExtension => f.write_str("an extension of a chunk is malformed"),
            Malformed::ChunkEnd => f.write_str("a chunk is longer than its size"),
            Malformed::Trailer => f.write_str("a trailer is malformed"),
            Malformed::Aside(most) => {
                write!(
                    f,
                    "chunk extensions and trailers are larger than {most} bytes"
                )
            }
        }
    }
}

impl StdError for Malformed {}

/// What tells the end of a body.
#[derive(Debug)]
pub(in crate::transport) enum Framing {
    /// So many bytes are left.
    Length(u64),
    Chunked(Chunks),
    /// The end of the connection.
    Close,
}

/// Named here so that only this folder sees the decoder.
#[derive(Debug)]
pub(in crate::transport) struct Chunks(Chunked);

impl Framing {
    /// The framing of the answer to a request with this method, by RFC 9112, section 6.3; strict where it lets a client
    /// guess.
    pub(super) fn of(
        method: &Method,
        status: StatusCode,
        version: Version,
        headers: &HeaderMap,
    ) -> Result<Self, Malformed> {
        let length = content_length(headers)?;
        let is_chunked = is_chunked(version, headers)?;
        if length.is_some() && is_chunked {
            return Err(Malformed::TwoFramings);
        }
        let has_none = method == Method::HEAD
            || status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        Ok(match length {
            _ if has_none => Framing::Length(0),
            Some(length) => Framing::Length(length),
            None if is_chunked => Framing::Chunked(Chunks(Chunked::new())),
            None => Framing::Close,
        })
    }

    /// True once all of the body was decoded. Never for a body that ends with its connection.
    pub(in crate::transport) fn is_over(&self) -> bool {
        match self {
            Framing::Length(left) => *left == 0,
            Framing::Chunked(Chunks(chunked)) => chunked.is_over(),
            Framing::Close => false,
        }
    }

    /// How much is left, where it is known.
    pub(in crate::transport) fn left(&self) -> Option<u64> {
        match self {
            Framing::Length(left) => Some(*left),
            Framing::Chunked(_) | Framing::Close => None,
        }
    }

    /// Takes what belongs to the body, and gives the data in it; it can be empty.
    pub(in crate::transport) fn decode(
        &mut self,
        buffer: &mut BytesMut,
    ) -> Result<Bytes, Malformed> {
        match self {
            Framing::Length(left) => {
                let here =
                    usize::try_from(*left).map_or(buffer.len(), |left| left.min(buffer.len()));
                *left -= here as u64;
                Ok(buffer.split_to(here).freeze())
            }
            Framing::Chunked(Chunks(chunked)) => chunked.decode(buffer),
            Framing::Close => Ok(buffer.split().freeze()),
        }
    }
}

fn content_length(headers: &HeaderMap) -> Result<Option<u64>, Malformed> {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Malformed::TwoContentLengths);
    }
    let digits = value.as_bytes();
    // A sign would be a number for `parse`.
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Malformed::ContentLength);
    }
    let digits = value.to_str().map_err(|_| Malformed::ContentLength)?;
    digits
        .parse()
        .map(Some)
        .map_err(|_| Malformed::ContentLength)
}

fn is_chunked(version: Version, headers: &HeaderMap) -> Result<bool, Malformed> {
    let mut values = headers.get_all(TRANSFER_ENCODING).iter();
    let Some(value) = values.next() else {
        return Ok(false);
    };
    let is_chunked = value
        .as_bytes()
        .trim_ascii()
        .eq_ignore_ascii_case(b"chunked");
    if !is_chunked || values.next().is_some() || version == Version::HTTP_10 {
        return Err(Malformed::TransferEncoding);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    fn of(method: &Method, status: u16, pairs: &[(&str, &str)]) -> Result<String, Malformed> {
        let status = StatusCode::from_u16(status).unwrap();
        let framing = Framing::of(method, status, Version::HTTP_11, &headers(pairs))?;
        Ok(match framing {
            Framing::Length(length) => length.to_string(),
            Framing::Chunked(_) => "chunked".to_owned(),
            Framing::Close => "close".to_owned(),
        })
    }

    #[test]
    fn what_the_headers_say() {
        let chunked = ("transfer-encoding", "Chunked");
        let length = ("content-length", "007");
        for (method, status, pairs, expected) in [
            (Method::POST, 200, &[length][..], "7"),
            (Method::POST, 200, &[chunked], "chunked"),
            (Method::POST, 200, &[], "close"),
            (Method::POST, 204, &[], "0"),
            (Method::POST, 204, &[length], "0"),
            (Method::GET, 304, &[length], "0"),
            (Method::GET, 304, &[chunked], "0"),
            (Method::HEAD, 200, &[length], "0"),
            (Method::HEAD, 200, &[chunked], "0"),
            (Method::HEAD, 200, &[], "0"),
        ] {
            assert_eq!(
                of(&method, status, pairs).unwrap(),
                expected,
                "{method} {status} {pairs:?}"
            );
        }
    }

    #[test]
    fn what_two_readers_could_understand_differently() {
        let length = |value| ("content-length", value);
        let coding = |value| ("transfer-encoding", value);
        for (pairs, why) in [
            (
                &[length("5"), coding("chunked")][..],
                Malformed::TwoFramings,
            ),
            (&[length("5"), length("6")], Malformed::TwoContentLengths),
            (&[length("5"), length("5")], Malformed::TwoContentLengths),
            (&[length("5, 5")], Malformed::ContentLength),
            (&[length("+5")], Malformed::ContentLength),
            (&[length("-5")], Malformed::ContentLength),
            (&[length("0x5")], Malformed::ContentLength),
            (&[length("")], Malformed::ContentLength),
            (&[length("18446744073709551616")], Malformed::ContentLength),
            (&[coding("gzip, chunked")], Malformed::TransferEncoding),
            (&[coding("chunked, chunked")], Malformed::TransferEncoding),
            (
                &[coding("chunked"), coding("chunked")],
                Malformed::TransferEncoding,
            ),
            (&[coding("identity")], Malformed::TransferEncoding),
            (&[coding("xchunked")], Malformed::TransferEncoding),
        ] {
            assert_eq!(of(&Method::POST, 200, pairs), Err(why), "{pairs:?}");
        }
        let chunked = headers(&[coding("chunked")]);
        let old = Framing::of(&Method::POST, StatusCode::OK, Version::HTTP_10, &chunked);
        assert!(matches!(old, Err(Malformed::TransferEncoding)));
    }

    #[test]
    fn a_length_takes_no_more_than_its_bytes() {
        let mut framing = Framing::Length(5);
        let mut buffer = BytesMut::from("abc".as_bytes());
        assert_eq!(framing.decode(&mut buffer).unwrap(), "abc");
        assert!(!framing.is_over());
        buffer.extend_from_slice(b"deX");
        assert_eq!(framing.decode(&mut buffer).unwrap(), "de");
        assert!(framing.is_over());
        assert_eq!(buffer, "X");
    }
}
