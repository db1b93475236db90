//! The heads of frames, read before the codec has them: a close frame is kept from it.
//!
//! The codec answers a close frame at once, and one whose code it does not know as a breach, in place of what the server said.
//! What such a frame means is decided in [`super::close`]. All other bytes go to the codec as they came.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::Socket;

/// The first byte of a close frame: the last of its message, as control frames are, and without reserved bits. The codec refuses
/// what differs.
const CLOSE: u8 = 0x88;
/// A close frame with the longest payload that a control frame has.
const MOST_BYTES: usize = 2 + 125;

/// A socket that ends, with an error, at the server's close frame.
#[derive(Debug)]
pub(super) struct Heads {
    socket: Socket,
    /// What came behind the handshake and was not read yet.
    rest: Bytes,
    place: Place,
    /// A message has begun whose last frame has not.
    is_inside: bool,
    /// The close frame as far as it has come.
    close: Option<Vec<u8>>,
    /// The codec has read all that is before the close frame, and that is whole.
    is_over: bool,
}

impl Heads {
    pub(super) fn new(socket: Socket, rest: Bytes) -> Self {
        Heads {
            socket,
            rest,
            place: Place::First,
            is_inside: false,
            close: None,
            is_over: false,
        }
    }

    /// The close frame that reading ended at, from its first byte. Its length, in the second, is kept to unless it is wrong.
    pub(super) fn close_frame(&self) -> Option<&[u8]> {
        self.close.as_deref().filter(|_| self.is_over)
    }

    /// True where that frame came in the middle of a message, the rest of which never comes.
    pub(super) fn is_inside_message(&self) -> bool {
        self.is_inside
    }

    /// What is read and written, for reading past the end.
    pub(super) fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    fn poll_more(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            return Pin::new(&mut self.socket).poll_read(cx, buffer);
        }
        let here = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest.split_to(here));
        Poll::Ready(Ok(()))
    }

    /// Reads the close frame to its end, which is an error, or to the end of the connection.
    fn poll_close(&mut self, cx: &mut Context<'_>, mut frame: Vec<u8>) -> Poll<io::Result<()>> {
        let read = loop {
            let missing = missing(&frame);
            if missing == 0 {
                self.is_over = true;
                break Poll::Ready(Err(io::Error::other("a close frame")));
            }
            let mut bytes = [0; MOST_BYTES];
            let mut more = ReadBuf::new(bytes.get_mut(..missing).unwrap_or_default());
            match self.poll_more(cx, &mut more) {
                Poll::Ready(Ok(())) if !more.filled().is_empty() => {
                    frame.extend_from_slice(more.filled());
                }
                ended => break ended,
            }
        };
        self.close = Some(frame);
        read
    }
}

/// How many bytes a close frame wants yet; none more of one that is wrong in its head.
fn missing(frame: &[u8]) -> usize {
    match *frame {
        [_, length, ..] if length <= 125 => (2 + usize::from(length)).saturating_sub(frame.len()),
        [_, _, ..] => 0,
        _ => 2 - frame.len(),
    }
}

impl AsyncRead for Heads {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let heads = self.get_mut();
        if let Some(frame) = heads.close.take() {
            return heads.poll_close(cx, frame);
        }
        let before = buffer.filled().len();
        ready!(heads.poll_more(cx, buffer))?;
        let came = buffer.filled().get(before..).unwrap_or_default();
        let Some(open) = heads.place.follow(came, &mut heads.is_inside) else {
            return Poll::Ready(Ok(()));
        };
        let frame = came.iter().skip(open).take(MOST_BYTES).copied().collect();
        buffer.set_filled(before + open);
        if open == 0 {
            return heads.poll_close(cx, frame);
        }
        heads.close = Some(frame);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Heads {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

/// Where the next byte stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    First,
    Second,
    /// In a length of further bytes.
    Length {
        bytes: u8,
        so_far: u64,
    },
    /// Before so many bytes of payload.
    Payload(u64),
    /// Behind a masked frame, with which the codec ends the connection.
    Lost,
}

impl Place {
    /// Goes over `bytes`, to the first close frame; gives how many are before it. Keeps `is_inside` a message up to date.
    fn follow(&mut self, bytes: &[u8], is_inside: &mut bool) -> Option<usize> {
        let mut rest = bytes;
        loop {
            if let Place::Payload(left) = *self {
                let here = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                rest = rest.get(here..).unwrap_or_default();
                *self = match left - here as u64 {
                    0 => Place::First,
                    left => Place::Payload(left),
                };
            }
            let (&byte, after) = rest.split_first()?;
            *self = match *self {
                Place::First if byte == CLOSE => return Some(bytes.len() - rest.len()),
                Place::First => {
                    let is_control = byte & 0x08 != 0;
                    if !is_control {
                        *is_inside = byte & 0x80 == 0;
                    }
                    Place::Second
                }
                Place::Second => match byte {
                    126 => Place::Length {
                        bytes: 2,
                        so_far: 0,
                    },
                    127 => Place::Length {
                        bytes: 8,
                        so_far: 0,
                    },
                    128.. => Place::Lost,
                    length => Place::Payload(length.into()),
                },
                Place::Length { bytes, so_far } => {
                    let so_far = so_far << 8 | u64::from(byte);
                    match bytes {
                        1 => Place::Payload(so_far),
                        _ => Place::Length {
                            bytes: bytes - 1,
                            so_far,
                        },
                    }
                }
                Place::Payload(_) | Place::Lost => return None,
            };
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_frame_is_found_behind_frames_of_every_length() {
        let mut bytes = vec![0x81, 0, 0x89, 1, CLOSE, 0x02, 126, 0, 200];
        bytes.extend([CLOSE; 200]);
        bytes.extend([0x80, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        bytes.extend([CLOSE; 65_536]);
        let open = bytes.len();
        bytes.extend([CLOSE, 2, 3, 232]);
        let mut is_inside = true;
        assert_eq!(Place::First.follow(&bytes, &mut is_inside), Some(open));
        assert!(!is_inside);
        let mut place = Place::First;
        for byte in &bytes[..open] {
            assert_eq!(place.follow(&[*byte], &mut is_inside), None);
        }
        assert_eq!(place.follow(&bytes[open..], &mut is_inside), Some(0));
    }

    #[test]
    fn a_close_frame_in_a_message_is_known_for_one() {
        for (bytes, expected) in [
            (&[0x01, 0, CLOSE][..], true),
            (&[0x02, 0, 0x00, 0, 0x89, 0, CLOSE], true),
            (&[0x02, 0, 0x80, 0, CLOSE], false),
            (&[0x89, 0, CLOSE], false),
        ] {
            let mut is_inside = false;
            assert_eq!(
                Place::First.follow(bytes, &mut is_inside),
                Some(bytes.len() - 1)
            );
            assert_eq!(is_inside, expected, "{bytes:?}");
        }
    }

    #[test]
    fn nothing_is_looked_for_behind_what_the_codec_refuses() {
        for (first, second) in [
            (0x81, 0x80),
            // With a reserved bit, and with more of it to come.
            (0xc8, 2),
            (0x08, 2),
        ] {
            let bytes = [first, second, CLOSE, 0];
            assert_eq!(Place::First.follow(&bytes, &mut false), None, "{first}");
        }
    }
}
