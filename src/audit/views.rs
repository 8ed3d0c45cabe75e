//! Several views of one domain, as one audit: each is judged by itself, and what they come to is
//! united.

use hickory_proto::rr::{Name, RecordType};

use super::compare;
use super::finding::{Finding, Findings};
use super::rules::{self, Case};
use super::standing::{Standing, State};
use super::unvisited::Unvisited;
use super::verdict::{Audit, Policy, Verdict};
use super::visited;
use super::witnesses::{Share, Witnesses};
use crate::answer::{Failure, Question, Vantage};
use crate::inquiry::{Observed, Views};
use crate::plan::RecordPlan;

/// Judges what was observed of a mail domain from one vantage or from several.
///
/// What is wrong anywhere is wrong: a client's resolver asks whichever server it likes. A finding that
/// does not hold everywhere says where it does, and the table has what most say. A question leaves the
/// verdict open where nobody answered it; that one of several servers does not answer is a finding.
pub fn judge_views(plan: &RecordPlan, views: &Views, policy: &Policy) -> Audit {
    let Some(sight) = views.sight() else {
        let view = Examined::of(plan, views.first()).visited(plan, views, policy);
        return conclude(plan, view, policy);
    };
    let zones = Witnesses::of(views);
    let mut findings = Findings::new(plan.ttl());
    let mut judged = Vec::new();
    for (zone, witnesses) in zones.iter().enumerate() {
        compare::check(plan, witnesses, &mut findings);
        judged.extend(witnesses.judged().map(|(vantage, observed)| View {
            zone,
            vantage,
            observed,
            examined: Examined::of(plan, observed),
        }));
    }
    let mut united = match judged.is_empty() {
        true => Examined::of(plan, views.first()),
        false => unite(judged, &zones),
    };
    // Of a domain that does not exist, the servers are those of the zone above: somebody else's.
    if united.is_judged || !sight.is_of_servers() {
        let mut all = findings.settle();
        all.append(&mut united.findings);
        united.findings = all;
    }
    let witnesses = zones.into_iter().flat_map(Witnesses::into_all).collect();
    Audit { witnesses, ..conclude(plan, united.visited(plan, views, policy), policy) }
}

/// One view of several.
struct View<'a> {
    /// The place of the zone that its vantage is asked for.
    zone: usize,
    vantage: &'a Vantage,
    observed: &'a Observed,
    examined: Examined,
}

/// One view, judged without regard to a policy.
pub(super) struct Examined {
    /// Whether there was anything to judge.
    is_judged: bool,
    standings: Vec<Standing>,
    findings: Vec<Finding>,
    unanswered: Vec<(Question, Failure)>,
    not_judged: Vec<Name>,
    unvisited: Vec<Unvisited>,
}

impl Examined {
    pub(super) fn of(plan: &RecordPlan, observed: &Observed) -> Self {
        let mut findings = Findings::new(plan.ttl());
        let case = Case::new(plan, observed);
        let is_judged = rules::apply(&case, &mut findings);
        Self {
            is_judged,
            standings: case.into_standings(),
            findings: findings.settle(),
            unanswered: observed.unanswered().collect(),
            not_judged: observed.not_judged(),
            unvisited: Vec::new(),
        }
    }

    /// Adds what was seen of the servers; of a domain that cannot be judged that is nobody's matter.
    fn visited(mut self, plan: &RecordPlan, views: &Views, policy: &Policy) -> Self {
        if self.is_judged {
            let mut findings = Findings::new(plan.ttl());
            self.unvisited = visited::check(plan, views, policy, &mut findings);
            self.findings.extend(findings.settle());
        }
        self
    }
}

/// What follows from a view, or from several united.
pub(super) fn conclude(plan: &RecordPlan, view: Examined, policy: &Policy) -> Audit {
    let Examined { is_judged, standings, mut findings, unanswered, not_judged, unvisited } = view;
    policy.apply(&mut findings);
    // A verdict stands on what was judged; where that is nothing, there is none.
    let is_known = |standing: &Standing| standing.state != State::NotJudged;
    let is_unknown = |it: &Unvisited| policy.strict || !it.is_outside();
    let is_open = !unanswered.is_empty()
        || unvisited.iter().any(is_unknown)
        || !not_judged.is_empty() && (policy.strict || !standings.iter().any(is_known));
    let verdict = if is_judged { Verdict::of(&findings, is_open) } else { Verdict::Broken };
    Audit {
        domain: plan.domain().clone(),
        verdict,
        standings,
        findings,
        unanswered,
        not_judged,
        unvisited,
        place: None,
        since: None,
        witnesses: Vec::new(),
    }
}

