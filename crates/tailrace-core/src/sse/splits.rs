//! The byte cases in every split: what the network does to a stream must not change it.

use bytes::Bytes;

use super::{
    Decoder, Done, EndOfInput, Items, Options, Verdict,
    cases::{CASES, DEPARTURES},
};

/// Inputs up to this length are cut at every pair of places, too; Miri takes a thousand times as long for each cut.
const PAIRS_UP_TO: usize = if cfg!(miri) { 0 } else { 72 };

/// At how many places an input is cut; for Miri the cuts after each byte have said most already.
const CUTS: usize = if cfg!(miri) { 4 } else { usize::MAX };

/// As `options.rs` of the Python binding.
const PYTHON: Options = Options {
    done: Done::Prefix,
    end_of_input: EndOfInput::Discard,
    max_event_bytes: 1 << 20,
};

/// As `options.rs` of the Node binding.
const NODE: Options = Options {
    done: Done::Exact,
    end_of_input: EndOfInput::Flush,
    max_event_bytes: 1 << 20,
};

/// Every way to cut `input` that is worth trying, with a word for it.
fn splits(input: &[u8]) -> Vec<(String, Vec<&[u8]>)> {
    let mut splits = vec![
        ("whole".to_owned(), vec![input]),
        ("byte by byte".to_owned(), input.chunks(1).collect()),
        (
            "byte by byte with nothing between".to_owned(),
            input.chunks(1).flat_map(|byte| [&[], byte]).collect(),
        ),
    ];
    for first in (0..=input.len()).step_by(1 + input.len() / CUTS) {
        let (head, rest) = input.split_at(first);
        splits.push((format!("cut at {first}"), vec![head, rest]));
        if input.len() <= PAIRS_UP_TO {
            for second in 0..=rest.len() {
                let (middle, tail) = rest.split_at(second);
                let word = format!("cut at {first} and {}", first + second);
                splits.push((word, vec![head, middle, tail]));
            }
        }
    }
    splits
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_cases_are_read_as_the_standard_says_in_every_split() {
    for case in CASES {
        for (split, chunks) in splits(case.input) {
            let mut decoder = Decoder::new(1 << 20);
            let mut events = Vec::new();
            for chunk in chunks {
                decoder.feed(Bytes::copy_from_slice(chunk));
                while let Some(event) = decoder.next_event().unwrap() {
                    let id = text(decoder.last_event_id());
                    events.push([text(&event.name), text(&event.data), id]);
                }
            }
            assert_eq!(events, case.events, "{}, {split}", case.name);
            assert_eq!(
                decoder.reconnection_ms(),
                case.retry_ms,
                "{}, {split}",
                case.name
            );
        }
    }
}

fn items(options: Options, chunks: &[&[u8]]) -> Vec<String> {
    let mut items = Items::new(options);
    let mut found = Vec::new();
    for chunk in chunks {
        items.feed(Bytes::copy_from_slice(chunk));
        while let Verdict::Item(event) = items.next_item().unwrap() {
            found.push(text(&event.data));
        }
    }
    found.extend(items.finish().map(|event| text(&event.data)));
    found
}

#[test]
fn the_departures_of_the_official_packages_are_those_of_the_table_in_every_split() {
    for case in DEPARTURES {
        for (split, chunks) in splits(case.input) {
            let (python, node) = (items(PYTHON, &chunks), items(NODE, &chunks));
            assert_eq!(python, case.python, "{} in Python, {split}", case.name);
            assert_eq!(node, case.node, "{} in Node, {split}", case.name);
        }
    }
}

#[test]
fn an_unfinished_event_is_all_that_the_languages_disagree_on_in_the_cases() {
    for case in CASES {
        let python = items(PYTHON, &[case.input]);
        let mut node = items(NODE, &[case.input]);
        node.truncate(python.len());
        assert_eq!(python, node, "{}", case.name);
    }
}
