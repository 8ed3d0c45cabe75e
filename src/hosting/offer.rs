//! What is offered of a mail service: its servers, ports and places in line.

use super::{HostPattern, Login};
use crate::service::{Label, Service, TlsMode};

/// What is offered of one service.
///
/// One port and priority for each TLS mode, which its servers share unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub(crate) servers: Vec<Server>,
    pub(crate) tls: Option<Endpoint>,
    pub(crate) starttls: Option<Endpoint>,
    pub(crate) login: Option<Login>,
}

impl Offer {
    /// The servers, one at least.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// What is offered in a mode.
    pub fn endpoint(&self, mode: TlsMode) -> Option<Endpoint> {
        match mode {
            TlsMode::Implicit => self.tls,
            TlsMode::StartTls => self.starttls,
        }
    }

    /// The servers that have the service in a mode, each with its port; one at least where the
    /// mode is offered.
    pub fn servers_in(&self, mode: TlsMode) -> impl Iterator<Item = (&Server, u16)> {
        let endpoint = self.endpoint(mode);
        self.servers.iter().filter_map(move |server| Some((server, server.port(mode, endpoint?)?)))
    }

    /// The same without STARTTLS; None where nothing is left.
    pub(super) fn without_starttls(mut self) -> Option<Self> {
        self.tls?;
        self.starttls = None;
        self.servers.retain(|server| server.ports[TlsMode::Implicit as usize] != ModePort::Absent);
        for server in &mut self.servers {
            server.ports[TlsMode::StartTls as usize] = ModePort::OfService;
        }
        Some(self)
    }
}

/// One server of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its host; None for the default host of the profile.
    pub host: Option<HostPattern>,
    /// Its SRV weight (RFC 2782).
    pub weight: u16,
    /// Where it has the service, by the place of the mode in [`TlsMode::ALL`].
    pub ports: [ModePort; 2],
}

/// Where a server has a service in one TLS mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModePort {
    /// At the port of the service.
    OfService,
    /// At a port of its own.
    Own(u16),
    /// Not in this mode.
    Absent,
}

impl Server {
    /// A server at the ports of the service.
    pub(crate) fn plain(host: Option<HostPattern>, weight: u16) -> Self {
        Self { host, weight, ports: [ModePort::OfService; 2] }
    }

    /// Its port in a mode in which the service is offered.
    pub(super) fn port(&self, mode: TlsMode, endpoint: Endpoint) -> Option<u16> {
        match self.ports[mode as usize] {
            ModePort::OfService => Some(endpoint.port),
            ModePort::Own(port) => Some(port),
            ModePort::Absent => None,
        }
    }
}

/// The port and the place in line of a service in one TLS mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The TCP port, never 0.
    pub port: u16,
    /// The SRV priority: lower is preferred, across the labels of a family (RFC 6186 §3.4).
    pub priority: u16,
}

/// The distance between computed priorities, which leaves room for a record in between.
const STEP: u16 = 10;

/// Computes the SRV priority of a label from the preferred order of the retrieval services.
///
/// One ranking over all labels that a client chooses among satisfies both RFC 6186 §3.4 (families)
/// and RFC 8314 §4 (TLS before STARTTLS).
pub(crate) fn computed_priority(label: Label, prefer: [Service; 2]) -> u16 {
    let family = if label.service() == prefer[1] { 2 } else { 0 };
    let mode = match label.mode() {
        TlsMode::Implicit => 0,
        TlsMode::StartTls => 1,
    };
    (family + mode) * STEP
}
