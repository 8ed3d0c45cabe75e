//! Whether the ports are those of the profile, and fit the labels they stand under.

use hickory_proto::rr::rdata::SRV;

use super::Case;
use crate::audit::finding::{Findings, Phrase, Verb};
use crate::audit::place::{Kind, Place};
use crate::code::Code;
use crate::inquiry::SrvView;
use crate::service::{AUTODISCOVER_PORT, Label, SMTP_PORT};

/// Ports are compared for records of ours alone; with another's target the port is not the fault.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for place in case.places.iter().filter(|place| !place.is_wildcard) {
        for (srv, planned) in place.ours() {
            if srv.port != planned.port {
                check_port(place, srv, planned, findings);
            }
        }
    }
}

/// The most telling cause comes first: swapped fields explain a wrong port, and a wrong port
/// explains itself last.
fn check_port(place: &Place<'_>, srv: &SrvView, planned: &SRV, findings: &mut Findings) {
    let port = srv.port;
    let has = |rest: String| Phrase::Of(Verb::Has, rest);
    let (code, phrase) = if is_swapped(srv, planned) {
        let fields = format!("{} {} {}", srv.priority, srv.weight, srv.port);
        (
            Code::FieldsSwapped,
            has(format!(
                "`{fields}` in place of priority, weight and port: the port {} stands in front",
                planned.port
            )),
        )
    } else if port == 0 {
        (Code::PortZero, has("port 0 with a real target".to_owned()))
    } else if place.kind == Kind::Autodiscover {
        (
            Code::AutodiscoverPort,
            has(format!("port {port}, which clients replace by {AUTODISCOVER_PORT}")),
        )
    } else if let Some(rest) = contradiction(place.kind, port) {
        (Code::PortContradictsLabel, has(rest))
    } else {
        (Code::PortUnexpected, has(format!("port {port}, and the profile says {}", planned.port)))
    };
    let draft = findings.add(code, place.subject(), place.label(), phrase);
    draft.expect_set(place.planned).observe([srv.rdata()]);
    place.swap(draft, srv, planned);
}

/// Whether the port stands in the field of the priority or of the weight.
pub(super) fn is_swapped(srv: &SrvView, planned: &SRV) -> bool {
    srv.port != planned.port && [srv.priority, srv.weight].contains(&planned.port)
}

/// Whose port it is, where it is registered for another service or TLS mode than the label's.
///
/// The label decides what a client does (RFC 6186 §3); port 25 never speaks TLS at once.
fn contradiction(kind: Kind, port: u16) -> Option<String> {
    let Kind::Mail(label) = kind else { return None };
    let registered = Label::ALL.into_iter().find(|other| other.default_port() == port);
    let belongs = match registered {
        Some(other) if other != label => format!(
            "which belongs to {other}: {} with {}",
            other.service().title(),
            other.mode().title()
        ),
        None if port == SMTP_PORT => "which is for mail between servers".to_owned(),
        Some(_) | None => return None,
    };
    Some(format!("port {port}, {belongs}, and the label means {}", kind.title()))
}
