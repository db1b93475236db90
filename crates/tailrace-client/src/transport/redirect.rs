//! Where a redirect leads, and what goes there.

use http::{
    HeaderMap, HeaderName, Method, StatusCode,
    header::{
        AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION,
        PROXY_AUTHORIZATION, TRANSFER_ENCODING, WWW_AUTHENTICATE,
    },
};
use url::Url;

/// What carries a key in place of `authorization` at some clouds. HTTP knows it as any other field.
const API_KEY: HeaderName = HeaderName::from_static("api-key");

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
            // Another origin must not learn the key.
            for header in [
                AUTHORIZATION,
                API_KEY,
                COOKIE,
                PROXY_AUTHORIZATION,
                WWW_AUTHENTICATE,
            ] {
                next.headers.remove(header);
            }
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn hop(method: Method) -> Hop {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer key"));
        headers.insert(API_KEY, HeaderValue::from_static("key"));
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
            for header in [AUTHORIZATION, API_KEY] {
                assert_eq!(next.headers.contains_key(header), keeps, "{location}");
            }
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
