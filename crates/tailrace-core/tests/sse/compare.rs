//! What must hold for any bytes whatever, and what `sse-stream` makes of them.
//!
//! The fuzz targets include this file. `sse-stream` 0.3 departs from the standard, and so from us, in exactly these ways, each
//! of which is undone here and nowhere else:
//!
//! * It gives every block, also one without data, which the standard does not dispatch: blocks without data are left out.
//! * It does not carry an identifier over to the next event: it is carried over here. It gives a block with only a delay or an
//!   identifier, so none is lost.
//! * Bytes in a known field that are no UTF-8 end it with an error, where the standard has U+FFFD: it is given the text that
//!   the standard decodes, and, for the bytes as they are, must give the same events up to that error.
//! * It keeps the last delay that fits in 64 bits, where ours is forgotten for a number that nobody can wait for: such a
//!   number counts as none.

use std::{convert::Infallible, iter};

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tailrace_core::sse::{Decoder, Done, EndOfInput, Items, Options, TooLarge, Verdict};

/// What was read, in the order in which it was.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Name, data, and the last identifier at that time.
    pub(crate) events: Vec<[String; 3]>,
    pub(crate) retry_ms: Option<u64>,
    /// The limit that ended it.
    pub(crate) too_large: Option<usize>,
}

/// Random numbers for the places of cuts, the same for the same seed (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// A seed for each input (FNV-1a), so that a failure repeats itself.
    pub(crate) fn of(input: &[u8]) -> Self {
        Random(input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap_or(0)
    }

    /// Cuts `input` into pieces of up to `longest` bytes, some of them empty.
    pub(crate) fn cut<'input>(
        &mut self,
        mut input: &'input [u8],
        longest: usize,
    ) -> Vec<&'input [u8]> {
        let mut pieces = Vec::new();
        while !input.is_empty() {
            let (piece, rest) = input.split_at(self.below(longest + 1).min(input.len()));
            pieces.push(piece);
            input = rest;
        }
        pieces
    }
}

/// The ways in which each input is cut: byte by byte, into small pieces, and into larger ones.
fn cuts(input: &[u8]) -> [Vec<&[u8]>; 3] {
    let mut random = Random::of(input);
    [
        input.chunks(1).collect(),
        random.cut(input, 3),
        random.cut(input, 60),
    ]
}

/// Our decoder on pieces.
pub(crate) fn decoded(pieces: &[&[u8]], max_event_bytes: usize) -> Reading {
    let mut decoder = Decoder::new(max_event_bytes);
    let mut reading = Reading::default();
    'input: for piece in pieces {
        decoder.feed(Bytes::copy_from_slice(piece));
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => {
                    let id = decoder.last_event_id();
                    reading
                        .events
                        .push([&event.name, &event.data, id].map(|text| valid(text)));
                }
                Ok(None) => break,
                Err(TooLarge { limit }) => {
                    reading.too_large = Some(limit);
                    break 'input;
                }
            }
        }
    }
    reading.retry_ms = decoder.reconnection_ms();
    reading
}

fn valid(text: &[u8]) -> String {
    String::from_utf8(text.to_vec()).expect("what the decoder gives is UTF-8")
}

/// `sse-stream` on pieces, with its departures undone; false where it gave up at bytes that are no UTF-8.
fn by_sse_stream(pieces: &[&[u8]]) -> (Reading, bool) {
    let bytes: Vec<Result<Bytes, Infallible>> = pieces
        .iter()
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let mut blocks = sse_stream::SseByteStream::new(stream::iter(bytes));
    let blocks = iter::from_fn(|| blocks.next().now_or_never().flatten());
    let (mut reading, mut id) = (Reading::default(), String::new());
    for block in blocks {
        let block = match block {
            Ok(block) => block,
            Err(sse_stream::Error::Utf8Parse(_)) => return (reading, false),
            Err(other) => panic!("{other}"),
        };
        id = block.id.unwrap_or(id);
        reading.retry_ms = block.retry.or(reading.retry_ms);
        if let Some(data) = block.data {
            let name = block.event.unwrap_or_default();
            reading.events.push([name, data, id.clone()]);
        }
    }
    (reading, true)
}

