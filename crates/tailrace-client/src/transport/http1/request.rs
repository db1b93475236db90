//! The head of a request.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION, TRANSFER_ENCODING,
    },
};
use url::{Position, Url};
use zeroize::Zeroizing;

use crate::transport::connect::Forward;

/// The codings that are asked for, spelled as httpx and undici spell them. Without TLS only the old ones: what stands
/// between two that talk openly has been known to break the newer ones.
const OLD_CODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate");
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate, br, zstd");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// What goes with every request to this URL unless its caller says otherwise.
pub(in crate::transport) fn usual(url: &Url) -> [(HeaderName, HeaderValue); 2] {
    let is_open = url.scheme() == "http";
    let codings = if is_open { OLD_CODINGS } else { CODINGS };
    [(ACCEPT, ANYTHING), (ACCEPT_ENCODING, codings)]
}

/// How much body follows the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum Length {
    None,
    Known(u64),
    /// It is sent in chunks.
    Unknown,
}

/// Writes the head. `forward` is the proxy that is asked for the URL, if there is one.
///
/// Room is left for `body` bytes behind it, so that no copy with keys in it stays where it was when it would grow; it is
/// overwritten when it was sent. The framing is what `length` says and never what the headers say: a caller who gave another would break the connection.
pub(in crate::transport) fn write_head(
    method: &Method,
    url: &Url,
    headers: &HeaderMap,
    length: Length,
    forward: Option<&Forward>,
    body: usize,
) -> Zeroizing<Vec<u8>> {
    let mut head = Zeroizing::new(Vec::with_capacity(room(url, headers, forward) + body));
    let mut put = |parts: &[&[u8]]| {
        for part in parts {
            head.extend_from_slice(part);
        }
    };
    let target = &url[Position::BeforePath..Position::AfterQuery];
    put(&[method.as_str().as_bytes(), b" "]);
    if forward.is_some() {
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        put(&[url.scheme().as_bytes(), b"://", authority.as_bytes()]);
    }
    put(&[target.as_bytes(), b" HTTP/1.1\r\n"]);
    if !headers.contains_key(HOST) {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        put(&[b"host: ", host.as_bytes(), b"\r\n"]);
    }
    for (name, value) in headers {
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
    }
    let authorization = forward.and_then(|forward| forward.authorization.clone());
    let authorization = authorization.map(|value| (PROXY_AUTHORIZATION, value));
    for (name, value) in usual(url).into_iter().chain(authorization) {
        if !headers.contains_key(&name) {
            put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
    }
    match length {
        Length::Known(length) => {
            put(&[b"content-length: ", length.to_string().as_bytes(), b"\r\n"]);
        }
        Length::Unknown => put(&[b"transfer-encoding: chunked\r\n"]),
        // What usually has a body says that it has none.
        Length::None if matches!(*method, Method::POST | Method::PUT | Method::PATCH) => {
            put(&[b"content-length: 0\r\n"]);
        }
        Length::None => {}
    }
    put(&[b"\r\n"]);
    head
}

/// No less than a head takes.
fn room(url: &Url, headers: &HeaderMap, forward: Option<&Forward>) -> usize {
    /// The request line, the fields that are put in by themselves, and the empty line.
    const REST: usize = 256;
    let given: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    let authorization = forward.and_then(|forward| forward.authorization.as_ref());
    2 * url.as_str().len() + given + authorization.map_or(0, HeaderValue::len) + REST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(method: Method, url: &str, length: Length, forward: Option<&Forward>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_static("1"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("99"));
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("gzip"));
        let url = Url::parse(url).unwrap();
        let head = write_head(&method, &url, &headers, length, forward, 0);
        assert_eq!(head.capacity(), room(&url, &headers, forward));
        String::from_utf8(head.to_vec()).unwrap()
    }

    const REST: &str = "x-a: 1\r\naccept: */*\r\naccept-encoding: gzip, deflate\r\n";

    #[test]
    fn to_a_server() {
        assert_eq!(
            written(
                Method::POST,
                "https://u:p@a.b/v1/x?q=1#f",
                Length::Known(5),
                None
            ),
            format!(
                "POST /v1/x?q=1 HTTP/1.1\r\nhost: a.b\r\n{}content-length: 5\r\n\r\n",
                REST.replace("deflate", "deflate, br, zstd")
            )
        );
        assert_eq!(
            written(Method::PUT, "http://[::1]:81", Length::Unknown, None),
            format!("PUT / HTTP/1.1\r\nhost: [::1]:81\r\n{REST}transfer-encoding: chunked\r\n\r\n")
        );
        assert_eq!(
            written(Method::GET, "http://a/", Length::None, None),
            format!("GET / HTTP/1.1\r\nhost: a\r\n{REST}\r\n")
        );
        assert_eq!(
            written(Method::POST, "http://a/", Length::None, None),
            format!("POST / HTTP/1.1\r\nhost: a\r\n{REST}content-length: 0\r\n\r\n")
        );
    }

    #[test]
    fn to_a_proxy() {
        let forward = Forward {
            authorization: Some(HeaderValue::from_static("Basic eDp5")),
        };
        assert_eq!(
            written(
                Method::GET,
                "http://u:p@a:81/x?y#z",
                Length::None,
                Some(&forward)
            ),
            format!(
                "GET http://a:81/x?y HTTP/1.1\r\nhost: a:81\r\n{REST}proxy-authorization: Basic eDp5\r\n\r\n"
            )
        );
    }

    #[test]
    fn headers_of_the_caller_stay() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "h"),
            ("accept", "a/b"),
            ("accept-encoding", "identity"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let url = Url::parse("http://a/").unwrap();
        let head = write_head(&Method::GET, &url, &headers, Length::None, None, 0);
        assert_eq!(
            String::from_utf8(head.to_vec()).unwrap(),
            "GET / HTTP/1.1\r\nhost: h\r\naccept: a/b\r\naccept-encoding: identity\r\n\r\n"
        );
    }
}
