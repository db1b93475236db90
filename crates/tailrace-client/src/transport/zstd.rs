//! The coding `zstd`, of RFC 8878.

use std::{fmt, io};

use bytes::{Buf, Bytes};
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

/// The largest window, as a power of two, that a server may use in HTTP, by RFC 9659: 8 MiB.
const WINDOW_LOG: u32 = 23;
/// Bytes that are made at a time: a few coded ones can stand for megabytes.
const OUT_BYTES: usize = 32 * 1024;

/// Frames, one after the other.
pub(super) struct Zstd {
    context: DCtx<'static>,
    /// True where a frame has ended and none has begun.
    is_between: bool,
    holds_back: bool,
}

impl Zstd {
    /// An error where there is no memory for it.
    pub(super) fn new() -> io::Result<Self> {
        let mut context = DCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?;
        context
            .set_parameter(DParameter::WindowLogMax(WINDOW_LOG))
            .map_err(fault)?;
        Ok(Zstd {
            context,
            is_between: true,
            holds_back: false,
        })
    }

    /// True while bytes can be made of nothing new.
    pub(super) fn holds_back(&self) -> bool {
        self.holds_back
    }

    /// Takes of `coded` what becomes a piece.
    pub(super) fn undo(&mut self, coded: &mut Bytes) -> io::Result<Vec<u8>> {
        let mut plain = Vec::with_capacity(OUT_BYTES);
        let mut output = OutBuffer::around(&mut plain);
        let mut input = InBuffer::around(coded);
        let left = self
            .context
            .decompress_stream(&mut output, &mut input)
            .map_err(fault)?;
        // What filled the block may go on.
        self.holds_back = output.pos() == OUT_BYTES;
        self.is_between = left == 0;
        let taken = input.pos();
        coded.advance(taken);
        Ok(plain)
    }

    /// An error where a frame has not ended.
    pub(super) fn finish(&self) -> io::Result<()> {
        match self.is_between {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

fn fault(code: usize) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, get_error_name(code))
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zstd")
    }
}
