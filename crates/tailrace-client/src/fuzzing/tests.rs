//! The checks of the fuzz targets, on some thousand inputs that are put together of what each of them looks at.

#[path = "../../../../fuzz/checks/answer.rs"]
mod answer;
#[path = "../../../../fuzz/checks/coding.rs"]
mod coding;
#[path = "../../../../fuzz/checks/frames.rs"]
mod frames;
#[path = "../../../../fuzz/checks/inputs.rs"]
mod inputs;
#[path = "../../../../fuzz/checks/random.rs"]
mod random;
#[path = "../../../../fuzz/checks/redirect.rs"]
mod redirect;
#[path = "../../../../fuzz/checks/request.rs"]
mod request;

use inputs::checked;

#[test]
fn answers_of_any_bytes() {
    const WORDS: [&[u8]; 24] = [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.0 404 Not Found\r\n",
        b"HTTP/1.1 204 \r\n",
        b"HTTP/1.1 304\r\n",
        b"HTTP/1.1 101 x\r\n",
        b"content-length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"connection: close\r\n",
        b"a: b\r\n",
        b": b\r\n",
        b" c\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b"0\r\n\r\n",
        b"1\r\na\r\n",
        b"5;a=b\r\nhello\r\n",
        b"ffffffffffffffff\r\n",
        b"0\r\nx: y\r\n\r\n",
        b"hello",
    ];
    checked(6_000, 12, &WORDS, answer::check);
}

#[test]
fn frames_of_any_bytes() {
    const WORDS: [&[u8]; 28] = [
        b"\x81\x05hello",
        b"\x82\x03\x00\xff\x01",
        b"\x01\x02he",
        b"\x00\x02ll",
        b"\x80\x01o",
        b"\x80\x00",
        b"\x01\x02\xc3\xa9",
        b"\x01\x01\xc3",
        b"\x80\x01\xa9",
        b"\x81\x02\xff\xfe",
        b"\x89\x04ping",
        b"\x89\x00",
        b"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x01",
        b"\x88\x02\x03\xe8",
        b"\x88\x05\x03\xe9bye",
        b"\x88\x00",
        b"\x88\x01\x03",
        b"\x88\x02\x03\xed",
        b"\x88\x04\x0f\xa0\xff\xff",
        b"\x81\x85\x01\x02\x03\x04hello",
        b"\xc1\x01a",
        b"\x83\x00",
        b"\x09\x01a",
        b"\x82\x7e\x01\x00",
        b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
        b"\x82\x7e\x00\x02ab",
        b"\x88\x7e\x00\x00",
        b"\x89\x7e\x00\x01a",
    ];
    checked(4_000, 12, &WORDS, frames::check);
}

#[test]
fn requests_of_any_texts() {
    const WORDS: [&[u8]; 26] = [
        b"\xff",
        b"\xff",
        b"\xff",
        b"https://a.b/v1",
        b"http://u:p@[::1]:81/x?y=1",
        b"HTTPS://c.d",
        b"/chat/x",
        b"//c.d",
        b"@c.d",
        b"\\",
        b"?k=1",
        b"#f",
        b"%0d%0a",
        b"\r\n",
        b"\t",
        b"\0",
        b" ",
        b"{\"a\":[1,2],\"b\":{\"c\":null}}",
        b"{\"a\":1e16,\"\\u00e9\":\"&=+ \"}",
        b"[]",
        b"x-a",
        b"content-length",
        b"host",
        b"authorization",
        b"\xc3\xa9",
        b"-",
    ];
    checked(6_000, 12, &WORDS, request::check);
}

#[test]
fn redirects_to_anywhere() {
    const WORDS: [&[u8]; 18] = [
        b"https://a.b/",
        b"http://a.b:81/",
        b"http://a.b/",
        b"https://u:p@[::1]:444/",
        b"//c.d/",
        b"https:",
        b"ws://a.b",
        b"file:///",
        b"javascript:1",
        b"\\\\c.d",
        b"@c.d",
        b"../",
        b"#",
        b"?",
        b"%2e",
        b"/",
        b":",
        b"\t",
    ];
    checked(6_000, 12, &WORDS, redirect::check);
}

#[test]
fn coded_bodies_of_any_bytes() {
    const WORDS: [&[u8]; 8] = [
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
        b"\x78\x9c",
        b"\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x4b\x04\x00",
        b"\x28\xb5\x2f\xfd\x00\x58",
        b"\x00\x00\x00",
        b"\x0b\x00\x80a\x03",
        b"\x01\x01\x00\xfe\xffa",
    ];
    checked(6_000, 12, &WORDS, coding::check);
}
