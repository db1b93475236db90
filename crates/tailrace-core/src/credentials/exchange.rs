//! The request of a token exchange, and what its answer grants.

use std::time::Duration;

use bytes::Bytes;
use jiter::{Jiter, NumberAny, NumberInt, Peek};
use zeroize::Zeroizing;

use super::Secret;

/// The grant of RFC 8693, section 2.1.
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The most bytes that a character takes in JSON: `\u0000`.
const WIDEST_ESCAPE: usize = 6;

/// A year; what is granted for longer is used as long as that.
const LONGEST: f64 = 365.0 * 86_400.0;

/// What an identity sends with every exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// The kind of the subject token; `None` sends none.
    pub subject_token_type: Option<String>,
    /// What else the request has, by name.
    pub fields: Vec<(String, String)>,
}

/// What an answer must have, and how long before its end a token is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// A token is replaced so long before it expires, at the most half of its life.
    pub ahead: Duration,
    /// How long a token lives when the answer does not say; `None` refuses such an answer.
    pub default_lifetime: Option<Duration>,
    /// Only bearer tokens of the characters of RFC 6750, section 2.1, are taken.
    pub bearer_only: bool,
}

/// A token and how long it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What authenticates a request.
    pub token: Secret,
    /// From the answer on.
    pub lifetime: Duration,
}

/// What is wrong with an answer of success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is no JSON.
    NotJson,
    /// It is no object.
    NotObject,
    /// It has no token, or one that no header can carry.
    Token,
    /// Its token is none that a bearer has.
    BearerToken,
    /// It does not say how long the token lives.
    Lifetime,
    /// The token is of another type than bearer tokens.
    NotBearer,
}

impl Fault {
    /// One sentence for a person.
    pub fn message(self) -> &'static str {
        match self {
            Fault::NotJson => "Token exchange succeeded but response body was empty",
            Fault::NotObject => "Token exchange succeeded but response body was not a JSON object",
            Fault::Token => "Token exchange response did not include a valid access_token",
            Fault::BearerToken => {
                "Token exchange response did not include a valid Bearer access_token"
            }
            Fault::Lifetime => "Token exchange response did not include a valid expires_in",
            Fault::NotBearer => "Token exchange response did not include a Bearer token type",
        }
    }
}

impl Terms {
    /// The body of the request, a JSON object; its memory is overwritten when it is dropped.
    pub fn body(&self, subject: Option<&Secret>) -> Bytes {
        let pairs = [
            ("grant_type", Some(GRANT_TYPE)),
            ("subject_token", subject.map(Secret::expose)),
            ("subject_token_type", self.subject_token_type.as_deref()),
        ];
        let pairs = pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .chain(self.fields.iter().map(|(name, value)| (&**name, &**value)));
        // Room for all of it, because a buffer that grows leaves its old memory behind.
        let room: usize = pairs
            .clone()
            .map(|(name, value)| (name.len() + value.len()) * WIDEST_ESCAPE + 6)
            .sum();
        let mut body = Zeroizing::new(Vec::with_capacity(room + 2));
        for (name, value) in pairs {
            let opening = if body.is_empty() { b'{' } else { b',' };
            body.push(opening);
            write_text(&mut body, name);
            body.push(b':');
            write_text(&mut body, value);
        }
        body.push(b'}');
        Bytes::from_owner(body)
    }
}

/// Writing to memory cannot fail.
fn write_text(body: &mut Vec<u8>, text: &str) {
    let _ = serde_json::to_writer(body, text);
}

