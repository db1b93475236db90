//! Vectors of numbers that a JSON document carries: all of them as one block of memory.
//!
//! A document with a list of objects, each with a vector as base64 of 32-bit floats or as an array of numbers, is walked
//! once to find where the vectors are; then each is decoded from the document straight to its place in the block.

use std::{borrow::Cow, fmt, ops::Range};

use jiter::{Jiter, JiterError, NumberAny, NumberInt, Peek};

use crate::binary;

/// Bytes of a 32-bit float.
const SIZE: usize = size_of::<f32>();

/// What the members of the document are called.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The list of the outermost object.
    pub list: &'a str,
    /// The vector of each object of the list.
    pub vector: &'a str,
    /// The row of each object; its place in the list where it has none.
    pub index: &'a str,
}

/// The vectors of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vectors {
    /// 32-bit floats in the byte order of this machine, row after row.
    pub bytes: Vec<u8>,
    /// How many vectors there are.
    pub rows: usize,
    /// How many numbers each of them has.
    pub dimensions: usize,
    /// The document with its list empty.
    pub rest: Vec<u8>,
}

/// Why a document has no such block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is no JSON object, or ends too early.
    NotJson,
    /// It has no list of this name.
    NoList(String),
    /// The object at this place of the list has no vector, or is no object.
    NoVector(usize),
    /// The vector of this row is no base64, or has something else than numbers.
    Invalid(usize),
    /// The vector of this row ends within a number.
    Cut {
        /// The row.
        row: usize,
        /// Bytes of its vector.
        bytes: usize,
    },
    /// The vector of this row is shorter or longer than that of the first row.
    Ragged {
        /// The row.
        row: usize,
        /// How many numbers it has.
        found: usize,
        /// How many the first one has.
        first: usize,
    },
    /// The object at `place` has an index that another one has, too, or that is no row.
    Index {
        /// The place in the list.
        place: usize,
        /// What stands there.
        found: String,
        /// How many rows there are.
        rows: usize,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotJson => write!(
                f,
                "the answer is no JSON object, so that it has no vectors; check that the server speaks this API"
            ),
            Fault::NoList(name) => write!(
                f,
                "the answer has no list `{name}` of vectors; check that the server speaks this API"
            ),
            Fault::NoVector(row) => write!(
                f,
                "row {row} of the answer has no vector; ask for the vectors again"
            ),
            Fault::Invalid(row) => write!(
                f,
                "the vector of row {row} is neither base64 of 32-bit floats nor a list of numbers; ask for the vectors again"
            ),
            Fault::Cut { row, bytes } => write!(
                f,
                "the vector of row {row} has {bytes} bytes, which is no whole number of 32-bit floats; ask for the vectors again"
            ),
            Fault::Ragged { row, found, first } => write!(
                f,
                "the vector of row {row} has {found} numbers where that of row 0 has {first}; vectors of one array are of one length"
            ),
            Fault::Index { place, found, rows } => write!(
                f,
                "object {place} of the answer has the index {found}, but each of the {rows} rows has to come once; ask for the vectors again"
            ),
        }
    }
}

impl std::error::Error for Fault {}

/// Where a vector stands in the document.
#[derive(Clone, Copy)]
enum Source {
    /// Base64 text, without its quotes.
    Text {
        start: usize,
        end: usize,
        has_escapes: bool,
    },
    /// Numbers, from the bracket on.
    Numbers { start: usize, count: usize },
}

#[derive(Clone, Copy)]
struct Row {
    source: Source,
    index: Option<usize>,
}

