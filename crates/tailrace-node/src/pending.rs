//! A call in flight, and the reply that it settles to.

use std::sync::Arc;

use bytes::Bytes;
use napi::{
    Env, JsString, Result,
    bindgen_prelude::{Either, Uint8Array},
};
use napi_derive::napi;
use serde_json::json;
use tailrace_client::Content;
use tailrace_core::{request::Request, response::Head};

use crate::{failure::Failure, guard::guard, hub::Announce, stream::EventStream};

/// A call in flight. It is cancelled and its socket closed when it is collected before it settled.
#[napi]
pub struct Pending {
    inner: tailrace_client::Pending,
    announce: Arc<Announce>,
}

#[napi]
impl Pending {
    /// The reply or the failure; `null` until the call has settled, and once it has been taken.
    #[napi]
    pub fn take(&self) -> Result<Option<Either<Reply, Failure>>> {
        guard(|| {
            Ok(self.inner.take().map(|outcome| match outcome {
                Ok(reply) => Either::A(Reply::accepted(reply, &self.announce)),
                Err(failure) => Either::B(Failure::from(failure)),
            }))
        })
    }

    /// Ends the call with `cancelled` and closes its socket; without effect once it has settled.
    #[napi]
    pub fn cancel(&self) -> Result<()> {
        guard(|| {
            self.inner.cancel();
            Ok(())
        })
    }
}

impl Pending {
    pub(crate) fn new(inner: tailrace_client::Pending, announce: Arc<Announce>) -> Self {
        inner.notify(Arc::clone(&announce) as Arc<dyn tailrace_client::Notify>);
        Pending { inner, announce }
    }
}

/// A response: its head, and its body either whole or as events.
#[napi]
pub struct Reply {
    head: Head,
    request: Option<Request>,
    retries: u32,
    body: Bytes,
    events: Option<EventStream>,
}

#[napi]
impl Reply {
    /// JSON text: `status`, `reason`, `url`, `headers` as pairs, `retries`, `method`.
    #[napi]
    pub fn head(&self) -> Result<String> {
        guard(|| {
            let headers: Vec<(&str, std::borrow::Cow<'_, str>)> = self
                .head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), latin1(value.as_bytes())))
                .collect();
            let head = json!({
                "status": self.head.status.as_u16(),
                "reason": self.head.status.canonical_reason().unwrap_or(""),
                "url": self.head.url,
                "headers": headers,
                "retries": self.retries,
                "method": self.request.as_ref().map(|request| request.method().as_str()),
            });
            Ok(head.to_string())
        })
    }

    /// The whole body decoded from UTF-8 as `Response.text()` does: a byte order mark is dropped, broken bytes are
    /// replaced.
    #[napi]
    pub fn text<'env>(&self, env: &'env Env) -> Result<JsString<'env>> {
        guard(|| {
            let body = self
                .body
                .strip_prefix(b"\xEF\xBB\xBF")
                .unwrap_or(&self.body);
            if body.is_ascii() {
                env.create_string_latin1(body)
            } else {
                env.create_string(String::from_utf8_lossy(body))
            }
        })
    }

    /// The whole body.
    #[napi]
    pub fn bytes(&self) -> Result<Uint8Array> {
        guard(|| Ok(Uint8Array::new(self.body.to_vec())))
    }

    /// The events of a streamed reply, once; `null` afterwards and for other replies.
    #[napi]
    pub fn events(&mut self) -> Result<Option<EventStream>> {
        guard(|| Ok(self.events.take()))
    }
}

impl Reply {
    /// The response that came with a failure.
    pub(crate) fn rejected(
        head: Head,
        body: Bytes,
        request: Option<Request>,
        retries: u32,
    ) -> Self {
        Reply {
            head,
            request,
            retries,
            body,
            events: None,
        }
    }

    fn accepted(reply: tailrace_client::Reply, announce: &Arc<Announce>) -> Self {
        let (body, events) = match reply.content {
            Content::Whole(body) => (body, None),
            Content::Stream(events) => (Bytes::new(), Some(events)),
            Content::Unread(_) => (Bytes::new(), None),
        };
        Reply {
            head: reply.head,
            request: Some(reply.request),
            retries: reply.retries,
            body,
            events: events.map(|events| EventStream::new(events, Arc::clone(announce))),
        }
    }
}

/// Header values are bytes, which `fetch` reads as Latin-1.
fn latin1(value: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => value
            .iter()
            .copied()
            .map(char::from)
            .collect::<String>()
            .into(),
    }
}
