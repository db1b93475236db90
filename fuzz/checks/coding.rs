//! Any bytes as a coded body become the same text in every cut, never more than the cap, and what other decoders make of
//! them.

#[allow(clippy::duplicate_mod, reason = "each target is a crate of its own")]
mod cuts;

use std::io::{ErrorKind, Read};

use http::{HeaderMap, HeaderValue};
use tailrace_client::fuzzing::undone;

const MOST_BYTES: u64 = 1 << 20;

pub(crate) fn check(input: &[u8]) {
    let Some((how, input)) = input.split_first() else {
        return;
    };
    let name = ["gzip", "deflate", "br", "zstd"][usize::from(how % 4)];
    let (coded, pieces) = cuts::cut(input);
    let undo = |pieces: &[&[u8]]| {
        let mut headers = HeaderMap::new();
        headers.insert("content-encoding", HeaderValue::from_static(name));
        undone(headers, MOST_BYTES, pieces).expect("it is one of ours")
    };
    let (plain, is_good) = undo(&[coded]);
    let (cut, is_good_cut) = undo(&pieces);
    assert!(plain.len() as u64 <= MOST_BYTES && cut.len() as u64 <= MOST_BYTES);
    assert_eq!(is_good, is_good_cut, "{name}");
    if !is_good {
        return;
    }
    assert_eq!(plain, cut, "{name}");
    let mut other = Vec::new();
    let read = match name {
        "gzip" => flate2::read::MultiGzDecoder::new(coded).read_to_end(&mut other),
        "deflate" if coded.is_empty() => Ok(0),
        "deflate" => {
            let mut zlib = Vec::new();
            match flate2::read::ZlibDecoder::new(coded).read_to_end(&mut zlib) {
                Ok(count) => {
                    other = zlib;
                    Ok(count)
                }
                Err(_) => flate2::read::DeflateDecoder::new(coded).read_to_end(&mut other),
            }
        }
        "br" => brotli::Decompressor::new(coded, 4096).read_to_end(&mut other),
        _ => {
            other = Vec::with_capacity(MOST_BYTES as usize);
            zstd_safe::decompress(&mut other, coded).map_err(|_| ErrorKind::InvalidData.into())
        }
    };
    if read.is_ok() {
        assert_eq!(plain, other, "{name}");
    }
}
