//! What a reader of JSON tells.

/// One of the three words of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
}

/// Takes what a [`Scanner`](super::Scanner) reads, in the order of the text.
///
/// `at` is an offset in bytes from the start of the text: that of the first byte of what is told, and of the closing byte
/// for what ends. A value is announced by its first byte (`begin_object`, `begin_array`, `text_begin`, `number_begin`,
/// `literal_begin`), so that a sink can judge its kind before the rest is there.
///
/// An escape `\uD800` to `\uDFFF` that is no half of a pair is a character of its own in Python and JavaScript, but not in a
/// `str` of Rust. The methods with `surrogate` in their names tell it; a sink that has none of them sees U+FFFD.
pub trait Sink {
    /// `{`
    fn begin_object(&mut self, at: usize);

    /// The opening quote of a key.
    fn key_begin(&mut self, at: usize) {
        let _ = at;
    }

    /// The next characters of a key, never none.
    fn key_piece(&mut self, piece: &str, at: usize) {
        let _ = (piece, at);
    }

    /// The next unit of a key, half of a pair without the other half.
    fn key_surrogate(&mut self, unit: u16, at: usize) {
        let _ = unit;
        self.key_piece("\u{FFFD}", at);
    }

    /// A whole key, at its closing quote; lone halves of pairs are U+FFFD. `at` is that of the opening quote.
    fn key(&mut self, key: &str, at: usize);

    /// `}`
    fn end_object(&mut self, at: usize);

    /// `[`
    fn begin_array(&mut self, at: usize);

    /// `]`
    fn end_array(&mut self, at: usize);

    /// The opening quote of a string that is a value.
    fn text_begin(&mut self, at: usize);

    /// The next characters of the string, never none, with escapes resolved.
    fn text(&mut self, piece: &str, at: usize);

    /// The next unit of the string, half of a pair without the other half.
    fn text_surrogate(&mut self, unit: u16, at: usize) {
        let _ = unit;
        self.text("\u{FFFD}", at);
    }

    /// The closing quote of the string.
    fn text_end(&mut self, at: usize);

    /// The first byte of a number, a digit or `-`.
    fn number_begin(&mut self, at: usize) {
        let _ = at;
    }

    /// The next bytes of a number, never none; together they are what `number` gets.
    fn number_piece(&mut self, piece: &str, at: usize) {
        let _ = (piece, at);
    }

    /// A whole number as it is written, when the byte after it (or the end of the text) has shown that it is whole. `at` is
    /// that of its first byte. With [`Options::non_finite`](super::Options::non_finite) it can be `NaN`, `Infinity` or
    /// `-Infinity`.
    fn number(&mut self, number: &str, at: usize);

    /// The first byte of a literal, which says which one it is going to be.
    fn literal_begin(&mut self, literal: Literal, at: usize) {
        let _ = (literal, at);
    }

    /// A whole literal. `at` is that of its first byte.
    fn literal(&mut self, literal: Literal, at: usize);
}
