//! Checks what the fields of a profile mean together, and builds the model.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use super::super::{Endpoint, HostPattern, Hosting, Login, Offer, Server, computed_priority};
use super::de::whole_number;
use super::diagnose::{Fault, Problem};
use super::place::{At, HOST, ServerEntry, servers};
use super::shape::{self, Family, Profile, Switch};
use super::tree::Node;
use super::{DEFAULT_WEIGHT, MAX_TTL, related};
use crate::code::{Code, Severity, UnknownCode};
use crate::service::{ConfigName, Related, Service, TlsMode};

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

/// The form of the login name, out of its word.
fn login(given: shape::Login) -> Login {
    match given {
        shape::Login::FullAddress => Login::FullAddress,
        shape::Login::LocalPart => Login::LocalPart,
    }
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
            let servers = vec![Server { host: None, weight: DEFAULT_WEIGHT }];
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
                weight: server.weight,
            })?,
            None => vec![Server {
                host: match fields.host {
                    Some(host) => Some(at.field(HOST).pattern(&host, HostPattern::host)?),
                    None => None,
                },
                weight: fields.weight.unwrap_or(DEFAULT_WEIGHT),
            }],
        };
        Ok(Some(Offer { servers, tls, starttls, login: fields.login.map(login) }))
    }

    /// Reads one TLS mode. The registered port of the other mode is refused: a client would wait
    /// for TLS where there is a greeting, or the other way round (RFC 6186 §3).
    fn endpoint(
        &self,
        mode: TlsMode,
        given: Option<&Switch<NonZeroU16>>,
        priority: Option<u16>,
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
            Some(Switch::Value(port)) => port.get(),
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
