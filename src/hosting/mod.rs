//! A hosting profile: what a provider documents for its customers, checked.
//!
//! The YAML shape is in [`mod@file`]; nothing here knows how a profile is written down.

pub mod file;
mod pattern;

pub use self::pattern::{Columns, ExpandError, HostPattern, PatternError};

use crate::service::{ConfigName, Label, Service, TlsMode};

/// A validated hosting profile.
///
/// It is the single source of the records to publish and of the rules by which DNS is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Hosting {
    pub(crate) host: HostPattern,
    pub(crate) services: [Option<Offer>; 3],
    pub(crate) login: Login,
    pub(crate) autoconfig: Option<HostPattern>,
    pub(crate) autodiscover: Autodiscover,
    pub(crate) deny: bool,
    pub(crate) prefer: [Service; 2],
    pub(crate) ttl: u32,
    pub(crate) severity: Vec<SeverityLine>,
}

impl Hosting {
    /// The documented default, the same as `zones/hosting.yaml`.
    pub fn documented() -> Self {
        file::parse(file::DOCUMENTED, "zones/hosting.yaml")
            .expect("the embedded profile is parsed by a test")
    }

    /// The same profile with another default host.
    #[must_use]
    pub fn with_host(mut self, host: HostPattern) -> Self {
        self.host = host;
        self
    }

    /// The same profile with another TTL, in seconds.
    #[must_use]
    pub fn with_ttl(mut self, ttl: u32) -> Self {
        self.ttl = ttl;
        self
    }

    /// The host that services and aliases use where no line says otherwise.
    pub fn host(&self) -> &HostPattern {
        &self.host
    }

    /// What is offered of a service; None where the service is not offered at all.
    pub fn offer(&self, service: Service) -> Option<&Offer> {
        self.services[service as usize].as_ref()
    }

    /// What is offered under a label, None where it is not offered.
    pub fn endpoint(&self, label: Label) -> Option<(&Offer, Endpoint)> {
        let offer = self.offer(label.service())?;
        let endpoint = match label.mode() {
            TlsMode::Implicit => offer.tls?,
            TlsMode::StartTls => offer.starttls?,
        };
        Some((offer, endpoint))
    }

    /// The form of the login name.
    pub fn login(&self) -> Login {
        self.login
    }

    /// Where a configuration name is to lead; None where the profile has no such alias.
    pub fn alias(&self, name: ConfigName) -> Option<&HostPattern> {
        match name {
            ConfigName::Autoconfig => self.autoconfig.as_ref(),
            ConfigName::Autodiscover => self.autodiscover.alias.as_ref(),
        }
    }

    /// The target of `_autodiscover._tcp`; None where the profile does not publish it.
    pub fn autodiscover_srv(&self) -> Option<&HostPattern> {
        self.autodiscover.srv.as_ref()
    }

    /// Whether services that are not offered are denied with the target `.` (RFC 6186 §3.4).
    pub fn denies(&self) -> bool {
        self.deny
    }

    /// The service that clients are to prefer of the two they read mail with.
    pub fn preferred(&self) -> Service {
        self.prefer[0]
    }

    /// The TTL of everything published, in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// The severities that the profile sets, as written; the audit knows the codes.
    pub fn severity(&self) -> &[SeverityLine] {
        &self.severity
    }
}

/// What is offered of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub(crate) servers: Vec<Server>,
    pub(crate) tls: Option<Endpoint>,
    pub(crate) starttls: Option<Endpoint>,
}

impl Offer {
    /// The servers, one at least.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }
}

/// One server of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its host; None for the default host of the profile.
    pub host: Option<HostPattern>,
    /// Its SRV weight (RFC 2782).
    pub weight: u16,
}

/// The port and the place in line of a service in one TLS mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The TCP port, never 0.
    pub port: u16,
    /// The SRV priority: lower is preferred, across the labels of a family (RFC 6186 §3.4).
    pub priority: u16,
}

/// What a user types as the login name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// The full mail address.
    FullAddress,
    /// The part before the `@`.
    LocalPart,
}

/// How Autodiscover is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Autodiscover {
    pub(crate) alias: Option<HostPattern>,
    pub(crate) srv: Option<HostPattern>,
}

/// A severity override of the profile, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityLine {
    /// The finding code.
    pub code: String,
    /// The level, or `off`.
    pub level: String,
    /// The line of the code in the profile, counted from 1.
    pub line: usize,
    /// Its column in characters, counted from 1.
    pub column: usize,
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
