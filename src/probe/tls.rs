//! TLS as it is spoken to whoever connects: what a server sends is written down, and refused by nobody.
//!
//! No secret is ever sent by such a connection, so nothing depends on who is at its other end; what is
//! wrong with a certificate is to be told apart, and a client that refuses it sees the first fault alone.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error,
    PeerIncompatible, SignatureScheme,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::endpoint::{Chain, Fingerprint, Handshake, Served, Tls};
use crate::trust::Trust;

/// The certificates of a chain that are kept at most; four are many.
const MOST_SENT: usize = 16;

/// Begins TLS on a stream. With the stream comes what was seen; without one, why there is none.
pub(super) async fn begin<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    host: &str,
    trust: &Trust,
    now: u64,
) -> Result<(TlsStream<S>, Handshake), Handshake> {
    let failed = |problem: &str| Handshake::Failed(problem.to_owned());
    let provider = Arc::new(ring::default_provider());
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_error| failed("the host has no name that TLS can ask for"))?;
    let recorder = Arc::new(Recorder { provider: Arc::clone(&provider), seen: Mutex::default() });
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Handshake::Failed(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = connected.map_err(|error| failure_of(&error))?;
    let (_, session) = stream.get_ref();
    let version = session.protocol_version().map_or_else(String::new, |version| {
        let text = format!("{version:?}");
        text.trim_start_matches("TLSv").replace('_', ".")
    });
    let suite = session.negotiated_cipher_suite();
    let suite = suite.map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
    let Seen { sent, forged } = recorder.taken();
    let certificate = sent.first().and_then(|der| Served::from_der(der));
    let chain = match forged {
        Some(problem) => Chain::Broken(problem),
        None => chain_of(&sent, certificate.as_ref(), trust, &provider, now),
    };
    // rustls writes TLS13_ before the suites of 1.3, which IANA does not.
    let suite = suite.replacen("TLS13_", "TLS_", 1);
    let sent = match certificate {
        Some(_) => sent.iter().take(MOST_SENT).filter_map(|der| Fingerprint::of_der(der)).collect(),
        None => Vec::new(),
    };
    let tls = Tls { version, suite, certificate, chain, sent };
    Ok((stream, Handshake::Done(Box::new(tls))))
}

/// Who stands behind a certificate at a time when it is valid itself: that its own time is over is told
/// by its dates.
fn chain_of(
    sent: &[CertificateDer<'static>],
    certificate: Option<&Served>,
    trust: &Trust,
    provider: &CryptoProvider,
    now: u64,
) -> Chain {
    let (Some((first, others)), Some(certificate)) = (sent.split_first(), certificate) else {
        return Chain::Broken("no certificate that can be read was sent".to_owned());
    };
    if trust.own().iter().any(|own| own == first) {
        return Chain::Trusted;
    }
    let begin = certificate.validity.begin;
    let at = now.clamp(begin, certificate.validity.end.max(begin));
    let verified = ParsedCertificate::try_from(first).and_then(|parsed| {
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            trust.roots(),
            others,
            UnixTime::since_unix_epoch(Duration::from_secs(at)),
            provider.signature_verification_algorithms.all,
        )
    });
    let Err(error) = verified else { return Chain::Trusted };
    if certificate.subject == certificate.issuer {
        return Chain::SelfSigned;
    }
    match error {
        Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => unknown(others, certificate),
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => Chain::Broken("a certificate of the authorities is expired".to_owned()),
        error => Chain::Broken(error.to_string()),
    }
}

/// Follows the names of the issuers through what was sent, to the first that is missing.
fn unknown(others: &[CertificateDer<'static>], certificate: &Served) -> Chain {
    let others: Vec<Served> = others.iter().filter_map(|der| Served::from_der(der)).collect();
    let mut last = certificate;
    for _ in 0..=others.len() {
        match others.iter().find(|other| other.subject == last.issuer) {
            Some(other) if other.issuer == other.subject => {
                return Chain::Unknown(other.subject.clone());
            }
            Some(other) => last = other,
            None if last == certificate => {
                return Chain::Incomplete(last.issuer.clone());
            }
            None => return Chain::Unknown(last.issuer.clone()),
        }
    }
    Chain::Broken("the certificates issue each other in a circle".to_owned())
}

/// What a failed handshake says. A server that shares no version or suite with us says so by an alert,
/// or chooses what we did not offer (RFC 8446 §6.2).
fn failure_of(error: &io::Error) -> Handshake {
    let tls = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    match tls {
        Some(
            Error::AlertReceived(AlertDescription::ProtocolVersion)
            | Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            ),
        ) => Handshake::NoModernTls,
        Some(
            Error::AlertReceived(
                AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
            )
            | Error::PeerIncompatible(_),
        ) => Handshake::NothingShared,
        Some(error) => Handshake::Failed(error.to_string()),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            Handshake::Failed("the connection was closed".to_owned())
        }
        None => Handshake::Failed(error.kind().to_string()),
    }
}

/// Writes down the certificates of a handshake.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    sent: Vec<CertificateDer<'static>>,
    /// Why the handshake is not signed by the key of the certificate.
    forged: Option<String>,
}

impl Recorder {
    fn taken(&self) -> Seen {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A signature that is not sound is written down, too.
    fn note(
        &self,
        verified: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let Err(error) = verified {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.forged = Some(error.to_string());
        }
        Ok(HandshakeSignatureValid::assertion())
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::iter::once(end_entity).chain(intermediates);
        seen.sent = all.map(|der| der.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.note(verify_tls12_signature(message, certificate, signature, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.note(verify_tls13_signature(message, certificate, signature, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
