//! The WHATWG event-stream decoder.

use bytes::{Bytes, BytesMut};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The longest line whose memory is used again for another one.
const KEPT_BYTES: usize = 64 * 1024;

/// One dispatched event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// The `event` field; empty when it was not given.
    pub name: Bytes,
    /// The `data` lines, joined by line feeds. Always valid UTF-8.
    pub data: Bytes,
}

impl Event {
    /// What it takes to hold the event, in bytes, once [`Event::detach`] has let go of the chunk that it came in.
    pub fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.name.len() + self.data.len()
    }

    /// Copies what is a part of a chunk, so that the event does not keep the rest of the chunk in memory.
    pub fn detach(&mut self) {
        self.name = Bytes::copy_from_slice(&self.name);
        self.data = Bytes::copy_from_slice(&self.data);
    }
}

/// An event went past the size cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge {
    /// The cap, in bytes.
    pub limit: usize,
}

/// Turns bytes into events.
///
/// Feed a chunk, take events until there is none, feed the next. A line that spans chunks is carried over and only ever
/// appended to, so that no byte is scanned twice.
#[derive(Debug)]
pub struct Decoder {
    chunk: Bytes,
    /// The start of a line whose end is not here yet.
    carry: BytesMut,
    /// The last line ended in CR, so an LF that comes next belongs to it.
    skip_lf: bool,
    first_line: bool,
    pending: Pending,
    last_event_id: Bytes,
    reconnection_ms: Option<u64>,
    max_event_bytes: usize,
}

#[derive(Debug, Default)]
struct Pending {
    name: Bytes,
    data: Data,
    bytes: usize,
}

/// One data line is a slice of the chunk that it came in; only a second one makes a copy.
#[derive(Debug, Default)]
enum Data {
    #[default]
    None,
    One(Bytes),
    Many(BytesMut),
}

impl Decoder {
    /// A decoder at the start of a stream, which refuses events of more than `max_event_bytes`.
    pub fn new(max_event_bytes: usize) -> Self {
        Decoder {
            chunk: Bytes::new(),
            carry: BytesMut::new(),
            skip_lf: false,
            first_line: true,
            pending: Pending::default(),
            last_event_id: Bytes::new(),
            reconnection_ms: None,
            max_event_bytes,
        }
    }

    /// Adds bytes. Whatever of the previous chunk was not taken yet is kept in front of them.
    pub fn feed(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else if !chunk.is_empty() {
            let mut joined = BytesMut::with_capacity(self.chunk.len() + chunk.len());
            joined.extend_from_slice(&self.chunk);
            joined.extend_from_slice(&chunk);
            self.chunk = joined.freeze();
        }
    }

    /// The next whole event, or `None` when more bytes are needed.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] once the lines of one event exceed the cap; the stream cannot be read any further.
    pub fn next_event(&mut self) -> Result<Option<Event>, TooLarge> {
        loop {
            if self.skip_lf && !self.chunk.is_empty() {
                self.skip_lf = false;
                if self.chunk.first() == Some(&b'\n') {
                    let _ = self.chunk.split_to(1);
                }
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', &self.chunk) else {
                self.reserve(self.carry.len() + self.chunk.len())?;
                self.carry.extend_from_slice(&self.chunk);
                self.chunk = Bytes::new();
                return Ok(None);
            };
            self.reserve(self.carry.len() + end)?;
            let part = self.chunk.split_to(end);
            let terminator = self.chunk.split_to(1);
            self.skip_lf = terminator.first() == Some(&b'\r');
            let line = if self.carry.is_empty() {
                part
            } else {
                self.carry.extend_from_slice(&part);
                self.carried()
            };
            if let Some(event) = self.line(line) {
                return Ok(Some(event));
            }
        }
    }

    /// Ends the input as if a blank line followed, and returns the event that this completes.
    pub fn flush(&mut self) -> Option<Event> {
        let rest = self.carried();
        if !rest.is_empty() {
            self.line(rest);
        }
        self.dispatch()
    }

    /// The last `id` that the stream gave; empty when it gave none.
    pub fn last_event_id(&self) -> &Bytes {
        &self.last_event_id
    }

    /// The last `retry` that the stream gave, in milliseconds.
    pub fn reconnection_ms(&self) -> Option<u64> {
        self.reconnection_ms
    }

    fn reserve(&self, line_bytes: usize) -> Result<(), TooLarge> {
        if self.pending.bytes + line_bytes > self.max_event_bytes {
            return Err(TooLarge {
                limit: self.max_event_bytes,
            });
        }
        Ok(())
    }

    /// Takes the line that was carried over. Its memory serves the next one as well, unless the line was so large that it
    /// would keep the most that the stream ever needed.
    fn carried(&mut self) -> Bytes {
        if self.carry.len() > KEPT_BYTES {
            return std::mem::take(&mut self.carry).freeze();
        }
        self.carry.split().freeze()
    }

