//! Asking a server to go on in another protocol.

use bytes::BytesMut;
use http::{HeaderMap, StatusCode, header::LOCATION};
use tailrace_core::{
    error::{Code, Error},
    response::Head,
};
use url::Url;

use super::{
    Outgoing, Received, Socket, Transport,
    answering::answered,
    failure,
    http::{MAX_REDIRECTS, begin},
    pool::Origin,
    redirect::Hop,
};

/// What a server said to a request for another protocol.
#[derive(Debug)]
pub(crate) enum Upgrade {
    Switched(Box<Switched>),
    /// Anything but 101.
    Refused(Received),
}

/// A connection that goes on in the other protocol.
#[derive(Debug)]
pub(crate) struct Switched {
    pub(crate) head: Head,
    pub(crate) socket: Socket,
    /// What came behind the head.
    pub(crate) rest: BytesMut,
}

impl Transport {
    /// Sends `request` on a connection of its own and waits for the answer. A redirect is followed within its origin, where
    /// the credentials may go; one that leads elsewhere is an answer.
    pub(crate) async fn upgrade(&self, outgoing: &Outgoing<'_>) -> Result<Upgrade, Error> {
        let mut hop = Hop {
            method: outgoing.request.method().clone(),
            url: outgoing.url.clone(),
            headers: outgoing.request.headers().clone(),
            has_body: false,
        };
        for _ in 0..=MAX_REDIRECTS {
            let connection = self.connect(&hop.url, outgoing.timeouts, true).await?;
            let mut exchange = begin(connection, &hop, outgoing);
            exchange.may_switch();
            let mut answer = answered(&mut exchange, outgoing.timeouts)
                .await?
                .map_err(|fault| failure::from_fault(fault, &hop.url))?;
            if answer.status == StatusCode::SWITCHING_PROTOCOLS {
                let (socket, rest) = exchange.into_switched();
                let head = Head {
                    status: answer.status,
                    headers: answer.headers,
                    version: answer.version,
                    url: hop.url.as_str().to_owned(),
                };
                return Ok(Upgrade::Switched(Box::new(Switched { head, socket, rest })));
            }
            // Each handshake opens a connection, so that those which were refused would gather in the pool.
            answer.keeps_open = false;
            let next = outgoing
                .follows_redirects
                .then(|| within_origin(&hop.url, answer.status, &answer.headers))
                .flatten();
            let origin = Origin::of(&hop.url);
            let received = self.receive(answer, exchange, &hop, origin, false);
            let Some(next) = next else {
                return Ok(Upgrade::Refused(received));
            };
            received.body.drain().await;
            hop.url = next;
        }
        Err(Error::new(
            Code::InvalidResponse,
            format!(
                "{} redirected a handshake more than {MAX_REDIRECTS} times; check the base URL",
                hop.url.host_str().unwrap_or_default()
            ),
        ))
    }
}

/// Where a redirect leads, if it stays where the credentials may go.
fn within_origin(from: &Url, status: StatusCode, answer: &HeaderMap) -> Option<Url> {
    if !matches!(status.as_u16(), 300..=303 | 307 | 308) {
        return None;
    }
    let location = std::str::from_utf8(answer.get(LOCATION)?.as_bytes()).ok()?;
    let mut to = from.join(location).ok()?;
    // A server may name the protocol that the connection is for.
    let scheme = match to.scheme() {
        "ws" => "http",
        "wss" => "https",
        _ => to.scheme(),
    }
    .to_owned();
    if to.scheme() != scheme {
        to = Url::parse(&format!(
            "{scheme}{}",
            to.as_str().strip_prefix(to.scheme())?
        ))
        .ok()?;
    }
    (to.origin() == from.origin()).then_some(to)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_redirect_stays_in_its_origin() {
        for (location, expected) in [
            ("/y?a=1", Some("https://a.b/y?a=1")),
            ("wss://A.b:443/y", Some("https://a.b/y")),
            ("https://a.b/y", Some("https://a.b/y")),
            ("ws://a.b/y", None),
            ("wss://a.b:444/y", None),
            ("//c.b/y", None),
            ("ftp://a.b/", None),
            ("https://", None),
        ] {
            let from = Url::parse("https://a.b/x").unwrap();
            let mut answer = HeaderMap::new();
            answer.insert(LOCATION, HeaderValue::from_static(location));
            let to = within_origin(&from, StatusCode::FOUND, &answer);
            assert_eq!(to.as_ref().map(Url::as_str), expected, "{location}");
            assert!(within_origin(&from, StatusCode::OK, &answer).is_none());
        }
    }
}
