//! Certificates and keys that a caller gives as PEM.

use std::{fmt, sync::Arc};

use rustls::{
    crypto::ring::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use tailrace_core::error::{Code, Error};
use zeroize::Zeroize;

use super::failure;

/// Certificates of authorities.
#[derive(Clone, Default)]
pub struct Roots(pub(super) Arc<[CertificateDer<'static>]>);

/// A certificate that the client shows, with the key to it. Its `Debug` tells neither.
#[derive(Clone)]
pub struct Identity(pub(super) Arc<CertifiedKey>);

impl Roots {
    /// The certificates of a PEM bundle; whatever else stands in it is passed over.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidRequest`] when a certificate cannot be read or there is none.
    pub fn from_pem(pem: &[u8]) -> Result<Self, Error> {
        certificates(pem, "the certificates to trust").map(|all| Roots(all.into()))
    }
}

impl Identity {
    /// The certificate with those that vouch for it, its own first, and the private key: PKCS#8, PKCS#1 or SEC 1. Both
    /// may be the same text.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidRequest`] when one of them cannot be read, is encrypted, or the key is not that of the certificate.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, Error> {
        let chain = certificates(chain, "the client certificate")?;
        let mut key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
            invalid(
                if memchr::memmem::find(key, b"ENCRYPTED").is_some() {
                    "the private key of the client certificate is encrypted, which is not supported; decrypt it, for instance with `openssl pkey`"
                } else {
                    "the private key of the client certificate cannot be read; give it as PEM (PKCS#8, PKCS#1 or SEC 1)"
                }
                .to_owned(),
            )
            .with_causes(failure::causes(&error))
        })?;
        let signing = any_supported_type(&key);
        // What signs has made its own of it.
        key.zeroize();
        let unusable = |error: rustls::Error| {
            invalid("the private key is no RSA, ECDSA or Ed25519 key of the client certificate; give the two that belong together".to_owned())
                .with_causes(failure::causes(&error))
        };
        let identity = CertifiedKey::new(chain, signing.map_err(unusable)?);
        match identity.keys_match() {
            // Nothing is known of a key that cannot tell; the server will say.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                Ok(Identity(Arc::new(identity)))
            }
            Err(error) => Err(unusable(error)),
        }
    }
}

fn certificates(pem: &[u8], what: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| {
            invalid(format!("{what} cannot be read; give PEM")).with_causes(failure::causes(&error))
        })?;
    if all.is_empty() {
        return Err(invalid(format!(
            "{what}: none is in what was given; give PEM with `BEGIN CERTIFICATE`"
        )));
    }
    Ok(all)
}

fn invalid(message: String) -> Error {
    Error::new(Code::InvalidRequest, message)
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.0.len())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn pair() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["a.b".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn refusal(chain: &str, key: &str) -> String {
        Identity::from_pem(chain.as_bytes(), key.as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_pair_is_an_identity_in_one_text_or_two_and_tells_nothing() {
        let (chain, key) = pair();
        let identity = Identity::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        assert_eq!(format!("{identity:?}"), "Identity");
        let both = format!("{key}{chain}{}", pair().0);
        let identity = Identity::from_pem(both.as_bytes(), both.as_bytes()).unwrap();
        assert_eq!(identity.0.cert.len(), 2);
    }

    #[test]
    fn what_is_none_is_refused_in_a_sentence() {
        let (chain, key) = pair();
        let other = pair().1;
        let encrypted =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        for (chain, key, why) in [
            (&*key, &*key, "the client certificate: none"),
            ("", &key, "the client certificate: none"),
            (
                "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
                &key,
                "cannot be read",
            ),
            (&chain, &chain, "cannot be read"),
            (&chain, encrypted, "encrypted"),
            (&chain, &other, "belong together"),
        ] {
            let said = refusal(chain, key);
            assert!(said.contains(why), "{said}");
            assert!(!said.contains(key.lines().nth(1).unwrap_or("~")), "{said}");
        }
        assert!(Roots::from_pem(key.as_bytes()).is_err());
        assert_eq!(
            format!("{:?}", Roots::from_pem(chain.as_bytes()).unwrap()),
            "Roots(1)"
        );
    }
}
