//! permessage-deflate, RFC 7692: what is asked for, what is agreed, and messages made small and large by it.

use std::{fmt, io, ops::RangeInclusive, str::FromStr};

use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::close::{Fault, broke, too_long};

/// The name of the extension.
const NAME: &str = "permessage-deflate";
/// What a message's end leaves out: section 7.2.1.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// A window is of 2 to the power of so many bytes: section 7.1.2.
const WINDOW_BITS: RangeInclusive<u8> = 8..=15;
const MOST_WINDOW_BITS: u8 = *WINDOW_BITS.end();
/// zlib has no smaller window: `windowBits` of `deflateInit2` in its manual.
const LEAST_ZLIB_BITS: u8 = 9;
/// So many bytes of a message are deflated at a time, so that the streams of the same thread go on.
const SLICE_BYTES: usize = 64 * 1024;
/// So many characters of what does not fit are shown: a header may be long.
const SHOWN: usize = 80;
/// Room is made for so many inflated bytes at least.
const LEAST_ROOM: usize = 4 * 1024;

/// What a handshake asks for: section 7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeflateOffer {
    /// The server shall deflate each message by itself.
    pub server_no_context_takeover: bool,
    /// Messages that are sent are deflated each by itself.
    pub client_no_context_takeover: bool,
    /// The server's window shall have at most so many bits, 8 to 15.
    pub server_max_window_bits: Option<u8>,
    /// The server may say how large the window of what is sent is, at most so many bits, 8 to 15; `None` offers no such choice.
    pub client_max_window_bits: Option<u8>,
    /// Messages of fewer bytes go as they are where each is deflated by itself.
    pub threshold: usize,
}

impl Default for DeflateOffer {
    /// Any windows of up to 32 KiB, which are kept from message to message.
    fn default() -> Self {
        DeflateOffer {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: None,
            client_max_window_bits: Some(MOST_WINDOW_BITS),
            threshold: 0,
        }
    }
}

/// The value of `Sec-WebSocket-Extensions`.
impl fmt::Display for DeflateOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; server_max_window_bits={bits}")?;
        }
        match self.client_max_window_bits {
            // Without a value it says the same.
            Some(MOST_WINDOW_BITS) => f.write_str("; client_max_window_bits"),
            Some(bits) => write!(f, "; client_max_window_bits={bits}"),
            None => Ok(()),
        }
    }
}

/// What is agreed for one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Side {
    window_bits: u8,
    /// The window is kept from message to message.
    keeps: bool,
}

/// What both sides agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreed {
    server: Side,
    client: Side,
    threshold: usize,
}

/// Reads the value of `Sec-WebSocket-Extensions`; the error says what is wrong with it.
impl FromStr for DeflateOffer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Parameters { server, client } = Parameters::read(text, Some(MOST_WINDOW_BITS))?;
        Ok(DeflateOffer {
            server_no_context_takeover: server.resets,
            client_no_context_takeover: client.resets,
            server_max_window_bits: server.bits,
            client_max_window_bits: client.bits,
            threshold: 0,
        })
    }
}

impl DeflateOffer {
    /// What the server's answer makes of it, which is the header's values joined by commas.
    ///
    /// # Errors
    /// The answer accepts what was not offered, or not what was asked for; the text says what.
    pub(super) fn agree(&self, answer: &str) -> Result<Agreed, String> {
        let Parameters { server, client } = Parameters::read(answer, None)?;
        if self.server_no_context_takeover && !server.resets {
            return Err(lacking("server_no_context_takeover", "which was asked for"));
        }
        let most = self.server_max_window_bits;
        if most.is_some_and(|most| server.bits.is_none_or(|bits| bits > most)) {
            return Err(lacking(
                "server_max_window_bits",
                "as small as was asked for",
            ));
        }
        let most = self.client_max_window_bits;
        if client
            .bits
            .is_some_and(|bits| most.is_none_or(|most| bits > most))
        {
            return Err(format!(
                "{NAME} has a client_max_window_bits that was not offered"
            ));
        }
        Ok(Agreed {
            server: Side {
                window_bits: server.bits.unwrap_or(MOST_WINDOW_BITS),
                keeps: !server.resets,
            },
            client: Side {
                window_bits: client.bits.or(most).unwrap_or(MOST_WINDOW_BITS),
                keeps: !client.resets && !self.client_no_context_takeover,
            },
            threshold: self.threshold,
        })
    }
}

