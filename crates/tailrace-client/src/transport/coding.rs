//! Content codings, undone while a body comes.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};

use super::{brotli::Brotli, zstd::Zstd};

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
    /// How many bytes the body may still grow to.
    left: u64,
    most: u64,
    /// All of that was handed over, and more came.
    is_over: bool,
}

/// Why a coding could not be undone.
#[derive(Debug)]
pub(super) enum Fault {
    /// The bytes are not what the coding makes, or end too early.
    Coded(io::Error),
    /// There are more than so many.
    TooMany(u64),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Coded(error)
    }
}

#[derive(Debug)]
enum Decoder {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// Not known yet whether the two bytes of zlib are there, which `deflate` asks for and some servers leave out.
    Deflate(Vec<u8>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Raw(Box<DeflateDecoder<Vec<u8>>>),
    Brotli(Box<Brotli>),
    Zstd(Zstd),
}

impl Coding {
    /// The coding that these headers name, if it is one that is undone. What then no longer is true of the body goes.
    /// More than `most` bytes are not made of it.
    pub(super) fn take(headers: &mut HeaderMap, most: u64) -> Option<Self> {
        let named = headers.get(CONTENT_ENCODING)?.as_bytes().trim_ascii();
        let decoder = match named.to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Decoder::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            b"deflate" => Decoder::Deflate(Vec::new()),
            b"br" => Decoder::Brotli(Box::new(Brotli::new())),
            b"zstd" => Decoder::Zstd(Zstd::new().ok()?),
            _ => return None,
        };
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Some(Coding {
            coded: Bytes::new(),
            decoder,
            has_begun: false,
            left: most,
            most,
            is_over: false,
        })
    }

    /// Adds coded bytes. All earlier ones must have been undone.
    pub(super) fn feed(&mut self, coded: Bytes) {
        self.has_begun |= !coded.is_empty();
        self.coded = coded;
    }

    /// Undoes a piece of what was added; `None` once nothing is left of it.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        if self.is_over {
            return Err(Fault::TooMany(self.most));
        }
        while !self.coded.is_empty() || self.decoder.holds_back() {
            let plain = match &mut self.decoder {
                Decoder::Brotli(decoder) => decoder.undo(&mut self.coded)?,
                Decoder::Zstd(decoder) => decoder.undo(&mut self.coded)?,
                decoder => {
                    let step = self.coded.split_to(self.coded.len().min(STEP_BYTES));
                    decoder.undo(&step)?
                }
            };
            if !plain.is_empty() {
                return self.up_to_the_cap(plain).map(Some);
            }
        }
        Ok(None)
    }

    /// What was allowed is handed over before the fault is told: events of a stream are among it.
    fn up_to_the_cap(&mut self, mut plain: Vec<u8>) -> Result<Bytes, Fault> {
        let made = u64::try_from(plain.len()).unwrap_or(u64::MAX);
        if let Some(left) = self.left.checked_sub(made) {
            self.left = left;
            return Ok(plain.into());
        }
        if self.left == 0 {
            return Err(Fault::TooMany(self.most));
        }
        plain.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.is_over = true;
        Ok(plain.into())
    }

    /// What the end of the body completes. An error when the coded bytes ended too early; a body without any is empty.
    pub(super) fn finish(&mut self) -> Result<Option<Bytes>, Fault> {
        if !std::mem::take(&mut self.has_begun) {
            return Ok(None);
        }
        let plain = self.decoder.finish()?;
        if plain.is_empty() {
            return Ok(None);
        }
        // Nothing is asked for after the end, so a fault has to be told with it.
        let plain = self.up_to_the_cap(plain)?;
        if self.is_over {
            return Err(Fault::TooMany(self.most));
        }
        Ok(Some(plain))
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
            // Those say themselves how much they take.
            Decoder::Brotli(_) | Decoder::Zstd(_) => Ok(Vec::new()),
        }
    }

    fn holds_back(&self) -> bool {
        match self {
            Decoder::Brotli(decoder) => decoder.holds_back(),
            Decoder::Zstd(decoder) => decoder.holds_back(),
            _ => false,
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
            Decoder::Brotli(decoder) => decoder.finish().map(|()| Vec::new()),
            Decoder::Zstd(decoder) => decoder.finish().map(|()| Vec::new()),
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
    use crate::transport::fuzzing;

    fn coding(name: &'static str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("9"));
        let coding = Coding::take(&mut headers, 64 << 20);
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

    fn brotli(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ::brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18);
        encoder.write_all(plain).unwrap();
        encoder.into_inner()
    }

    fn zstd(plain: &[u8]) -> Vec<u8> {
        let mut coded = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
        zstd_safe::compress(&mut coded, plain, 3).unwrap();
        coded
    }

    fn undo(name: &'static str, pieces: &[&[u8]]) -> Result<Vec<u8>, Fault> {
        let mut plain = Vec::new();
        fuzzing::undo(&mut coding(name).unwrap(), pieces, &mut plain)?;
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
            ("br", brotli(&plain)),
            ("zstd", zstd(&plain)),
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
    fn what_the_server_flushed_comes_at_once_in_the_newer_codings_too() {
        let mut encoder = ::brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18);
        encoder.write_all(b"data: 1\n\n").unwrap();
        encoder.flush().unwrap();
        let brotli = encoder.get_ref().clone();
        let mut context = zstd_safe::CCtx::create();
        let mut zstd = Vec::with_capacity(1024);
        let mut out = zstd_safe::OutBuffer::around(&mut zstd);
        let mut plain = zstd_safe::InBuffer::around(b"data: 1\n\n");
        context.compress_stream(&mut out, &mut plain).unwrap();
        while context.flush_stream(&mut out).unwrap() > 0 {}
        for (name, coded) in [("br", brotli), ("zstd", zstd)] {
            let mut coding = coding(name).unwrap();
            coding.feed(coded.into());
            assert_eq!(coding.next().unwrap().unwrap(), "data: 1\n\n", "{name}");
            assert!(coding.next().unwrap().is_none());
            // It goes on; an end now would be too early.
            assert!(coding.finish().is_err(), "{name}");
        }
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
            ("br", brotli(b"text")),
            ("zstd", zstd(b"text")),
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
    fn a_bomb_comes_in_pieces_and_no_further_than_to_the_cap() {
        let zeros = vec![0; 8 << 20];
        for (name, coded) in [
            ("gzip", gzip(&zeros)),
            ("br", brotli(&zeros)),
            ("zstd", zstd(&zeros)),
        ] {
            let mut whole = coding(name).unwrap();
            whole.feed(coded.clone().into());
            let mut seen = 0;
            while let Some(piece) = whole.next().unwrap() {
                seen += piece.len();
            }
            assert_eq!(seen, 8 << 20);
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
            let mut capped = Coding::take(&mut headers, 1 << 20).unwrap();
            capped.feed(coded.into());
            let mut seen = 0;
            let fault = loop {
                match capped.next() {
                    Ok(piece) => seen += piece.unwrap().len(),
                    Err(fault) => break fault,
                }
            };
            assert_eq!(seen, 1 << 20, "{name}");
            assert!(
                matches!(fault, Fault::TooMany(most) if most == 1 << 20),
                "{name}"
            );
        }
    }

    #[test]
    fn other_codings_are_left_alone() {
        assert!(coding("compress").is_none());
        assert!(coding("identity").is_none());
    }
}
