//! Words, ids and counts, all from one number.

use std::time::{SystemTime, UNIX_EPOCH};

/// FNV-1a: the same request gives the same reply on every machine.
pub(crate) fn seed(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The next number of a SplitMix64 sequence.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An id as chat completions have them: letters of both cases and digits.
pub(crate) fn id(prefix: &str, seed: u64, length: usize) -> String {
    from_alphabet(
        prefix,
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        seed,
        length,
    )
}

/// An id as responses have them: hexadecimal.
pub(crate) fn hex_id(prefix: &str, seed: u64, length: usize) -> String {
    from_alphabet(prefix, b"0123456789abcdef", seed, length)
}

fn from_alphabet(prefix: &str, alphabet: &[u8], seed: u64, length: usize) -> String {
    let mut state = seed ^ self::seed(prefix.as_bytes());
    let mut text = prefix.to_owned();
    for _ in 0..length {
        let letter = pick(alphabet, next(&mut state)).copied().unwrap_or(b'0');
        text.push(char::from(letter));
    }
    text
}

fn pick<T>(items: &[T], number: u64) -> Option<&T> {
    let index = number.checked_rem(items.len() as u64)?;
    items.get(usize::try_from(index).ok()?)
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// About the number of tokens of a text of so many bytes.
pub(crate) fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(4)
}

/// Cuts a text into pieces as a tokenizer would: words with the space before them.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in text.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_whitespace() && word.len() < 12 => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    words
}

const OPENINGS: [&str; 4] = [
    "Here is what I can say about",
    "You asked about",
    "Let me look at",
    "Thank you for",
];
const SENTENCES: [&str; 8] = [
    "The short version fits in one line, and the details only confirm it.",
    "Water finds the lowest path, and so does a good plan.",
    "Two things matter here: where it starts and how it ends.",
    "In practice the simple approach works, and it is easy to check.",
    "If you try it step by step, the result is the same each time.",
    "There is one exception, and it rarely appears.",
    "A small example makes the point better than a long rule.",
    "Naïve attempts fail in cafés and labs alike – mostly for lack of measurement. 🌊",
];

/// A few sentences about the question.
pub(crate) fn about(question: &str, seed: u64) -> String {
    let mut state = seed;
    let topic: String = question.trim().chars().take(200).collect();
    let opening = pick(&OPENINGS, next(&mut state))
        .copied()
        .unwrap_or_default();
    let mut text = match topic.is_empty() {
        true => "Hello! How can I help you today?".to_owned(),
        false => format!("{opening} \"{topic}\"."),
    };
    // A stride that shares no factor with the count never says a sentence twice.
    let start = next(&mut state) % SENTENCES.len() as u64;
    for step in [0, 3, 6] {
        text.push(' ');
        text.push_str(pick(&SENTENCES, start + step).copied().unwrap_or_default());
    }
    text
}
