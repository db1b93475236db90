//! A proxy on the TCP level that stands between a client and a server and breaks connections on purpose.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder as RuntimeBuilder;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use crate::fault::{Fault, Plan};
use crate::journal::lock;

/// RST discards what the peer has not received yet, so the bytes before it get this long to arrive.
const BEFORE_RESET: Duration = Duration::from_millis(5);

/// How often each fault happened, by its name. A connection that ended before its fault does not count.
type Counts = Arc<Mutex<BTreeMap<&'static str, u64>>>;

/// A running proxy. It stops when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    counts: Counts,
    stop: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl FaultProxy {
    /// Takes a port of this machine (0 for a free one) and passes each connection on to `target`, as `plan` says.
    ///
    /// # Errors
    /// When the port cannot be bound, or the thread cannot be started.
    pub fn start(target: SocketAddr, port: u16, plan: Plan) -> io::Result<FaultProxy> {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = RuntimeBuilder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let counts = Counts::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let counted = Arc::clone(&counts);
        let thread = Builder::new()
            .name("fault-proxy".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let Ok(listener) = TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        () = accept(listener, target, plan, counted) => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(FaultProxy {
            address,
            counts,
            stop: Some((stop, thread)),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often each fault happened so far, and how many connections were passed on whole (`none`).
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.counts).clone()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.stop.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, plan: Plan, counts: Counts) {
    let plan = Arc::new(plan);
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => {
                    let (plan, counts) = (Arc::clone(&plan), Arc::clone(&counts));
                    connections.spawn(Passage { number, plan, counts }.run(client, target));
                    number += 1;
                }
                // Out of file descriptors, most often: they come back when connections end.
                Err(_) => sleep(Duration::from_millis(5)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection: its number, and the plan that says what happens to it.
struct Passage {
    number: u64,
    plan: Arc<Plan>,
    counts: Counts,
}

impl Passage {
    /// Passes the connection on until either side ends it or a fault does.
    async fn run(self, mut client: TcpStream, target: SocketAddr) {
        // A byte that is sent alone must arrive alone.
        let _ = client.set_nodelay(true);
        let fault = self.plan.fault(self.number, 0);
        if fault == Fault::Refuse {
            self.count(fault);
            let _ = client.set_zero_linger();
            return;
        }
        let Ok(mut server) = TcpStream::connect(target).await else {
            return;
        };
        let _ = server.set_nodelay(true);
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let is_reset = tokio::select! {
            broken = self.replies(&mut from_server, &mut to_client) => broken.unwrap_or(false),
            // The client left, and what is on its way to it is for nobody.
            _ = tokio::io::copy(&mut from_client, &mut to_server) => false,
        };
        if is_reset {
            sleep(BEFORE_RESET).await;
            let _ = client.set_zero_linger();
        }
    }

    /// Copies replies to the client, with faults; true when the connection is to be reset.
    async fn replies(&self, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> io::Result<bool> {
        let mut turn = 0;
        let mut fault = self.plan.fault(self.number, turn);
        let mut left = fault.bytes();
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer).await?;
            let mut rest = buffer.get(..read).unwrap_or_default();
            if rest.is_empty() {
                if fault == Fault::None {
                    self.count(fault);
                }
                return Ok(false);
            }
            while let Some(bytes) = left
                && let Some((first, after)) =
                    rest.split_at_checked(usize::try_from(bytes).unwrap_or(usize::MAX))
            {
                send(to, first, fault).await?;
                rest = after;
                self.count(fault);
                match fault {
                    Fault::Cut { .. } => return Ok(false),
                    Fault::Reset { .. } => return Ok(true),
                    Fault::Hang { .. } => std::future::pending().await,
                    Fault::HalfClose { .. } => {
                        to.shutdown().await?;
                        // The other direction goes on until the client leaves.
                        std::future::pending().await
                    }
                    Fault::Stall { ms, .. } => sleep(Duration::from_millis(ms)).await,
                    Fault::None | Fault::Refuse | Fault::Trickle { .. } => {}
                }
                turn += 1;
                fault = self.plan.fault(self.number, turn);
                left = fault.bytes();
            }
            send(to, rest, fault).await?;
            left = left.map(|left| left.saturating_sub(rest.len() as u64));
        }
    }

    fn count(&self, fault: Fault) {
        *lock(&self.counts).entry(fault.name()).or_default() += 1;
    }
}

async fn send(to: &mut WriteHalf<'_>, bytes: &[u8], fault: Fault) -> io::Result<()> {
    if !matches!(fault, Fault::Trickle { .. }) {
        return to.write_all(bytes).await;
    }
    for byte in bytes {
        to.write_all(std::slice::from_ref(byte)).await?;
        // The client gets the chance to read it before the next one is there.
        yield_now().await;
    }
    Ok(())
}
