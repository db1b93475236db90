//! Compares what a case expects with what happened. `check.py` and `check.mjs` are its twins.

use serde_json::{Map, Value, json};

use crate::{
    case::{Case, Expect, Sent, Wire},
    subject::Outcome,
};

/// Lists what differs; nothing is a pass.
pub fn check(
    case: &Case,
    outcomes: &[Outcome],
    requests: &[Value],
    connections: &Value,
) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, (call, outcome)) in case.calls.iter().zip(outcomes).enumerate() {
        let at = if outcomes.len() > 1 {
            format!("calls[{number}]")
        } else {
            "call".to_owned()
        };
        check_call(&call.expect, outcome, &at, &mut problems);
    }
    check_wire(&case.wire, requests, connections, &mut problems);
    problems
}

fn check_call(expect: &Expect, outcome: &Outcome, at: &str, problems: &mut Vec<String>) {
    match (&expect.error, &outcome.error) {
        (Some(expected), Some(error)) => check_error(expected, error, at, problems),
        (Some(expected), None) => problems.push(format!("{at}: succeeded, expected {expected:?}")),
        (None, Some(error)) => problems.push(format!("{at}: failed with {error}")),
        (None, None) => {}
    }
    if let Some(result) = &expect.result {
        differ(result, &outcome.result, &format!("{at}.result"), problems);
    }
    if let Some(request_id) = &expect.request_id {
        differ(
            request_id,
            &outcome.request_id,
            &format!("{at}.request_id"),
            problems,
        );
    }
    if let Some(events) = &expect.events {
        differ(
            events,
            &json!(outcome.events),
            &format!("{at}.events"),
            problems,
        );
    }
    if let Some(count) = expect.event_count {
        equal(
            count,
            outcome.events.len(),
            &format!("{at}.event_count"),
            problems,
        );
    }
    if let Some(limits) = expect.took_ms {
        within(limits, outcome.took_ms, &format!("{at}.took_ms"), problems);
    }
}

fn check_error(expected: &Map<String, Value>, error: &Value, at: &str, problems: &mut Vec<String>) {
    for (key, part) in expected {
        match key.as_str() {
            "message_has" => {
                let message = error["message"].as_str().unwrap_or_default();
                for text in part
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                {
                    if !message.contains(text) {
                        problems.push(format!(
                            "{at}.error.message: `{text}` is not in `{message}`"
                        ));
                    }
                }
            }
            // Ancestors, and what the API says in the body, are the host's.
            "is_a" | "body" | "$any" => {}
            _ => differ(
                part,
                &error[key.as_str()],
                &format!("{at}.error.{key}"),
                problems,
            ),
        }
    }
}

fn check_wire(wire: &Wire, requests: &[Value], connections: &Value, problems: &mut Vec<String>) {
    if let Some(count) = wire.request_count {
        equal(count, requests.len(), "wire.request_count", problems);
    }
    if let Some(expected) = &wire.requests {
        equal(
            expected.len(),
            requests.len(),
            "wire.requests.length",
            problems,
        );
        for (number, (expect, request)) in expected.iter().zip(requests).enumerate() {
            check_request(
                expect,
                request,
                &format!("wire.requests[{number}]"),
                problems,
            );
        }
    }
    for (number, limits) in wire.waited_ms.iter().enumerate() {
        let at = format!("wire.waited_ms[{number}]");
        match (requests.get(number), requests.get(number + 1)) {
            (Some(before), Some(after)) => within(
                *limits,
                ms(after, &["at_ms"]) - end_of(before),
                &at,
                problems,
            ),
            _ => problems.push(format!("{at}: there is no request {}", number + 2)),
        }
    }
    if let Some(count) = wire.connections {
        let mut used: Vec<_> = requests
            .iter()
            .map(|request| request["connection"].as_u64())
            .collect();
        used.sort_unstable();
        used.dedup();
        equal(count, used.len(), "wire.connections", problems);
    }
    if let Some(count) = wire.opened {
        equal(
            count,
            connections.as_array().map_or(0, Vec::len),
            "wire.opened",
            problems,
        );
    }
    let last = requests.last().unwrap_or(&Value::Null);
    if let Some(limits) = wire.closed_ms {
        match last["client_closed_ms"].as_f64() {
            Some(closed) => {
                let held = closed - ms(last, &["last_write_ms", "at_ms"]);
                within(limits, held, "wire.closed_ms", problems);
            }
            None => {
                problems.push("wire.closed_ms: the client did not close the connection".to_owned())
            }
        }
    }
    if let Some(limits) = wire.sent_bytes {
        within(
            limits,
            ms(last, &["sent_bytes"]),
            "wire.sent_bytes",
            problems,
        );
    }
}