/// Makes one of views, of which there is one at least.
fn unite(views: Vec<View<'_>>, zones: &[Witnesses<'_>]) -> Examined {
    let mut united = Examined {
        // One that knows the domain is enough to judge it.
        is_judged: views.iter().any(|view| view.examined.is_judged),
        standings: standings(&views, zones),
        findings: Vec::new(),
        unanswered: Vec::new(),
        not_judged: Vec::new(),
        unvisited: Vec::new(),
    };
    let mut counts = vec![0; zones.len()];
    let mut findings: Vec<Held<'_>> = Vec::new();
    for View { zone, vantage, examined, .. } in views {
        counts[zone] += 1;
        for finding in examined.findings {
            match findings.iter_mut().find(|held| held.finding == finding) {
                Some(held) => held.at.push((zone, vantage)),
                None => findings.push(Held { finding, at: vec![(zone, vantage)] }),
            }
        }
        for (question, failure) in examined.unanswered {
            // Of what is more than is looked at, one part is answered.
            let is_answered = || zones.iter().any(|witnesses| witnesses.is_answered(&question));
            let is_open = failure == Failure::NotAsked || !is_answered();
            if is_open && !united.unanswered.iter().any(|(known, _)| *known == question) {
                united.unanswered.push((question, failure));
            }
        }
        united.not_judged.extend(examined.not_judged);
    }
    united.findings = findings.into_iter().map(|held| held.settle(&counts)).collect();
    united.not_judged.sort();
    united.not_judged.dedup();
    united
}

/// A finding, and the views that it holds in: two are one where nothing but who sees them differs.
struct Held<'a> {
    finding: Finding,
    at: Vec<(usize, &'a Vantage)>,
}

impl Held<'_> {
    /// Says where it holds, by the number of views of each zone.
    ///
    /// What holds at all servers of a zone does not depend on which of them is asked, and the views of
    /// a zone below differ from one another in that zone alone.
    fn settle(mut self, counts: &[usize]) -> Finding {
        for (zone, count) in counts.iter().enumerate() {
            let held = self.at.iter().filter(|(at, _)| *at == zone).map(|(_, vantage)| *vantage);
            if held.clone().count() < *count {
                self.finding.seen_by.extend(held.cloned());
            }
        }
        self.finding
    }
}

/// Each row as most see it of those whose it is to say.
fn standings(views: &[View<'_>], zones: &[Witnesses<'_>]) -> Vec<Standing> {
    let mut rows: Vec<Vec<(Share, &Standing)>> = Vec::new();
    for View { zone, vantage, observed, examined } in views {
        for standing in &examined.standings {
            let rtype = match standing.rtype {
                // An alias is asked for by its address.
                RecordType::CNAME => RecordType::A,
                other => other,
            };
            let question = Question { name: standing.owner.clone(), rtype };
            let share = zones[*zone].scope.share(vantage, observed, &question);
            let is_row = |row: &&mut Vec<(Share, &Standing)>| {
                row[0].1.owner == standing.owner && row[0].1.rtype == standing.rtype
            };
            match rows.iter_mut().find(is_row) {
                Some(row) => row.push((share, standing)),
                None => rows.push(vec![(share, standing)]),
            }
        }
    }
    let heard = |row: &Vec<(Share, &Standing)>| {
        let of = |wanted: Share| -> Vec<Standing> {
            let those = row.iter().filter(|(share, _)| *share == wanted);
            those.map(|(_, standing)| (*standing).clone()).collect()
        };
        let shares = [Share::Own, Share::Referred, Share::Others];
        most(&shares.map(of).into_iter().find(|those| !those.is_empty())?)
    };
    rows.iter().filter_map(heard).collect()
}

/// How most see a row, and the first of them where as many see it otherwise. One who does not know
/// is not heard where others do.
fn most(row: &[Standing]) -> Option<Standing> {
    let is_known = |standing: &&Standing| !matches!(standing.state, State::Unknown(_));
    let known: Vec<&Standing> = row.iter().filter(is_known).collect();
    let all: Vec<&Standing> = row.iter().collect();
    let heard = if known.is_empty() { all } else { known };
    let count = |standing: &&Standing| heard.iter().filter(|other| *other == standing).count();
    let best = heard.iter().map(count).max()?;
    let most = heard.iter().find(|standing| count(standing) == best)?;
    Some(Standing { disputed: best < heard.len(), ..(*most).clone() })
}
