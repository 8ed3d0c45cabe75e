//! The mail servers of a document, and what of them a profile can offer.

use super::super::file::{DEFAULT_WEIGHT, MAX_SERVERS};
use super::super::{
    Deny, Endpoint, HostPattern, Login, ModePort, Offer, Server, computed_priority,
};
use super::loss::{Losses, Reason};
use super::provider::DOMAIN;
use super::tree::Element;
use crate::hosting::Columns;
use crate::service::{Label, Related, Service, TlsMode};

/// A server that a profile could offer by itself.
struct Candidate<'a> {
    element: &'a Element,
    mode: TlsMode,
    host: HostPattern,
    port: u16,
    login: Option<Login>,
}

/// The servers of one service that are kept.
struct Kept<'a> {
    /// By the place of the mode in [`TlsMode::ALL`]; one candidate at least in all.
    modes: [Vec<Candidate<'a>>; 2],
}

/// The mail services of a document.
pub(super) struct Mail<'a> {
    services: [Option<Kept<'a>>; 3],
    /// The service to read mail with that is listed first.
    first: Option<Service>,
    /// The labels under which something is listed, kept or not.
    listed: Vec<Label>,
}

impl<'a> Mail<'a> {
    /// Reads the servers in the order of the document, which says what it prefers.
    pub(super) fn read(provider: &'a Element, losses: &mut Losses) -> Self {
        let mut candidates = [Vec::new(), Vec::new(), Vec::new()];
        let (mut first, mut listed) = (None, Vec::new());
        for element in &provider.children {
            let Some(known) = services_of(&element.name) else { continue };
            let kind = element.attribute("type").unwrap_or_default();
            let Some((_, service)) = known.iter().find(|(name, _)| *name == kind) else {
                losses.add(element, Reason::Type { found: super::tree::shown(kind) });
                // What is no type to readers may well have been meant as one.
                let is_meant = |name: &str| kind.is_empty() || kind.eq_ignore_ascii_case(name);
                let meant = known.iter().filter(|(name, _)| is_meant(name));
                listed.extend(meant.flat_map(|(_, service)| labels(element, *service)));
                continue;
            };
            listed.extend(labels(element, *service));
            match candidate(element, *service) {
                Ok(candidate) => {
                    candidates[*service as usize].push(candidate);
                    first = first.or_else(|| service.is_retrieval().then_some(*service));
                }
                Err((place, reason)) => losses.add(place, reason),
            }
        }
        let services = candidates.map(|candidates| Kept::new(candidates, losses));
        for candidate in services.iter().flatten().flat_map(Kept::candidates) {
            tell_details(candidate.element, losses);
        }
        Self { services, first, listed }
    }

    /// The host that most of a profile can go by: that of the first service.
    pub(super) fn host(&self) -> Option<HostPattern> {
        let kept = self.services.iter().flatten().next()?;
        kept.candidates().next().map(|candidate| candidate.host.clone())
    }

    /// The login name that most of a profile can go by; None where there is no service.
    pub(super) fn login(&self) -> Option<Login> {
        let mut services = self.services.iter().flatten().peekable();
        services.peek()?;
        Some(services.find_map(Kept::login).unwrap_or(Login::FullAddress))
    }

    /// What is denied: that which is neither offered nor listed, for a server that is listed and not
    /// carried over is there all the same.
    pub(super) fn deny(&self, related: &[Related]) -> Deny {
        let is_offered = |label: &Label| {
            let kept = self.services[label.service() as usize].as_ref();
            kept.is_some_and(|kept| !kept.modes[label.mode() as usize].is_empty())
        };
        let absent = || Label::ALL.into_iter().filter(|label| !is_offered(label));
        if !absent().any(|label| self.listed.contains(&label)) {
            return Deny::All;
        }
        let mail = absent().filter(|label| !self.listed.contains(label)).map(Label::text);
        let cleartext = related.iter().filter_map(|service| service.cleartext());
        Deny::Only(mail.chain(cleartext).collect())
    }

    /// The order in which the document wants clients to choose.
    pub(super) fn prefer(&self) -> [Service; 2] {
        match self.first {
            Some(Service::Pop3) if self.services[Service::Imap as usize].is_some() => {
                [Service::Pop3, Service::Imap]
            }
            _ => [Service::Imap, Service::Pop3],
        }
    }

    /// What a profile offers of them: hosts and logins that are those of the profile are left out.
    pub(super) fn offers(
        &self,
        host: &HostPattern,
        login: &Login,
        prefer: [Service; 2],
    ) -> [Option<Offer>; 3] {
        Service::ALL.map(|service| {
            let kept = self.services[service as usize].as_ref()?;
            let endpoint = |mode: TlsMode| {
                let port = kept.port(mode)?;
                let priority = computed_priority(service.label(mode), prefer);
                Some(Endpoint { port, priority })
            };
            Some(Offer {
                servers: kept.servers(host),
                tls: endpoint(TlsMode::Implicit),
                starttls: endpoint(TlsMode::StartTls),
                login: kept.login().filter(|own| own != login),
            })
        })
    }
}

