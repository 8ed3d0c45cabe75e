//! Checks what the fields of a profile mean together, and builds the model.

use std::collections::HashSet;

use super::super::{
    Endpoint, HostPattern, Hosting, Login, Offer, PatternError, Server, computed_priority,
};
use super::diagnose::{Fault, Problem};
use super::shape::{self, Family, Port, Profile, Short, Switch};
use super::span::Span;
use super::tree::Node;
use super::{MAX_SERVERS, related};
use crate::code::{Code, Severity, UnknownCode};
use crate::service::{ConfigName, Related, Service, TlsMode};

const TLS: &str = "tls";
const STARTTLS: &str = "starttls";
pub(super) const HOST: &str = "host";
const WEIGHT: &str = "weight";
pub(super) const SERVERS: &str = "servers";

/// Builds the model; the tree tells where each field stands.
pub(super) fn hosting(profile: Profile, root: &Node) -> Result<Hosting, Fault> {
    let at = At { node: Some(root), span: Span::START, path: String::new() };
    let host = at.field(HOST).pattern(&profile.host, HostPattern::host)?;
    let prefer =
        prefer(&profile.prefer).ok_or_else(|| at.field("prefer").fault(Problem::Prefer))?;
    let offers = [profile.imap, profile.pop3, profile.submission];
    let mut services = [None, None, None];
    for (service, given) in Service::ALL.into_iter().zip(offers) {
        let offering = Offering { service, prefer, starttls: profile.starttls };
        services[service as usize] = offering.offer(given, &at.field(service.key()))?;
    }
    if services.iter().all(Option::is_none) {
        let hint = format!("name one service at least, such as `{}: true`", Service::Imap.key());
        return Err(at.fault(Problem::NoService).hint(hint));
    }
    let config = |name: ConfigName| at.field(name.text());
    let beside = |service: Related| at.field(service.key());
    let hosting = Hosting {
        host,
        services,
        login: login(profile.login),
        autoconfig: related::autoconfig(profile.autoconfig, &config(ConfigName::Autoconfig))?,
        autodiscover: related::autodiscover(
            profile.autodiscover,
            &config(ConfigName::Autodiscover),
        )?,
        pacc: related::pacc(profile.pacc, &at.field(PACC))?,
        related: [
            related::related(profile.jmap, Related::Jmap, &beside(Related::Jmap))?,
            related::related(profile.sieve, Related::Sieve, &beside(Related::Sieve))?,
            related::dav(profile.caldav, Related::Caldav, &beside(Related::Caldav))?,
            related::dav(profile.carddav, Related::Carddav, &beside(Related::Carddav))?,
        ],
        exchanges: related::exchanges(profile.mx, &at.field("mx"))?,
        addresses: related::addresses(profile.addresses, &at.field("addresses"))?,
        provider: related::provider(profile.provider, &at.field("provider"))?,
        certificates: Vec::new(),
        compat_smtps: false,
        deny: profile.deny,
        prefer,
        ttl: profile.ttl.0,
        severities: severities(profile.severity, &at.field("severity"))?,
    };
    if hosting.pacc.is_some() && !hosting.has_pacc_protocol() {
        return Err(at
            .key(PACC)
            .fault(Problem::PaccNothing)
            .hint("offer a service with `tls: true`, or leave `pacc` out"));
    }
    Ok(hosting)
}

const PACC: &str = "pacc";

fn login(given: shape::Login) -> Login {
    match given {
        shape::Login::FullAddress => Login::FullAddress,
        shape::Login::LocalPart => Login::LocalPart,
    }
}

/// A place in the source on the way down; its node is None where the field is left out.
pub(super) struct At<'a> {
    pub(super) node: Option<&'a Node>,
    span: Span,
    path: String,
}

impl<'a> At<'a> {
    pub(super) fn field(&self, key: &str) -> Self {
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.child(self.node.and_then(|node| node.entry(key)).map(|(_, node)| node), path)
    }

