//! The signatures that AWS publishes for its example credentials, and what a signature covers.

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn signer(service: &str, token: Option<&str>) -> Signer {
    Signer::new(
        "AKIDEXAMPLE".to_owned(),
        SECRET.to_owned(),
        token.map(str::to_owned),
        "us-east-1".to_owned(),
        service.to_owned(),
    )
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// 12:36:00 on 2015-08-30, the moment of the published suite.
fn suite_time() -> SystemTime {
    at(1_440_938_160)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// The signature of a request as the published suite has it: without a field for the hash of the body.
#[track_caller]
fn published(
    method: &str,
    target: &str,
    given: &[(&'static str, &str)],
    body: &str,
    expected: &str,
) {
    let time = timestamp(suite_time());
    let mut headers = headers(given);
    headers.insert(DATE, field(&time).unwrap());
    let url = format!("https://example.amazonaws.com{target}");
    let target = Target::of(&url);
    let (lines, names) = canonical_headers(&headers, target.host);
    let hash = hex(&Sha256::digest(body));
    let request = [method, &target.path, &target.query, &lines, &names, &hash].join("\n");
    let (_, signature) = signer("service", None).authorization(&time, &names, &request);
    assert_eq!(signature, expected, "{request}");
}

#[test]
fn the_published_suite() {
    const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    for path in [
        "",
        "/",
        "/example/..",
        "/./",
        "//",
        "/example1/example2/../..",
    ] {
        published("GET", path, &[], "", VANILLA);
    }
    let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (target, expected) in [
        (
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            &format!("/?{unreserved}={unreserved}"),
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ),
        (
            "/./example",
            "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
        ),
        (
            "//example//",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ),
        (
            "/example space/",
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ),
        (
            "/\u{1234}",
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            "/?\u{1234}=bar",
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ),
    ] {
        published("GET", target, &[], "", expected);
    }
    published(
        "POST",
        "/",
        &[],
        "",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    );
    published(
        "POST",
        "/",
        &[("content-type", "application/x-www-form-urlencoded")],
        "Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    );
    published(
        "GET",
        "/",
        &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
        "",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    );
}

/// A request to Bedrock, signed by botocore.
#[test]
fn fields_of_a_signed_request() {
    let body = br#"{"input":"hello","model":"openai.gpt-oss-120b"}"#;
    for (token, expected) in [
        (
            None,
            "6ab4734b764ada3816ac282c8c7ca2f309470301f747b1c457438e0efe844495",
        ),
        (
            Some("fixture-session-token"),
            "ee0512e9fdb722d63f533ece61345b1f465e32e1eda830d3577deb58db1f3bc1",
        ),
    ] {
        let mut fields = headers(&[
            ("content-type", "application/json"),
            ("content-length", "47"),
            ("user-agent", "anything"),
            // What an earlier signature left.
            ("authorization", "old"),
            ("x-amz-date", "old"),
            ("x-amz-security-token", "old"),
        ]);
        signer("bedrock-mantle", token)
            .sign(
                "POST",
                "https://bedrock-mantle.us-east-1.api.aws/openai/v1/items",
                &mut fields,
                body,
                at(1_780_317_296),
            )
            .unwrap();
        assert_eq!(fields[DATE], "20260601T123456Z");
        assert_eq!(
            fields[CONTENT_HASH],
            "9d161ca213ef31dd5b8f01f52294bcd5057bc778cf6ee7719e67b7ff43ef1022"
        );
        assert_eq!(
            fields.get(TOKEN).map(|token| token.to_str().unwrap()),
            token
        );
        let tail = if token.is_some() {
            ";x-amz-security-token"
        } else {
            ""
        };
        assert_eq!(
            fields[AUTHORIZATION],
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260601/us-east-1/bedrock-mantle/aws4_request, \
                 SignedHeaders=content-length;content-type;host;x-amz-content-sha256;x-amz-date{tail}, \
                 Signature={expected}"
            )
        );
    }
}

#[test]
fn one_form_of_a_query_however_it_is_written() {
    for query in ["q=a%20b&p=%C3%A9", "p=%c3%a9&q=a+b", "&q=a b&p=\u{e9}&"] {
        assert_eq!(canonical_query(query), "p=%C3%A9&q=a%20b");
    }
    assert_eq!(
        canonical_query("a=%&b=%zz&c&d==%2"),
        "a=%25&b=%25zz&c=&d=%3D%252"
    );
}

#[test]
fn dates() {
    for (seconds, expected) in [
        (0, "19700101T000000Z"),
        (951_782_399, "20000228T235959Z"),
        (951_782_400, "20000229T000000Z"),
        (1_709_164_800, "20240229T000000Z"),
        (1_735_689_599, "20241231T235959Z"),
        (4_107_542_400, "21000301T000000Z"),
    ] {
        assert_eq!(timestamp(at(seconds)), expected);
    }
}

#[test]
fn nothing_secret_is_shown() {
    let shown = format!("{:?}", signer("s", Some("the token")));
    assert_eq!(shown, "Signer");
    let mut fields = HeaderMap::new();
    let bad = Signer::new("a\nb".into(), SECRET.into(), None, "r".into(), "s".into());
    let error = bad
        .sign("GET", "http://a/", &mut fields, b"", at(0))
        .unwrap_err();
    assert!(!error.message().contains("a\nb") && !error.message().contains(SECRET));
    signer("s", Some("the token"))
        .sign("GET", "http://a/", &mut fields, b"", at(0))
        .unwrap();
    let shown = format!("{fields:?}");
    assert!(
        !shown.contains("AKID") && !shown.contains("the token"),
        "{shown}"
    );
}
