//! What must hold for any bytes whatever that come in pieces, and what serde_json and jiter make of them.
//!
//! The example `json_suite` and a fuzz target include this file. serde_json departs from ours, on purpose, in that it refuses halves of pairs and numbers
//! that are too large for a float, and jiter refuses halves of pairs: such texts are not compared.

use jiter::{JsonValue, PartialMode};
use serde_json::Value;
use tailrace_core::json::{
    Growth, Literal, OpenNumber, Options, Rules, Scanner, Sink, Standing, SyntaxError, Tail,
    Tolerance,
};

/// Less than both others read.
const DEPTH: usize = 100;
const STRICT: Options = Options::strict(DEPTH);
/// The rules of both hosts.
const RULES: [Rules; 2] = [
    Rules {
        scanner: Options {
            max_depth: DEPTH,
            non_finite: true,
            surrogates: true,
            halves: false,
        },
        number: OpenNumber::AsFarAsItGoes,
        half_words: false,
        tolerance: Tolerance::AfterValue,
    },
    Rules {
        scanner: Options {
            max_depth: DEPTH,
            non_finite: true,
            surrogates: true,
            halves: true,
        },
        number: OpenNumber::WhenFollowed,
        half_words: true,
        tolerance: Tolerance::WithinBrackets,
    },
];
/// Bytes of the longest text that is cut at every place.
const EVERY_PLACE: usize = 64;

/// A value with its numbers as they are written, and all members in their order.
#[derive(Debug, Clone, PartialEq)]
enum Read {
    Word(&'static str),
    Number(String),
    Text(String),
    Array(Vec<Read>),
    Object(Vec<(String, Read)>),
}

/// Builds values.
#[derive(Debug, Default, Clone, PartialEq)]
struct Builder {
    /// What is open, each with the key of what comes next in it.
    open: Vec<(Read, String)>,
    whole: Option<Read>,
    text: String,
    key: String,
    has_half: bool,
}

impl Builder {
    fn add(&mut self, value: Read) {
        match self.open.last_mut() {
            None => self.whole = Some(value),
            Some((open, key)) => put(open, key, value),
        }
    }

    fn close(&mut self) {
        let (value, _) = self.open.pop().expect("what ends has begun");
        self.add(value);
    }

    /// The value so far with a tail.
    fn so_far(&self, tail: Option<Read>) -> Option<Read> {
        let mut inner = tail;
        for (open, key) in self.open.iter().rev() {
            let mut open = open.clone();
            if let Some(inner) = inner {
                put(&mut open, key, inner);
            }
            inner = Some(open);
        }
        inner.or_else(|| self.whole.clone())
    }
}

fn put(open: &mut Read, key: &str, value: Read) {
    match open {
        Read::Array(elements) => elements.push(value),
        Read::Object(members) => members.push((key.to_owned(), value)),
        _ => panic!("only an array or object is open"),
    }
}

fn word(literal: Literal) -> Read {
    Read::Word(match literal {
        Literal::Null => "null",
        Literal::True => "true",
        Literal::False => "false",
    })
}

impl Sink for Builder {
    fn begin_object(&mut self, _: usize) {
        self.open.push((Read::Object(Vec::new()), String::new()));
    }

    fn key_begin(&mut self, _: usize) {
        self.key.clear();
    }

    fn key_piece(&mut self, piece: &str, _: usize) {
        self.key.push_str(piece);
    }

    fn key_surrogate(&mut self, unit: u16, _: usize) {
        self.has_half = true;
        self.key.push_str(&format!("<{unit:x}>"));
    }

    fn key(&mut self, _: &str, _: usize) {
        let key = std::mem::take(&mut self.key);
        self.open.last_mut().expect("a key is in an object").1 = key;
    }

    fn end_object(&mut self, _: usize) {
        self.close();
    }

    fn begin_array(&mut self, _: usize) {
        self.open.push((Read::Array(Vec::new()), String::new()));
    }

    fn end_array(&mut self, _: usize) {
        self.close();
    }

