//! A TCP connection to a host that has several addresses, some of which may be dead (RFC 8305).

use std::{error::Error as StdError, fmt, io, net::SocketAddr, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::sleep,
};

/// How long an address is waited for alone, before the next one is tried beside it (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);
/// How long a peer may be unreachable before the system gives a connection up.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const UNREACHABLE: Duration = Duration::from_secs(30);
/// When, how often and how many times the system asks a silent peer whether it is there.
const KEEP_ALIVE: (Duration, u32) = (Duration::from_secs(15), 3);

/// Why no connection was made.
#[derive(Debug)]
pub(super) struct Unreachable {
    what: &'static str,
    cause: io::Error,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl StdError for Unreachable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.cause)
    }
}

/// A connection to the first address of `host`, a name or an address without brackets, that answers.
pub(super) async fn connect(host: &str, port: u16) -> Result<TcpStream, Unreachable> {
    let unresolved = |cause| Unreachable {
        what: "dns error",
        cause,
    };
    let found = lookup_host((host, port)).await.map_err(unresolved)?;
    race(by_turns(found)).await.map_err(|cause| Unreachable {
        what: "tcp connect error",
        cause,
    })
}

/// The addresses in the order of the system, but those of the two families by turns (RFC 8305, section 4).
fn by_turns(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut found: Vec<SocketAddr> = found.collect();
    let Some(is_first) = found.first().map(SocketAddr::is_ipv6) else {
        return found;
    };
    let mut seen = [0_usize; 2];
    found.sort_by_cached_key(|address| {
        let is_other = usize::from(address.is_ipv6() != is_first);
        let nth = seen.get_mut(is_other).map_or(0, |seen| {
            *seen += 1;
            *seen
        });
        (nth, is_other)
    });
    found
}

/// The connection that stands first. Each address has a head start before the next one, which a failure ends.
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    // Dropping it gives up those that have lost.
    let mut tries = JoinSet::new();
    let mut failure = None;
    loop {
        match waiting.next() {
            Some(address) => drop(tries.spawn(open(address))),
            None if tries.is_empty() => {
                return Err(failure.unwrap_or_else(|| {
                    io::Error::new(io::ErrorKind::NotFound, "the host has no address")
                }));
            }
            None => {}
        }
        let is_last = waiting.len() == 0;
        tokio::select! {
            Some(done) = tries.join_next() => match done {
                Ok(Ok(stream)) => return Ok(stream),
                // That of the address which the system prefers says most.
                Ok(Err(error)) => failure = failure.or(Some(error)),
                Err(error) => failure = failure.or(Some(error.into())),
            },
            () = sleep(HEAD_START), if !is_last => {}
        }
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
        SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
    };
    // A system that has no such settings does without them.
    let _ = socket.set_nodelay(true);
    let options = SockRef::from(&socket);
    let (silent, times) = KEEP_ALIVE;
    let alive = TcpKeepalive::new().with_time(silent).with_interval(silent);
    #[cfg(not(windows))]
    let alive = alive.with_retries(times);
    #[cfg(windows)]
    let _ = times;
    let _ = options.set_tcp_keepalive(&alive);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let _ = options.set_tcp_user_timeout(Some(UNREACHABLE));
    socket.connect(address).await
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};

    use socket2::{Domain, Socket, Type};

    use super::*;

    /// An address that never answers: whoever listens there takes nobody, and its queue is full.
    struct Silent {
        address: SocketAddr,
        _kept: (Socket, Vec<Socket>),
    }

    fn silent(host: &str) -> Silent {
        let wanted: SocketAddr = format!("{host}:0").parse().unwrap();
        let listener = Socket::new(Domain::for_address(wanted), Type::STREAM, None).unwrap();
        listener.bind(&wanted.into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        // One is taken into the queue, and those behind it have filled it when they have asked.
        let kept = (0..4)
            .map(|_| {
                let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
                socket.set_nonblocking(true).unwrap();
                let _ = socket.connect(&address.into());
                socket
            })
            .collect();
        Silent {
            address,
            _kept: (listener, kept),
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(future)
    }

    fn reached(addresses: &[SocketAddr]) -> io::Result<SocketAddr> {
        run(race(addresses.to_vec()))?.peer_addr()
    }

    fn refused() -> SocketAddr {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    }

    fn has_version_6() -> bool {
        TcpListener::bind("[::1]:0").is_ok()
    }

    #[test]
    fn families_take_turns_from_the_first_on() {
        let order = |names: &[&str]| -> Vec<String> {
            let given = names
                .iter()
                .map(|name| format!("{name}:1").parse().unwrap());
            let found = by_turns(given);
            found
                .iter()
                .map(|address| address.ip().to_string())
                .collect()
        };
        assert_eq!(
            order(&["[::1]", "[::2]", "[::3]", "1.1.1.1", "1.1.1.2"]),
            ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"]
        );
        assert_eq!(
            order(&["1.1.1.1", "1.1.1.2", "[::1]"]),
            ["1.1.1.1", "::1", "1.1.1.2"]
        );
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn a_dead_address_does_not_keep_from_a_live_one() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let live = server.local_addr().unwrap();
        let mut dead = vec![silent("127.0.0.1"), silent("127.0.0.1")];
        if has_version_6() {
            dead.insert(0, silent("[::1]"));
        }
        let refused = refused();
        let mut addresses: Vec<SocketAddr> = dead.iter().map(|silent| silent.address).collect();
        addresses.push(refused);
        addresses.push(live);
        assert_eq!(reached(&addresses).unwrap(), live);
        assert_eq!(reached(&[refused, live]).unwrap(), live);
        assert_eq!(reached(&[live, refused]).unwrap(), live);
    }

    #[test]
    fn the_failure_is_that_of_the_first_address() {
        let refused = refused();
        let unroutable = "255.255.255.255:9".parse().unwrap();
        let error = reached(&[refused, unroutable]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused, "{error}");
        let error = reached(&[]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
