//! Wherever a server sends a request, it goes there by HTTP, and keys go no further than the server that they are for.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tailrace_client::fuzzing::redirected;
use url::Url;

/// What carries a key at the API, at the clouds, and between a browser and a server.
const KEYS: [&str; 7] = [
    "authorization",
    "api-key",
    "x-goog-api-key",
    "x-amz-security-token",
    "cookie",
    "proxy-authorization",
    "x-api-key",
];

pub(crate) fn check(input: &[u8]) {
    let Some((&[how, first], location)) = input.split_first_chunk::<2>() else {
        return;
    };
    let Ok(location) = HeaderValue::from_bytes(location) else {
        return;
    };
    let from = [
        "https://a.b/v1/x?q=1",
        "http://a.b:81/",
        "https://u:p@[::1]:444/y",
    ][usize::from(how % 3)];
    let from = Url::parse(from).expect("it is one");
    let status = StatusCode::from_u16(300 + u16::from(first % 9)).expect("it is one");
    let mut headers = HeaderMap::new();
    for name in KEYS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static("canary"),
        );
    }
    headers.insert("x-kept", HeaderValue::from_static("1"));
    let mut answer = HeaderMap::new();
    answer.insert("location", location);
    let method = if how & 4 == 0 {
        Method::POST
    } else {
        Method::GET
    };
    let Some(next) = redirected(method.clone(), from.clone(), headers, status, &answer) else {
        return;
    };
    assert!(matches!(next.url.scheme(), "http" | "https"));
    assert!(next.url.has_host());
    let goes_elsewhere = next.url.origin() != from.origin();
    for name in KEYS {
        assert_eq!(
            next.headers.contains_key(name),
            !goes_elsewhere,
            "{name} to {}",
            next.url
        );
    }
    assert!(next.headers.contains_key("x-kept"));
    assert!(matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308));
    if matches!(status.as_u16(), 307 | 308) {
        assert!(next.has_body && next.method == method);
    } else if method == Method::POST || status == StatusCode::SEE_OTHER {
        assert!(!next.has_body && next.method == Method::GET);
    }
}
