//! The delay that a server asks for.

use std::time::{Duration, SystemTime};

use crate::response::Head;

/// Seconds that the server asks to wait: `retry-after-ms` (milliseconds), else `retry-after` (seconds or an HTTP date,
/// RFC 9110 section 10.2.3). `None` when neither is there or can be read; may be negative, zero or not finite.
pub fn retry_after(head: &Head, now: SystemTime) -> Option<f64> {
    if let Some(milliseconds) = head.header("retry-after-ms").and_then(number) {
        return Some(milliseconds / 1000.0);
    }
    let value = head.header("retry-after")?;
    if let Some(seconds) = number(value) {
        return Some(seconds);
    }
    let date = httpdate::parse_http_date(value.trim()).ok()?;
    Some(match date.duration_since(now) {
        Ok(ahead) => ahead.as_secs_f64(),
        Err(behind) => -behind.duration().as_secs_f64(),
    })
}

/// A server delay as a duration, or `None` when it is longer than a `Duration` can say.
pub(super) fn as_duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};

    use super::*;

    fn head(headers: &[(&str, &str)]) -> Head {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (
                    name.parse::<HeaderName>().unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect();
        Head {
            status: StatusCode::TOO_MANY_REQUESTS,
            headers,
            version: Version::HTTP_11,
            url: String::new(),
        }
    }

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: Option<f64>) {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        assert_eq!(retry_after(&head(headers), now), expected);
    }

    #[test]
    fn milliseconds_come_before_seconds() {
        check(
            &[("retry-after-ms", "120"), ("retry-after", "9")],
            Some(0.12),
        );
        check(
            &[("retry-after-ms", "soon"), ("retry-after", "9")],
            Some(9.0),
        );
        check(&[("retry-after", "1.5")], Some(1.5));
        check(&[], None);
        check(&[("retry-after", "soon")], None);
    }

    #[test]
    fn a_date_is_a_delay_from_now() {
        check(
            &[("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")],
            Some(30.0),
        );
        check(
            &[("retry-after", "Wed, 21 Oct 2015 07:27:30 GMT")],
            Some(-30.0),
        );
    }
}