impl Rules {
    /// Reads an answer of success. Of members with one name the last counts.
    pub fn grant(&self, body: &[u8]) -> Result<Grant, Fault> {
        // What is skipped is not looked at so closely.
        if std::str::from_utf8(body).is_err() {
            return Err(Fault::NotJson);
        }
        let mut json = Jiter::new(body);
        match json.peek() {
            Ok(Peek::Object) => {}
            Ok(_) if json.next_skip().is_ok() && json.finish().is_ok() => {
                return Err(Fault::NotObject);
            }
            _ => return Err(Fault::NotJson),
        }
        let mut token = None;
        let mut lifetime = self.default_lifetime;
        let mut is_bearer = true;
        let mut name = json
            .next_object()
            .map_err(|_| Fault::NotJson)?
            .map(Name::of);
        while let Some(member) = name {
            match (member, json.peek().map_err(|_| Fault::NotJson)?) {
                (Name::Token, Peek::String) => {
                    let text = json.known_str().map_err(|_| Fault::NotJson)?;
                    token = self.accepts(text).then(|| Secret::from(text));
                }
                (Name::Type, Peek::String) => {
                    let text = json.known_str().map_err(|_| Fault::NotJson)?;
                    is_bearer = text.eq_ignore_ascii_case("bearer");
                }
                (Name::Lifetime, peek) if peek.is_num() => {
                    lifetime = seconds(json.known_number(peek).map_err(|_| Fault::NotJson)?);
                }
                (member, peek) => {
                    json.known_skip(peek).map_err(|_| Fault::NotJson)?;
                    match member {
                        Name::Token => token = None,
                        Name::Type => is_bearer = false,
                        Name::Lifetime => lifetime = None,
                        Name::Other => {}
                    }
                }
            }
            name = json.next_key().map_err(|_| Fault::NotJson)?.map(Name::of);
        }
        json.finish().map_err(|_| Fault::NotJson)?;
        if self.bearer_only && !is_bearer {
            return Err(Fault::NotBearer);
        }
        Ok(Grant {
            token: token.ok_or(if self.bearer_only {
                Fault::BearerToken
            } else {
                Fault::Token
            })?,
            lifetime: lifetime.ok_or(Fault::Lifetime)?,
        })
    }

    fn accepts(&self, token: &str) -> bool {
        if !self.bearer_only {
            return !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        }
        let body = token.trim_end_matches('=');
        !body.is_empty()
            && body
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
    }
}

/// A member that is read.
#[derive(Clone, Copy)]
enum Name {
    Token,
    Type,
    Lifetime,
    Other,
}

impl Name {
    /// The names of RFC 8693, section 2.2.1.
    fn of(name: &str) -> Self {
        match name {
            "access_token" => Name::Token,
            "token_type" => Name::Type,
            "expires_in" => Name::Lifetime,
            _ => Name::Other,
        }
    }
}

