//! Certificates of the provider's servers, for TLSA records.

use sha2::{Digest, Sha256};
use x509_cert::Certificate as X509;
use x509_cert::der::{DecodePem, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::name::{HostName, certifies};

/// The most octets of a PEM file that are read.
pub const MAX_PEM: usize = 1 << 20;

/// What a TLSA record says of a server's certificate, and for which hosts it is good.
///
/// Nothing else of it is kept: who issued it and when it ends is not for DNS to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    hosts: Vec<String>,
    key_digest: [u8; 32],
}

/// Says why a file holds no certificate to publish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no certificate in it, or none in PEM form (RFC 7468 §5).
    #[error("not a certificate in PEM form: {found}")]
    NotPem {
        /// What is there instead, and what to do.
        found: String,
    },
    /// What stands in the PEM block is no certificate.
    #[error("the certificate cannot be read: {reason}")]
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
    ///
    /// Whatever stands around it is passed over, as OpenSSL does: its key, the rest of the chain,
    /// words for people.
    ///
    /// # Errors
    ///
    /// There is no certificate in PEM form, it cannot be read, or it names no host.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        let unreadable = |error: &dyn std::fmt::Display| CertificateError::Unreadable {
            reason: error.to_string(),
        };
        let block = first_block(pem)?;
        let first = X509::from_pem(block).map_err(|error| unreadable(&error))?;
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
    ///
    /// ```
    /// # use mailsrv::hosting::Certificate;
    /// # fn shows(certificate: &Certificate) -> Result<(), mailsrv::name::NameError> {
    /// // A certificate for `*.provider.example`:
    /// assert!(certificate.covers(&"mail.provider.example".parse()?));
    /// assert!(!certificate.covers(&"a.mail.provider.example".parse()?));
    /// # Ok(())
    /// # }
    /// ```
    pub fn covers(&self, host: &HostName) -> bool {
        let host = host.to_string().to_ascii_lowercase();
        self.hosts.iter().any(|name| certifies(name, &host))
    }
}

/// The labels of PEM (RFC 7468 §2).
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The columns of base64 in the strict form of PEM (RFC 7468 §3).
const COLUMNS: usize = 64;

/// The first certificate of a file, in the strict form that parsers agree on.
fn first_block(pem: &[u8]) -> Result<String, CertificateError> {
    let not_pem = |found: &str| CertificateError::NotPem { found: found.to_owned() };
    // A sequence whose length takes two octets: so both binary forms begin.
    if pem.starts_with(&[0x30, 0x82]) {
        return Err(not_pem(
            "it is binary; convert DER with `openssl x509 -inform der -in FILE -out FILE.pem`, PKCS #12 with `openssl pkcs12 -nokeys -in FILE -out FILE.pem`",
        ));
    }
    let text = String::from_utf8_lossy(pem);
    let Some((_, rest)) = text.split_once(BEGIN) else {
        return Err(CertificateError::NotPem { found: instead(&text) });
    };
    let Some((body, _)) = rest.split_once(END) else {
        return Err(not_pem("the line -----END CERTIFICATE----- is missing; the file was cut off"));
    };
    let base64: Vec<char> = body.chars().filter(|character| !character.is_whitespace()).collect();
    let lines = base64.chunks(COLUMNS).map(|line| line.iter().collect::<String>() + "\n");
    Ok(format!("{BEGIN}\n{}{END}\n", lines.collect::<String>()))
}

