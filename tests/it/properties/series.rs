//! Mail domains that are alike are judged once, and nobody can tell.

use futures_util::FutureExt;
use hickory_proto::rr::{Name, RecordType};
use mailsrv::answer::{Answer, Question};
use mailsrv::audit::{Audit, Candidate, Policy, Series, inquire};
use mailsrv::hosting::{Columns, HostAddresses, file};
use mailsrv::inquiry::{Inquiry, Observed, Views};
use mailsrv::lookup::hosts::Hosts;
use mailsrv::lookup::layered::First;
use mailsrv::lookup::zones::Zones;
use mailsrv::lookup::{Lookup, Portray};
use mailsrv::name::MailDomain;
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::rrset::ResourceRecord;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseError;

use super::given::deviation::{Change, change};
use super::given::{domain, profile};
use super::judged::{WAYS, World, deviate};
use crate::healthy;

/// Who answers: a resolver, the servers of the zone, or the zone alone without what lies outside it.
#[derive(Clone, Copy, Debug)]
enum Who {
    Resolver,
    Servers,
    Zone,
}

const ALL: [Who; 3] = [Who::Resolver, Who::Servers, Who::Zone];

fn drive(mut inquiry: Inquiry, world: &World, who: Who) -> Observed {
    let mut zones = Zones::new();
    let is_inside = |record: &&ResourceRecord| world.apex.zone_of(&record.owner);
    zones.add_zone(&world.apex, world.records.iter().filter(is_inside).cloned());
    let answer = |question: &Question| match who {
        Who::Zone => zones.ask(question).now_or_never().expect("memory does not wait"),
        Who::Resolver => healthy::resolve(question, |at| world.step(at)),
        Who::Servers => {
            let answer = healthy::resolve(question, |at| world.step(at));
            Answer { authoritative: true, ..answer }
        }
    };
    while let Some(ticket) = inquiry.poll() {
        let answer = answer(&inquiry.question(ticket));
        inquiry.answer(ticket, answer);
    }
    inquiry.into_observed()
}

/// What two audits of one domain have to say alike; one of them may not know how RRsets stand.
fn without_states(mut audit: Audit) -> Audit {
    audit.standings.clear();
    audit
}

fn asked(observed: &Observed) -> Vec<(Question, Answer)> {
    observed.answers().collect()
}

/// Whether a domain is asked about and judged in a series as it is by itself.
fn is_judged_alike(
    series: &Series<'_>,
    candidate: &Candidate,
    plan: &RecordPlan,
    world: &World,
    who: Who,
) -> Result<(), TestCaseError> {
    let alone = drive(inquire(plan), world, who);
    let observed = drive(series.inquire(candidate).expect("it has a plan"), world, who);
    prop_assert_eq!(asked(&observed), asked(&alone));
    let views = Views::from(observed);
    let concluded = series.conclude(candidate, &views).expect("it has a plan");
    let judged = super::audit(plan, &alone);
    prop_assert_eq!(without_states(concluded), without_states(judged));
    Ok(())
}

/// A name below the zone of many domains; some of their records have such labels themselves.
fn label() -> impl Strategy<Value = String> {
    let own = select(vec!["mail", "_tcp", "autoconfig", "imap", "test", "many", "s1", "provider"]);
    prop_oneof![3 => "[a-c]{1,2}", 1 => own.prop_map(str::to_owned)]
}

/// The zone of all domains, as one file has it.
fn zone_of(apex: &Name, worlds: &[World]) -> Zones {
    let records = worlds.iter().flat_map(|world| &world.records).filter(|record| {
        let is_apex = worlds.iter().any(|world| world.apex == record.owner);
        let is_own_zone = [RecordType::NS, RecordType::SOA].contains(&record.data.record_type());
        apex.zone_of(&record.owner) && !(is_apex && is_own_zone)
    });
    let mut zones = Zones::new();
    zones.add_zone(apex, records.cloned());
    zones
}

pub(super) fn asked_of(mut inquiry: Inquiry, zones: &impl Lookup) -> Observed {
    let domain = inquiry.domain().clone();
    for owner in zones.srv_owners(domain.name(), 100) {
        inquiry.look_at(&owner);
    }
    while let Some(ticket) = inquiry.poll() {
        let question = inquiry.question(ticket);
        let answer = zones.ask_about(&domain, &question).now_or_never();
        inquiry.answer(ticket, answer.expect("memory does not wait"));
    }
    inquiry.into_observed()
}

/// The columns of a run.
pub(super) fn columns() -> Columns {
    Columns::new([("server".to_owned(), "s1.provider.example".to_owned())])
}

