//! A reader of RFC 6455 in the plainest form, for comparison: it has all bytes and takes no care of speed.

/// What a client that speaks no extension finds in the bytes of a server.
pub(crate) struct Heard {
    /// Whether it is text, and its bytes.
    pub(crate) messages: Vec<(bool, Vec<u8>)>,
    pub(crate) end: End,
}

pub(crate) enum End {
    /// With the code and the reason of a close frame, which may stand inside a message.
    Closed(u16, String, bool),
    /// The server breaks the protocol, which may be told it with one of these codes.
    Faulty(&'static [u16]),
    /// The connection ends within a frame or between two.
    Gone,
    /// It ends within a frame that is wrong as far as it came.
    FaultyOrGone,
}

struct Frame<'b> {
    first: u8,
    is_masked: bool,
    mask: [u8; 4],
    length: u64,
    /// The length is in bytes of its own, which no control frame may have: it has 125 bytes at most, in as few bytes as that takes.
    is_extended: bool,
    payload: Option<&'b [u8]>,
}

fn frame<'b>(bytes: &mut &'b [u8]) -> Option<Frame<'b>> {
    let mut rest = *bytes;
    let mut take = |count: usize| {
        let (taken, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(taken)
    };
    let [first, second] = take(2)?.try_into().ok()?;
    let length = match second & 0x7f {
        126 => u16::from_be_bytes(take(2)?.try_into().ok()?).into(),
        127 => u64::from_be_bytes(take(8)?.try_into().ok()?),
        length => u64::from(length),
    };
    let is_extended = second & 0x7f > 125;
    let is_masked = second & 0x80 != 0;
    let mask = match is_masked {
        true => take(4)?.try_into().ok()?,
        false => [0; 4],
    };
    let payload = usize::try_from(length).ok().and_then(&mut take);
    *bytes = rest;
    Some(Frame {
        first,
        is_masked,
        mask,
        length,
        is_extended,
        payload,
    })
}

pub(crate) fn heard(mut bytes: &[u8], most: usize) -> Heard {
    let mut messages = Vec::new();
    let mut open: Option<(bool, Vec<u8>)> = None;
    let end = loop {
        let Some(frame) = frame(&mut bytes) else {
            // The rest is no whole head of a frame; what is there of it may be wrong already.
            break match bytes.first() {
                Some(first) if is_wrong(*first) => End::FaultyOrGone,
                Some(_) if bytes.len() > 1 => End::FaultyOrGone,
                _ => End::Gone,
            };
        };
        let (is_last, code) = (frame.first & 0x80 != 0, frame.first & 0x0f);
        let is_control = code >= 8;
        let is_first = matches!(code, 1 | 2);
        let wrong: Option<&'static [u16]> = if is_wrong(frame.first)
            || frame.is_masked
            || (is_control && (!is_last || frame.is_extended))
            || (code == 0 && open.is_none())
            || (is_first && open.is_some())
        {
            // A frame that is too large as well may be refused for that.
            Some(&[1002, 1009])
        } else if !is_control
            && frame
                .length
                .saturating_add(open.as_ref().map_or(0, |(_, data)| data.len() as u64))
                > most as u64
        {
            Some(&[1009, 1007])
        } else {
            None
        };
        let Some(payload) = frame.payload else {
            break match wrong {
                Some(_) => End::FaultyOrGone,
                // The characters may be wrong already.
                None if open.as_ref().is_some_and(|(is_text, _)| *is_text) => End::FaultyOrGone,
                None => End::Gone,
            };
        };
        if let Some(codes) = wrong {
            break End::Faulty(codes);
        }
        match code {
            8 => break closed(payload, open.is_some()),
            9 | 10 => {}
            _ => {
                let (is_text, data) = open.get_or_insert_with(|| (code == 1, Vec::new()));
                data.extend_from_slice(payload);
                if *is_text && !is_utf8_so_far(data, is_last) {
                    break End::Faulty(&[1007]);
                }
                if is_last {
                    messages.extend(open.take());
                }
            }
        }
    };
    Heard { messages, end }
}

/// Reserved bits or a reserved meaning.
fn is_wrong(first: u8) -> bool {
    first & 0x70 != 0 || matches!(first & 0x0f, 3..=7 | 11..)
}

fn is_utf8_so_far(data: &[u8], is_whole: bool) -> bool {
    match std::str::from_utf8(data) {
        Ok(_) => true,
        Err(error) => !is_whole && error.error_len().is_none(),
    }
}

fn closed(payload: &[u8], is_inside: bool) -> End {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return match payload.is_empty() {
            true => End::Closed(1005, String::new(), is_inside),
            false => End::Faulty(&[1002]),
        };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return End::Faulty(&[1002]);
    }
    match std::str::from_utf8(reason) {
        Ok(reason) => End::Closed(code, reason.to_owned(), is_inside),
        Err(_) => End::Faulty(&[1007]),
    }
}

/// What a client says.
pub(crate) enum Said {
    Message(bool, Vec<u8>),
    Pong,
    Close(Option<u16>),
}

/// The frames of a client that sends each message in one.
pub(crate) fn said(mut bytes: &[u8]) -> Vec<Said> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let frame = frame(&mut bytes).expect("frames are whole");
        let payload = frame.payload.expect("frames are whole");
        assert!(frame.is_masked, "a client masks");
        let data: Vec<u8> = payload
            .iter()
            .zip(frame.mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        all.push(match frame.first {
            0x81 => Said::Message(true, data),
            0x82 => Said::Message(false, data),
            0x8a => Said::Pong,
            0x88 if data.is_empty() => Said::Close(None),
            0x88 => {
                let (code, reason) = data.split_first_chunk().expect("a code");
                assert!(std::str::from_utf8(reason).is_ok() && data.len() <= 125);
                Said::Close(Some(u16::from_be_bytes(*code)))
            }
            other => panic!("a frame that begins with {other:#x}"),
        });
    }
    all
}
