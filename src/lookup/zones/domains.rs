//! The mail domains of zones, where nobody names any.

use std::collections::BTreeSet;

use hickory_proto::rr::{Name, RecordType};

use super::Zones;
use crate::name::{MailDomain, plain_text};
use crate::service::{ConfigName, Label};
use crate::zone::gather::Gathering;
use crate::zone::node::Node;
use crate::zone::path::{self, END, Path};
use crate::zone::run::Source;
use crate::zone::shape::Shapes;
use crate::zone::tree::{Looking, Tree};

/// Below these stand the names of addresses, and no mail domains (RFC 1035 §3.5, RFC 3596 §2.5).
const REVERSE: [&[u8]; 2] = [b"arpa\0in-addr\0", b"arpa\0ip6\0"];

/// The numbers of types.
const A: u16 = 1;
const AAAA: u16 = 28;
const CNAME: u16 = 5;
const MX: u16 = 15;
const SRV: u16 = 33;

/// The mail domains that zones hold.
#[derive(Debug, Default)]
pub struct Found {
    /// In canonical order.
    pub domains: MailDomains,
    /// The apexes that say that they take no mail (RFC 7505), in canonical order.
    pub without_mail: Vec<Name>,
}

/// Mail domains in canonical order, of which there may be millions: some octets for each.
#[derive(Debug, Default)]
pub struct MailDomains {
    /// Names without records.
    tree: Tree,
}

impl MailDomains {
    /// Reads them one after the other.
    pub fn iter(&self) -> impl Iterator<Item = MailDomain> {
        let mut walk = self.tree.nodes();
        std::iter::from_fn(move || {
            while let Some(node) = walk.node() {
                let domain = mail_domain(node.key);
                walk.advance();
                if domain.is_some() {
                    return domain;
                }
            }
            None
        })
    }
}

impl IntoIterator for MailDomains {
    type Item = MailDomain;
    type IntoIter = IntoMailDomains;

    fn into_iter(self) -> IntoMailDomains {
        let Tree { run, shapes, .. } = self.tree;
        IntoMailDomains { source: Source::new(run, &shapes), shapes }
    }
}

/// Mail domains that are given back as they are read.
#[derive(Debug)]
pub struct IntoMailDomains {
    source: Source,
    shapes: Shapes,
}

impl Iterator for IntoMailDomains {
    type Item = MailDomain;

    fn next(&mut self) -> Option<MailDomain> {
        loop {
            let domain = mail_domain(self.source.node(&self.shapes)?.key);
            self.source.advance(&self.shapes);
            if domain.is_some() {
                return domain;
            }
        }
    }
}

/// The mail domain of a key; None where its name can be none.
fn mail_domain(key: &[u8]) -> Option<MailDomain> {
    let is_plain = |octet: &u8| {
        octet.is_ascii_lowercase() || octet.is_ascii_digit() || *octet == b'-' || *octet == END
    };
    let labels = key.strip_suffix(&[END]).filter(|_| key.iter().all(is_plain));
    let Some(labels) = labels else { return plain_text(&path::name(key)).parse().ok() };
    let mut text = String::with_capacity(key.len());
    for label in labels.rsplit(|octet| *octet == END) {
        if !text.is_empty() {
            text.push('.');
        }
        text.extend(label.iter().map(|octet| char::from(*octet)));
    }
    text.parse().ok()
}

impl Zones {
    /// The mail domains at hand: every apex, and every name that has mail records: MX, SRV records
    /// under a label of a mail service, `autoconfig` or `autodiscover` below it.
    ///
    /// What a zone cut hides does not count. An apex with a null MX (RFC 7505) and nothing else for
    /// mail is none.
    pub fn mail_domains(&self) -> Found {
        let (mut marked, mut denied) = (Marked::default(), BTreeSet::new());
        for (apex, tree) in &self.by_apex {
            let path = Path::of_key(apex);
            if REVERSE.iter().any(|reverse| apex.starts_with(reverse)) {
                continue;
            }
            if tree.get(apex, takes_no_mail).unwrap_or_default() {
                denied.insert(apex);
            } else {
                marked.insert(apex);
            }
            tree.look_at_visible(path.labels(), apex, |node| {
                if let Some(domain) = owned_by(node).filter(|domain| domain.starts_with(apex)) {
                    marked.insert(domain);
                }
                Looking::GoesOn
            });
        }
        let mut walk = self.loose.nodes();
        while let Some(node) = walk.node() {
            if let Some(domain) = owned_by(node) {
                marked.insert(domain);
            }
            walk.advance();
        }
        let tree = marked.gathering.into_tree();
        let denied = denied.into_iter().filter(|apex| tree.get(apex, |_node| ()).is_none());
        let without_mail = denied.map(|apex| path::name(apex)).collect();
        Found { domains: MailDomains { tree }, without_mail }
    }
}

/// Names that are mail domains, as they are found.
#[derive(Default)]
struct Marked {
    gathering: Gathering,
    /// The records of a mail domain mostly stand together.
    last: Vec<u8>,
}

impl Marked {
    fn insert(&mut self, key: &[u8]) {
        if self.last != key {
            self.gathering.mark(key);
            self.last.clear();
            self.last.extend_from_slice(key);
        }
    }
}

/// The mail domain that a node is a record of; None where it is of none.
fn owned_by(node: Node<'_>) -> Option<&[u8]> {
    let (mut has_mx, mut has_srv, mut leads) = (false, false, false);
    for (code, _) in node.kinds() {
        match code {
            MX => has_mx = true,
            SRV => has_srv = true,
            A | AAAA | CNAME => leads = true,
            _ => {}
        }
    }
    if !(has_mx || has_srv || leads) || path::is_wildcard(node.key) {
        return None;
    }
    if has_mx && !takes_no_mail(node) {
        return Some(node.key);
    }
    let (above, label) = parted(node.key)?;
    if has_srv
        && let Some((domain, b"_tcp")) = parted(above)
        && !domain.is_empty()
    {
        let is_ours = Label::ALL.iter().any(|own| own.text().as_bytes() == label);
        return is_ours.then_some(domain);
    }
    let is_beside = leads
        && !above.is_empty()
        && ConfigName::ALL.iter().any(|own| own.text().as_bytes() == label);
    is_beside.then_some(above)
}

/// The key of the name above, and the first label; None for the root.
fn parted(key: &[u8]) -> Option<(&[u8], &[u8])> {
    let labels = key.strip_suffix(&[END])?;
    let start = labels.iter().rposition(|octet| *octet == END).map_or(0, |at| at + 1);
    Some(labels.split_at(start))
}

/// Whether the only mail exchange is the root (RFC 7505 §3).
fn takes_no_mail(node: Node<'_>) -> bool {
    let mut exchanges = node.of_type(RecordType::MX);
    exchanges.next().is_some_and(|held| held.ends_in_root()) && exchanges.next().is_none()
}
