//! A strict reader of JSON text (RFC 8259) that says where its scalars are.

use std::ops::Range;

use memchr::memchr2;

/// Deeper values are left to the host.
const DEEPEST: usize = 32;

/// A text with more scalars takes longer to compare than to parse.
const MOST_LEAVES: usize = 128;

/// The place of each scalar (string, number, `true`, `false`, `null`) that is a value, in order, and what leads to it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Leaves {
    pub(super) spans: Vec<Range<usize>>,
    /// For each, JSON text of an array of keys and indexes.
    pub(super) paths: Vec<String>,
}

/// The scalars of a JSON text.
///
/// `None` when it is none, and when a host could not put it together again from its parts: a key that comes twice, has an
/// escape or is `__proto__`, or values that are too many or nested too deeply.
pub(super) fn leaves(text: &[u8]) -> Option<Leaves> {
    let mut reader = Reader {
        text,
        at: 0,
        path: Vec::new(),
        leaves: Leaves::default(),
    };
    reader.value()?;
    reader.space();
    (reader.at == text.len()).then_some(reader.leaves)
}

/// The end of the scalar that starts at `at`; `None` when there is none or it is malformed.
pub(super) fn scalar(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string(text, at),
        b't' => word(text, at, b"true"),
        b'f' => word(text, at, b"false"),
        b'n' => word(text, at, b"null"),
        _ => number(text, at),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// JSON text of the keys and indexes that lead to the current value.
    path: Vec<String>,
    leaves: Leaves,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<()> {
        self.space();
        match self.text.get(self.at)? {
            b'{' => self.object(),
            b'[' => self.array(),
            _ => {
                let end = scalar(self.text, self.at)?;
                if self.leaves.spans.len() == MOST_LEAVES {
                    return None;
                }
                self.leaves.spans.push(self.at..end);
                self.leaves.paths.push(format!("[{}]", self.path.join(",")));
                self.at = end;
                Some(())
            }
        }
    }

    fn object(&mut self) -> Option<()> {
        let mut keys: Vec<&'a [u8]> = Vec::new();
        self.enter()?;
        if self.takes(b'}') {
            return Some(());
        }
        loop {
            self.space();
            let end = string(self.text, self.at)?;
            let key = self.text.get(self.at..end)?;
            if key.contains(&b'\\') || key == b"\"__proto__\"" || keys.contains(&key) {
                return None;
            }
            keys.push(key);
            self.at = end;
            if !self.takes(b':') {
                return None;
            }
            self.step_into(String::from_utf8(key.to_vec()).ok()?)?;
            if !self.takes(b',') {
                return self.takes(b'}').then_some(());
            }
        }
    }

    fn array(&mut self) -> Option<()> {
        self.enter()?;
        if self.takes(b']') {
            return Some(());
        }
        let mut index = 0_usize;
        loop {
            self.step_into(index.to_string())?;
            index += 1;
            if !self.takes(b',') {
                return self.takes(b']').then_some(());
            }
        }
    }

    fn enter(&mut self) -> Option<()> {
        self.at += 1;
        (self.path.len() < DEEPEST).then_some(())
    }

    fn step_into(&mut self, step: String) -> Option<()> {
        self.path.push(step);
        self.value()?;
        self.path.pop();
        Some(())
    }

    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// White space, but for the carriage return, which event data cannot hold.
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
    }
}

fn string(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start) != Some(&b'"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        let rest = text.get(at..)?;
        let length = memchr2(b'"', b'\\', rest)?;
        let (plain, special) = rest.split_at(length);
        if plain.iter().any(|byte| *byte < b' ') {
            return None;
        }
        at += length + 1;
        if special.first() == Some(&b'"') {
            return Some(at);
        }
        at += 1;
        match text.get(at - 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
            b'u' => {
                let digits = text.get(at..at + 4)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                at += 4;
            }
            _ => return None,
        }
    }
}

fn word(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    text.get(at..)?.starts_with(word).then_some(at + word.len())
}

fn number(text: &[u8], start: usize) -> Option<usize> {
    let sign = usize::from(text.get(start) == Some(&b'-'));
    let mut at = digits(text, start + sign)?;
    if text.get(start + sign) == Some(&b'0') && at > start + sign + 1 {
        return None;
    }
    if text.get(at) == Some(&b'.') {
        at = digits(text, at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        at = digits(text, at + 1 + sign)?;
    }
    Some(at)
}

/// The end of one or more digits.
fn digits(text: &[u8], start: usize) -> Option<usize> {
    let count = text
        .get(start..)?
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (count > 0).then_some(start + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, found: &[(&str, &str)]) {
        let leaves = leaves(text.as_bytes()).expect("it is JSON");
        let spans = leaves.spans.into_iter().map(|span| &text[span]);
        let pairs: Vec<(String, &str)> = leaves.paths.into_iter().zip(spans).collect();
        let expected: Vec<(String, &str)> = found
            .iter()
            .map(|(path, leaf)| ((*path).to_owned(), *leaf))
            .collect();
        assert_eq!(pairs, expected);
    }

    #[track_caller]
    fn refuse(text: &str) {
        assert_eq!(leaves(text.as_bytes()), None, "{text}");
    }

    #[test]
    fn finds_scalars_and_what_leads_to_them() {
        check("12", &[("[]", "12")]);
        check("{}", &[]);
        check(
            r#"{"a" : [1, {"b":"x\"y"}], "c": null}"#,
            &[
                (r#"["a",0]"#, "1"),
                (r#"["a",1,"b"]"#, r#""x\"y""#),
                (r#"["c"]"#, "null"),
            ],
        );
    }

    #[test]
    fn takes_numbers_and_strings_as_json_has_them() {
        for text in ["0", "-0", "1.50", "1e9", "1E-9", "-12.5e+3"] {
            check(text, &[("[]", text)]);
        }
        for text in [r#""é\u00e9\n""#, r#""""#, "\"\u{7f}\""] {
            check(text, &[("[]", text)]);
        }
    }

    #[test]
    fn refuses_what_is_no_json() {
        for text in [
            "",
            " ",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "NaN",
            "tru",
            "'a'",
            "{",
            "[1,]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "\"a",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"a\nb\"",
            "1 1",
            "[1]]",
            "\"\\",
        ] {
            refuse(text);
        }
    }

    #[test]
    fn refuses_what_could_not_be_put_together_again() {
        refuse(r#"{"a":1,"a":2}"#);
        refuse(r#"{"__proto__":1}"#);
        refuse(r#"{"\u0061":1}"#);
        refuse(&format!("[{}1]", "1,".repeat(128)));
        refuse(&format!("{}1{}", "[".repeat(33), "]".repeat(33)));
        check(
            &format!("{}1{}", "[".repeat(32), "]".repeat(32)),
            &[(&format!("[{}]", vec!["0"; 32].join(",")), "1")],
        );
    }
}
