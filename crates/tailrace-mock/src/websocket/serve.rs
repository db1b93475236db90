//! Plays the steps of a script over a connection that switched.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, BytesMut};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{sleep, timeout};

use super::frame::{self, BINARY, CLOSE, CONTINUATION, Frame, PING, PONG, TEXT};
use super::step::{FrameStep, Step, decode};
use crate::journal::Entry;

/// How long the client may take to answer a close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// How the connection is to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The client ended it, by a close frame or without one.
    ByClient,
    ByServer,
    /// It is to be reset.
    Reset,
}

/// What the connection is over for the steps.
struct Gone;

/// One message of the client.
struct Said {
    is_text: bool,
    data: Vec<u8>,
}

struct Writer<'a> {
    half: Mutex<WriteHalf<'a>>,
    is_mute: AtomicBool,
    /// A close frame went out.
    has_closed: AtomicBool,
    entry: Option<&'a Entry>,
}

/// Plays `steps`, and then waits for the client to close. `buffer` has what came behind the handshake.
pub(crate) async fn serve(
    socket: &mut TcpStream,
    buffer: &mut BytesMut,
    steps: &[Step],
    entry: Option<&Entry>,
) -> Ended {
    let (reading, writing) = socket.split();
    let writer = Writer {
        half: Mutex::new(writing),
        is_mute: AtomicBool::new(false),
        has_closed: AtomicBool::new(false),
        entry,
    };
    let (said, mut heard) = mpsc::unbounded_channel();
    let reader = read(reading, buffer, &writer, said);
    let player = async {
        match play(steps, &writer, &mut heard).await {
            Ok(Some(ended)) => ended,
            // What is left is the client's to say, or nobody's.
            Ok(None) if writer.has_closed.load(Ordering::SeqCst) => {
                sleep(CLOSE_LIMIT).await;
                Ended::ByServer
            }
            Ok(None) | Err(Gone) => pending().await,
        }
    };
    tokio::select! {
        ended = player => ended,
        ended = reader => ended,
    }
}

async fn play(
    steps: &[Step],
    writer: &Writer<'_>,
    heard: &mut mpsc::UnboundedReceiver<Said>,
) -> Result<Option<Ended>, Gone> {
    for step in steps {
        match step {
            Step::Text(text) => writer.frame(Frame::whole(TEXT, text.as_bytes())).await?,
            Step::Json(value) => {
                let text = value.to_string();
                writer.frame(Frame::whole(TEXT, text.as_bytes())).await?;
            }
            Step::Binary(data) => {
                let data = decode(data).unwrap_or_default();
                writer.frame(Frame::whole(BINARY, &data)).await?;
            }
            Step::Expect(messages) => {
                for _ in 0..*messages {
                    heard.recv().await.ok_or(Gone)?;
                }
            }
            Step::DelayMs(ms) => sleep(Duration::from_millis(*ms)).await,
            Step::Ping { times, data } => {
                for _ in 0..*times {
                    writer.frame(Frame::whole(PING, data.as_bytes())).await?;
                }
            }
            Step::Fragments { text, size, ping } => writer.fragments(text, *size, *ping).await?,
            Step::Frame(step) => writer.step(step).await?,
            Step::Repeat { times, steps } => {
                for _ in 0..*times {
                    if let Some(ended) = Box::pin(play(steps, writer, heard)).await? {
                        return Ok(Some(ended));
                    }
                }
            }
            Step::Echo => {
                while let Some(Said { is_text, data }) = heard.recv().await {
                    let opcode = if is_text { TEXT } else { BINARY };
                    writer.frame(Frame::whole(opcode, &data)).await?;
                }
            }
            Step::Close { code, reason } => {
                writer.has_closed.store(true, Ordering::SeqCst);
                let payload = frame::close_payload(*code, reason);
                writer.frame(Frame::whole(CLOSE, &payload)).await?;
            }
            Step::Mute => writer.is_mute.store(true, Ordering::SeqCst),
            Step::Cut => return Ok(Some(Ended::ByServer)),
            Step::Reset => return Ok(Some(Ended::Reset)),
        }
    }
    Ok(None)
}

