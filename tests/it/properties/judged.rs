//! Whatever can be published is judged: what the generator prints passes, each deviation from it is
//! named with its RRset, and the remedies lead back.

use futures_util::FutureExt;
use hickory_proto::rr::rdata::{CNAME, MX, NS, SOA};
use hickory_proto::rr::{Name, RData, RecordType};
use mailsrv::answer::{Answer, MAX_CHAIN, Outcome, Question};
use mailsrv::audit::{Action, Audit, Severity, State, Verdict};
use mailsrv::inquiry::Observed;
use mailsrv::lookup::Lookup;
use mailsrv::lookup::zones::Zones;
use mailsrv::name::relative_text;
use mailsrv::plan::{Expected, RecordPlan};
use mailsrv::render::Format;
use mailsrv::report::{self, Item, Looks};
use mailsrv::rrset::{ResourceRecord, RrSet};
use proptest::collection::vec;
use proptest::prelude::{TestCaseError, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use proptest::test_runner::Config;

use super::given::deviation::{Change, change, foreign, meaning, others, same};
use super::given::{Case, case, srv};
use super::{ask, audit, render, scan};
use crate::healthy::{self, Step};

/// All records that DNS holds of a mail domain and of the hosts that it leads to.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) apex: Name,
    pub(super) records: Vec<ResourceRecord>,
}

impl World {
    /// The zone as it is printed, the records of the plan in other zones, and addresses of the hosts.
    pub(super) fn new(plan: &RecordPlan) -> Self {
        let apex = plan.domain().name();
        let stranger = foreign();
        let mut world = Self { apex: apex.clone(), records: Vec::new() };
        world.add(apex, RData::NS(NS(stranger.clone())));
        world.add(apex, RData::SOA(SOA::new(stranger.clone(), stranger.clone(), 1, 1, 1, 1, 300)));
        world.records.extend(scan(&render(plan, None, Format::ZONE)));
        for record in plan.published().flat_map(|(_, set)| set.records()) {
            if !apex.zone_of(&record.owner) {
                world.records.push(record);
            }
        }
        if !world.holds(apex, RecordType::MX) {
            world.add(apex, RData::MX(MX::new(10, plan.host().name().clone())));
        }
        let hosts = healthy::hosts(plan).cloned().chain([stranger]);
        for host in hosts {
            let is_planned = |rtype| world.holds(&host, rtype);
            let types = [RecordType::CNAME, RecordType::A, RecordType::AAAA];
            if !types.into_iter().any(is_planned) {
                world.add(&host, healthy::address(RecordType::A));
                world.add(&host, healthy::address(RecordType::AAAA));
            }
        }
        world
    }

    fn add(&mut self, owner: &Name, data: RData) {
        self.records.push(ResourceRecord { owner: owner.clone(), ttl: healthy::TTL, data });
    }

    fn holds(&self, owner: &Name, rtype: RecordType) -> bool {
        !self.set(owner, rtype).is_empty()
    }

    fn set(&self, owner: &Name, rtype: RecordType) -> Vec<RData> {
        let is_meant =
            |record: &&ResourceRecord| record.owner == *owner && record.data.record_type() == rtype;
        self.records.iter().filter(is_meant).map(|record| record.data.clone()).collect()
    }

    fn replace(&mut self, set: &RrSet, data: Vec<RData>) {
        self.records.retain(|record| {
            record.owner != *set.owner() || record.data.record_type() != set.record_type()
        });
        let record = |data| ResourceRecord { owner: set.owner().clone(), ttl: set.ttl(), data };
        self.records.extend(data.into_iter().map(record));
    }

    /// What stands at a name, as an authoritative server says it.
    pub(super) fn step(&self, question: &Question) -> Step {
        let data = self.set(&question.name, question.rtype);
        if !data.is_empty() {
            return Step::End(Answer::plain(Outcome::Records { ttl: healthy::TTL, data }));
        }
        if let Some(RData::CNAME(CNAME(next))) = self.set(&question.name, RecordType::CNAME).pop() {
            return Step::Alias(next);
        }
        let exists = self.records.iter().any(|record| question.name.zone_of(&record.owner));
        Step::End(Answer::plain(if exists { Outcome::NoData } else { Outcome::NxDomain }))
    }

