//! The chunked transfer coding.

use bytes::{Buf, Bytes, BytesMut};

use super::framing::Malformed;

/// The most bytes of extensions, and of trailers, in one body. They carry nothing that anybody reads here.
const MOST_ASIDE_BYTES: usize = 16 * 1024;

/// Undoes the coding. Strict: what is not exactly the grammar of RFC 9112 is how requests and replies are smuggled.
#[derive(Debug)]
pub(super) struct Chunked {
    state: State,
    /// Bytes of extensions and trailers so far.
    aside: usize,
    failed: Option<Malformed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    Begin,
    Size(u64),
    /// After the `;` of an extension, within its name, after its `=`, within its value.
    ExtensionBegin(u64),
    ExtensionName(u64),
    ExtensionEqual(u64),
    ExtensionValue(u64),
    Quoted(u64),
    QuotedPair(u64),
    QuotedEnd(u64),
    SizeLf(u64),
    Data(u64),
    DataCr,
    DataLf,
    /// At the start of a line after the last chunk.
    Trailer,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    End,
}

impl Chunked {
    pub(super) fn new() -> Self {
        Chunked {
            state: State::Begin,
            aside: 0,
            failed: None,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.state == State::End
    }

    /// Takes from `buffer` what belongs to the body, and gives the data in it, as one piece: what comes later is moved
    /// to where it follows what came before. Whatever of `buffer` is left comes after the body.
    pub(super) fn decode(&mut self, buffer: &mut BytesMut) -> Result<Bytes, Malformed> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        // Data was found in `start..end`; all before `at` is understood.
        let (mut start, mut end, mut at) = (0, 0, 0);
        while self.state != State::End {
            if let State::Data(left) = self.state {
                let here = buffer.len() - at;
                let here = usize::try_from(left).map_or(here, |left| left.min(here));
                if here == 0 {
                    break;
                }
                if start == end {
                    (start, end) = (at, at);
                }
                if end != at {
                    buffer.copy_within(at..at + here, end);
                }
                end += here;
                at += here;
                self.state = match left - here as u64 {
                    0 => State::DataCr,
                    left => State::Data(left),
                };
                continue;
            }
            let Some(&byte) = buffer.get(at) else { break };
            match self.step(byte) {
                Ok(state) => self.state = state,
                Err(malformed) => {
                    self.failed = Some(malformed);
                    if start == end {
                        return Err(malformed);
                    }
                    // What came before it is good.
                    break;
                }
            }
            at += 1;
        }
        if start == end {
            buffer.advance(at);
            return Ok(Bytes::new());
        }
        let mut data = buffer.split_to(at);
        data.truncate(end);
        data.advance(start);
        Ok(data.freeze())
    }

    fn step(&mut self, byte: u8) -> Result<State, Malformed> {
        use State::{
            Begin, Data, DataCr, DataLf, End, EndLf, ExtensionBegin, ExtensionEqual, ExtensionName,
            ExtensionValue, Quoted, QuotedEnd, QuotedPair, Size, SizeLf, Trailer, TrailerLf,
            TrailerName, TrailerValue,
        };
        let digit = char::from(byte).to_digit(16).map(u64::from);
        let next = match (self.state, byte) {
            (Begin, _) => Size(digit.ok_or(Malformed::ChunkSize)?),
            (Size(size), b'\r') => SizeLf(size),
            (Size(size), b';') => ExtensionBegin(size),
            (Size(size), _) => {
                let digit = digit.ok_or(Malformed::ChunkSize)?;
                Size(size.checked_mul(16).ok_or(Malformed::ChunkSize)? | digit)
            }
            (ExtensionBegin(size) | ExtensionName(size), _) if is_token(byte) => {
                ExtensionName(size)
            }
            (ExtensionName(size), b'=') => ExtensionEqual(size),
            (ExtensionEqual(size), b'"') => Quoted(size),
            (ExtensionEqual(size) | ExtensionValue(size), _) if is_token(byte) => {
                ExtensionValue(size)
            }
            (ExtensionName(size) | ExtensionValue(size) | QuotedEnd(size), b'\r') => SizeLf(size),
            (ExtensionName(size) | ExtensionValue(size) | QuotedEnd(size), b';') => {
                ExtensionBegin(size)
            }
            (Quoted(size), b'"') => QuotedEnd(size),
            (Quoted(size), b'\\') => QuotedPair(size),
            (Quoted(size) | QuotedPair(size), _) if is_text(byte) => Quoted(size),
            (
                ExtensionBegin(_) | ExtensionName(_) | ExtensionEqual(_) | ExtensionValue(_)
                | Quoted(_) | QuotedPair(_) | QuotedEnd(_),
                _,
            ) => return Err(Malformed::ChunkExtension),
            (SizeLf(0), b'\n') => Trailer,
            (SizeLf(size), b'\n') => Data(size),
            (SizeLf(_), _) => return Err(Malformed::ChunkSize),
            (DataCr, b'\r') => DataLf,
            (DataLf, b'\n') => Begin,
            // `decode` takes data in blocks and stops at the end.
            (DataCr | DataLf | Data(_) | End, _) => return Err(Malformed::ChunkEnd),
            (Trailer, b'\r') => EndLf,
            (Trailer | TrailerName, _) if is_token(byte) => TrailerName,
            (TrailerName, b':') => TrailerValue,
            (TrailerValue, b'\r') => TrailerLf,
            (TrailerValue, _) if is_text(byte) => TrailerValue,
            (TrailerLf, b'\n') => Trailer,
            (EndLf, b'\n') => End,
            (Trailer | TrailerName | TrailerValue | TrailerLf | EndLf, _) => {
                return Err(Malformed::Trailer);
            }
        };
        self.count(next)?;
        Ok(next)
    }

