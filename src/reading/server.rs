//! A mail server as a client is told of it.

use std::fmt;

use crate::page::Url;
use crate::service::{Service, TlsMode};

/// When a client begins TLS with a server, if it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// With TLS in some mode.
    Tls(TlsMode),
    /// Never: passwords go in the clear.
    Plain,
}

impl Mode {
    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Tls(mode) => mode.title(),
            Self::Plain => "plain",
        }
    }
}

/// Where a client has a server from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The SRV records of an owner name.
    Records(String),
    /// A document.
    Document(Url),
    /// What it knows by heart of a provider.
    Provider(&'static str),
    /// A host name that is guessed, and answers.
    Guess,
    /// A host name that is proposed, whether it answers or not.
    Proposal,
}

impl By {
    fn renamed(&self, from: &str, to: &str) -> Self {
        match self {
            Self::Records(owner) => Self::Records(owner.replace(from, to)),
            Self::Document(url) => Self::Document(url.renamed(from, to)),
            Self::Provider(title) => Self::Provider(title),
            Self::Guess => Self::Guess,
            Self::Proposal => Self::Proposal,
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Records(owner) => write!(f, "the SRV records of {owner}"),
            Self::Document(url) => url.fmt(f),
            Self::Provider(title) => write!(f, "what it knows of {title}"),
            Self::Guess => f.write_str("a guess"),
            Self::Proposal => f.write_str("its own proposal"),
        }
    }
}

/// A server that a client would use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The service.
    pub service: Service,
    /// Its host, without a final dot.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When TLS begins.
    pub mode: Mode,
    /// What the client enters as login name; None where that is left to the user.
    pub login: Option<String>,
    /// Where the client has it from.
    pub by: By,
}

impl Server {
    /// The protocol as machines read it: `imap`, `pop3` or `smtp`.
    pub const fn protocol(&self) -> &'static str {
        match self.service {
            Service::Imap => "imap",
            Service::Pop3 => "pop3",
            Service::Submission => "smtp",
        }
    }

    /// The same with another name in the place of one, wherever that stands.
    pub(crate) fn renamed(&self, from: &str, to: &str) -> Self {
        Self {
            service: self.service,
            host: self.host.replace(from, to),
            port: self.port,
            mode: self.mode,
            login: self.login.as_ref().map(|login| login.replace(from, to)),
            by: self.by.renamed(from, to),
        }
    }

    /// Whether a client does the same with another one, wherever it has it from.
    pub fn is_like(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.service, it.port, it.mode);
        of(self) == of(other) && (&self.host, &self.login) == (&other.host, &other.login)
    }

    /// The same server with another login name.
    #[must_use]
    pub fn with_login(mut self, login: &str) -> Self {
        self.login = Some(login.to_owned());
        self
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{} {}", self.service.title(), self.host, self.port, self.mode.text())
    }
}
