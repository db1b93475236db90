//! RFC 7692: what may be agreed on, its own examples, and messages in windows of every size that are cut everywhere.

use super::{
    super::{Close, Message, SocketLimits, fuzzing::converse_by},
    *,
};

const MOST: usize = 1 << 20;

fn offered() -> DeflateOffer {
    DeflateOffer::default()
}

fn agreed(answer: &str) -> Agreed {
    offered().agree(answer).unwrap()
}

/// What a message becomes, in as many steps as it takes.
fn deflated(deflater: &mut Deflater, message: &[u8]) -> Bytes {
    loop {
        if let Some(small) = deflater.step(message).unwrap() {
            return small;
        }
        assert!(deflater.is_midway());
    }
}

fn inflated(inflater: &mut Inflater, pieces: &[&[u8]], most: usize) -> Result<Vec<u8>, u16> {
    let mut message = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        inflater
            .add(&mut message, piece, at + 1 == pieces.len(), most)
            .map_err(|(code, _)| code)?;
    }
    Ok(message)
}

/// Text as models write it, with something new in each line.
fn sample(bytes: usize) -> Vec<u8> {
    let lines = (0_u64..).flat_map(|n| {
        format!(
            "{{\"delta\":\"{}\"}}\n",
            n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        )
        .into_bytes()
    });
    lines.take(bytes).collect()
}

#[test]
fn an_offer_is_written_and_read() {
    for (offer, text) in [
        (offered(), "permessage-deflate; client_max_window_bits"),
        (
            DeflateOffer {
                client_max_window_bits: None,
                ..offered()
            },
            "permessage-deflate",
        ),
        (
            DeflateOffer {
                server_no_context_takeover: true,
                client_no_context_takeover: true,
                server_max_window_bits: Some(10),
                client_max_window_bits: Some(11),
                threshold: 0,
            },
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; \
             client_max_window_bits=11",
        ),
    ] {
        assert_eq!(offer.to_string(), text);
        assert_eq!(text.parse(), Ok(offer));
    }
}

#[test]
fn what_is_no_offer_is_refused() {
    for text in [
        "",
        "bbf-usp-protocol",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; mux",
        "permessage-deflate, permessage-deflate",
    ] {
        assert!(text.parse::<DeflateOffer>().is_err(), "{text}");
    }
    let long = "x".repeat(100_000);
    for text in [long.clone(), format!("permessage-deflate; {long}")] {
        assert!(text.parse::<DeflateOffer>().unwrap_err().len() < 200);
    }
}

#[test]
fn what_may_be_answered_is_agreed_on() {
    let side = |window_bits, keeps| Side { window_bits, keeps };
    for (answer, server, client) in [
        ("permessage-deflate", side(15, true), side(15, true)),
        (
            "Permessage-Deflate ; server_no_context_takeover",
            side(15, false),
            side(15, true),
        ),
        (
            "permessage-deflate;client_no_context_takeover",
            side(15, true),
            side(15, false),
        ),
        // It may say what it was not asked.
        (
            "permessage-deflate; server_max_window_bits = 8",
            side(8, true),
            side(15, true),
        ),
        (
            "permessage-deflate; client_max_window_bits=\"9\"",
            side(15, true),
            side(9, true),
        ),
    ] {
        let agreed = agreed(answer);
        assert_eq!((agreed.server, agreed.client), (server, client), "{answer}");
    }
    let own = DeflateOffer {
        client_no_context_takeover: true,
        client_max_window_bits: Some(10),
        ..offered()
    };
    assert_eq!(
        own.agree("permessage-deflate").unwrap().client,
        side(10, false)
    );
}

