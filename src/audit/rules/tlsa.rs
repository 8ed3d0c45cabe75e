//! TLSA records of the targets (RFC 7673 §3.3, RFC 8314 §4.5.4).

use hickory_proto::rr::RecordType;

use super::Case;
use crate::answer::Dnssec;
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::code::Code;
use crate::inquiry::Said;
use crate::plan::Purpose;

/// A zone that is not signed must have no TLSA record (RFC 8314 §4.5.4), so one that is missing
/// there is right. Others beside the planned one may stand: certificates roll over.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for set in case.planned_for(Purpose::Certificate) {
        let heard = case.observed.heard(set.owner(), RecordType::TLSA);
        let is_unsigned = heard.dnssec() == Dnssec::Insecure;
        let seen = heard.rdatas();
        let has_ours = seen.iter().any(|data| set.rdatas().contains(data));
        let (code, phrase) = match heard.said() {
            Said::Records if is_unsigned => (
                Code::TlsaUnsigned,
                Phrase::Of(Verb::Is, "published in a zone that is not signed".to_owned()),
            ),
            Said::NoData | Said::NxDomain if !is_unsigned => (
                Code::TlsaMissing,
                Phrase::Of(Verb::Lacks, "the TLSA record of the profile's certificate".to_owned()),
            ),
            Said::Records if !has_ours => (
                Code::TlsaDiffers,
                Phrase::Of(Verb::Has, "other data than the profile's certificate gives".to_owned()),
            ),
            Said::Records | Said::NoData | Said::NxDomain | Said::Failed(_) => continue,
        };
        let subject = Subject::rrset(set.owner(), RecordType::TLSA);
        let draft = findings.add(code, subject, &case.shown(set.owner()), phrase);
        draft.observe(seen.iter().cloned());
        if code == Code::TlsaUnsigned {
            draft.clear(set.owner(), &heard.chain(), seen);
        } else {
            draft.expect_set(Some(set)).turn(&heard.chain(), &seen, set);
        }
    }
}
