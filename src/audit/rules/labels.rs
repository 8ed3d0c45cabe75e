//! The owner names: wrong labels, aliases, and the node `_tcp` above them.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{RData, RecordType};

use super::{Case, Findings, endless, enumerate, mend, planned_for, rdatas};
use crate::answer::Failure;
use crate::audit::Code;
use crate::inquiry::{Heard, Said, SrvView};
use crate::name::plain_text;
use crate::rrset::RrSet;
use crate::service::{AUTODISCOVER_LABEL, Label, PROTO};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    check_misnomers(case, findings);
    for plan in case.plan.labels() {
        let heard = case.observed.service(plan.label);
        check_owner_alias(plan.label.text(), &heard, plan.offered_set(), findings);
    }
    if let Some(planned) = case.plan.autodiscover() {
        let heard = case.observed.autodiscover();
        check_owner_alias(AUTODISCOVER_LABEL, &heard, Some(planned), findings);
    }
    check_tcp_node(case, findings);
}

fn check_misnomers(case: &Case<'_>, findings: &mut Findings) {
    for (misnomer, heard) in case.observed.misnomers() {
        let mut srvs = heard.srvs();
        srvs.retain(|srv| !srv.is_denial());
        if srvs.is_empty() {
            continue;
        }
        let owner = heard.question().name;
        let planned = case.plan.label(misnomer.right);
        let right = misnomer.right;
        let message = if planned.is_offered() {
            format!(
                "{} is a label that clients do not ask for; the right one is {right}",
                misnomer.text
            )
        } else {
            format!(
                "{} is a label that clients do not ask for, and {} with {} is not offered",
                misnomer.text,
                right.service().title(),
                right.mode().title()
            )
        };
        let finding = findings
            .add(Code::LabelMisnomer, &owner, RecordType::SRV, message)
            .expect_set(planned.offered_set())
            .observe(rdatas(&srvs));
        match heard.chain().first() {
            Some(next) => {
                finding.delete(&owner, heard.ttl(), RData::CNAME(CNAME((*next).clone())));
            }
            None => {
                for data in rdatas(&srvs) {
                    finding.delete(&owner, heard.ttl(), data);
                }
            }
        }
        // Where the target is another's, `srv-missing` already says what to publish.
        let ours = |srv: &SrvView<'_>| planned_for(planned, srv.target).is_some();
        if let Some(set) = planned.offered_set()
            && srvs.iter().any(ours)
        {
            mend(finding, &case.observed.service(misnomer.right), set);
        }
    }
}

fn check_owner_alias(
    label: &str,
    heard: &Heard<'_>,
    planned: Option<&RrSet>,
    findings: &mut Findings,
) {
    let chain = heard.chain();
    if chain.is_empty() {
        return;
    }
    let owner = heard.question().name;
    let names: Vec<String> = chain.iter().copied().map(plain_text).collect();
    if heard.said() == Said::Failed(Failure::ChainTooLong) {
        let message = format!("{label} is {}: {}", endless(&owner, &chain), names.join(" → "));
        let finding =
            findings.add(Code::AliasLoop, &owner, RecordType::CNAME, message).expect_set(planned);
        if let Some(planned) = planned {
            mend(finding, heard, planned);
        }
        return;
    }
    if heard.said() != Said::Records {
        return;
    }
    let message = format!("{label} is an alias of {}", enumerate(&names));
    findings.add(Code::OwnerAlias, &owner, RecordType::CNAME, message).observe(heard.rdatas());
}

/// RFC 8020 §2: below a name that does not exist, nothing exists.
fn check_tcp_node(case: &Case<'_>, findings: &mut Findings) {
    let Some(heard) = case.observed.tcp_node() else { return };
    if heard.said() != Said::NxDomain || !heard.chain().is_empty() {
        return;
    }
    let child =
        Label::ALL.into_iter().find(|label| case.observed.service(*label).said() == Said::Records);
    let Some(child) = child else { return };
    let owner = case.plan.domain().prefixed(&[PROTO]);
    let message = format!("{PROTO} does not exist (NXDOMAIN), though {child} below it does");
    findings.add(Code::EmptyNonTerminal, &owner, RecordType::A, message);
}
