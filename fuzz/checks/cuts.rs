//! An input as what is read and where it is cut.

/// The bytes before the last four, whole and cut in pieces whose lengths those four say, one after the other, anew.
pub(crate) fn cut(input: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let (text, lengths) = input.split_at(input.len() - input.len().min(4));
    let mut pieces = Vec::new();
    let mut rest = text;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        // No length of 0, so that it ends.
        let (piece, after) = rest.split_at(rest.len().min(usize::from(*length) + 1));
        pieces.push(piece);
        rest = after;
    }
    (text, pieces)
}
