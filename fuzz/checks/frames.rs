//! A server that says any bytes behind its handshake: the host gets what a reader of RFC 6455 finds in them, in every cut,
//! and what the client says is by the RFC, too. What is sent goes out in order or is handed back. The reader of frames alone
//! finds in them what tungstenite does; where messages may be deflated, the same in every cut.

#[allow(clippy::duplicate_mod, reason = "each target is a crate of its own")]
mod cuts;
mod rfc6455;
mod tungstenite;

use std::time::Duration;

use tailrace_client::{
    Close, Message, SocketLimits,
    fuzzing::{Conversation, converse, heard},
};
use tailrace_core::error::Code;

use rfc6455::{End, Said};

const MOST_BYTES: usize = 300;

pub(crate) fn check(input: &[u8]) {
    let Some((&how, input)) = input.split_first() else {
        return;
    };
    let (server, pieces) = cuts::cut(input);
    let bytes: Vec<_> = server.chunks(1).collect();
    for pieces in [&[server][..], &pieces, &bytes] {
        tungstenite::check(server, MOST_BYTES, &heard(pieces, MOST_BYTES, false));
    }
    let inflated = heard(&[server], MOST_BYTES, true);
    for (_, data) in &inflated.0 {
        assert!(data.len() <= MOST_BYTES);
    }
    for pieces in [&pieces, &bytes] {
        assert_eq!(heard(pieces, MOST_BYTES, true), inflated);
    }
    let messages: Vec<Message> = (0..how & 3)
        .map(|number| Message {
            data: vec![b'a' + number; usize::from(number) * 90].into(),
            is_text: number != 1,
        })
        .collect();
    let close = (how & 4 != 0).then(|| Close::new(1000 + u16::from(how >> 7), "bye"));
    let limits = SocketLimits {
        receive_bytes: if how & 8 == 0 { 1 << 18 } else { 200 },
        receive_messages: if how & 16 == 0 { usize::MAX } else { 1 },
        message_bytes: MOST_BYTES,
        close: Duration::from_secs(600),
        ..SocketLimits::default()
    };
    let whole = converse(limits, messages.clone(), close.clone(), &[server]);
    let cut = converse(limits, messages.clone(), close.clone(), &pieces);
    for conversation in [&whole, &cut] {
        check_heard(server, conversation, close.is_some());
        check_said(&messages, conversation);
    }
    assert_eq!(whole.arrived, cut.arrived);
    assert_eq!(whole.closed.received, cut.closed.received);
}

/// What the host got is what the bytes say.
fn check_heard(server: &[u8], conversation: &Conversation, closes: bool) {
    let expected = rfc6455::heard(server, MOST_BYTES);
    let closed = &conversation.closed;
    let got: Vec<(bool, Vec<u8>)> = conversation
        .arrived
        .iter()
        .map(|message| (message.is_text, message.data.to_vec()))
        .collect();
    for (is_text, data) in &got {
        assert!(!is_text || std::str::from_utf8(data).is_ok());
    }
    if closes {
        // Past the limits of a host that has closed there is nobody to hold messages for.
        assert!(expected.messages.starts_with(&got) || is_subsequence(&got, &expected.messages));
    } else {
        assert_eq!(got, expected.messages);
    }
    let error = closed.error.as_ref().map(|error| error.code());
    let sent = closed.sent.as_ref().map(|sent| sent.code);
    match expected.end {
        End::Closed(code, reason, is_inside) => {
            assert_eq!(error, None, "{closed:?}");
            let received = closed.received.as_ref().expect("a close frame came");
            assert_eq!((received.code, &received.reason), (code, &reason));
            let answer = if is_inside { 1002 } else { code };
            assert!(if closes {
                sent.is_some()
            } else {
                sent == Some(answer)
            });
            assert_eq!(closed.received_first, Some(!closes));
        }
        End::Faulty(codes) => {
            assert_eq!(closed.received, None);
            assert_eq!(error, Some(Code::InvalidResponse), "{closed:?}");
            assert!(
                closes || sent.is_some_and(|sent| codes.contains(&sent)),
                "{closed:?} {codes:?}"
            );
        }
        End::Gone => {
            assert_eq!(closed.received, None);
            assert_eq!(error, Some(Code::Interrupted), "{closed:?}");
        }
        // The frame is wrong and not whole: either can be said of it.
        End::FaultyOrGone => {
            assert_eq!(closed.received, None);
            assert!(matches!(
                error,
                Some(Code::Interrupted | Code::InvalidResponse)
            ));
        }
    }
}

fn is_subsequence<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    let mut all = all.iter();
    some.iter().all(|one| all.any(|other| other == one))
}

/// What the client said is by the RFC, and no message is lost.
fn check_said(messages: &[Message], conversation: &Conversation) {
    let said = rfc6455::said(&conversation.written);
    let mut sent = Vec::new();
    let mut is_over = false;
    for frame in said {
        assert!(!is_over, "something follows the close frame");
        match frame {
            Said::Message(is_text, data) => sent.push((is_text, data)),
            Said::Pong => {}
            Said::Close(code) => {
                assert!(code.is_none_or(Close::is_sendable), "{code:?}");
                is_over = true;
            }
        }
    }
    let all: Vec<_> = messages
        .iter()
        .map(|message| (message.is_text, message.data.to_vec()))
        .collect();
    assert!(all.starts_with(&sent), "what is sent is in order");
    let unsent: Vec<_> = conversation
        .unsent
        .iter()
        .map(|message| (message.is_text, message.data.to_vec()))
        .collect();
    assert!(all.ends_with(&unsent), "what is handed back is in order");
    assert!(sent.len() + unsent.len() >= all.len(), "a message is lost");
}
