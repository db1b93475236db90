//! Inputs that are put together of what a check looks at, for `cargo test`, which has no fuzzer.

use super::random::Random;

/// Calls `check` with a byte and up to twelve words behind it, one in `odd` of which is any byte instead.
pub(crate) fn checked(inputs: u64, odd: usize, words: &[&[u8]], check: fn(&[u8])) {
    for seed in 0..inputs {
        let mut random = Random(seed);
        let mut input = vec![u8::try_from(random.below(256)).unwrap()];
        for _ in 0..random.below(12) {
            match random.below(odd) {
                0 => input.push(u8::try_from(random.below(256)).unwrap()),
                _ => input.extend_from_slice(words[random.below(words.len())]),
            }
        }
        println!("seed {seed}: {:?}", String::from_utf8_lossy(&input));
        check(&input);
    }
}
