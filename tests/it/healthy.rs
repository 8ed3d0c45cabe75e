//! DNS as it should be: what a resolver says where a plan is published and its hosts have addresses.

use hickory_proto::rr::rdata::{A, AAAA, MX};
use hickory_proto::rr::{Name, RData, RecordType};
use mailsrv::answer::{Answer, Failure, MAX_CHAIN, Outcome, Question};
use mailsrv::plan::RecordPlan;

pub(crate) const TTL: u32 = 300;

/// One step on the way to an answer: the name is an alias, or here is the end.
pub(crate) enum Step {
    Alias(Name),
    End(Answer),
}

/// What stands at the name itself, where a plan is published; None where the plan says nothing.
pub(crate) fn step(plan: &RecordPlan, question: &Question) -> Option<Step> {
    let at_name =
        || plan.published().map(|(_, set)| set).filter(|set| *set.owner() == question.name);
    if let Some(RData::CNAME(canonical)) = at_name().find_map(|set| set.rdatas().first()) {
        return Some(Step::Alias(canonical.0.clone()));
    }
    let planned = at_name().find(|set| set.record_type() == question.rtype);
    let data = match question.rtype {
        _ if planned.is_some() => planned?.rdatas().to_vec(),
        RecordType::MX if question.name == *plan.domain().name() => {
            vec![RData::MX(MX::new(10, plan.host().name().clone()))]
        }
        RecordType::A | RecordType::AAAA if hosts(plan).any(|host| *host == question.name) => {
            vec![address(question.rtype)]
        }
        _ => return None,
    };
    Some(Step::End(Answer::plain(Outcome::Records { ttl: TTL, data })))
}

/// Answers a question by steps, following the aliases as a resolver does.
pub(crate) fn resolve(question: &Question, step: impl Fn(&Question) -> Step) -> Answer {
    let mut chain = Vec::new();
    let mut at = question.clone();
    loop {
        match step(&at) {
            Step::Alias(canonical) => {
                let is_long = chain.len() == MAX_CHAIN;
                let is_loop = canonical == question.name || chain.contains(&canonical);
                chain.extend((!is_long).then(|| canonical.clone()));
                if is_long || is_loop {
                    let outcome = Outcome::Failed(Failure::ChainTooLong);
                    return Answer { chain, ..Answer::plain(outcome) };
                }
                at.name = canonical;
            }
            Step::End(answer) => {
                chain.extend(answer.chain);
                return Answer { chain, ..answer };
            }
        }
    }
}

/// The one address of every healthy host.
pub(crate) fn address(rtype: RecordType) -> RData {
    match rtype {
        RecordType::AAAA => RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
        _ => RData::A(A::new(192, 0, 2, 1)),
    }
}

/// Every host that a plan leads to; some more than once.
pub(crate) fn hosts(plan: &RecordPlan) -> impl Iterator<Item = &Name> {
    let data = plan.published().flat_map(|(_, set)| set.rdatas());
    let targets = data.filter_map(|data| match data {
        RData::SRV(srv) => Some(&srv.target),
        RData::MX(mx) => Some(&mx.exchange),
        RData::CNAME(canonical) => Some(&canonical.0),
        _ => None,
    });
    targets.filter(|name| !name.is_root()).chain([plan.host().name()])
}
