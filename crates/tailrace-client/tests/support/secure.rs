//! A server that speaks TLS with a certificate made for the test.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    io::Write,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::PrivateKeyDer,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use crate::support::wire::request;

/// An authority of its own, for which only those vouch who were given its certificate.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate, as it stands in a file of roots.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a server of these names shows; one that has expired ended long ago.
    pub(crate) fn server(&self, names: &[&str], has_expired: bool) -> Arc<ServerConfig> {
        self.serving(names, has_expired, WebPkiClientVerifier::no_client_auth())
    }

    /// The same for a server that asks clients for a certificate of this authority.
    pub(crate) fn asking_server(&self, names: &[&str]) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let asks = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        self.serving(names, false, asks.build().unwrap())
    }

    fn serving(
        &self,
        names: &[&str],
        has_expired: bool,
        asks: Arc<dyn ClientCertVerifier>,
    ) -> Arc<ServerConfig> {
        let (certificate, key) = self.certificate(names, has_expired);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(asks)
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        Arc::new(config.unwrap())
    }

    /// A certificate of this authority for these names, and its key.
    pub(crate) fn certificate(&self, names: &[&str], has_expired: bool) -> (Certificate, KeyPair) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(if has_expired { 2021 } else { 2090 }, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// Answers each request over TLS; counts in `handshakes` those connections on which one came.
pub(crate) fn answer(
    config: &Arc<ServerConfig>,
    socket: TcpStream,
    bytes: &[u8],
    handshakes: &AtomicUsize,
) {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let mut is_first = true;
    while request(&mut stream).is_some() {
        if std::mem::take(&mut is_first) {
            handshakes.fetch_add(1, Ordering::SeqCst);
        }
        stream.write_all(bytes).unwrap();
    }
}