    fn asked(&self, plan: &RecordPlan) -> Observed {
        ask(plan, |question| healthy::resolve(question, |at| self.step(at)))
    }

    /// The same, with the lookup that audits zones at hand.
    fn looked_up(&self, plan: &RecordPlan) -> Observed {
        let mut zones = Zones::new();
        let is_inside = |record: &ResourceRecord| self.apex.zone_of(&record.owner);
        let (inside, outside) = self.records.iter().cloned().partition::<Vec<_>, _>(is_inside);
        zones.add_zone(&self.apex, inside);
        zones.add_zone(&Name::root(), outside);
        ask(plan, |question| zones.ask(question).now_or_never().expect("memory does not wait"))
    }

    /// Whether an alias leads to a host; others on the way do no harm.
    fn leads_to(&self, owner: &Name, host: &Name) -> bool {
        let next = |at: &Name| match self.set(at, RecordType::CNAME).pop() {
            Some(RData::CNAME(CNAME(next))) => Some(next),
            _ => None,
        };
        let chain = std::iter::successors(next(owner), next);
        chain.take(MAX_CHAIN).any(|name| name == *host)
    }

    /// Applies the fixes of all findings.
    fn mend(&mut self, audit: &Audit) {
        for fix in audit.findings.iter().flat_map(|finding| &finding.fix) {
            let is_meant = |record: &ResourceRecord| {
                record.owner == fix.record.owner && record.data == fix.record.data
            };
            match fix.action {
                Action::Delete => self.records.retain(|record| !is_meant(record)),
                Action::Publish if self.records.iter().any(is_meant) => {}
                Action::Publish => self.records.push(fix.record.clone()),
            }
        }
    }
}

/// Whether what an RRset of the plan holds means something else than the plan.
fn is_off(world: &World, set: &RrSet) -> bool {
    if let [RData::CNAME(CNAME(host))] = set.rdatas() {
        return !world.leads_to(set.owner(), host);
    }
    let meant = |data: &[RData]| {
        let mut meant: Vec<RData> =
            data.iter().filter_map(|data| meaning(&set.rdatas()[0], data)).collect();
        meant.sort();
        meant.dedup();
        meant
    };
    meant(&world.set(set.owner(), set.record_type())) != meant(set.rdatas())
}

/// Whether a name leads to another that is off the plan.
fn depends(plan: &RecordPlan, owner: &Name, off: &[&Name]) -> bool {
    let aliases = plan.published().filter(|(_, set)| set.owner() == owner);
    aliases.flat_map(|(_, set)| set.rdatas()).any(|data| match data {
        RData::CNAME(CNAME(next)) => off.contains(&next) || depends(plan, next, off),
        _ => false,
    })
}

fn judged(plan: &RecordPlan, world: &World) -> Result<Audit, TestCaseError> {
    let observed = world.asked(plan);
    let one = audit(plan, &observed);
    let other = audit(plan, &world.looked_up(plan));
    prop_assert_eq!(told(&one), told(&other), "asked and looked up");
    prop_assert!(one == other, "asked and looked up");
    prop_assert_eq!((&one.unanswered, &one.not_judged), (&vec![], &vec![]));
    agree(plan, &observed, &one)?;
    Ok(one)
}

/// The findings, for a message.
fn told(audit: &Audit) -> String {
    let lines = audit.findings.iter().map(|finding| {
        let subjects = finding.subjects.iter().map(|it| format!("{} {}", it.owner(), it.kind()));
        let fixes =
            finding.fix.iter().map(|fix| format!("\n  {} {}", fix.action.text(), fix.text()));
        format!(
            "\n{} {}: {} ({}){}",
            finding.severity.text(),
            finding.code,
            finding.message,
            subjects.collect::<Vec<_>>().join(", "),
            fixes.collect::<String>(),
        )
    });
    lines.collect()
}

