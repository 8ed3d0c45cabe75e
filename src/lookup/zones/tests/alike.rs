//! Which domains of a zone are alike.

use super::*;
use crate::answer::Portrait;
use crate::lookup::Portray;
use crate::name::MailDomain;

fn portrait(zones: &Zones, domain: &str, spells_addresses: bool) -> Option<Vec<u8>> {
    let domain: MailDomain = domain.parse().unwrap();
    let mut portrait = Portrait::default();
    let is_told = zones.portrayer().portray(&domain, spells_addresses, &mut portrait);
    is_told.then_some(portrait.octets)
}

/// Whether `a.many.test` and `b.many.test` are alike where lines of each stand in one zone; `@` stands
/// for the domain.
fn are_alike(one: &[&str], other: &[&str], spells_addresses: bool) -> bool {
    let named = |lines: &[&str], domain: &str| -> Vec<String> {
        lines.iter().map(|line| line.replace('@', domain)).collect()
    };
    let lines = [named(one, "a.many.test."), named(other, "b.many.test.")].concat();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let zones = zones(&[("many.test.", &[&lines[..], &["many.test. NS ns.many.test."]].concat())]);
    let portraits = ["a.many.test", "b.many.test"].map(|it| portrait(&zones, it, spells_addresses));
    portraits[0].is_some() && portraits[0] == portraits[1]
}

#[test]
fn domains_with_the_same_records_are_alike_and_all_others_are_not() {
    #[track_caller]
    fn check(one: &[&str], other: &[&str], expected: bool) {
        assert_eq!(are_alike(one, other, false), expected);
    }
    let srv = "_imaps._tcp.@ SRV mail.@";
    check(&[srv, "@ MX mx.example."], &[srv, "@ MX mx.example."], true);
    check(&[srv], &["_imaps._tcp.@ SRV mail2.@"], false);
    check(&[srv], &["_imap._tcp.@ SRV mail.@"], false);
    check(&[srv], &[srv, "www.@ A 192.0.2.1"], false);
    // A host that both share, and one that is the host of the first.
    check(&["_imaps._tcp.@ SRV x.many.test."], &["_imaps._tcp.@ SRV x.many.test."], true);
    check(
        &["_imaps._tcp.@ SRV mail.a.many.test."],
        &["_imaps._tcp.@ SRV mail.a.many.test."],
        false,
    );
    check(
        &["_imaps._tcp.@ SRV mail.A.many.TEST."],
        &["_imaps._tcp.@ SRV mail.A.many.TEST."],
        false,
    );
    check(
        &[srv, "_imaps._tcp.a.@ SRV x.example."],
        &[srv, "_imaps._tcp.a.@ SRV x.example."],
        false,
    );
    // Behind a cut and a DNAME record other rules hold.
    check(&[srv, "sub.@ NS ns.example."], &[srv, "sub.@ NS ns.example."], false);
    check(&[srv, "sub.@ DNAME x.example."], &[srv, "sub.@ DNAME x.example."], false);
    check(&[], &[], false);
}

#[test]
fn of_addresses_it_counts_which_are_equal_unless_they_are_planned() {
    let hosts = |one, other| [format!("x.@ A 192.0.2.{one}"), format!("y.@ A 192.0.2.{other}")];
    for (one, other, expected) in [
        (hosts(1, 1), hosts(2, 2), [true, false]),
        (hosts(1, 2), hosts(3, 4), [true, false]),
        (hosts(1, 2), hosts(3, 3), [false, false]),
        (hosts(1, 2), hosts(1, 2), [true, true]),
    ] {
        let [one, other] = [&one, &other].map(|lines| lines.each_ref().map(String::as_str));
        let alike = [false, true].map(|spells| are_alike(&one, &other, spells));
        assert_eq!(alike, expected, "{one:?} {other:?}");
    }
}

#[test]
fn a_domain_of_which_other_zones_may_speak_is_like_nothing() {
    let srv = "_imaps._tcp.a.many.test. SRV mail.a.many.test.";
    let one: &[(&str, &[&str])] = &[("many.test.", &[srv])];
    assert!(portrait(&zones(one), "a.many.test", false).is_some());
    assert!(portrait(&zones(one), "many.test", false).is_none());
    assert!(portrait(&zones(one), "b.many.test", false).is_none());
    let two: &[(&str, &[&str])] = &[one[0], ("_tcp.a.many.test.", &[])];
    assert!(portrait(&zones(two), "a.many.test", false).is_none());
    for (apex, above) in [
        ("many.test.", "many.test. DNAME x.example."),
        ("test.", "many.test. DNAME x.example."),
        ("test.", "many.test. NS ns.example."),
    ] {
        assert!(
            portrait(&zones(&[(apex, &[srv, above])]), "a.many.test", false).is_none(),
            "{above}"
        );
    }
    // What it was taken for while there was one zone does not stay.
    let mut zones = zones(one);
    assert!(portrait(&zones, "a.many.test", false).is_some());
    zones.add_zone(&name("_tcp.a.many.test."), []);
    assert!(portrait(&zones, "a.many.test", false).is_none());
}

/// Whether two domains are alike that are zones of their own with these lines, beside a third zone;
/// `@` stands for the domain.
fn are_alike_zones(lines: [&[&str]; 2], third: Option<&str>) -> bool {
    let of = |domain: &str, lines: &[&str]| -> Vec<String> {
        lines.iter().map(|line| line.replace('@', domain)).collect()
    };
    let apexes = ["a.test.", "b.test."];
    let [one, other] = [of(apexes[0], lines[0]), of(apexes[1], lines[1])];
    let [one, other] = [&one, &other].map(|it| it.iter().map(String::as_str).collect::<Vec<_>>());
    let mut all = vec![(apexes[0], one.as_slice()), (apexes[1], other.as_slice())];
    all.extend(third.map(|apex| (apex, &[][..])));
    let zones = zones(&all);
    let [one, other] = ["a.test", "b.test"].map(|domain| {
        let (domain, mut portrait): (MailDomain, _) =
            (domain.parse().unwrap(), Portrait::default());
        let is_told = zones.portrayer().portray_but_soa(&domain, true, &mut portrait);
        is_told.then_some(portrait.octets)
    });
    one.is_some() && one == other
}

#[test]
fn zones_with_the_same_records_are_alike_whatever_their_serial_numbers() {
    let srv = "_imaps._tcp.@ SRV mail.@";
    let (one, other) = (["@ SOA 1", srv], ["@ SOA 2", srv]);
    for (third, expected) in [
        (None, true),
        (Some("test."), true),
        (Some("c.test."), true),
        (Some("_tcp.a.test."), false),
    ] {
        assert_eq!(are_alike_zones([&one, &other], third), expected, "{third:?}");
    }
    assert!(!are_alike_zones([&one, &["@ SOA 2", srv, "www.@ A 192.0.2.1"]], None));
    for (more, expected) in [
        ("@ NS ns.x.test.", true),
        ("@ NS ns.a.test.", false),
        ("@ DNAME x.example.", false),
        ("sub.@ DNAME x.example.", false),
        ("sub.@ NS ns.example.", false),
    ] {
        let of = |soa| ["@ SOA ", soa].concat();
        let [one, other] = [of("1"), of("2")];
        let lines = [&[one.as_str(), srv, more][..], &[other.as_str(), srv, more]];
        assert_eq!(are_alike_zones(lines, None), expected, "{more}");
    }
}
