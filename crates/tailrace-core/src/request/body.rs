//! What a request carries.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

/// A body as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// One piece in memory.
    Whole(Bytes),
    /// Pieces, one after the other.
    Segments(Arc<[Segment]>),
}

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Bytes in memory.
    Bytes(Bytes),
    /// What the driver reads from a source that the host gave it: a file, or bytes that the host pushes.
    Source {
        /// Which of the call's sources.
        index: usize,
        /// In bytes, where it is known.
        length: Option<u64>,
    },
}

impl Segment {
    /// In bytes, where it is known.
    pub fn len(&self) -> Option<u64> {
        match self {
            Segment::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Segment::Source { length, .. } => *length,
        }
    }

    /// True when there certainly is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

impl Body {
    /// In bytes; `None` when the length of a part is not known, and then the body is sent in chunks.
    pub fn len(&self) -> Option<u64> {
        match self {
            Body::Whole(bytes) => u64::try_from(bytes.len()).ok(),
            Body::Segments(segments) => segments
                .iter()
                .try_fold(0_u64, |sum, segment| sum.checked_add(segment.len()?)),
        }
    }

    /// True when there certainly is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The whole body, when all of it is in memory.
    pub fn in_memory(&self) -> Option<Bytes> {
        let segments = match self {
            Body::Whole(bytes) => return Some(bytes.clone()),
            Body::Segments(segments) => segments,
        };
        let mut all = BytesMut::new();
        for segment in segments.iter() {
            match segment {
                Segment::Bytes(bytes) => all.extend_from_slice(bytes),
                Segment::Source { .. } => return None,
            }
        }
        Some(all.freeze())
    }
}

impl From<Vec<Segment>> for Body {
    /// A body of a single piece in memory is whole.
    fn from(mut segments: Vec<Segment>) -> Self {
        match segments.as_mut_slice() {
            [] => Body::Whole(Bytes::new()),
            [Segment::Bytes(bytes)] => Body::Whole(std::mem::take(bytes)),
            _ => Body::Segments(segments.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &'static str) -> Segment {
        Segment::Bytes(Bytes::from_static(text.as_bytes()))
    }

    fn source(length: Option<u64>) -> Segment {
        Segment::Source { index: 0, length }
    }

    #[track_caller]
    fn check(segments: Vec<Segment>, length: Option<u64>, in_memory: Option<&'static str>) {
        let body = Body::from(segments);
        assert_eq!(body.len(), length);
        assert_eq!(
            body.in_memory(),
            in_memory.map(|text| Bytes::from_static(text.as_bytes()))
        );
    }

    #[test]
    fn the_length_is_known_when_that_of_each_piece_is() {
        check(vec![], Some(0), Some(""));
        check(vec![bytes("ab")], Some(2), Some("ab"));
        check(vec![bytes("ab"), bytes("c")], Some(3), Some("abc"));
        check(vec![bytes("ab"), source(Some(5))], Some(7), None);
        check(vec![bytes("ab"), source(None)], None, None);
        check(vec![source(Some(u64::MAX)), bytes("a")], None, None);
    }

    #[test]
    fn one_piece_in_memory_is_whole() {
        assert_eq!(
            Body::from(vec![bytes("ab")]),
            Body::Whole(Bytes::from_static(b"ab"))
        );
        assert!(matches!(
            Body::from(vec![source(None)]),
            Body::Segments(segments) if segments.len() == 1
        ));
    }
}
