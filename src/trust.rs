//! Whose certificates are believed.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The authorities whose certificates are believed.
#[derive(Debug, Clone)]
pub struct Trust {
    roots: Arc<RootCertStore>,
    /// The certificates of a file, as they stand in it.
    own: Arc<Vec<CertificateDer<'static>>>,
}

/// Says why a file names no authorities.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// It has no certificate in PEM (RFC 7468).
    #[error("it has no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    /// A PEM block is broken.
    #[error("certificate {nth} is not in sound PEM: {problem}")]
    Pem {
        /// Which of the file it is, the first being 1.
        nth: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A certificate cannot be read.
    #[error("certificate {nth} is none that can be believed: {problem}")]
    Certificate {
        /// Which of the file it is, the first being 1.
        nth: usize,
        /// What is wrong with it.
        problem: String,
    },
}

impl Trust {
    /// The authorities that Mozilla's browsers believe, built in.
    pub fn public() -> Self {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        Self { roots: Arc::new(roots), own: Arc::default() }
    }

    /// The authorities of a PEM file and no others, and the servers whose own certificates are in it.
    ///
    /// # Errors
    ///
    /// There is no certificate, or one that cannot be read.
    pub fn of_pem(pem: &[u8]) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        let mut own = Vec::new();
        for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
            let nth = index + 1;
            let certificate =
                certificate.map_err(|error| TrustError::Pem { nth, problem: error.to_string() })?;
            roots
                .add(certificate.clone())
                .map_err(|error| TrustError::Certificate { nth, problem: error.to_string() })?;
            own.push(certificate);
        }
        if own.is_empty() {
            return Err(TrustError::NoCertificate);
        }
        Ok(Self { roots: Arc::new(roots), own: Arc::new(own) })
    }

    /// The authorities that are believed.
    pub(crate) fn roots(&self) -> &Arc<RootCertStore> {
        &self.roots
    }

    /// The certificates of the file of the user, which are believed of the server itself, too.
    pub(crate) fn own(&self) -> &Arc<Vec<CertificateDer<'static>>> {
        &self.own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_sound_certificates_is_refused() {
        let block = |text: &str| {
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        for (pem, message) in [
            (String::new(), "it has no certificate in PEM, which begins with"),
            ("0\u{1}binary".to_owned(), "it has no certificate in PEM"),
            (block("AAAA"), "certificate 1 is none that can be believed: "),
            (block("?"), "certificate 1 is not in sound PEM: "),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n".to_owned(), "certificate 1 is not in sound PEM"),
        ] {
            let error = Trust::of_pem(pem.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
