//! What TLSA records can say of the certificates that a server sent (RFC 6698 §2.1, RFC 7671).

use hickory_proto::rr::Name;
use hickory_proto::rr::rdata::TLSA;
use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use sha2::{Digest, Sha256, Sha512};
use x509_cert::Certificate as X509;
use x509_cert::der::{Decode, Encode};

use crate::service::PROTO;

/// Where the TLSA records of a server stand (RFC 6698 §3), for SRV records at the target (RFC 7673 §3.3);
/// None of what is no server.
pub fn association_name(host: &Name, port: u16) -> Option<Name> {
    let host = Some(host).filter(|host| !host.is_root() && port != 0)?;
    host.prepend_label(PROTO).and_then(|owner| owner.prepend_label(format!("_{port}"))).ok()
}

/// A certificate that was sent, and its key, by their digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Of the whole certificate in DER.
    pub certificate: Digests,
    /// Of its key in DER, as a `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
    pub key: Digests,
}

/// The digests of the same octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// SHA-256.
    pub sha256: [u8; 32],
    /// SHA-512.
    pub sha512: [u8; 64],
}

impl Digests {
    /// Those of some octets.
    pub fn of(octets: &[u8]) -> Self {
        Self { sha256: Sha256::digest(octets).into(), sha512: Sha512::digest(octets).into() }
    }

    /// Whether a record that matches so has these; None where it is not known how it matches.
    fn are_those_of(&self, matching: Matching, data: &[u8]) -> Option<bool> {
        match matching {
            // The same octets have the same digest, and no others that anybody knows of.
            Matching::Raw => Some(Self::of(data).sha512 == self.sha512),
            Matching::Sha256 => Some(data == self.sha256),
            Matching::Sha512 => Some(data == self.sha512),
            Matching::Unassigned(_) | Matching::Private => None,
        }
    }
}

impl Fingerprint {
    /// That of a certificate in DER; None where it is none.
    pub fn of_der(der: &[u8]) -> Option<Self> {
        let certificate = X509::from_der(der).ok()?;
        let key = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
        Some(Self { certificate: Digests::of(der), key: Digests::of(&key) })
    }

    /// The record that outlives a renewal with the same key: `3 1 1` (RFC 7671 §5.1).
    pub fn record(&self) -> TLSA {
        let digest = self.key.sha256.to_vec();
        TLSA::new(CertUsage::DaneEe, Selector::Spki, Matching::Sha256, digest)
    }

    /// Whether a record is of this certificate or of its key; None where its words are not known.
    fn is_of(&self, record: &TLSA) -> Option<bool> {
        let digests = match record.selector {
            Selector::Full => &self.certificate,
            Selector::Spki => &self.key,
            Selector::Unassigned(_) | Selector::Private => return None,
        };
        digests.are_those_of(record.matching, &record.cert_data)
    }
}

/// Whether a TLSA record holds for a chain as it was sent, that of the server first; None where that
/// cannot be told: of an authority that need not be sent (usage 0), and of words that nobody has
/// registered.
fn holds(record: &TLSA, sent: &[Fingerprint]) -> Option<bool> {
    let meant = match record.cert_usage {
        CertUsage::PkixEe | CertUsage::DaneEe => sent.get(..1)?,
        // The authority must be sent (RFC 7671 §5.2.2).
        CertUsage::DaneTa => sent,
        CertUsage::PkixTa | CertUsage::Unassigned(_) | CertUsage::Private => return None,
    };
    let said: Option<Vec<bool>> = meant.iter().map(|it| it.is_of(record)).collect();
    Some(said?.contains(&true))
}

/// Whether TLSA records are of other certificates than were sent: there are some, and none of them holds
/// or may hold.
pub fn deny(records: &[&TLSA], sent: &[Fingerprint]) -> bool {
    let is_of_another = |record: &&TLSA| holds(record, sent) == Some(false);
    !records.is_empty() && records.iter().all(is_of_another)
}

#[cfg(test)]
mod tests {
    use x509_cert::der::pem::decode_vec;

    use super::*;
    use crate::hosting::Certificate;

    const PEMS: [&str; 2] = [
        include_str!("../../tests/certificates/sound.pem"),
        include_str!("../../tests/certificates/weak.pem"),
    ];

    fn der(pem: &str) -> Vec<u8> {
        decode_vec(pem.as_bytes()).unwrap().1
    }

