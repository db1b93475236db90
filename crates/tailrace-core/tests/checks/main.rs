//! The checks of the fuzz targets that need the core only, on some thousand inputs that are put together of what each of
//! them looks at.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a check says by panicking what differs"
)]

#[path = "../../../../fuzz/checks/grant.rs"]
mod grant;
#[path = "../../../../fuzz/checks/multipart.rs"]
mod multipart;

/// Inputs for each; Miri takes a thousand times as long.
const INPUTS: u64 = if cfg!(miri) { 20 } else { 6_000 };

/// The same numbers for the same seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }
}

/// Calls `check` with a byte and up to twelve words behind it, and sometimes a byte among them that is any.
fn checked(words: &[&[u8]], check: fn(&[u8])) {
    for seed in 0..INPUTS {
        let mut random = Random(seed);
        let mut input = vec![u8::try_from(random.below(256)).unwrap()];
        for _ in 0..random.below(12) {
            match random.below(20) {
                0 => input.push(u8::try_from(random.below(256)).unwrap()),
                _ => input.extend_from_slice(words[random.below(words.len())]),
            }
        }
        println!("seed {seed}: {:?}", String::from_utf8_lossy(&input));
        check(&input);
    }
}

#[test]
fn forms_of_any_texts() {
    const WORDS: [&[u8]; 16] = [
        b"\xff",
        b"\xff",
        b"\xff",
        b"\xff\x01",
        b"\xff\x03",
        b"\"",
        b"\\",
        b"\r\n",
        b"\r",
        b"\n",
        b"%22",
        b"\r\n--b\r\n",
        b"; filename=\"x\"",
        b"a/b",
        b"\xc3\xa9",
        b"\x00",
    ];
    checked(&WORDS, multipart::check);
}

#[test]
fn grants_of_any_answers() {
    const WORDS: [&[u8]; 20] = [
        b"{",
        b"}",
        b",",
        b"{\"access_token\":\"t\",\"expires_in\":3600",
        b"\"access_token\":\"a.b~\"",
        b"\"access_token\":\"\xc3\xa9\"",
        b"\"access_token\":null",
        b"\"expires_in\":1.5",
        b"\"expires_in\":-1",
        b"\"expires_in\":1e-10",
        b"\"expires_in\":1e300",
        b"\"expires_in\":\"5\"",
        b"\"expires_in\":9223372036854775808",
        b"\"token_type\":\"bearer\"",
        b"\"token_type\":\"mac\"",
        b"\"x\":[{}]",
        b"{\"access_token\":\"t==\",\"expires_in\":1e-10}",
        b" ",
        b"[]",
        b"\"",
    ];
    checked(&WORDS, grant::check);
}
