//! Opening a connection: name lookup, TCP, proxies and TLS.

use std::{
    error::Error as StdError,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, Uri};
use hyper_util::{
    client::{
        legacy::connect::{
            HttpConnector,
            proxy::{SocksV4, SocksV5, Tunnel},
        },
        proxy::matcher::{Intercept, Matcher},
    },
    rt::TokioIo,
};
use tower_service::Service;
use url::Url;

use super::{http1::Connection, socket::Socket, tls::Tls};

pub(super) type BoxError = Box<dyn StdError + Send + Sync>;

/// How long a peer may be unreachable before the system gives a connection up.
const UNREACHABLE: Duration = Duration::from_secs(30);
/// When, how often and how many times the system asks a silent peer whether it is there.
const KEEP_ALIVE: (Duration, u32) = (Duration::from_secs(15), 3);

/// Opens connections, through proxies where the environment names them.
#[derive(Debug)]
pub(super) struct Connector {
    dial: Dial,
    proxies: Option<Matcher>,
}

/// A proxy that is asked for each URL, rather than for a tunnel.
#[derive(Debug, Clone)]
pub(super) struct Forward {
    /// What the proxy wants to be told with each request; a secret.
    pub(super) authorization: Option<HeaderValue>,
}

impl Connector {
    pub(super) fn new(env_proxies: bool) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let (silent, times) = KEEP_ALIVE;
        http.set_keepalive(Some(silent));
        http.set_keepalive_interval(Some(silent));
        http.set_keepalive_retries(Some(times));
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        http.set_tcp_user_timeout(Some(UNREACHABLE));
        Connector {
            dial: Dial {
                http,
                tls: Tls::default(),
            },
            proxies: (env_proxies && !excepts_all()).then(Matcher::from_env),
        }
    }

    /// Reads the roots, if they have not been read, on the thread that calls this.
    pub(super) fn prepare_tls(&self) -> Result<(), rustls::Error> {
        self.dial.tls.config().map(drop)
    }

    /// A connection over which requests for this URL can be sent.
    pub(super) async fn connect(&self, url: &Url) -> Result<Connection, BoxError> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let target: Uri = format!("{}://{host}:{port}/", url.scheme()).parse()?;
        let Some(proxy) = self.proxies.as_ref().and_then(|all| all.intercept(&target)) else {
            return Ok(Connection::new(self.dial.open(target).await?, None));
        };
        let speaks_http = matches!(proxy.uri().scheme_str(), Some("http" | "https"));
        let is_secure = url.scheme() == "https";
        if speaks_http && !is_secure {
            let forward = Forward {
                authorization: proxy.basic_auth().cloned(),
            };
            let socket = self.dial.open(proxy.uri().clone()).await?;
            return Ok(Connection::new(socket, Some(forward)));
        }
        let mut socket = if speaks_http {
            self.tunnel(&proxy, target).await?
        } else {
            self.socks(&proxy, host, port).await?
        };
        if is_secure {
            socket = self.dial.tls.handshake(host, socket).await?;
        }
        Ok(Connection::new(socket, None))
    }

    async fn tunnel(&self, proxy: &Intercept, target: Uri) -> Result<Socket, BoxError> {
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.dial.clone());
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        Ok(tunnel.call(target).await?.into_inner())
    }

    async fn socks(&self, proxy: &Intercept, host: &str, port: u16) -> Result<Socket, BoxError> {
        let address = proxy.uri().clone();
        let scheme = address.scheme_str().unwrap_or_default();
        let is_version_4 = scheme.starts_with("socks4");
        // The forms that end in a letter leave the lookup of the name to the proxy.
        let target: Uri = if matches!(scheme, "socks4" | "socks5") {
            let name = host.trim_start_matches('[').trim_end_matches(']');
            let found = tokio::net::lookup_host((name, port)).await?.next();
            let found = found.ok_or("the name of the host has no address")?;
            format!("http://{found}/").parse()?
        } else {
            format!("http://{host}:{port}/").parse()?
        };
        let dial = self.dial.clone();
        let socket = if is_version_4 {
            SocksV4::new(address, dial).call(target).await?
        } else {
            let mut socks = SocksV5::new(address, dial);
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            socks.call(target).await?
        };
        Ok(socket.into_inner())
    }
}

/// True if the environment excepts every host. The matcher takes a `*` for every name only, and not for addresses.
fn excepts_all() -> bool {
    let set = ["NO_PROXY", "no_proxy"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    set.is_some_and(|hosts| hosts.split(',').any(|host| host.trim() == "*"))
}

/// Opens a socket to the host that is named, and speaks TLS where the address says https.
#[derive(Debug, Clone)]
struct Dial {
    http: HttpConnector,
    tls: Tls,
}

impl Dial {
    async fn open(&self, target: Uri) -> Result<Socket, BoxError> {
        let is_secure = target.scheme_str() == Some("https");
        let host = target.host().unwrap_or_default().to_owned();
        let socket = Socket::Tcp(self.http.clone().call(target).await?.into_inner());
        if is_secure {
            return self.tls.handshake(&host, socket).await;
        }
        Ok(socket)
    }
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Socket>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Socket>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let dial = self.clone();
        Box::pin(async move { Ok(TokioIo::new(dial.open(target).await?)) })
    }
}
