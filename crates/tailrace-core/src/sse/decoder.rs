//! The WHATWG event-stream decoder.

use bytes::{Bytes, BytesMut};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One dispatched event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// The `event` field; empty when it was not given.
    pub name: Bytes,
    /// The `data` lines, joined by line feeds. Always valid UTF-8.
    pub data: Bytes,
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
                self.carry.split().freeze()
            };
            if let Some(event) = self.line(line) {
                return Ok(Some(event));
            }
        }
    }

    /// Ends the input as if a blank line followed, and returns the event that this completes.
    pub fn flush(&mut self) -> Option<Event> {
        let rest = self.carry.split().freeze();
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
        self.pending.bytes += line.len();
        let colon = memchr::memchr(b':', &line).unwrap_or(line.len());
        let mut value = line.slice(colon..);
        if !value.is_empty() {
            let space = usize::from(value.get(1) == Some(&b' '));
            let _ = value.split_to(1 + space);
        }
        match line.get(..colon).unwrap_or_default() {
            b"data" => self.pending.data.push(value),
            b"event" => self.pending.name = value,
            b"id" if !value.contains(&0) => {
                // A copy, because a slice would keep its chunk alive for the rest of the stream.
                self.last_event_id = Bytes::copy_from_slice(&value);
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                // A number past u64 names no delay that anybody can wait for.
                self.reconnection_ms = std::str::from_utf8(&value)
                    .ok()
                    .and_then(|digits| digits.parse().ok());
            }
            // Comments (an empty name) and unknown fields.
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

    fn decode(chunks: impl IntoIterator<Item = Vec<u8>>) -> Vec<(String, String)> {
        let mut decoder = Decoder::new(1 << 20);
        let mut events = Vec::new();
        for chunk in chunks {
            decoder.feed(Bytes::from(chunk));
            while let Some(event) = decoder.next_event().unwrap() {
                events.push((
                    String::from_utf8(event.name.to_vec()).unwrap(),
                    String::from_utf8(event.data.to_vec()).unwrap(),
                ));
            }
        }
        events
    }

    /// Decodes whole, byte by byte, and at every single split.
    #[track_caller]
    fn check_named(input: &[u8], expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, data)| ((*name).to_owned(), (*data).to_owned()))
            .collect();
        assert_eq!(decode([input.to_vec()]), expected, "whole");
        assert_eq!(
            decode(input.iter().map(|byte| vec![*byte])),
            expected,
            "byte by byte"
        );
        for split in 0..=input.len() {
            let (head, tail) = input.split_at(split);
            assert_eq!(
                decode([head.to_vec(), tail.to_vec()]),
                expected,
                "split at {split}"
            );
        }
    }

    #[track_caller]
    fn check(input: &[u8], expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|data| ("", *data)).collect();
        check_named(input, &expected);
    }

    #[test]
    fn line_ends_in_every_form() {
        check(
            b"data: 1\n\ndata: 2\r\n\r\ndata: 3\r\rdata: 4\r\n\n",
            &["1", "2", "3", "4"],
        );
        check(b"data:test\r\ndata\ndata:test\r\n\r\n", &["test\n\ntest"]);
    }

    #[test]
    fn a_byte_order_mark_is_stripped_once() {
        check(
            b"\xEF\xBB\xBFdata:1\n\n\xEF\xBB\xBFdata:2\n\ndata:3\n\n",
            &["1", "3"],
        );
        check(b"\xEF\xBB\xBF\xEF\xBB\xBFdata:1\n\ndata:2\n\n", &["2"]);
    }

    #[test]
    fn data_lines_join_and_lose_one_space() {
        check(b"data\n\n", &[""]);
        check(b"data\ndata\n\n", &["\n"]);
        check(b"data:  two\n\ndata:\tone\n\n", &[" two", "\tone"]);
        check(b"data: a\ndata: b\ndata: c\n\n", &["a\nb\nc"]);
    }

    #[test]
    fn comments_and_unknown_fields_say_nothing() {
        check(
            b":\n: x\ndata: 1\n:x\nfoo: 2\nfoo\ndatax: 3\n data: 4\ndata : 5\n\n",
            &["1"],
        );
    }

    #[test]
    fn a_name_belongs_to_one_event() {
        check_named(
            b"event: a\ndata: 1\n\ndata: 2\n\nevent: b\n\ndata: 3\n\nevent: c\nevent:\ndata: 4\n\n",
            &[("a", "1"), ("", "2"), ("", "3"), ("", "4")],
        );
    }

    #[test]
    fn an_event_without_a_blank_line_is_not_dispatched() {
        check(b"data: 1\n\ndata: 2\n", &["1"]);
        check(b"data: 1\r", &[]);
    }

    #[test]
    fn text_split_inside_a_character_is_whole() {
        check("data: é€😀\n\n".as_bytes(), &["é€😀"]);
        check(b"data: \xFFx\n\n", &["\u{FFFD}x"]);
        check(b"data: a\0b\n\n", &["a\0b"]);
    }

    #[test]
    fn identifiers_and_delays_follow_the_standard() {
        let mut decoder = Decoder::new(1 << 20);
        decoder.feed(Bytes::from_static(
            b"id: 1\ndata: x\n\nid: a\0b\nretry: 03000\nretry: 1000x\nretry:\n\n",
        ));
        while decoder.next_event().unwrap().is_some() {}
        assert_eq!(decoder.last_event_id().as_ref(), b"1");
        assert_eq!(decoder.reconnection_ms(), Some(3000));
        decoder.feed(Bytes::from_static(b"id\n\nretry: 99999999999999999999\n\n"));
        while decoder.next_event().unwrap().is_some() {}
        assert_eq!(decoder.last_event_id().as_ref(), b"");
        assert_eq!(decoder.reconnection_ms(), None);
    }

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
    fn the_cap_counts_all_lines_of_an_event() {
        for (input, allowed) in [
            (&b"data: 1234\n\n"[..], true),
            (b"data: 12345\n\n", false),
            (b"data: 12345", false),
            (b"data\ndata\n: x\n\n", false),
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
