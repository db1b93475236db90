//! Where a redirect leads, and what goes there.

use http::{
    HeaderMap, HeaderName, Method, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING},
};
use tailrace_core::credentials::is_secret;
use url::Url;

/// A key that opens nothing.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request on its way, which redirects change.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    /// Whether the body goes along.
    pub(super) has_body: bool,
}

impl Hop {
    /// The request that the answer asks for, if it is a redirect that says where to.
    pub(super) fn follow(&self, status: StatusCode, answer: &HeaderMap) -> Option<Hop> {
        let keeps_body = match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method != Method::POST,
            StatusCode::SEE_OTHER => false,
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
            _ => return None,
        };
        let location = std::str::from_utf8(answer.get(LOCATION)?.as_bytes()).ok()?;
        let mut next = self.clone();
        next.url = self.url.join(location).ok()?;
        if !matches!(next.url.scheme(), "http" | "https") {
            return None;
        }
        if !keeps_body {
            next.has_body = false;
            if next.method != Method::HEAD {
                next.method = Method::GET;
            }
            for header in [
                CONTENT_TYPE,
                CONTENT_LENGTH,
                CONTENT_ENCODING,
                TRANSFER_ENCODING,
            ] {
                next.headers.remove(header);
            }
        }
        if next.url.origin() != self.url.origin() {
            // Another origin must not learn the key, in whatever field a cloud wants it.
            let keys: Vec<HeaderName> = next
                .headers
                .keys()
                .filter(|name| is_secret(name.as_str()) && **name != IDEMPOTENCY_KEY)
                .cloned()
                .collect();
            for name in keys {
                next.headers.remove(name);
            }
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// What carries a key at the API, at clouds, at a proxy and in a browser.
    const KEYS: [&str; 6] = [
        "authorization",
        "api-key",
        "x-goog-api-key",
        "x-amz-security-token",
        "proxy-authorization",
        "cookie",
    ];

    fn hop(method: Method) -> Hop {
        let mut headers = HeaderMap::new();
        for name in KEYS {
            headers.insert(name, HeaderValue::from_static("key"));
        }
        headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_static("one"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("a/b"));
        Hop {
            method,
            url: Url::parse("https://a.b/v1/x?q=1").unwrap(),
            headers,
            has_body: true,
        }
    }

    fn answer(location: &'static str) -> HeaderMap {
        let mut answer = HeaderMap::new();
        answer.insert(LOCATION, HeaderValue::from_static(location));
        answer
    }

    #[track_caller]
    fn check(method: Method, status: u16, expected: (Method, bool)) {
        let status = StatusCode::from_u16(status).unwrap();
        let next = hop(method).follow(status, &answer("/y")).unwrap();
        assert_eq!((next.method, next.has_body), expected);
        assert_eq!(next.headers.contains_key(CONTENT_TYPE), expected.1);
        assert_eq!(next.url.as_str(), "https://a.b/y");
    }

    #[test]
    fn methods_and_bodies_as_browsers_and_both_official_packages_do() {
        for status in [301, 302, 303] {
            check(Method::POST, status, (Method::GET, false));
        }
        check(Method::PUT, 302, (Method::PUT, true));
        check(Method::HEAD, 303, (Method::HEAD, false));
        for status in [307, 308] {
            check(Method::POST, status, (Method::POST, true));
        }
    }

    #[test]
    fn another_origin_does_not_learn_the_key() {
        for (location, keeps) in [
            ("y", true),
            ("https://a.b:443/y", true),
            ("https://a.b:444/y", false),
            ("http://a.b/y", false),
            ("//c.b/y", false),
        ] {
            let next = hop(Method::GET)
                .follow(StatusCode::FOUND, &answer(location))
                .unwrap();
            for name in KEYS {
                assert_eq!(
                    next.headers.contains_key(name),
                    keeps,
                    "{name} to {location}"
                );
            }
            assert!(next.headers.contains_key(IDEMPOTENCY_KEY));
            assert!(next.headers.contains_key(CONTENT_TYPE));
        }
    }

    #[test]
    fn what_leads_nowhere_is_an_answer() {
        let found = StatusCode::FOUND;
        assert!(hop(Method::GET).follow(found, &HeaderMap::new()).is_none());
        for location in ["ftp://a.b/", "file:///etc/passwd", "https://"] {
            assert!(hop(Method::GET).follow(found, &answer(location)).is_none());
        }
        assert!(
            hop(Method::GET)
                .follow(StatusCode::OK, &answer("/y"))
                .is_none()
        );
        assert!(
            hop(Method::GET)
                .follow(StatusCode::NOT_MODIFIED, &answer("/y"))
                .is_none()
        );
    }
}
