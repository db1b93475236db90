//! Numbers as a schema compares them: integers exactly, the others as 64-bit floats.

use std::cmp::Ordering;

use serde_json::Number;

/// How many leading digits decide: floats keep fifteen of any decimal number.
const DIGITS: usize = 15;

/// The number that a text of JSON stands for. What is too large for a float becomes the largest one.
pub(super) fn parse(text: &str) -> Number {
    if let Ok(number) = text.parse::<u64>() {
        return number.into();
    }
    if let Ok(number) = text.parse::<i64>() {
        return number.into();
    }
    let float = text.parse::<f64>().unwrap_or(f64::MAX);
    let float = match float.is_nan() {
        true => f64::MAX,
        false => float.clamp(f64::MIN, f64::MAX),
    };
    Number::from_f64(float).unwrap_or_else(|| 0.into())
}

/// Whether it has no fraction, however it is written.
pub(super) fn is_integer(number: &Number) -> bool {
    integer(number).is_some() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// It as an integer, when it is written as one of at most 64 bits.
pub(super) fn integer(number: &Number) -> Option<i128> {
    number
        .as_u64()
        .map(i128::from)
        .or_else(|| number.as_i64().map(i128::from))
}

/// Which of both is larger, without rounding.
pub(super) fn order(left: &Number, right: &Number) -> Ordering {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(left), None) => against_float(left, float(right)),
        (None, Some(right)) => against_float(right, float(left)).reverse(),
        (None, None) => float(left).total_cmp(&float(right)),
    }
}

/// Negative zero is zero.
fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::MAX) + 0.0
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the floor is within the range of the integer, which the lines above it check"
)]
fn against_float(integer: i128, float: f64) -> Ordering {
    /// Beyond every integer of 64 bits.
    const FAR: f64 = 1e30;
    if float >= FAR {
        return Ordering::Less;
    }
    if float <= -FAR {
        return Ordering::Greater;
    }
    let floor = float.floor();
    match integer.cmp(&(floor as i128)) {
        Ordering::Equal if float > floor => Ordering::Less,
        other => other,
    }
}

/// The beginning of every text that stands for one number.
#[derive(Debug)]
pub(super) struct Leading {
    is_negative: bool,
    /// Its digits from the first that is not zero, followed by zeros; and the digits from below, followed by nines, because a
    /// long enough `0.999...` is the float 1. Empty for zero, which everything becomes that is small enough.
    forms: Option<[Vec<u8>; 2]>,
}

impl Leading {
    pub(super) fn of(number: &Number) -> Self {
        let text = number.to_string();
        let mut above = digits(&text);
        while above.last() == Some(&b'0') {
            above.pop();
        }
        let is_negative = text.starts_with('-');
        let Some((last, before)) = above.split_last() else {
            return Leading {
                is_negative,
                forms: None,
            };
        };
        let mut below = before.to_vec();
        below.push(last - 1);
        below.resize(above.len() + DIGITS, b'9');
        let zeros = below.iter().take_while(|digit| **digit == b'0').count();
        below.drain(..zeros);
        above.resize(above.len() + DIGITS, b'0');
        Leading {
            is_negative,
            forms: Some([above, below]),
        }
    }

    /// Whether a text that begins with `written` can stand for the number.
    pub(super) fn allows(&self, written: &str) -> bool {
        let Some(forms) = &self.forms else {
            return true;
        };
        if self.is_negative != written.starts_with('-') {
            return false;
        }
        let mut written = digits(written);
        written.truncate(DIGITS);
        forms.iter().any(|form| form.starts_with(&written))
    }
}

/// The digits before the exponent, from the first that is not zero.
fn digits(text: &str) -> Vec<u8> {
    text.bytes()
        .take_while(|byte| !matches!(byte, b'e' | b'E'))
        .filter(u8::is_ascii_digit)
        .skip_while(|byte| *byte == b'0')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_exact_between_integers_and_floats() {
        let cases = [
            ("9007199254740993", "9007199254740992.0", Ordering::Greater),
            ("1", "1.0", Ordering::Equal),
            ("-0.0", "0", Ordering::Equal),
            ("18446744073709551615", "1e30", Ordering::Less),
            ("-1", "-1.5", Ordering::Greater),
            ("1e400", "1e300", Ordering::Greater),
        ];
        for (left, right, expected) in cases {
            assert_eq!(
                order(&parse(left), &parse(right)),
                expected,
                "{left} {right}"
            );
            assert_eq!(order(&parse(right), &parse(left)), expected.reverse());
        }
    }

    #[test]
    fn a_beginning_is_allowed_when_it_can_go_on_to_the_number() {
        let cases = [
            ("25", "2", true),
            ("25", "0.2", true),
            ("25", "24999", true),
            ("25", "3", false),
            ("25", "-", false),
            ("25", "250", true),
            ("25", "251", false),
            ("1", "0.9999", true),
            ("-3", "-", true),
            ("-3", "3", false),
            ("0", "-", true),
            ("0", "5", true),
            ("1e30", "1", true),
            ("100", "100e", true),
        ];
        for (number, written, expected) in cases {
            let leading = Leading::of(&parse(number));
            assert_eq!(leading.allows(written), expected, "{number} {written}");
        }
    }
}
