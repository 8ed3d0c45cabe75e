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
    let planned = plan.published().flat_map(|(purpose, set)| {
        let kind = kind_of(purpose);
        let targets = set.srvs().map(move |srv| (kind, srv.target.clone(), srv.port));
        targets.collect::<Vec<_>>()
    });
    let labels = Label::ALL.map(|label| (label.text(), (label.service().into(), label.mode())));
    let sieve = (Related::Sieve.text(), (Protocol::ManageSieve, TlsMode::StartTls));
    let said = labels.into_iter().chain([sieve]).flat_map(|(label, kind)| {
        let owner = plan.domain().prefixed(&[label, PROTO]);
        let srvs = views.all().flat_map(|it| it.heard(&owner, RecordType::SRV).srvs());
        let targets = srvs.map(move |srv| (Some(kind), srv.target.clone(), srv.port));
        targets.collect::<Vec<_>>()
    });
    let mut endpoints = Vec::new();
    for (kind, target, port) in planned.chain(said) {
        let Some((protocol, mode)) = kind else { continue };
        // The root says that the service is not offered (RFC 2782).
        if target.is_root() || port == 0 {
            continue;
        }
        let endpoint = Endpoint { host: host_of(&target), port, protocol, mode };
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    }
    endpoints
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
