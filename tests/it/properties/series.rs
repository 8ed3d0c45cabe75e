//! Mail domains that are alike are judged once, and nobody can tell.

use futures_util::FutureExt;
use mailsrv::answer::{Answer, Question};
use mailsrv::audit::{Audit, Candidate, Policy, Series, inquire};
use mailsrv::hosting::{Columns, file};
use mailsrv::inquiry::{Inquiry, Observed, Views};
use mailsrv::lookup::Lookup;
use mailsrv::lookup::zones::Zones;
use mailsrv::name::MailDomain;
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::rrset::ResourceRecord;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{any, prop_assert_eq, proptest};
use proptest::sample::Index;
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

/// The columns of a run.
fn columns() -> Columns {
    Columns::new([("server".to_owned(), "s1.provider.example".to_owned())])
}

proptest! {
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
