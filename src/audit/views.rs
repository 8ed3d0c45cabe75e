//! Several views of one domain, as one audit: each is judged by itself, and what they come to is
//! united.

use hickory_proto::rr::Name;

use super::compare;
use super::finding::{Finding, Findings};
use super::rules::{self, Case};
use super::standing::{Standing, State};
use super::verdict::{Audit, Policy, Verdict};
use super::witnesses::Witnesses;
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
        return super::judge(plan, views.first(), policy);
    };
    let witnesses = Witnesses::of(sight, views);
    let mut findings = Findings::new(plan.ttl());
    compare::check(plan, &witnesses, &mut findings);
    let judged: Vec<(&Vantage, Examined)> = witnesses
        .judged()
        .map(|(vantage, observed)| (vantage, Examined::of(plan, observed)))
        .collect();
    let mut united = match judged.is_empty() {
        true => Examined::of(plan, views.first()),
        false => unite(judged, &witnesses),
    };
    // Of a domain that does not exist, the servers are those of the zone above: somebody else's.
    if united.is_judged || !sight.is_of_servers() {
        let mut all = findings.settle();
        all.append(&mut united.findings);
        united.findings = all;
    }
    let witnesses = witnesses.into_all();
    Audit { witnesses, ..conclude(plan, united, policy) }
}

/// One view, judged without regard to a policy.
pub(super) struct Examined {
    /// Whether there was anything to judge.
    is_judged: bool,
    standings: Vec<Standing>,
    findings: Vec<Finding>,
    unanswered: Vec<(Question, Failure)>,
    not_judged: Vec<Name>,
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
        }
    }
}

/// What follows from a view, or from several united.
pub(super) fn conclude(plan: &RecordPlan, view: Examined, policy: &Policy) -> Audit {
    let Examined { is_judged, standings, mut findings, unanswered, not_judged } = view;
    policy.apply(&mut findings);
    // A verdict stands on what was judged; where that is nothing, there is none.
    let is_known = |standing: &Standing| standing.state != State::NotJudged;
    let is_open = !unanswered.is_empty()
        || !not_judged.is_empty() && (policy.strict || !standings.iter().any(is_known));
    let verdict = if is_judged { Verdict::of(&findings, is_open) } else { Verdict::Broken };
    Audit {
        domain: plan.domain().clone(),
        verdict,
        standings,
        findings,
        unanswered,
        not_judged,
        place: None,
        since: None,
        witnesses: Vec::new(),
    }
}

/// Makes one of views, of which there is one at least.
fn unite(views: Vec<(&Vantage, Examined)>, witnesses: &Witnesses<'_>) -> Examined {
    let count = views.len();
    let mut united = Examined {
        // One that knows the domain is enough to judge it.
        is_judged: views.iter().any(|(_, view)| view.is_judged),
        standings: Vec::new(),
        findings: Vec::new(),
        unanswered: Vec::new(),
        not_judged: Vec::new(),
    };
    let mut rows: Vec<Vec<Standing>> = Vec::new();
    for (vantage, view) in views {
        for finding in view.findings {
            add_finding(&mut united.findings, vantage, finding);
        }
        for standing in view.standings {
            let is_row = |row: &&mut Vec<Standing>| {
                row[0].owner == standing.owner && row[0].rtype == standing.rtype
            };
            match rows.iter_mut().find(is_row) {
                Some(row) => row.push(standing),
                None => rows.push(vec![standing]),
            }
        }
        for (question, failure) in view.unanswered {
            // Of what is more than is looked at, one part is answered.
            let is_open = failure == Failure::NotAsked || !witnesses.is_answered(&question);
            if is_open && !united.unanswered.iter().any(|(known, _)| *known == question) {
                united.unanswered.push((question, failure));
            }
        }
        united.not_judged.extend(view.not_judged);
    }
    for finding in united.findings.iter_mut().filter(|finding| finding.seen_by.len() == count) {
        finding.seen_by.clear();
    }
    united.standings = rows.iter().filter_map(|row| most(row)).collect();
    united.not_judged.sort();
    united.not_judged.dedup();
    united
}

/// Two findings are one where nothing but who sees them differs.
fn add_finding(findings: &mut Vec<Finding>, vantage: &Vantage, mut finding: Finding) {
    for known in findings.iter_mut() {
        finding.seen_by.clone_from(&known.seen_by);
        if *known == finding {
            return known.seen_by.push(vantage.clone());
        }
    }
    finding.seen_by = vec![vantage.clone()];
    findings.push(finding);
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
