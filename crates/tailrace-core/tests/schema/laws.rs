//! What must hold for the beginnings of a text, whatever the schema: the judge is the `jsonschema` crate.

use serde_json::Value;
use tailrace_core::{
    json::Options,
    schema::{MAX_DEPTH, Schema, Violation},
};

const JSON: Options = Options::strict(MAX_DEPTH);

/// What the laws saw.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Valid,
    /// Refused at the end only.
    Late,
    /// Refused while more was to come.
    Early,
}

/// Checks the laws for one text; panics with what is broken.
pub(crate) fn check(
    schema: &Schema,
    judge: &jsonschema::Validator,
    text: &str,
    context: &str,
) -> Seen {
    let document: Value = serde_json::from_str(text).unwrap();
    let is_valid = judge.is_valid(&document);
    let whole = schema.violation(text.as_bytes(), JSON);
    assert_eq!(
        whole.is_none(),
        is_valid,
        "as a whole: {whole:?}\n{context}"
    );

    let (index, found) = by_bytes(schema, text, context);
    assert_eq!(
        found.is_none(),
        is_valid,
        "byte by byte: {found:?}\n{context}"
    );
    let Some(found) = found else {
        return Seen::Valid;
    };
    assert!(
        found.offset <= index,
        "{found:?} is told at byte {index}\n{context}"
    );
    for bytes in [text.len(), 3] {
        assert_same(in_pieces(schema, text, bytes), &found, context);
    }
    assert_same(whole, &found, context);
    match index + 1 < text.trim_end().len() {
        true => Seen::Early,
        false => Seen::Late,
    }
}

/// A refusal is the same however the text comes, but that a key may have come further.
fn assert_same(other: Option<Violation>, found: &Violation, context: &str) {
    let other = other.unwrap();
    let places = |violation: &Violation| (violation.offset, violation.schema_path.clone());
    assert_eq!(
        places(&other),
        places(found),
        "{other:?} {found:?}\n{context}"
    );
    assert!(
        other.pointer.starts_with(&found.pointer),
        "{other:?} {found:?}\n{context}"
    );
}

/// The first refusal and the byte that it came with; the length of the text when it came with its end.
fn by_bytes(schema: &Schema, text: &str, context: &str) -> (usize, Option<Violation>) {
    let mut prefix = schema.prefix(JSON);
    let mut first: Option<(usize, Violation)> = None;
    for (index, byte) in text.bytes().enumerate() {
        let now = prefix.push(&[byte]).cloned();
        if let Some((_, violation)) = &first {
            assert_eq!(
                now.as_ref(),
                Some(violation),
                "a refusal is final\n{context}"
            );
        } else if let Some(violation) = now {
            first = Some((index, violation));
        }
    }
    let end = prefix.finish().cloned();
    match first {
        Some((index, violation)) => (index, Some(violation)),
        None => (text.len(), end),
    }
}

fn in_pieces(schema: &Schema, text: &str, bytes: usize) -> Option<Violation> {
    let mut prefix = schema.prefix(JSON);
    for piece in text.as_bytes().chunks(bytes.max(1)) {
        prefix.push(piece);
    }
    prefix.finish().cloned()
}

/// The judge, with the options of ours.
pub(crate) fn judge(schema: &Value) -> Option<jsonschema::Validator> {
    jsonschema::options()
        .offline()
        .should_validate_formats(false)
        .build(schema)
        .ok()
}