#[test]
fn what_was_not_offered_is_refused() {
    let asking = DeflateOffer {
        server_no_context_takeover: true,
        server_max_window_bits: Some(10),
        client_max_window_bits: Some(12),
        ..offered()
    };
    let right = "permessage-deflate; server_no_context_takeover; server_max_window_bits=10";
    assert!(asking.agree(right).is_ok());
    for (offer, answer) in [
        (offered(), ""),
        (offered(), "x-webkit-deflate-frame"),
        (offered(), "permessage-deflate, permessage-deflate"),
        (offered(), "permessage-deflate; window=3"),
        (offered(), "permessage-deflate; server_max_window_bits"),
        (offered(), "permessage-deflate; client_max_window_bits"),
        (offered(), "permessage-deflate; server_max_window_bits=7"),
        (offered(), "permessage-deflate; server_max_window_bits=16"),
        (offered(), "permessage-deflate; server_max_window_bits=+9"),
        (offered(), "permessage-deflate; server_max_window_bits=09"),
        (
            offered(),
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
        ),
        (
            offered(),
            "permessage-deflate; server_no_context_takeover=1",
        ),
        (
            offered(),
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        ),
        (
            DeflateOffer {
                client_max_window_bits: None,
                ..offered()
            },
            "permessage-deflate; client_max_window_bits=15",
        ),
        (asking, "permessage-deflate; server_max_window_bits=10"),
        (asking, "permessage-deflate; server_no_context_takeover"),
        (
            asking,
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=11",
        ),
        (
            asking,
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits=13",
        ),
    ] {
        assert!(offer.agree(answer).is_err(), "{answer}");
    }
}

/// The messages of section 7.2.3.
#[test]
fn the_examples_of_the_rfc_are_read() {
    let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let mut inflater = Inflater::new(&agreed("permessage-deflate"));
    assert_eq!(inflated(&mut inflater, &[&first], MOST).unwrap(), b"Hello");
    // The window is kept, so that it refers to the one before.
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    assert_eq!(inflated(&mut inflater, &[&again], MOST).unwrap(), b"Hello");
    for example in [
        &[
            0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
        ][..],
        // Its block calls itself the last one.
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        // Two blocks.
        &[
            0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ],
    ] {
        for at in 0..example.len() {
            let (before, after) = example.split_at(at);
            let mut inflater = Inflater::new(&agreed("permessage-deflate"));
            let read = inflated(&mut inflater, &[before, after], MOST);
            assert_eq!(read.unwrap(), b"Hello", "{example:x?} at {at}");
        }
    }
    assert_eq!(
        inflated(&mut inflater, &[&[0x00]], MOST).unwrap(),
        b"",
        "the empty message"
    );
}

#[test]
fn messages_survive_in_windows_of_every_size() {
    for bits in 8..=15 {
        for parameters in [
            "",
            "; server_no_context_takeover; client_no_context_takeover",
        ] {
            let windows = format!("; server_max_window_bits={bits}; client_max_window_bits={bits}");
            let agreed = agreed(&format!("permessage-deflate{windows}{parameters}"));
            let (mut deflater, mut inflater) = (Deflater::new(&agreed), Inflater::new(&agreed));
            for bytes in [
                1,
                100,
                100,
                70_000,
                SLICE_BYTES,
                2 * SLICE_BYTES,
                3 * SLICE_BYTES + 1,
                100,
            ] {
                let message = sample(bytes);
                assert_eq!(deflater.takes(&message), bits > 8);
                if bits > 8 {
                    let small = deflated(&mut deflater, &message);
                    let pieces: Vec<&[u8]> = small.chunks(1000).collect();
                    let read = inflated(&mut inflater, &pieces, bytes);
                    assert_eq!(
                        read.as_deref(),
                        Ok(&message[..]),
                        "{bits} bits, {bytes} bytes"
                    );
                }
            }
        }
    }
}

#[test]
fn a_window_that_is_kept_makes_the_next_message_smaller() {
    let message = sample(1000);
    let sizes = |answer| {
        let mut deflater = Deflater::new(&agreed(answer));
        [(); 2].map(|()| deflated(&mut deflater, &message).len())
    };
    let [first, second] = sizes("permessage-deflate");
    assert!(second * 10 < first, "{first} {second}");
    let [first, second] = sizes("permessage-deflate; client_no_context_takeover");
    assert_eq!(first, second);
}

