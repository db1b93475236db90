//! Streams: every event its own HTTP chunk, as many per write as the load asks for.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::answer::{Answer, Ending, Head, LAST_CHUNK, Piece, put_chunk};
use crate::server::Load;

/// Unpaced, one system call carries this many events: the kernel, not the server, then sets the pace.
const EVENTS_PER_WRITE: usize = 64;

/// Frames the events into writes.
pub(crate) fn pieces(events: &[String], load: &Load) -> Arc<[Piece]> {
    let usual = if load.interval.is_zero() {
        EVENTS_PER_WRITE
    } else {
        1
    };
    let batch = load.batch.unwrap_or(usual).max(1);
    let mut pieces: Vec<Piece> = events
        .chunks(batch)
        .map(|events| {
            let mut bytes = BytesMut::new();
            for event in events {
                put_chunk(&mut bytes, event.as_bytes());
            }
            Piece {
                delay: load.interval,
                bytes: bytes.freeze(),
            }
        })
        .collect();
    pieces.push(Piece {
        delay: Duration::ZERO,
        bytes: Bytes::from_static(LAST_CHUNK),
    });
    pieces.into()
}

/// The reply that carries them.
pub(crate) fn answer(id: &str, pieces: Arc<[Piece]>) -> Answer {
    let mut head = Head::new(200, None);
    head.add("content-type", "text/event-stream; charset=utf-8");
    head.add("cache-control", "no-cache");
    for (name, value) in super::service::headers(id) {
        head.add(name, value);
    }
    head.add("transfer-encoding", "chunked");
    Answer {
        delay: Duration::ZERO,
        head: head.finish().freeze(),
        pieces,
        ending: Ending::KeepAlive,
    }
}
