//! Frames of RFC 6455, section 5, as a client reads them: bytes in, messages and control frames out.

use std::str;

use bytes::Bytes;

use super::{
    close::{Close, Fault, broke, not_text, too_long},
    deflate::Inflater,
    queues::Message,
};

/// The most bytes of a control frame's payload: section 5.5.
const MOST_CONTROL_BYTES: u8 = 125;
/// A second byte of so much says that a length of two bytes follows, or one of eight: section 5.2.
const LENGTH_OF_2: u8 = 126;
/// See [`LENGTH_OF_2`].
const LENGTH_OF_8: u8 = 127;
/// The bit of a message's first frame that says that it is deflated: RFC 7692, section 6.
const DEFLATED: u8 = 0x40;
/// Room for so many bytes is made on a peer's word; for more only as they come.
const TRUSTED_BYTES: usize = 64 * 1024;

/// What a server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Its fragments joined, in no more memory than it needs where it came in one frame.
    Message(Message),
    Ping(Bytes),
    Pong(Bytes),
    Close {
        close: Close,
        /// It stands in the middle of a message, the rest of which never comes.
        is_inside: bool,
    },
}

/// A reader of frames. It holds what has come of a frame and of a message that are not whole, and nothing else.
#[derive(Debug)]
pub(super) struct Frames {
    /// The most bytes of a message.
    most_bytes: usize,
    /// Messages may be deflated.
    inflater: Option<Inflater>,
    place: Place,
    /// The message whose last frame has not been read.
    message: Option<Parts>,
    /// The payload of a control frame as far as it has come.
    control: Vec<u8>,
}

/// Where the next byte stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    First,
    Second {
        first: u8,
    },
    /// In a length of `further` bytes more.
    Length {
        kind: Kind,
        further: u8,
        so_far: u64,
    },
    /// Before so many bytes of payload.
    Payload {
        kind: Kind,
        left: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data { is_last: bool },
    Close,
    Ping,
    Pong,
}

/// A message as far as it has come.
#[derive(Debug)]
struct Parts {
    is_text: bool,
    is_deflated: bool,
    data: Vec<u8>,
    /// So many bytes of a text are known for whole characters.
    checked: usize,
}

impl Frames {
    /// A reader of messages of at most so many bytes, inflated where they are deflated.
    pub(super) fn new(most_bytes: usize, inflater: Option<Inflater>) -> Self {
        Frames {
            // No memory holds more, and so a length whose first bit is set, which section 5.2 forbids, is too long, too.
            most_bytes: most_bytes.min(isize::MAX.unsigned_abs()),
            inflater,
            place: Place::First,
            message: None,
            control: Vec::new(),
        }
    }

