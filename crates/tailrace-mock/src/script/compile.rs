//! Turns an exchange into the bytes, pauses and ending of an answer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::format::{
    After, Chunk, Exchange, FaultAt, FaultKind, Framing, Place, ScriptError, Split,
};
use crate::answer::{Answer, Ending, Head, LAST_CHUNK, Piece, put_chunk};
use crate::request::Request;
use crate::websocket::{Step, accept_key};

/// An exchange whose body is rendered; only header values are filled in when it is played.
#[derive(Debug)]
pub(crate) struct Compiled {
    exchange: Exchange,
    content_type: Option<&'static str>,
    framing: Framing,
    length: usize,
    pieces: Arc<[Piece]>,
    ending: Ending,
    steps: Option<Arc<[Step]>>,
}

/// Payload bytes and the pause before them.
type Payload = (Duration, Bytes);

impl Compiled {
    /// Renders the body, or says what is wrong with the exchange.
    pub(crate) fn new(exchange: Exchange) -> Result<Compiled, ScriptError> {
        let given = [
            exchange.json.is_some(),
            exchange.text.is_some(),
            exchange.base64.is_some(),
            exchange.sse.is_some(),
            exchange.chunks.is_some(),
            exchange.raw.is_some(),
            exchange.websocket.is_some(),
        ];
        if given.iter().filter(|given| **given).count() > 1 {
            return Err(ScriptError::new(
                "an exchange has more than one of json, text, base64, sse, chunks, raw and websocket",
            ));
        }
        let steps = exchange.websocket.clone().map(Arc::<[Step]>::from);
        steps
            .iter()
            .flat_map(|steps| steps.iter())
            .try_for_each(Step::check)?;
        let (content_type, payloads) = payloads(&exchange)?;
        let length = payloads.iter().map(|(_, bytes)| bytes.len()).sum();
        let payloads = match &exchange.split {
            Some(split) => cut(&payloads, split)?,
            None => payloads,
        };
        let framing =
            exchange
                .framing
                .unwrap_or(match (&exchange.sse, &exchange.chunks, &exchange.split) {
                    (None, None, None) => Framing::Length,
                    _ => Framing::Chunked,
                });
        let (payloads, ending) = apply_fault(&exchange, framing, payloads);
        let whole = exchange.fault.is_none();
        let pieces = frame(&exchange, framing, payloads, whole);
        Ok(Compiled {
            content_type,
            framing,
            length,
            pieces,
            ending,
            steps,
            exchange,
        })
    }

    /// Whether it answers every later request too.
    pub(crate) fn repeats(&self) -> bool {
        self.exchange.repeat
    }

    /// The answer to `request`, with `{base_url}` and dates filled in.
    pub(crate) fn answer(&self, base_url: &str, request: &Request) -> Answer {
        let exchange = &self.exchange;
        let at = exchange.fault.as_ref().map(|fault| fault.at);
        let mut head = match at {
            Some(FaultAt::Place(Place::Request)) => Bytes::new(),
            _ if exchange.raw.is_some() => Bytes::new(),
            _ => self.head(base_url, request),
        };
        if at == Some(FaultAt::Place(Place::MidHead)) {
            head.truncate(head.len() / 2);
        }
        Answer {
            delay: Duration::from_millis(exchange.delay_ms),
            head,
            pieces: Arc::clone(&self.pieces),
            ending: self.ending,
            steps: self.steps.clone(),
        }
    }

