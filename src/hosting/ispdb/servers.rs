//! The mail servers of a document, and what of them a profile can offer.

use super::super::file::{DEFAULT_WEIGHT, MAX_SERVERS};
use super::super::{Endpoint, HostPattern, Login, Offer, Server, computed_priority};
use super::loss::{Losses, Reason};
use super::provider::DOMAIN;
use super::tree::Element;
use crate::hosting::Columns;
use crate::service::{Service, TlsMode};

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
    /// One or two modes, in the order of the document.
    modes: Vec<Mode<'a>>,
}

/// The servers of one service in one TLS mode.
struct Mode<'a> {
    mode: TlsMode,
    port: u16,
    /// One at least.
    candidates: Vec<Candidate<'a>>,
}

/// The mail services of a document.
pub(super) struct Mail<'a> {
    services: [Option<Kept<'a>>; 3],
    /// The service to read mail with that is listed first.
    first: Option<Service>,
}

impl<'a> Mail<'a> {
    /// Reads the servers in the order of the document, which says what it prefers.
    pub(super) fn read(provider: &'a Element, losses: &mut Losses) -> Self {
        let mut candidates = [Vec::new(), Vec::new(), Vec::new()];
        let mut first = None;
        for element in &provider.children {
            let Some(known) = services_of(&element.name) else { continue };
            let kind = element.attribute("type").unwrap_or_default();
            let Some((_, service)) = known.iter().find(|(name, _)| *name == kind) else {
                losses.add(element, Reason::Type { found: super::tree::shown(kind) });
                continue;
            };
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
        Self { services, first }
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
        login: Login,
        prefer: [Service; 2],
    ) -> [Option<Offer>; 3] {
        Service::ALL.map(|service| {
            let kept = self.services[service as usize].as_ref()?;
            let endpoint = |mode| {
                let given = kept.modes.iter().find(|given| given.mode == mode)?;
                let priority = computed_priority(service.label(mode), prefer);
                Some(Endpoint { port: given.port, priority })
            };
            Some(Offer {
                servers: kept.servers(host),
                tls: endpoint(TlsMode::Implicit),
                starttls: endpoint(TlsMode::StartTls),
                login: kept.login().filter(|own| *own != login),
            })
        })
    }
}

impl<'a> Kept<'a> {
    /// Keeps of the candidates, in the order of the document, what one service of a profile can be.
    fn new(candidates: Vec<Candidate<'a>>, losses: &mut Losses) -> Option<Self> {
        let mut modes: Vec<Mode<'a>> = Vec::new();
        for candidate in candidates {
            let (mode, port, element) = (candidate.mode, candidate.port, candidate.element);
            let Some(given) = modes.iter_mut().find(|given| given.mode == mode) else {
                modes.push(Mode { mode, port, candidates: vec![candidate] });
                continue;
            };
            if given.port != port {
                losses.add(at(element, PORT), Reason::OtherPort { kept: given.port });
            } else if given.candidates.iter().any(|known| same_host(known, &candidate)) {
                losses.add(element, Reason::Repeated);
            } else if given.candidates.len() == MAX_SERVERS {
                losses.add(element, Reason::TooManyServers);
            } else {
                given.candidates.push(candidate);
            }
        }
        if let [one, other] = modes.as_slice() {
            let is_equal = one.candidates.len() == other.candidates.len()
                && one
                    .candidates
                    .iter()
                    .zip(&other.candidates)
                    .all(|(one, other)| same_host(one, other));
            if !is_equal {
                for candidate in &other.candidates {
                    losses.add(at(candidate.element, HOSTNAME), Reason::OtherHosts);
                }
                modes.truncate(1);
            }
        }
        if let [Mode { mode: TlsMode::StartTls, candidates, .. }, _] = modes.as_slice() {
            for candidate in candidates {
                losses.add(candidate.element, Reason::StartTlsFirst);
            }
        }
        if modes.is_empty() {
            return None;
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
        self.modes.iter().flat_map(|mode| &mode.candidates)
    }

    /// The first form of login name that is told.
    fn login(&self) -> Option<Login> {
        self.candidates().find_map(|candidate| candidate.login)
    }

    /// The servers, which are the same in each mode: what is listed first has the highest weight,
    /// so that documents made of the profile name it, too.
    fn servers(&self, host: &HostPattern) -> Vec<Server> {
        let Some(Mode { candidates, .. }) = self.modes.first() else { return Vec::new() };
        if let [only] = candidates.as_slice() {
            let own = (only.host.to_string() != host.to_string()).then(|| only.host.clone());
            return vec![Server { host: own, weight: DEFAULT_WEIGHT }];
        }
        let weight = |place: usize| u16::try_from(candidates.len() - place).unwrap_or(u16::MAX);
        let servers = candidates.iter().enumerate();
        servers
            .map(|(place, candidate)| Server {
                host: Some(candidate.host.clone()),
                weight: weight(place),
            })
            .collect()
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

/// A server with all that makes it one; else the element that stands in the way.
fn candidate(element: &Element, service: Service) -> Result<Candidate<'_>, (&Element, Reason)> {
    let field = |name: &'static str| {
        let found = element.child(name).filter(|child| !child.text().is_empty());
        found.ok_or((element, Reason::Missing { element: name }))
    };
    let socket_type = field(SOCKET_TYPE)?;
    let mode = match socket_type.text() {
        "SSL" => TlsMode::Implicit,
        "STARTTLS" => TlsMode::StartTls,
        "plain" => return Err((socket_type, Reason::Cleartext)),
        _ => return Err((socket_type, Reason::SocketType { found: socket_type.shown() })),
    };
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
    match username {
        "%EMAILADDRESS%" | "%EMAILLOCALPART%@%EMAILDOMAIN%" => Some(Login::FullAddress),
        "%EMAILLOCALPART%" => Some(Login::LocalPart),
        _ => None,
    }
}

/// Tells what else is said of a server that is kept.
fn tell_details(server: &Element, losses: &mut Losses) {
    let is_password = |method: &Element| matches!(method.text(), "password-cleartext" | "plain");
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
