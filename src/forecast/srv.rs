//! Servers that SRV records name (RFC 6186 §3, RFC 8314 §5.1), as most clients take them: the label
//! says when TLS begins, and the first record by priority and weight is the only one looked at.

use hickory_proto::rr::rdata::SRV;

use super::world::{Told, World};
use crate::name::plain_text;
use crate::reading::{By, Mode, Server};
use crate::service::Label;

/// The server of a record under a label.
pub(super) fn server(world: &World<'_>, label: Label, srv: &SRV, login: Option<&str>) -> Server {
    let owner = format!("{}.{}", label.prefix().join("."), world.domain());
    Server {
        service: label.service(),
        host: plain_text(&srv.target).to_ascii_lowercase(),
        port: srv.port,
        mode: Mode::Tls(label.mode()),
        login: login.map(str::to_owned),
        by: By::Records(owner),
    }
}

/// The server of the first of these labels that has a record with a target: the first of those. Port 0
/// is taken as it stands there.
pub(super) fn first(
    world: &World<'_>,
    labels: &[Label],
    login: Option<&str>,
) -> Told<Option<Server>> {
    chosen(world, labels, login, |records| {
        records.iter().copied().find(|srv| !srv.target.is_root())
    })
}

/// The same of a client that passes over records with port 0.
pub(super) fn first_with_port(
    world: &World<'_>,
    labels: &[Label],
    login: Option<&str>,
) -> Told<Option<Server>> {
    chosen(world, labels, login, |records| records.iter().copied().find(|srv| names_server(srv)))
}

/// The server of the first of these labels of whose records, in line, a client chooses one.
pub(super) fn chosen<'a>(
    world: &World<'a>,
    labels: &[Label],
    login: Option<&str>,
    choose: impl Fn(&[&'a SRV]) -> Option<&'a SRV>,
) -> Told<Option<Server>> {
    for label in labels {
        if let Some(srv) = choose(&world.label(*label)?) {
            return Ok(Some(server(world, *label, srv, login)));
        }
    }
    Ok(None)
}

/// Whether a record names a server to those who look at its port.
pub(super) fn names_server(srv: &SRV) -> bool {
    srv.port != 0 && !srv.target.is_root()
}

/// The best record of two labels, as those see it who look at both at once: by priority, then the
/// greater weight; of those that are alike, that of the first label. The target `.` is none.
pub(super) fn pooled<'a>(world: &World<'a>, labels: [Label; 2]) -> Told<Option<(Label, &'a SRV)>> {
    let mut all = Vec::new();
    for label in labels {
        let records = world.label(label)?.into_iter().filter(|srv| !srv.target.is_root());
        all.extend(records.map(|srv| (label, srv)));
    }
    Ok(all.into_iter().min_by_key(|(_, srv)| (srv.priority, std::cmp::Reverse(srv.weight))))
}