impl<'a> Kept<'a> {
    /// Keeps of the candidates, in the order of the document, what one service of a profile can be.
    fn new(candidates: Vec<Candidate<'a>>, losses: &mut Losses) -> Option<Self> {
        let first = candidates.first()?.mode;
        let mut modes = [Vec::new(), Vec::new()];
        let mut count = 0;
        for candidate in candidates {
            let given: &mut Vec<Candidate<'a>> = &mut modes[candidate.mode as usize];
            let is_known = |known: &Candidate<'_>| {
                same_host(known, &candidate) && known.port == candidate.port
            };
            if given.iter().any(is_known) {
                losses.add(candidate.element, Reason::Repeated);
            } else if count == MAX_SERVERS {
                losses.add(candidate.element, Reason::TooManyServers);
            } else {
                count += 1;
                given.push(candidate);
            }
        }
        if first == TlsMode::StartTls && !modes[TlsMode::Implicit as usize].is_empty() {
            for candidate in &modes[first as usize] {
                losses.add(candidate.element, Reason::StartTlsFirst);
            }
        }
        let kept = Self { modes };
        for candidate in kept.candidates().filter(|candidate| candidate.login.is_some()) {
            if candidate.login != kept.login() {
                losses.add(at(candidate.element, USERNAME), Reason::OtherLogin);
            }
        }
        Some(kept)
    }

    /// All servers that are kept, mode by mode.
    fn candidates(&self) -> impl Iterator<Item = &Candidate<'a>> {
        self.modes.iter().flatten()
    }

    /// The port of the service in a mode: that of the first server.
    fn port(&self, mode: TlsMode) -> Option<u16> {
        self.modes[mode as usize].first().map(|candidate| candidate.port)
    }

    /// The first form of login name that is told.
    fn login(&self) -> Option<Login> {
        self.candidates().find_map(|candidate| candidate.login.clone())
    }

    /// The servers: what is listed first in a mode has the highest weight there, so that documents
    /// made of the profile name it, too.
    fn servers(&self, host: &HostPattern) -> Vec<Server> {
        let [tls, starttls] = &self.modes;
        let (longer, shorter) =
            if tls.len() >= starttls.len() { (tls, starttls) } else { (starttls, tls) };
        let is_shared = longer.iter().zip(shorter).all(|(one, other)| same_host(one, other));
        let mut servers = Vec::new();
        if is_shared {
            // The weight of both modes; what only the longer list has comes after all others.
            for (place, candidate) in longer.iter().enumerate() {
                let ports = [tls.get(place), starttls.get(place)];
                servers.push(self.server(candidate, ports, longer.len() - place));
            }
        } else {
            for (place, candidate) in tls.iter().enumerate() {
                servers.push(self.server(candidate, [Some(candidate), None], tls.len() - place));
            }
            for (place, candidate) in starttls.iter().enumerate() {
                let ports = [None, Some(candidate)];
                servers.push(self.server(candidate, ports, starttls.len() - place));
            }
        }
        if let [only] = servers.as_mut_slice() {
            only.host = only.host.take().filter(|own| own.to_string() != host.to_string());
        }
        servers
    }

    /// A server with a share of its own.
    fn server(
        &self,
        candidate: &Candidate<'_>,
        ports: [Option<&Candidate<'_>>; 2],
        weight: usize,
    ) -> Server {
        let port = |mode: TlsMode| match (self.port(mode), ports[mode as usize]) {
            (None, _) => ModePort::OfService,
            (Some(_), None) => ModePort::Absent,
            (Some(shared), Some(own)) if own.port == shared => ModePort::OfService,
            (Some(_), Some(own)) => ModePort::Own(own.port),
        };
        let weight = u16::try_from(weight).unwrap_or(u16::MAX).max(DEFAULT_WEIGHT);
        Server { host: Some(candidate.host.clone()), weight, ports: TlsMode::ALL.map(port) }
    }
}

/// Compares without regard to case, as DNS does.
fn same_host(one: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    let text = |candidate: &Candidate<'_>| candidate.host.to_string().to_ascii_lowercase();
    text(one) == text(other)
}

/// The services that an element of this name can be of, by its type; None where it is no server.
fn services_of(name: &str) -> Option<&'static [(&'static str, Service)]> {
    match name {
        "incomingServer" => Some(&[("imap", Service::Imap), ("pop3", Service::Pop3)]),
        "outgoingServer" => Some(&[("smtp", Service::Submission)]),
        _ => None,
    }
}

/// The elements of a server.
const HOSTNAME: &str = "hostname";
const PORT: &str = "port";
const SOCKET_TYPE: &str = "socketType";
const USERNAME: &str = "username";

