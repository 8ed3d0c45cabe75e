use hickory_proto::rr::rdata::{A, CNAME, MX, NS, NULL, SOA, SRV};
use hickory_proto::rr::{RData, RecordType};

mod alike;
mod files;

use futures_util::FutureExt;

use super::*;
use crate::answer::MAX_CHAIN;
use crate::name::text;
use crate::zone::ALIAS;

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
    let [owner, rtype, target] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let data = match rtype {
        "A" => RData::A(A(target.parse().unwrap())),
        "CNAME" => RData::CNAME(CNAME(name(target))),
        "SOA" => {
            let [host, mailbox] = [owner, owner].map(name);
            RData::SOA(SOA::new(host, mailbox, target.parse().unwrap(), 1, 1, 1, 1))
        }
        "NS" => RData::NS(NS(name(target))),
        "SRV" => RData::SRV(SRV::new(0, 1, 993, name(target))),
        "MX" => RData::MX(MX::new(10, name(target))),
        "DNAME" | "ALIAS" => {
            let mut wire = Vec::new();
            for label in &name(target) {
                wire.push(u8::try_from(label.len()).unwrap());
                wire.extend(label);
            }
            wire.push(0);
            let code = if rtype == "DNAME" { RecordType::DNAME } else { RecordType::from(ALIAS) };
            RData::Unknown { code, rdata: NULL::with(wire) }
        }
        other => panic!("{other}"),
    };
    ResourceRecord { owner: name(owner), ttl: 60, data }
}

#[track_caller]
fn check(zones: &Zones, owner: &str, rtype: RecordType, expected: &str) {
    let question = Question { name: name(owner), rtype };
    let answer = zones.ask(&question).now_or_never().unwrap();
    assert_eq!(shown(answer), expected, "{owner} {rtype}");
}

fn shown(answer: Answer) -> String {
    let mut said: Vec<_> = answer.chain.iter().map(|name| format!("> {}", text(name))).collect();
    said.push(match answer.outcome {
        Outcome::Records { data, .. } => format!("{} {}", data.len(), data[0].record_type()),
        Outcome::NoData => "NODATA".to_owned(),
        Outcome::NxDomain => "NXDOMAIN".to_owned(),
        Outcome::Failed(failure) => failure.code(),
    });
    said.join(" ")
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

    let lines: &[&str] = &[SOA_STAND_IN, "*.d.test. A 192.0.2.1", "_sip._tcp.d.test. SRV d.test."];
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
    let answer = zones.answer(None, &question);
    assert_eq!(answer.outcome, Outcome::Failed(Failure::ChainTooLong));
    assert_eq!(answer.chain.len(), MAX_CHAIN);
    let question = Question { name: name("n1.d.test."), rtype: RecordType::A };
    assert_eq!(zones.answer(None, &question).outcome, Outcome::NxDomain);
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

#[test]
fn an_alias_of_the_dns_host_has_the_addresses_of_its_target() {
    use RecordType::{A, AAAA, MX};
    let zones = zones(&[
        (
            "a.test.",
            &[
                "a.test. ALIAS www.b.test.",
                "a.test. MX mail.a.test.",
                "out.a.test. ALIAS www.example.",
                "gone.a.test. ALIAS no.b.test.",
                "loop.a.test. ALIAS loop.a.test.",
                "way.a.test. CNAME a.test.",
                "far.a.test. ALIAS cname.b.test.",
            ],
        ),
        ("b.test.", &["www.b.test. A 192.0.2.1", "cname.b.test. CNAME www.b.test."]),
    ]);
    check(&zones, "a.test.", A, "1 A");
    check(&zones, "a.test.", AAAA, "NODATA");
    check(&zones, "a.test.", MX, "1 MX");
    check(&zones, "a.test.", RecordType::CNAME, "NODATA");
    check(&zones, "way.a.test.", A, "> a.test. 1 A");
    check(&zones, "far.a.test.", A, "1 A");
    check(&zones, "gone.a.test.", A, "NODATA");
    check(&zones, "out.a.test.", A, "outside-zone");
    check(&zones, "loop.a.test.", A, "chain-too-long");
}

#[test]
fn mail_domains_are_apexes_and_names_with_mail_records() {
    let zones = zones(&[
        (
            "b.test.",
            &[
                "mx.b.test. MX mail.b.test.",
                "*.b.test. MX mail.b.test.",
                "_imaps._tcp.srv.b.test. SRV mail.b.test.",
                "_sip._tcp.sip.b.test. SRV mail.b.test.",
                "_imaps._udp.udp.b.test. SRV mail.b.test.",
                "autodiscover.web.b.test. CNAME mail.b.test.",
                "null.b.test. MX .",
                "cut.b.test. NS ns.b.test.",
                "mx.cut.b.test. MX mail.b.test.",
            ],
        ),
        ("a.test.", &["a.test. MX ."]),
        ("c.test.", &["c.test. MX .", "_imap._tcp.c.test. SRV mail.c.test."]),
        ("2.0.192.in-addr.arpa.", &["1.2.0.192.in-addr.arpa. A 192.0.2.1"]),
    ]);
    let Found { domains, without_mail } = zones.mail_domains();
    let domains: Vec<_> = domains.iter().map(|domain| domain.to_string()).collect();
    assert_eq!(domains, ["b.test", "mx.b.test", "srv.b.test", "web.b.test", "c.test"]);
    assert_eq!(without_mail, [name("a.test.")]);
}