/// Table, findings and verdict tell the same.
pub(super) fn agree(
    plan: &RecordPlan,
    observed: &Observed,
    audit: &Audit,
) -> Result<(), TestCaseError> {
    for standing in &audit.standings {
        let is_wrong = matches!(standing.state, State::Differs | State::Missing | State::Denied);
        let is_named = audit.findings.iter().any(|it| it.is_about(&standing.owner, standing.rtype));
        prop_assert!(is_named || !is_wrong, "{standing:?} in {}", told(audit));
    }
    let worst = audit.findings.iter().map(|finding| finding.severity).max();
    prop_assert!(audit.verdict != Verdict::Pass || worst <= Some(Severity::Info));
    let mut page = Vec::new();
    // So wide that every row of the table is one line.
    let looks = Looks { colour: false, full: true, width: usize::MAX };
    let item = Item::Judged { plan: Some(plan), observed: Some(observed), audit, outlook: None };
    report::write(report::Format::TEXT, item, looks, &mut page).expect("memory holds it");
    let page = String::from_utf8(page).expect("a report is UTF-8");
    // Below the heading and an empty line; further lines of a row begin with more blanks.
    let lines = page.lines().skip(3).take_while(|line| !line.is_empty());
    let rows: Vec<&str> =
        lines.filter(|line| line.starts_with("  ") && !line.starts_with("   ")).collect();
    prop_assert_eq!(rows.len(), audit.standings.len(), "{}", page);
    for (row, standing) in rows.into_iter().zip(&audit.standings) {
        let owner = relative_text(&standing.owner, plan.domain().name());
        prop_assert_eq!(row.split_whitespace().next(), Some(owner.as_str()));
        prop_assert!(row.ends_with(&format!(" {}", standing.state.text())), "{row}");
    }
    Ok(())
}

fn passes(plan: &RecordPlan, world: &World) -> Result<(), TestCaseError> {
    let audit = judged(plan, world)?;
    prop_assert_eq!((audit.verdict, told(&audit)), (Verdict::Pass, String::new()));
    for standing in &audit.standings {
        prop_assert_eq!(standing.state, State::Ok, "{:?}", standing);
    }
    Ok(())
}

/// What is off the plan is named and stands so in the table, nothing else does, and the remedies lead
/// back.
fn deviates(case: &Case, world: &World) -> Result<Audit, TestCaseError> {
    let plan = &case.plan;
    let audit = judged(plan, world)?;
    let off: Vec<&RrSet> =
        plan.published().map(|(_, set)| set).filter(|set| is_off(world, set)).collect();
    let owners: Vec<&Name> = off.iter().map(|set| set.owner()).collect();
    for standing in audit.standings.iter().filter(|standing| standing.purpose.is_some()) {
        let is_off = off
            .iter()
            .any(|set| *set.owner() == standing.owner && set.record_type() == standing.rtype);
        let is_ok = standing.state == State::Ok;
        let is_right = is_off != is_ok || depends(plan, &standing.owner, &owners);
        prop_assert!(is_right, "{standing:?} in {}", told(&audit));
    }
    for set in off {
        let is_named = |rtype| audit.findings.iter().any(|it| it.is_about(set.owner(), rtype));
        prop_assert!(is_named(set.record_type()), "{set:?} in {}", told(&audit));
    }
    let mut mended = world.clone();
    mended.mend(&audit);
    passes(plan, &mended).map_err(|error| {
        TestCaseError::fail(format!("{error}\nafter the fixes of {}", told(&audit)))
    })?;
    Ok(audit)
}

/// The standing of a planned RRset.
fn state(audit: &Audit, set: &RrSet) -> State {
    let is_meant = |standing: &&mailsrv::audit::Standing| {
        standing.owner == *set.owner() && standing.rtype == set.record_type()
    };
    audit.standings.iter().find(is_meant).expect("every planned RRset stands there").state
}

/// What becomes of the records of an RRset.
pub(super) type Way = fn(Vec<RData>, &RecordPlan, &Change) -> Vec<RData>;

fn removed(_data: Vec<RData>, _plan: &RecordPlan, _change: &Change) -> Vec<RData> {
    Vec::new()
}

fn altered(data: Vec<RData>, plan: &RecordPlan, change: &Change) -> Vec<RData> {
    one_by(data, change, |old| others(plan, old, change))
}

fn respelled(data: Vec<RData>, _plan: &RecordPlan, change: &Change) -> Vec<RData> {
    one_by(data, change, same)
}