/// The element to point at: the first child of that name, or the server itself.
fn at<'a>(server: &'a Element, name: &str) -> &'a Element {
    server.children.iter().find(|child| child.name == name).unwrap_or(server)
}

/// The labels under which a server stands: both of the service where its mode is not told, or is
/// none that a profile has.
fn labels(element: &Element, service: Service) -> Vec<Label> {
    match element.child(SOCKET_TYPE).map(Element::text).and_then(mode) {
        Some(mode) => vec![service.label(mode)],
        None => TlsMode::ALL.map(|mode| service.label(mode)).to_vec(),
    }
}

/// The mode of a socket type.
fn mode(socket_type: &str) -> Option<TlsMode> {
    match socket_type {
        "SSL" => Some(TlsMode::Implicit),
        "STARTTLS" => Some(TlsMode::StartTls),
        _ => None,
    }
}

/// A server with all that makes it one; else the element that stands in the way.
fn candidate(element: &Element, service: Service) -> Result<Candidate<'_>, (&Element, Reason)> {
    let field = |name: &'static str| {
        let found = element.child(name).filter(|child| !child.text().is_empty());
        found.ok_or((element, Reason::Missing { element: name }))
    };
    let socket_type = field(SOCKET_TYPE)?;
    let mode = mode(socket_type.text()).ok_or_else(|| match socket_type.text() {
        "plain" => (socket_type, Reason::Cleartext),
        _ => (socket_type, Reason::SocketType { found: socket_type.shown() }),
    })?;
    let hostname = field(HOSTNAME)?;
    let host = host(hostname.text()).map_err(|problem| (hostname, Reason::Host { problem }))?;
    let given = field(PORT)?;
    let port = given.text().parse().ok().filter(|port| *port != 0);
    let port: u16 = port.ok_or_else(|| (given, Reason::Port { found: given.shown() }))?;
    let label = service.label(mode);
    if port == label.sibling().default_port() {
        return Err((given, Reason::WrongMode { port, label }));
    }
    let login = element.child(USERNAME).and_then(|username| login(username.text()));
    Ok(Candidate { element, mode, host, port, login })
}

/// The longest host name that is looked at, its placeholders included.
const MAX_HOST: usize = 400;

/// Reads a host name in which [`DOMAIN`] stands for the mail domain.
pub(super) fn host(text: &str) -> Result<HostPattern, String> {
    let is_foreign = |c: char| c.is_control() || matches!(c, '{' | '}');
    if text.contains(is_foreign) || text.len() > MAX_HOST {
        return Err(format!("`{}` is no host name", super::tree::shown(text)));
    }
    let pattern = text.replace(DOMAIN, "{domain}");
    let pattern = HostPattern::host(&pattern).map_err(|error| error.to_string())?;
    // What stands around a placeholder is looked at only where the domain is known.
    let domain = "a.example".parse().map_err(|error: crate::name::NameError| error.to_string())?;
    pattern.expand(&domain, &Columns::default(), None).map_err(|error| error.to_string())?;
    Ok(pattern)
}

/// The form of a login name; None where a profile does not have it.
pub(super) fn login(username: &str) -> Option<Login> {
    let placeholders = [
        ("%EMAILADDRESS%", "{address}"),
        ("%EMAILLOCALPART%", "{local-part}"),
        ("%EMAILDOMAIN%", "{domain}"),
    ];
    if username.contains(['{', '}']) {
        return None;
    }
    let pattern = placeholders
        .iter()
        .fold(username.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours));
    if pattern == username {
        // Without a placeholder it is the same for everybody, even where it spells a word of ours.
        return None;
    }
    pattern.parse().ok()
}

/// Tells what else is said of a server that is kept.
fn tell_details(server: &Element, losses: &mut Losses) {
    let is_password = |method: &Element| PASSWORDS.contains(&method.text());
    let has_password = server.children_of("authentication").any(is_password);
    for child in &server.children {
        let name = child.name.as_str();
        let is_first = std::ptr::eq(at(server, name), child);
        let reason = match name {
            "authentication" if is_password(child) => continue,
            "authentication" if has_password => Reason::OtherMethod { method: child.shown() },
            "authentication" => Reason::NoPassword { method: child.shown() },
            HOSTNAME | PORT | SOCKET_TYPE | USERNAME if !is_first => Reason::Second,
            USERNAME if login(child.text()).is_none() && !child.text().is_empty() => {
                Reason::LoginName { found: child.shown() }
            }
            HOSTNAME | PORT | SOCKET_TYPE | USERNAME => continue,
            "restriction" => Reason::Restriction,
            "pop3" | "useGlobalPreferredServer" | "addThisServer" | "password" => {
                Reason::ClientSetting
            }
            _ => Reason::Unknown,
        };
        losses.add(child, reason);
    }
}

/// The words for a password inside TLS: that of the format, and two that are met.
const PASSWORDS: [&str; 3] = ["password-cleartext", "plain", "password"];