/// What stands in a file without a certificate.
fn instead(text: &str) -> String {
    let label = text
        .split_once("-----BEGIN ")
        .and_then(|(_, rest)| rest.split_once("-----"))
        .map(|(label, _)| label)
        .filter(|label| label.len() <= COLUMNS && !label.contains(char::is_control));
    match label {
        Some(label) => format!(
            "there is {label} in it, and no CERTIFICATE; give the file that the server's certificate is in"
        ),
        None => format!("there is no line {BEGIN} in it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `openssl req -x509 -newkey ed25519`, for MAIL.Example.COM, an IP address, and more.
    const PEM: &str = "\
-----BEGIN CERTIFICATE-----
MIIBbDCCAR6gAwIBAgIUQ4Gq+IN/55GIofR1mKj62rrmFLEwBQYDK2VwMAwxCjAI
BgNVBAMMAXgwHhcNMjYxMTIzMTg0NjM1WhcNMjYxMjIzMTg0NjM1WjAMMQowCAYD
VQQDDAF4MCowBQYDK2VwAyEAk8qJroOIs3bKJARpwRiuyrj8DWd1K7JzxoV1XSBz
5sajgZEwgY4wHQYDVR0OBBYEFGJvPr9kuXj6cEmxVMvt01oOpUZiMB8GA1UdIwQY
MBaAFGJvPr9kuXj6cEmxVMvt01oOpUZiMA8GA1UdEwEB/wQFMAMBAf8wOwYDVR0R
BDQwMocEwAACAYENYUBleGFtcGxlLmNvbYYJaHR0cHM6Ly94ghBNQUlMLkV4YW1w
bGUuQ09NMAUGAytlcANBAJFgTExJ/CTu9Bc2JdIQaKYnv//OVTEGhzAy4bsvg/cK
rw7FAJk8l559wlcWsX25kp0wmhY14WjV4M83PB1wwQc=
-----END CERTIFICATE-----
";

    fn digest(pem: &[u8]) -> Result<[u8; 32], String> {
        let certificate = Certificate::from_pem(pem).map_err(|error| error.to_string())?;
        assert_eq!(certificate.hosts(), ["mail.example.com"]);
        Ok(*certificate.key_digest())
    }

    #[test]
    fn a_certificate_is_found_whatever_stands_around_it() {
        let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n";
        let plain = digest(PEM.as_bytes()).unwrap();
        let body: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
        for other in [
            format!("{key}{PEM}"),
            format!("{PEM}{key}"),
            format!("{PEM}{}", PEM.replace("MII", "!!!")),
            format!("\u{feff}subject=CN = test\n\n{PEM}and more"),
            PEM.replace('\n', "\r\n"),
            PEM.replace('\n', " \n"),
            format!("{BEGIN}\n{body}\n{END}"),
        ] {
            assert_eq!(digest(other.as_bytes()), Ok(plain), "{other}");
        }
        // What `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum` prints.
        let hex: String = plain.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, "5b9e491452beb4e53f44ff4d070b0a940f0af049d8e43db48d0fe66bed89fd84");
    }

    #[test]
    fn a_wildcard_covers_one_label_and_a_name_itself() {
        let hosts = ["*.provider.example", "mail.example.com"].map(str::to_owned).to_vec();
        let certificate = Certificate { hosts, key_digest: [0; 32] };
        for (host, covered) in [
            ("mail.provider.example", true),
            ("IMAP.Provider.example", true),
            ("a.mail.provider.example", false),
            ("provider.example", false),
            ("Mail.example.com", true),
            ("imap.example.com", false),
            ("a.mail.example.com", false),
        ] {
            assert_eq!(certificate.covers(&host.parse().unwrap()), covered, "{host}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_called_by_its_name() {
        let request = PEM.replace("CERTIFICATE", "CERTIFICATE REQUEST");
        let long = format!("-----BEGIN {}-----", "KEY".repeat(22));
        for (file, part) in [
            (&b""[..], "no line -----BEGIN CERTIFICATE-----"),
            (&b"\x30\x82\x01\x49\x30"[..], "openssl x509 -inform der"),
            (&b"\xff\xfe\0"[..], "no line -----BEGIN CERTIFICATE-----"),
            (request.as_bytes(), "there is CERTIFICATE REQUEST in it"),
            (b"-----BEGIN \x1b[31mKEY-----", "no line -----BEGIN CERTIFICATE-----"),
            (long.as_bytes(), "no line -----BEGIN CERTIFICATE-----"),
            (&PEM.as_bytes()[..100], "was cut off"),
            (PEM.replace("MII", "!!!").as_bytes(), "cannot be read"),
            (PEM.replace("MII", "MIC").as_bytes(), "cannot be read"),
        ] {
            let error = digest(file).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