    fn head(&self, base_url: &str, request: &Request) -> Bytes {
        let exchange = &self.exchange;
        let usual = if self.steps.is_some() { 101 } else { 200 };
        let status = exchange.status.unwrap_or(usual);
        let mut head = Head::new(status, exchange.reason.as_deref());
        let has = |name: &str| {
            exchange
                .headers
                .keys()
                .any(|key| key.eq_ignore_ascii_case(name))
        };
        if let Some(content_type) = self.content_type
            && !has("content-type")
        {
            head.add("content-type", content_type);
        }
        for (name, value) in &exchange.headers {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            for value in values {
                head.add(name, &fill_in(value, base_url));
            }
        }
        if self.steps.is_some() {
            let key = request.header("sec-websocket-key").unwrap_or_default();
            for (name, value) in [
                ("upgrade", "websocket"),
                ("connection", "Upgrade"),
                ("sec-websocket-accept", &accept_key(key)),
            ] {
                if !has(name) {
                    head.add(name, value);
                }
            }
            return head.finish().freeze();
        }
        match self.framing {
            Framing::Length if !has("content-length") => {
                let length = exchange.content_length.unwrap_or(self.length as u64);
                // A 204 with a length would be a fault that nobody asked for.
                if exchange.status != Some(204) {
                    head.add("content-length", &length.to_string());
                }
            }
            Framing::Chunked if !has("transfer-encoding") => {
                head.add("transfer-encoding", "chunked")
            }
            _ => {}
        }
        if exchange.after == After::Close || self.framing == Framing::Close {
            head.add("connection", "close");
        }
        head.finish().freeze()
    }
}

fn fill_in(value: &Value, base_url: &str) -> String {
    let text = match value {
        Value::String(text) => {
            // The same server under another name is another origin.
            let other = base_url.replace("127.0.0.1", "localhost");
            text.replace("{base_url}", base_url)
                .replace("{other_origin}", &other)
        }
        other => other.to_string(),
    };
    let Some((before, rest)) = text.split_once("{http_date") else {
        return text;
    };
    let Some((offset, after)) = rest.split_once('}') else {
        return text;
    };
    let seconds = offset.parse::<i64>().unwrap_or(0);
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    let at = if seconds < 0 {
        now - distance
    } else {
        now + distance
    };
    format!("{before}{}{after}", httpdate::fmt_http_date(at))
}

fn payloads(exchange: &Exchange) -> Result<(Option<&'static str>, Vec<Payload>), ScriptError> {
    let whole = |bytes: Vec<u8>| vec![(Duration::ZERO, Bytes::from(bytes))];
    Ok(if let Some(value) = &exchange.json {
        (
            Some("application/json"),
            whole(value.to_string().into_bytes()),
        )
    } else if let Some(text) = &exchange.text {
        (
            Some("text/plain; charset=utf-8"),
            whole(text.clone().into_bytes()),
        )
    } else if let Some(text) = &exchange.base64 {
        (Some("application/octet-stream"), whole(decode(text)?))
    } else if let Some(events) = &exchange.sse {
        let events = events
            .iter()
            .map(|event| (Duration::ZERO, Bytes::from(event.render())))
            .collect();
        (Some("text/event-stream; charset=utf-8"), events)
    } else if let Some(chunks) = &exchange.chunks {
        let mut payloads = Vec::new();
        for chunk in chunks {
            add_chunk(chunk, &mut payloads)?;
        }
        (Some("text/event-stream; charset=utf-8"), payloads)
    } else if let Some(raw) = &exchange.raw {
        (None, whole(raw.clone().into_bytes()))
    } else {
        (None, Vec::new())
    })
}

fn add_chunk(chunk: &Chunk, payloads: &mut Vec<Payload>) -> Result<(), ScriptError> {
    match chunk {
        Chunk::Text(text) => payloads.push((Duration::ZERO, Bytes::from(text.clone()))),
        Chunk::Timed(timed) => {
            let bytes = match (&timed.text, &timed.base64, &timed.sse) {
                (Some(text), None, None) => text.clone().into_bytes(),
                (None, Some(text), None) => decode(text)?,
                (None, None, Some(event)) => event.render(),
                // A chunk of no bytes is a pause.
                (None, None, None) => Vec::new(),
                _ => {
                    return Err(ScriptError::new(
                        "a chunk has more than one of text, base64 and sse",
                    ));
                }
            };
            let payload = (Duration::from_millis(timed.delay_ms), Bytes::from(bytes));
            payloads.extend(std::iter::repeat_n(payload, timed.times));
        }
    }
    Ok(())
}

