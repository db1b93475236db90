//! Any answer to a token exchange grants what serde_json finds in it, or is refused for the reason that it gives.

use std::time::Duration;

use serde_json::Value;
use tailrace_core::credentials::{Fault, Rules};

pub(crate) fn check(input: &[u8]) {
    let Some((how, answer)) = input.split_first() else {
        return;
    };
    let rules = Rules {
        ahead: Duration::ZERO,
        default_lifetime: (how & 1 != 0).then_some(Duration::from_secs(7)),
        bearer_only: how & 2 != 0,
    };
    let granted = rules.grant(answer);
    if let Ok(grant) = &granted {
        let token = grant.token.expose();
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(!grant.lifetime.is_zero() && grant.lifetime <= Duration::from_secs(365 * 86_400));
        assert!(token.len() < 12 || !format!("{:?}", grant.token).contains(token));
    }
    // A text with all its members; of those with one name the last.
    let value: Value = match serde_json::from_slice(answer) {
        Ok(value) => value,
        Err(error) if error.to_string().contains("recursion limit") => return,
        Err(error) if error.to_string().contains("out of range") => return,
        Err(_) => {
            assert_eq!(granted.err(), Some(Fault::NotJson));
            return;
        }
    };
    let Value::Object(members) = &value else {
        assert_eq!(granted.err(), Some(Fault::NotObject));
        return;
    };
    let is_bearer = members.get("token_type").is_none_or(|kind| {
        kind.as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
    });
    if rules.bearer_only && !is_bearer {
        assert_eq!(granted.err(), Some(Fault::NotBearer));
        return;
    }
    let token = members.get("access_token").and_then(Value::as_str);
    let Some(token) = token.filter(|token| is_sendable(token, rules.bearer_only)) else {
        let fault = if rules.bearer_only {
            Fault::BearerToken
        } else {
            Fault::Token
        };
        assert_eq!(granted.err(), Some(fault));
        return;
    };
    let seconds = match members.get("expires_in") {
        None => rules
            .default_lifetime
            .map(|lifetime| lifetime.as_secs_f64()),
        // An integer past 64 bits is none; serde_json makes a float of it.
        Some(Value::Number(number)) if number.as_f64().is_some_and(|float| float >= 9.2e18) => {
            return;
        }
        Some(value) => value.as_f64().filter(|seconds| *seconds > 0.0),
    };
    // What rounds to nothing is nothing.
    let Some(seconds) = seconds.filter(|seconds| *seconds >= 1e-9) else {
        if seconds.is_none() {
            assert_eq!(granted.err(), Some(Fault::Lifetime));
        }
        return;
    };
    let grant = granted.expect("serde_json finds a token and a time");
    assert_eq!(grant.token.expose(), token);
    let expected = seconds.min(365.0 * 86_400.0);
    assert!((grant.lifetime.as_secs_f64() - expected).abs() <= 1e-6);
}

fn is_sendable(token: &str, bearer_only: bool) -> bool {
    if !bearer_only {
        return !token.is_empty() && token.chars().all(|c| ('!'..='~').contains(&c));
    }
    let padding = token.chars().rev().take_while(|c| *c == '=').count();
    let body = &token[..token.len() - padding];
    !body.is_empty()
        && body
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c))
}
