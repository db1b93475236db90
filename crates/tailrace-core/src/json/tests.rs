//! The texts of the table in every split, and what the options change.

use std::fmt::Write as _;

use super::{
    Literal, Options, Reason, Scanner, Sink, SyntaxError,
    cases::{BROKEN, WHOLE},
};

/// Texts up to this length are cut at every pair of places, too.
const PAIRS_UP_TO: usize = if cfg!(miri) { 0 } else { 40 };

/// What was told, as `cases.rs` writes it. Pieces are told apart by nothing, as they depend on the split.
#[derive(Default)]
struct Told {
    line: String,
    key: String,
    number: String,
    /// Where the pieces of the text that is open began.
    text: Option<usize>,
    value: String,
    /// The announcement of a number or a literal that has to follow.
    announced: Option<(usize, Option<Literal>)>,
}

impl Told {
    fn write(&mut self, what: &str, at: usize) {
        let space = if self.line.is_empty() { "" } else { " " };
        let _ = write!(self.line, "{space}{what}@{at}");
    }

    fn value(&mut self, piece: &str, at: usize) {
        self.text.get_or_insert(at);
        self.value.push_str(piece);
    }
}

impl Sink for Told {
    fn begin_object(&mut self, at: usize) {
        self.write("{", at);
    }

    fn key_begin(&mut self, _: usize) {
        self.key.clear();
    }

    fn key_piece(&mut self, piece: &str, _: usize) {
        assert!(!piece.is_empty());
        self.key.push_str(piece);
    }

    fn key_surrogate(&mut self, unit: u16, _: usize) {
        let _ = write!(self.key, "<{unit:04X}>");
    }

    fn key(&mut self, key: &str, at: usize) {
        let pieces = std::mem::take(&mut self.key);
        if pieces.contains('<') {
            assert_eq!(key.chars().filter(|unit| *unit == '\u{FFFD}').count(), 1);
        } else {
            assert_eq!(key, pieces);
        }
        self.write(&format!("k\"{pieces}\""), at);
    }

    fn end_object(&mut self, at: usize) {
        self.write("}", at);
    }

    fn begin_array(&mut self, at: usize) {
        self.write("[", at);
    }

    fn end_array(&mut self, at: usize) {
        self.write("]", at);
    }

    fn text_begin(&mut self, at: usize) {
        self.write("\"", at);
        self.value.clear();
    }

    fn text(&mut self, piece: &str, at: usize) {
        assert!(!piece.is_empty());
        self.value(&piece.escape_debug().to_string(), at);
    }

    fn text_surrogate(&mut self, unit: u16, at: usize) {
        self.value(&format!("<{unit:04X}>"), at);
    }

    fn text_end(&mut self, at: usize) {
        if let Some(start) = self.text.take() {
            let value = std::mem::take(&mut self.value);
            self.write(&value, start);
        }
        self.write("\"", at);
    }

    fn number_begin(&mut self, at: usize) {
        self.number.clear();
        assert_eq!(self.announced.replace((at, None)), None);
    }

    fn number_piece(&mut self, piece: &str, at: usize) {
        let start = self.announced.map(|(at, _)| at);
        assert_eq!(start.map(|start| start + self.number.len()), Some(at));
        self.number.push_str(piece);
    }

    fn number(&mut self, number: &str, at: usize) {
        assert_eq!(self.announced.take(), Some((at, None)));
        assert_eq!(number, self.number);
        self.write(number, at);
    }

    fn literal_begin(&mut self, literal: Literal, at: usize) {
        assert_eq!(self.announced.replace((at, Some(literal))), None);
    }

    fn literal(&mut self, literal: Literal, at: usize) {
        assert_eq!(self.announced.take(), Some((at, Some(literal))));
        let word = match literal {
            Literal::Null => "null",
            Literal::True => "true",
            Literal::False => "false",
        };
        self.write(word, at);
    }
}

/// What `pieces` say.
fn read(options: Options, pieces: &[&[u8]]) -> Result<String, SyntaxError> {
    let (mut scanner, mut told) = (Scanner::new(options), Told::default());
    let result = pieces
        .iter()
        .try_for_each(|piece| scanner.push(piece, &mut told))
        .and_then(|()| scanner.finish(&mut told));
    assert_eq!(scanner.finish(&mut told), result, "the end stays the end");
    if let Err(error) = result {
        assert_eq!(scanner.push(b" ", &mut told), Err(error));
        assert_eq!(scanner.offset(), error.offset);
    }
    assert_eq!(scanner.is_whole(), result.is_ok());
    result.map(|()| told.line)
}

#[track_caller]
fn check(options: Options, text: &[u8], expected: Result<&str, SyntaxError>) {
    let expected = expected.map(str::to_owned);
    let name = String::from_utf8_lossy(text);
    assert_eq!(read(options, &[text]), expected, "{name}");
    let bytes: Vec<&[u8]> = text.chunks(1).flat_map(|byte| [byte, &[]]).collect();
    assert_eq!(read(options, &bytes), expected, "{name}, byte by byte");
    for first in 0..=text.len() {
        let (head, rest) = text.split_at(first);
        let seconds = if text.len() <= PAIRS_UP_TO {
            0..=rest.len()
        } else {
            0..=0
        };
        for second in seconds {
            let (middle, tail) = rest.split_at(second);
            assert_eq!(
                read(options, &[head, middle, tail]),
                expected,
                "{name}, cut at {first} and {}",
                first + second
            );
        }
    }
}

