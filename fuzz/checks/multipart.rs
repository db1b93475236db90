//! Any texts as a form are read back by a plain reader of RFC 7578 and by the crate `multer`, or are refused: no field is
//! lost, none is added, and none becomes another one.

use tailrace_core::{
    error::Code,
    request::{
        Content, Field, HeaderText, Multipart, NullQuery, Options, QueryStyle, Quoting, Request,
        Segment, Space,
    },
};

const BOUNDARY: &str = "b0undary-7d1f";

pub(crate) fn check(input: &[u8]) {
    let Some((&how, input)) = input.split_first() else {
        return;
    };
    let mut parts = input.split(|byte| *byte == 0xff);
    let quoting = [Quoting::Doubled, Quoting::Html, Quoting::Percent][usize::from(how % 3)];
    let mut fields = Vec::new();
    while let Some(flags) = parts.next() {
        let flags = flags.first().copied().unwrap_or_default();
        let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let (name, filename, header) = (text(), text(), text());
        let content = parts.next().unwrap_or_default().to_vec();
        fields.push(Field {
            name,
            filename: (flags & 1 != 0).then_some(filename),
            headers: match flags & 2 {
                0 => Vec::new(),
                _ => vec![("Content-Type".to_owned(), header)],
            },
            // Large enough that it is sent from where it is.
            content: Segment::Bytes(
                content
                    .repeat(if flags & 4 == 0 { 1 } else { 20_000 })
                    .into(),
            ),
        });
    }
    // A boundary is drawn by chance, so that none of these can have it.
    if input
        .windows(BOUNDARY.len())
        .any(|window| window == BOUNDARY.as_bytes())
    {
        return;
    }
    let form = Multipart {
        boundary: BOUNDARY.to_owned(),
        quoting,
        fields,
    };
    let built = Request::build(Options {
        method: "POST",
        base_url: "http://a.b",
        path: "/",
        query: None,
        query_style: QueryStyle {
            null: NullQuery::Skip,
            space: Space::Plus,
        },
        headers: &[],
        header_text: HeaderText::Utf8,
        retry_count_header: None,
        body: Some(Content::Multipart(&form)),
    });
    let is_sendable = form
        .fields
        .iter()
        .flat_map(|field| &field.headers)
        .all(|(_, value)| {
            value
                .bytes()
                .all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
        });
    let request = match built {
        Ok(request) => request,
        Err(error) => {
            assert!(!is_sendable);
            assert_eq!(error.code(), Code::InvalidRequest);
            return;
        }
    };
    assert!(is_sendable);
    let body = request.body().expect("a form is a body");
    let bytes = body.in_memory().expect("all of it is in memory");
    assert_eq!(body.len(), Some(bytes.len() as u64));
    let expected: Vec<Read> = form
        .fields
        .iter()
        .map(|field| Read::of(field, quoting))
        .collect();
    assert_eq!(read(&bytes), expected);
    #[cfg(fuzzing)]
    check_multer(&form, &expected, bytes);
}

/// A field as a server reads it; what is in quotes has no escapes.
#[derive(Debug, PartialEq)]
struct Read {
    name: String,
    filename: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
}

impl Read {
    fn of(field: &Field, quoting: Quoting) -> Self {
        let lines = |text: &str| match quoting {
            Quoting::Html => text
                .replace("\r\n", "\n")
                .replace('\r', "\n")
                .replace('\n', "\r\n"),
            _ => text.to_owned(),
        };
        let quoted = |text: &str| match quoting {
            Quoting::Doubled => text.replace('\\', "\\\\"),
            _ => text.to_owned(),
        };
        let Segment::Bytes(bytes) = &field.content else {
            unreachable!("this target has bytes only")
        };
        let is_text = field.filename.is_none() && field.headers.is_empty();
        Read {
            name: unescaped(&quoted(&lines(&field.name))),
            filename: field
                .filename
                .as_deref()
                .filter(|name| !name.is_empty())
                .map(|name| unescaped(&quoted(name))),
            content_type: field.headers.first().map(|(_, value)| value.clone()),
            content: match std::str::from_utf8(bytes) {
                Ok(text) if is_text => lines(text).into_bytes(),
                _ => bytes.to_vec(),
            },
        }
    }
}

