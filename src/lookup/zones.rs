//! Offline: zone data in memory, answered as an authoritative server answers it.

use std::collections::HashMap;
use std::future::{Future, ready};

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::BinDecodable;

use super::Lookup;
use super::message::extend_chain;
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::rrset::ResourceRecord;

/// The RCODE of a DNAME substitution that gets too long (RFC 6672 §2.2).
const YXDOMAIN: u16 = 6;

/// The zones at hand.
#[derive(Debug, Default)]
pub struct Zones {
    by_apex: HashMap<Box<[u8]>, Zone>,
}

impl Zones {
    /// Makes an empty set of zones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a zone, or more records to one that is there.
    ///
    /// Records with an owner outside the zone are left out, as servers do.
    pub fn add_zone(&mut self, apex: &Name, records: impl IntoIterator<Item = ResourceRecord>) {
        let zone = self.by_apex.entry(Path::of(apex).octets.into()).or_default();
        zone.apex_labels = apex.iter().len();
        for record in records {
            if apex.zone_of(&record.owner) {
                zone.insert(record);
            }
        }
    }

    /// The deepest zone around a name.
    fn zone_of(&self, path: &Path) -> Option<&Zone> {
        (0..=path.labels()).rev().find_map(|labels| self.by_apex.get(path.ancestor(labels)))
    }

    /// Answers a question, across zones where aliases lead there (RFC 1034 §4.3.2).
    fn answer(&self, question: &Question) -> Answer {
        let mut chain = Vec::new();
        let outcome = loop {
            let name = chain.last().unwrap_or(&question.name);
            let path = Path::of(name);
            let step = self
                .zone_of(&path)
                .map_or(Step::Elsewhere, |zone| zone.step(&path, name, question.rtype));
            match step {
                Step::Alias(canonical) => {
                    if extend_chain(&mut chain, &question.name, canonical).is_err() {
                        break Outcome::Failed(Failure::ChainTooLong);
                    }
                }
                Step::End(outcome) => break outcome,
                Step::Elsewhere if chain.is_empty() => {
                    break Outcome::Failed(Failure::OutsideZone);
                }
                // A server returns the chain without its end then.
                Step::Elsewhere => break Outcome::NoData,
            }
        };
        let authoritative = outcome != Outcome::Failed(Failure::OutsideZone);
        Answer { chain, authoritative, ..Answer::plain(outcome) }
    }
}

impl Lookup for Zones {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        ready(self.answer(question))
    }
}

enum Step {
    Alias(Name),
    End(Outcome),
    /// The name lies outside, or below a zone cut.
    Elsewhere,
}

#[derive(Debug, Default)]
struct Zone {
    apex_labels: usize,
    /// Every node that exists, empty non-terminals included (RFC 4592 §2.2.2).
    nodes: HashMap<Box<[u8]>, Node>,
}

impl Zone {
    fn insert(&mut self, record: ResourceRecord) {
        let path = Path::of(&record.owner);
        for labels in (self.apex_labels..path.labels()).rev() {
            let ancestor = path.ancestor(labels);
            if self.nodes.contains_key(ancestor) {
                break;
            }
            self.nodes.insert(ancestor.into(), Node::default());
        }
        self.nodes.entry(path.octets.into()).or_default().insert(record.ttl, record.data);
    }

    /// Walks from the apex down to the name.
    fn step(&self, path: &Path, name: &Name, rtype: RecordType) -> Step {
        for labels in self.apex_labels..=path.labels() {
            let Some(node) = self.nodes.get(path.ancestor(labels)) else {
                // At the apex: a zone without records.
                let Some(encloser) = labels.checked_sub(1) else { break };
                return self.synthesize(path.ancestor(encloser), rtype);
            };
            let at_name = labels == path.labels();
            if labels > self.apex_labels && node.has(RecordType::NS) {
                return Step::Elsewhere;
            }
            if at_name {
                return node.step(rtype);
            }
            if let Some(target) = node.dname() {
                return substitute(name, labels, &target);
            }
        }
        Step::End(Outcome::NxDomain)
    }

    /// Answers from the wildcard below the closest encloser (RFC 4592 §3.3).
    fn synthesize(&self, encloser: &[u8], rtype: RecordType) -> Step {
        let wildcard = [encloser, b"\x01*"].concat();
        self.nodes
            .get(wildcard.as_slice())
            .map_or(Step::End(Outcome::NxDomain), |node| node.step(rtype))
    }
}