    /// Takes from the front of `bytes` until something is whole; `None` when they are used up. What comes behind a close frame
    /// or a fault is nobody's (section 1.4): it is not asked for again.
    ///
    /// A length in more bytes than it needs is read, as it is by others, though section 5.2 forbids it to the sender.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Heard>, Fault> {
        loop {
            if let Place::Payload { kind, left } = self.place {
                let (piece, after) = bytes.split_at(left.min(bytes.len()));
                *bytes = after;
                let is_whole = piece.len() == left;
                self.place = match is_whole {
                    true => Place::First,
                    false => Place::Payload {
                        kind,
                        left: left - piece.len(),
                    },
                };
                let heard = match kind {
                    Kind::Data { is_last } => self.data(piece, left, is_last)?,
                    _ => self.control(kind, piece, is_whole)?,
                };
                if heard.is_some() || !is_whole {
                    return Ok(heard);
                }
            }
            let Some((&byte, after)) = bytes.split_first() else {
                return Ok(None);
            };
            *bytes = after;
            self.place = match self.place {
                Place::First => Place::Second { first: byte },
                Place::Second { first } => self.second(first, byte)?,
                Place::Length {
                    kind,
                    further,
                    so_far,
                } => {
                    let so_far = so_far << 8 | u64::from(byte);
                    match further {
                        1 => self.payload(kind, so_far)?,
                        _ => Place::Length {
                            kind,
                            further: further - 1,
                            so_far,
                        },
                    }
                }
                place @ Place::Payload { .. } => place,
            };
        }
    }

    /// What the first two bytes of a frame must keep to.
    fn second(&mut self, first: u8, second: u8) -> Result<Place, Fault> {
        let (is_last, opcode) = (first & 0x80 != 0, first & 0x0f);
        let wrong = |what: &str| Err((1002, broke(what.to_owned())));
        let is_deflated = first & DEFLATED != 0;
        let may_be = self.inflater.is_some() && matches!(opcode, 1 | 2);
        if first & 0x30 != 0 || is_deflated && !may_be {
            return wrong("a frame with a reserved bit (RFC 6455, section 5.2)");
        }
        if second & 0x80 != 0 {
            return wrong("a masked frame (RFC 6455, section 5.1)");
        }
        if opcode >= 8 && !is_last {
            return wrong("a control frame in fragments (RFC 6455, section 5.5)");
        }
        if opcode >= 8 && second > MOST_CONTROL_BYTES {
            return wrong("a control frame of more than 125 bytes (RFC 6455, section 5.5)");
        }
        let kind = match (opcode, &self.message) {
            (0, None) => return wrong("a fragment of no message (RFC 6455, section 5.4)"),
            (1 | 2, Some(_)) => {
                return wrong("a message inside another (RFC 6455, section 5.4)");
            }
            (0, Some(_)) => Kind::Data { is_last },
            (1 | 2, None) => {
                self.message = Some(Parts {
                    is_text: opcode == 1,
                    is_deflated,
                    data: Vec::new(),
                    checked: 0,
                });
                Kind::Data { is_last }
            }
            (8, _) => Kind::Close,
            (9, _) => Kind::Ping,
            (10, _) => Kind::Pong,
            _ => return wrong("a frame of a reserved kind (RFC 6455, section 5.2)"),
        };
        let further = match second {
            LENGTH_OF_2 => 2,
            LENGTH_OF_8 => 8,
            length => return self.payload(kind, length.into()),
        };
        Ok(Place::Length {
            kind,
            further,
            so_far: 0,
        })
    }

    /// The head of a frame is whole, which says so many bytes of payload.
    fn payload(&self, kind: Kind, length: u64) -> Result<Place, Fault> {
        let is_deflated = self.message.as_ref().is_some_and(|parts| parts.is_deflated);
        let held = self.message.as_ref().map_or(0, |parts| parts.data.len());
        if let Kind::Data { .. } = kind
            && !is_deflated
            && length > (self.most_bytes - held) as u64
        {
            let size = length.saturating_add(held as u64);
            return Err(too_long(size, self.most_bytes));
        }
        // It fits: it is within a limit that does.
        let left = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(Place::Payload { kind, left })
    }

    /// A piece of a frame that lacked `left` bytes before it; gives the message that ends with it.
    fn data(&mut self, piece: &[u8], left: usize, is_last: bool) -> Result<Option<Heard>, Fault> {
        let Some(parts) = &mut self.message else {
            return Ok(None);
        };
        let is_whole = piece.len() == left;
        if parts.is_deflated
            && let Some(inflater) = &mut self.inflater
        {
            inflater.add(&mut parts.data, piece, is_whole && is_last, self.most_bytes)?;
        } else if is_whole && is_last && parts.data.is_empty() {
            // The usual way: all of it is here.
            if parts.is_text && str::from_utf8(piece).is_err() {
                return Err(not_text());
            }
            let is_text = parts.is_text;
            self.message = None;
            return Ok(Some(Heard::Message(Message {
                data: Bytes::copy_from_slice(piece),
                is_text,
            })));
        } else {
            parts.add(piece, left, is_last);
        }
        if !is_whole {
            return Ok(None);
        }
        parts.check(is_last)?;
        Ok(self.message.take_if(|_| is_last).map(|parts| {
            Heard::Message(Message {
                data: parts.data.into(),
                is_text: parts.is_text,
            })
        }))
    }

    fn control(
        &mut self,
        kind: Kind,
        piece: &[u8],
        is_whole: bool,
    ) -> Result<Option<Heard>, Fault> {
        self.control.extend_from_slice(piece);
        if !is_whole {
            return Ok(None);
        }
        let payload = std::mem::take(&mut self.control);
        Ok(Some(match kind {
            Kind::Ping => Heard::Ping(payload.into()),
            Kind::Pong => Heard::Pong(payload.into()),
            Kind::Close | Kind::Data { .. } => Heard::Close {
                close: Close::read(&payload)?,
                is_inside: self.message.is_some(),
            },
        }))
    }
}

impl Parts {
    /// Adds a piece of a frame that lacked `left` bytes before it.
    fn add(&mut self, piece: &[u8], left: usize, is_last: bool) {
        if self.data.capacity() - self.data.len() < piece.len() {
            let grown = self.data.len().max(TRUSTED_BYTES).max(piece.len());
            let room = left.min(grown);
            if is_last {
                // Nothing follows it, so that the message ends with no room left.
                self.data.reserve_exact(room);
            } else {
                self.data.reserve(room);
            }
        }
        self.data.extend_from_slice(piece);
    }

    /// Looks at the characters that came since the last time, one of which may go on in the next frame.
    fn check(&mut self, is_whole: bool) -> Result<(), Fault> {
        if !self.is_text {
            return Ok(());
        }
        match str::from_utf8(self.data.get(self.checked..).unwrap_or_default()) {
            Ok(_) => self.checked = self.data.len(),
            Err(error) if !is_whole && error.error_len().is_none() => {
                self.checked += error.valid_up_to();
            }
            Err(_) => return Err(not_text()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
