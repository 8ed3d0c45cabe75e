//! What to ask about a mail domain, so that its plan can be judged.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{RData, RecordType};

use super::place::unplanned;
use crate::inquiry::{Inquiry, Wanted};
use crate::plan::RecordPlan;
use crate::service::{
    AUTODISCOVER_LABEL, ConfigName, PACC_NAME, PACC_OBSOLETE, PROTO, SMTPS_LABEL,
};

/// Begins the inquiry about the domain of a plan: every RRset that must stand is sought, and
/// everything that must not.
pub fn inquire(plan: &RecordPlan) -> Inquiry {
    let domain = plan.domain();
    let mut inquiry = Inquiry::new(domain.clone());
    for (_, set) in plan.published() {
        match set.rdatas() {
            [RData::CNAME(CNAME(host))] => {
                inquiry.seek(set.owner(), RecordType::A, Wanted::Alias(host));
            }
            data => inquiry.seek(set.owner(), set.record_type(), Wanted::Records(data)),
        }
    }
    for kind in unplanned(plan) {
        let owner = domain.prefixed(&[kind.label(), PROTO]);
        inquiry.seek(&owner, RecordType::SRV, Wanted::Nothing);
    }
    // Without an MX the domain may not even exist, and one at another provider takes the mail there.
    inquiry.seek(domain.name(), RecordType::MX, Wanted::Anything);
    // What another provider left behind under names that clients read.
    for name in ConfigName::ALL {
        inquiry.seek(&domain.prefixed(&[name.text()]), RecordType::A, Wanted::Anything);
    }
    for label in [AUTODISCOVER_LABEL, SMTPS_LABEL] {
        inquiry.seek(&domain.prefixed(&[label, PROTO]), RecordType::SRV, Wanted::Anything);
    }
    // Some publish the path at the server instead of the service.
    for related in plan.related().iter().filter(|related| related.path.is_some()) {
        inquiry.seek(related.host.name(), RecordType::TXT, Wanted::Anything);
    }
    if plan.pacc().is_some() {
        inquiry.seek(&domain.prefixed(&[PACC_NAME]), RecordType::TXT, Wanted::Anything);
        inquiry.seek(&domain.prefixed(&PACC_OBSOLETE), RecordType::SRV, Wanted::Anything);
    }
    if plan.issuer().is_some() {
        let name = domain.prefixed(&[ConfigName::Autoconfig.text()]);
        for owner in [&name, domain.name()] {
            inquiry.seek(owner, RecordType::CAA, Wanted::Anything);
        }
    }
    inquiry
}
