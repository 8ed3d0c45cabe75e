//! Mail domains that are alike read alike, and nobody can tell that only two of them were judged.

use hickory_proto::rr::rdata::{A, AAAA, SRV};
use hickory_proto::rr::{Name, RData, RecordType};
use mailsrv::audit::{Candidate, Policy, Series, inquire, judge};
use mailsrv::hosting::{Hosting, file};
use mailsrv::inquiry::{Observed, Views};
use mailsrv::lookup::zones::{ZoneFile, Zones};
use mailsrv::lookup::{Lookup, Portray};
use mailsrv::name::MailDomain;
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::report::{Evidence, Format, Item, Layouts, Places, Report, Sample, Settings, Tally};
use mailsrv::zonefile::{Scanner, record};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::{Index, select};

use super::given::deviation::{Change, change};
use super::given::profile;
use super::judged::{WAYS, World, deviate};
use super::series::{asked_of, columns};

/// What is wrong with several domains.
type Fault = (Index, Change, Option<Index>);

/// A domain, which of the faults it has, and its addresses.
type Given = (String, Option<Index>, u8);

const APEX: &str = "many.test";

/// A zone of many domains, as a file has it.
struct Zone {
    domains: Vec<MailDomain>,
    zones: Zones,
}

impl Zone {
    fn of(hosting: &Hosting, given: &[Given], faults: &[Fault]) -> Self {
        Self::spoilt(hosting, given, |plan, world, fault| {
            for (way, change, beside) in fault.iter().map(|fault| fault.get(faults)) {
                deviate(plan, world, *way.get(&WAYS), change);
                lead_beside(world, *beside);
            }
        })
    }

    fn spoilt(
        hosting: &Hosting,
        given: &[Given],
        spoil: impl Fn(&RecordPlan, &mut World, Option<Index>),
    ) -> Self {
        let apex = Name::from_ascii(APEX).expect("a name");
        let mut text =
            format!("$ORIGIN {APEX}.\n@ 60 SOA ns hm 1 2 3 4 5\n@ 60 NS ns\nm 60 A 192.0.2.77\n");
        let mut domains = Vec::new();
        for (label, fault, number) in given {
            let Ok(domain) = format!("{label}.{APEX}").parse::<MailDomain>() else { continue };
            let Ok(plan) = plan(&domain, hosting, &columns()) else { continue };
            if domains.contains(&domain) {
                continue;
            }
            let mut world = World::new(&plan);
            world.records.iter_mut().for_each(|record| record.ttl = plan.ttl());
            spoil(&plan, &mut world, *fault);
            let is_inside = |owner: &Name| {
                domain.name().zone_of(owner) || apex.zone_of(owner) && text_of(owner).contains('m')
            };
            for mut it in world.records {
                let rtype = it.data.record_type();
                let is_own_zone = [RecordType::NS, RecordType::SOA].contains(&rtype);
                if is_own_zone || !is_inside(&it.owner) {
                    continue;
                }
                match &mut it.data {
                    RData::A(address) => *address = A::new(192, 0, 2, *number),
                    RData::AAAA(address) => {
                        *address = AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, (*number).into());
                    }
                    _ => {}
                }
                text.extend([record(&it), "\n".to_owned()]);
            }
            domains.push(domain);
        }
        let mut file = ZoneFile::new();
        for entry in Scanner::new(text.as_bytes(), "zone.txt", None) {
            file.insert(entry.expect("it is a zone file"));
        }
        Self { domains, zones: Zones::of(vec![file], None) }
    }
}

fn text_of(name: &Name) -> String {
    mailsrv::name::text(name)
}

/// Lets one of the SRV records lead to a host beside the mail domain.
fn lead_beside(world: &mut World, which: Option<Index>) {
    let Some(which) = which else { return };
    let mut srvs: Vec<&mut SRV> = world
        .records
        .iter_mut()
        .filter_map(|record| match &mut record.data {
            RData::SRV(srv) => Some(srv),
            _ => None,
        })
        .collect();
    if !srvs.is_empty() {
        let at = which.index(srvs.len());
        srvs[at].target = Name::from_ascii(format!("m.{APEX}.")).expect("a name");
    }
}

/// The report of a zone, every domain judged by itself.
fn full(hosting: &Hosting, zone: &Zone, settings: &Settings) -> (String, Tally) {
    let (mut out, policy) = (Vec::new(), Policy::default());
    let mut report =
        Report::begin(Format::JSON, settings.clone(), &mut out).expect("memory takes it");
    for domain in &zone.domains {
        let plan = plan(domain, hosting, &columns()).expect("it was planned before");
        let observed = asked_of(inquire(&plan), &zone.zones);
        let mut audit = judge(&plan, &observed, &policy);
        audit.locate(|owner, rtype| zone.zones.position(owner, rtype));
        let item = Item::Judged {
            plan: Some(&plan),
            observed: Some(&observed),
            audit: &audit,
            outlook: None,
        };
        report.item(item, &mut out).expect("memory takes it");
    }
    let tally = report.end(&mut out).expect("memory takes it");
    (String::from_utf8(out).expect("text"), tally)
}

