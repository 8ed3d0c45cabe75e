//! Certificates of the provider's servers, for TLSA records.

use sha2::{Digest, Sha256};
use x509_cert::Certificate as X509;
use x509_cert::der::Encode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::name::HostName;

/// The most octets of a PEM file that are read.
pub const MAX_PEM: usize = 1 << 20;

/// What a TLSA record says of a server's certificate, and for which hosts it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    hosts: Vec<String>,
    key_digest: [u8; 32],
}

/// Says why a file holds no certificate to publish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The text is no PEM, or what is in it no certificate (RFC 7468).
    #[error(
        "not a certificate in PEM form: {reason}; a file begins with -----BEGIN CERTIFICATE-----"
    )]
    Unreadable {
        /// The words of the parser.
        reason: String,
    },
    /// The certificate names no host.
    #[error(
        "the certificate names no host in its subjectAltName, so it is good for none (RFC 9525 section 2)"
    )]
    NoHost,
}

impl Certificate {
    /// Reads the first certificate of a PEM file, which is that of the server itself.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        let unreadable = |error: &dyn std::fmt::Display| CertificateError::Unreadable {
            reason: error.to_string(),
        };
        let chain = X509::load_pem_chain(pem).map_err(|error| unreadable(&error))?;
        let first = chain.first().ok_or_else(|| unreadable(&"there is nothing in it"))?;
        let certificate = first.tbs_certificate();
        let key =
            certificate.subject_public_key_info().to_der().map_err(|error| unreadable(&error))?;
        let names =
            certificate.get_extension::<SubjectAltName>().map_err(|error| unreadable(&error))?;
        let hosts: Vec<String> = names
            .into_iter()
            .flat_map(|(_, names)| names.0)
            .filter_map(|name| match name {
                GeneralName::DnsName(host) => Some(host.as_str().to_ascii_lowercase()),
                _ => None,
            })
            .collect();
        if hosts.is_empty() {
            return Err(CertificateError::NoHost);
        }
        Ok(Self { hosts, key_digest: Sha256::digest(key).into() })
    }

    /// The hosts it is good for, lower case; a wildcard stands for one whole label.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// The SHA-256 digest of the public key, as a TLSA record with selector SPKI has it
    /// (RFC 6698 §2.1).
    pub fn key_digest(&self) -> &[u8; 32] {
        &self.key_digest
    }

    /// Whether a client that connects to this host takes it (RFC 9525 §6.3).
    pub fn covers(&self, host: &HostName) -> bool {
        let host = host.to_string().to_ascii_lowercase();
        let parent = host.split_once('.').map(|(_, parent)| parent);
        self.hosts.iter().any(|name| match name.strip_prefix("*.") {
            Some(suffix) => parent == Some(suffix),
            None => *name == host,
        })
    }
}
