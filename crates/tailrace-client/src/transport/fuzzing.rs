//! What is read and written on a connection, without one, for the targets `answer`, `request`, `redirect` and `coding`.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header::CONTENT_ENCODING};
use url::Url;

pub use super::http1::fuzzing::{Answered, answered};
use super::{
    coding::{Coding, Fault},
    http1::{Length, write_head},
    redirect::Hop,
};

/// Where a redirect leads, with what.
#[derive(Debug)]
pub struct Redirected {
    /// The method of the next request.
    pub method: Method,
    /// Its URL.
    pub url: Url,
    /// Its headers.
    pub headers: HeaderMap,
    /// Whether the body goes along.
    pub has_body: bool,
}

/// The head of a request that has a body of so many bytes, if it has one.
pub fn head(method: &Method, url: &Url, headers: &HeaderMap, body: Option<u64>) -> Vec<u8> {
    let length = body.map_or(Length::None, Length::Known);
    write_head(method, url, headers, length, None, 0).to_vec()
}

/// The request after the answer to a request with a body.
pub fn redirected(
    method: Method,
    url: Url,
    headers: HeaderMap,
    status: StatusCode,
    answer: &HeaderMap,
) -> Option<Redirected> {
    let hop = Hop {
        method,
        url,
        headers,
        has_body: true,
    };
    let next = hop.follow(status, answer)?;
    Some(Redirected {
        method: next.method,
        url: next.url,
        headers: next.headers,
        has_body: next.has_body,
    })
}

/// A coded body that comes in these pieces, of at most so many bytes, and whether it was all there and good. `None` for a
/// coding that is left alone.
pub fn undone(mut headers: HeaderMap, most: u64, pieces: &[&[u8]]) -> Option<(Vec<u8>, bool)> {
    headers.get(CONTENT_ENCODING)?;
    let mut coding = Coding::take(&mut headers, most)?;
    let mut plain = Vec::new();
    let is_good = undo(&mut coding, pieces, &mut plain).is_ok();
    Some((plain, is_good))
}

/// What a coding makes of these pieces, behind what is there.
pub(super) fn undo(
    coding: &mut Coding,
    pieces: &[&[u8]],
    plain: &mut Vec<u8>,
) -> Result<(), Fault> {
    for piece in pieces {
        coding.feed(Bytes::copy_from_slice(piece));
        while let Some(piece) = coding.next()? {
            plain.extend_from_slice(&piece);
        }
    }
    if let Some(piece) = coding.finish()? {
        plain.extend_from_slice(&piece);
    }
    Ok(())
}