/// Panics unless `input` gives the same events in every cut, and the same as `sse-stream` finds.
pub(crate) fn check_events(input: &[u8]) {
    let whole = decoded(&[input], 1 << 20);
    let capped = decoded(&[input], 24);
    let [bytes, small, large] = cuts(input);
    for pieces in [&bytes, &small, &large] {
        assert_eq!(decoded(pieces, 1 << 20), whole, "cut as {pieces:?}");
    }
    // A small cap must cut the stream off at the same event.
    assert_eq!(decoded(&small, 24), capped, "capped, cut as {small:?}");

    let text = String::from_utf8_lossy(input);
    if has_endless_delay(text.as_bytes()) {
        return;
    }
    let (reading, is_whole) = by_sse_stream(&[text.as_bytes()]);
    assert!(is_whole, "{text:?} is UTF-8");
    assert_same(&reading, &whole, input);
    let (reading, is_whole) = by_sse_stream(&small);
    if is_whole {
        assert_same(&reading, &whole, input);
    } else {
        assert!(std::str::from_utf8(input).is_err());
        let before = whole.events.get(..reading.events.len());
        assert_eq!(Some(&reading.events[..]), before);
    }
}

fn assert_same(theirs: &Reading, ours: &Reading, input: &[u8]) {
    assert_eq!(theirs.events, ours.events, "left is what sse-stream gives");
    // It says a delay with its block, which the end of input may leave unfinished.
    if ends_with_blank_line(input) {
        assert_eq!(theirs.retry_ms, ours.retry_ms, "left is sse-stream's");
    }
}

fn ends_with_blank_line(input: &[u8]) -> bool {
    [&b"\n\n"[..], b"\r\r", b"\r\n\r\n", b"\n\r\n", b"\n\r"]
        .iter()
        .any(|end| input.ends_with(end))
}

/// True for a delay that does not fit in 64 bits.
fn has_endless_delay(input: &[u8]) -> bool {
    let lines = input.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines
        .filter_map(|line| line.strip_prefix(b"retry:"))
        .map(|value| value.strip_prefix(b" ").unwrap_or(value))
        .any(|digits| {
            digits.len() >= 20
                && digits.iter().all(u8::is_ascii_digit)
                && String::from_utf8_lossy(digits).parse::<u64>().is_err()
        })
}

/// How each language reads a stream, and an unusually small limit.
const OPTIONS: [Options; 3] = [
    Options {
        done: Done::Prefix,
        end_of_input: EndOfInput::Discard,
        max_event_bytes: 1 << 20,
    },
    Options {
        done: Done::Exact,
        end_of_input: EndOfInput::Flush,
        max_event_bytes: 1 << 20,
    },
    Options {
        done: Done::Exact,
        end_of_input: EndOfInput::Flush,
        max_event_bytes: 24,
    },
];

/// Names and data of the items, and how the stream ended.
fn items(pieces: &[&[u8]], options: Options) -> (Vec<[String; 2]>, &'static str) {
    let mut items = Items::new(options);
    let mut found = Vec::new();
    for piece in pieces {
        items.feed(Bytes::copy_from_slice(piece));
        loop {
            match items.next_item() {
                Ok(Verdict::Item(event)) => {
                    found.push([valid(&event.name), valid(&event.data)]);
                }
                Ok(Verdict::NeedData) => break,
                Ok(Verdict::Done) => return (found, "done"),
                Err(TooLarge { .. }) => return (found, "too large"),
            }
        }
    }
    if let Some(event) = items.finish() {
        found.push([valid(&event.name), valid(&event.data)]);
    }
    (found, "end of input")
}

/// Panics unless `input` gives the same items in every cut, in both languages, and both languages the same ones but for what
/// they are meant to read differently.
pub(crate) fn check_items(input: &[u8]) {
    let [bytes, small, _] = cuts(input);
    let [python, node, capped] = OPTIONS.map(|options| {
        let whole = items(&[input], options);
        assert_eq!(items(&bytes, options), whole, "{options:?}");
        assert_eq!(items(&small, options), whole, "{options:?}, {small:?}");
        whole.0
    });
    assert_eq!(Some(&python[..]), node.get(..python.len()));
    assert_eq!(Some(&capped[..]), node.get(..capped.len()));
    for [name, data] in node {
        assert_ne!(data, "[DONE]");
        assert!(name == "error" || !data.trim_ascii().is_empty());
        assert!(!data.contains('\r') && !name.contains(['\r', '\n']));
    }
}