#[test]
fn json_is_read_alike_in_every_split() {
    for (text, told) in WHOLE {
        check(Options::strict(8), text, Ok(told));
    }
}

#[test]
fn the_first_byte_that_makes_a_text_no_json_is_named_in_every_split() {
    for (text, offset, reason) in BROKEN {
        let (offset, reason) = (*offset, *reason);
        check(
            Options::strict(8),
            text,
            Err(SyntaxError { offset, reason }),
        );
    }
}

#[test]
fn what_comes_before_the_first_wrong_byte_can_be_completed() {
    for (text, offset, reason) in BROKEN {
        if *reason == Reason::Trailing {
            continue;
        }
        let prefix = &text[..*offset];
        // Each state that the table leaves open has an end among these.
        let ends = [
            "", "0", "null", "ull", "l", "ll", "e", "\"", "n\"", "0\"", "00\"", "000\"", "0000\"",
            "\":0", ":0", "\"a\":0",
        ];
        let characters: [&[u8]; 6] = [
            b"",
            b"\x80",
            b"\x80\x80",
            b"\xA0\x80",
            b"\x80\x80\x80",
            b"\x90\x80\x80",
        ];
        let closes = ["", "]", "}", "]]"];
        let found = characters.iter().any(|character| {
            ends.iter().any(|end| {
                closes.iter().any(|close| {
                    let whole = [prefix, character, end.as_bytes(), close.as_bytes()];
                    read(Options::strict(8), &whole).is_ok()
                })
            })
        });
        assert!(found, "{} at {offset}", String::from_utf8_lossy(text));
    }
}

#[test]
fn numbers_that_are_none_are_taken_where_the_host_takes_them() {
    let options = Options {
        non_finite: true,
        ..Options::strict(8)
    };
    check(options, b"NaN", Ok("NaN@0"));
    check(
        options,
        b"[Infinity,-Infinity,-1]",
        Ok("[@0 Infinity@1 -Infinity@10 -1@20 ]@22"),
    );
    let error = |offset, reason| Err(SyntaxError { offset, reason });
    check(options, b"[-NaN]", error(2, Reason::Digit));
    check(options, b"[+Infinity]", error(1, Reason::Value));
    check(options, b"[Nan]", error(3, Reason::Literal));
    check(options, b"[-Inf]", error(5, Reason::Literal));
    check(options, b"nan", error(1, Reason::Literal));
    check(options, b"-Infinit", error(8, Reason::Unfinished));
}

#[test]
fn halves_of_pairs_are_taken_as_bytes_where_the_host_has_them() {
    let options = Options {
        surrogates: true,
        ..Options::strict(8)
    };
    check(
        options,
        b"\"a\xED\xA0\xBDb\xED\xB8\x80\"",
        Ok("\"@0 a<D83D>b<DE00>@1 \"@9"),
    );
    let error = SyntaxError {
        offset: 3,
        reason: Reason::Utf8,
    };
    check(
        options,
        b"\"\xED\xA0\"",
        Err(SyntaxError { offset: 3, ..error }),
    );
    check(options, b"\"\xEE\xA0\xC0\"", Err(error));
}

#[test]
fn halves_of_pairs_are_told_one_by_one_where_the_host_joins_them() {
    let options = Options {
        halves: true,
        ..Options::strict(8)
    };
    check(
        options,
        br#""\ud83d\ude00\ud83d""#,
        Ok("\"@0 <D83D><DE00><D83D>@1 \"@19"),
    );
}

#[test]
fn depth_is_limited_by_the_bracket_that_exceeds_it() {
    for depth in 1..=8 {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(Options::strict(depth), &[text.as_bytes()]).is_ok());
        let max_depth = depth - 1;
        let error = SyntaxError {
            offset: max_depth,
            reason: Reason::TooDeep { max_depth },
        };
        check(Options::strict(max_depth), text.as_bytes(), Err(error));
    }
    let objects = br#"{"a":{"b":{}}}"#;
    let error = SyntaxError {
        offset: 10,
        reason: Reason::TooDeep { max_depth: 2 },
    };
    check(Options::strict(2), objects, Err(error));
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about many steps, each of which takes Miri a thousand times as long"
)]
fn a_long_text_is_told_in_pieces_that_are_the_text() {
    let long = "aé\u{20AC}😀".repeat(10_000);
    let text = format!("\"{long}\"");
    struct Whole(String);
    impl Sink for Whole {
        fn begin_object(&mut self, _: usize) {}
        fn key(&mut self, _: &str, _: usize) {}
        fn end_object(&mut self, _: usize) {}
        fn begin_array(&mut self, _: usize) {}
        fn end_array(&mut self, _: usize) {}
        fn text_begin(&mut self, _: usize) {}
        fn text(&mut self, piece: &str, at: usize) {
            assert_eq!(at, self.0.len() + 1);
            self.0.push_str(piece);
        }
        fn text_end(&mut self, _: usize) {}
        fn number(&mut self, _: &str, _: usize) {}
        fn literal(&mut self, _: Literal, _: usize) {}
    }
    for size in [1, 3, 4, 4096, 5000, usize::MAX] {
        let (mut scanner, mut whole) = (Scanner::new(Options::strict(0)), Whole(String::new()));
        for piece in text.as_bytes().chunks(size) {
            scanner.push(piece, &mut whole).unwrap();
        }
        scanner.finish(&mut whole).unwrap();
        assert!(whole.0 == long, "in pieces of {size}");
    }
}
