//! The mail domains of zones, where nobody names any.

use std::collections::BTreeSet;

use hickory_proto::rr::{Name, RData, RecordType};

use super::Zones;
use super::node::{Held, Node};
use super::path::{self, Path};
use crate::name::{MailDomain, plain_text};
use crate::service::{ConfigName, Label};

/// Below these stand the names of addresses, and no mail domains (RFC 1035 §3.5, RFC 3596 §2.5).
const REVERSE: [&[u8]; 2] = [b"arpa\0in-addr\0", b"arpa\0ip6\0"];

/// The mail domains that zones hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// In canonical order.
    pub domains: Vec<MailDomain>,
    /// The apexes that say that they take no mail (RFC 7505), in canonical order.
    pub without_mail: Vec<Name>,
}

impl Zones {
    /// The mail domains at hand: every apex, and every name that has mail records: MX, SRV records
    /// under a label of a mail service, `autoconfig` or `autodiscover` below it.
    ///
    /// What a zone cut hides does not count. An apex with a null MX (RFC 7505) and nothing else for
    /// mail is none.
    pub fn mail_domains(&self) -> Found {
        let (mut marked, mut denied) = (BTreeSet::new(), BTreeSet::new());
        for (apex, tree) in &self.by_apex {
            let path = Path::of_key(apex);
            if REVERSE.iter().any(|reverse| apex.starts_with(reverse)) {
                continue;
            }
            if tree.get(apex).is_some_and(takes_no_mail) {
                denied.insert(apex.clone());
            } else {
                marked.insert(apex.clone());
            }
            for (key, node) in tree.visible(path.labels(), apex) {
                marked.extend(mail_domain(key, node).filter(|domain| domain.starts_with(apex)));
            }
        }
        marked.extend(self.loose.nodes().filter_map(|(key, node)| mail_domain(key, node)));
        let domain = |key: &[u8]| plain_text(&path::name(key)).parse().ok();
        let without_mail = denied.difference(&marked).map(|key| path::name(key)).collect();
        Found { domains: marked.iter().filter_map(|key| domain(key)).collect(), without_mail }
    }
}

/// The mail domain that a node is a record of; None where it is of none.
fn mail_domain(key: &[u8], node: &Node) -> Option<Box<[u8]>> {
    if path::is_wildcard(key) {
        return None;
    }
    if node.has(RecordType::MX) && !takes_no_mail(node) {
        return Some(key.into());
    }
    let path = Path::of_key(key);
    let labels = path.labels();
    let label = |back: usize| {
        let (above, own) = (path.ancestor(labels - back - 1).len(), path.ancestor(labels - back));
        std::str::from_utf8(&own[above..own.len() - 1]).ok()
    };
    if labels > 2 && node.has(RecordType::SRV) && label(1) == Some("_tcp") {
        let is_ours = label(0).is_some_and(|it| Label::ALL.iter().any(|own| own.text() == it));
        return is_ours.then(|| path.ancestor(labels - 2).into());
    }
    let leads = [RecordType::A, RecordType::AAAA, RecordType::CNAME];
    let is_beside = labels > 1
        && label(0).is_some_and(|it| ConfigName::ALL.iter().any(|own| own.text() == it))
        && leads.into_iter().any(|rtype| node.has(rtype));
    is_beside.then(|| path.ancestor(labels - 1).into())
}

/// Whether the only mail exchange is the root (RFC 7505 §3).
fn takes_no_mail(node: &Node) -> bool {
    let mut exchanges = node.of_type(RecordType::MX).map(Held::data);
    matches!(exchanges.next(), Some(RData::MX(mx)) if mx.exchange.is_root())
        && exchanges.next().is_none()
}
