//! From a transport's error to a code of the catalogue, by type and never by text.

use std::{error::Error as StdError, time::Duration};

use reqwest::Url;
use tailrace_core::error::{Code, Error, Phase};

use super::connect::ConnectTimedOut;

/// A request that got no head.
pub(super) fn from_send(error: reqwest::Error, url: &Url) -> Error {
    let error = error.without_url();
    if let Some(ConnectTimedOut(limit)) = find(&error) {
        return timed_out(Phase::Connect, Some(*limit));
    }
    let host = url.host_str().unwrap_or_default();
    let (code, message) = if error.is_connect() {
        let port = url.port_or_known_default().unwrap_or_default();
        (
            Code::ConnectFailed,
            format!(
                "no connection could be made to {host}:{port}; check the host, the port, the network and, for https, the certificate"
            ),
        )
    } else if error.is_builder() {
        (
            Code::InvalidRequest,
            "the request could not be built; check the URL and the headers".to_owned(),
        )
    } else {
        (
            Code::Interrupted,
            format!("the connection to {host} ended before the response came"),
        )
    };
    Error::new(code, message).with_causes(causes(&error))
}

/// A body that broke off.
pub(super) fn from_body(error: reqwest::Error) -> Error {
    Error::new(
        Code::Interrupted,
        "the connection ended inside the response",
    )
    .with_causes(causes(&error.without_url()))
}

/// A limit that passed.
pub(crate) fn timed_out(phase: Phase, limit: Option<Duration>) -> Error {
    let waited_for = match phase {
        Phase::Pool => "a free connection",
        Phase::Connect => "a connection",
        Phase::Headers => "the response's head",
        Phase::Body => "the next bytes of the response",
    };
    let seconds = limit.unwrap_or_default().as_secs_f64();
    Error::timed_out(
        phase,
        format!("timed out after {seconds} s waiting for {waited_for}"),
    )
}

/// What lies below `error`, outermost first, beginning with `error` itself.
pub(super) fn causes(error: &(dyn StdError + 'static)) -> Vec<String> {
    chain(error).map(ToString::to_string).collect()
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    // Without the dereference, `source` is that of the reference and outlives nothing.
    std::iter::successors(Some(error), |error| (**error).source())
}
