//! What is peculiar to the SRV record of Autodiscover; [`super::records`] judges its targets.

use hickory_proto::rr::RecordType;

use super::{Case, Findings, mend, planned_in, rdatas};
use crate::audit::{Code, Severity};
use crate::inquiry::SrvView;
use crate::service::{AUTODISCOVER_LABEL, AUTODISCOVER_PORT};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(planned) = case.plan.autodiscover() else { return };
    let heard = case.observed.autodiscover();
    let all = heard.srvs();
    let odd_port = all
        .iter()
        .find(|srv| srv.port != AUTODISCOVER_PORT && planned_in(planned, srv.target).is_some());
    let (code, severity, message) = if heard.is_absent() {
        let message = format!("{AUTODISCOVER_LABEL} is not published");
        (Code::SrvMissing, Severity::Info, message)
    } else if !all.is_empty() && all.iter().all(SrvView::is_denial) {
        let message = format!(
            "{AUTODISCOVER_LABEL} is denied with the target \".\", though the profile has it"
        );
        (Code::ServiceDenied, Severity::Warning, message)
    } else if let Some(srv) = odd_port {
        let message = format!(
            "{AUTODISCOVER_LABEL} has port {}, which clients replace by {AUTODISCOVER_PORT}",
            srv.port
        );
        (Code::AutodiscoverPort, Code::AutodiscoverPort.severity(), message)
    } else {
        return;
    };
    let finding = findings
        .add(code, planned.owner(), RecordType::SRV, message)
        .at(severity)
        .expect_set(Some(planned))
        .observe(rdatas(&all));
    mend(finding, &heard, planned);
}
