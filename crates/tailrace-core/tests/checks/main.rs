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
#[path = "../../../../fuzz/checks/inputs.rs"]
mod inputs;
#[path = "../../../../fuzz/checks/multipart.rs"]
mod multipart;
#[path = "../../../../fuzz/checks/random.rs"]
mod random;

use inputs::checked;

/// Inputs for each; Miri takes a thousand times as long.
const INPUTS: u64 = if cfg!(miri) { 20 } else { 6_000 };

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
    checked(INPUTS, 20, &WORDS, multipart::check);
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
    checked(INPUTS, 20, &WORDS, grant::check);
}