/// The vectors of `document`.
///
/// # Errors
/// A [`Fault`] that names the first row that is wrong.
pub fn read(document: &[u8], names: &Names<'_>) -> Result<Vectors, Fault> {
    let mut walk = Walk::new(document);
    let (rows, list) = walk.document(names)?;
    let mut rest = Vec::with_capacity(document.len().saturating_sub(list.len()) + 2);
    rest.extend_from_slice(document.get(..list.start).unwrap_or_default());
    rest.extend_from_slice(b"[]");
    rest.extend_from_slice(document.get(list.end..).unwrap_or_default());

    let order = order(&rows)?;
    let mut dimensions = 0;
    let mut is_short = false;
    let mut bytes = Vec::new();
    for (row, place) in order.iter().enumerate() {
        let Some(Row { source, .. }) = rows.get(*place) else {
            return Err(Fault::NoVector(row));
        };
        let text = text_of(document, *source, row)?;
        let found = match (&text, source) {
            (Some(text), _) => floats_in(text, row)?,
            (None, Source::Numbers { count, .. }) => *count,
            (None, Source::Text { .. }) => 0,
        };
        if row == 0 {
            dimensions = found;
            let size = found.saturating_mul(SIZE).saturating_mul(rows.len());
            // A number takes two bytes of text at least. Where there cannot be so many, a later row is shorter, and is found
            // without memory for all that it lacks.
            is_short = size > document.len().saturating_mul(2);
            if !is_short {
                bytes.reserve_exact(size);
            }
        } else if found != dimensions {
            let first = dimensions;
            return Err(Fault::Ragged { row, found, first });
        }
        if is_short {
            continue;
        }
        match (text, source) {
            (Some(text), _) => decode(&text, &mut bytes).ok_or(Fault::Invalid(row))?,
            (None, source) => {
                numbers(document, *source, &mut bytes).ok_or(Fault::Invalid(row))?;
            }
        }
    }
    Ok(Vectors {
        bytes,
        rows: rows.len(),
        dimensions,
        rest,
    })
}

/// Decodes base64 of little-endian 32-bit floats to the end of `block`, in the byte order of this machine; `None` when `text`
/// is no base64 of whole floats.
#[must_use]
pub fn decode(text: &[u8], block: &mut Vec<u8>) -> Option<()> {
    let start = block.len();
    binary::decode(text, block)?;
    let floats = block.get_mut(start..)?;
    if cfg!(target_endian = "big") {
        for float in floats.chunks_exact_mut(SIZE) {
            float.reverse();
        }
    }
    floats.len().is_multiple_of(SIZE).then_some(())
}

fn floats_in(text: &[u8], row: usize) -> Result<usize, Fault> {
    let bytes = binary::decoded_bytes(text).ok_or(Fault::Invalid(row))?;
    if !bytes.is_multiple_of(SIZE) {
        return Err(Fault::Cut { row, bytes });
    }
    Ok(bytes / SIZE)
}

/// The place in the list of each row.
fn order(rows: &[Row]) -> Result<Vec<usize>, Fault> {
    let mut order = vec![usize::MAX; rows.len()];
    for (place, row) in rows.iter().enumerate() {
        let index = row.index.unwrap_or(place);
        match order.get_mut(index) {
            Some(slot) if *slot == usize::MAX => *slot = place,
            _ => {
                return Err(Fault::Index {
                    place,
                    found: index.to_string(),
                    rows: rows.len(),
                });
            }
        }
    }
    Ok(order)
}

/// The base64 of a vector, unescaped; `None` for one of numbers.
fn text_of(document: &[u8], source: Source, row: usize) -> Result<Option<Cow<'_, [u8]>>, Fault> {
    let Source::Text {
        start,
        end,
        has_escapes,
    } = source
    else {
        return Ok(None);
    };
    if !has_escapes {
        let text = document.get(start..end).ok_or(Fault::Invalid(row))?;
        return Ok(Some(text.into()));
    }
    // Some servers escape the slash.
    let quoted = document.get(start - 1..=end).ok_or(Fault::Invalid(row))?;
    let text = Jiter::new(quoted)
        .next_str()
        .map(|text| text.as_bytes().to_vec());
    Ok(Some(text.map_err(|_| Fault::Invalid(row))?.into()))
}

fn numbers(document: &[u8], source: Source, block: &mut Vec<u8>) -> Option<()> {
    let Source::Numbers { start, .. } = source else {
        return None;
    };
    let mut json = Jiter::new(document.get(start..)?).with_allow_inf_nan();
    let mut next = json.next_array().ok()?;
    while let Some(peek) = next {
        let number = json.known_number(peek).ok()?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "the block has 32-bit floats"
        )]
        let number = match number {
            NumberAny::Float(number) => number as f32,
            NumberAny::Int(NumberInt::Int(number)) => number as f32,
            NumberAny::Int(NumberInt::BigInt(_)) => return None,
        };
        block.extend_from_slice(&number.to_ne_bytes());
        next = json.array_step().ok()?;
    }
    Some(())
}

/// One walk over a document, which jumps over the texts of vectors.
struct Walk<'j> {
    document: &'j [u8],
    json: Jiter<'j>,
    /// Where `json` starts in the document.
    base: usize,
}

impl<'j> Walk<'j> {
    fn new(document: &'j [u8]) -> Self {
        Walk {
            document,
            json: Jiter::new(document).with_allow_inf_nan(),
            base: 0,
        }
    }

