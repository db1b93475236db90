//! `$ref` within one document.

use serde_json::Value;

/// Where a reference leads, as a JSON pointer and what is there; `None` when it is no pointer into this document, or one into
/// a part of it that has a base of its own.
pub(super) fn resolve<'s>(root: &'s Value, reference: &str) -> Option<(String, &'s Value)> {
    let fragment = reference.strip_prefix('#')?;
    if fragment.is_empty() {
        return Some((String::new(), root));
    }
    let fragment = percent_decoded(fragment)?;
    let mut value = root;
    let mut path = String::new();
    for token in fragment.strip_prefix('/')?.split('/') {
        let name = token.replace("~1", "/").replace("~0", "~");
        value = match value {
            Value::Object(members) => members.get(&name)?,
            Value::Array(elements) => elements.get(index(&name)?)?,
            _ => return None,
        };
        if has_base(value) {
            return None;
        }
        push(&mut path, &name);
    }
    Some((path, value))
}

/// Whether a schema says what references within it are relative to.
pub(super) fn has_base(schema: &Value) -> bool {
    schema.get("$id").is_some_and(Value::is_string)
}

/// Appends a reference token to a JSON pointer.
pub(super) fn push(path: &mut String, token: &str) {
    path.push('/');
    for character in token.chars() {
        match character {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            other => path.push(other),
        }
    }
}

/// An index without leading zeros.
fn index(token: &str) -> Option<usize> {
    match token.starts_with('0') && token.len() > 1 || token.starts_with('+') {
        true => None,
        false => token.parse().ok(),
    }
}

/// The text that a fragment stands for.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pointer_leads_into_the_document() {
        let schema = json!({
            "$defs": {"a/b": {"type": "null"}, "c~d": [true], "e%": 1, "own": {"$id": "x", "$defs": {"y": {}}}}
        });
        let check = |reference: &str| resolve(&schema, reference).map(|(path, _)| path);
        assert_eq!(check("#"), Some(String::new()));
        assert_eq!(check("#/$defs/a~1b"), Some("/$defs/a~1b".to_owned()));
        assert_eq!(check("#/%24defs/c~0d/0"), Some("/$defs/c~0d/0".to_owned()));
        assert_eq!(check("#/$defs/e%25"), Some("/$defs/e%".to_owned()));
        for other in [
            "#/$defs/none",
            "#anchor",
            "other.json",
            "#/$defs/c~0d/00",
            "#/$defs/own/$defs/y",
            "#/%zz",
        ] {
            assert_eq!(check(other), None, "{other}");
        }
    }
}
