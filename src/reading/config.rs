//! `config-v1.1.xml` as clients read it (draft-ietf-mailmaint-autoconfig §3): what stands in it, in
//! its order. What of that is good enough, each client decides.

use super::server::{By, Mode, Server};
use super::strict::{Slip, slip};
use super::user::User;
use super::xml::outermost;
use crate::hosting::ispdb::Element;
use crate::page::Url;
use crate::service::{SMTP_PORT, Service, TlsMode};

/// Where it stands on `autoconfig` (draft-ietf-mailmaint-autoconfig §4.1).
pub const CONFIG_PATH: &str = "/mail/config-v1.1.xml";

/// A document, or what of its first provider a client looks at.
#[derive(Debug)]
pub struct Config {
    /// The `id` of the provider.
    id: String,
    /// How many domains it names.
    domains: usize,
    /// The servers, in the order of the document.
    pub entries: Vec<Entry>,
    slip: Option<Slip>,
}

/// A server as it is written down.
#[derive(Debug)]
pub struct Entry {
    /// Whether it is one for reading mail.
    pub is_incoming: bool,
    /// Its type: `imap`, `pop3`, `smtp`, or what no client knows.
    pub kind: String,
    /// Its host as it stands there, placeholders and all.
    pub host: String,
    port: String,
    /// The text of every `socketType`, in order.
    socket_types: Vec<String>,
    /// The form of the login name; none where it is empty.
    pub user: Option<String>,
    /// Whether something stands for the login name, be it empty.
    pub has_username: bool,
    /// The ways to log in.
    pub methods: Vec<String>,
}

impl Config {
    /// Reads a document; None where it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        outermost(body)
            .filter(|root| root.name == "clientConfig")
            .and_then(|it| Self::of(body, &it))
    }

    /// The same as strict readers do it, who look at no root.
    pub fn of_any_root(body: &[u8]) -> Option<Self> {
        Self::of(body, &outermost(body)?)
    }

    fn of(body: &[u8], root: &Element) -> Option<Self> {
        let provider = root.child("emailProvider")?;
        let entries = provider.children.iter().filter_map(Entry::read).collect();
        Some(Self {
            id: provider.attribute("id").unwrap_or_default().to_owned(),
            domains: provider.children_of("domain").count(),
            entries,
            slip: slip(body, root),
        })
    }

    /// Why strict readers take none of it; None where they take it.
    pub fn slip(&self) -> Option<&Slip> {
        self.slip.as_ref()
    }

    /// The servers as strict readers take them that take the document: those for reading mail first, a
    /// port or socketType that is missing as it is by default.
    pub fn strict_servers(&self, user: &User<'_>, url: &Url) -> Vec<Server> {
        let of = |is_incoming| self.entries.iter().filter(move |it| it.is_incoming == is_incoming);
        of(true).chain(of(false)).filter_map(|entry| entry.strict_server(user, url)).collect()
    }

    /// Whether the provider has a name and a domain, without which Thunderbird takes none of it.
    pub fn is_named(&self) -> bool {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        !self.id.is_empty() && self.id.chars().all(fits) && self.domains > 0
    }

    /// The servers that are fit to be used, in the order of the document.
    pub fn servers(&self, user: &User<'_>, url: &Url) -> Vec<Server> {
        self.entries.iter().filter_map(|entry| entry.server(user, url)).collect()
    }

    /// The first of them that is of a service.
    pub fn first(&self, user: &User<'_>, url: &Url, service: Service) -> Option<Server> {
        self.servers(user, url).into_iter().find(|server| server.service == service)
    }
}

impl Entry {
    /// Every server that is written down anywhere in a document, whatever its root; None where a body is
    /// no well-formed document.
    pub fn anywhere(body: &[u8]) -> Option<Vec<Self>> {
        let mut entries = Vec::new();
        let mut ahead = vec![outermost(body)?];
        while let Some(mut element) = ahead.pop() {
            entries.extend(Self::read(&element));
            ahead.extend(element.children.drain(..).rev());
        }
        Some(entries)
    }

