//! Whether the ports are those of the profile, and fit the labels they stand under.

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{RData, RecordType};

use super::{Case, Findings, mend};
use crate::audit::Code;
use crate::inquiry::SrvView;
use crate::rrset::ResourceRecord;
use crate::service::{Label, SMTP_PORT, TlsMode};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for label in Label::ALL {
        for (srv, planned) in case.ours(label) {
            if srv.port != planned.port {
                check_port(case, label, &srv, planned, findings);
            }
        }
    }
}

fn check_port(
    case: &Case<'_>,
    label: Label,
    srv: &SrvView<'_>,
    planned: &SRV,
    findings: &mut Findings,
) {
    let port = srv.port;
    let (code, message) = if port == 0 {
        (Code::PortZero, format!("{label} has port 0 with a real target"))
    } else if let Some(mode) = contradicted_mode(label, port) {
        (
            Code::PortContradictsLabel,
            format!(
                "{label} means {}, and port {port} is for {}",
                label.mode().title(),
                mode.title()
            ),
        )
    } else {
        (
            Code::PortUnexpected,
            format!("{label} has port {port}, and the profile says {}", planned.port),
        )
    };
    let owner = case.owner(label);
    let ttl = case.plan.ttl();
    let data = RData::SRV(planned.clone());
    let set = case.plan.label(label).offered_set();
    let heard = case.observed.service(label);
    let finding = findings
        .add(code, &owner, RecordType::SRV, message)
        .expect_set(set)
        .observe(vec![srv.rdata()]);
    match set {
        Some(set) if !heard.chain().is_empty() => mend(finding, &heard, set),
        _ => {
            finding.delete(&owner, ttl, srv.rdata());
            // The right record may stand there already, beside this one.
            if !heard.rdatas().contains(&data) {
                finding.publish(ResourceRecord { owner, ttl, data });
            }
        }
    }
}

/// The TLS mode that a port is registered for, where that is not the mode of the label.
///
/// The label decides what a client does (RFC 6186 §3); port 25 never speaks TLS at once.
fn contradicted_mode(label: Label, port: u16) -> Option<TlsMode> {
    let registered = Label::ALL.into_iter().find(|other| other.default_port() == port);
    let mode = match registered {
        Some(other) => other.mode(),
        None if port == SMTP_PORT && !label.service().is_retrieval() => TlsMode::StartTls,
        None => return None,
    };
    (mode != label.mode()).then_some(mode)
}
