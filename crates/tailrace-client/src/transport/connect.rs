//! Opening a connection: name lookup, TCP, proxies and TLS.

use std::{
    error::Error as StdError,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderValue, Uri};
use hyper_util::{
    client::{
        legacy::connect::proxy::{SocksV4, SocksV5, Tunnel},
        proxy::matcher::Intercept,
    },
    rt::TokioIo,
};
use tower_service::Service;
use url::Url;

use super::{
    addresses,
    ahead::Ahead,
    http::TransportSettings,
    http1::Connection,
    proxy::{self, Choice},
    socket::Socket,
    tls::{Proposes, Tls, TlsSettings},
};

pub(super) type BoxError = Box<dyn StdError + Send + Sync>;

/// Opens connections, through proxies where there are any.
#[derive(Debug)]
pub(super) struct Connector {
    dial: Dial,
    /// To proxies.
    proxy_dial: Dial,
    proxies: Choice,
}

/// A proxy that is asked for each URL, rather than for a tunnel.
#[derive(Debug, Clone)]
pub(super) struct Forward {
    /// What the proxy wants to be told with each request; a secret.
    pub(super) authorization: Option<HeaderValue>,
}

impl Connector {
    pub(super) fn new(settings: &TransportSettings) -> Self {
        let dial = Dial {
            tls: Tls::new(settings.tls.clone()),
        };
        let TlsSettings { trust, identity } = &settings.tls;
        let proxy_dial = match (&settings.proxy_trust, identity) {
            // One set of roots, which is read once.
            (None, None) => dial.clone(),
            (proxy_trust, _) => Dial {
                tls: Tls::new(TlsSettings {
                    trust: proxy_trust.as_ref().unwrap_or(trust).clone(),
                    identity: None,
                }),
            },
        };
        Connector {
            dial,
            proxy_dial,
            proxies: Choice::new(&settings.proxies),
        }
    }

    /// Reads the roots, if they have not been read, on the thread that calls this.
    pub(super) fn prepare_tls(&self) -> Result<(), rustls::Error> {
        self.proxy_dial.tls.config()?;
        self.dial.tls.config().map(drop)
    }

    /// A connection over which requests for this URL can be sent.
    pub(super) async fn connect(&self, url: &Url) -> Result<Connection, BoxError> {
        if url.scheme() == "http"
            && let Some(proxy) = self.proxies.of(&target(url)?)?
            && speaks_http(&proxy)
        {
            let forward = Forward {
                authorization: proxy.basic_auth().cloned(),
            };
            let address = proxy.uri().clone();
            let socket = self.proxy_dial.open(address, Proposes::Http1).await?;
            return Ok(Connection::new(socket, Some(forward)));
        }
        Ok(Connection::new(
            self.open(url, Proposes::Http1).await?,
            None,
        ))
    }

    /// A socket whose other end is the server of this URL, whatever stands between; under TLS for https.
    pub(super) async fn open(&self, url: &Url, proposes: Proposes) -> Result<Socket, BoxError> {
        let target = target(url)?;
        let Some(proxy) = self.proxies.of(&target)? else {
            return self.dial.open(target, proposes).await;
        };
        let host = url.host_str().unwrap_or_default();
        let socket = if speaks_http(&proxy) {
            self.tunnel(&proxy, target).await?
        } else {
            let port = url.port_or_known_default().unwrap_or_default();
            self.socks(&proxy, host, port).await?
        };
        if url.scheme() == "https" {
            return self.dial.tls.handshake(host, socket, proposes).await;
        }
        Ok(socket)
    }

    async fn tunnel(&self, proxy: &Intercept, target: Uri) -> Result<Socket, BoxError> {
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.proxy_dial.clone());
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        Ok(tunnel.call(target).await?.into_inner())
    }

    async fn socks(&self, proxy: &Intercept, host: &str, port: u16) -> Result<Socket, BoxError> {
        let address = proxy::address(proxy);
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
        let dial = self.proxy_dial.clone();
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

/// Where a connection for this URL has to end.
fn target(url: &Url) -> Result<Uri, BoxError> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    Ok(format!("{}://{host}:{port}/", url.scheme()).parse()?)
}

fn speaks_http(proxy: &Intercept) -> bool {
    matches!(proxy.uri().scheme_str(), Some("http" | "https"))
}

/// Opens a socket to the host that is named, and speaks TLS where the address says https.
#[derive(Debug, Clone)]
struct Dial {
    tls: Tls,
}

impl Dial {
    async fn open(&self, target: Uri, proposes: Proposes) -> Result<Socket, BoxError> {
        let is_secure = target.scheme_str() == Some("https");
        let host = target.host().unwrap_or_default().to_owned();
        let port = target
            .port_u16()
            .unwrap_or(if is_secure { 443 } else { 80 });
        let place = host.trim_start_matches('[').trim_end_matches(']');
        let socket = Socket::Tcp(Ahead::new(addresses::connect(place, port).await?));
        if is_secure {
            return self.tls.handshake(&host, socket, proposes).await;
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
        Box::pin(async move { Ok(TokioIo::new(dial.open(target, Proposes::Http1).await?)) })
    }
}
