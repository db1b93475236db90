//! A character of UTF-8 whose bytes may come one at a time.

/// The bytes of a character that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Character {
    bytes: [u8; 4],
    length: usize,
}

/// What a byte made of a character.
pub(super) enum Read<'a> {
    More,
    Whole(&'a str),
    /// Half of a pair as three bytes, which is no UTF-8 but how Python and JavaScript write what they may have in a text.
    Surrogate(u16),
    /// No character goes on like this.
    Refused,
}

impl Character {
    /// The first byte of a character of more than one.
    pub(super) fn begin(byte: u8) -> Option<Self> {
        matches!(byte, 0xC2..=0xF4).then_some(Character {
            bytes: [byte, 0, 0, 0],
            length: 1,
        })
    }

    pub(super) fn push(&mut self, byte: u8, surrogates: bool) -> Read<'_> {
        let [first, second, ..] = self.bytes;
        let allowed = match (self.length, first) {
            // Unicode 15, table 3-7.
            (1, 0xE0) => 0xA0..=0xBF,
            (1, 0xED) if !surrogates => 0x80..=0x9F,
            (1, 0xF0) => 0x90..=0xBF,
            (1, 0xF4) => 0x80..=0x8F,
            _ => 0x80..=0xBF,
        };
        let Some(slot) = self.bytes.get_mut(self.length) else {
            return Read::Refused;
        };
        if !allowed.contains(&byte) {
            return Read::Refused;
        }
        *slot = byte;
        self.length += 1;
        let whole = match first {
            ..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
        };
        if self.length < whole {
            return Read::More;
        }
        match self.bytes.get(..whole).map(std::str::from_utf8) {
            Some(Ok(text)) => Read::Whole(text),
            _ => Read::Surrogate(0xD000 | (u16::from(second & 0x3F) << 6) | u16::from(byte & 0x3F)),
        }
    }
}
