//! A hosting profile: what a provider documents for its customers, checked.
//!
//! The YAML shape is in [`mod@file`], and what other programs have written is read in [`ispdb`];
//! nothing here knows how a profile is written down.
//!
//! ```
//! use mailsrv::hosting::{Hosting, file};
//! use mailsrv::service::Label;
//!
//! let hosting = file::parse("host: '{server}.provider.example'\nimap: { tls: true }\n", "p.yaml")?;
//! let (_, endpoint) = hosting.endpoint(Label::Imaps).unwrap();
//! assert_eq!((endpoint.port, endpoint.priority), (993, 0));
//! assert_eq!(hosting.columns(), ["server"]);
//! // What is read is written back, without what equals its default.
//! assert!(file::write(&hosting).contains("imap: { tls: 993 }"));
//! // Options of a run make another profile of one.
//! assert_eq!(Hosting::documented().with_ttl(300).ttl(), 300);
//! # Ok::<(), mailsrv::hosting::file::ProfileError>(())
//! ```

mod certificate;
#[cfg(test)]
pub(crate) mod cost;
pub mod file;
pub mod ispdb;
mod login;
mod offer;
mod pattern;
mod publication;
mod related;

pub use self::certificate::{Certificate, CertificateError, MAX_PEM};
pub use self::login::{Login, LoginError, LoginPattern};
pub(crate) use self::offer::computed_priority;
pub use self::offer::{Endpoint, ModePort, Offer, Server};
pub use self::pattern::{
    ColumnError, Columns, ExpandError, HostPattern, PatternError, column_name, likely_placeholder,
};
pub(crate) use self::publication::{Autodiscover, is_digest};
pub use self::publication::{Lead, Pacc, Provider, ProviderNameError};
pub use self::related::{HostAddresses, MailExchange, RelatedOffer};

use crate::code::{Code, Severity};
use crate::service::{ConfigName, Label, Related, Service, TlsMode};

/// A validated hosting profile.
///
/// It is the single source of the records to publish and of the rules by which DNS is judged.
///
/// It is read by [`file::parse`] or [`ispdb::read`], or is [`Hosting::documented`], and changed by
/// the methods that begin with `with`. Whether it gives records for a certain mail domain,
/// [`plan`](crate::plan::plan) tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Hosting {
    pub(crate) host: HostPattern,
    /// By the place of the service in [`Service::ALL`].
    pub(crate) services: [Option<Offer>; 3],
    pub(crate) login: Login,
    pub(crate) autoconfig: Option<Lead>,
    pub(crate) autodiscover: Autodiscover,
    pub(crate) pacc: Option<Pacc>,
    /// By the place of the service in [`Related::ALL`].
    pub(crate) related: [Option<RelatedOffer>; 4],
    pub(crate) exchanges: Vec<MailExchange>,
    pub(crate) addresses: Vec<HostAddresses>,
    pub(crate) provider: Provider,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) compat_smtps: bool,
    pub(crate) deny: Deny,
    /// The retrieval services, the preferred one first.
    pub(crate) prefer: [Service; 2],
    pub(crate) ttl: u32,
    pub(crate) severities: Vec<(Code, Option<Severity>)>,
}

