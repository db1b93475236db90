//! Event decoding for bytes that JavaScript got by itself, such as the body of a `Response`.

use bytes::Bytes;
use napi::{Error, Result, bindgen_prelude::Uint8Array};
use napi_derive::napi;
use tailrace_core::sse::{Event, Items, Verdict};

use crate::{guard::guard, options};

/// Decodes one event stream.
#[napi]
pub struct EventDecoder {
    items: Items,
    is_done: bool,
}

#[napi]
#[allow(
    clippy::new_without_default,
    reason = "the constructor is for JavaScript, which has no Default"
)]
impl EventDecoder {
    /// A decoder at the start of a stream.
    #[napi(constructor)]
    pub fn new() -> Self {
        EventDecoder {
            items: Items::new(options::SSE),
            is_done: false,
        }
    }

    /// Name and data of each event that `bytes` complete.
    #[napi]
    pub fn feed(&mut self, bytes: Uint8Array) -> Result<Vec<Vec<String>>> {
        guard(|| {
            self.items.feed(Bytes::copy_from_slice(&bytes));
            let mut events = Vec::new();
            loop {
                match self.items.next_item() {
                    Ok(Verdict::Item(event)) => events.push(fields(event)),
                    Ok(Verdict::NeedData) => return Ok(events),
                    Ok(Verdict::Done) => {
                        self.is_done = true;
                        return Ok(events);
                    }
                    Err(too_large) => {
                        return Err(Error::from_reason(format!(
                            "an event of the stream is larger than the limit of {} bytes; it is no event stream of the API",
                            too_large.limit
                        )));
                    }
                }
            }
        })
    }

    /// The event that the end of input completes, if there is one.
    #[napi]
    pub fn finish(&mut self) -> Result<Vec<Vec<String>>> {
        guard(|| Ok(self.items.finish().map(fields).into_iter().collect()))
    }

    /// Whether the end mark was read; nothing follows it.
    #[napi]
    pub fn is_done(&self) -> bool {
        self.is_done
    }
}

/// Name and data.
pub(crate) fn fields(event: Event) -> Vec<String> {
    [event.name, event.data]
        .iter()
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}
