//! The PACC document (draft-ietf-mailmaint-pacc).
//!
//! Its octets are the plan's, because the record in DNS is their digest.

use super::Reason;
use crate::plan::RecordPlan;

pub(super) fn write(plan: &RecordPlan) -> Result<String, Reason> {
    let pacc = plan.pacc().ok_or(Reason::NoPacc)?;
    Ok(pacc.document().to_owned())
}
