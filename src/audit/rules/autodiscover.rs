//! The SRV record of Autodiscover, a last resort of Outlook: its defects are mild.

use hickory_proto::rr::{RData, RecordType};

use super::{Case, Findings, mend, rdatas, targets_text};
use crate::audit::{Code, Severity};
use crate::inquiry::SrvView;
use crate::service::{AUTODISCOVER_LABEL, AUTODISCOVER_PORT};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(planned) = case.plan.autodiscover() else { return };
    let heard = case.observed.autodiscover();
    let owner = planned.owner();
    let is_ours = |srv: &SrvView<'_>| {
        let same = |data: &RData| matches!(data, RData::SRV(ours) if ours.target == *srv.target);
        planned.rdatas().iter().any(same)
    };
    let all = heard.srvs();
    let observed = rdatas(&all);
    let found = if heard.is_absent() {
        Some((Code::SrvMissing, Severity::Info, format!("{AUTODISCOVER_LABEL} is not published")))
    } else if all.is_empty() {
        None
    } else if all.iter().all(SrvView::is_denial) {
        Some((
            Code::ServiceDenied,
            Severity::Warning,
            format!(
                "{AUTODISCOVER_LABEL} is denied with the target \".\", though the profile has it"
            ),
        ))
    } else if !all.iter().any(is_ours) {
        Some((
            Code::TargetUnexpected,
            Severity::Warning,
            format!("{AUTODISCOVER_LABEL} leads to {}, not to our server", targets_text(&all)),
        ))
    } else {
        all.iter().find(|srv| srv.port != AUTODISCOVER_PORT && is_ours(srv)).map(|srv| {
            (
                Code::AutodiscoverPort,
                Code::AutodiscoverPort.severity(),
                format!("{AUTODISCOVER_LABEL} has port {}, which clients replace by {AUTODISCOVER_PORT}", srv.port),
            )
        })
    };
    if let Some((code, severity, message)) = found {
        let finding = findings
            .add(code, owner, RecordType::SRV, message)
            .at(severity)
            .expect_set(Some(planned))
            .observe(observed);
        mend(finding, &heard, planned);
    }
}
