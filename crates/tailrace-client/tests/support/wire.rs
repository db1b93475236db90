//! A server that says exactly the bytes it is told to, over real sockets.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::PATIENCE;

/// Plays each connection on a thread of its own.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Wire {
    /// `play` gets the number of the connection, counted from one, and its socket, which is closed when it returns.
    pub(crate) fn start(play: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let play = Arc::new(play);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let socket = socket.unwrap();
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                socket.set_nodelay(true).unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                let play = Arc::clone(&play);
                std::thread::spawn(move || play(number, socket));
            }
        });
        Wire {
            address,
            connections,
        }
    }

    /// Answers each request of each connection with `bytes`.
    pub(crate) fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Wire::start(move |_, mut socket| {
            while request(&mut socket).is_some() {
                if socket.write_all(&bytes).is_err() {
                    return;
                }
            }
        })
    }

    /// Answers one request of each connection with `bytes` and closes it.
    pub(crate) fn saying_once(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Wire::start(move |_, mut socket| {
            request(&mut socket);
            let _ = socket.write_all(&bytes);
        })
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads a request: its head, and as much body as the head says. None when the client has closed.
pub(crate) fn request(socket: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        match socket.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return None,
        }
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    socket.read_exact(&mut body).ok()?;
    Some(head)
}

/// True if the client closes the socket within `limit`, having said nothing more.
pub(crate) fn closes(socket: &mut TcpStream, limit: Duration) -> bool {
    socket.set_read_timeout(Some(limit)).unwrap();
    matches!(socket.read(&mut [0]), Ok(0))
}

/// Makes the system answer with a reset instead of an end.
pub(crate) fn reset(socket: TcpStream) {
    socket2::SockRef::from(&socket)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}

/// Waits until `check` holds.
pub(crate) fn until(what: &str, check: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !check() {
        assert!(Instant::now() < deadline, "{what}: never came true");
        std::thread::sleep(Duration::from_millis(2));
    }
}
