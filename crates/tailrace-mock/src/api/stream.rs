//! Streams: every event its own HTTP chunk, as many per write as the load asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::answer::{Answer, Ending, Head, LAST_CHUNK, Piece, put_chunk};
use crate::server::Load;
use crate::stamp;

/// Unpaced, one system call carries this many events: the kernel, not the server, then sets the pace.
const EVENTS_PER_WRITE: usize = 64;

/// How many different places in the interval the streams start at.
const PHASES: u32 = 20;

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
                stamps: stamp::places(&bytes),
                bytes: bytes.freeze(),
            }
        })
        .collect();
    pieces.push(Piece::new(Duration::ZERO, Bytes::from_static(LAST_CHUNK)));
    pieces.into()
}

/// The reply that carries them.
///
/// Paced streams start out of step, as those of many users do: in step, a client would read them all at one wake-up.
pub(crate) fn answer(id: &str, pieces: Arc<[Piece]>, load: &Load) -> Answer {
    static STREAMS: AtomicU32 = AtomicU32::new(0);
    let number = STREAMS.fetch_add(1, Ordering::Relaxed);
    let mut head = Head::new(200, None);
    head.add("content-type", "text/event-stream; charset=utf-8");
    head.add("cache-control", "no-cache");
    for (name, value) in super::service::headers(id) {
        head.add(name, value);
    }
    head.add("transfer-encoding", "chunked");
    Answer {
        delay: load.interval * (number % PHASES) / PHASES,
        head: head.finish().freeze(),
        pieces,
        ending: Ending::KeepAlive,
        steps: None,
    }
}