/// The same as the program has it, and which domains were filled in.
fn short(hosting: &Hosting, zone: &Zone, settings: &Settings) -> (String, Tally, Vec<bool>) {
    let (mut out, policy) = (Vec::new(), Policy::default());
    let mut report =
        Report::begin(Format::JSON, settings.clone(), &mut out).expect("memory takes it");
    let (series, mut layouts) = (Series::new(hosting, &policy), Layouts::default());
    let mut filled = Vec::new();
    let position = |owner: &Name, rtype| zone.zones.position(owner, rtype);
    let mut portrayer = zone.zones.portrayer();
    for domain in &zone.domains {
        let portray = |domain: &_, spells, out: &mut _| portrayer.portray(domain, spells, out);
        if let Some(passed) = series.passed(domain, &columns(), portray) {
            let told = layouts.report_passed(domain, &passed, &mut report, &mut out);
            assert!(told.expect("memory takes it"), "{domain}");
            filled.push(false);
            continue;
        }
        let candidate = series.candidate(domain, &columns()).expect("it was planned before");
        let portray = |domain: &_, spells, out: &mut _| portrayer.portray(domain, spells, out);
        assert!(!series.foretell(&candidate, portray), "{domain}");
        let places = Places { position: &position, otherwise: None };
        filled.push(layouts.fit(&candidate, places));
        if filled.last() == Some(&true) {
            layouts.report(&candidate, &mut report, &mut out).expect("memory takes it");
        } else {
            let observed = asked_of(series.inquire(&candidate).expect("a plan"), &zone.zones);
            judge_one(&series, &candidate, observed, (&mut report, &mut layouts), zone, &mut out);
        }
    }
    let tally = report.end(&mut out).expect("memory takes it");
    (String::from_utf8(out).expect("text"), tally, filled)
}

fn judge_one(
    series: &Series<'_>,
    candidate: &Candidate,
    observed: Observed,
    (report, layouts): (&mut Report, &mut Layouts),
    zone: &Zone,
    out: &mut Vec<u8>,
) {
    let position = |owner: &Name, rtype| zone.zones.position(owner, rtype);
    let views = Views::from(observed);
    let mut audit = series.conclude(candidate, &views).expect("it has a plan");
    let observed = views.best();
    if candidate.planned().is_some() {
        audit.locate(position);
        let sample = Sample { candidate, observed, audit: &audit };
        let places = Places { position: &position, otherwise: None };
        layouts.learn(sample, series, report, places).expect("memory takes it");
    }
    let item = Item::Judged {
        plan: candidate.planned(),
        observed: Some(observed),
        audit: &audit,
        outlook: None,
    };
    report.item(item, out).expect("memory takes it");
}

fn label() -> impl Strategy<Value = String> {
    let own = select(vec!["mail", "_tcp", "imap", "test", "many", "m", "www", "ma", "a-b", "3"]);
    prop_oneof![
        6 => "[a-c]{1,2}",
        4 => "[k-p][a-z0-9]{0,3}",
        1 => "[0-9]{1,3}",
        1 => "[a-z]{12,40}",
        2 => own.prop_map(str::to_owned)
    ]
}

fn given() -> impl Strategy<Value = Vec<Given>> {
    let number = prop_oneof![4 => 1..9_u8, 1 => select(vec![77, 78])];
    vec((label(), option::weighted(0.9, any::<Index>()), number), 4..14)
}

proptest! {
    #[test]
    fn what_is_filled_in_reads_as_what_would_be_judged(
        profile in profile(),
        faults in vec((any::<Index>(), change(), option::weighted(0.3, any::<Index>())), 1..3),
        given in given(),
        evidence in select(vec![Evidence::Problems, Evidence::Never]),
    ) {
        let hosting = file::parse(&profile, "profile").expect("the profile is sound");
        let zone = Zone::of(&hosting, &given, &faults);
        let settings = Settings { evidence, ..Settings::default() };
        let (text, tally) = full(&hosting, &zone, &settings);
        let (filled, counted, _) = short(&hosting, &zone, &settings);
        proptest::prop_assert_eq!(filled, text);
        proptest::prop_assert_eq!(counted, tally);
    }

    #[test]
    fn the_same_of_the_documented_profile(
        faults in vec((any::<Index>(), change(), option::weighted(0.3, any::<Index>())), 1..3),
        given in given(),
    ) {
        let hosting = Hosting::documented();
        let zone = Zone::of(&hosting, &given, &faults);
        let settings = Settings::default();
        let (text, tally) = full(&hosting, &zone, &settings);
        let (filled, counted, _) = short(&hosting, &zone, &settings);
        proptest::prop_assert_eq!(filled, text);
        proptest::prop_assert_eq!(counted, tally);
    }
}

