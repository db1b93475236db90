//! Each rule of RFC 6455, section 5, on bytes that are cut everywhere.

use super::{super::deflate::DeflateOffer, *};

const MOST_BYTES: usize = 100_000;

/// What is heard in pieces that are read one after the other, and the code of a fault behind it.
fn heard<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> (Vec<Heard>, Option<u16>) {
    heard_by(Frames::new(MOST_BYTES, None), pieces)
}

fn heard_by<'b>(
    mut frames: Frames,
    pieces: impl IntoIterator<Item = &'b [u8]>,
) -> (Vec<Heard>, Option<u16>) {
    let mut all = Vec::new();
    for mut piece in pieces {
        loop {
            match frames.next(&mut piece) {
                Ok(Some(heard)) => all.push(heard),
                Ok(None) => break,
                Err((code, _)) => return (all, Some(code)),
            }
        }
        assert!(piece.is_empty(), "what is not heard was taken");
    }
    (all, None)
}

/// The same for every cut in two, and byte for byte.
fn is_heard(bytes: &[u8], expected: impl Fn() -> Vec<Heard>, fault: Option<u16>) {
    for at in 0..=bytes.len() {
        let (before, after) = bytes.split_at(at);
        let got = heard([before, after]);
        assert_eq!(got, (expected(), fault), "{bytes:x?} at {at}");
    }
    assert_eq!(heard(bytes.chunks(1)), (expected(), fault), "{bytes:x?}");
}

fn text(data: &str) -> Heard {
    message(data.as_bytes(), true)
}

fn message(data: &[u8], is_text: bool) -> Heard {
    Heard::Message(Message {
        data: Bytes::copy_from_slice(data),
        is_text,
    })
}

fn close(code: u16, reason: &str, is_inside: bool) -> Heard {
    Heard::Close {
        close: Close::new(code, reason),
        is_inside,
    }
}