    fn text_begin(&mut self, _: usize) {
        self.text.clear();
    }

    fn text(&mut self, piece: &str, _: usize) {
        self.text.push_str(piece);
    }

    fn text_surrogate(&mut self, unit: u16, _: usize) {
        self.has_half = true;
        self.text.push_str(&format!("<{unit:x}>"));
    }

    fn text_end(&mut self, _: usize) {
        let text = std::mem::take(&mut self.text);
        self.add(Read::Text(text));
    }

    fn number(&mut self, number: &str, _: usize) {
        self.add(Read::Number(number.to_owned()));
    }

    fn literal(&mut self, literal: Literal, _: usize) {
        self.add(word(literal));
    }
}

/// Checks everything for one text. `cut` says where a text is cut, from its length.
pub(crate) fn check(text: &[u8], mut cut: impl FnMut(usize) -> usize) {
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    let three = {
        let first = cut(text.len() + 1);
        let (head, rest) = text.split_at(first);
        let (middle, tail) = rest.split_at(cut(rest.len() + 1));
        [head, middle, tail]
    };
    for options in [STRICT, RULES[0].scanner, RULES[1].scanner] {
        let whole = read(&[text], options);
        assert_eq!(read(&bytes, options), whole, "byte by byte");
        assert_eq!(read(&three, options), whole, "in three pieces");
    }
    for rules in RULES {
        let places: Vec<usize> = match text.len() {
            0..=EVERY_PLACE => (0..=text.len()).collect(),
            length => (0..8).map(|_| cut(length + 1)).chain([length]).collect(),
        };
        for place in places {
            let so_far = &text[..place];
            let whole = grown(&[so_far], rules);
            let bytes: Vec<&[u8]> = so_far.chunks(1).collect();
            assert_eq!(
                grown(&bytes, rules),
                whole,
                "{place} bytes of it, byte by byte"
            );
            let (head, tail) = so_far.split_at(cut(place + 1));
            assert_eq!(
                grown(&[head, tail], rules),
                whole,
                "{place} bytes of it in two pieces"
            );
        }
    }
    compare(text);
}

fn read(pieces: &[&[u8]], options: Options) -> (Result<(), SyntaxError>, Option<Read>, bool) {
    let mut builder = Builder::default();
    let mut scanner = Scanner::new(options);
    let read = pieces
        .iter()
        .try_for_each(|piece| scanner.push(piece, &mut builder))
        .and_then(|()| scanner.finish(&mut builder));
    (read, builder.whole, builder.has_half)
}

/// What a text is so far: its value with and without the string at its end, or where it is broken.
type Grown = Result<[Option<Read>; 2], SyntaxError>;

fn grown(pieces: &[&[u8]], rules: Rules) -> Grown {
    let mut builder = Builder::default();
    let mut growth = Growth::new(rules);
    for piece in pieces {
        growth.push(piece, &mut builder);
    }
    let both = |tail: Option<Read>| Ok([builder.so_far(tail.clone()), builder.so_far(tail)]);
    match growth.standing() {
        Standing::Broken(error) => Err(error),
        Standing::Nothing => Ok([None, None]),
        Standing::Value(Tail::Nothing) => both(None),
        Standing::Value(Tail::Text) => {
            let text = Read::Text(builder.text.clone());
            let without = builder.so_far(None).filter(|_| !builder.open.is_empty());
            Ok([builder.so_far(Some(text)), without])
        }
        Standing::Value(Tail::Number(number)) => both(Some(Read::Number(number.to_owned()))),
        Standing::Value(Tail::Literal(literal)) => both(Some(word(literal))),
    }
}

/// The whole text beside serde_json, and what is there of each part of it beside jiter.
fn compare(text: &[u8]) {
    let (ours, whole, has_half) = read(&[text], STRICT);
    let theirs = serde_json::from_slice::<Value>(text);
    let is_huge = theirs
        .as_ref()
        .is_err_and(|error| error.to_string().starts_with("number out of range"));
    let is_deep = theirs
        .as_ref()
        .is_err_and(|error| error.to_string().starts_with("recursion limit"))
        || matches!(
            ours,
            Err(SyntaxError {
                reason: tailrace_core::json::Reason::TooDeep { .. },
                ..
            })
        );
    if has_half || is_huge || is_deep {
        return;
    }
    assert_eq!(
        ours.is_ok(),
        theirs.is_ok(),
        "{ours:?}, serde_json {theirs:?}"
    );
    let (Some(whole), Ok(theirs)) = (whole, theirs) else {
        return;
    };
    assert!(is_same(&whole, &theirs), "{whole:?}, serde_json {theirs}");
    let [python, _] = RULES;
    for place in (0..=text.len()).filter(|place| text.len() <= EVERY_PLACE || place % 7 == 0) {
        let so_far = &text[..place];
        let Ok(ours) = grown(&[so_far], python) else {
            panic!("{place} bytes of JSON are refused");
        };
        for (ours, mode) in ours
            .iter()
            .zip([PartialMode::TrailingStrings, PartialMode::On])
        {
            let theirs = JsonValue::parse_with_config(so_far, true, mode).ok();
            let is_alike = match (ours, &theirs) {
                (None, None) => true,
                (Some(ours), Some(theirs)) => is_alike(ours, theirs),
                _ => false,
            };
            assert!(is_alike, "{place} bytes of it: {ours:?}, jiter {theirs:?}");
        }
    }
}

fn is_same(ours: &Read, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Read::Word("null"), Value::Null) => true,
        (Read::Word(word), Value::Bool(other)) => *word == if *other { "true" } else { "false" },
        (Read::Number(number), Value::Number(other)) => {
            // serde_json reads floats to the last bit but one.
            let (ours, theirs) = (float(number), other.as_f64().unwrap_or(f64::NAN));
            ours.to_bits().abs_diff(theirs.to_bits()) <= 2 || ours == theirs
        }
        (Read::Text(text), Value::String(other)) => text == other,
        (Read::Array(elements), Value::Array(others)) => {
            elements.len() == others.len()
                && elements
                    .iter()
                    .zip(others)
                    .all(|(element, other)| is_same(element, other))
        }
        (Read::Object(members), Value::Object(others)) => {
            others.iter().all(|(name, other)| {
                let last = members.iter().rev().find(|(key, _)| key == name);
                last.is_some_and(|(_, member)| is_same(member, other))
            }) && members.iter().all(|(name, _)| others.contains_key(name))
        }
        _ => false,
    }
}

