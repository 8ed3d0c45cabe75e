//! TLSA records for the targets, from the certificates of the profile (RFC 7673 §3.3, RFC 7672).

use hickory_proto::rr::rdata::TLSA;
use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_proto::rr::{Name, RData};

use crate::endpoint::association_name;
use crate::hosting::Certificate;
use crate::name::{HostName, text};
use crate::rrset::RrSet;
use crate::service::SMTP_PORT;

/// The hosts and ports of SRV and MX records, each once, in order.
pub(super) fn endpoints<'a>(sets: impl Iterator<Item = &'a RrSet>) -> Vec<(Name, u16)> {
    let mut endpoints: Vec<(Name, u16)> = Vec::new();
    for data in sets.flat_map(RrSet::rdatas) {
        let endpoint = match data {
            RData::SRV(srv) if !srv.target.is_root() => (srv.target.clone(), srv.port),
            RData::MX(mx) if !mx.exchange.is_root() => (mx.exchange.clone(), SMTP_PORT),
            _ => continue,
        };
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    }
    endpoints
}

/// The TLSA records of the endpoints that a certificate is good for.
///
/// Usage DANE-EE with the digest of the public key (`3 1 1`) outlives a renewal with the same key,
/// and clients then need no name in the certificate (RFC 7673 §4.2).
pub(super) fn plan_tlsa(
    endpoints: &[(Name, u16)],
    certificates: &[Certificate],
    ttl: u32,
) -> Vec<RrSet> {
    let sets = endpoints.iter().filter_map(|(target, port)| {
        let host = host_name(target)?;
        let records = certificates.iter().filter(|certificate| certificate.covers(&host));
        let records = records.map(|certificate| {
            let digest = certificate.key_digest().to_vec();
            RData::TLSA(TLSA::new(CertUsage::DaneEe, Selector::Spki, Matching::Sha256, digest))
        });
        RrSet::of(association_name(target, *port)?, ttl, records.collect())
    });
    sets.collect()
}

/// The targets that no certificate is good for, each once.
pub(super) fn uncovered(endpoints: &[(Name, u16)], certificates: &[Certificate]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for (target, _) in endpoints {
        let covered = host_name(target)
            .is_some_and(|host| certificates.iter().any(|certificate| certificate.covers(&host)));
        if !covered && !names.contains(target) {
            names.push(target.clone());
        }
    }
    names
}

/// The target as a certificate names it; None of what could be in none.
fn host_name(target: &Name) -> Option<HostName> {
    text(target).parse().ok()
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{MX, SRV};

    use super::*;
    use crate::name::parse_text;

    #[test]
    fn every_server_has_keys_or_is_named_once_as_uncovered() {
        let name = |text: &str| parse_text(text).unwrap();
        let srv = |target: &str, port| RData::SRV(SRV::new(0, 0, port, name(target)));
        let mx = |exchange: &str| RData::MX(MX::new(10, name(exchange)));
        let sets = [
            vec![srv("mail.provider.example.", 993), srv("mail.provider.example.", 993)],
            vec![srv("b.example.com.", 465), srv("b.example.com.", 993)],
            vec![mx("mail.provider.example.")],
            // Nothing is offered there (RFC 2782, RFC 7505).
            vec![srv(".", 0)],
            vec![mx(".")],
        ]
        .map(|data| RrSet::of(name("d.test."), 60, data).unwrap());
        let endpoints = endpoints(sets.iter());
        let (mail, b) = (name("mail.provider.example."), name("b.example.com."));
        let expected = [(mail.clone(), 993), (b.clone(), 465), (b.clone(), 993), (mail, SMTP_PORT)];
        assert_eq!(endpoints, expected);
        let pem = include_bytes!("../../tests/certificate.pem");
        let certificates = [Certificate::from_pem(pem).unwrap()];
        let owners: Vec<_> =
            plan_tlsa(&endpoints, &certificates, 60).iter().map(|set| text(set.owner())).collect();
        assert_eq!(owners, ["_993._tcp.mail.provider.example.", "_25._tcp.mail.provider.example."]);
        assert_eq!(uncovered(&endpoints, &certificates), [b]);
    }
}
