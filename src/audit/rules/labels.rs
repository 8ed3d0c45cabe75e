//! The owner names: wrong labels, aliases, and the node `_tcp` above them.

use hickory_proto::rr::RecordType;

use super::{Case, Findings, enumerate, planned_for, rdatas};
use crate::audit::Code;
use crate::inquiry::{Said, SrvView};
use crate::name::plain_text;
use crate::service::{Label, PROTO};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    check_misnomers(case, findings);
    for label in Label::ALL {
        check_owner_alias(case, label, findings);
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
        let message = format!(
            "{} is a label that clients do not ask for; the right one is {}",
            misnomer.text, misnomer.right
        );
        let finding = findings
            .add(Code::LabelMisnomer, &owner, RecordType::SRV, message)
            .expect_set(planned.offered_set())
            .observe(rdatas(&srvs));
        for data in rdatas(&srvs) {
            finding.delete(&owner, heard.ttl(), data);
        }
        // Where the target is another's, `srv-missing` already says what to publish.
        let ours = |srv: &SrvView<'_>| planned_for(planned, srv.target).is_some();
        if let Some(set) = planned.offered_set()
            && srvs.iter().any(ours)
        {
            finding.replace(&[], set);
        }
    }
}

fn check_owner_alias(case: &Case<'_>, label: Label, findings: &mut Findings) {
    let heard = case.observed.service(label);
    let chain: Vec<String> = heard.chain().into_iter().map(plain_text).collect();
    if chain.is_empty() {
        return;
    }
    let owner = case.owner(label);
    if heard.said() == Said::Failed(crate::answer::Failure::ChainTooLong) {
        let message = format!("{label} is an alias that never ends: {}", chain.join(" → "));
        findings.add(Code::AliasLoop, &owner, RecordType::CNAME, message);
        return;
    }
    let message = format!("{label} is an alias of {}", enumerate(&chain));
    findings
        .add(Code::OwnerAlias, &owner, RecordType::CNAME, message)
        .observe(rdatas(&heard.srvs()));
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
