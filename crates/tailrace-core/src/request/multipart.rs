//! Forms: fields and files as `multipart/form-data`, byte for byte as the official packages frame them.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};

use super::{
    body::{Body, Segment},
    invalid,
};
use crate::error::Error;

/// A content up to this many bytes is copied beside the text around it; a larger one is sent from where it is.
const COPIED_BYTES: usize = 16 * 1024;

/// The media type of a form.
const FORM: &str = "multipart/form-data";

/// How a name is written between quotes. `"` is `%22` and NUL, which no head may have, `%00` in all of them, and what is
/// not ASCII goes as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// `\` is doubled; the control characters below space, but not ESC, are percent-encoded (the official Python
    /// package).
    Doubled,
    /// Of the others only CR and LF are percent-encoded. Line breaks in field names and texts become CRLF first, as in an HTML form
    /// (the official Node package).
    Html,
    /// `\`, the control characters below space and DEL are percent-encoded (the official Node package, for a form
    /// with a streamed file).
    Percent,
}

/// A form.
#[derive(Debug, Clone)]
pub struct Multipart {
    /// Stands between the fields unless the request's content-type names another; must occur in none of them.
    pub boundary: String,
    /// How names are written.
    pub quoting: Quoting,
    /// In the order in which they are sent.
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name, as the host's rules for lists and objects made it.
    pub name: String,
    /// The file name; an empty one is none, as in both official packages.
    pub filename: Option<String>,
    /// Written in this order below the disposition; a content type is one of them.
    pub headers: Vec<(String, String)>,
    /// The value.
    pub content: Segment,
}

impl Multipart {
    /// Says which header of a field cannot be sent, if one cannot (code `invalid_request`).
    pub fn check(&self) -> Result<(), Error> {
        for (name, value) in self.fields.iter().flat_map(|field| &field.headers) {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(invalid(format!(
                    "the header name {name:?} of a multipart field has a character that HTTP does not allow; use letters, digits and hyphens"
                )));
            }
            if value
                .chars()
                .any(|c| (c.is_ascii_control() && c != '\t') || c == '\0')
            {
                return Err(invalid(format!(
                    "the value of the header {name:?} of a multipart field has a line break or another control character; remove it"
                )));
            }
        }
        Ok(())
    }

    /// The form as a body, and its content type in `headers`. A boundary that is given there is used.
    pub(super) fn build(&self, headers: &mut HeaderMap) -> Result<Body, Error> {
        self.check()?;
        if let Some(given) = given_boundary(headers) {
            return Ok(self.render(&given));
        }
        let content_type = HeaderValue::try_from(format!("{FORM}; boundary={}", self.boundary))
            .map_err(|_| {
                invalid(
                    "the boundary of a multipart body has a control character; use letters and digits"
                        .to_owned(),
                )
            })?;
        headers.insert(CONTENT_TYPE, content_type);
        Ok(self.render(&self.boundary))
    }

    fn render(&self, boundary: &str) -> Body {
        let mut form = Form::default();
        for field in &self.fields {
            form.text(&[
                "--",
                boundary,
                "\r\nContent-Disposition: form-data; name=\"",
            ]);
            self.quoted(&mut form.open, &self.normalized(&field.name));
            form.text(&["\""]);
            let filename = field.filename.as_deref().unwrap_or_default();
            if !filename.is_empty() {
                form.text(&["; filename=\""]);
                self.quoted(&mut form.open, filename);
                form.text(&["\""]);
            }
            for (name, value) in &field.headers {
                form.text(&["\r\n", name, ": ", value]);
            }
            form.text(&["\r\n\r\n"]);
            form.content(self.normalized_content(field));
            form.text(&["\r\n"]);
        }
        form.text(&["--", boundary, "--\r\n"]);
        form.finish()
    }

    /// A text between quotes.
    fn quoted(&self, out: &mut Vec<u8>, text: &str) {
        let mut quoted = String::with_capacity(text.len());
        for c in text.chars() {
            let is_encoded = match (self.quoting, c) {
                (_, '"' | '\r' | '\n' | '\0') => true,
                (Quoting::Html, _) => false,
                (Quoting::Doubled, '\\') => {
                    quoted.push('\\');
                    false
                }
                (Quoting::Doubled, _) => c < ' ' && c != '\x1b',
                (Quoting::Percent, _) => c < ' ' || c == '\x7f' || c == '\\',
            };
            if is_encoded {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "%{:02X}", u32::from(c));
            } else {
                quoted.push(c);
            }
        }
        out.extend_from_slice(quoted.as_bytes());
    }

    fn normalized<'t>(&self, text: &'t str) -> std::borrow::Cow<'t, str> {
        if self.quoting == Quoting::Html && text.contains(['\r', '\n']) {
            let unix = text.replace("\r\n", "\n").replace('\r', "\n");
            unix.replace('\n', "\r\n").into()
        } else {
            text.into()
        }
    }

    /// The content of a field; that of a plain text field is normalized as its name is.
    fn normalized_content(&self, field: &Field) -> Segment {
        let is_text = field.filename.is_none() && field.headers.is_empty();
        if let Segment::Bytes(bytes) = &field.content
            && is_text
            && let Ok(text) = std::str::from_utf8(bytes)
            && let std::borrow::Cow::Owned(text) = self.normalized(text)
        {
            return Segment::Bytes(text.into());
        }
        field.content.clone()
    }
}