fn seconds(number: NumberAny) -> Option<Duration> {
    let seconds = match number {
        NumberAny::Int(NumberInt::Int(whole)) => whole as f64,
        NumberAny::Int(NumberInt::BigInt(_)) => return None,
        NumberAny::Float(float) => float,
    };
    (seconds > 0.0 && seconds.is_finite())
        .then(|| Duration::try_from_secs_f64(seconds.min(LONGEST)).ok())
        .flatten()
        // What rounds to nothing grants nothing: each call would ask anew.
        .filter(|lifetime| !lifetime.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Rules = Rules {
        ahead: Duration::from_secs(1200),
        default_lifetime: None,
        bearer_only: false,
    };
    const STRICT: Rules = Rules {
        bearer_only: true,
        ..PLAIN
    };

    fn terms() -> Terms {
        Terms {
            subject_token_type: Some("urn:kind".to_owned()),
            fields: vec![("provider".to_owned(), "a \"b\"\u{1}".to_owned())],
        }
    }

    #[test]
    fn the_request_has_its_parts_in_order() {
        let body = terms().body(Some(&Secret::from("subject")));
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            r#"{"grant_type":"urn:ietf:params:oauth:grant-type:token-exchange","subject_token":"subject","subject_token_type":"urn:kind","provider":"a \"b\"\u0001"}"#
        );
        let body = Terms::default().body(None);
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            r#"{"grant_type":"urn:ietf:params:oauth:grant-type:token-exchange"}"#
        );
    }

    #[test]
    fn answers_that_grant_a_token() {
        for (rules, answer, seconds) in [
            (PLAIN, r#"{"access_token":"t","expires_in":3600}"#, 3600.0),
            (
                PLAIN,
                r#" {"x":[{}],"expires_in":0.5,"access_token":"t","token_type":"MAC"} "#,
                0.5,
            ),
            (
                PLAIN,
                r#"{"access_token":1,"access_token":"t","expires_in":1e99}"#,
                LONGEST,
            ),
            (
                STRICT,
                r#"{"access_token":"t","expires_in":1,"token_type":"bEARER"}"#,
                1.0,
            ),
            (STRICT, r#"{"access_token":"t","expires_in":1}"#, 1.0),
        ] {
            let grant = rules.grant(answer.as_bytes()).unwrap();
            assert_eq!(grant.token.expose(), "t");
            assert_eq!(grant.lifetime, Duration::from_secs_f64(seconds), "{answer}");
        }
        let token = r#"{"access_token":"safe.jwt_token~+/==","expires_in":1}"#;
        assert_eq!(
            STRICT.grant(token.as_bytes()).unwrap().token.expose(),
            "safe.jwt_token~+/=="
        );
        let lenient = Rules {
            default_lifetime: Some(Duration::from_secs(60)),
            ..PLAIN
        };
        let grant = lenient.grant(br#"{"access_token":"t"}"#).unwrap();
        assert_eq!(grant.lifetime, Duration::from_secs(60));
        assert_eq!(
            lenient.grant(br#"{"access_token":"t","expires_in":"1"}"#),
            Err(Fault::Lifetime)
        );
    }

    #[test]
    fn what_is_no_utf8_is_no_json_wherever_it_stands() {
        for answer in [
            &b"\"\x9c\""[..],
            b"{\"access_token\":\"t\",\"expires_in\":1,\"x\":\"\x9c\"}",
        ] {
            assert_eq!(PLAIN.grant(answer), Err(Fault::NotJson));
        }
    }

    #[test]
    fn answers_that_do_not() {
        for (rules, answer, fault) in [
            (PLAIN, "", Fault::NotJson),
            (PLAIN, "nonsense", Fault::NotJson),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":1"#,
                Fault::NotJson,
            ),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":1} x"#,
                Fault::NotJson,
            ),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":3600e}"#,
                Fault::NotJson,
            ),
            (PLAIN, "[]", Fault::NotObject),
            (PLAIN, "42", Fault::NotObject),
            (PLAIN, "{}", Fault::Token),
            (PLAIN, r#"{"access_token":"","expires_in":1}"#, Fault::Token),
            (PLAIN, r#"{"access_token":3,"expires_in":1}"#, Fault::Token),
            (
                PLAIN,
                r#"{"access_token":"a\nb","expires_in":1}"#,
                Fault::Token,
            ),
            (
                PLAIN,
                r#"{"access_token":"é","expires_in":1}"#,
                Fault::Token,
            ),
            (PLAIN, r#"{"access_token":"t"}"#, Fault::Lifetime),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":0}"#,
                Fault::Lifetime,
            ),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":-1}"#,
                Fault::Lifetime,
            ),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":1e-10}"#,
                Fault::Lifetime,
            ),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":true}"#,
                Fault::Lifetime,
            ),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":null}"#,
                Fault::Lifetime,
            ),
            (
                PLAIN,
                r#"{"access_token":"t","expires_in":"3600"}"#,
                Fault::Lifetime,
            ),
            (
                STRICT,
                r#"{"access_token":"t,t","expires_in":1}"#,
                Fault::BearerToken,
            ),
            (
                STRICT,
                r#"{"access_token":"t=t","expires_in":1}"#,
                Fault::BearerToken,
            ),
            (
                STRICT,
                r#"{"access_token":"==","expires_in":1}"#,
                Fault::BearerToken,
            ),
            (
                STRICT,
                r#"{"access_token":"t","expires_in":1,"token_type":"MAC"}"#,
                Fault::NotBearer,
            ),
            (
                STRICT,
                r#"{"access_token":"t","expires_in":1,"token_type":null}"#,
                Fault::NotBearer,
            ),
        ] {
            assert_eq!(rules.grant(answer.as_bytes()), Err(fault), "{answer}");
        }
        let huge = format!(
            r#"{{"access_token":"t","expires_in":1{}}}"#,
            "0".repeat(400)
        );
        assert_eq!(PLAIN.grant(huge.as_bytes()), Err(Fault::Lifetime));
    }
}
