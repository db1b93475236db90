//! The coding `br`, of RFC 7932.

use std::{fmt, io};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::{Buf, Bytes};

/// Bytes that are made at a time: a few coded ones can stand for megabytes.
const OUT_BYTES: usize = 32 * 1024;

/// One stream. What follows its end is nobody's.
pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    has_ended: bool,
    holds_back: bool,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        let mut state = BrotliState::new(alloc(), alloc(), alloc());
        // Windows of a gigabyte are no part of the RFC.
        state.large_window = false;
        Brotli {
            state,
            has_ended: false,
            holds_back: false,
        }
    }

    /// True while bytes can be made of nothing new.
    pub(super) fn holds_back(&self) -> bool {
        self.holds_back
    }

    /// Takes of `coded` what becomes a piece.
    pub(super) fn undo(&mut self, coded: &mut Bytes) -> io::Result<Vec<u8>> {
        if self.has_ended {
            coded.clear();
            return Ok(Vec::new());
        }
        let mut plain = vec![0; OUT_BYTES];
        let (mut left, mut at) = (coded.len(), 0);
        let (mut room, mut end, mut total) = (OUT_BYTES, 0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut at,
            coded,
            &mut room,
            &mut end,
            &mut plain,
            &mut total,
            &mut self.state,
        );
        coded.advance(at);
        plain.truncate(end);
        self.holds_back = matches!(result, BrotliResult::NeedsMoreOutput);
        self.has_ended = matches!(result, BrotliResult::ResultSuccess);
        match result {
            BrotliResult::ResultFailure => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "this is no brotli",
            )),
            _ => Ok(plain),
        }
    }

    /// An error where the stream has not ended.
    pub(super) fn finish(&self) -> io::Result<()> {
        match self.has_ended {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl fmt::Debug for Brotli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Brotli")
    }
}
