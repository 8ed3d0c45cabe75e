//! The certificate that a server sent, as data.

use std::net::IpAddr;

use x509_cert::Certificate as X509;
use x509_cert::der::Decode;
use x509_cert::der::asn1::{Ia5String, ObjectIdentifier};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::name::certifies;

/// An `SRVName`, a name that stands for a service of a domain (RFC 4985 §2).
const SRV_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.8.7");

/// Kinds of keys (RFC 3279 §2.3, RFC 5480 §2.1.1, RFC 8410 §3).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Signatures by digests that are broken (RFC 6151 §2, RFC 9155 §1): MD5 and SHA-1, with RSA and ECDSA.
const BROKEN_DIGESTS: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"),
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
];

/// The certificate of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The names of hosts that it is for, lower case; a wildcard stands for one whole label.
    pub hosts: Vec<String>,
    /// The services of domains that it is for: `_imaps.example.com` (RFC 4985).
    pub services: Vec<String>,
    /// The addresses that it is for.
    pub addresses: Vec<IpAddr>,
    /// When it is valid.
    pub validity: Validity,
    /// Whose it is, as RFC 4514 writes it.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Its key.
    pub key: Key,
    /// Whether it is signed by way of a digest that is broken.
    pub has_broken_digest: bool,
}

/// From when to when a certificate is valid, both inclusive, in seconds since 1970 (RFC 5280 §4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub begin: u64,
    /// Until when.
    pub end: u64,
}

impl Validity {
    /// Whether it is valid at a time, in seconds since 1970.
    pub const fn holds_at(self, time: u64) -> bool {
        self.begin <= time && time <= self.end
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// RSA, with a modulus of so many bits.
    Rsa(usize),
    /// On an elliptic curve, with a field of about so many bits.
    Ec(usize),
    /// Ed25519.
    Ed25519,
    /// Of another kind, whose number is this.
    Other(String),
}

impl Key {
    /// Whether it is too short for today (RFC 9325 §4.5): RSA below 2,048 bits, curves below 224.
    pub const fn is_weak(&self) -> bool {
        match self {
            Self::Rsa(bits) => *bits < 2048,
            Self::Ec(bits) => *bits < 224,
            Self::Ed25519 | Self::Other(_) => false,
        }
    }
}

impl Served {
    /// Reads a certificate in DER; None where it is none.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let certificate = X509::from_der(der).ok()?;
        let inner = certificate.tbs_certificate();
        let mut served = Self {
            hosts: Vec::new(),
            services: Vec::new(),
            addresses: Vec::new(),
            validity: Validity {
                begin: inner.validity().not_before.to_unix_duration().as_secs(),
                end: inner.validity().not_after.to_unix_duration().as_secs(),
            },
            subject: inner.subject().to_string(),
            issuer: inner.issuer().to_string(),
            key: key_of(inner.subject_public_key_info()),
            has_broken_digest: BROKEN_DIGESTS.contains(&certificate.signature_algorithm().oid),
        };
        if let Ok(Some((_, names))) = inner.get_extension::<SubjectAltName>() {
            names.0.iter().for_each(|name| served.add(name));
        }
        Some(served)
    }

    fn add(&mut self, name: &GeneralName) {
        match name {
            GeneralName::DnsName(host) => self.hosts.push(host.as_str().to_ascii_lowercase()),
            GeneralName::OtherName(other) if other.type_id == SRV_NAME => {
                let text = other.value.decode_as::<Ia5String>();
                self.services.extend(text.map(|text| text.as_str().to_ascii_lowercase()));
            }
            GeneralName::IpAddress(octets) => {
                let octets = octets.as_bytes();
                let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
                let v6 = || <[u8; 16]>::try_from(octets).map(IpAddr::from);
                self.addresses.extend(v4.or_else(|_longer| v6()));
            }
            _ => {}
        }
    }

    /// Whether it is for a host, a name of DNS or an address (RFC 9525 §6.3): what stands in the subject
    /// does not count.
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        if let Ok(address) = host.parse::<IpAddr>() {
            return self.addresses.contains(&address);
        }
        self.hosts.iter().any(|name| certifies(name, &host))
    }

    /// Whether it is for a service of a domain by a name of its own (RFC 6125 §6.5, RFC 4985): `imaps`.
    pub fn is_for_service(&self, service: &str, domain: &str) -> bool {
        let name = format!("_{service}.{domain}").to_ascii_lowercase();
        self.services.contains(&name)
    }
}

/// The kind and the size of a key.
fn key_of(info: &x509_cert::spki::SubjectPublicKeyInfoOwned) -> Key {
    let octets = info.subject_public_key.raw_bytes();
    match info.algorithm.oid {
        RSA => Key::Rsa(modulus_bits(octets)),
        // An uncompressed point is a mark and two numbers of the field; a compressed one has one.
        EC => match octets.first() {
            Some(4) => Key::Ec((octets.len() - 1) / 2 * 8),
            _ => Key::Ec(octets.len().saturating_sub(1) * 8),
        },
        ED25519 => Key::Ed25519,
        other => Key::Other(other.to_string()),
    }
}

/// The bits of the modulus of an RSA key: the first number of a sequence of two (RFC 8017 §A.1.1).
fn modulus_bits(octets: &[u8]) -> usize {
    use x509_cert::der::asn1::{AnyRef, UintRef};
    let numbers = AnyRef::from_der(octets).and_then(|sequence| {
        sequence.sequence(|reader| {
            let modulus = UintRef::decode(reader)?;
            let _exponent = UintRef::decode(reader)?;
            Ok::<_, x509_cert::der::Error>(modulus.as_bytes().to_vec())
        })
    });
    let modulus = numbers.unwrap_or_default();
    modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use x509_cert::der::pem::decode_vec;

    use super::*;

    fn served(pem: &str) -> Served {
        let (_, der) = decode_vec(pem.as_bytes()).unwrap();
        Served::from_der(&der).unwrap()
    }

    #[test]
    fn a_weak_certificate_is_read() {
        let weak = served(include_str!("../../tests/certificates/weak.pem"));
        assert_eq!((&weak.key, weak.key.is_weak()), (&Key::Rsa(1024), true));
        assert!(weak.has_broken_digest);
        assert_eq!((weak.subject.as_str(), &weak.issuer), ("CN=weak,O=Tests", &weak.subject));
        assert_eq!(weak.validity.end - weak.validity.begin, 3650 * 86_400);
    }

    #[test]
    fn names_are_those_of_the_certificate_and_nothing_like_them() {
        let sound = served(include_str!("../../tests/certificates/sound.pem"));
        assert_eq!((&sound.key, sound.key.is_weak()), (&Key::Ed25519, false));
        assert!(!sound.has_broken_digest);
        for host in ["host.test", "HOST.test", "a.mail.test", "192.0.2.1", "2001:db8:0::1"] {
            assert!(sound.is_for(host), "{host}");
        }
        for host in ["mail.test", "a.b.mail.test", "other.test", "sound", "192.0.2.2", "::1"] {
            assert!(!sound.is_for(host), "{host}");
        }
        assert!(sound.is_for_service("imaps", "example.test"));
        assert!(!sound.is_for_service("imap", "example.test"));
        assert!(!sound.is_for_service("imaps", "sub.example.test"));
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        assert_eq!(Served::from_der(b""), None);
        assert_eq!(Served::from_der(&[0x30, 0x82, 0xff, 0xff]), None);
    }
}
