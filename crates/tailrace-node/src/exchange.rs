//! An attempt over a `fetch` of the caller's: the request out, the answer in.

use std::{
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use napi::{
    Result,
    bindgen_prelude::{Either, Uint8Array},
};
use napi_derive::napi;
use serde_json::json;
use tailrace_client::{Notify, Parts};
use tailrace_core::{
    error::{Code, Error, Limit, Passed, Phase},
    response::Head,
};

use crate::{
    form::{FULL, OVER, ROOM},
    guard::guard,
    hub::Seat,
    pending::latin1,
    stream::{ENDED, FAILED},
};

/// One request to send by a `fetch` of the caller's. Collecting it before its end breaks the exchange off.
///
/// It announces itself when there is room for more of the answer, when nobody wants more, and when there is more of the
/// request's body.
#[napi]
pub struct Exchange {
    inner: tailrace_client::Exchange,
    parts: Option<Parts>,
    waker: Waker,
    seat: Seat,
}

#[napi]
impl Exchange {
    /// JSON text of what to send: `method`, `url` and `headers` as pairs.
    #[napi]
    pub fn request(&self) -> Result<String> {
        guard(|| {
            let request = self.inner.request();
            let headers: Vec<_> = request
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str(), latin1(value.as_bytes())))
                .collect();
            let request = json!({
                "method": request.method().as_str(),
                "url": request.url(),
                "headers": headers,
            });
            Ok(request.to_string())
        })
    }

    /// The next bytes of the request's body; `null` when there are none yet, [`ENDED`] at its end, and [`FAILED`] when
    /// the rest cannot be had, which fails the call.
    #[napi]
    pub fn part(&mut self) -> Result<Either<Uint8Array, Option<u32>>> {
        guard(|| {
            let parts = self.parts.get_or_insert_with(|| self.inner.parts());
            let mut context = Context::from_waker(&self.waker);
            Ok(match parts.poll_block(&mut context) {
                Poll::Ready(Ok(Some(block))) => Either::A(Uint8Array::new(block.to_vec())),
                Poll::Pending => Either::B(None),
                Poll::Ready(Ok(None)) => Either::B(Some(ENDED)),
                Poll::Ready(Err(error)) => {
                    self.inner.fail(error);
                    Either::B(Some(FAILED))
                }
            })
        })
    }

    /// Gives the head of the answer: its status, its headers as names and values by turns, and the URL that answered.
    /// False when nobody waits for it any more, and when it is one that HTTP does not allow, which fails the call.
    #[napi]
    pub fn head(&self, status: u32, headers: Vec<String>, url: String) -> Result<bool> {
        guard(|| {
            Ok(match head(status, &headers, url) {
                Ok(head) => self.inner.head(head),
                Err(error) => {
                    self.inner.fail(error);
                    false
                }
            })
        })
    }

    /// Gives the head and the whole body of the answer, as [`Exchange::head`], [`Exchange::push`] and [`Exchange::end`] do. True
    /// if the hub has something to take, which announces itself to nobody.
    #[napi]
    pub fn whole(
        &self,
        status: u32,
        headers: Vec<String>,
        url: String,
        body: Option<Uint8Array>,
    ) -> Result<bool> {
        guard(|| {
            let body = body.map(|body| Bytes::copy_from_slice(&body));
            let ((), has_ready) = self.seat.quietly(|| match head(status, &headers, url) {
                Ok(head) => {
                    self.inner.whole(head, body.unwrap_or_default());
                }
                Err(error) => self.inner.fail(error),
            });
            Ok(has_ready)
        })
    }

    /// Adds bytes to the body of the answer: [`ROOM`], [`FULL`] or [`OVER`].
    #[napi]
    pub fn push(&self, bytes: Uint8Array) -> Result<u32> {
        guard(|| {
            Ok(match self.inner.push(Bytes::copy_from_slice(&bytes)) {
                false => OVER,
                true if self.inner.has_room() => ROOM,
                true => FULL,
            })
        })
    }

    /// Says that the body of the answer is whole.
    #[napi]
    pub fn end(&self) -> Result<()> {
        guard(|| {
            self.inner.end();
            Ok(())
        })
    }

    /// Says that the exchange broke off: before the head the attempt has failed, afterwards the body has. `timed_out` says
    /// that time was what broke it.
    #[napi]
    pub fn fail(&self, message: String, timed_out: bool) -> Result<()> {
        guard(|| {
            self.inner.fail(if timed_out {
                let phase = if self.inner.has_head() {
                    Phase::Body
                } else {
                    Phase::Headers
                };
                let passed = Passed {
                    limit: Limit::Read,
                    phase,
                    allowed: None,
                    elapsed: None,
                    events: 0,
                };
                Error::timed_out(passed).with_causes(vec![message])
            } else {
                Error::new(Code::Interrupted, message)
            });
            Ok(())
        })
    }

    /// Whether nobody wants more.
    #[napi]
    pub fn is_over(&self) -> Result<bool> {
        guard(|| Ok(self.inner.is_over()))
    }
}

impl Exchange {
    pub(crate) fn new(inner: tailrace_client::Exchange, seat: &Seat) -> Self {
        inner.watch(seat.notify());
        Exchange {
            inner,
            parts: None,
            waker: Arc::new(Ring(seat.notify())).into(),
            seat: seat.clone(),
        }
    }
}

/// Announces an exchange whose request has more to send.
struct Ring(Arc<dyn Notify>);

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn head(status: u32, fields: &[String], url: String) -> std::result::Result<Head, Error> {
    let status = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| {
            Error::new(
                Code::Interrupted,
                "the `fetch` gave an answer without a status",
            )
        })?;
    let mut headers = HeaderMap::with_capacity(fields.len() / 2);
    for field in fields.chunks_exact(2) {
        if let [name, value] = field {
            let bytes: Option<Vec<u8>> = value
                .chars()
                .map(|character| u8::try_from(u32::from(character)).ok())
                .collect();
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(bytes.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()));
            let (name, value) = parsed.ok_or_else(|| {
                Error::new(
                    Code::InvalidResponse,
                    format!(
                        "the header {name:?} of the answer has a character that HTTP does not allow"
                    ),
                )
            })?;
            headers.append(name, value);
        }
    }
    Ok(Head {
        status,
        headers,
        version: Version::HTTP_11,
        url,
    })
}