fn lacking(parameter: &str, which: &str) -> String {
    format!("{NAME} lacks a {parameter}, {which}")
}

/// The parameters of an offer or an answer: section 7.1.
#[derive(Default)]
struct Parameters {
    server: OfSide,
    client: OfSide,
}

/// Those of one side, as they come.
#[derive(Default)]
struct OfSide {
    resets: bool,
    bits: Option<u8>,
}

impl Parameters {
    /// In an offer, and in no answer, the client's window may be named without a size, which then is `bare`.
    fn read(text: &str, bare: Option<u8>) -> Result<Self, String> {
        let mut parts = text.split(';').map(str::trim);
        if text.contains(',')
            || !parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
        {
            return Err(format!("`{text:.SHOWN$}` is not {NAME} alone"));
        }
        let mut found = Parameters::default();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(unquoted(value.trim_start()))),
                None => (part, None),
            };
            let is_new = match name {
                "server_no_context_takeover" => found.server.resets(value),
                "client_no_context_takeover" => found.client.resets(value),
                "server_max_window_bits" => found.server.window(value, None),
                "client_max_window_bits" => found.client.window(value, bare),
                _ => false,
            };
            if !is_new {
                return Err(format!(
                    "{NAME} has the parameter `{part:.SHOWN$}`, which may not be there"
                ));
            }
        }
        Ok(found)
    }
}

impl OfSide {
    /// False where the parameter was there already, or has a value.
    fn resets(&mut self, value: Option<&str>) -> bool {
        value.is_none() && !std::mem::replace(&mut self.resets, true)
    }

    /// False where the parameter was there already, or its value is no size: a number without a zero before it.
    fn window(&mut self, value: Option<&str>, bare: Option<u8>) -> bool {
        let bits = match value {
            Some(value) if value.starts_with(['0', '+']) => None,
            Some(value) => value.parse().ok(),
            None => bare,
        };
        let bits = bits.filter(|bits| WINDOW_BITS.contains(bits));
        bits.is_some() && std::mem::replace(&mut self.bits, bits).is_none()
    }
}

/// A value that may be a quoted string.
fn unquoted(value: &str) -> &str {
    let inner = value
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'));
    inner.unwrap_or(value)
}

/// Makes messages of the server large again.
#[derive(Debug)]
pub(super) struct Inflater {
    stream: Decompress,
    keeps: bool,
}

impl Inflater {
    pub(super) fn new(agreed: &Agreed) -> Self {
        let Side { window_bits, keeps } = agreed.server;
        // A window that is larger than the server's reads the same.
        let bits = window_bits.max(LEAST_ZLIB_BITS);
        Inflater {
            stream: Decompress::new_with_window_bits(false, bits),
            keeps,
        }
    }

    /// Adds to a message of at most so many bytes what a piece of it is inflated; with `is_last` the message is whole.
    ///
    /// # Errors
    /// See [`Frames::next`](super::frames::Frames::next).
    pub(super) fn add(
        &mut self,
        message: &mut Vec<u8>,
        piece: &[u8],
        is_last: bool,
        most_bytes: usize,
    ) -> Result<(), Fault> {
        self.inflate(message, piece, most_bytes)?;
        if is_last {
            self.inflate(message, &TAIL, most_bytes)?;
            if !self.keeps {
                self.stream.reset(false);
            }
        }
        Ok(())
    }

