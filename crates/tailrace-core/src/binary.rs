//! Bytes that JSON carries as base64: decoding them, and finding those of an event without reading the rest of it.

use std::{borrow::Cow, ops::Range, sync::LazyLock};

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::Simd;
use base64::{
    Engine as _,
    engine::{GeneralPurposeConfig, general_purpose::PAD},
};
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use base64::{alphabet::STANDARD, engine::GeneralPurpose};
use jiter::Jiter;
use memchr::memchr2;

// Python's decoder takes bits after the last byte, too.
const LENIENT: GeneralPurposeConfig = PAD.with_decode_allow_trailing_bits(true);
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static BASE64: LazyLock<Simd> = LazyLock::new(|| Simd::standard(LENIENT));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static BASE64: LazyLock<GeneralPurpose> = LazyLock::new(|| GeneralPurpose::new(&STANDARD, LENIENT));

/// How many bytes base64 text stands for; `None` when its length is no base64 with padding.
#[must_use]
pub fn decoded_bytes(text: &[u8]) -> Option<usize> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text
        .iter()
        .rev()
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    Some(text.len() / 4 * 3 - padding)
}

/// Decodes base64 to the end of `block`; `None` when `text` is none.
#[must_use]
pub fn decode(text: &[u8], block: &mut Vec<u8>) -> Option<()> {
    BASE64.decode_vec(text, block).ok()
}

/// Decodes base64 to `block`, which has as many bytes as [`decoded_bytes`] says; `None` when `text` is none.
#[must_use]
pub fn decode_to(text: &[u8], block: &mut [u8]) -> Option<()> {
    let bytes = BASE64.decode_slice(text, block).ok()?;
    (bytes == block.len()).then_some(())
}

/// Which member of an event is base64, by what the event says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The member that says what an event is.
    pub tag: String,
    /// What it says, and the member that is base64 then.
    pub members: Vec<(String, String)>,
    /// The bytes come in units of so many; others are left as they are.
    pub unit: usize,
}

/// The base64 of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'d> {
    /// Its place in [`Members::members`].
    pub member: usize,
    /// Where it stands in the document, without its quotes.
    pub place: Range<usize>,
    /// The text, borrowed from the document unless something of it is escaped there.
    pub text: Cow<'d, [u8]>,
    /// How many bytes it stands for.
    pub bytes: usize,
}

impl Members {
    /// The base64 of `event`, a JSON object; `None` when it has none, or is not what it seems.
    #[must_use]
    pub fn find<'d>(&self, event: &'d [u8]) -> Option<Found<'d>> {
        let tag = event.get(string_member(event, &self.tag)?)?;
        let member = self
            .members
            .iter()
            .position(|(value, _)| value.as_bytes() == tag)?;
        let place = string_member(event, &self.members.get(member)?.1)?;
        let mut text = Cow::Borrowed(event.get(place.clone())?);
        if text.contains(&b'\\') {
            // Some servers escape the slash.
            let quoted = event.get(place.start.checked_sub(1)?..=place.end)?;
            text = Cow::Owned(Jiter::new(quoted).next_str().ok()?.as_bytes().to_vec());
        }
        let bytes = decoded_bytes(&text)?;
        bytes.is_multiple_of(self.unit.max(1)).then_some(Found {
            member,
            place,
            text,
            bytes,
        })
    }
}

impl Found<'_> {
    /// The event with an empty text in place of the base64.
    #[must_use]
    pub fn rest(&self, event: &[u8]) -> Vec<u8> {
        let mut rest = Vec::with_capacity(event.len().saturating_sub(self.place.len()));
        rest.extend_from_slice(event.get(..self.place.start).unwrap_or_default());
        rest.extend_from_slice(event.get(self.place.end..).unwrap_or_default());
        rest
    }
}

