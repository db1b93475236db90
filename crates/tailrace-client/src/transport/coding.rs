//! Content codings, undone while a body comes.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};

/// Coded bytes that are undone at a time, so that a body of zeros grows by megabytes and not by gigabytes between two
/// looks at whether anybody wants it.
const STEP_BYTES: usize = 2048;

/// Undoes the coding of one body.
#[derive(Debug)]
pub(super) struct Coding {
    /// Coded bytes that wait.
    coded: Bytes,
    decoder: Decoder,
    has_begun: bool,
}

#[derive(Debug)]
enum Decoder {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// Not known yet whether the two bytes of zlib are there, which `deflate` asks for and some servers leave out.
    Deflate(Vec<u8>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Raw(Box<DeflateDecoder<Vec<u8>>>),
}

impl Coding {
    /// The coding that these headers name, if it is one that is undone. What then no longer is true of the body goes.
    pub(super) fn take(headers: &mut HeaderMap) -> Option<Self> {
        let named = headers.get(CONTENT_ENCODING)?.as_bytes().trim_ascii();
        let decoder =
            if named.eq_ignore_ascii_case(b"gzip") || named.eq_ignore_ascii_case(b"x-gzip") {
                Decoder::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
            } else if named.eq_ignore_ascii_case(b"deflate") {
                Decoder::Deflate(Vec::new())
            } else {
                return None;
            };
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Some(Coding {
            coded: Bytes::new(),
            decoder,
            has_begun: false,
        })
    }

    /// Adds coded bytes. All earlier ones must have been undone.
    pub(super) fn feed(&mut self, coded: Bytes) {
        self.has_begun |= !coded.is_empty();
        self.coded = coded;
    }

    /// Undoes a piece of what was added; `None` once nothing is left of it.
    pub(super) fn next(&mut self) -> io::Result<Option<Bytes>> {
        while !self.coded.is_empty() {
            let step = self.coded.split_to(self.coded.len().min(STEP_BYTES));
            let plain = self.decoder.undo(&step)?;
            if !plain.is_empty() {
                return Ok(Some(plain.into()));
            }
        }
        Ok(None)
    }

    /// What the end of the body completes. An error when the coded bytes ended too early; a body without any is empty.
    pub(super) fn finish(&mut self) -> io::Result<Option<Bytes>> {
        if !std::mem::take(&mut self.has_begun) {
            return Ok(None);
        }
        let plain = self.decoder.finish()?;
        Ok((!plain.is_empty()).then(|| plain.into()))
    }
}

impl Decoder {
    fn undo(&mut self, coded: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Decoder::Gzip(decoder) => {
                decoder.write_all(coded)?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Decoder::Zlib(decoder) => {
                write_until_end(decoder.as_mut(), coded)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Decoder::Raw(decoder) => {
                write_until_end(decoder.as_mut(), coded)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Decoder::Deflate(first) => {
                first.extend_from_slice(coded);
                let &[method, flags, ..] = first.as_slice() else {
                    return Ok(Vec::new());
                };
                let first = std::mem::take(first);
                // RFC 1950: method 8, and the two bytes as a number are a multiple of 31.
                let is_zlib = method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0;
                *self = if is_zlib {
                    Decoder::Zlib(Box::new(ZlibDecoder::new(Vec::new())))
                } else {
                    Decoder::Raw(Box::new(DeflateDecoder::new(Vec::new())))
                };
                self.undo(&first)
            }
        }
    }

    fn finish(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Decoder::Gzip(decoder) => {
                decoder.try_finish()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Decoder::Zlib(decoder) => {
                decoder.try_finish()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Decoder::Raw(decoder) => {
                decoder.try_finish()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Decoder::Deflate(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Writes until everything was taken or the coded data has ended; what follows its end is nobody's.
fn write_until_end(decoder: &mut impl Write, mut coded: &[u8]) -> io::Result<()> {
    while !coded.is_empty() {
        match decoder.write(coded)? {
            0 => break,
            taken => coded = coded.get(taken..).unwrap_or_default(),
        }
    }
    decoder.flush()
}

#[cfg(test)]
mod tests {
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use http::HeaderValue;

    use super::*;

    fn coding(name: &'static str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("9"));
        let coding = Coding::take(&mut headers);
        assert_eq!(headers.is_empty(), coding.is_some());
        coding
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(plain: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn undo(name: &'static str, pieces: &[&[u8]]) -> io::Result<Vec<u8>> {
        let mut coding = coding(name).unwrap();
        let mut plain = Vec::new();
        for piece in pieces {
            coding.feed(Bytes::copy_from_slice(piece));
            while let Some(piece) = coding.next()? {
                plain.extend_from_slice(&piece);
            }
        }
        if let Some(piece) = coding.finish()? {
            plain.extend_from_slice(&piece);
        }
        Ok(plain)
    }

    #[test]
    fn each_coding_is_undone_at_every_split() {
        let plain: Vec<u8> = (0..400_u32)
            .flat_map(|number| (number * 7).to_le_bytes())
            .collect();
        for (name, coded) in [
            ("gzip", gzip(&plain)),
            ("X-GZIP", gzip(&plain)),
            ("deflate", zlib(&plain)),
            ("deflate", raw(&plain)),
        ] {
            for at in 0..=coded.len() {
                let (before, after) = coded.split_at(at);
                assert_eq!(
                    undo(name, &[before, after]).unwrap(),
                    plain,
                    "{name} at {at}"
                );
            }
            let bytes: Vec<&[u8]> = coded.chunks(1).collect();
            assert_eq!(undo(name, &bytes).unwrap(), plain, "{name}");
        }
    }

    #[test]
    fn what_the_server_flushed_comes_at_once() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"data: 1\n\n").unwrap();
        encoder.flush().unwrap();
        let mut coding = coding("gzip").unwrap();
        coding.feed(Bytes::copy_from_slice(encoder.get_ref()));
        assert_eq!(coding.next().unwrap().unwrap(), "data: 1\n\n");
        assert!(coding.next().unwrap().is_none());
    }

    #[test]
    fn several_members_are_one_body() {
        let coded = [gzip(b"one"), gzip(b" two")].concat();
        assert_eq!(undo("gzip", &[&coded]).unwrap(), b"one two");
    }

    #[test]
    fn an_early_end_and_what_is_no_coded_data_are_errors() {
        for (name, coded) in [
            ("gzip", gzip(b"text")),
            ("deflate", zlib(b"text")),
            ("deflate", raw(b"text")),
        ] {
            for end in 1..coded.len() {
                assert!(undo(name, &[&coded[..end]]).is_err(), "{name} to {end}");
            }
            assert!(undo(name, &[b"<html>this is no coded data at all</html>"]).is_err());
        }
    }

    #[test]
    fn no_body_at_all_is_an_empty_one() {
        assert_eq!(undo("gzip", &[]).unwrap(), b"");
        assert_eq!(undo("deflate", &[b""]).unwrap(), b"");
    }

    #[test]
    fn a_bomb_comes_in_pieces() {
        let coded = gzip(&vec![0; 64 << 20]);
        let mut coding = coding("gzip").unwrap();
        coding.feed(coded.into());
        let mut seen = 0;
        while let Some(piece) = coding.next().unwrap() {
            assert!(piece.len() < 4 << 20, "{}", piece.len());
            seen += piece.len();
        }
        assert_eq!(seen, 64 << 20);
    }

    #[test]
    fn other_codings_are_left_alone() {
        assert!(coding("br").is_none());
        assert!(coding("identity").is_none());
    }
}