/// The records of one owner name, with their TTLs.
#[derive(Debug, Default)]
struct Node(Vec<(u32, RData)>);

impl Node {
    fn insert(&mut self, ttl: u32, data: RData) {
        // The same record twice is one record (RFC 2181 §5).
        match self.0.iter_mut().find(|(_, known)| *known == data) {
            Some((known, _)) => *known = ttl.min(*known),
            None => {
                // Most nodes hold one record, and a vector would make room for four.
                self.0.reserve_exact(1);
                self.0.push((ttl, data));
            }
        }
    }

    fn has(&self, rtype: RecordType) -> bool {
        self.0.iter().any(|(_, data)| data.record_type() == rtype)
    }

    fn dname(&self) -> Option<Name> {
        self.0.iter().find_map(|(_, data)| match data {
            RData::Unknown { code: RecordType::DNAME, rdata } => {
                Name::from_bytes(&rdata.anything).ok()
            }
            _ => None,
        })
    }

    fn step(&self, rtype: RecordType) -> Step {
        let of_type = self.0.iter().filter(|(_, data)| data.record_type() == rtype);
        let data: Vec<_> = of_type.clone().map(|(_, data)| data.clone()).collect();
        if !data.is_empty() {
            let ttl = of_type.map(|(ttl, _)| *ttl).min().unwrap_or_default();
            return Step::End(Outcome::Records { ttl, data });
        }
        let alias = self.0.iter().find_map(|(_, data)| match data {
            RData::CNAME(CNAME(canonical)) => Some(canonical.clone()),
            _ => None,
        });
        alias.map_or(Step::End(Outcome::NoData), Step::Alias)
    }
}

/// Puts the target of a DNAME in the place of its owner, the last labels of the name
/// (RFC 6672 §2.2).
fn substitute(name: &Name, owner_labels: usize, target: &Name) -> Step {
    let inner = name.iter().len() - owner_labels;
    Name::from_labels(name.iter().take(inner).chain(target))
        .map_or(Step::End(Outcome::Failed(Failure::Rcode(YXDOMAIN))), Step::Alias)
}

/// A name from the root down, lower-case, on the wire's terms: every ancestor is a prefix.
struct Path {
    octets: Vec<u8>,
    /// Where each label ends; the root ends at 0.
    ends: Vec<usize>,
}

impl Path {
    fn of(name: &Name) -> Self {
        let mut octets = Vec::with_capacity(name.len() + 1);
        let mut ends = Vec::with_capacity(name.iter().len() + 1);
        ends.push(0);
        for label in name.iter().rev() {
            // A label has 63 octets at most.
            octets.push(label.len() as u8);
            octets.extend(label.iter().map(u8::to_ascii_lowercase));
            ends.push(octets.len());
        }
        Self { octets, ends }
    }

    fn labels(&self) -> usize {
        self.ends.len() - 1
    }

    fn ancestor(&self, labels: usize) -> &[u8] {
        &self.octets[..self.ends[labels]]
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, NS, NULL, SRV};

    use super::*;
    use crate::answer::MAX_CHAIN;
    use crate::name::text;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    /// Zones of lines `owner TYPE data`, one zone per apex.
    fn zones(data: &[(&str, &[&str])]) -> Zones {
        let mut zones = Zones::new();
        for (apex, lines) in data {
            zones.add_zone(&name(apex), lines.iter().map(|line| resource_record(line)));
        }
        zones
    }

    fn resource_record(line: &str) -> ResourceRecord {
        let [owner, rtype, target] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let data = match rtype {
            "A" => RData::A(A(target.parse().unwrap())),
            "CNAME" => RData::CNAME(CNAME(name(target))),
            "NS" => RData::NS(NS(name(target))),
            "SRV" => RData::SRV(SRV::new(0, 1, 993, name(target))),
            "DNAME" => {
                let mut wire = Vec::new();
                for label in &name(target) {
                    wire.push(u8::try_from(label.len()).unwrap());
                    wire.extend(label);
                }
                wire.push(0);
                RData::Unknown { code: RecordType::DNAME, rdata: NULL::with(wire) }
            }
            other => panic!("{other}"),
        };
        ResourceRecord { owner: name(owner), ttl: 60, data }
    }

