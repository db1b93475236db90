//! A reader of answers in the plainest form, for comparison: it has all bytes.

use http::{Method, Version};
use tailrace_client::fuzzing::Answered;

pub(crate) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// What was understood is what stands there.
pub(crate) fn check(method: &Method, mut wire: &[u8], found: &Answered) {
    while let Some(rest) = wire.strip_prefix(b"\r\n") {
        wire = rest;
    }
    let end = find(wire, b"\r\n\r\n").expect("a head ends in an empty line");
    let (head, body) = (&wire[..end], &wire[end + 4..]);
    assert!(
        !head
            .windows(2)
            .any(|pair| (pair[0] == b'\r') != (pair[1] == b'\n')),
        "a lone CR or LF"
    );
    let mut lines = split(head);
    let status = lines.remove(0);
    let version = if found.version == Version::HTTP_10 {
        "HTTP/1.0 "
    } else {
        "HTTP/1.1 "
    };
    let code = status.strip_prefix(version.as_bytes()).expect("a version");
    assert!(code.starts_with(found.status.as_str().as_bytes()));
    assert!(matches!(code.get(3), None | Some(b' ')));
    // The fields in order, those of one name together.
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    for line in &lines {
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .expect("a field has a colon");
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        assert!(!name.is_empty() && name.iter().all(is_token), "{name:?}");
        assert!(
            value
                .iter()
                .all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
        );
        fields.push((
            String::from_utf8_lossy(name).to_ascii_lowercase(),
            value.to_vec(),
        ));
    }
    assert_eq!(found.headers.len(), fields.len());
    for name in found.headers.keys() {
        let read: Vec<&[u8]> = found
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.as_bytes().trim_ascii())
            .collect();
        let stands: Vec<&[u8]> = fields
            .iter()
            .filter(|(given, _)| given == name.as_str())
            .map(|(_, value)| &**value)
            .collect();
        assert_eq!(read, stands);
    }
    check_body(method, &fields, body, found);
}

fn check_body(method: &Method, fields: &[(String, Vec<u8>)], body: &[u8], found: &Answered) {
    let all = |name: &str| {
        fields
            .iter()
            .filter(|(given, _)| given == name)
            .map(|(_, value)| &**value)
            .collect::<Vec<_>>()
    };
    let (lengths, codings) = (all("content-length"), all("transfer-encoding"));
    // Whatever two readers could understand in two ways is refused.
    assert!(lengths.len() + codings.len() <= 1, "two framings");
    let code = found.status.as_u16();
    if *method == Method::HEAD || code < 200 || code == 204 || code == 304 {
        assert!(code != 101, "switched unasked");
        assert!(found.body.is_empty() && found.is_over);
        assert_eq!(found.rest, body);
        return;
    }
    if let [length] = lengths[..] {
        let length: u64 = std::str::from_utf8(length)
            .expect("digits")
            .parse()
            .expect("a number");
        let here = usize::try_from(length).map_or(body.len(), |length| length.min(body.len()));
        assert_eq!(found.body, body[..here]);
        assert_eq!(found.rest, body[here..]);
        assert_eq!(found.is_over, here as u64 == length);
    } else if let [coding] = codings[..] {
        assert!(coding.eq_ignore_ascii_case(b"chunked") && found.version == Version::HTTP_11);
        check_chunks(body, found);
    } else {
        assert_eq!(found.body, body);
        assert!(!found.is_over && found.rest.is_empty());
    }
}

/// Line by line and chunk by chunk.
fn check_chunks(mut rest: &[u8], found: &Answered) {
    let mut data = Vec::new();
    let is_over = loop {
        let Some((size, extension, after)) = size_line(rest) else {
            break false;
        };
        if !extension.is_empty() && !extension.starts_with(b";") {
            break false;
        }
        rest = after;
        if size == 0 {
            break loop {
                let Some(end) = find(rest, b"\r\n") else {
                    break false;
                };
                let line = &rest[..end];
                rest = &rest[end + 2..];
                if line.is_empty() {
                    break true;
                }
                if !is_field(line) {
                    break false;
                }
            };
        }
        let here = usize::try_from(size).map_or(rest.len(), |size| size.min(rest.len()));
        data.extend_from_slice(&rest[..here]);
        match rest[here..].strip_prefix(b"\r\n") {
            Some(after) if here as u64 == size => rest = after,
            _ => break false,
        }
    };
    // An extension can be malformed where this reader does not look.
    let is_plain = !found
        .malformed
        .as_deref()
        .is_some_and(|why| why.contains("extension"));
    if is_plain {
        assert_eq!(found.body, data);
        assert_eq!(found.is_over, is_over);
    } else {
        assert!(data.starts_with(&found.body));
    }
    if found.is_over {
        assert_eq!(found.rest, rest);
    }
}

fn size_line(rest: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let end = find(rest, b"\r\n")?;
    let line = &rest[..end];
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let size = std::str::from_utf8(&line[..digits]).ok()?;
    let extension = &line[digits..];
    let is_text = extension
        .iter()
        .all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f));
    let size = u64::from_str_radix(size, 16).ok().filter(|_| is_text)?;
    Some((size, extension, &rest[end + 2..]))
}

fn is_field(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return false;
    };
    colon > 0
        && line[..colon].iter().all(is_token)
        && line[colon + 1..]
            .iter()
            .all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

fn split(head: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = head;
    while let Some(end) = find(rest, b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    lines
}