fn check_request(expect: &Sent, request: &Value, at: &str, problems: &mut Vec<String>) {
    for (key, value) in [
        ("method", &expect.method),
        ("path", &expect.path),
        ("query", &expect.query),
    ] {
        if let Some(value) = value {
            differ(value, &request[key], &format!("{at}.{key}"), problems);
        }
    }
    for (name, value) in &expect.headers {
        let pairs = request["headers"].as_array().into_iter().flatten();
        let received: Vec<&str> = pairs
            .filter(|pair| {
                pair[0]
                    .as_str()
                    .is_some_and(|key| key.eq_ignore_ascii_case(name))
            })
            .filter_map(|pair| pair[1].as_str())
            .collect();
        let joined = if received.is_empty() {
            Value::Null
        } else {
            json!(received.join(", "))
        };
        differ(value, &joined, &format!("{at}.headers.{name}"), problems);
    }
    let text = request["body"].as_str().unwrap_or_default();
    if let Some(body) = &expect.body {
        let received = serde_json::from_str(text).unwrap_or(Value::Null);
        differ(body, &received, &format!("{at}.body"), problems);
    }
    if let Some(body_text) = &expect.body_text {
        differ(
            body_text,
            &request["body"],
            &format!("{at}.body_text"),
            problems,
        );
    }
}

/// When the exchange was over: answered, or left by the client.
fn end_of(request: &Value) -> f64 {
    ms(request, &["client_closed_ms", "answered_ms", "at_ms"])
}

/// The first of these numbers that is there.
fn ms(request: &Value, keys: &[&str]) -> f64 {
    keys.iter()
        .find_map(|key| request[*key].as_f64())
        .unwrap_or(-1.0)
}

fn within([least, most]: [f64; 2], value: f64, at: &str, problems: &mut Vec<String>) {
    if !(least..=most).contains(&value) {
        problems.push(format!("{at}: {value:.1} is not within {least} and {most}"));
    }
}

fn equal(expect: usize, value: usize, at: &str, problems: &mut Vec<String>) {
    if expect != value {
        problems.push(format!("{at}: expected {expect}, got {value}"));
    }
}

/// `expect` is a part of `value`: fields of objects may be more, lists are whole, null is null or absent.
fn differ(expect: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    match expect {
        Value::Object(fields) => {
            if let Some(part) = fields.get("$has").and_then(Value::as_str) {
                if !value.as_str().is_some_and(|text| text.contains(part)) {
                    problems.push(format!("{at}: `{part}` is not in {value}"));
                }
            } else if fields.contains_key("$any") {
                if value.is_null() {
                    problems.push(format!("{at}: is absent"));
                }
            } else if value.is_object() {
                for (key, part) in fields {
                    if part.get("$null").is_some() {
                        if value.get(key) != Some(&Value::Null) {
                            problems.push(format!("{at}.{key}: expected a null that is there"));
                        }
                        continue;
                    }
                    differ(part, &value[key.as_str()], &format!("{at}.{key}"), problems);
                }
            } else {
                problems.push(format!("{at}: expected an object, got {value}"));
            }
        }
        Value::Array(parts) => match value.as_array() {
            Some(found) if found.len() == parts.len() => {
                for (number, (part, found)) in parts.iter().zip(found).enumerate() {
                    differ(part, found, &format!("{at}[{number}]"), problems);
                }
            }
            _ => problems.push(format!("{at}: expected {expect}, got {value}")),
        },
        _ if expect == value => {}
        _ => problems.push(format!("{at}: expected {expect}, got {value}")),
    }
}