/// A zone in which `_imap` of these domains leads elsewhere, and which of them are filled in.
#[track_caller]
fn check(domains: &[(&str, u8)], expected: &[bool]) {
    let hosting = file::parse("imap: true\nautoconfig: true\nhost: mail.{domain}", "profile");
    let hosting = hosting.expect("the profile is sound");
    let given: Vec<Given> =
        domains.iter().map(|(label, number)| ((*label).to_owned(), None, *number)).collect();
    let mut zone = Zone::of(&hosting, &given, &[]);
    let mut text = format!("$ORIGIN {APEX}.\n@ 60 SOA ns hm 1 2 3 4 5\nm 60 A 192.0.2.77\n");
    for (at, (label, number)) in domains.iter().enumerate() {
        text += &"\n".repeat(at);
        text.extend([format!(
            "_imaps._tcp.{label} 3600 SRV 0 1 993 mail.{label}\n\
             _imap._tcp.{label} 3600 SRV 10 1 143 m\n\
             autoconfig.{label} 3600 CNAME mail.{label}\nmail.{label} 3600 A 192.0.2.{number}\n"
        )]);
        for denied in ["_pop3s", "_pop3", "_submissions", "_submission"] {
            text.extend([format!("{denied}._tcp.{label} 3600 SRV 0 0 0 .\n")]);
        }
    }
    let mut file = ZoneFile::new();
    for entry in Scanner::new(text.as_bytes(), "zone.txt", None) {
        file.insert(entry.expect("it is a zone file"));
    }
    zone.zones = Zones::of(vec![file], None);
    let settings = Settings::default();
    let (text, tally) = full(&hosting, &zone, &settings);
    let (filled, counted, which) = short(&hosting, &zone, &settings);
    assert_eq!(filled, text);
    assert_eq!(counted, tally);
    assert_eq!(which, expected);
}

#[test]
fn some_are_judged_and_those_like_them_are_filled_in() {
    check(&[("a", 1), ("b", 2), ("c", 3), ("dd", 4), ("e", 5)], &[false, false, false, true, true]);
}

#[test]
fn whatever_record_is_missing_the_domains_behind_the_third_one_are_filled_in() {
    let given = ["k1", "kk", "pop", "a-longer-one"].iter().zip(1..);
    let given: Vec<Given> = given.map(|(label, at)| ((*label).to_owned(), None, at)).collect();
    let own = "imap: {tls: true, starttls: true}\npop3: true\nautoconfig: true\nautodiscover: true\n\
               host: mail.{domain}";
    for hosting in [Hosting::documented(), file::parse(own, "profile").expect("it is sound")] {
        let domain = format!("k1.{APEX}").parse().expect("a mail domain");
        let whole = plan(&domain, &hosting, &columns()).expect("the profile fits");
        for (at, (_, missing)) in whole.published().enumerate() {
            let zone = Zone::spoilt(&hosting, &given, |plan, world, _| {
                let (_, set) = plan.published().nth(at).expect("all plans are alike");
                let is_it =
                    |owner: &Name, rtype| *owner == *set.owner() && rtype == set.record_type();
                world.records.retain(|record| !is_it(&record.owner, record.data.record_type()));
            });
            let settings = Settings::default();
            let (text, tally) = full(&hosting, &zone, &settings);
            let (filled, counted, which) = short(&hosting, &zone, &settings);
            assert_eq!(filled, text);
            assert_eq!(counted, tally);
            assert_eq!(which, [false, false, false, true], "{missing:?}");
        }
    }
}

#[test]
fn behind_names_that_may_mean_more_the_next_ones_are_what_others_are_filled_in_like() {
    // A word of the report, a number, and what is a type, too.
    check(
        &[("b", 1), ("records", 2), ("7", 3), ("a", 4), ("c", 5), ("d", 6), ("e", 7)],
        &[false, false, false, false, false, false, true],
    );
}

#[test]
fn a_name_that_may_mean_more_is_judged_by_itself() {
    // Behind the host that is led to, in its order among others; a number; a word of the report; one
    // that is much longer; and with an address that the host beside has, too.
    check(
        &[("0a", 9), ("e", 1), ("b", 2), ("z", 3), ("7", 4), ("c", 5), ("records", 6), ("d", 77)],
        &[false, false, false, false, false, true, false, false],
    );
    check(
        &[("0a", 9), ("e", 1), ("b", 2), ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 3)],
        &[false, false, false, false],
    );
}
