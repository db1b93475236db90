//! A server that speaks TLS with a certificate made for the test.

use std::{
    io::Write,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

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
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(if has_expired { 2021 } else { 2090 }, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        Arc::new(config.unwrap())
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
