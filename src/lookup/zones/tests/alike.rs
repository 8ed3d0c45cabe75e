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
