//! The TLS configuration, and the handshake.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, crypto::CryptoProvider, pki_types::ServerName};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::{connect::BoxError, socket::Socket};

/// TLS towards servers and proxies. Cheap to clone; the roots are read when they are first needed.
#[derive(Debug, Clone, Default)]
pub(super) struct Tls(Arc<OnceLock<Result<Arc<ClientConfig>, rustls::Error>>>);

impl Tls {
    /// The configuration: the roots of the platform, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Blocks on the
    /// first call, for as long as reading the roots takes.
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        self.0.get_or_init(configure).clone()
    }

    /// Speaks TLS over `socket` with the server of this host, which is a name or an address.
    pub(super) async fn handshake(&self, host: &str, socket: Socket) -> Result<Socket, BoxError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())?;
        let connector = TlsConnector::from(self.config()?);
        let stream = connector.connect(name, socket).await?;
        Ok(Socket::Tls(Box::new(stream)))
    }
}

fn configure() -> Result<Arc<ClientConfig>, rustls::Error> {
    // The host program may have chosen a provider for the process, which then is the right one.
    let provider = CryptoProvider::get_default().map_or_else(
        || Arc::new(rustls::crypto::ring::default_provider()),
        Arc::clone,
    );
    let verifier = Verifier::new(Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        // Not at all dangerous: it is the platform's own verifier.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
