//! AWS Signature Version 4: a request signed over its method, URL, headers and body.
//!
//! As AWS publishes it (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>),
//! with the path encoded twice, which all services but S3 want.

use std::{
    fmt,
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use hmac::{Hmac, KeyInit, Mac};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, HOST},
};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::invalid;
use crate::{credentials::Secret, error::Error};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Fields that what stands between client and server may change, and so no signature covers them.
const UNSIGNED: [&str; 10] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Credentials of AWS, and what a signature by them is good for. They are wiped from memory when this is dropped.
pub struct Signer {
    access_key: String,
    secret_key: Secret,
    token: Option<Secret>,
    region: String,
    service: String,
}

impl Signer {
    /// A signer for a service in a region; `token` belongs to credentials that are temporary.
    pub fn new(
        access_key: String,
        secret_key: String,
        token: Option<String>,
        region: String,
        service: String,
    ) -> Self {
        Signer {
            access_key,
            secret_key: Secret::from(secret_key),
            token: token.map(Secret::from),
            region,
            service,
        }
    }

    /// Puts the fields that sign a request among `headers`, in place of those of an earlier signature.
    ///
    /// `url` is the absolute URL as it is sent.
    ///
    /// # Errors
    ///
    /// `invalid_request`: the key, the token, the region or the URL has characters that a header cannot have.
    pub fn sign(
        &self,
        method: &str,
        url: &str,
        headers: &mut HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), Error> {
        let target = Target::of(url);
        let time = timestamp(now);
        let hash = hex(&Sha256::digest(body));
        headers.remove(AUTHORIZATION);
        headers.remove(TOKEN);
        headers.insert(DATE, field(&time)?);
        headers.insert(CONTENT_HASH, field(&hash)?);
        if let Some(token) = &self.token {
            let mut token = field(token.expose())?;
            token.set_sensitive(true);
            headers.insert(TOKEN, token);
        }
        let (lines, names) = canonical_headers(headers, target.host);
        let request = [method, &target.path, &target.query, &lines, &names, &hash].join("\n");
        let (authorization, _) = self.authorization(&time, &names, &request);
        let mut authorization = field(&authorization)?;
        authorization.set_sensitive(true);
        headers.insert(AUTHORIZATION, authorization);
        Ok(())
    }

    /// The value of the field `Authorization` for a canonical request, and its signature alone.
    fn authorization(&self, time: &str, names: &str, request: &str) -> (String, String) {
        let day = time.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let hash = hex(&Sha256::digest(request));
        let text = format!("{ALGORITHM}\n{time}\n{scope}\n{hash}");
        let first = Zeroizing::new(format!("AWS4{}", self.secret_key.expose()));
        let mut key = mac(first.as_bytes(), day);
        for part in [&self.region, &self.service, "aws4_request"] {
            let mut next = mac(&key, part);
            std::mem::swap(&mut key, &mut next);
            next.zeroize();
        }
        let signature = hex(&mac(&key, &text));
        key.zeroize();
        let value = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key
        );
        (value, signature)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

/// The parts of a URL in the form that is signed.
struct Target<'a> {
    host: &'a str,
    path: String,
    query: String,
}

impl<'a> Target<'a> {
    fn of(url: &'a str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let rest = rest.split('#').next().unwrap_or_default();
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        Target {
            host: authority.rsplit('@').next().unwrap_or_default(),
            path: canonical_path(path),
            query: canonical_query(query),
        }
    }
}

/// The path without empty and dotted segments, encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let mut text = String::with_capacity(path.len() + 8);
    for segment in &segments {
        text.push('/');
        encode(&mut text, segment.as_bytes());
    }
    if segments.is_empty() || path.ends_with('/') {
        text.push('/');
    }
    text
}

/// The parameters in order, each encoded in one way, however it was written.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encoded_anew(name), encoded_anew(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn encoded_anew(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        let escaped = (byte == b'%')
            .then(|| {
                let digits = rest.as_slice().get(..2)?;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
            })
            .flatten();
        match escaped {
            Some(value) => {
                bytes.push(value);
                rest.nth(1);
            }
            // A server reads a plus in a query as a space.
            None => bytes.push(if byte == b'+' { b' ' } else { byte }),
        }
    }
    let mut encoded = String::with_capacity(bytes.len());
    encode(&mut encoded, &bytes);
    encoded
}

/// Writes `bytes` with all but the unreserved characters of RFC 3986 (2.3) escaped.
fn encode(text: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

/// The fields that are signed, a line for each, and their names.
fn canonical_headers(headers: &HeaderMap, host: &str) -> (String, String) {
    let mut names: Vec<&str> = headers
        .keys()
        .map(HeaderName::as_str)
        .filter(|name| !UNSIGNED.contains(name) && *name != HOST.as_str())
        .chain([HOST.as_str()])
        .collect();
    names.sort_unstable();
    let mut lines = String::new();
    for name in &names {
        let values: Vec<String> = if *name == HOST.as_str() && !headers.contains_key(HOST) {
            vec![host.to_owned()]
        } else {
            headers.get_all(*name).iter().map(one_spaced).collect()
        };
        lines.push_str(name);
        lines.push(':');
        lines.push_str(&values.join(","));
        lines.push('\n');
    }
    (lines, names.join(";"))
}

/// A value without blanks around it and with one for several inside.
fn one_spaced(value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn field(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| {
        invalid(
            "the AWS credentials or the region have a line break or another control character; remove it"
                .to_owned(),
        )
    })
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    // A key of any length makes one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The time as `20150830T123600Z`.
fn timestamp(now: SystemTime) -> String {
    let seconds = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// The date that is `days` after the beginning of 1970, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of one; 146,097 days are four centuries.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let of_years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * of_years + of_years / 4 - of_years / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (400 * era + of_years + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests;
