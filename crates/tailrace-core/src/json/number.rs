//! The grammar of numbers.

/// How far a number has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Start,
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    Sign,
    Power,
}

/// What a byte is to a number.
pub(super) enum Step {
    Next(Number),
    /// The number was whole before it.
    End,
    /// It may not come.
    Refused,
}

impl Number {
    pub(super) fn step(self, byte: u8) -> Step {
        use Number::*;
        Step::Next(match (self, byte) {
            (Start, b'-') => Minus,
            (Start | Minus, b'0') => Zero,
            (Start | Minus, b'1'..=b'9') | (Integer, b'0'..=b'9') => Integer,
            (Zero | Integer, b'.') => Point,
            (Point | Fraction, b'0'..=b'9') => Fraction,
            (Zero | Integer | Fraction, b'e' | b'E') => Exponent,
            (Exponent, b'+' | b'-') => Sign,
            (Exponent | Sign | Power, b'0'..=b'9') => Power,
            (Zero, b'0'..=b'9') => return Step::Refused,
            _ if self.is_whole() => return Step::End,
            _ => return Step::Refused,
        })
    }

    /// Whether the number may end here.
    pub(super) fn is_whole(self) -> bool {
        matches!(
            self,
            Number::Zero | Number::Integer | Number::Fraction | Number::Power
        )
    }
}