/// Where the text of the member `name` of an object stands, without its quotes; of members with one name the last counts.
fn string_member(object: &[u8], name: &str) -> Option<Range<usize>> {
    let mut found = None;
    let mut at = after_space(object, 0);
    if object.get(at)? != &b'{' {
        return None;
    }
    at = after_space(object, at + 1);
    while object.get(at)? == &b'"' {
        let key = at + 1..string_end(object, at + 1)?;
        at = after_space(object, key.end + 1);
        if object.get(at)? != &b':' {
            return None;
        }
        at = after_space(object, at + 1);
        let is_wanted = object.get(key)? == name.as_bytes();
        if object.get(at)? == &b'"' {
            let value = at + 1..string_end(object, at + 1)?;
            at = value.end + 1;
            if is_wanted {
                found = Some(value);
            }
        } else {
            at = value_end(object, at)?;
            if is_wanted {
                found = None;
            }
        }
        at = after_space(object, at);
        match object.get(at)? {
            b',' => at = after_space(object, at + 1),
            b'}' => return found,
            _ => return None,
        }
    }
    None
}

fn after_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The place of the quote that ends the string which begins at `at`.
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at)? == &b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The place behind the value, no string, that begins at `at`.
fn value_end(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => at = string_end(text, at + 1)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b',' | b'}' | b']' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(unit: usize) -> Members {
        Members {
            tag: "kind".to_owned(),
            members: vec![
                ("other".to_owned(), "x".to_owned()),
                ("sound".to_owned(), "data".to_owned()),
            ],
            unit,
        }
    }

    fn decoded(event: &str, unit: usize) -> Option<(Vec<u8>, String)> {
        let found = members(unit).find(event.as_bytes())?;
        let mut block = vec![0; found.bytes];
        decode_to(&found.text, &mut block)?;
        let rest = String::from_utf8(found.rest(event.as_bytes())).ok()?;
        Some((block, rest))
    }

    #[test]
    fn finds_a_member_wherever_it_stands() {
        let rest = r#"{"kind":"sound","data":""}"#;
        for event in [
            r#"{"kind":"sound","data":"AAEC"}"#,
            r#"{"data":"AAEC","kind":"sound"}"#,
            " {\n\"a\" : [1, {\"kind\": \"}\"}, \"\\\"]\"] , \"kind\" : \"sound\", \"data\" :\t\"AAEC\", \"b\": null } ",
            r#"{"kind":"other","kind":"sound","data":"AAAA","data":"AAEC"}"#,
        ] {
            let (block, _) = decoded(event, 1).unwrap();
            assert_eq!(block, [0, 1, 2], "{event}");
        }
        assert_eq!(
            decoded(r#"{"kind":"sound","data":"AAEC"}"#, 1).unwrap().1,
            rest
        );
        let (block, _) = decoded(r#"{"kind":"sound","data":""}"#, 2).unwrap();
        assert!(block.is_empty());
    }

    #[test]
    fn takes_escapes() {
        let (block, _) = decoded(r#"{"kind":"sound","data":"\/\/\u002f\/"}"#, 1).unwrap();
        assert_eq!(block, [255, 255, 255]);
    }

    #[test]
    fn leaves_what_is_none() {
        for event in [
            "",
            "[]",
            "{}",
            "{",
            r#"{"kind":"sound"}"#,
            r#"{"kind":"sound","data":null}"#,
            r#"{"kind":"sound","data":"AAEC","data":1}"#,
            r#"{"kind":"new","data":"AAEC"}"#,
            r#"{"kind":["sound"],"data":"AAEC"}"#,
            r#"{"kind":"sound","data":"AAE"}"#,
            r#"{"kind":"sound","data":"A*EC"}"#,
            r#"{"kind":"sound","data":"AAEC"#,
            r#"{"kind":"sound","data":"AAEC" 1}"#,
            r#"{"kind":"sound","data" "AAEC"}"#,
            r#"{"kind":"sound","data":"\"#,
        ] {
            assert_eq!(decoded(event, 1), None, "{event}");
        }
        assert_eq!(decoded(r#"{"kind":"sound","data":"AAEC"}"#, 2), None);
    }

    #[test]
    fn every_cut_of_an_event_is_none() {
        let event = r#"{"a":{"b":["}",1]},"kind":"sound","data":"AAECAw=="}"#;
        for end in 0..event.len() {
            assert_eq!(decoded(&event[..end], 1), None);
        }
        assert_eq!(decoded(event, 2).unwrap().0, [0, 1, 2, 3]);
    }
}
