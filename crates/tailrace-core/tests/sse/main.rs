//! The event decoder beside the crate `sse-stream`, on the byte cases and on many random streams. The fuzz targets in
//! `fuzz/` make the same comparison without an end.

#[path = "../../src/sse/cases.rs"]
mod cases;
#[allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a comparison says by panicking what differs"
)]
mod compare;

use std::{collections::BTreeMap, fs, path::Path};

use cases::{CASES, DEPARTURES};
use compare::{Random, check_events, check_items, decoded};

/// What streams are made of: whatever a decoder looks at, in whole and in part.
const WORDS: [&[u8]; 47] = [
    b"\n",
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"\r\n\r\n",
    b"\r\r",
    b":",
    b": ",
    b" ",
    b"\t",
    b"\0",
    b"data",
    b"data:",
    b"data: ",
    b"data: {\"a\":1}\n\n",
    b"data: b\n\n",
    b"data:c\r\n\r\n",
    b"\n\n",
    b"data: a\n",
    b"datadata",
    b"dat",
    b"event",
    b"event: error\n",
    b"event: x\n",
    b"event:",
    b"id",
    b"id: 1\n",
    b"id:\0\n",
    b"id:\n",
    b"retry: 10\n",
    b"retry:",
    b"retry: 1x\n",
    b"7",
    b": ping\n\n",
    b"[DONE]",
    b"data: [DONE]\n\n",
    b"\xEF\xBB\xBF",
    b"\xEF",
    b"\xBB\xBF",
    b"\xC3\xA9",
    b"\xC3",
    b"\xF0\x9F\x8C\x8A",
    b"\xF0\x9F",
    b"\xFF",
    b"\xED\xA0\x80",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

/// Miri takes a thousand times as long for each.
const INPUTS: usize = if cfg!(miri) { 20 } else { 100_000 };

#[test]
fn a_hundred_thousand_random_streams_are_read_alike_in_every_cut_and_by_sse_stream() {
    let mut random = Random::new(20_261_122);
    let mut events = 0;
    let mut input = Vec::new();
    for _ in 0..INPUTS {
        input.clear();
        for _ in 0..=random.below(10) {
            input.extend_from_slice(WORDS[random.below(WORDS.len())]);
        }
        check_events(&input);
        check_items(&input);
        events += decoded(&[&input], 1 << 20).events.len();
    }
    // Streams without events would agree on anything.
    assert!(events > INPUTS / 4, "{events} events");
}

/// The inputs of both tables by the file that a fuzz target begins with.
fn inputs() -> BTreeMap<String, &'static [u8]> {
    let cases = CASES.iter().map(|case| (case.name, case.input));
    let departures = DEPARTURES.iter().map(|case| (case.name, case.input));
    let named = |(name, input): (&str, &'static [u8])| (format!("{name}.txt"), input);
    cases
        .map(named)
        .chain(departures.map(|(name, input)| (format!("official-{name}.txt"), input)))
        .collect()
}

#[test]
fn the_cases_are_read_alike_in_every_cut_and_by_sse_stream() {
    for (name, input) in inputs() {
        println!("{name}");
        check_events(input);
        check_items(input);
    }
    for case in CASES {
        let reading = decoded(&[case.input], 1 << 20);
        assert_eq!(reading.events, case.events, "{}", case.name);
        assert_eq!(reading.retry_ms, case.retry_ms, "{}", case.name);
    }
    // The items of the departures are for the unit tests; here they are only input.
    assert!(DEPARTURES.iter().any(|case| case.python != case.node));
}

#[test]
fn the_seeds_of_the_fuzz_targets_are_the_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let mut seeds = BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("fuzz/seeds is a folder") {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        seeds.insert(name, fs::read(&path).unwrap());
    }
    let inputs = inputs();
    let differ: Vec<&String> = inputs
        .iter()
        .filter(|(name, input)| seeds.get(*name).map(Vec::as_slice) != Some(input))
        .map(|(name, _)| name)
        .collect();
    let left: Vec<&String> = seeds
        .keys()
        .filter(|name| !inputs.contains_key(*name))
        .collect();
    assert!(
        differ.is_empty() && left.is_empty(),
        "`cargo test -p tailrace-core --test sse -- --ignored` writes the seeds anew; they differ in {differ:?}, and have {left:?} besides"
    );
}

#[test]
#[ignore = "writes fuzz/seeds; run it after a change of the cases"]
fn write_the_seeds_of_the_fuzz_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (name, input) in inputs() {
        fs::write(folder.join(name), input).unwrap();
    }
}
