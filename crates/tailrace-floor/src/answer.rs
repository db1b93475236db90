//! One answer: its head, its body, and in it events or one document.

use memchr::memmem;

use crate::json;
use crate::measure::Counts;
use crate::socket::Socket;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A streamed chat completion.
    Chat,
    /// A streamed response.
    Responses,
    /// A chat completion as one document.
    Call,
    /// Vectors in base64.
    Embeddings,
}

impl Operation {
    /// By its name.
    pub(crate) fn of(name: &str) -> Option<Operation> {
        match name {
            "chat" => Some(Operation::Chat),
            "responses" => Some(Operation::Responses),
            "call" => Some(Operation::Call),
            "embeddings" => Some(Operation::Embeddings),
            _ => None,
        }
    }
}

/// How the end of a body is found.
enum Framing {
    Chunked,
    Length(usize),
}

/// Reads one answer to its end and counts what is in it.
pub(crate) async fn read(
    socket: &mut Socket,
    operation: Operation,
    counts: &mut Counts,
) -> Result<(), String> {
    match (head(socket).await?, operation) {
        (Framing::Chunked, Operation::Chat | Operation::Responses) => {
            events(socket, operation, counts).await
        }
        (Framing::Length(length), Operation::Call | Operation::Embeddings) => {
            let body = whole(socket, length).await?;
            match operation {
                Operation::Embeddings => json::embeddings(&body, counts),
                _ => json::call(&body, counts),
            }
        }
        _ => Err("the server framed the answer in another way than asked".to_owned()),
    }
}

async fn head(socket: &mut Socket) -> Result<Framing, String> {
    loop {
        if let Some(end) = memmem::find(socket.waiting(), b"\r\n\r\n") {
            let head = socket.waiting().get(..end).unwrap_or_default();
            let head = String::from_utf8_lossy(head).to_ascii_lowercase();
            socket.take(end + 4);
            if !head.starts_with("http/1.1 200 ") {
                let status = head.lines().next().unwrap_or_default();
                return Err(format!("the server answered `{status}`"));
            }
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            return Ok(length.map_or(Framing::Chunked, Framing::Length));
        }
        socket.fill().await?;
    }
}

async fn whole(socket: &mut Socket, length: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::with_capacity(length);
    loop {
        let waiting = socket.waiting();
        let piece = waiting.get(..length - body.len()).unwrap_or(waiting);
        body.extend_from_slice(piece);
        let taken = piece.len();
        socket.take(taken);
        if body.len() == length {
            return Ok(body);
        }
        socket.fill().await?;
    }
}

/// Takes the chunks of the body apart, and the text in them at blank lines.
async fn events(
    socket: &mut Socket,
    operation: Operation,
    counts: &mut Counts,
) -> Result<(), String> {
    let mut text: Vec<u8> = Vec::new();
    loop {
        // A chunk is taken when it is there as a whole: the mock's are much smaller than the buffer.
        let Some((payload, after)) = chunk(socket.waiting())? else {
            socket.fill().await?;
            continue;
        };
        let is_last = payload.is_empty();
        match text.is_empty() {
            // Most often a chunk is one event, or several.
            true => text.extend_from_slice(split(payload, operation, counts)?),
            false => {
                text.extend_from_slice(payload);
                let rest = split(&text, operation, counts)?.len();
                text.drain(..text.len() - rest);
            }
        }
        socket.take(after);
        if is_last {
            return Ok(());
        }
    }
}

/// The payload of the first chunk and where the next one begins; nothing while it is incomplete.
fn chunk(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, String> {
    let Some(line) = memmem::find(bytes, b"\r\n") else {
        return Ok(None);
    };
    let digits = bytes.get(..line).unwrap_or_default();
    let size = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| usize::from_str_radix(digits, 16).ok())
        .ok_or("a chunk has no size")?;
    let begin = line + 2;
    let after = begin + size + 2;
    match bytes.len() < after {
        true => Ok(None),
        false => Ok(bytes
            .get(begin..begin + size)
            .map(|payload| (payload, after))),
    }
}

/// Counts the complete events of a text; returns what is left of it.
fn split<'a>(
    mut text: &'a [u8],
    operation: Operation,
    counts: &mut Counts,
) -> Result<&'a [u8], String> {
    while let Some(end) = memmem::find(text, b"\n\n") {
        let (event, rest) = text.split_at(end);
        text = rest.get(2..).unwrap_or_default();
        let Some(at) = memmem::find(event, b"data: ") else {
            continue;
        };
        match event.get(at + 6..).unwrap_or_default() {
            b"[DONE]" => {}
            data if operation == Operation::Responses => json::event(data, counts)?,
            data => json::chunk(data, counts)?,
        }
    }
    Ok(text)
}
