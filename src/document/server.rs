//! The servers that a document names, of those that a plan offers.

use crate::name::plain_text;
use crate::plan::RecordPlan;
use crate::service::{Service, TlsMode};

/// A server to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) service: Service,
    pub(super) mode: TlsMode,
    /// Its host in A-labels, without a trailing dot.
    pub(super) host: String,
    pub(super) port: u16,
}

/// The servers of a service, the best first: TLS before STARTTLS (RFC 8314 §4), then as a client
/// of RFC 2782 would try them.
pub(super) fn servers(plan: &RecordPlan, service: Service) -> Vec<Server> {
    let of_mode = |mode: TlsMode| {
        plan.label(service.label(mode)).in_line().into_iter().map(move |srv| Server {
            service,
            mode,
            host: plain_text(&srv.target),
            port: srv.port,
        })
    };
    TlsMode::ALL.into_iter().flat_map(of_mode).collect()
}

/// The services that mail is read with, IMAP first.
///
/// The order is that of every document, whatever the profile prefers: Geary looks at the first
/// server alone and takes nothing but IMAP.
pub(super) const RETRIEVAL: [Service; 2] = [Service::Imap, Service::Pop3];
