//! Where clients come to for mail: by the plan, and by what DNS says.

use hickory_proto::rr::{Name, RecordType};

use crate::endpoint::{Endpoint, Protocol};
use crate::inquiry::Views;
use crate::name::plain_text;
use crate::plan::{Purpose, RecordPlan};
use crate::service::{Label, PROTO, Related, TlsMode};

/// The endpoints of a mail domain, each once: those that the plan publishes, in its order, then those
/// that DNS names besides.
pub fn endpoints(plan: &RecordPlan, views: &Views) -> Vec<Endpoint> {
    let mut endpoints = planned(plan);
    let labels = Label::ALL.map(|label| (label.text(), (label.service().into(), label.mode())));
    let sieve = (Related::Sieve.text(), (Protocol::ManageSieve, TlsMode::StartTls));
    for (label, kind) in labels.into_iter().chain([sieve]) {
        let owner = plan.domain().prefixed(&[label, PROTO]);
        for srv in views.all().flat_map(|it| it.heard(&owner, RecordType::SRV).srvs()) {
            push(&mut endpoints, kind, (&srv.target, srv.port));
        }
    }
    endpoints
}

/// The endpoints that a plan publishes, each once, in its order.
pub(super) fn planned(plan: &RecordPlan) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (purpose, set) in plan.published() {
        let Some(kind) = kind_of(purpose) else { continue };
        for srv in set.srvs() {
            push(&mut endpoints, kind, (&srv.target, srv.port));
        }
    }
    endpoints
}

fn push(
    endpoints: &mut Vec<Endpoint>,
    (protocol, mode): (Protocol, TlsMode),
    (target, port): (&Name, u16),
) {
    // The root says that the service is not offered (RFC 2782).
    if target.is_root() || port == 0 {
        return;
    }
    let endpoint = Endpoint { host: host_of(target), port, protocol, mode };
    if !endpoints.contains(&endpoint) {
        endpoints.push(endpoint);
    }
}

/// What is spoken at the targets of an RRset of a plan.
fn kind_of(purpose: Purpose) -> Option<(Protocol, TlsMode)> {
    match purpose {
        Purpose::Service(label) => Some((label.service().into(), label.mode())),
        Purpose::CompatSmtps => Some((Protocol::Submission, TlsMode::Implicit)),
        Purpose::Related(Related::Sieve) => Some((Protocol::ManageSieve, TlsMode::StartTls)),
        _ => None,
    }
}

fn host_of(target: &Name) -> String {
    plain_text(&target.to_lowercase())
}
