//! Request bodies: bytes, forms, and streams that JavaScript pushes.

use std::sync::Arc;

use bytes::Bytes;
use napi::{
    Result,
    bindgen_prelude::{ClassInstance, Either4, Uint8Array},
};
use napi_derive::napi;
use tailrace_client::{Push, Source};
use tailrace_core::{
    error::{Code, Error},
    request::{Content, Field, Segment},
};

use crate::{
    guard::guard,
    hub::Hub,
    options::{QUOTING, STREAMING_QUOTING},
};

/// What [`Sink::push`] and [`Sink::end`] say. The names are those of `node/src/internal/native.cts`.
pub(crate) const ROOM: u32 = 0;
pub(crate) const FULL: u32 = 1;
const AGAIN: u32 = 2;
pub(crate) const OVER: u32 = 3;

/// A body, or a part of one, that JavaScript pushes while it is sent. The call fails when it is collected before its end.
#[napi]
pub struct Sink(Arc<tailrace_client::Sink>);

#[napi]
impl Sink {
    /// A sink that announces itself at `hub` as `id` when there is room again, when it has to begin again, and when
    /// nobody reads any more. It can be asked to begin again only when it `is_replayable`; otherwise a request of which
    /// something was sent is not tried again.
    #[napi(constructor)]
    pub fn new(hub: &Hub, id: u32, is_replayable: bool) -> Self {
        let announce = hub.seat(id).notify();
        Sink(Arc::new(tailrace_client::Sink::new(
            is_replayable,
            announce,
        )))
    }

    /// Adds bytes. [`ROOM`]: taken. [`FULL`]: taken, and the sink announces itself once there is room. [`AGAIN`]: not
    /// taken, begin with the first byte. [`OVER`]: not taken, and nobody reads any more.
    #[napi]
    pub fn push(&self, bytes: Uint8Array) -> Result<u32> {
        guard(|| Ok(said(self.0.push(Bytes::copy_from_slice(&bytes)))))
    }

    /// Says that this was all; answers [`ROOM`], [`AGAIN`] or [`OVER`] as [`Sink::push`] does.
    #[napi]
    pub fn end(&self) -> Result<u32> {
        guard(|| Ok(said(self.0.end())))
    }

    /// Says why the rest cannot be had. The call fails with `unreadable_body` and this message.
    #[napi]
    pub fn fail(&self, message: String) -> Result<()> {
        guard(|| {
            self.0.fail(Error::new(Code::UnreadableBody, message));
            Ok(())
        })
    }
}

fn said(push: Push) -> u32 {
    match push {
        Push::Room => ROOM,
        Push::Full => FULL,
        Push::Again => AGAIN,
        Push::Over => OVER,
    }
}

/// A form. Fields are sent in the order in which they were added.
#[napi]
pub struct Multipart {
    form: tailrace_core::request::Multipart,
    sinks: Vec<Arc<tailrace_client::Sink>>,
}

#[napi]
impl Multipart {
    /// A form without fields. With `is_streaming`, names are written as the official package writes them around a
    /// streamed file; otherwise as `FormData` does.
    #[napi(constructor)]
    pub fn new(boundary: String, is_streaming: Option<bool>) -> Self {
        Multipart {
            form: tailrace_core::request::Multipart {
                boundary,
                quoting: if is_streaming.unwrap_or_default() {
                    STREAMING_QUOTING
                } else {
                    QUOTING
                },
                fields: Vec::new(),
            },
            sinks: Vec::new(),
        }
    }

    /// A plain value.
    #[napi]
    pub fn text(&mut self, name: String, value: String) -> Result<()> {
        guard(|| {
            self.add(name, None, None, Segment::Bytes(value.into()));
            Ok(())
        })
    }

    /// A file in memory.
    #[napi]
    pub fn bytes(
        &mut self,
        name: String,
        filename: Option<String>,
        content_type: Option<String>,
        content: Uint8Array,
    ) -> Result<()> {
        guard(|| {
            let content = Segment::Bytes(Bytes::copy_from_slice(&content));
            self.add(name, filename, content_type, content);
            Ok(())
        })
    }

    /// A file that is pushed, with its `length` in bytes where it is known.
    #[napi]
    pub fn sink(
        &mut self,
        name: String,
        filename: Option<String>,
        content_type: Option<String>,
        sink: &Sink,
        length: Option<i64>,
    ) -> Result<()> {
        guard(|| {
            let content = Segment::Source {
                index: self.sinks.len(),
                length: length.and_then(|length| u64::try_from(length).ok()),
            };
            self.sinks.push(Arc::clone(&sink.0));
            self.add(name, filename, content_type, content);
            Ok(())
        })
    }
}

impl Multipart {
    fn add(
        &mut self,
        name: String,
        filename: Option<String>,
        content_type: Option<String>,
        content: Segment,
    ) {
        self.form.fields.push(Field {
            name,
            filename,
            headers: content_type
                .map(|value| ("Content-Type".to_owned(), value))
                .into_iter()
                .collect(),
            content,
        });
    }
}

/// The body of a request as JavaScript gives it.
pub(crate) type Body<'env> =
    Either4<String, Uint8Array, ClassInstance<'env, Multipart>, ClassInstance<'env, Sink>>;

/// Runs `start` with what the request carries and where the parts of it come from that are not in memory.
pub(crate) fn with_body<T>(
    body: Option<Body<'_>>,
    start: impl FnOnce(Option<Content<'_>>, Vec<Source>) -> T,
) -> T {
    let bytes = match body {
        None => return start(None, Vec::new()),
        Some(Either4::A(text)) => Bytes::from(text),
        Some(Either4::B(bytes)) => Bytes::copy_from_slice(&bytes),
        Some(Either4::C(form)) => {
            let sources = form.sinks.iter().map(|sink| sink.source()).collect();
            return start(Some(Content::Multipart(&form.form)), sources);
        }
        Some(Either4::D(sink)) => {
            return start(Some(Content::Source(None)), vec![sink.0.source()]);
        }
    };
    start(Some(Content::Bytes(&bytes)), Vec::new())
}
