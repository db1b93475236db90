//! Deltas written as JSON, and the value after each of them.

use super::*;
use crate::json::{Literal, Options, Scanner, Sink};

type Members = Vec<(String, Delta<String>)>;

/// Scalars are their JSON text; `null` says that there is nothing.
#[derive(Default)]
struct Read {
    open: Vec<(bool, Members)>,
    key: Vec<String>,
    text: String,
    whole: Option<Delta<String>>,
}

impl Read {
    fn put(&mut self, value: Delta<String>) {
        match self.open.last_mut() {
            Some((true, members)) => members.push((self.key.pop().unwrap(), value)),
            Some((false, items)) => items.push((String::new(), value)),
            None => self.whole = Some(value),
        }
    }

    fn close(&mut self) {
        let (is_object, members) = self.open.pop().unwrap();
        self.put(if is_object {
            Delta::Object(members)
        } else {
            Delta::List(members.into_iter().map(|(_, item)| item).collect())
        });
    }
}

impl Sink for Read {
    fn begin_object(&mut self, _: usize) {
        self.open.push((true, Vec::new()));
    }
    fn key(&mut self, key: &str, _: usize) {
        self.key.push(key.to_owned());
    }
    fn end_object(&mut self, _: usize) {
        self.close();
    }
    fn begin_array(&mut self, _: usize) {
        self.open.push((false, Vec::new()));
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
    fn text_end(&mut self, _: usize) {
        self.put(Delta::Text(self.text.clone().into_bytes()));
    }
    fn number(&mut self, number: &str, _: usize) {
        self.put(Delta::Number(number.to_owned()));
    }
    fn literal(&mut self, literal: Literal, _: usize) {
        self.put(match literal {
            Literal::Null => Delta::Null("null".to_owned()),
            Literal::True => Delta::Scalar("true".to_owned()),
            Literal::False => Delta::Scalar("false".to_owned()),
        });
    }
}

struct Integers;

impl Numbers<String> for Integers {
    fn add(&mut self, known: &String, delta: &String) -> String {
        (known.parse::<i64>().unwrap() + delta.parse::<i64>().unwrap()).to_string()
    }