/// What is denied of that which is not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deny {
    All,
    /// These labels alone; of the rest nothing is said.
    Only(Vec<&'static str>),
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

    /// The same profile without the services that are not among these.
    ///
    /// It takes services away and adds none.
    #[must_use]
    pub fn with_services(mut self, services: &[Service]) -> Self {
        for service in Service::ALL.into_iter().filter(|service| !services.contains(service)) {
            self.services[service as usize] = None;
        }
        self
    }

    /// The same profile with another form of the login name.
    #[must_use]
    pub fn with_login(mut self, login: Login) -> Self {
        self.login = login;
        self
    }

    /// The same profile of another provider.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// The same profile without `autoconfig` and `autodiscover`.
    #[must_use]
    pub fn without_config_names(mut self) -> Self {
        self.autoconfig = None;
        self.autodiscover = Autodiscover { lead: None, srv: None };
        self
    }

    /// The same profile with `autoconfig` and `autodiscover`, as aliases of the host where it does not
    /// publish them.
    #[must_use]
    pub fn with_config_names(mut self) -> Self {
        let alias = || Lead::Alias(HostPattern::default_host());
        self.autoconfig.get_or_insert_with(alias);
        self.autodiscover.lead.get_or_insert_with(alias);
        self
    }

    /// The same profile with STARTTLS at the registered port, where it offers the service without.
    #[must_use]
    pub fn with_starttls(mut self, service: Service) -> Self {
        let label = service.label(TlsMode::StartTls);
        let priority = computed_priority(label, self.prefer);
        if let Some(offer) = &mut self.services[service as usize] {
            offer.starttls.get_or_insert_with(|| Endpoint { port: label.default_port(), priority });
        }
        self
    }

    /// The same profile with another TTL, in seconds.
    ///
    /// No value above 2^31-1 is a TTL (RFC 2181 §8); the caller sees to that, and so does a profile
    /// as it is read.
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
        Some((offer, offer.endpoint(label.mode())?))
    }

    /// The columns of the input that its hosts need, each once, sorted.
    ///
    /// A plan is refused where the input lacks one of them.
    pub fn columns(&self) -> Vec<String> {
        let mut copy = self.clone();
        let patterns = copy.patterns();
        let mut columns: Vec<String> =
            patterns.iter().flat_map(|pattern| pattern.columns()).map(str::to_owned).collect();
        columns.sort();
        columns.dedup();
        columns
    }

    /// Every host that may have placeholders.
    fn patterns(&mut self) -> Vec<&mut HostPattern> {
        let offers = self.services.iter_mut().flatten();
        let servers =
            offers.flat_map(|offer| &mut offer.servers).filter_map(|server| server.host.as_mut());
        let pacc = self.pacc.as_mut().map(|pacc| &mut pacc.lead);
        let leads = [self.autoconfig.as_mut(), self.autodiscover.lead.as_mut(), pacc];
        let leads = leads.into_iter().flatten().filter_map(Lead::alias_mut);
        let related = self.related.iter_mut().flatten().filter_map(|offer| offer.host.as_mut());
        let exchanges = self.exchanges.iter_mut().filter_map(|exchange| exchange.host.as_mut());
        std::iter::once(&mut self.host)
            .chain(servers)
            .chain(leads)
            .chain(self.autodiscover.srv.as_mut())
            .chain(related)
            .chain(exchanges)
            .collect()
    }

    /// The same profile with a value in the place of a column, whatever the input says of it.
    ///
    /// ```
    /// use mailsrv::hosting::{Hosting, HostPattern};
    ///
    /// let hosting = Hosting::documented().with_host(HostPattern::host("{Server}.provider.example")?);
    /// let hosting = hosting.with_column("server", "srv7")?;
    /// assert_eq!(hosting.host().to_string(), "srv7.provider.example");
    /// // It may have placeholders of its own.
    /// let own = Hosting::documented().with_host(HostPattern::host("{server}")?);
    /// assert_eq!(own.with_column("server", "mx.{domain}")?.host().to_string(), "mx.{domain}");
    /// let error = hosting.with_column("server", "srv8").unwrap_err();
    /// assert_eq!(error.to_string(), "the profile has no placeholder `{server}`; it reads no columns");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No host reads the column, the value has a placeholder that a host may not have, or a host is no
    /// host name with the value in it.
    pub fn with_column(mut self, column: &str, value: &str) -> Result<Self, ColumnError> {
        let (column, known) = (column_name(column), self.columns());
        if !known.contains(&column) {
            return Err(ColumnError::Unread { column, known });
        }
        for pattern in self.patterns() {
            pattern.fill(&column, value.trim())?;
        }
        Ok(self)
    }

    /// The form of the login name, where a service does not have its own.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The form of the login name of one service.
    pub fn login_of(&self, service: Service) -> &Login {
        self.offer(service).and_then(|offer| offer.login.as_ref()).unwrap_or(&self.login)
    }

    /// Where a configuration name is to lead; None where the profile does not publish it.
    pub fn lead(&self, name: ConfigName) -> Option<&Lead> {
        match name {
            ConfigName::Autoconfig => self.autoconfig.as_ref(),
            ConfigName::Autodiscover => self.autodiscover.lead.as_ref(),
        }
    }

    /// How PACC is published; None where it is not.
    pub fn pacc(&self) -> Option<&Pacc> {
        self.pacc.as_ref()
    }

    /// Whether PACC can name anything that is offered: mail with TLS at its registered port, JMAP,
    /// calendars or address books.
    pub fn has_pacc_protocol(&self) -> bool {
        let related = [Related::Jmap, Related::Caldav, Related::Carddav];
        Service::ALL.into_iter().any(|service| self.is_at_registered_tls_port(service))
            || related.into_iter().any(|service| self.related(service).is_some())
    }

    /// Whether a service is offered with TLS at its registered port.
    pub fn is_at_registered_tls_port(&self, service: Service) -> bool {
        let registered = service.label(TlsMode::Implicit).default_port();
        self.offer(service).is_some_and(|offer| {
            offer.servers_in(TlsMode::Implicit).any(|(_, port)| port == registered)
        })
    }

    /// What is offered of a service beside mail.
    pub fn related(&self, service: Related) -> Option<&RelatedOffer> {
        self.related[service as usize].as_ref()
    }

    /// The servers that take mail for the domain; empty where the profile does not publish them.
    pub fn exchanges(&self) -> &[MailExchange] {
        &self.exchanges
    }

    /// The addresses of the provider's own hosts.
    pub fn addresses(&self) -> &[HostAddresses] {
        &self.addresses
    }

    /// What the profile says of the provider itself.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The certificates of the servers, for TLSA records; empty where none are published.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The same profile with TLSA records for the hosts that these certificates cover.
    ///
    /// They may only be published in a signed zone (RFC 8314 §4.5.4).
    #[must_use]
    pub fn with_certificates(mut self, certificates: Vec<Certificate>) -> Self {
        self.certificates = certificates;
        self
    }

    /// Whether `_smtps` is published beside `_submissions`.
    pub fn has_compat_smtps(&self) -> bool {
        self.compat_smtps
    }

    /// The same profile with `_smtps` beside `_submissions`.
    #[must_use]
    pub fn with_compat_smtps(mut self) -> Self {
        self.compat_smtps = true;
        self
    }

    /// The same profile without STARTTLS; a service that has nothing else is no longer offered.
    #[must_use]
    pub fn with_implicit_only(mut self) -> Self {
        self.services = self.services.map(|offer| offer.and_then(Offer::without_starttls));
        self
    }

    /// The same profile with SRV records alone: no names with documents behind them.
    #[must_use]
    pub fn with_srv_only(mut self) -> Self {
        self.autoconfig = None;
        self.autodiscover.lead = None;
        self.pacc = None;
        self
    }

    /// The target of `_autodiscover._tcp`; None where the profile does not publish it.
    pub fn autodiscover_srv(&self) -> Option<&HostPattern> {
        self.autodiscover.srv.as_ref()
    }

    /// The target of `_autodiscover._tcp`, `{host}` spelled out.
    pub fn autodiscover_target(&self) -> Option<&HostPattern> {
        let target = self.autodiscover_srv()?;
        Some(if target.is_default_host() { &self.host } else { target })
    }

    /// Whether a label is denied with the target `.` where its service is not offered
    /// (RFC 6186 §3.4).
    pub fn denies(&self, label: &str) -> bool {
        match &self.deny {
            Deny::All => true,
            Deny::Only(labels) => labels.contains(&label),
        }
    }

    /// The service that clients are to prefer of the two they read mail with.
    pub fn preferred(&self) -> Service {
        self.prefer[0]
    }

    /// The TTL of everything published, in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// The severities that the profile sets, in its order; None where findings of a code are dropped.
    pub fn severities(&self) -> &[(Code, Option<Severity>)] {
        &self.severities
    }
}
