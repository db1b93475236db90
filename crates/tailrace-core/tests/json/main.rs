//! JSON in pieces beside serde_json and jiter, on many random texts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what must hold by panicking"
)]

mod compare;
#[path = "../../../../fuzz/checks/random.rs"]
mod random;

use random::Random;

/// Texts of one run; Miri takes a thousand times as long for each.
const TEXTS: u64 = if cfg!(miri) { 10 } else { 3_000 };
/// What texts are made of: whatever a reader looks at, in whole and in part.
const WORDS: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"a\":",
    "{\"a\":1",
    ",\"b\":",
    "[1,",
    "null",
    "nul",
    "true",
    "t",
    "false",
    "fals",
    "NaN",
    "Infinity",
    "-Infinity",
    "-I",
    "0",
    "-",
    "-0",
    "12",
    "1.5",
    ".",
    "1e",
    "1e5",
    "E-3",
    "12345678901234567890123",
    "1e400",
    " ",
    "\n",
    "\\",
    "\\n",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\ud83d",
    "é",
    "😀",
    "\u{1}",
    "a",
];

#[test]
fn random_texts_are_read_as_others_read_them() {
    for seed in 0..TEXTS {
        let mut random = Random(seed);
        let mut text: Vec<u8> = match seed % 2 {
            0 => (0..random.below(12))
                .flat_map(|_| WORDS[random.below(WORDS.len())].bytes())
                .collect(),
            _ => {
                let mut text = String::new();
                value(&mut random, 4, &mut text);
                text.into_bytes()
            }
        };
        if seed % 5 == 0 && !text.is_empty() {
            let place = random.below(text.len());
            text[place] = u8::try_from(random.below(256)).unwrap();
        }
        println!("seed {seed}: {}", String::from_utf8_lossy(&text));
        compare::check(&text, |limit| random.below(limit));
    }
}

/// Writes JSON.
fn value(random: &mut Random, depth: usize, text: &mut String) {
    const SCALARS: [&str; 14] = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1.5e3",
        "17",
        "1E-2",
        "0.1",
        "\"\"",
        "\"a\\\"b\"",
        "\"\\u00e9é\"",
        "\"\\ud83d\\ude00\"",
        "12345678901234567890123",
    ];
    match random.below(if depth == 0 { 2 } else { 4 }) {
        0 | 1 => text.push_str(SCALARS[random.below(SCALARS.len())]),
        2 => {
            text.push('[');
            for index in 0..random.below(4) {
                text.push_str(if index > 0 { " ," } else { "" });
                value(random, depth - 1, text);
            }
            text.push(']');
        }
        _ => {
            text.push('{');
            for index in 0..random.below(4) {
                text.push_str(if index > 0 { "," } else { "" });
                text.push_str(["\"a\":", "\"b\" : ", "\"\\u0061\":", "\"\":"][random.below(4)]);
                value(random, depth - 1, text);
            }
            text.push_str("\n}");
        }
    }
}