#[test]
fn what_need_not_be_deflated_is_not() {
    let offer = DeflateOffer {
        threshold: 10,
        ..offered()
    };
    let deflater = Deflater::new(&offer.agree("permessage-deflate").unwrap());
    assert!(deflater.takes(b"short") && !deflater.takes(b""));
    let answer = "permessage-deflate; client_no_context_takeover";
    let deflater = Deflater::new(&offer.agree(answer).unwrap());
    assert!(!deflater.takes(b"short") && deflater.takes(b"long enough"));
}

#[test]
fn a_message_that_grows_too_large_is_given_up() {
    let agreed = agreed("permessage-deflate");
    let small = deflated(&mut Deflater::new(&agreed), &vec![b'a'; 10 * MOST]);
    assert!(small.len() < 20_000);
    for (most, read) in [
        (0, Err(1009)),
        (MOST, Err(1009)),
        (10 * MOST - 1, Err(1009)),
        (10 * MOST, Ok(10 * MOST)),
    ] {
        let mut message = Vec::new();
        let got = Inflater::new(&agreed).add(&mut message, &small, true, most);
        assert_eq!(got.map_err(|(code, _)| code).map(|()| message.len()), read);
        assert!(
            message.capacity() <= most + LEAST_ROOM,
            "{}",
            message.capacity()
        );
    }
}

#[test]
fn what_is_not_deflated_breaks_the_protocol() {
    for bytes in [
        &b"Hello"[..],
        &[0xff; 20],
        &[0x07],
        &[0x00, 0x05, 0x00, 0x05, 0x00],
    ] {
        let mut inflater = Inflater::new(&agreed("permessage-deflate"));
        assert_eq!(
            inflated(&mut inflater, &[bytes], MOST),
            Err(1002),
            "{bytes:x?}"
        );
    }
}

/// The messages in what a client wrote, of which the last may not be whole: each in one frame, masked and deflated.
fn said(mut written: &[u8], agreed: &Agreed) -> Vec<Vec<u8>> {
    let (mut inflater, mut messages) = (Inflater::new(agreed), Vec::new());
    while let [0xc1 | 0xc2, second, rest @ ..] = written {
        let (length, rest) = match second & 0x7f {
            126 => rest
                .split_first_chunk()
                .map(|(length, rest)| (u16::from_be_bytes(*length).into(), rest))
                .unwrap(),
            127 => rest
                .split_first_chunk()
                .map(|(length, rest)| (u64::from_be_bytes(*length), rest))
                .unwrap(),
            short => (u64::from(short), rest),
        };
        let (mask, rest) = rest.split_first_chunk::<4>().unwrap();
        let Some((payload, rest)) = rest.split_at_checked(usize::try_from(length).unwrap()) else {
            break;
        };
        let payload: Vec<u8> = payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        messages.push(inflated(&mut inflater, &[&payload], usize::MAX).unwrap());
        written = rest;
    }
    messages
}

#[test]
fn what_is_deflated_goes_out_in_order_or_is_handed_back() {
    let agreed = agreed("permessage-deflate");
    let limits = SocketLimits {
        send_bytes: usize::MAX,
        ..SocketLimits::default()
    };
    let sizes = [
        10,
        5 * SLICE_BYTES,
        1,
        40 * SLICE_BYTES,
        20 * SLICE_BYTES,
        2,
    ];
    let all: Vec<Vec<u8>> = sizes.into_iter().map(sample).collect();
    let messages = || {
        all.iter().map(|data| Message {
            data: Bytes::copy_from_slice(data),
            is_text: true,
        })
    };
    // The server goes at once, while a message is between two steps.
    for close in [Some(Close::new(1000, "")), None] {
        let done = converse_by(limits, Some(agreed), messages().collect(), close, &[]);
        let mut out = said(&done.written, &agreed);
        let (sent, unsent) = (out.len(), done.unsent.len());
        assert!(unsent > 0, "the server stayed");
        // What was given to the system and may not have arrived is handed back, too.
        assert!(sent + unsent >= all.len(), "{sent} {unsent}");
        out.extend(
            done.unsent
                .iter()
                .skip(sent + unsent - all.len())
                .map(|message| message.data.to_vec()),
        );
        assert!(out == all);
    }
}
