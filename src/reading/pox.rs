//! The plain XML answer of Autodiscover (MS-OXDSCLI §2.2.4), as clients read it.

use super::server::{By, Mode, Server};
use super::xml::outermost;
use crate::hosting::ispdb::Element;
use crate::page::Url;
use crate::service::{Label, SMTP_PORT, Service, TlsMode};

/// An answer.
#[derive(Debug)]
pub struct Pox {
    /// Where the client is to ask instead.
    pub redirect: Option<Url>,
    /// The mail address about which it is to ask instead.
    pub redirect_address: Option<String>,
    /// The servers of mail, in the order of the document.
    pub protocols: Vec<Protocol>,
}

/// What the answer says of a server.
#[derive(Debug)]
pub struct Protocol {
    /// What it is for.
    pub service: Service,
    host: String,
    port: u16,
    /// The login name, as written; it may be empty.
    pub login: Option<String>,
    /// Whether there is TLS, which is the default.
    pub is_ssl: bool,
    /// What stands in `Encryption`, in lower case.
    pub encryption: String,
}

impl Pox {
    /// Reads an answer; None where it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        let root = outermost(body).filter(|root| root.name == "Autodiscover")?;
        let account = root.child("Response")?.child("Account")?;
        let redirect = account.child("RedirectUrl").and_then(|url| url.text().parse().ok());
        let redirect_address = account.child("RedirectAddr").map(|it| it.text().to_owned());
        let protocols = account.children_of("Protocol").filter_map(Protocol::read).collect();
        Some(Self { redirect, redirect_address, protocols })
    }

    /// The first server of a service.
    pub fn first(&self, service: Service) -> Option<&Protocol> {
        self.protocols.iter().find(|protocol| protocol.service == service)
    }
}

impl Protocol {
    fn read(element: &Element) -> Option<Self> {
        let text = |name| element.child(name).map(Element::text);
        let service = match text("Type").or_else(|| element.attribute("Type"))? {
            "IMAP" => Service::Imap,
            "POP3" => Service::Pop3,
            "SMTP" => Service::Submission,
            _ => return None,
        };
        Some(Self {
            service,
            host: text("Server").filter(|host| !host.is_empty())?.to_ascii_lowercase(),
            port: text("Port")?.parse().ok().filter(|port| *port != 0)?,
            login: text("LoginName").map(str::to_owned),
            is_ssl: !text("SSL").unwrap_or("on").eq_ignore_ascii_case("off"),
            encryption: text("Encryption").unwrap_or_default().to_ascii_lowercase(),
        })
    }

    /// The mode by the port: STARTTLS at those registered for it, TLS at all others.
    pub fn mode_by_port(&self) -> TlsMode {
        let registered =
            |label: Label| label.mode() == TlsMode::StartTls && label.default_port() == self.port;
        match self.port == SMTP_PORT || Label::ALL.into_iter().any(registered) {
            true => TlsMode::StartTls,
            false => TlsMode::Implicit,
        }
    }

    /// The mode as Thunderbird reads it.
    pub fn mode(&self) -> Mode {
        match self.is_ssl && self.encryption != "none" {
            true => Mode::Tls(self.mode_by_port()),
            false => Mode::Plain,
        }
    }

    /// The server in a mode.
    pub fn server(&self, url: &Url, mode: Mode, login: Option<String>) -> Server {
        let (host, by) = (self.host.clone(), By::Document(url.clone()));
        Server { service: self.service, host, port: self.port, mode, login, by }
    }
}

/// Where Autodiscover is asked on a host (MS-OXDISCO §3.1.5).
pub const POX_PATH: &str = "/autodiscover/autodiscover.xml";
