//! Whether there is anything to judge, and what the MX says of it.

use hickory_proto::rr::{RData, RecordType};

use super::{Case, Findings};
use crate::audit::Code;
use crate::inquiry::{Heard, Said};
use crate::name::plain_text;
use crate::service::{ConfigName, Label};

/// Adds `domain-nonexistent` and returns true where the domain does not exist.
///
/// A name with children exists, whatever a broken server says of it (RFC 8020 §2), so an NXDOMAIN
/// counts only where nothing was found below.
pub(super) fn check_existence(case: &Case<'_>, findings: &mut Findings) -> bool {
    let mx = case.observed.mx();
    let is_there = |heard: Heard<'_>| heard.said() == Said::Records || !heard.chain().is_empty();
    let has_children = Label::ALL.into_iter().any(|label| is_there(case.observed.service(label)))
        || ConfigName::ALL.into_iter().any(|name| is_there(case.observed.config(name)))
        || is_there(case.observed.autodiscover());
    // The NXDOMAIN of an alias speaks of its end, not of the domain.
    if mx.said() != Said::NxDomain || !mx.chain().is_empty() || has_children {
        return false;
    }
    let domain = case.plan.domain();
    findings.add(
        Code::DomainNonexistent,
        domain.name(),
        RecordType::MX,
        format!("{domain} does not exist (NXDOMAIN)"),
    );
    true
}

/// RFC 7505 §3: a null MX is one MX record with the root as its exchange.
pub(super) fn check_null_mx(case: &Case<'_>, findings: &mut Findings) {
    let heard = case.observed.mx();
    let mx = heard.rdatas();
    let [RData::MX(only)] = mx.as_slice() else { return };
    let serves_mail = Label::ALL.into_iter().any(|label| !case.reals(label).is_empty());
    if !only.exchange.is_root() || !serves_mail {
        return;
    }
    let owner = case.plan.domain().name();
    let message = format!("{} has a null MX, and mail services beside it", plain_text(owner));
    // No fix: without its null MX a domain takes mail at its address, often that of a web host.
    findings.add(Code::NullMx, owner, RecordType::MX, message).observe(mx);
}