    fn place(&mut self, number: &String) -> Option<i64> {
        number.parse().ok()
    }
}

/// Writes JSON.
struct Write;

impl Host<String> for Write {
    type Value = String;
    fn text(&mut self, bytes: &[u8]) -> String {
        format!("{:?}", String::from_utf8_lossy(bytes))
    }
    fn scalar(&mut self, scalar: &String) -> String {
        scalar.clone()
    }
    fn list(&mut self, items: Vec<String>) -> String {
        format!("[{}]", items.join(","))
    }
    fn object(&mut self, members: Vec<(&str, String)>) -> String {
        let members: Vec<String> = members
            .into_iter()
            .map(|(key, value)| format!("{key:?}:{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

fn members(json: &str) -> Members {
    let (mut scanner, mut read) = (Scanner::new(Options::strict(20)), Read::default());
    scanner.push(json.as_bytes(), &mut read).unwrap();
    match read.whole {
        Some(Delta::Object(members)) => members,
        other => panic!("{other:?} is no object"),
    }
}

fn empty() -> Accumulator<String> {
    Accumulator::new(Names {
        index: "index".to_owned(),
        replaced: vec!["index".to_owned(), "type".to_owned()],
    })
}

/// The value after each delta, and again when all of them have come.
#[track_caller]
fn check(deltas: &[(&str, &str)]) {
    let mut accumulator = empty();
    for (place, (delta, value)) in deltas.iter().enumerate() {
        let position = accumulator.push(members(delta), &mut Integers).unwrap();
        assert_eq!(position, place + 1);
        let found = accumulator.value(position, &mut Write);
        assert_eq!(found.as_deref(), Some(*value), "after {delta}");
    }
    for (place, (delta, value)) in deltas.iter().enumerate() {
        let found = accumulator.value(place + 1, &mut Write);
        assert_eq!(found.as_deref(), Some(*value), "{delta}, asked for later");
    }
    let nothing = accumulator.value(0, &mut Write);
    assert_eq!(nothing.as_deref(), Some("{}"));
}

#[test]
fn texts_are_appended_and_the_rest_is_taken_once() {
    check(&[
        (
            r#"{"a":"","b":null,"c":true}"#,
            r#"{"a":"","b":null,"c":true}"#,
        ),
        (
            r#"{"a":"x","b":"y","c":false}"#,
            r#"{"a":"x","b":"y","c":true}"#,
        ),
        (
            r#"{"a":"é","d":{}}"#,
            r#"{"a":"xé","b":"y","c":true,"d":{}}"#,
        ),
        (
            r#"{"a":null,"b":3,"d":{"e":"f"}}"#,
            r#"{"a":"xé","b":"y","c":true,"d":{"e":"f"}}"#,
        ),
        (
            r#"{"d":{"e":"g","h":null}}"#,
            r#"{"a":"xé","b":"y","c":true,"d":{"e":"fg","h":null}}"#,
        ),
    ]);
}

#[test]
fn numbers_are_added_unless_their_key_is_one_that_is_replaced() {
    check(&[
        (
            r#"{"n":1,"index":1,"type":"a"}"#,
            r#"{"n":1,"index":1,"type":"a"}"#,
        ),
        (
            r#"{"n":2,"index":2,"type":"b"}"#,
            r#"{"n":3,"index":2,"type":"b"}"#,
        ),
        (
            r#"{"n":"x","type":null}"#,
            r#"{"n":3,"index":2,"type":null}"#,
        ),
        (r#"{"type":"c"}"#, r#"{"n":3,"index":2,"type":"c"}"#),
    ]);
}

#[test]
fn lists_of_objects_are_merged_by_index() {
    check(&[
        (
            r#"{"l":[{"index":0,"a":"x"}]}"#,
            r#"{"l":[{"index":0,"a":"x"}]}"#,
        ),
        (
            r#"{"l":[{"index":0,"a":"y"},{"index":1,"a":"z"}]}"#,
            r#"{"l":[{"index":0,"a":"xy"},{"index":1,"a":"z"}]}"#,
        ),
        (
            r#"{"l":[{"index":7,"b":[]}]}"#,
            r#"{"l":[{"index":0,"a":"xy"},{"index":1,"a":"z"},{"index":7,"b":[]}]}"#,
        ),
        (
            r#"{"l":[{"index":-1,"b":[1]}]}"#,
            r#"{"l":[{"index":0,"a":"xy"},{"index":1,"a":"z"},{"index":-1,"b":[1]}]}"#,
        ),
    ]);
    // The elements of a first list are merged with each other.
    check(&[(
        r#"{"l":[{"index":0,"a":"x"},{"index":0,"a":"y"}]}"#,
        r#"{"l":[{"index":0,"a":"xy"}]}"#,
    )]);
}

#[test]
fn other_lists_are_extended() {
    check(&[
        (r#"{"l":[],"m":[{"a":"x"}]}"#, r#"{"l":[],"m":[{"a":"x"}]}"#),
        (r#"{"l":["a",1]}"#, r#"{"l":["a",1],"m":[{"a":"x"}]}"#),
        (
            r#"{"l":["b",{}]}"#,
            r#"{"l":["a",1,"b",{}],"m":[{"a":"x"}]}"#,
        ),
    ]);
}

#[test]
fn what_cannot_be_merged_is_named() {
    let text = |text: &str| Delta::Text(text.as_bytes().to_vec());
    let before = r#"{"l":[{"a":"x"}]}"#;
    for (delta, fault) in [
        (r#"{"l":["y"]}"#, Fault::NoObject(text("y"))),
        (
            r#"{"l":[{"a":"y"}]}"#,
            Fault::NoIndex(Delta::Object(members(r#"{"a":"y"}"#))),
        ),
        (r#"{"l":[{"index":"0"}]}"#, Fault::Index(text("0"))),
    ] {
        let mut accumulator = empty();
        accumulator.push(members(before), &mut Integers).unwrap();
        let result = accumulator.push(members(delta), &mut Integers);
        assert_eq!(result, Err(fault), "{delta}");
    }
    let mut accumulator = empty();
    accumulator
        .push(members(r#"{"l":[[],{"a":1}]}"#), &mut Integers)
        .unwrap();
    let result = accumulator.push(members(r#"{"l":[{"index":0}]}"#), &mut Integers);
    assert_eq!(result, Err(Fault::Mixed));
}

#[test]
#[cfg_attr(
    miri,
    ignore = "it is about many steps, each of which takes Miri a thousand times as long"
)]
fn a_delta_costs_as_much_as_it_is_large() {
    // What is kept grows by one length for each delta, whatever the text before it.
    let mut accumulator = empty();
    for _ in 0..10_000 {
        accumulator
            .push(members(r#"{"a":"word"}"#), &mut Integers)
            .unwrap();
    }
    assert_eq!(accumulator.nodes(), 2);
    let then = accumulator.value(5_000, &mut Write);
    assert_eq!(then, Some(format!(r#"{{"a":"{}"}}"#, "word".repeat(5_000))));
}