    fn count(&mut self, state: State) -> Result<(), Malformed> {
        use State::{Begin, Data, DataCr, DataLf, End, EndLf, Size, SizeLf};
        if matches!(
            state,
            Begin | Size(_) | SizeLf(_) | Data(_) | DataCr | DataLf | EndLf | End
        ) {
            return Ok(());
        }
        self.aside += 1;
        if self.aside > MOST_ASIDE_BYTES {
            return Err(Malformed::Aside(MOST_ASIDE_BYTES));
        }
        Ok(())
    }
}

/// A `tchar` of RFC 9110.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What may stand in a field value or between quotes.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data, whether the body is over, and what is left, or why it is malformed.
    type Outcome = Result<(Vec<u8>, bool, Vec<u8>), Malformed>;

    fn decode(pieces: &[&[u8]]) -> Outcome {
        let mut chunked = Chunked::new();
        let mut buffer = BytesMut::new();
        let mut data = Vec::new();
        for piece in pieces {
            buffer.extend_from_slice(piece);
            data.extend_from_slice(&chunked.decode(&mut buffer)?);
            // What was malformed after good data is said next.
            data.extend_from_slice(&chunked.decode(&mut buffer)?);
        }
        Ok((data, chunked.is_over(), buffer.to_vec()))
    }

    #[track_caller]
    fn check(wire: &[u8], expected: &Outcome) {
        assert_eq!(&decode(&[wire]), expected, "whole");
        for first in 0..=wire.len() {
            for second in first..=wire.len() {
                let (rest, after) = wire.split_at(second);
                let (before, between) = rest.split_at(first);
                assert_eq!(
                    &decode(&[before, between, after]),
                    expected,
                    "{first}, {second}"
                );
            }
        }
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        assert_eq!(&decode(&bytes), expected, "byte by byte");
    }

    #[test]
    fn what_is_a_body_at_every_split() {
        for (wire, data, left) in [
            ("0\r\n\r\n", "", ""),
            ("1\r\na\r\n0\r\n\r\n", "a", ""),
            ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", ""),
            ("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n000\r\n\r\n", "abc", ""),
            (
                "a\r\n0123456789\r\nA\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n",
                "0123456789\r\n\r\n\r\n\r\n\r\n",
                "",
            ),
            ("00000001\r\na\r\n0\r\n\r\n", "a", ""),
            ("1;x\r\na\r\n0;y=z\r\n\r\n", "a", ""),
            ("1;a=b;c=\"d;\\\"e \\\\\";f\r\na\r\n0\r\n\r\n", "a", ""),
            ("0\r\nx-a: 1\r\nx-b:\r\n\r\n", "", ""),
            ("1\r\na\r\n0\r\n\r\nHTTP", "a", "HTTP"),
        ] {
            check(wire.as_bytes(), &Ok((data.into(), true, left.into())));
        }
    }

    #[test]
    fn what_is_none_at_every_split() {
        use Malformed::{ChunkEnd, ChunkExtension, ChunkSize, Trailer};
        for (wire, why) in [
            ("\r\n", ChunkSize),
            ("x\r\n", ChunkSize),
            ("-1\r\n", ChunkSize),
            ("+1\r\n", ChunkSize),
            ("0x1\r\na", ChunkSize),
            (" 1\r\n", ChunkSize),
            ("1 \r\n", ChunkSize),
            ("1\na", ChunkSize),
            ("1\ra", ChunkSize),
            ("10000000000000000\r\n", ChunkSize),
            ("1;\r\n", ChunkExtension),
            ("1; a\r\n", ChunkExtension),
            ("1;a b\r\n", ChunkExtension),
            ("1;a=\r\n", ChunkExtension),
            ("1;a\n", ChunkExtension),
            ("1;a=\"b\n", ChunkExtension),
            ("1;a=\"b\"c\r\n", ChunkExtension),
            ("1;\u{0}\r\n", ChunkExtension),
            ("0\r\n x: 1\r\n", Trailer),
            ("0\r\nx 1\r\n", Trailer),
            ("0\r\nx: 1\n", Trailer),
            ("0\r\nx: 1\r\n\n", Trailer),
            ("0\r\n\n", Trailer),
            ("0\r\n\rx", Trailer),
        ] {
            check(wire.as_bytes(), &Err(why));
        }
        for wire in ["1\r\nab", "1\r\na\n", "1\r\na\rb"] {
            check(wire.as_bytes(), &Err(ChunkEnd));
        }
    }

    #[test]
    fn what_came_before_a_fault_is_handed_over_first() {
        let mut chunked = Chunked::new();
        let mut buffer = BytesMut::from("1\r\na\r\n1\r\nb\r\nx".as_bytes());
        assert_eq!(chunked.decode(&mut buffer), Ok("ab".into()));
        assert_eq!(chunked.decode(&mut buffer), Err(Malformed::ChunkSize));
        assert_eq!(chunked.decode(&mut buffer), Err(Malformed::ChunkSize));
    }

    #[test]
    fn extensions_and_trailers_are_bounded() {
        let long = "x".repeat(MOST_ASIDE_BYTES + 1);
        let aside = Err(Malformed::Aside(MOST_ASIDE_BYTES));
        assert_eq!(decode(&[format!("1;{long}").as_bytes()]), aside);
        assert_eq!(decode(&[format!("0\r\nx:{long}").as_bytes()]), aside);
        let many = "1;abcdefg\r\na\r\n".repeat(MOST_ASIDE_BYTES / 8 + 1);
        assert_eq!(decode(&[many.as_bytes()]), aside);
    }
}