    pub(super) fn item(&self, index: usize) -> Self {
        let path = format!("{}[{index}]", self.path);
        self.child(self.node.and_then(|node| node.items().get(index)), path)
    }

    /// The place of the key of a map's pair, and that of what stands behind it.
    pub(super) fn pair(&self, index: usize, key: &str) -> (Self, Self) {
        let pair = self.node.and_then(|node| node.entries().get(index));
        let path = format!("{}.{key}", self.path);
        let span = pair.map_or(self.span, |(key, _)| key.span);
        let behind = self.child(pair.map(|(_, node)| node), path);
        (Self { span, path: behind.path.clone(), ..behind }, behind)
    }

    fn child(&self, node: Option<&'a Node>, path: String) -> Self {
        Self { node, span: node.map_or(self.span, |node| node.span), path }
    }

    /// The place of the key of a field, where the field is one too many.
    pub(super) fn key(&self, key: &str) -> Self {
        let span = self.node.and_then(|node| node.entry(key)).map(|(key, _)| key.span);
        Self { span: span.unwrap_or(self.span), ..self.field(key) }
    }

    pub(super) fn fault(&self, problem: Problem) -> Fault {
        Fault::new(self.span, &self.path, problem)
    }

    /// A value that does not fit.
    pub(super) fn value(&self, expected: String, found: impl std::fmt::Display) -> Fault {
        self.fault(Problem::Value { expected, found: found.to_string() })
    }

    pub(super) fn pattern(
        &self,
        text: &str,
        read: fn(&str) -> Result<HostPattern, PatternError>,
    ) -> Result<HostPattern, Fault> {
        read(text).map_err(|error| {
            let own_host = error == PatternError::HostInHost;
            let fault = self.fault(Problem::Pattern(error));
            if own_host {
                return fault.hint("`{domain}` stands for the mail domain, as in `mail.{domain}`");
            }
            fault
        })
    }
}

fn prefer(families: &[Family]) -> Option<[Service; 2]> {
    match families {
        [Family::Imap, Family::Pop3] => Some([Service::Imap, Service::Pop3]),
        [Family::Pop3, Family::Imap] => Some([Service::Pop3, Service::Imap]),
        _ => None,
    }
}

/// What has to be known of a profile to read one service of it.
struct Offering {
    service: Service,
    prefer: [Service; 2],
    starttls: bool,
}

impl Offering {
    fn offer(
        &self,
        given: Option<Switch<shape::Service>>,
        at: &At<'_>,
    ) -> Result<Option<Offer>, Fault> {
        let fields = match given {
            None | Some(Switch::Flag(false)) => return Ok(None),
            Some(Switch::Flag(true)) => None,
            Some(Switch::Value(fields)) => Some(fields),
        };
        let Some(fields) = fields else {
            let endpoint = |mode| self.endpoint(mode, Some(&Switch::Flag(true)), None, at);
            let servers = vec![Server { host: None, weight: Short::default().0 }];
            let (tls, starttls) = (endpoint(TlsMode::Implicit)?, endpoint(TlsMode::StartTls)?);
            return Ok(Some(Offer { servers, tls, starttls, login: None }));
        };
        let tls = self.endpoint(TlsMode::Implicit, fields.tls.as_ref(), fields.tls_priority, at)?;
        let starttls = self.endpoint(
            TlsMode::StartTls,
            fields.starttls.as_ref(),
            fields.starttls_priority,
            at,
        )?;
        if tls.is_none() && starttls.is_none() {
            let key = self.service.key();
            return Err(at
                .fault(Problem::NoMode { service: key })
                .hint(format!("add `{TLS}: true`, or write `{key}: false`")));
        }
        let servers = match fields.servers {
            Some(list) => servers(&list, [HOST, WEIGHT], at, |host, server| Server {
                host: Some(host),
                weight: server.weight.0,
            })?,
            None => vec![Server {
                host: match fields.host {
                    Some(host) => Some(at.field(HOST).pattern(&host, HostPattern::host)?),
                    None => None,
                },
                weight: fields.weight.unwrap_or_default().0,
            }],
        };
        Ok(Some(Offer { servers, tls, starttls, login: fields.login.map(login) }))
    }

