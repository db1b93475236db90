//! One TCP connection: read a request, play its answer, notice at once when the client leaves.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;
use tokio::time::sleep;

use crate::answer::{Answer, Ending};
use crate::api;
use crate::journal::{ClosedBy, Connection, Entry};
use crate::request::{Request, Unreadable};
use crate::routes::Routes;
use crate::websocket::{self, Ended};

/// What a client may send ahead of its turn before the server stops reading.
const MAX_PIPELINED_BYTES: usize = 1024 * 1024;
/// RST discards what the peer has not received yet, so the bytes before it get this long to arrive.
const BEFORE_RESET: Duration = Duration::from_millis(20);

/// Serves `socket` until either side ends it.
pub(crate) async fn serve(mut socket: TcpStream, connection: Arc<Connection>, routes: Arc<Routes>) {
    // A pause between two writes must reach the client as a pause.
    let _ = socket.set_nodelay(true);
    // Dropped while a reply is in flight, the record must still say who ended it.
    let by = exchange(&mut socket, &connection, &routes).await;
    connection.close(by);
}

async fn exchange(
    socket: &mut TcpStream,
    connection: &Arc<Connection>,
    routes: &Arc<Routes>,
) -> ClosedBy {
    let mut buffer = BytesMut::with_capacity(8 * 1024);
    loop {
        let request = match Request::read(socket, &mut buffer).await {
            Ok(request) => request,
            Err(Unreadable::Gone) => return ClosedBy::Client,
            Err(Unreadable::Malformed(status, why)) => {
                let answer = api::refusal::malformed_request(status, &why);
                let _ = answer.play(socket, None).await;
                return ClosedBy::Server;
            }
        };
        let (answer, entry) = routes.answer(&request, connection);
        let ending = play(&answer, entry.as_ref(), socket, &mut buffer).await;
        if let (Some(Ending::KeepAlive), Some(steps)) = (ending, &answer.steps) {
            match websocket::serve(socket, &mut buffer, steps, entry.as_ref()).await {
                Ended::ByClient => {
                    entry.iter().for_each(Entry::client_closed);
                    return ClosedBy::Client;
                }
                Ended::ByServer => return ClosedBy::Server,
                Ended::Reset => return reset(socket).await,
            }
        }
        match ending {
            None => return ClosedBy::Client,
            Some(Ending::KeepAlive) if !request.wants_close() => {}
            Some(Ending::Reset) => return reset(socket).await,
            Some(_) => return ClosedBy::Server,
        }
    }
}

async fn reset(socket: &TcpStream) -> ClosedBy {
    sleep(BEFORE_RESET).await;
    let _ = socket.set_zero_linger();
    ClosedBy::Server
}

/// Plays the answer; `None` when the client left before its end.
async fn play(
    answer: &Answer,
    entry: Option<&Entry>,
    socket: &mut TcpStream,
    buffer: &mut BytesMut,
) -> Option<Ending> {
    let (mut reading, mut writing) = socket.split();
    let ending = tokio::select! {
        biased;
        ending = answer.play(&mut writing, entry) => ending.ok(),
        () = until_closed(&mut reading, buffer) => None,
    };
    if ending.is_none()
        && let Some(entry) = entry
    {
        entry.client_closed();
    }
    ending
}

async fn until_closed(reading: &mut ReadHalf<'_>, buffer: &mut BytesMut) {
    while buffer.len() < MAX_PIPELINED_BYTES {
        match reading.read_buf(buffer).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    std::future::pending().await
}