/// A frame whose length is said in as few bytes as it needs.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut frame = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => frame.push(short),
        (_, Ok(middle)) => {
            frame.push(126);
            frame.extend(middle.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

#[test]
fn messages_of_one_frame() {
    is_heard(b"\x81\x02hi", || vec![text("hi")], None);
    is_heard(b"\x82\x02\xff\0", || vec![message(b"\xff\0", false)], None);
    is_heard(
        b"\x81\0\x82\0",
        || vec![text(""), message(b"", false)],
        None,
    );
    is_heard(b"\x81\x05hell", Vec::new, None);
}

#[test]
fn lengths_of_every_form() {
    for length in [125, 126, 127, 200, 300] {
        let data = vec![0x88; length];
        is_heard(&frame(0x82, &data), || vec![message(&data, false)], None);
    }
    for length in [65_535, 65_536, MOST_BYTES] {
        let data = vec![0x88; length];
        let bytes = frame(0x82, &data);
        for size in [1, 7, 4096, 65_536, bytes.len()] {
            let got = heard(bytes.chunks(size));
            assert!(
                got == (vec![message(&data, false)], None),
                "{length} {size}"
            );
        }
    }
    // In more bytes than it needs, which every reader takes.
    is_heard(b"\x81\x7e\0\x02hi", || vec![text("hi")], None);
    is_heard(b"\x81\x7f\0\0\0\0\0\0\0\x02hi", || vec![text("hi")], None);
}

#[test]
fn fragments_are_joined_and_control_frames_stand_between_them() {
    is_heard(
        b"\x01\x02he\x89\x01p\x00\x02ll\x8a\x01q\x00\0\x80\x01o\x81\x01!",
        || {
            vec![
                Heard::Ping(Bytes::from_static(b"p")),
                Heard::Pong(Bytes::from_static(b"q")),
                text("hello"),
                text("!"),
            ]
        },
        None,
    );
    is_heard(b"\x02\0\x80\0", || vec![message(b"", false)], None);
    is_heard(b"\x02\x01a\x00\x01b", Vec::new, None);
}

#[test]
fn control_frames_have_125_bytes_at_most_and_are_whole() {
    let most = [b'x'; 125];
    is_heard(
        &frame(0x89, &most),
        || vec![Heard::Ping(Bytes::copy_from_slice(&most))],
        None,
    );
    for first in [0x88, 0x89, 0x8a] {
        is_heard(&frame(first, &[b'x'; 126]), Vec::new, Some(1002));
        // A length in more bytes than it needs, too.
        is_heard(&[first, 126, 0, 0], Vec::new, Some(1002));
    }
    for first in [0x08, 0x09, 0x0a] {
        is_heard(&[first, 0], Vec::new, Some(1002));
    }
}

#[test]
fn what_the_first_bytes_of_a_frame_may_not_say() {
    for bit in [0x40, 0x20, 0x10] {
        for first in [0x81, 0x88, 0x89] {
            is_heard(&[first | bit, 0], Vec::new, Some(1002));
        }
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        is_heard(&[0x80 | opcode, 0], Vec::new, Some(1002));
    }
    // Masks.
    is_heard(b"\x81\x80\0\0\0\0", Vec::new, Some(1002));
    is_heard(b"\x88\x82\0\0\0\0\x03\xe8", Vec::new, Some(1002));
}

#[test]
fn fragments_are_in_order() {
    for first in [0x00, 0x80] {
        is_heard(&[first, 0], Vec::new, Some(1002));
        let behind = [0x81, 1, b'a', first, 0];
        is_heard(&behind, || vec![text("a")], Some(1002));
    }
    for first in [0x01, 0x02, 0x81, 0x82] {
        is_heard(&[0x01, 1, b'a', first, 0], Vec::new, Some(1002));
    }
}

#[test]
fn messages_are_within_the_limit() {
    let most = (MOST_BYTES as u64).to_be_bytes();
    let more = (MOST_BYTES as u64 + 1).to_be_bytes();
    let head = |first: u8, length: &[u8]| [&[first, 127][..], length].concat();
    is_heard(&head(0x82, &most), Vec::new, None);
    is_heard(&head(0x82, &more), Vec::new, Some(1009));
    // The first bit of a length of eight bytes is 0: section 5.2.
    is_heard(
        &head(0x82, &[0x80, 0, 0, 0, 0, 0, 0, 0]),
        Vec::new,
        Some(1009),
    );
    is_heard(&head(0x82, &[0xff; 8]), Vec::new, Some(1009));
    // Fragments together, a control frame between which is none.
    let begun = frame(0x02, b"ab");
    let ping = frame(0x89, b"x");
    let fits = [
        &begun[..],
        &ping,
        &head(0x80, &(MOST_BYTES as u64 - 2).to_be_bytes()),
    ]
    .concat();
    let pinged = || vec![Heard::Ping(Bytes::from_static(b"x"))];
    is_heard(&fits, pinged, None);
    let exceeds = [
        &begun[..],
        &ping,
        &head(0x00, &(MOST_BYTES as u64 - 1).to_be_bytes()),
    ]
    .concat();
    is_heard(&exceeds, pinged, Some(1009));
    is_heard(
        &[&begun[..], &head(0x80, &[0xff; 8])].concat(),
        Vec::new,
        Some(1009),
    );
}

#[test]
fn a_limit_that_no_memory_has_is_kept_to() {
    let mut frames = Frames::new(usize::MAX, None);
    let mut bytes = &b"\x82\x7f\x80\0\0\0\0\0\0\0"[..];
    assert!(matches!(frames.next(&mut bytes), Err((1009, _))));
    // What is only said takes no room.
    let mut frames = Frames::new(usize::MAX, None);
    let mut bytes = &b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffabc"[..];
    assert!(matches!(frames.next(&mut bytes), Ok(None)));
    let held = frames.message.unwrap().data;
    assert_eq!(held, b"abc");
    assert!(held.capacity() <= TRUSTED_BYTES, "{}", held.capacity());
}

#[test]
fn texts_are_of_characters() {
    let word = "é€😀";
    is_heard(&frame(0x81, word.as_bytes()), || vec![text(word)], None);
    // Cut within its characters by the server, too.
    for at in 0..=word.len() {
        let (before, after) = word.as_bytes().split_at(at);
        let bytes = [frame(0x01, before), frame(0x89, b""), frame(0x80, after)].concat();
        is_heard(&bytes, || vec![Heard::Ping(Bytes::new()), text(word)], None);
    }
    for wrong in [
        &b"\xff"[..],
        b"a\xc3",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ] {
        is_heard(&frame(0x81, wrong), Vec::new, Some(1007));
        is_heard(
            &[frame(0x01, b"a"), frame(0x80, wrong)].concat(),
            Vec::new,
            Some(1007),
        );
    }
    // A frame that ends wrong is not waited on.
    is_heard(b"\x01\x01\xff", Vec::new, Some(1007));
    is_heard(b"\x01\x01\xc3\x00\x01\xc3", Vec::new, Some(1007));
    is_heard(b"\x01\x01\xc3\x80\x00", Vec::new, Some(1007));
    // Bytes are anything.
    is_heard(
        &frame(0x82, b"\xff"),
        || vec![message(b"\xff", false)],
        None,
    );
}

#[test]
fn close_frames_say_where_they_stand() {
    is_heard(b"\x88\0", || vec![close(1005, "", false)], None);
    is_heard(
        b"\x88\x05\x03\xe8bye",
        || vec![close(1000, "bye", false)],
        None,
    );
    for begun in [&b"\x01\0"[..], b"\x02\0\x00\x01a\x89\0"] {
        let bytes = [begun, b"\x88\x02\x03\xe9"].concat();
        let (all, fault) = heard([&bytes[..]]);
        assert_eq!((all.last(), fault), (Some(&close(1001, "", true)), None));
    }
    is_heard(
        b"\x01\x01a\x80\x01b\x88\0",
        || vec![text("ab"), close(1005, "", false)],
        None,
    );
    is_heard(b"\x88\x01\x03", Vec::new, Some(1002));
    is_heard(b"\x88\x02\x03\xed", Vec::new, Some(1002));
    is_heard(b"\x88\x03\x03\xe8\xff", Vec::new, Some(1007));
}

#[test]
fn a_long_message_takes_the_room_that_it_has_and_no_more() {
    let data = vec![7; MOST_BYTES];
    let bytes = frame(0x82, &data);
    let mut frames = Frames::new(MOST_BYTES, None);
    let mut room = 0;
    for (number, mut piece) in bytes.chunks(1000).enumerate() {
        if frames.next(&mut piece).unwrap().is_some() {
            assert_eq!(number, bytes.len() / 1000);
            break;
        }
        let parts = frames.message.as_ref().unwrap();
        room = parts.data.capacity();
        assert!(room <= TRUSTED_BYTES.max(2 * parts.data.len()), "{room}");
    }
    assert_eq!(room, MOST_BYTES);
}

#[test]
fn many_fragments_cost_no_copy_each() {
    let mut frames = Frames::new(MOST_BYTES, None);
    let mut moves = 0;
    let mut at = std::ptr::null();
    for first in std::iter::once(2).chain(std::iter::repeat_n(0, MOST_BYTES - 1)) {
        assert_eq!(frames.next(&mut &[first, 1, b'x'][..]).unwrap(), None);
        let now = frames.message.as_ref().unwrap().data.as_ptr();
        moves += usize::from(now != at);
        at = now;
    }
    assert!(moves < 30, "{moves}");
}

/// A reader of messages that may be deflated: RFC 7692, section 6.
fn inflating(most_bytes: usize) -> Frames {
    let agreed = DeflateOffer::default().agree("permessage-deflate");
    Frames::new(most_bytes, Some(Inflater::new(&agreed.unwrap())))
}

/// "Hello", deflated: RFC 7692, section 7.2.3.1.
const HELLO: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

#[test]
fn deflated_messages_are_read() {
    let (start, end) = HELLO.split_at(3);
    for (bytes, expected, fault) in [
        (frame(0xc1, HELLO), vec![text("Hello")], None),
        (frame(0xc2, HELLO), vec![message(b"Hello", false)], None),
        (frame(0xc1, &[0x00]), vec![text("")], None),
        // One that is not deflated stands among them as it is.
        (
            [
                frame(0xc1, HELLO),
                frame(0x81, HELLO.get(1..2).unwrap()),
                frame(0xc1, HELLO),
            ]
            .concat(),
            vec![text("Hello"), text("H"), text("Hello")],
            None,
        ),
        (
            [
                frame(0x41, start),
                frame(0x89, b"p"),
                frame(0x00, b""),
                frame(0x80, end),
            ]
            .concat(),
            vec![Heard::Ping(Bytes::from_static(b"p")), text("Hello")],
            None,
        ),
        // The bit belongs to the first frame of a message, and to no other.
        (
            [frame(0x41, start), frame(0xc0, end)].concat(),
            vec![],
            Some(1002),
        ),
        (frame(0xc9, b""), vec![], Some(1002)),
        (frame(0xe1, HELLO), vec![], Some(1002)),
        (frame(0xc1, b"Hello"), vec![], Some(1002)),
        // A block that is stored as it is, with a byte that begins no character.
        (
            frame(0xc1, b"\x00\x01\x00\xfe\xff\xff\x00"),
            vec![],
            Some(1007),
        ),
        (
            frame(0xc2, b"\x00\x01\x00\xfe\xff\xff\x00"),
            vec![message(b"\xff", false)],
            None,
        ),
    ] {
        for at in 0..=bytes.len() {
            let (before, after) = bytes.split_at(at);
            let got = heard_by(inflating(MOST_BYTES), [before, after]);
            let expected = expected.iter().collect::<Vec<_>>();
            assert_eq!(
                (got.0.iter().collect(), got.1),
                (expected, fault),
                "{bytes:x?} at {at}"
            );
        }
    }
    assert_eq!(
        heard([&frame(0xc1, HELLO)[..]]),
        (vec![], Some(1002)),
        "nothing was agreed on"
    );
}

#[test]
fn what_a_deflated_message_becomes_is_limited() {
    let bytes = frame(0xc1, HELLO);
    assert_eq!(
        heard_by(inflating(5), [&bytes[..]]),
        (vec![text("Hello")], None)
    );
    for most in [0, 4] {
        assert_eq!(
            heard_by(inflating(most), [&bytes[..]]),
            (vec![], Some(1009))
        );
    }
}
