//! The TLS configuration, and the handshake.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::SingleCertAndKey,
};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::{
    certificates::{Identity, Roots},
    connect::BoxError,
    socket::Socket,
};

/// Whom a client trusts over TLS.
#[derive(Debug, Clone)]
pub enum Trust {
    /// The platform's own judgement, or on Unix the roots that `SSL_CERT_FILE` and `SSL_CERT_DIR` name; and these too.
    System(Roots),
    /// Whom these vouch for, and nobody else.
    Roots(Roots),
    /// Whoever answers. Anybody between can read and change what is sent.
    Anybody,
}

/// How a client speaks TLS.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// Whom it trusts.
    pub trust: Trust,
    /// What it shows to servers that ask who it is. A proxy is shown nothing.
    pub identity: Option<Identity>,
}

impl Default for Trust {
    fn default() -> Self {
        Trust::System(Roots::default())
    }
}

/// What is to be spoken over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proposes {
    Http1,
    /// HTTP/2, or HTTP/1.1 where the server does not.
    Http2,
}

/// The name of HTTP/2 in the handshake.
pub(super) const HTTP2: &[u8] = b"h2";

/// TLS towards servers and proxies. Cheap to clone; the roots are read when they are first needed.
#[derive(Debug, Clone)]
pub(super) struct Tls {
    settings: TlsSettings,
    config: Arc<OnceLock<Result<Arc<ClientConfig>, rustls::Error>>>,
    with_http2: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Tls {
    pub(super) fn new(settings: TlsSettings) -> Self {
        Tls {
            settings,
            config: Arc::default(),
            with_http2: Arc::default(),
        }
    }

    /// The configuration. Blocks on the first call, for as long as reading the roots takes.
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        self.config
            .get_or_init(|| configure(&self.settings))
            .clone()
    }

    /// The same, with HTTP/2 proposed as the better one.
    fn proposing_http2(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let config = self.config()?;
        let made = self.with_http2.get_or_init(|| {
            let mut config = (*config).clone();
            config.alpn_protocols.insert(0, HTTP2.to_vec());
            Arc::new(config)
        });
        Ok(Arc::clone(made))
    }

    /// Speaks TLS over `socket` with the server of this host, which is a name or an address.
    pub(super) async fn handshake(
        &self,
        host: &str,
        socket: Socket,
        proposes: Proposes,
    ) -> Result<Socket, BoxError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())?;
        let connector = TlsConnector::from(match proposes {
            Proposes::Http1 => self.config()?,
            Proposes::Http2 => self.proposing_http2()?,
        });
        let stream = connector.connect(name, socket.read_ahead()).await?;
        Ok(Socket::Tls(Box::new(stream)))
    }
}

fn configure(settings: &TlsSettings) -> Result<Arc<ClientConfig>, rustls::Error> {
    // The host program may have chosen a provider for the process, which then is the right one.
    let provider = CryptoProvider::get_default().map_or_else(
        || Arc::new(rustls::crypto::ring::default_provider()),
        Arc::clone,
    );
    let verifier = verifier(&settings.trust, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        // Dangerous only where the caller asked to trust anybody.
        .with_custom_certificate_verifier(verifier);
    let mut config = match &settings.identity {
        Some(Identity(shown)) => {
            let shown = SingleCertAndKey::from(Arc::clone(shown));
            builder.with_client_cert_resolver(Arc::new(shown))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    Ok(match trust {
        Trust::System(Roots(also)) => system(also, Arc::clone(provider))?,
        Trust::Roots(Roots(roots)) => {
            let mut store = RootCertStore::empty();
            for root in roots.iter() {
                store.add(root.clone())?;
            }
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?
        }
        Trust::Anybody => Arc::new(Credulous(Arc::clone(provider))),
    })
}

#[cfg(not(target_os = "android"))]
fn system(
    also: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    Ok(Arc::new(if also.is_empty() {
        Verifier::new(provider)?
    } else {
        Verifier::new_with_extra_roots(also.iter().cloned(), provider)?
    }))
}

#[cfg(target_os = "android")]
fn system(
    also: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    if !also.is_empty() {
        return Err(rustls::Error::General(
            "Android takes no roots beside its own; give all roots".to_owned(),
        ));
    }
    Ok(Arc::new(Verifier::new(provider)?))
}

/// Believes every certificate, and checks only that the server has the key to it.
#[derive(Debug)]
struct Credulous(Arc<CryptoProvider>);

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
