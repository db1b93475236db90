//! Any texts as parts of a request make the request that other readers find in what goes over the wire, or are refused:
//! nothing is lost, and nothing becomes another part of it.

mod pairs;

use http::{HeaderMap, Method};
use tailrace_client::fuzzing::head;
use tailrace_core::{
    error::{Code, Error},
    request::{HeaderText, NullQuery, Options, QueryStyle, Request, Space},
};
use url::{Position, Url, form_urlencoded};

/// Stands in a header's value, where it is a key.
const CANARY: &str = "canary-7d1f";

pub(crate) fn check(input: &[u8]) {
    let Some((&how, input)) = input.split_first() else {
        return;
    };
    // No byte of UTF-8.
    let mut texts = input.split(|byte| *byte == 0xff).map(std::str::from_utf8);
    let mut text = || texts.next().unwrap_or(Ok("")).unwrap_or("");
    let (base, path, query) = (text(), text(), text());
    let mut headers = Vec::new();
    loop {
        let name = text();
        let value = text();
        if name.is_empty() && value.is_empty() {
            break;
        }
        headers.push((
            name.to_owned(),
            (how & 1 == 0 || value != "-").then(|| format!("{value}{CANARY}")),
        ));
    }
    let layers: Vec<(&str, Option<&str>)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_deref()))
        .collect();
    let (null, space) = match how & 2 {
        0 => (NullQuery::Skip, Space::Plus),
        _ => (NullQuery::Empty, Space::Percent),
    };
    let built = Request::build(Options {
        method: "POST",
        base_url: base,
        path,
        query: (!query.is_empty()).then_some(query.as_bytes()),
        query_style: QueryStyle { null, space },
        headers: &layers,
        header_text: HeaderText::Utf8,
        retry_count_header: None,
        body: None,
    });
    let are_sendable = layers
        .iter()
        .all(|(name, value)| is_token(name) && value.is_none_or(|value| is_text(value.trim())));
    let has_control = |text: &str| text.bytes().any(|byte| byte < b' ' || byte == 0x7f);
    match built {
        Err(error) => check_refusal(&error),
        Ok(request) => {
            assert!(are_sendable, "{layers:?}");
            assert!(!has_control(request.url()), "{:?}", request.url());
            check_sent(base, path, query, null, &layers, &request);
        }
    }
}

fn check_refusal(error: &Error) {
    assert_eq!(error.code(), Code::InvalidRequest);
    assert!(!error.to_string().contains(CANARY), "{error}");
    assert!(!error.message().contains(['\r', '\n', '\0']), "{error}");
}

fn check_sent(
    base: &str,
    path: &str,
    query: &str,
    null: NullQuery,
    layers: &[(&str, Option<&str>)],
    request: &Request,
) {
    let Ok(url) = Url::parse(request.url()) else {
        return;
    };
    // The path stays with the server of the base URL, unless it names another itself.
    let lower = path.to_ascii_lowercase();
    let is_absolute = ["http://", "https://"].iter().any(|scheme| {
        lower
            .strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '\\', '?', '#']))
    });
    let place = if is_absolute { path } else { base };
    // What stands before a fragment can be a URL where the whole is none: a blank ends a URL, and no host.
    let place = place.split('#').next().unwrap_or_default();
    let expected = Url::parse(place).expect("what is joined to it is a URL");
    assert_eq!(url.origin(), expected.origin(), "{base:?} {path:?}");
    assert_eq!(url.username(), expected.username());
    // All of the query is sent, behind those of the base URL and the path.
    let found: Vec<(String, String)> = form_urlencoded::parse(url.query().unwrap_or("").as_bytes())
        .into_owned()
        .collect();
    if let Some(pairs) = pairs::of(query, null == NullQuery::Empty) {
        let count = found
            .len()
            .checked_sub(pairs.len())
            .expect("no pair is lost");
        assert!(
            pairs::agree(&pairs, &found[count..]),
            "{query:?} {:?}",
            url.query()
        );
    }
    check_head(&url, layers, request);
}

/// What a server reads.
fn check_head(url: &Url, layers: &[(&str, Option<&str>)], request: &Request) {
    let bytes = head(&Method::POST, url, request.headers(), Some(5));
    let mut fields = vec![httparse::EMPTY_HEADER; layers.len() + 8];
    let mut parsed = httparse::Request::new(&mut fields);
    let status = parsed.parse(&bytes).expect("a server can read it");
    assert_eq!(status, httparse::Status::Complete(bytes.len()));
    assert_eq!(parsed.method, Some("POST"));
    assert_eq!(parsed.version, Some(1));
    assert_eq!(
        parsed.path,
        Some(&url[Position::BeforePath..Position::AfterQuery])
    );
    let mut expected: HeaderMap<String> = HeaderMap::default();
    for (name, value) in layers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a name");
        match value {
            None => drop(expected.remove(name)),
            Some(value) => drop(expected.insert(name, value.trim().to_owned())),
        }
    }
    for name in ["content-length", "transfer-encoding"] {
        expected.remove(name);
    }
    expected.insert("content-length", "5".to_owned());
    for field in &*parsed.headers {
        let name = field.name.to_ascii_lowercase();
        match expected.remove(&*name) {
            // Blanks at the ends are no part of a value.
            Some(value) => assert_eq!(value.as_bytes().trim_ascii(), field.value.trim_ascii()),
            None => assert!(
                ["host", "accept", "accept-encoding"].contains(&&*name),
                "{name} came from nowhere or twice"
            ),
        }
    }
    assert!(expected.is_empty(), "{expected:?} is lost");
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

fn is_text(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}
