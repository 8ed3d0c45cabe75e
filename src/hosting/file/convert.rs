//! Checks what the fields of a profile mean together, and builds the model.

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroU16;

use super::super::{
    Deny, Endpoint, HostPattern, Hosting, Login, LoginError, ModePort, Offer, Server,
    computed_priority,
};
use super::de::whole_number;
use super::diagnose::{Fault, Problem};
use super::place::{At, HOST, SERVERS, ServerEntry, servers};
use super::shape::{self, Family, Profile, Switch};
use super::tree::Node;
use super::words;
use super::{DEFAULT_WEIGHT, MAX_TTL, related};
use crate::code::{Code, Severity, UnknownCode};
use crate::service::{ConfigName, Label, Related, Service, TlsMode};

/// Keys of a service, which problems name.
const TLS: &str = "tls";
const STARTTLS: &str = "starttls";
const WEIGHT: &str = "weight";

/// Builds the model; the tree tells where each field stands.
pub(super) fn hosting(profile: Profile, root: &Node) -> Result<Hosting, Fault> {
    let at = At::new(root);
    let host = at.field(HOST).pattern(&profile.host, HostPattern::host)?;
    let prefer =
        prefer(&profile.prefer).ok_or_else(|| at.field("prefer").fault(Problem::Prefer))?;
    let ttl = Some(profile.ttl).filter(|ttl| *ttl <= MAX_TTL).ok_or_else(|| {
        at.field("ttl").value(whole_number(0, MAX_TTL), format_args!("`{}`", profile.ttl))
    })?;
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
    let deny = deny(&profile.deny, &services, &at.field("deny"))?;
    let config = |name: ConfigName| at.field(name.text());
    let beside = |service: Related| at.field(service.key());
    let hosting = Hosting {
        host,
        services,
        login: login(&profile.login, &at.field(LOGIN))?,
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
        deny,
        prefer,
        ttl,
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

/// A key that is named where the profile has nothing for PACC to say.
const PACC: &str = "pacc";

/// The key of the form of the login name, of a profile and of a service.
const LOGIN: &str = "login";

/// The form of the login name, out of its word or its pattern.
fn login(given: &words::Login, at: &At<'_>) -> Result<Login, Fault> {
    given.0.parse().map_err(|error: LoginError| at.fault(Problem::Login(error)))
}

/// What is denied; nothing that is offered can be.
fn deny(given: &words::Deny, services: &[Option<Offer>; 3], at: &At<'_>) -> Result<Deny, Fault> {
    let labels = match given {
        words::Deny::Flag(true) => return Ok(Deny::All),
        words::Deny::Flag(false) => &[][..],
        words::Deny::Labels(labels) => labels.as_slice(),
    };
    let mut denied = Vec::new();
    for (index, words::DeniedLabel(text)) in labels.iter().enumerate() {
        let offered = Label::ALL.into_iter().any(|label| {
            let offer = services[label.service() as usize].as_ref();
            label.text() == *text && offer.is_some_and(|o| o.endpoint(label.mode()).is_some())
        });
        if offered {
            return Err(at.item(index).fault(Problem::DeniedOffer { label: text }));
        }
        if !denied.contains(text) {
            denied.push(text);
        }
    }
    Ok(Deny::Only(denied))
}

/// The order of the two retrieval services; None unless each is named once.
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
    /// Reads one service: `true` is TLS and STARTTLS at the registered ports, and a map has what it
    /// says.
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
            let servers = vec![Server::plain(None, DEFAULT_WEIGHT)];
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
            Some(list) => self.servers(&list, [tls, starttls], at)?,
            None => {
                let host = match fields.host {
                    Some(host) => Some(at.field(HOST).pattern(&host, HostPattern::host)?),
                    None => None,
                };
                vec![Server::plain(host, fields.weight.unwrap_or(DEFAULT_WEIGHT))]
            }
        };
        let login = match fields.login {
            Some(given) => Some(login(&given, &at.field(LOGIN))?),
            None => None,
        };
        Ok(Some(Offer { servers, tls, starttls, login }))
    }

    /// Reads several servers, each of which may have ports of its own. A mode that the service
    /// offers has one of them at least, and a port of a host is listed once.
    fn servers(
        &self,
        list: &[shape::Server],
        endpoints: [Option<Endpoint>; 2],
        at: &At<'_>,
    ) -> Result<Vec<Server>, Fault> {
        let mut read = servers(list, [HOST, WEIGHT], at, |host, server| {
            Server::plain(Some(host), server.weight)
        })?;
        let of_list = at.field(SERVERS);
        let mut seen = HashSet::new();
        for (index, (server, given)) in read.iter_mut().zip(list).enumerate() {
            let at = of_list.item(index);
            for (mode, given) in TlsMode::ALL.into_iter().zip([&given.tls, &given.starttls]) {
                let endpoint = endpoints[mode as usize];
                server.ports[mode as usize] =
                    self.mode_port(mode, given.as_ref(), endpoint, &at)?;
                let Some(port) = endpoint.and_then(|endpoint| server.port(mode, endpoint)) else {
                    continue;
                };
                if !seen.insert((given_host(server), mode, port)) {
                    let host = list[index].host.clone();
                    return Err(at.field(HOST).fault(Problem::SameServer { host }));
                }
            }
        }
        for mode in TlsMode::ALL {
            let Some(endpoint) = endpoints[mode as usize] else { continue };
            if read.iter().all(|server| server.port(mode, endpoint).is_none()) {
                return Err(of_list.fault(Problem::NoServer { mode }));
            }
        }
        read.retain(|server| {
            let has = |mode: TlsMode| {
                endpoints[mode as usize].is_some_and(|one| server.port(mode, one).is_some())
            };
            TlsMode::ALL.into_iter().any(has)
        });
        Ok(read)
    }

    /// Where one of several servers has the service in a mode.
    fn mode_port(
        &self,
        mode: TlsMode,
        given: Option<&Switch<NonZeroU16>>,
        endpoint: Option<Endpoint>,
        at: &At<'_>,
    ) -> Result<ModePort, Fault> {
        let Some(endpoint) = endpoint else {
            let off = mode == TlsMode::StartTls && !self.starttls;
            return match given {
                None | Some(Switch::Flag(false)) => Ok(ModePort::OfService),
                Some(_) if off => Ok(ModePort::OfService),
                Some(_) => {
                    let key = mode_key(mode);
                    let hint = format!("add `{key}: true` to the service, beside `{SERVERS}`");
                    Err(at.key(key).fault(Problem::IdlePort { mode }).hint(hint))
                }
            };
        };
        Ok(match given {
            None | Some(Switch::Flag(true)) => ModePort::OfService,
            Some(Switch::Flag(false)) => ModePort::Absent,
            Some(Switch::Value(port)) if port.get() == endpoint.port => ModePort::OfService,
            Some(Switch::Value(port)) => ModePort::Own(self.own_port(mode, port.get(), at)?),
        })
    }

    /// Refuses the registered port of the other mode: a client would wait for TLS where there is a
    /// greeting, or the other way round (RFC 6186 §3).
    fn own_port(&self, mode: TlsMode, port: u16, at: &At<'_>) -> Result<u16, Fault> {
        let (label, key) = (self.service.label(mode), mode_key(mode));
        if port != label.sibling().default_port() {
            return Ok(port);
        }
        let right = mode_key(label.sibling().mode());
        let hint = format!("write `{right}: {port}`, or `{key}: {}`", label.default_port());
        Err(at.field(key).fault(Problem::WrongMode { port, label }).hint(hint))
    }

    /// Reads one TLS mode.
    fn endpoint(
        &self,
        mode: TlsMode,
        given: Option<&Switch<NonZeroU16>>,
        priority: Option<u16>,
        at: &At<'_>,
    ) -> Result<Option<Endpoint>, Fault> {
        let label = self.service.label(mode);
        let port = match given {
            None | Some(Switch::Flag(false)) => {
                return match priority {
                    None => Ok(None),
                    Some(_) => Err(idle_priority(mode, at)),
                };
            }
            Some(Switch::Flag(true)) => label.default_port(),
            Some(Switch::Value(port)) => port.get(),
        };
        let port = self.own_port(mode, port, at)?;
        if mode == TlsMode::StartTls && !self.starttls {
            return Ok(None);
        }
        let priority = priority.unwrap_or_else(|| computed_priority(label, self.prefer));
        Ok(Some(Endpoint { port, priority }))
    }
}