fn decode(text: &str) -> Result<Vec<u8>, ScriptError> {
    STANDARD
        .decode(text)
        .map_err(|error| ScriptError::new(format!("a `base64` field cannot be decoded: {error}")))
}

fn cut(payloads: &[Payload], split: &Split) -> Result<Vec<Payload>, ScriptError> {
    let mut whole = BytesMut::new();
    for (_, bytes) in payloads {
        whole.extend_from_slice(bytes);
    }
    let mut rest = whole.freeze();
    let mut done = 0;
    let mut parts = Vec::new();
    let offsets: Vec<usize> = match split {
        Split::Every(0) => {
            return Err(ScriptError::new(
                "`split` is 0: give the number of bytes of a part, at least 1",
            ));
        }
        Split::Every(size) => (1..)
            .map(|part| part * size)
            .take_while(|offset| *offset < rest.len())
            .collect(),
        Split::At(offsets) => offsets.clone(),
    };
    for offset in offsets {
        if offset <= done || offset >= done + rest.len() {
            return Err(ScriptError::new(format!(
                "`split` offset {offset} is not inside the body or not above the one before it"
            )));
        }
        parts.push((Duration::ZERO, rest.split_to(offset - done)));
        done = offset;
    }
    parts.push((Duration::ZERO, rest));
    Ok(parts)
}

fn apply_fault(
    exchange: &Exchange,
    framing: Framing,
    payloads: Vec<Payload>,
) -> (Vec<Payload>, Ending) {
    let Some(fault) = &exchange.fault else {
        let keeps =
            exchange.after == After::Keep && framing != Framing::Close && exchange.raw.is_none();
        return (
            payloads,
            if keeps {
                Ending::KeepAlive
            } else {
                Ending::Close
            },
        );
    };
    let ending = match fault.kind {
        FaultKind::Close => Ending::Close,
        FaultKind::Reset => Ending::Reset,
        FaultKind::Stall => Ending::Stall,
    };
    let limit = match fault.at {
        FaultAt::Byte(limit) => limit,
        FaultAt::Place(Place::End) => usize::MAX,
        FaultAt::Place(_) => 0,
    };
    let mut left = limit;
    let mut kept = Vec::new();
    for (delay, bytes) in payloads {
        if left == 0 {
            break;
        }
        let part = bytes.slice(..bytes.len().min(left));
        left -= part.len();
        kept.push((delay, part));
    }
    (kept, ending)
}

fn frame(
    exchange: &Exchange,
    framing: Framing,
    payloads: Vec<Payload>,
    whole: bool,
) -> Arc<[Piece]> {
    let chunked = framing == Framing::Chunked && exchange.raw.is_none();
    let mut pieces = Vec::with_capacity(payloads.len() + 1);
    // A payload that is played many times is one piece of memory, and so is its chunk.
    let (mut payload_before, mut chunk_before) = (Bytes::new(), Bytes::new());
    for (index, (delay, payload)) in payloads.into_iter().enumerate() {
        let pace = if index == 0 {
            exchange.body_delay_ms
        } else {
            exchange.interval_ms
        };
        let delay = delay + Duration::from_millis(pace);
        let bytes = if !chunked {
            payload
        } else if payload.is_empty() {
            // A chunk of size 0 would end the body.
            Bytes::new()
        } else {
            if payload.as_ptr_range() != payload_before.as_ptr_range() {
                let mut chunk = BytesMut::with_capacity(payload.len() + 16);
                put_chunk(&mut chunk, &payload);
                (payload_before, chunk_before) = (payload, chunk.freeze());
            }
            chunk_before.clone()
        };
        pieces.push(Piece::new(delay, bytes));
    }
    if chunked && whole {
        pieces.push(Piece::new(Duration::ZERO, Bytes::from_static(LAST_CHUNK)));
    }
    pieces.into()
}
