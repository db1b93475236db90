//! Options in, a request out.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_LENGTH};

use super::{
    body::{Body, Segment},
    headers::{self, HeaderText},
    invalid,
    multipart::Multipart,
    query::{self, QueryStyle},
    signature::Signer,
    url,
};
use crate::error::Error;

/// What a request is built from.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// `GET`, `POST` and so on.
    pub method: &'a str,
    /// An absolute http or https URL; may end in a slash, may carry a query that every request repeats.
    pub base_url: &'a str,
    /// Joined to the base URL; an absolute URL replaces it. May carry a query.
    pub path: &'a str,
    /// A JSON object, encoded with brackets.
    pub query: Option<&'a [u8]>,
    /// How the two official packages differ in writing a query.
    pub query_style: QueryStyle,
    /// Names and values in rising precedence: a later one replaces an earlier one of the same name in any case,
    /// `None` removes it.
    pub headers: &'a [(&'a str, Option<&'a str>)],
    /// How the values of headers become bytes.
    pub header_text: HeaderText,
    /// The header that carries the number of retries made, unless `headers` sets or removes it.
    pub retry_count_header: Option<&'static str>,
    /// What the request carries; `None` sends no body.
    pub body: Option<Content<'a>>,
}

/// What a body is built from.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// The body itself.
    Bytes(&'a Bytes),
    /// A form, which brings its content type.
    Multipart(&'a Multipart),
    /// The first source of the call, with its length in bytes where it is known.
    Source(Option<u64>),
}

/// A request as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Option<Body>,
    retry_count: Option<HeaderName>,
    header_text: HeaderText,
}

impl Request {
    /// Builds the request, or says in one sentence which option is wrong (code `invalid_request`).
    pub fn build(options: Options<'_>) -> Result<Self, Error> {
        let method = Method::from_bytes(options.method.as_bytes()).map_err(|_| {
            invalid(format!(
                "the method {:?} is not an HTTP method; use one such as GET or POST",
                options.method
            ))
        })?;
        let mut url = url::join(options.base_url, options.path)?;
        if let Some(json) = options.query {
            let query = query::encode(json, options.query_style)?;
            url::append_query(&mut url, &query);
        }
        let mut headers = HeaderMap::with_capacity(options.headers.len());
        headers::merge(&mut headers, options.headers, options.header_text)?;
        let body = match options.body {
            None => None,
            Some(Content::Bytes(bytes)) => Some(Body::Whole(bytes.clone())),
            Some(Content::Multipart(form)) => Some(form.build(&mut headers)?),
            Some(Content::Source(length)) => {
                Some(Body::from(vec![Segment::Source { index: 0, length }]))
            }
        };
        if expects_body(&method) && body.as_ref().is_none_or(Body::is_empty) {
            headers
                .entry(CONTENT_LENGTH)
                .or_insert(HeaderValue::from_static("0"));
        }
        let retry_count = options
            .retry_count_header
            .filter(|name| {
                !options
                    .headers
                    .iter()
                    .any(|(given, _)| given.eq_ignore_ascii_case(name))
            })
            .map(HeaderName::from_static);
        Ok(Request {
            method,
            url,
            headers,
            body,
            retry_count,
            header_text: options.header_text,
        })
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The absolute URL with its query.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers of the latest attempt.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; `None` sends none.
    pub fn body(&self) -> Option<&Body> {
        self.body.as_ref()
    }

    /// This request with the length of its body among its headers, where it is known: what a transport that is not told
    /// otherwise has to send.
    #[must_use]
    pub fn with_length(&self) -> Self {
        let mut request = self.clone();
        if let Some(length) = self.body.as_ref().and_then(Body::len) {
            request
                .headers
                .entry(CONTENT_LENGTH)
                .or_insert(HeaderValue::from(length));
        }
        request
    }

    pub(crate) fn merge_headers(&mut self, layers: &[(&str, Option<&str>)]) -> Result<(), Error> {
        headers::merge(&mut self.headers, layers, self.header_text)
    }

    /// Signs the request as it goes to `url`, the form of its URL that is sent.
    pub(crate) fn sign(
        &mut self,
        signer: &Signer,
        url: &str,
        now: SystemTime,
    ) -> Result<(), Error> {
        let body = match &self.body {
            None => Bytes::new(),
            Some(body) => body.in_memory().ok_or_else(|| {
                invalid("a signature covers the whole body, and this one is read while it is sent; pass it as bytes".to_owned())
            })?,
        };
        let Request {
            method, headers, ..
        } = self;
        signer.sign(method.as_str(), url, headers, &body, now)
    }

    pub(crate) fn set_retry_count(&mut self, retries: u32) {
        if let Some(name) = &self.retry_count {
            self.headers
                .insert(name.clone(), HeaderValue::from(retries));
        }
    }
}

/// RFC 9110 (8.6): a request without a body says so where its method is one that has a meaning for bodies, as both
/// official packages do.
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

#[cfg(test)]
mod tests {
    use super::{
        super::query::{NullQuery, Space},
        *,
    };

    fn build(method: &str, body: Option<&Bytes>) -> Request {
        Request::build(Options {
            method,
            base_url: "http://a.b",
            path: "/c",
            query: None,
            query_style: QueryStyle {
                null: NullQuery::Skip,
                space: Space::Plus,
            },
            headers: &[],
            header_text: HeaderText::Utf8,
            retry_count_header: None,
            body: body.map(Content::Bytes),
        })
        .unwrap()
    }

    #[track_caller]
    fn check(method: &str, body: Option<&'static str>, expected: Option<&str>) {
        let body = body.map(|text| Bytes::from_static(text.as_bytes()));
        let request = build(method, body.as_ref());
        let length = request.headers().get(CONTENT_LENGTH);
        assert_eq!(length.map(|value| value.to_str().unwrap()), expected);
    }

    #[test]
    fn the_length_of_a_body_can_be_a_header() {
        for (body, expected) in [("{}", "2"), ("", "0")] {
            let body = Bytes::from_static(body.as_bytes());
            let request = build("POST", Some(&body)).with_length();
            assert_eq!(request.headers()[CONTENT_LENGTH], expected);
        }
        assert!(
            !build("GET", None)
                .with_length()
                .headers()
                .contains_key(CONTENT_LENGTH)
        );
    }

    #[test]
    fn a_body_that_is_missing_where_one_is_usual_has_the_length_zero() {
        for method in ["POST", "PUT", "PATCH"] {
            check(method, None, Some("0"));
            check(method, Some(""), Some("0"));
            // The transport writes the length of what there is.
            check(method, Some("{}"), None);
        }
        for method in ["GET", "DELETE", "HEAD"] {
            check(method, None, None);
        }
    }
}