/// The key of a mode.
pub(super) fn mode_key(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::Implicit => TLS,
        TlsMode::StartTls => STARTTLS,
    }
}

/// The key of the priority of a mode.
pub(super) fn priority_key(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::Implicit => "tls-priority",
        TlsMode::StartTls => "starttls-priority",
    }
}

/// Whoever gives a priority means to offer the mode.
fn idle_priority(mode: TlsMode, at: &At<'_>) -> Fault {
    let key = mode_key(mode);
    at.key(priority_key(mode))
        .fault(Problem::IdlePriority { mode })
        .hint(format!("add `{key}: true`, or leave the priority out"))
}

impl ServerEntry for shape::Server {
    fn host(&self) -> &str {
        &self.host
    }

    fn key(&self) -> String {
        let port = |given: &Option<Switch<NonZeroU16>>| match given {
            None | Some(Switch::Flag(true)) => "as the service".to_owned(),
            Some(Switch::Flag(false)) => "none".to_owned(),
            Some(Switch::Value(port)) => port.to_string(),
        };
        let host = self.host.to_ascii_lowercase();
        format!("{host} {} {}", port(&self.tls), port(&self.starttls))
    }
}

/// The host of a server as DNS compares it.
fn given_host(server: &Server) -> String {
    server.host.as_ref().map(|host| host.to_string().to_ascii_lowercase()).unwrap_or_default()
}

/// Reads severities in the order of the file.
fn severities(
    given: Option<BTreeMap<String, shape::Level>>,
    at: &At<'_>,
) -> Result<Vec<(Code, Option<Severity>)>, Fault> {
    let levels = given.unwrap_or_default();
    let severities = at.pairs(&levels).map(|(key, _, text, level)| {
        let code = text.parse().map_err(|unknown: UnknownCode| {
            let hint = unknown.hint();
            key.fault(Problem::Code { code: text.to_owned() }).hint(hint)
        });
        Ok((code?, level.0))
    });
    severities.collect()
}
