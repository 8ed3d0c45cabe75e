//! What to ask about a mail domain, so that its plan can be judged.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{RData, RecordType};

use super::place::unplanned;
use super::rules;
use crate::inquiry::{Inquiry, Wanted};
use crate::plan::RecordPlan;
use crate::service::PROTO;

/// Begins the inquiry about the domain of a plan: every RRset that must stand is sought, every service
/// that must not, and what the rules want to know beside them.
///
/// A planned alias is sought by its address: a resolver follows the alias on the way, so that one
/// question tells both the chain and whether it leads anywhere. What is sought is the beginning:
/// the inquiry asks more by itself, as answers come.
pub fn inquire(plan: &RecordPlan) -> Inquiry {
    let mut inquiry = seeds(plan);
    rules::seek(plan, &mut inquiry);
    rules::seek_beside(plan, &mut inquiry);
    inquiry
}

fn seeds(plan: &RecordPlan) -> Inquiry {
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
    inquiry
}

/// Begins an inquiry that asks for less: what could be no more than a warning by its usual severity,
/// because it stands under a wrong name, is not looked for.
///
/// It finds every error that [`inquire`] finds, and no other.
pub fn inquire_for_errors(plan: &RecordPlan) -> Inquiry {
    let mut inquiry = seeds(plan);
    rules::seek(plan, &mut inquiry);
    inquiry.without_near_misses()
}
