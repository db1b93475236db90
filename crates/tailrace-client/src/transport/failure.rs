//! From a transport's error to a code of the catalogue, by type and never by text.

use std::error::Error as StdError;

use tailrace_core::error::{Code, Error};
use url::Url;

use super::{coding, connect::BoxError, http1::Fault, http2};

/// A connection that could not be made.
pub(super) fn from_connect(error: &BoxError, url: &Url) -> Error {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    Error::new(
        Code::ConnectFailed,
        format!(
            "no connection could be made to {host}:{port}; check the host, the port, the network and, for https, the certificate"
        ),
    )
    .with_causes(causes(error.as_ref()))
}

/// A request that got no head.
pub(super) fn from_fault(fault: Fault, url: &Url) -> Error {
    let host = url.host_str().unwrap_or_default();
    let ended = |cause: String| {
        Error::new(
            Code::Interrupted,
            format!("the connection to {host} ended before the response came"),
        )
        .with_causes(vec![cause])
    };
    match fault {
        Fault::Unreadable(error) => error,
        Fault::Malformed(malformed) => Error::new(
            Code::Interrupted,
            format!("the response of {host} is no HTTP/1.1 that can be trusted; check the server and what stands before it"),
        )
        .with_causes(causes(&malformed)),
        Fault::Io { error, .. } => ended(error.to_string()),
        Fault::Closed { is_unanswered, .. } => ended(
            if is_unanswered {
                "the server closed the connection without a response"
            } else {
                "the server closed the connection inside the response's head"
            }
            .to_owned(),
        ),
    }
}

/// A request that got no head on its stream.
pub(super) fn from_stream(fault: http2::Fault, url: &Url) -> Error {
    match fault {
        http2::Fault::Unreadable(error) => error,
        http2::Fault::Unsayable(error) => Error::new(
            Code::InvalidRequest,
            "the request cannot be written in HTTP/2; correct the URL and the Host header",
        )
        .with_causes(causes(&error)),
        http2::Fault::Refused(error) | http2::Fault::Broken(error) => Error::new(
            Code::Interrupted,
            format!(
                "the stream to {} ended before the response came",
                url.host_str().unwrap_or_default()
            ),
        )
        .with_causes(causes(&error)),
    }
}

/// A body that broke off, or breaks its framing.
pub(super) fn from_body(error: &(dyn StdError + 'static)) -> Error {
    Error::new(
        Code::Interrupted,
        "the connection ended inside the response",
    )
    .with_causes(causes(error))
}

/// A body that is not what its content coding says, or grows beyond what it may.
pub(super) fn from_coding(fault: coding::Fault) -> Error {
    match fault {
        coding::Fault::Coded(error) => Error::new(
            Code::Interrupted,
            "the response cannot be decompressed; it is cut off or is not what its content-encoding says",
        )
        .with_causes(causes(&error)),
        coding::Fault::TooMany(most) => Error::new(
            Code::InvalidResponse,
            format!("the response grows to more than {most} bytes when it is decompressed; raise the limit on decompressed bodies if the server can be trusted"),
        ),
    }
}

/// What lies below `error`, outermost first, beginning with `error` itself.
pub(super) fn causes(error: &(dyn StdError + 'static)) -> Vec<String> {
    chain(error).map(ToString::to_string).collect()
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    // Without the dereference, `source` is that of the reference and outlives nothing.
    std::iter::successors(Some(error), |error| (**error).source())
}
