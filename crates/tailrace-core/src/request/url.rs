//! Joining a base URL and a path.

use super::invalid;
use crate::error::Error;

/// `base` and `path` with exactly one slash between them, or `path` itself when it is absolute.
///
/// Queries of both are kept, the base URL's first, so that a base such as `https://host/v1?api-version=1` works. Fragments
/// are not: no server sees one, and a query behind it would be lost with it.
pub(super) fn join(base: &str, path: &str) -> Result<String, Error> {
    for (what, text) in [("base URL", base), ("path", path)] {
        // A reader of URLs would leave some of them out, and so ask for something else.
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(invalid(format!(
                "the {what} {:?} has a line break or another control character; remove it or write it in percent form",
                shown(text)
            )));
        }
    }
    let (base, path) = (without_fragment(base), without_fragment(path));
    if is_absolute(path) {
        return Ok(path.to_owned());
    }
    if !is_absolute(base) {
        return Err(invalid(format!(
            "the base URL {:?} is not an absolute http or https URL; give one such as https://api.openai.com/v1",
            shown(base)
        )));
    }
    let (base, base_query) = split_query(base);
    let (path, path_query) = split_query(path);
    let mut url = String::with_capacity(base.len() + path.len() + 1);
    url.push_str(base.strip_suffix('/').unwrap_or(base));
    url.push('/');
    url.push_str(path.strip_prefix('/').unwrap_or(path));
    append_query(&mut url, base_query);
    append_query(&mut url, path_query);
    Ok(url)
}

/// Adds an encoded query to a URL that may already have one.
pub(super) fn append_query(url: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    if !url.ends_with('?') {
        url.push(if url.contains('?') { '&' } else { '?' });
    }
    url.push_str(query);
}

/// A URL as it may appear in an error message: without user, password and query, which may be secrets.
pub fn shown(url: &str) -> String {
    let (url, _) = split_query(url);
    match url.split_once("//") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host);
            format!("{scheme}//{host}{path}")
        }
        None => url.to_owned(),
    }
}

fn split_query(url: &str) -> (&str, &str) {
    url.split_once('?').unwrap_or((url, ""))
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

fn is_absolute(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        // Without a host here, readers of URLs would take what follows for it: the path, whose server nobody has named.
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url
                .get(scheme.len()..)
                .is_some_and(|rest| rest.starts_with(|c| !matches!(c, '/' | '\\' | '?')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, path: &str, expected: &str) {
        assert_eq!(join(base, path).unwrap(), expected);
    }

    #[test]
    fn one_slash_stands_between_base_and_path() {
        check("https://a.b/v1", "/chat", "https://a.b/v1/chat");
        check("https://a.b/v1/", "/chat", "https://a.b/v1/chat");
        check("https://a.b/v1/", "chat", "https://a.b/v1/chat");
        check("https://a.b", "chat", "https://a.b/chat");
    }

    #[test]
    fn an_absolute_path_replaces_the_base() {
        check("https://a.b/v1", "http://c.d/e?f=1", "http://c.d/e?f=1");
        check("not a url", "HTTPS://c.d/e", "HTTPS://c.d/e");
    }

    #[test]
    fn queries_of_base_and_path_are_kept() {
        check("https://a.b/v1?k=1", "/chat", "https://a.b/v1/chat?k=1");
        check(
            "https://a.b/v1?k=1",
            "/chat?l=2",
            "https://a.b/v1/chat?k=1&l=2",
        );
    }

    #[test]
    fn fragments_are_not_sent() {
        check("https://a.b/v1#x?y", "/chat#z?k=1", "https://a.b/v1/chat");
        check(
            "https://a.b/v1?k=1#x",
            "/chat?l=2#z",
            "https://a.b/v1/chat?k=1&l=2",
        );
        check("https://a.b/v1", "http://c.d/e?f=1#g", "http://c.d/e?f=1");
    }

    #[test]
    fn control_characters_are_refused_without_what_may_be_secret() {
        for (base, path, named) in [
            ("https://a.b/v1\n", "/chat", "base URL"),
            ("https://a.b/v1", "/ch\r\nat?secret", "path"),
            ("https://a.b/v1", "/chat?x=secret\0", "path"),
            ("https://a.b/v1", "http://c.d/\te", "path"),
            ("https://a.b/v1", "/\u{7f}", "path"),
        ] {
            let error = join(base, path).unwrap_err();
            assert_eq!(error.code(), crate::error::Code::InvalidRequest);
            let message = error.message();
            assert!(message.starts_with(&format!("the {named} ")), "{message}");
            assert!(!message.contains("secret") && !message.contains(char::is_control));
        }
    }

    #[test]
    fn what_is_shown_of_a_url_holds_no_secret() {
        for (url, expected) in [
            ("https://user:secret@a.b/v1?key=secret", "https://a.b/v1"),
            ("ftp://user:sec@ret@a.b", "ftp://a.b"),
            ("https://a.b/v1/x@y", "https://a.b/v1/x@y"),
            ("a.b?key=secret", "a.b"),
            ("", ""),
        ] {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn a_base_that_is_no_url_is_named() {
        for (base, named) in [
            ("", ""),
            ("api.openai.com", "api.openai.com"),
            ("ftp://a.b", "ftp://a.b"),
            ("https://", "https://"),
            ("https:///v1", "https:///v1"),
            ("https://\\v1", "https://\\v1"),
            ("https://?k=secret", "https://"),
            ("https://#x", "https://"),
            ("/v1", "/v1"),
        ] {
            let error = join(base, "/chat").unwrap_err();
            assert_eq!(error.code(), crate::error::Code::InvalidRequest);
            assert!(error.message().contains(&format!("{named:?}")), "{error}");
        }
    }

    #[test]
    fn a_path_without_a_host_stays_with_the_base() {
        check("https://a.b", "http:///c.d", "https://a.b/http:///c.d");
        check("https://a.b", "http://?c", "https://a.b/http://?c");
    }
}