/// With every escape undone, those of the caller, which nobody can tell from ours, included.
fn unescaped(text: &str) -> String {
    let bytes: Vec<u8> = text.bytes().collect();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        match escaped.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
            Some(digits) => {
                plain.push(u8::from_str_radix(digits, 16).expect("two digits"));
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn read(mut bytes: &[u8]) -> Vec<Read> {
    let mut fields = Vec::new();
    let delimiter = format!("\r\n--{BOUNDARY}");
    let find = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .position(|window| window == text.as_bytes())
    };
    bytes = bytes
        .strip_prefix(&delimiter.as_bytes()[2..])
        .expect("it begins with a boundary");
    while let Some(rest) = bytes.strip_prefix(b"\r\n") {
        let end = find(rest, "\r\n\r\n").expect("the head of a field ends");
        let head = std::str::from_utf8(&rest[..end]).expect("a head is UTF-8");
        assert!(!head.contains('\0'));
        let rest = &rest[end + 4..];
        let end = find(rest, &delimiter).expect("a field ends");
        let mut lines = head.split("\r\n");
        let line = lines
            .next()
            .and_then(|line| line.strip_prefix("Content-Disposition: form-data; name=\""));
        let (name, after) = line.and_then(|line| line.split_once('"')).expect("a name");
        let filename = match after {
            "" => None,
            after => {
                let text = after
                    .strip_prefix("; filename=\"")
                    .and_then(|text| text.strip_suffix('"'));
                Some(text.expect("a file name"))
            }
        };
        assert!(filename.is_none_or(|name| !name.contains('"')));
        let content_type = lines.next().map(|line| {
            line.strip_prefix("Content-Type: ")
                .expect("a type")
                .to_owned()
        });
        assert_eq!(lines.next(), None);
        fields.push(Read {
            name: unescaped(name),
            filename: filename.map(unescaped),
            content_type,
            content: rest[..end].to_vec(),
        });
        bytes = &rest[end + delimiter.len()..];
    }
    assert_eq!(bytes, b"--\r\n");
    fields
}

/// The crate is there for the fuzz targets only.
#[cfg(fuzzing)]
fn check_multer(form: &Multipart, expected: &[Read], bytes: bytes::Bytes) {
    use std::convert::Infallible;

    use futures_util::{FutureExt as _, stream};

    // For that crate a backslash in quotes is an escape, and it gives up where a media type is none or a control character
    // stands in a head, as Node's forms have it; CR, LF and NUL never do.
    let is_odd = |text: &str| {
        text.chars()
            .any(|c| c == '\\' || (c.is_ascii_control() && !matches!(c, '\r' | '\n' | '\0')))
    };
    if form.fields.iter().any(|field| {
        is_odd(&field.name)
            || field.filename.as_deref().is_some_and(is_odd)
            || !field.headers.is_empty()
    }) {
        return;
    }
    let pieces = stream::iter([Ok::<_, Infallible>(bytes)]);
    let mut reader = multer::Multipart::new(pieces, BOUNDARY);
    for field in expected {
        // Everything is there at once, so nothing waits.
        let next = reader.next_field().now_or_never().expect("it is all there");
        let next = next.expect("it is a form").expect("a field is lost");
        assert_eq!(next.name().map(unescaped).unwrap_or_default(), field.name);
        let content = next
            .bytes()
            .now_or_never()
            .expect("it is all there")
            .expect("a field");
        assert_eq!(content, field.content);
    }
    let after = reader.next_field().now_or_never().expect("it is all there");
    assert!(after.expect("it is a form").is_none(), "a field is added");
}
