//! How certificates are verified, and what a handshake that failed says.
//!
//! There is no way to ask without verifying: an answer from anybody is no answer.

use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::failure_of;
use crate::answer::Failure;
use crate::trust::Trust;

impl Trust {
    /// A client that speaks these protocols (RFC 7301), by TLS 1.2 or 1.3.
    pub(super) fn client(&self, protocols: &[&[u8]]) -> Result<ClientConfig, Failure> {
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(
            Arc::clone(self.roots()),
            Arc::clone(&provider),
        );
        let verifier = verifier.build().map_err(|_error| Failure::Tls)?;
        let verifier = Verifier { authorities: verifier, own: Arc::clone(self.own()) };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_error| Failure::Tls)?;
        let mut config = config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(config)
    }
}

/// Verifies as browsers do, but believes what is in the file of the user itself, too.
///
/// A certificate that one makes for oneself is mostly marked as that of an authority, since that is
/// what `openssl req -x509` does, and then it is refused for a server.
#[derive(Debug)]
struct Verifier {
    authorities: Arc<WebPkiServerVerifier>,
    own: Arc<Vec<CertificateDer<'static>>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(Error::InvalidCertificate(CertificateError::Other(_))) => {}
            // An authority that was made anew has its name from before, and another key.
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => {
                return Err(CertificateError::UnknownIssuer.into());
            }
            verified => return verified,
        }
        if !self.own.iter().any(|own| own == end_entity) {
            return Err(CertificateError::UnknownIssuer.into());
        }
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        verify_time(end_entity, now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

/// Whether a certificate is valid at this time (RFC 5280 §4.1.2.5).
fn verify_time(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let certificate =
        Certificate::from_der(certificate).map_err(|_error| CertificateError::BadEncoding)?;
    let validity = certificate.tbs_certificate().validity();
    let [begin, end] = [validity.not_before, validity.not_after];
    let now = now.as_secs();
    if now < begin.to_unix_duration().as_secs() {
        Err(CertificateError::NotValidYet)
    } else if now > end.to_unix_duration().as_secs() {
        Err(CertificateError::Expired)
    } else {
        Ok(())
    }
}

/// What an error of TLS over a stream says.
pub(super) fn failure_of_handshake(error: &io::Error) -> Failure {
    let tls = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidCertificate(why)) => failure_of_certificate(why),
        Some(_) => Failure::Tls,
        None => failure_of(error),
    }
}

fn failure_of_certificate(why: &CertificateError) -> Failure {
    match why {
        CertificateError::UnknownIssuer => Failure::UnknownAuthority,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Failure::WrongName
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Failure::Expired,
        _ => Failure::Tls,
    }
}

/// What the alert says that a failed handshake of QUIC ends with (RFC 9001 §4.8, RFC 8446 §6.2);
/// our own alerts, as rustls chooses them.
pub(super) fn failure_of_alert(alert: u8) -> Failure {
    match alert {
        42 => Failure::WrongName,
        45 => Failure::Expired,
        48 => Failure::UnknownAuthority,
        _ => Failure::Tls,
    }
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;

    #[test]
    fn an_alert_says_what_the_error_says_that_it_is_for() {
        for why in [
            CertificateError::UnknownIssuer,
            CertificateError::NotValidForName,
            CertificateError::Expired,
            CertificateError::NotValidYet,
            CertificateError::InvalidPurpose,
        ] {
            let failure = failure_of_certificate(&why);
            let alert = AlertDescription::from(why).into();
            assert_eq!(failure_of_alert(alert), failure);
        }
    }
}