    fn inflate(
        &mut self,
        message: &mut Vec<u8>,
        mut piece: &[u8],
        most_bytes: usize,
    ) -> Result<(), Fault> {
        loop {
            if message.len() == message.capacity() {
                // One byte more than it may have tells that it has more.
                let most = (most_bytes - message.len()).saturating_add(1);
                message.reserve_exact(message.len().max(LEAST_ROOM).min(most));
            }
            let before = self.stream.total_in();
            let status = self
                .stream
                .decompress_vec(piece, message, FlushDecompress::Sync)
                .map_err(|error| (1002, broke(format!("{NAME}: {}", io::Error::from(error)))))?;
            let taken = usize::try_from(self.stream.total_in() - before).unwrap_or(usize::MAX);
            piece = piece.get(taken..).unwrap_or_default();
            if message.len() > most_bytes {
                return Err(too_long(message.len() as u64, most_bytes));
            }
            if let Status::StreamEnd = status {
                // A block that calls itself the last ends a stream, not the message: section 7.2.3.5.
                self.stream.reset(false);
            }
            if piece.is_empty() && message.len() < message.capacity() {
                return Ok(());
            }
        }
    }
}

/// Makes messages small before they are sent.
#[derive(Debug)]
pub(super) struct Deflater {
    side: Side,
    threshold: usize,
    /// Made by the first message.
    stream: Option<Compress>,
    /// What the message that is being deflated has become so far.
    small: Vec<u8>,
    /// So many bytes of it are deflated.
    taken: usize,
}

impl Deflater {
    pub(super) fn new(agreed: &Agreed) -> Self {
        Deflater {
            side: agreed.client,
            threshold: agreed.threshold,
            stream: None,
            small: Vec::new(),
            taken: 0,
        }
    }

    /// A message is between two steps.
    pub(super) fn is_midway(&self) -> bool {
        self.taken > 0
    }

    /// Whether a message is deflated. Any may go as it is: section 6.
    pub(super) fn takes(&self, message: &[u8]) -> bool {
        let least = if self.side.keeps { 0 } else { self.threshold };
        // Of the smallest window that can be agreed on zlib has none.
        self.side.window_bits >= LEAST_ZLIB_BITS && !message.is_empty() && message.len() >= least
    }

    /// Deflates a slice of the message; gives what it has become once that was the last. It is called for one message until then.
    ///
    /// # Errors
    /// The library's, for which nothing is known that leads to one.
    pub(super) fn step(&mut self, message: &[u8]) -> Result<Option<Bytes>, io::Error> {
        let Side { window_bits, keeps } = self.side;
        let stream = self.stream.get_or_insert_with(|| {
            Compress::new_with_window_bits(Compression::default(), false, window_bits)
        });
        let rest = message.get(self.taken..).unwrap_or_default();
        let (mut slice, is_last) = match rest.get(..SLICE_BYTES) {
            Some(slice) if rest.len() > SLICE_BYTES => (slice, false),
            _ => (rest, true),
        };
        self.taken += slice.len();
        let flush = if is_last {
            FlushCompress::Sync
        } else {
            FlushCompress::None
        };
        loop {
            if self.small.len() == self.small.capacity() {
                self.small.reserve(LEAST_ROOM.max(slice.len() / 2));
            }
            let before = stream.total_in();
            stream.compress_vec(slice, &mut self.small, flush)?;
            let taken = usize::try_from(stream.total_in() - before).unwrap_or(usize::MAX);
            slice = slice.get(taken..).unwrap_or_default();
            if slice.is_empty() && self.small.len() < self.small.capacity() {
                break;
            }
        }
        if !is_last {
            return Ok(None);
        }
        if !keeps {
            stream.reset();
        }
        self.taken = 0;
        let mut small = std::mem::take(&mut self.small);
        if small.ends_with(&TAIL) {
            small.truncate(small.len() - TAIL.len());
        }
        Ok(Some(small.into()))
    }
}

#[cfg(test)]
mod tests;