    #[track_caller]
    fn check(zones: &Zones, owner: &str, rtype: RecordType, expected: &str) {
        let question = Question { name: name(owner), rtype };
        let answer = futures_util::FutureExt::now_or_never(zones.ask(&question)).unwrap();
        let mut said: Vec<_> =
            answer.chain.iter().map(|name| format!("> {}", text(name))).collect();
        said.push(match answer.outcome {
            Outcome::Records { data, .. } => format!("{} {}", data.len(), data[0].record_type()),
            Outcome::NoData => "NODATA".to_owned(),
            Outcome::NxDomain => "NXDOMAIN".to_owned(),
            Outcome::Failed(failure) => failure.code(),
        });
        assert_eq!(said.join(" "), expected, "{owner} {rtype}");
    }

    const SOA_STAND_IN: &str = "d.test. NS ns.d.test.";

    #[test]
    fn wildcards_as_measured_with_nsd() {
        use RecordType::{A, SRV};
        let plain = zones(&[("d.test.", &[SOA_STAND_IN, "*.d.test. A 192.0.2.1"])]);
        check(&plain, "_imaps._tcp.d.test.", SRV, "NODATA");
        check(&plain, "autoconfig.d.test.", A, "1 A");
        check(&plain, "AUTOCONFIG.D.test.", A, "1 A");
        check(&plain, "d.test.", A, "NODATA");

        let lines: &[&str] =
            &[SOA_STAND_IN, "*.d.test. A 192.0.2.1", "_sip._tcp.d.test. SRV d.test."];
        let with_node = zones(&[("d.test.", lines)]);
        check(&with_node, "_imaps._tcp.d.test.", SRV, "NXDOMAIN");
        check(&with_node, "_tcp.d.test.", A, "NODATA");
        check(&with_node, "autoconfig.d.test.", A, "1 A");

        let alias = zones(&[(
            "d.test.",
            &[SOA_STAND_IN, "*.d.test. CNAME www.d.test.", "www.d.test. A 192.0.2.1"],
        )]);
        check(&alias, "_imap._tcp.b.d.test.", SRV, "> www.d.test. NODATA");
        check(&alias, "autoconfig.b.d.test.", A, "> www.d.test. 1 A");
        check(&alias, "autoconfig.b.d.test.", RecordType::CNAME, "1 CNAME");

        let lines: &[&str] =
            &[SOA_STAND_IN, "*.d.test. A 192.0.2.1", "_imaps._tcp.a.d.test. SRV d.test."];
        let hidden = zones(&[("d.test.", lines)]);
        check(&hidden, "autoconfig.a.d.test.", A, "NXDOMAIN");
        check(&hidden, "a.d.test.", A, "NODATA");
        check(&hidden, "autoconfig.b.d.test.", A, "1 A");
    }

    /// The zone and the table of RFC 4592 §2.2.1, types changed where we have no MX or TXT here.
    #[test]
    fn wildcards_of_the_standard() {
        use RecordType::{A, SRV};
        let zone = zones(&[(
            "example.",
            &[
                "example. NS ns.example.com.",
                "*.example. SRV host1.example.",
                "sub.*.example. A 192.0.2.9",
                "host1.example. A 192.0.2.1",
                "_ssh._tcp.host1.example. SRV host1.example.",
                "_ssh._tcp.host2.example. SRV host1.example.",
                "subdel.example. NS ns.example.com.",
            ],
        )]);
        check(&zone, "host3.example.", SRV, "1 SRV");
        check(&zone, "host3.example.", A, "NODATA");
        check(&zone, "foo.bar.example.", SRV, "1 SRV");
        check(&zone, "host1.example.", SRV, "NODATA");
        check(&zone, "sub.*.example.", SRV, "NODATA");
        check(&zone, "_telnet._tcp.host1.example.", SRV, "NXDOMAIN");
        check(&zone, "host.subdel.example.", A, "outside-zone");
        check(&zone, "ghost.*.example.", SRV, "NXDOMAIN");
        check(&zone, "*.example.", SRV, "1 SRV");
    }

