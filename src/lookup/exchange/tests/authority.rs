//! Certificates for servers that live for one test.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::super::Trust;

/// Whom all certificates of these tests are for.
pub(super) const NAME: &str = "dns.example";

/// What a certificate says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Signed by an authority.
    Signed,
    /// Signed by itself, as `openssl req -x509` does: it says that it is an authority.
    Own,
}

/// A certificate, and those who believe it.
pub(super) struct Identity {
    pub(super) trust: Trust,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// A certificate for [`NAME`] and 127.0.0.1, of this year and long after.
    pub(super) fn new(kind: Kind) -> Self {
        Self::until(kind, 3000)
    }

    /// A certificate that is valid from the first day of a year.
    pub(super) fn from(kind: Kind, year: i32) -> Self {
        Self::between(kind, year, 3000)
    }

    /// A certificate that is valid until the first day of a year.
    pub(super) fn until(kind: Kind, year: i32) -> Self {
        Self::between(kind, 2000, year)
    }

    fn between(kind: Kind, begin: i32, end: i32) -> Self {
        let mut params = CertificateParams::new([NAME.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.not_before = date_time_ymd(begin, 1, 1);
        params.not_after = date_time_ymd(end, 1, 1);
        let key = KeyPair::generate().unwrap();
        let (certificate, pem) = match kind {
            Kind::Own => {
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                let certificate = params.self_signed(&key).unwrap();
                let pem = certificate.pem();
                (certificate, pem)
            }
            Kind::Signed => {
                let mut authority = CertificateParams::default();
                authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                let signing = KeyPair::generate().unwrap();
                let pem = authority.self_signed(&signing).unwrap().pem();
                let issuer = Issuer::new(authority, signing);
                (params.signed_by(&key, &issuer).unwrap(), pem)
            }
        };
        let trust = Trust::of_pem(pem.as_bytes()).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Self { trust, certificate: certificate.into(), key }
    }

    /// A server that shows the certificate and speaks these protocols.
    pub(super) fn server(&self, protocols: &[&[u8]]) -> Arc<ServerConfig> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth();
        let chain = vec![self.certificate.clone()];
        let mut config = config.with_single_cert(chain, self.key.clone_key()).unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(config)
    }
}