proptest! {
    #[test]
    fn what_is_foretold_of_a_domain_of_a_zone_is_what_would_be_judged(
        profile in profile(),
        labels in vec((label(), option::weighted(0.3, (any::<Index>(), change()))), 2..8),
        host in any::<bool>(),
    ) {
        let hosting = file::parse(&profile, "profile").expect("the profile is sound");
        let policy = Policy::default();
        let series = Series::new(&hosting, &policy);
        let apex = Name::from_ascii("many.test.").expect("a name");
        let (mut plans, mut worlds) = (Vec::new(), Vec::new());
        for (label, deviation) in labels {
            let Ok(domain) = format!("{label}.many.test").parse::<MailDomain>() else { continue };
            let Ok(plan) = plan(&domain, &hosting, &columns()) else { continue };
            let mut world = World::new(&plan);
            world.records.iter_mut().for_each(|record| record.ttl = plan.ttl());
            if let Some((way, change)) = deviation {
                deviate(&plan, &mut world, *way.get(&WAYS), &change);
            }
            plans.push(plan);
            worlds.push(world);
        }
        let address = HostAddresses {
            host: "mail.a.many.test".parse().expect("a host"),
            addresses: vec![[192, 0, 2, 1].into()],
        };
        let hosts = Hosts::new(&[address][usize::from(!host)..], 60);
        let lookup = First::new(zone_of(&apex, &worlds), hosts);
        let mut portrayer = lookup.portrayer();
        for plan in plans {
            let candidate = series.candidate(plan.domain(), &columns()).expect("it has a plan");
            let portray = |domain: &_, spells, out: &mut _| portrayer.portray(domain, spells, out);
            let is_foretold = series.foretell(&candidate, portray);
            let observed = asked_of(inquire(&plan), &lookup);
            let judged = without_states(super::audit(&plan, &observed));
            prop_assert_eq!(candidate.foretold().is_some(), is_foretold);
            let concluded = match candidate.foretold() {
                Some(foretold) => foretold.clone(),
                None => series.conclude(&candidate, &Views::from(observed)).expect("it has a plan"),
            };
            prop_assert_eq!(without_states(concluded), judged);
        }
    }

    #[test]
    fn in_a_series_every_domain_is_judged_as_it_is_alone(
        profile in profile(),
        domains in vec((domain(), option::weighted(0.3, (any::<Index>(), change()))), 2..8),
        ttl in any::<bool>(),
        who in any::<Index>(),
    ) {
        let hosting = file::parse(&profile, "profile").expect("the profile is sound");
        let policy = Policy::default();
        let series = Series::new(&hosting, &policy);
        let who = *who.get(&ALL);
        let domains: Vec<(MailDomain, Option<(Index, Change)>)> = domains;
        for (domain, deviation) in domains {
            let plan = plan(&domain, &hosting, &columns());
            let candidate = series.candidate(&domain, &columns());
            prop_assert_eq!(candidate.as_ref().err(), plan.as_ref().err());
            let (Ok(plan), Ok(candidate)) = (plan, candidate) else { continue };
            let mut world = World::new(&plan);
            if ttl {
                world.records.iter_mut().for_each(|record| record.ttl = plan.ttl());
            }
            if let Some((way, change)) = deviation {
                deviate(&plan, &mut world, *way.get(&WAYS), &change);
            }
            is_judged_alike(&series, &candidate, &plan, &world, who)?;
        }
    }
}

#[test]
fn a_domain_like_one_before_it_is_not_planned() {
    let hosting = mailsrv::hosting::Hosting::documented();
    let policy = Policy::default();
    let series = Series::new(&hosting, &policy);
    let mut planned = Vec::new();
    for domain in ["example.com", "b.test", "example.org", "a-much-longer-example.org", "c.test"] {
        let domain: MailDomain = domain.parse().expect("a mail domain");
        let plan = plan(&domain, &hosting, &Columns::default()).expect("the profile fits");
        let candidate = series.candidate(&domain, &Columns::default()).expect("it has a plan");
        let world = World::new(&plan);
        assert_eq!(world.apex, *domain.name());
        is_judged_alike(&series, &candidate, &plan, &world, Who::Resolver).expect("it is alike");
        planned.push(candidate.planned().is_some());
    }
    assert_eq!(planned, [true, false, false, true, false]);
}

#[test]
fn of_a_zone_one_healthy_domain_is_asked_about_and_the_others_are_foretold() {
    let hosting = mailsrv::hosting::Hosting::documented();
    let policy = Policy::default();
    let series = Series::new(&hosting, &policy);
    let domains = ["example", "b", "mail", "sick", "c"];
    let plans: Vec<RecordPlan> = domains
        .iter()
        .map(|label| {
            let domain = format!("{label}.many.test").parse().expect("a mail domain");
            plan(&domain, &hosting, &Columns::default()).expect("the profile fits")
        })
        .collect();
    let mut worlds: Vec<World> = plans.iter().map(World::new).collect();
    let sick = Name::from_ascii("_imaps._tcp.sick.many.test.").expect("a name");
    worlds[3].records.retain(|record| record.owner != sick);
    let zones = zone_of(&Name::from_ascii("many.test.").expect("a name"), &worlds);
    let mut portrayer = zones.portrayer();
    let foretold: Vec<bool> = plans
        .iter()
        .map(|plan| {
            let candidate = series.candidate(plan.domain(), &Columns::default());
            let candidate = candidate.expect("it has a plan");
            let portray = |domain: &_, spells, out: &mut _| portrayer.portray(domain, spells, out);
            let is_foretold = series.foretell(&candidate, portray);
            if !is_foretold {
                let observed = asked_of(inquire(plan), &zones);
                series.conclude(&candidate, &Views::from(observed)).expect("it has a plan");
            }
            is_foretold
        })
        .collect();
    // `mail` is a label of the records, too.
    assert_eq!(foretold, [false, true, false, false, true]);
}