    fn place(&self) -> usize {
        self.base + self.json.current_index()
    }

    fn jump(&mut self, place: usize) {
        let rest = self.document.get(place..).unwrap_or_default();
        self.json = Jiter::new(rest).with_allow_inf_nan();
        self.base = place;
    }

    /// The rows, and where their list stands.
    fn document(&mut self, names: &Names<'_>) -> Result<(Vec<Row>, Range<usize>), Fault> {
        let mut found = None;
        if self.json.peek()? != Peek::Object {
            return Err(Fault::NotJson);
        }
        let mut is_list = self.json.known_object()?.map(|key| key == names.list);
        while let Some(matches) = is_list {
            let peek = self.json.peek()?;
            if matches && peek == Peek::Array {
                let start = self.place();
                let rows = self.rows(names)?;
                found = Some((rows, start..self.place()));
            } else {
                self.json.known_skip(peek)?;
            }
            is_list = self.json.next_key()?.map(|key| key == names.list);
        }
        self.json.finish()?;
        found.ok_or_else(|| Fault::NoList(names.list.to_owned()))
    }

    fn rows(&mut self, names: &Names<'_>) -> Result<Vec<Row>, Fault> {
        let mut rows = Vec::new();
        let mut next = self.json.known_array()?;
        while let Some(peek) = next {
            if peek != Peek::Object {
                return Err(Fault::NoVector(rows.len()));
            }
            let row = self.row(names, rows.len())?;
            rows.push(row);
            next = self.json.array_step()?;
        }
        Ok(rows)
    }

    fn row(&mut self, names: &Names<'_>, place: usize) -> Result<Row, Fault> {
        enum Member {
            Vector,
            Index,
            Other,
        }
        let member = |key: &str| match key {
            _ if key == names.vector => Member::Vector,
            _ if key == names.index => Member::Index,
            _ => Member::Other,
        };
        let (mut source, mut index) = (None, None);
        let mut key = self.json.known_object()?.map(member);
        while let Some(found) = key {
            let peek = self.json.peek()?;
            match found {
                Member::Vector => source = Some(self.vector(peek, place)?),
                Member::Index if peek.is_num() => {
                    let number = self.json.known_int(peek)?;
                    index = match &number {
                        NumberInt::Int(number) => usize::try_from(*number).ok(),
                        NumberInt::BigInt(_) => None,
                    };
                    if index.is_none() {
                        let found = match number {
                            NumberInt::Int(number) => number.to_string(),
                            NumberInt::BigInt(number) => number.to_string(),
                        };
                        let rows = place + 1;
                        return Err(Fault::Index { place, found, rows });
                    }
                }
                Member::Index | Member::Other => self.json.known_skip(peek)?,
            }
            key = self.json.next_key()?.map(member);
        }
        let source = source.ok_or(Fault::NoVector(place))?;
        Ok(Row { source, index })
    }

    fn vector(&mut self, peek: Peek, place: usize) -> Result<Source, Fault> {
        match peek {
            Peek::String => {
                let start = self.place() + 1;
                let (end, has_escapes) = self.end_of_text(start).ok_or(Fault::NotJson)?;
                self.jump(end + 1);
                Ok(Source::Text {
                    start,
                    end,
                    has_escapes,
                })
            }
            Peek::Array => {
                let start = self.place();
                let mut count = 0;
                let mut next = self.json.known_array()?;
                while let Some(peek) = next {
                    if !peek.is_num() {
                        return Err(Fault::Invalid(place));
                    }
                    self.json.known_skip(peek)?;
                    count += 1;
                    next = self.json.array_step()?;
                }
                Ok(Source::Numbers { start, count })
            }
            _ => Err(Fault::NoVector(place)),
        }
    }

    /// The quote that ends the text that begins at `start`, and whether something in it is escaped.
    fn end_of_text(&self, start: usize) -> Option<(usize, bool)> {
        let mut from = start;
        let mut has_escapes = false;
        loop {
            let found = from + memchr::memchr2(b'"', b'\\', self.document.get(from..)?)?;
            if self.document.get(found) == Some(&b'"') {
                return Some((found, has_escapes));
            }
            has_escapes = true;
            from = found + 2;
        }
    }
}

impl From<JiterError> for Fault {
    fn from(_: JiterError) -> Self {
        Fault::NotJson
    }
}

impl From<jiter::JsonError> for Fault {
    fn from(_: jiter::JsonError) -> Self {
        Fault::NotJson
    }
}

#[cfg(test)]
mod tests;