    fn endpoint(
        &self,
        mode: TlsMode,
        given: Option<&Switch<Port>>,
        priority: Option<Short>,
        at: &At<'_>,
    ) -> Result<Option<Endpoint>, Fault> {
        let label = self.service.label(mode);
        let key = mode_key(mode);
        let port = match given {
            None | Some(Switch::Flag(false)) => {
                return match priority {
                    None => Ok(None),
                    Some(_) => Err(idle_priority(mode, at)),
                };
            }
            Some(Switch::Flag(true)) => label.default_port(),
            Some(Switch::Value(port)) => port.0,
        };
        if port == label.sibling().default_port() {
            let right = mode_key(label.sibling().mode());
            return Err(at
                .field(key)
                .fault(Problem::WrongMode { port, label })
                .hint(format!("write `{right}: {port}`, or `{key}: {}`", label.default_port())));
        }
        if mode == TlsMode::StartTls && !self.starttls {
            return Ok(None);
        }
        let priority =
            priority.map_or_else(|| computed_priority(label, self.prefer), |priority| priority.0);
        Ok(Some(Endpoint { port, priority }))
    }
}

pub(super) fn mode_key(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::Implicit => TLS,
        TlsMode::StartTls => STARTTLS,
    }
}

pub(super) fn priority_key(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::Implicit => "tls-priority",
        TlsMode::StartTls => "starttls-priority",
    }
}

fn idle_priority(mode: TlsMode, at: &At<'_>) -> Fault {
    let key = mode_key(mode);
    at.key(priority_key(mode))
        .fault(Problem::IdlePriority { mode })
        .hint(format!("add `{key}: true`, or leave the priority out"))
}

/// A server of a list.
pub(super) trait Listed {
    /// Its host, as written.
    fn host(&self) -> &str;
}

impl Listed for shape::Server {
    fn host(&self) -> &str {
        &self.host
    }
}

/// Reads a list of servers; `own` are the fields that each server has, and that therefore must not
/// stand beside the list.
pub(super) fn servers<S: Listed, T>(
    list: &[S],
    own: [&'static str; 2],
    at: &At<'_>,
    server: impl Fn(HostPattern, &S) -> T,
) -> Result<Vec<T>, Fault> {
    for field in own {
        if at.node.is_some_and(|node| node.entry(field).is_some()) {
            return Err(at
                .key(field)
                .fault(Problem::Conflict { field, other: SERVERS })
                .hint(format!("give each server its own `{field}`")));
        }
    }
    let at = at.field(SERVERS);
    if list.is_empty() || list.len() > MAX_SERVERS {
        return Err(at.fault(Problem::ServerCount { count: list.len() }));
    }
    let mut seen = HashSet::new();
    let servers = list.iter().enumerate().map(|(index, given)| {
        let at = at.item(index).field(HOST);
        let host = at.pattern(given.host(), HostPattern::host)?;
        if !seen.insert(host.to_string().to_ascii_lowercase()) {
            return Err(at.fault(Problem::SameServer { host: given.host().to_owned() }));
        }
        Ok(server(host, given))
    });
    servers.collect()
}

fn severities(
    given: Option<shape::Pairs<shape::Level>>,
    at: &At<'_>,
) -> Result<Vec<(Code, Option<Severity>)>, Fault> {
    let pairs = given.map_or_else(Vec::new, |pairs| pairs.0);
    // The pairs of the tree are those of the shape, in the same order.
    let severities = pairs.into_iter().enumerate().map(|(index, (text, level))| {
        let code = text.parse().map_err(|unknown: UnknownCode| {
            let hint = unknown.hint();
            at.pair(index, &text).0.fault(Problem::Code { code: text.clone() }).hint(hint)
        });
        Ok((code?, level.0))
    });
    severities.collect()
}