/// A form that is being written.
#[derive(Default)]
struct Form {
    segments: Vec<Segment>,
    /// What goes into the next segment of bytes.
    open: Vec<u8>,
}

impl Form {
    fn text(&mut self, texts: &[&str]) {
        for text in texts {
            self.open.extend_from_slice(text.as_bytes());
        }
    }

    fn content(&mut self, content: Segment) {
        match content {
            Segment::Bytes(bytes) if bytes.len() <= COPIED_BYTES => {
                self.open.extend_from_slice(&bytes);
            }
            other => {
                self.close();
                self.segments.push(other);
            }
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let bytes = Bytes::from(std::mem::take(&mut self.open));
            self.segments.push(Segment::Bytes(bytes));
        }
    }

    fn finish(mut self) -> Body {
        self.close();
        Body::from(self.segments)
    }
}

/// The boundary that a content type of the caller names.
fn given_boundary(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (media_type, parameters) = value.split_once(';')?;
    if !media_type.trim().eq_ignore_ascii_case(FORM) {
        return None;
    }
    let boundary = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("boundary="))?
        .trim_matches('"');
    (!boundary.is_empty()).then(|| boundary.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, filename: Option<&str>, headers: &[(&str, &str)], content: &str) -> Field {
        Field {
            name: name.to_owned(),
            filename: filename.map(str::to_owned),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            content: Segment::Bytes(Bytes::from(content.to_owned())),
        }
    }

    fn form(quoting: Quoting, fields: Vec<Field>) -> Multipart {
        Multipart {
            boundary: "B".to_owned(),
            quoting,
            fields,
        }
    }

    #[track_caller]
    fn check(quoting: Quoting, field: Field, expected: &str) {
        let body = form(quoting, vec![field]).build(&mut HeaderMap::new());
        let bytes = body.unwrap().in_memory().unwrap();
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            format!("--B\r\nContent-Disposition: form-data; {expected}\r\n--B--\r\n")
        );
    }

    // Each line was seen on the wire of the official package with these arguments.
    #[test]
    fn names_as_the_official_python_package_writes_them() {
        let quoting = Quoting::Doubled;
        check(
            quoting,
            field("p\"\n%ü", None, &[], "v\"\r\n1"),
            "name=\"p%22%0A%ü\"\r\n\r\nv\"\r\n1",
        );
        for (filename, expected) in [
            ("qu\"ote.txt", "qu%22ote.txt"),
            ("line\nbreak\r.txt", "line%0Abreak%0D.txt"),
            ("ünï – 日本😀", "ünï – 日本😀"),
            ("back\\slash", "back\\\\slash"),
            ("per%cent%22", "per%cent%22"),
            ("\x01\t\x1a\x1b\x1c\x7f\u{80}", "%01%09%1A\x1b%1C\x7f\u{80}"),
        ] {
            check(
                quoting,
                field("file", Some(filename), &[("Content-Type", "a/b")], "D"),
                &format!("name=\"file\"; filename=\"{expected}\"\r\nContent-Type: a/b\r\n\r\nD"),
            );
        }
    }

    #[test]
    fn names_as_the_official_node_package_writes_them() {
        let quoting = Quoting::Html;
        check(
            quoting,
            field("a\nb\rc\"\\%\r\n\t", None, &[], "v\"\n1\r2\r\n3"),
            "name=\"a%0D%0Ab%0D%0Ac%22\\%%0D%0A\t\"\r\n\r\nv\"\r\n1\r\n2\r\n3",
        );
        check(
            quoting,
            field(
                "f",
                Some("a\nb\r\"\x01\x7fé"),
                &[("Content-Type", "a/b")],
                "1\n2",
            ),
            "name=\"f\"; filename=\"a%0Ab%0D%22\x01\x7fé\"\r\nContent-Type: a/b\r\n\r\n1\n2",
        );
    }

    #[test]
    fn names_as_the_official_node_package_writes_them_around_a_stream() {
        let quoting = Quoting::Percent;
        check(
            quoting,
            field("a\nb\rc\"\\%\t", None, &[], "v\n1\r2\""),
            "name=\"a%0Ab%0Dc%22%5C%%09\"\r\n\r\nv\n1\r2\"",
        );
        check(
            quoting,
            field("f", Some("a\nb\r\"\x01\x7f%cé"), &[], "ab"),
            "name=\"f\"; filename=\"a%0Ab%0D%22%01%7F%cé\"\r\n\r\nab",
        );
    }

    // The official Node package sends it as it is, which servers refuse or cut there.
    #[test]
    fn no_nul_goes_into_a_head() {
        for quoting in [Quoting::Doubled, Quoting::Html, Quoting::Percent] {
            check(
                quoting,
                field("a\0b", Some("c\0d"), &[], "1\x002"),
                "name=\"a%00b\"; filename=\"c%00d\"\r\n\r\n1\x002",
            );
        }
    }

    #[test]
    fn an_empty_file_name_is_none_and_headers_keep_their_order() {
        check(
            Quoting::Doubled,
            field("f", Some(""), &[], ""),
            "name=\"f\"\r\n\r\n",
        );
        check(
            Quoting::Doubled,
            field(
                "f",
                Some("a"),
                &[("X-H", "é\t1"), ("Content-Type", "t/x")],
                "D",
            ),
            "name=\"f\"; filename=\"a\"\r\nX-H: é\t1\r\nContent-Type: t/x\r\n\r\nD",
        );
    }

    #[test]
    fn a_form_without_fields_is_only_its_end() {
        let body = form(Quoting::Doubled, vec![]).build(&mut HeaderMap::new());
        assert_eq!(body.unwrap(), Body::Whole(Bytes::from_static(b"--B--\r\n")));
    }

    #[test]
    fn sources_stand_between_the_text_around_them() {
        let mut fields = vec![field("a", None, &[], "1"), field("b", Some("b"), &[], "")];
        fields[1].content = Segment::Source {
            index: 7,
            length: Some(1 << 40),
        };
        let body = form(Quoting::Doubled, fields)
            .build(&mut HeaderMap::new())
            .unwrap();
        let Body::Segments(segments) = &body else {
            panic!("{body:?}")
        };
        assert!(matches!(
            **segments,
            [
                Segment::Bytes(_),
                Segment::Source { index: 7, .. },
                Segment::Bytes(_)
            ]
        ));
        let text = [&segments[0], &segments[2]].map(|segment| segment.len().unwrap());
        assert_eq!(body.len(), Some((1 << 40) + text[0] + text[1]));
    }

    #[test]
    fn a_large_content_is_not_copied() {
        let large = Bytes::from(vec![b'x'; COPIED_BYTES + 1]);
        let mut field = field("a", Some("a"), &[], "");
        field.content = Segment::Bytes(large.clone());
        let body = form(Quoting::Html, vec![field])
            .build(&mut HeaderMap::new())
            .unwrap();
        match &body {
            Body::Segments(segments) => match &segments[1] {
                Segment::Bytes(sent) => assert_eq!(sent.as_ptr(), large.as_ptr()),
                other => panic!("{other:?}"),
            },
            Body::Whole(_) => panic!("copied"),
        }
    }

    #[test]
    fn the_content_type_names_the_boundary_unless_it_is_given() {
        for (given, content_type, boundary) in [
            (None, "multipart/form-data; boundary=B", "B"),
            (
                Some("multipart/form-data"),
                "multipart/form-data; boundary=B",
                "B",
            ),
            (
                Some("application/json"),
                "multipart/form-data; boundary=B",
                "B",
            ),
            (
                Some("multipart/form-data; boundary="),
                "multipart/form-data; boundary=B",
                "B",
            ),
            (
                Some("multipart/form-data; boundary=mine"),
                "multipart/form-data; boundary=mine",
                "mine",
            ),
            (
                Some("multipart/form-data; charset=utf-8; boundary=\"q x\""),
                "multipart/form-data; charset=utf-8; boundary=\"q x\"",
                "q x",
            ),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(given) = given {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(given));
            }
            let body = form(Quoting::Doubled, vec![]).build(&mut headers).unwrap();
            assert_eq!(headers[CONTENT_TYPE], content_type);
            assert_eq!(
                body.in_memory().unwrap(),
                format!("--{boundary}--\r\n").as_bytes()
            );
        }
    }

    #[test]
    fn a_header_that_would_break_the_form_is_refused() {
        for (name, value) in [
            ("Content-Type", "ty\npe"),
            ("Content-Type", "ty\rpe"),
            ("Content-Type", "ty\0pe"),
            ("Content-Type", "ty\x7fpe"),
            ("X-\n", "1"),
            ("", "1"),
            ("X: Y", "1"),
        ] {
            let form = form(
                Quoting::Doubled,
                vec![field("f", None, &[(name, value)], "")],
            );
            let error = form.check().unwrap_err();
            assert_eq!(error.code(), crate::error::Code::InvalidRequest);
            assert!(error.message().contains(&format!("{name:?}")), "{error}");
        }
    }
}