    fn record(usage: CertUsage, selector: Selector, matching: Matching, data: &[u8]) -> TLSA {
        TLSA::new(usage, selector, matching, data.to_vec())
    }

    #[test]
    fn the_digests_are_those_of_the_records_that_are_published() {
        let sound = Fingerprint::of_der(&der(PEMS[0])).unwrap();
        let published = Certificate::from_pem(PEMS[0].as_bytes()).unwrap();
        assert_eq!(&sound.key.sha256, published.key_digest());
        assert_eq!(Fingerprint::of_der(b"no certificate"), None);
    }

    #[test]
    fn each_selector_and_matching_holds_for_its_data_and_no_other() {
        let ders = PEMS.map(der);
        let keys = ders.each_ref().map(|der| {
            let parsed = X509::from_der(der).unwrap();
            parsed.tbs_certificate().subject_public_key_info().to_der().unwrap()
        });
        let sent: Vec<_> = ders.iter().filter_map(|der| Fingerprint::of_der(der)).collect();
        for (selector, octets) in [(Selector::Full, &ders), (Selector::Spki, &keys)] {
            let of = |matching, octets: &[u8]| match matching {
                Matching::Raw => octets.to_vec(),
                Matching::Sha256 => Sha256::digest(octets).to_vec(),
                _ => Sha512::digest(octets).to_vec(),
            };
            for matching in [Matching::Raw, Matching::Sha256, Matching::Sha512] {
                let [first, second] = octets.each_ref().map(|octets| of(matching, octets));
                let mut wrong = first.clone();
                wrong[5] ^= 1;
                for (usage, data, expected) in [
                    (CertUsage::DaneEe, &first, true),
                    (CertUsage::PkixEe, &first, true),
                    (CertUsage::DaneTa, &first, true),
                    (CertUsage::DaneEe, &second, false),
                    (CertUsage::DaneTa, &second, true),
                    (CertUsage::DaneEe, &wrong, false),
                    (CertUsage::DaneTa, &wrong, false),
                    (CertUsage::DaneEe, &first[1..].to_vec(), false),
                ] {
                    let record = record(usage, selector, matching, data);
                    assert_eq!(holds(&record, &sent), Some(expected), "{record}");
                }
            }
        }
        assert_eq!(holds(&sent[0].record(), &sent), Some(true));
        assert_eq!(holds(&sent[1].record(), &sent), Some(false));
    }

    #[test]
    fn what_nobody_registered_and_who_need_not_be_sent_are_not_judged() {
        let sent = [Fingerprint::of_der(&der(PEMS[0])).unwrap()];
        let data = sent[0].key.sha256;
        let (spki, other) = (Selector::Spki, Selector::Unassigned(9));
        for (usage, selector, matching) in [
            (CertUsage::PkixTa, spki, Matching::Sha256),
            (CertUsage::Unassigned(7), spki, Matching::Sha256),
            (CertUsage::DaneEe, other, Matching::Sha256),
            (CertUsage::DaneEe, spki, Matching::Unassigned(7)),
        ] {
            assert_eq!(holds(&record(usage, selector, matching, &data), &sent), None);
        }
        assert_eq!(holds(&sent[0].record(), &[]), None);
    }

    #[test]
    fn records_deny_a_certificate_only_where_each_can_be_judged_and_is_of_another() {
        let all = PEMS.map(|pem| Fingerprint::of_der(&der(pem)).unwrap());
        let (sent, right) = (&all[..1], all[0].record());
        let (wrong, digest) = (all[1].record(), all[1].key.sha256);
        let (ee, spki, sha256) = (CertUsage::DaneEe, Selector::Spki, Matching::Sha256);
        assert!(deny(&[&wrong], sent) && deny(&[&wrong, &wrong], sent));
        assert!(!deny(&[], sent) && !deny(&[&right], sent) && !deny(&[&wrong, &right], sent));
        for (usage, selector, matching) in [
            (CertUsage::PkixTa, spki, sha256),
            (CertUsage::Unassigned(7), spki, sha256),
            (CertUsage::Private, spki, sha256),
            (ee, Selector::Unassigned(9), sha256),
            (ee, Selector::Private, sha256),
            (ee, spki, Matching::Unassigned(7)),
            (ee, spki, Matching::Private),
        ] {
            let unknown = record(usage, selector, matching, &digest);
            for records in [&[&unknown][..], &[&wrong, &unknown], &[&unknown, &wrong]] {
                assert!(!deny(records, sent), "{unknown}");
            }
        }
    }
}
