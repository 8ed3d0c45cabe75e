//! Certificates with one thing wrong each, made anew for a run of the tests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;

/// A kind of certificate; all but those of another name are for the hosts of these tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    #[default]
    Good,
    /// By an authority between, which is sent, too.
    Intermediate,
    /// By an authority between, which is not sent.
    Incomplete,
    Expired,
    NotYet,
    /// Ends in five days.
    EndsSoon,
    WrongName,
    SelfSigned,
    /// By an authority that nobody knows, which is sent, too.
    Unknown,
    /// For the mail domain alone.
    Domain,
}

/// An authority that the program is told of, and what it signs.
pub(super) struct Authority {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let params = authority_params(name);
        let key = KeyPair::generate().expect("keys can be made");
        let certificate = params.self_signed(&key).expect("the parameters are sound");
        Self { params, key, certificate }
    }

    pub(super) fn pem(&self) -> String {
        self.certificate.pem()
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    /// An authority that this one signed.
    fn below(&self, name: &str) -> Self {
        let params = authority_params(name);
        let key = KeyPair::generate().expect("keys can be made");
        let certificate = params.signed_by(&key, &self.issuer()).expect("the parameters are sound");
        Self { params, key, certificate }
    }

    /// A server with a certificate of a kind.
    pub(super) fn server(&self, kind: Kind) -> Arc<ServerConfig> {
        let (chain, key) = self.make(kind);
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has all versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key is that of the certificate");
        Arc::new(config)
    }

    /// The same in PEM: the chain, and the key.
    pub(super) fn files(&self, kind: Kind) -> [String; 2] {
        let (chain, key) = self.make(kind);
        [chain.iter().map(Certificate::pem).collect(), key.serialize_pem()]
    }

    /// A certificate of a kind with what is sent behind it, and its key.
    fn make(&self, kind: Kind) -> (Vec<Certificate>, KeyPair) {
        let names: &[&str] = match kind {
            Kind::WrongName => &["other.test", "*.other.test"],
            Kind::Domain => &["example.test", "d1.test"],
            _ => &["127.0.0.1", "127.0.0.2", "::1", "localhost", "hosts.test", "*.hosts.test"],
        };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("the names are sound");
        params.distinguished_name.push(DnType::CommonName, "server");
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2999, 1, 1);
        match kind {
            Kind::Expired => params.not_after = date_time_ymd(2024, 2, 1),
            Kind::NotYet => params.not_before = date_time_ymd(2998, 1, 1),
            Kind::EndsSoon => params.not_after = (now() + Duration::from_secs(5 * 86_400)).into(),
            _ => {}
        }
        let key = KeyPair::generate().expect("keys can be made");
        let other = match kind {
            Kind::Intermediate | Kind::Incomplete => Some(self.below("between")),
            Kind::Unknown => Some(Self::new("nobody")),
            _ => None,
        };
        let certificate = match kind {
            Kind::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &other.as_ref().unwrap_or(self).issuer()),
        };
        let certificate = certificate.expect("the parameters are sound");
        let mut chain = vec![certificate];
        if let (Some(other), true) = (other, kind != Kind::Incomplete) {
            chain.push(other.certificate);
        }
        (chain, key)
    }
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

#[expect(clippy::disallowed_methods, reason = "certificates are valid for a time")]
fn now() -> SystemTime {
    SystemTime::now()
}