/// Reads what the client says until the connection is over.
async fn read(
    mut half: ReadHalf<'_>,
    buffer: &mut BytesMut,
    writer: &Writer<'_>,
    said: mpsc::UnboundedSender<Said>,
) -> Ended {
    let mut partial: Option<Said> = None;
    loop {
        let frame = match frame::take(buffer) {
            Ok(Some(frame)) => frame,
            Ok(None) => match half.read_buf(buffer).await {
                Ok(0) | Err(_) => return Ended::ByClient,
                Ok(_) => continue,
            },
            Err(why) => {
                let payload = frame::close_payload(Some(1002), why);
                let _ = writer.frame(Frame::whole(CLOSE, &payload)).await;
                return Ended::ByServer;
            }
        };
        match frame.opcode {
            CLOSE => {
                if let Some(ended) = writer.on_close(&frame.payload).await {
                    return ended;
                }
            }
            PING if !writer.is_mute.load(Ordering::SeqCst) => {
                writer.record(json!({ "ping": frame.payload.len() }));
                let _ = writer.frame(Frame::whole(PONG, &frame.payload)).await;
            }
            PONG => writer.record(json!({ "pong": frame.payload.len() })),
            CONTINUATION => {
                if let Some(message) = &mut partial {
                    message.data.extend_from_slice(&frame.payload);
                }
            }
            TEXT | BINARY => {
                partial = Some(Said {
                    is_text: frame.opcode == TEXT,
                    data: frame.payload.to_vec(),
                });
            }
            _ => {}
        }
        if frame.is_final
            && matches!(frame.opcode, CONTINUATION | TEXT | BINARY)
            && let Some(message) = partial.take()
        {
            writer.record(message.record());
            // The steps may be over, and then nobody waits for it.
            let _ = said.send(message);
        }
    }
}

impl Said {
    fn record(&self) -> Value {
        match std::str::from_utf8(&self.data) {
            Ok(text) if self.is_text => json!({ "text": text }),
            _ => json!({ "base64": STANDARD.encode(&self.data) }),
        }
    }
}

impl Writer<'_> {
    async fn frame(&self, frame: Frame<'_>) -> Result<(), Gone> {
        let mut wire = BytesMut::new();
        frame.write(&mut wire);
        self.bytes(&wire).await
    }

    async fn bytes(&self, wire: &[u8]) -> Result<(), Gone> {
        self.half
            .lock()
            .await
            .write_all(wire)
            .await
            .map_err(|_| Gone)
    }

    async fn fragments(&self, text: &str, size: usize, pings: bool) -> Result<(), Gone> {
        let count = text.len().div_ceil(size).max(1);
        for at in 0..count {
            let rest = text.as_bytes().get(at * size..).unwrap_or_default();
            let piece = Frame {
                is_final: at + 1 == count,
                ..Frame::whole(
                    if at == 0 { TEXT } else { CONTINUATION },
                    rest.get(..size).unwrap_or(rest),
                )
            };
            self.frame(piece).await?;
            if pings && at + 1 < count {
                self.frame(Frame::whole(PING, b"between")).await?;
            }
        }
        Ok(())
    }

    async fn step(&self, step: &FrameStep) -> Result<(), Gone> {
        let payload = step.payload().unwrap_or_default();
        let mut wire = BytesMut::new();
        Frame {
            opcode: step.opcode,
            is_final: !step.more,
            reserved: step.reserved,
            is_masked: step.masked,
            claimed: step.length,
            payload: &payload,
        }
        .write(&mut wire);
        wire.truncate(step.cut.unwrap_or(usize::MAX));
        self.bytes(&wire).await
    }

    /// Answers the close frame of the client, unless it answers one of ours. `None` when the server ignores it.
    async fn on_close(&self, payload: &[u8]) -> Option<Ended> {
        let mut rest = payload;
        let code = rest.try_get_u16().ok();
        let reason = String::from_utf8_lossy(rest);
        self.record(json!({ "close": code, "reason": reason }));
        if self.is_mute.load(Ordering::SeqCst) {
            return None;
        }
        if self.has_closed.swap(true, Ordering::SeqCst) {
            return Some(Ended::ByServer);
        }
        let answered = self.frame(Frame::whole(CLOSE, payload));
        let _ = timeout(CLOSE_LIMIT, answered).await;
        Some(Ended::ByClient)
    }

    fn record(&self, message: Value) {
        if let Some(entry) = self.entry {
            entry.message(message);
        }
    }
}