fn is_alike(ours: &Read, theirs: &JsonValue<'_>) -> bool {
    match (ours, theirs) {
        (Read::Word("null"), JsonValue::Null) => true,
        (Read::Word(word), JsonValue::Bool(other)) => {
            *word == if *other { "true" } else { "false" }
        }
        (Read::Number(number), JsonValue::Int(other)) => number.parse() == Ok(*other),
        (Read::Number(number), JsonValue::Float(other)) => {
            let ours = float(number);
            ours == *other
                || ours.is_nan() && other.is_nan()
                || ours.to_bits().abs_diff(other.to_bits()) <= 2
        }
        // An integer of any size, which crates read only with a feature of theirs.
        (Read::Number(number), other) => {
            number
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit())
                && !matches!(
                    other,
                    JsonValue::Str(_) | JsonValue::Array(_) | JsonValue::Object(_)
                )
        }
        (Read::Text(text), JsonValue::Str(other)) => text == other,
        (Read::Array(elements), JsonValue::Array(others)) => {
            elements.len() == others.len()
                && elements
                    .iter()
                    .zip(others.iter())
                    .all(|(element, other)| is_alike(element, other))
        }
        (Read::Object(members), JsonValue::Object(others)) => {
            members.len() == others.len()
                && members
                    .iter()
                    .zip(others.iter())
                    .all(|(member, other)| member.0 == other.0 && is_alike(&member.1, &other.1))
        }
        _ => false,
    }
}

fn float(number: &str) -> f64 {
    number.parse().unwrap_or(f64::NAN)
}
