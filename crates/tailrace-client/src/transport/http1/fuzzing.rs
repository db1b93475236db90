//! An answer that is read without a socket.

use bytes::BytesMut;
use http::{HeaderMap, Method, StatusCode, Version};

use super::head::{self, Scan};

/// What was understood of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Its status,
    pub status: StatusCode,
    /// version
    pub version: Version,
    /// and fields.
    pub headers: HeaderMap,
    /// The body as far as it came, without its framing.
    pub body: Vec<u8>,
    /// The body has ended by its framing.
    pub is_over: bool,
    /// How it breaks HTTP, after what is in `body`.
    pub malformed: Option<String>,
    /// What came behind it.
    pub rest: Vec<u8>,
    /// The server means to keep the connection open.
    pub keeps_open: bool,
}

/// Reads the answer to a request with this method, as it comes in pieces; `None` while its head is not whole.
///
/// # Errors
///
/// How the head breaks HTTP.
pub fn answered(method: &Method, pieces: &[&[u8]]) -> Result<Option<Answered>, String> {
    let mut scan = Scan::default();
    let mut buffer = BytesMut::new();
    let mut answer = None;
    let mut body = Vec::new();
    let mut malformed = None;
    for piece in pieces {
        buffer.extend_from_slice(piece);
        if answer.is_none() {
            answer = head::take(&mut buffer, &mut scan, method).map_err(|why| why.to_string())?;
        }
        let Some(answer) = &mut answer else { continue };
        // A fault behind good data is said when it is asked for the second time.
        for _ in 0..2 {
            match answer.framing.decode(&mut buffer) {
                Ok(data) => body.extend_from_slice(&data),
                Err(why) => malformed = Some(why.to_string()),
            }
        }
        if malformed.is_some() {
            break;
        }
    }
    Ok(answer.map(|answer| Answered {
        status: answer.status,
        version: answer.version,
        headers: answer.headers,
        body,
        is_over: malformed.is_none() && answer.framing.is_over(),
        rest: if malformed.is_none() {
            buffer.to_vec()
        } else {
            Vec::new()
        },
        malformed,
        keeps_open: answer.keeps_open,
    }))
}