/// Puts one of what may be in the place of one record.
fn one_by(
    mut data: Vec<RData>,
    change: &Change,
    others: impl Fn(&RData) -> Vec<RData>,
) -> Vec<RData> {
    if !data.is_empty() {
        let old = change.record.get_mut(&mut data);
        if let Some(new) = change.pick(&others(old)) {
            *old = new;
        }
    }
    data
}

fn joined(mut data: Vec<RData>, plan: &RecordPlan, change: &Change) -> Vec<RData> {
    // Nothing stands beside an alias.
    if !data.is_empty() && data[0].record_type() != RecordType::CNAME {
        let like = change.record.get(&data);
        data.extend(change.pick(&others(plan, like, change)));
    }
    data
}

pub(super) const WAYS: [Way; 4] = [removed, altered, joined, respelled];

/// Changes one RRset of a plan, and returns which.
pub(super) fn deviate(plan: &RecordPlan, world: &mut World, way: Way, change: &Change) -> RrSet {
    let sets: Vec<&RrSet> = plan.published().map(|(_, set)| set).collect();
    let set = *change.set.get(&sets);
    let mut data = way(world.set(set.owner(), set.record_type()), plan, change);
    data.sort();
    data.dedup();
    world.replace(set, data);
    set.clone()
}

fn one(case: &Case, way: Way, change: &Change) -> (World, RrSet) {
    let mut world = World::new(&case.plan);
    let set = deviate(&case.plan, &mut world, way, change);
    (world, set)
}

/// A case is judged up to four times; a quarter of the number set is enough for every day.
fn config() -> Config {
    let config = Config::default();
    Config { cases: config.cases.div_ceil(4), ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_printed_passes(case in case()) {
        passes(&case.plan, &World::new(&case.plan))?;
    }

    #[test]
    fn a_removed_rrset_is_missing(case in case(), change in change()) {
        let (world, set) = one(&case, removed, &change);
        let audit = deviates(&case, &world)?;
        prop_assert_eq!(state(&audit, &set), State::Missing);
    }

    #[test]
    fn a_changed_record_differs(case in case(), change in change()) {
        let (world, set) = one(&case, altered, &change);
        let audit = deviates(&case, &world)?;
        let data = world.set(set.owner(), set.record_type());
        let is_denial = |data: &RData| matches!(data, RData::SRV(srv) if srv.target.is_root());
        let was_denied = set.rdatas().iter().all(is_denial);
        let expected = match () {
            () if !is_off(&world, &set) => State::Ok,
            () if data.iter().all(is_denial) && !was_denied => State::Denied,
            () => State::Differs,
        };
        prop_assert_eq!(state(&audit, &set), expected, "{:?}", data);
    }

    #[test]
    fn a_record_beside_those_of_the_plan_differs(case in case(), change in change()) {
        let (world, set) = one(&case, joined, &change);
        let audit = deviates(&case, &world)?;
        let expected = if is_off(&world, &set) { State::Differs } else { State::Ok };
        prop_assert_eq!(state(&audit, &set), expected);
    }

    #[test]
    fn another_spelling_of_the_same_is_right(case in case(), change in change()) {
        let (world, _) = one(&case, respelled, &change);
        passes(&case.plan, &world)?;
    }

    #[test]
    fn what_is_not_offered_is_named(case in case(), label in any::<Index>(), srv in srv()) {
        let labels = case.plan.labels().iter().filter(|label| label.expected == Expected::Absent);
        let labels: Vec<_> = labels.collect();
        if !labels.is_empty() {
            let owner = case.plan.domain().prefixed(&label.get(&labels).label.prefix());
            let mut world = World::new(&case.plan);
            world.add(&owner, RData::SRV(srv.clone()));
            let audit = deviates(&case, &world)?;
            let standing = audit.standings.iter().find(|standing| standing.owner == owner);
            let expected = if srv.target.is_root() { State::Ok } else { State::Differs };
            prop_assert_eq!(standing.map(|standing| standing.state), Some(expected));
        }
    }

    #[test]
    fn several_deviations_are_named_each(
        case in case(),
        changes in vec((any::<Index>(), change()), 2..5),
    ) {
        let mut world = World::new(&case.plan);
        for (way, change) in changes {
            deviate(&case.plan, &mut world, *way.get(&WAYS), &change);
        }
        deviates(&case, &world)?;
    }
}