    #[test]
    fn an_empty_non_terminal_wildcard_gives_nodata() {
        let zone = zones(&[("d.test.", &[SOA_STAND_IN, "a.*.d.test. A 192.0.2.1"])]);
        check(&zone, "b.d.test.", RecordType::A, "NODATA");
    }

    #[test]
    fn delegations_are_outside_unless_the_child_is_here() {
        use RecordType::A;
        let parent: (&str, &[&str]) = (
            "test.",
            &[
                "test. NS ns.test.",
                "child.test. NS ns.child.test.",
                "ns.child.test. A 192.0.2.1",
                "alias.test. CNAME www.child.test.",
            ],
        );
        let alone = zones(&[parent]);
        check(&alone, "ns.child.test.", A, "outside-zone");
        check(&alone, "child.test.", A, "outside-zone");
        check(&alone, "alias.test.", A, "> www.child.test. NODATA");
        check(&alone, "other.test.", A, "NXDOMAIN");
        check(&alone, "www.example.", A, "outside-zone");
        check(&alone, ".", A, "outside-zone");
        let both = zones(&[parent, ("child.test.", &["www.child.test. A 192.0.2.2"])]);
        check(&both, "alias.test.", A, "> www.child.test. 1 A");
        check(&both, "ns.child.test.", A, "NXDOMAIN");
    }

    #[test]
    fn aliases_lead_across_zones_and_out_of_them() {
        use RecordType::A;
        let zones = zones(&[
            (
                "a.test.",
                &[
                    "www.a.test. CNAME www.b.test.",
                    "out.a.test. CNAME www.example.",
                    "gone.a.test. CNAME no.b.test.",
                    "loop.a.test. CNAME loop.b.test.",
                ],
            ),
            ("b.test.", &["www.b.test. A 192.0.2.1", "loop.b.test. CNAME loop.a.test."]),
        ]);
        check(&zones, "www.a.test.", A, "> www.b.test. 1 A");
        check(&zones, "out.a.test.", A, "> www.example. NODATA");
        check(&zones, "gone.a.test.", A, "> no.b.test. NXDOMAIN");
        check(&zones, "loop.a.test.", A, "> loop.b.test. > loop.a.test. chain-too-long");
    }

    #[test]
    fn dname_substitutes_below_its_owner_alone() {
        use RecordType::A;
        let long = format!("{0}.{0}.{0}.{1}.d.test.", "a".repeat(63), "b".repeat(40));
        let zones = zones(&[(
            "d.test.",
            &[
                "old.d.test. DNAME new.d.test.",
                "old.d.test. A 192.0.2.1",
                "*.new.d.test. A 192.0.2.2",
                "grow.d.test. DNAME a.very.much.longer.name.d.test.",
                "shrink.d.test. DNAME .",
            ],
        )]);
        check(&zones, "old.d.test.", A, "1 A");
        check(&zones, "x.y.old.d.test.", A, "> x.y.new.d.test. 1 A");
        check(&zones, "host.shrink.d.test.", A, "> host. NODATA");
        let grown = long.replace("d.test.", "grow.d.test.");
        check(&zones, &grown, A, "rcode-6");
    }

    #[test]
    fn a_chain_of_more_than_the_limit_ends() {
        let lines: Vec<_> =
            (0..=MAX_CHAIN).map(|at| format!("n{at}.d.test. CNAME n{}.d.test.", at + 1)).collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let zones = zones(&[("d.test.", &lines)]);
        let question = Question { name: name("n0.d.test."), rtype: RecordType::A };
        let answer = zones.answer(&question);
        assert_eq!(answer.outcome, Outcome::Failed(Failure::ChainTooLong));
        assert_eq!(answer.chain.len(), MAX_CHAIN);
        let question = Question { name: name("n1.d.test."), rtype: RecordType::A };
        assert_eq!(zones.answer(&question).outcome, Outcome::NxDomain);
    }

    #[test]
    fn foreign_and_repeated_records_do_not_count() {
        let zones = zones(&[(
            "d.test.",
            &["a.d.test. A 192.0.2.1", "A.D.test. A 192.0.2.1", "e.test. A 192.0.2.1"],
        )]);
        check(&zones, "a.d.test.", RecordType::A, "1 A");
        check(&zones, "e.test.", RecordType::A, "outside-zone");
    }
}
