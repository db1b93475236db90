//! Frames of RFC 6455: those of a server as a script wants them, and those of a client.

use bytes::{Buf, BufMut, Bytes, BytesMut};

pub(super) const CONTINUATION: u8 = 0;
pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// The largest frame of a client that is taken.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// A frame to be written, right or wrong.
#[derive(Clone, Debug)]
pub(super) struct Frame<'a> {
    pub(super) opcode: u8,
    pub(super) is_final: bool,
    /// The three reserved bits, 0 to 7.
    pub(super) reserved: u8,
    /// Masked, as only a client may.
    pub(super) is_masked: bool,
    /// The length that the head claims; that of the payload without it.
    pub(super) claimed: Option<u64>,
    pub(super) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// A frame as it should be.
    pub(super) fn whole(opcode: u8, payload: &'a [u8]) -> Frame<'a> {
        Frame {
            opcode,
            is_final: true,
            reserved: 0,
            is_masked: false,
            claimed: None,
            payload,
        }
    }

    pub(super) fn write(&self, out: &mut BytesMut) {
        const MASK: [u8; 4] = [0x5A, 0xC3, 0x0F, 0x96];
        let masked = if self.is_masked { 0x80 } else { 0 };
        out.put_u8(u8::from(self.is_final) << 7 | (self.reserved & 7) << 4 | (self.opcode & 15));
        let length = self.claimed.unwrap_or(self.payload.len() as u64);
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short), _) if short < 126 => out.put_u8(masked | short),
            (_, Ok(medium)) => {
                out.put_u8(masked | 126);
                out.put_u16(medium);
            }
            _ => {
                out.put_u8(masked | 127);
                out.put_u64(length);
            }
        }
        if self.is_masked {
            out.put_slice(&MASK);
            out.extend(unmasked(self.payload, MASK));
        } else {
            out.put_slice(self.payload);
        }
    }
}

/// The payload of a close frame.
pub(super) fn close_payload(code: Option<u16>, reason: &str) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Some(code) = code {
        payload.put_u16(code);
        payload.put_slice(reason.as_bytes());
    }
    payload
}

/// A frame of the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) opcode: u8,
    pub(super) is_final: bool,
    pub(super) payload: Bytes,
}

/// Takes the next frame; `None` while it is not whole. An error says how the client broke the protocol.
pub(super) fn take(buffer: &mut BytesMut) -> Result<Option<Read>, &'static str> {
    let mut head = &buffer[..];
    let (Ok(first), Ok(second)) = (head.try_get_u8(), head.try_get_u8()) else {
        return Ok(None);
    };
    if second & 0x80 == 0 {
        return Err("a frame of the client is not masked");
    }
    if first & 0x70 != 0 {
        return Err("a frame of the client has reserved bits");
    }
    let length = match second & 0x7F {
        126 => head.try_get_u16().map(u64::from),
        127 => head.try_get_u64(),
        short => Ok(u64::from(short)),
    };
    let (Ok(length), Ok(mask)) = (length, head.try_get_u32()) else {
        return Ok(None);
    };
    if length > MOST_BYTES {
        return Err("a frame of the client is too large");
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if head.len() < length {
        return Ok(None);
    }
    let head_bytes = buffer.len() - head.len();
    buffer.advance(head_bytes);
    let payload = buffer.split_to(length);
    Ok(Some(Read {
        opcode: first & 15,
        is_final: first & 0x80 != 0,
        payload: unmasked(&payload, mask.to_be_bytes())
            .collect::<Vec<u8>>()
            .into(),
    }))
}

fn unmasked(payload: &[u8], mask: [u8; 4]) -> impl Iterator<Item = u8> {
    payload
        .iter()
        .zip(mask.into_iter().cycle())
        .map(|(byte, mask)| byte ^ mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_writes_is_read_however_it_is_cut() {
        for length in [0, 125, 126, 65_535, 65_536] {
            let payload = vec![7; length];
            let mut wire = BytesMut::new();
            Frame {
                is_masked: true,
                ..Frame::whole(BINARY, &payload)
            }
            .write(&mut wire);
            let mut part = BytesMut::from(&wire[..wire.len() - 1]);
            assert_eq!(take(&mut part), Ok(None));
            let read = take(&mut wire).unwrap().unwrap();
            assert_eq!(
                (read.opcode, read.is_final, read.payload.len()),
                (BINARY, true, length)
            );
            assert!(read.payload.iter().all(|byte| *byte == 7) && wire.is_empty());
        }
    }

    #[test]
    fn an_unmasked_frame_is_refused() {
        let mut wire = BytesMut::new();
        Frame::whole(TEXT, b"a").write(&mut wire);
        assert!(take(&mut wire).is_err());
    }
}