    fn read(element: &Element) -> Option<Self> {
        let is_incoming = match element.name.as_str() {
            "incomingServer" => true,
            "outgoingServer" => false,
            _ => return None,
        };
        let text = |name| element.child(name).map(Element::text).unwrap_or_default().to_owned();
        Some(Self {
            is_incoming,
            kind: element.attribute("type").unwrap_or_default().to_owned(),
            host: text("hostname"),
            port: text("port"),
            socket_types: element
                .children_of("socketType")
                .map(|mode| mode.text().to_owned())
                .collect(),
            user: Some(text("username")).filter(|user| !user.is_empty()),
            has_username: element.child("username").is_some(),
            methods: element
                .children_of("authentication")
                .map(|method| method.text().to_owned())
                .collect(),
        })
    }

    /// The service, where it is one of mail.
    pub fn service(&self) -> Option<Service> {
        match (self.is_incoming, self.kind.as_str()) {
            (true, "imap") => Some(Service::Imap),
            (true, "pop3") => Some(Service::Pop3),
            (false, "smtp") => Some(Service::Submission),
            _ => None,
        }
    }

    /// Its port; None where that is no number, or 0.
    pub fn port(&self) -> Option<u16> {
        self.port.parse().ok().filter(|port| *port != 0)
    }

    /// When TLS begins; None where that is not one of the three words of the format. Of several the
    /// first counts.
    pub fn mode(&self) -> Option<Mode> {
        self.modes().next().flatten()
    }

    /// The same of each `socketType` that the server has, in order.
    pub fn modes(&self) -> impl Iterator<Item = Option<Mode>> {
        self.socket_types.iter().map(|word| mode(word))
    }

    /// The same of the last `socketType`, for readers that take its words in letters of either case.
    pub fn last_mode(&self) -> Option<Mode> {
        let written = self.socket_types.last()?;
        ["SSL", "STARTTLS", "plain"]
            .into_iter()
            .find(|it| it.eq_ignore_ascii_case(written))
            .and_then(mode)
    }

    fn strict_server(&self, user: &User<'_>, url: &Url) -> Option<Server> {
        // They look at the type alone.
        let service = match self.kind.as_str() {
            "imap" => Service::Imap,
            "pop3" => Service::Pop3,
            "smtp" => Service::Submission,
            _ => return None,
        };
        let mode = match self.socket_types.first().map(String::as_str) {
            Some("STARTTLS" | "starttls") => Mode::Tls(TlsMode::StartTls),
            Some("plain") => Mode::Plain,
            Some(_) | None => Mode::Tls(TlsMode::Implicit),
        };
        let registered = |mode| service.label(mode).default_port();
        let by_default = match (mode, service) {
            (Mode::Tls(mode), _) => registered(mode),
            (Mode::Plain, Service::Submission) => SMTP_PORT,
            (Mode::Plain, _) => registered(TlsMode::StartTls),
        };
        let port = if self.port.is_empty() { by_default } else { self.port.parse().ok()? };
        let host = user.fill(&self.host).to_ascii_lowercase();
        Some(Server {
            service,
            host: Some(host).filter(|host| !host.is_empty())?,
            port,
            mode,
            login: self.user.as_deref().map(|login| user.fill(login)),
            by: By::Document(url.clone()),
        })
    }

    /// The server, where it is whole; None where something is missing.
    pub fn server(&self, user: &User<'_>, url: &Url) -> Option<Server> {
        self.server_in(self.mode()?, user, url)
    }

    /// The same in a mode, whatever is written of that.
    pub fn server_in(&self, mode: Mode, user: &User<'_>, url: &Url) -> Option<Server> {
        let host = user.fill(&self.host).to_ascii_lowercase();
        Some(Server {
            service: self.service()?,
            host: Some(host).filter(|host| !host.is_empty())?,
            port: self.port()?,
            mode,
            login: self.user.as_deref().map(|login| user.fill(login)),
            by: By::Document(url.clone()),
        })
    }
}

/// The mode of a `socketType`.
fn mode(word: &str) -> Option<Mode> {
    match word {
        "SSL" => Some(Mode::Tls(TlsMode::Implicit)),
        "STARTTLS" => Some(Mode::Tls(TlsMode::StartTls)),
        "plain" => Some(Mode::Plain),
        _ => None,
    }
}