    fn line(&mut self, mut line: Bytes) -> Option<Event> {
        // A BOM can only open the first line, and lines are looked at when they are whole, so its three bytes may come
        // in any split.
        if self.first_line {
            self.first_line = false;
            if line.starts_with(BOM) {
                let _ = line.split_to(BOM.len());
            }
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let line_bytes = line.len();
        let colon = memchr::memchr(b':', &line).unwrap_or(line.len());
        let mut value = line.slice(colon..);
        if !value.is_empty() {
            let space = usize::from(value.get(1) == Some(&b' '));
            let _ = value.split_to(1 + space);
        }
        match line.get(..colon).unwrap_or_default() {
            b"data" => {
                self.pending.bytes += line_bytes;
                self.pending.data.push(value);
            }
            b"event" => {
                self.pending.bytes += line_bytes;
                self.pending.name = value;
            }
            b"id" if !value.contains(&0) => {
                // A copy, because a slice would keep its chunk alive for the rest of the stream.
                self.last_event_id = valid_utf8(Bytes::copy_from_slice(&value));
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                // A number past u64 names no delay that anybody can wait for.
                self.reconnection_ms = std::str::from_utf8(&value)
                    .ok()
                    .and_then(|digits| digits.parse().ok());
            }
            // Comments (an empty name) and unknown fields. Nothing is kept of them, so any number may come.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        let pending = std::mem::take(&mut self.pending);
        let data = match pending.data {
            Data::None => return None,
            Data::One(line) => line,
            Data::Many(lines) => lines.freeze(),
        };
        Some(Event {
            name: valid_utf8(pending.name),
            data: valid_utf8(data),
        })
    }
}

impl Data {
    fn push(&mut self, line: Bytes) {
        *self = match std::mem::take(self) {
            Data::None => Data::One(line),
            Data::One(first) => {
                let mut lines = BytesMut::with_capacity(first.len() + 1 + line.len());
                lines.extend_from_slice(&first);
                Data::append(lines, &line)
            }
            Data::Many(lines) => Data::append(lines, &line),
        };
    }

    fn append(mut lines: BytesMut, line: &[u8]) -> Data {
        lines.extend_from_slice(b"\n");
        lines.extend_from_slice(line);
        Data::Many(lines)
    }
}

/// The standard decodes with U+FFFD for what is no UTF-8; valid text, the usual case, is not copied.
fn valid_utf8(bytes: Bytes) -> Bytes {
    if std::str::from_utf8(&bytes).is_ok() {
        return bytes;
    }
    Bytes::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_within_one_chunk_is_not_copied() {
        let chunk = Bytes::from_static(b"event: a\ndata: {\"x\":1}\n\n");
        let mut decoder = Decoder::new(1 << 20);
        decoder.feed(chunk.clone());
        let event = decoder.next_event().unwrap().unwrap();
        assert!(chunk.as_ptr_range().contains(&event.data.as_ptr()));
        assert!(chunk.as_ptr_range().contains(&event.name.as_ptr()));
    }

    #[test]
    fn one_large_line_does_not_keep_its_memory_for_the_rest_of_the_stream() {
        let mut decoder = Decoder::new(1 << 30);
        let line = vec![b'x'; 8 * KEPT_BYTES];
        for piece in [&b"data:"[..], &line, b"\n\n"] {
            decoder.feed(Bytes::copy_from_slice(piece));
            while let Some(event) = decoder.next_event().unwrap() {
                assert_eq!(event.data.len(), line.len());
            }
        }
        assert_eq!(decoder.carry.capacity(), 0);
    }

    #[test]
    fn the_cap_counts_what_is_kept_of_an_event_and_the_line_that_is_read() {
        for (input, allowed) in [
            (&b"data: 1234\n\n"[..], true),
            (b"data: 12345\n\n", false),
            (b"data: 12345", false),
            (b"data\ndata\n: x\n\n", false),
            (b": 123\n: 456\nid: 7\nx: 8\ndata: 9\n\n", true),
            (b"event: 1\ndata: 2\n\n", false),
            (b": 123456789\n\n", false),
            (b"data: 1\n\ndata: 2\n\ndata: 3\n\n", true),
        ] {
            for step in [1, input.len()] {
                let mut decoder = Decoder::new(10);
                let fits = input.chunks(step).all(|chunk| {
                    decoder.feed(Bytes::copy_from_slice(chunk));
                    loop {
                        match decoder.next_event() {
                            Ok(Some(_)) => {}
                            Ok(None) => break true,
                            Err(TooLarge { limit: 10 }) => break false,
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                });
                assert_eq!(fits, allowed, "{input:?} in steps of {step}");
            }
        }
    }
}
