//! Listening sockets: ones that serve, ones that refuse, ones that never answer.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use crate::connection;
use crate::journal::{Connection, Journal};
use crate::routes::Routes;

/// A connection attempt into a full queue: it stays pending as long as it is kept.
type PendingConnect = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send + Sync>>;

/// An address that is taken as long as this value lives.
pub(crate) enum Port {
    /// Accepts and serves until dropped; its connections end with it.
    Serving(AbortHandle),
    /// Bound but not listening: the kernel answers each SYN with RST.
    Refusing { _socket: TcpSocket },
    /// Listening with a full queue: the kernel drops each SYN.
    Silent {
        _listener: TcpListener,
        _queue: Vec<PendingConnect>,
    },
}

impl Drop for Port {
    fn drop(&mut self) {
        if let Port::Serving(task) = self {
            task.abort();
        }
    }
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Port::Serving(_) => "Serving",
            Port::Refusing { .. } => "Refusing",
            Port::Silent { .. } => "Silent",
        })
    }
}

/// Starts to accept on `listener`. With a journal, each connection is recorded there when it opens.
pub(crate) fn serve(
    runtime: &Handle,
    listener: StdListener,
    routes: Arc<Routes>,
    journal: Option<Arc<Journal>>,
) -> io::Result<Port> {
    listener.set_nonblocking(true)?;
    let _entered = runtime.enter();
    let listener = TcpListener::from_std(listener)?;
    Ok(Port::Serving(
        runtime
            .spawn(accept(listener, routes, journal))
            .abort_handle(),
    ))
}

/// Takes a port of `host` that refuses connections.
pub(crate) fn refuse(address: SocketAddr) -> io::Result<(Port, SocketAddr)> {
    let socket = socket_for(address)?;
    socket.bind(address)?;
    let bound = socket.local_addr()?;
    Ok((Port::Refusing { _socket: socket }, bound))
}

/// Takes a port of `host` on which a connection attempt gets no answer at all.
pub(crate) fn silence(runtime: &Handle, address: SocketAddr) -> io::Result<(Port, SocketAddr)> {
    let _entered = runtime.enter();
    let socket = socket_for(address)?;
    socket.bind(address)?;
    let listener = socket.listen(0)?;
    let bound = listener.local_addr()?;
    let mut queue = Vec::new();
    // A backlog of 0 holds one connection on Linux and a few elsewhere.
    for _ in 0..8 {
        let mut attempt: PendingConnect = Box::pin(socket_for(bound)?.connect(bound));
        // The first poll makes the system call; nobody waits for its outcome.
        let _ = attempt
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        queue.push(attempt);
    }
    Ok((
        Port::Silent {
            _listener: listener,
            _queue: queue,
        },
        bound,
    ))
}

fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }
}

async fn accept(listener: TcpListener, routes: Arc<Routes>, journal: Option<Arc<Journal>>) {
    static NEXT_ID: AtomicU64 = AtomicU64::new(1);
    // Aborting this task drops the set, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    let connection = Connection::open(NEXT_ID.fetch_add(1, Ordering::Relaxed));
                    if let Some(journal) = &journal {
                        journal.connection(&connection);
                    }
                    connections.spawn(connection::serve(socket, connection, Arc::clone(&routes)));
                }
                // Out of file descriptors, most often: they come back when connections end.
                Err(_) => sleep(Duration::from_millis(5)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
