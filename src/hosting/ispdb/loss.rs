//! What a document says and a profile does not.

use std::fmt;

use super::super::file::MAX_SERVERS;
use super::tree::Element;
use crate::name::NameError;
use crate::service::Label;

/// An element of a document that has no counterpart in the profile.
///
/// It displays as a line for people; [`Imported::page`](super::Imported::page) puts all of them
/// into comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The path of the element below the outermost one, such as
    /// `emailProvider/incomingServer[2]/socketType`; elements of one name are counted from 1.
    pub path: String,
    /// The line it begins in, counted from 1.
    pub line: usize,
    /// Why it has none.
    pub reason: Reason,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}): {}", self.path, self.line, self.reason)
    }
}

/// Says why an element has no counterpart in a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The server is used without TLS.
    #[error("without TLS, which a profile does not offer (RFC 8314 section 4)")]
    Cleartext,
    /// The socket type is unknown.
    #[error("`{found}` is no way of TLS; a profile has SSL and STARTTLS")]
    SocketType {
        /// What is written.
        found: String,
    },
    /// A server lacks what makes it one.
    #[error("there is no `{element}`")]
    Missing {
        /// The name of the element.
        element: &'static str,
    },
    /// The host is no host name.
    #[error("no host of a profile: {problem}")]
    Host {
        /// What is wrong with it.
        problem: String,
    },
    /// The port is none.
    #[error("`{found}` is no port")]
    Port {
        /// What is written.
        found: String,
    },
    /// The port is registered for the other TLS mode, and clients that guess by the port err.
    #[error(
        "port {port} is registered for {} with {}, so a profile refuses it for {}",
        label.service().title(), label.sibling().mode().title(), label.mode().title()
    )]
    WrongMode {
        /// The port.
        port: u16,
        /// The label under which it would be published.
        label: Label,
    },
    /// The same server is listed before.
    #[error("this host is listed before with the same port and TLS mode")]
    Repeated,
    /// There are more servers than a profile can list.
    #[error("a profile lists at most {MAX_SERVERS} servers for a service")]
    TooManyServers,
    /// STARTTLS is listed first.
    #[error("STARTTLS is listed before TLS, and a profile prefers TLS (RFC 8314 section 4)")]
    StartTlsFirst,
    /// The server takes no plain password over TLS.
    #[error(
        "the documents of a profile offer a password over TLS, and the server wants `{method}`"
    )]
    NoPassword {
        /// What it takes.
        method: String,
    },
    /// There is another way to log in beside the password.
    #[error("the documents of a profile offer the password alone, not `{method}`")]
    OtherMethod {
        /// The other way.
        method: String,
    },
    /// The login name is neither the address nor its local part.
    #[error(
        "`{found}` is no login name of a profile, which is made of the address or its local part"
    )]
    LoginName {
        /// What is written.
        found: String,
    },
    /// The login name is another one for the same service.
    #[error("a profile has one form of login name for a service, and another one is listed first")]
    OtherLogin,
    /// Words for people, or a page to visit.
    #[error("instructions for people; a profile has one address of documentation")]
    Instructions,
    /// The web interface.
    #[error("a profile says nothing of a web interface")]
    WebMail,
    /// The endpoints of `OAuth2`.
    #[error("a profile says nothing of OAuth2")]
    OAuth2,
    /// What a client is to do, not where a server is.
    #[error("a setting of the client, not of the server")]
    ClientSetting,
    /// The server does not serve everybody.
    #[error("a profile cannot say who may use a server")]
    Restriction,
    /// A text is longer than a profile has it.
    #[error("cut to {most} characters")]
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// A text that cannot stand in a profile.
    #[error("`{found}` cannot stand in a profile: {problem}")]
    Text {
        /// What is written.
        found: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A domain that cannot have mail addresses.
    #[error(transparent)]
    Domain(#[from] NameError),
    /// A domain that mail exchanges are in.
    #[error("a domain of mail exchanges, which is no mail domain of its own")]
    ExchangeDomain,
    /// Another provider.
    #[error("another provider, and a profile has one; `--block {number}` imports it")]
    OtherProvider {
        /// Its place among the providers of the document, counted from 1.
        number: usize,
    },
    /// One of a kind is listed already.
    #[error("a profile has one of these, and another one is listed first")]
    Second,
    /// A service that a profile does not have.
    #[error("a profile has no service of the type `{found}`")]
    Type {
        /// What is written.
        found: String,
    },
    /// An element that the format does not have at this place.
    #[error("unknown in this place")]
    Unknown,
}

/// The losses of a document, while it is read.
#[derive(Debug, Default)]
pub(super) struct Losses(Vec<Loss>);

impl Losses {
    /// Tells a loss, at the place of the element.
    pub(super) fn add(&mut self, element: &Element, reason: Reason) {
        let (path, line) = (element.path.clone(), element.line);
        self.0.push(Loss { path, line, reason });
    }

    /// The losses in the order of the document.
    pub(super) fn sorted(mut self) -> Vec<Loss> {
        self.0.sort_by_key(|loss| loss.line);
        self.0
    }
}

/// Says in one sentence why no server is left.
pub(super) fn nothing(losses: &[Loss]) -> String {
    let servers: Vec<&Loss> = losses.iter().filter(|loss| loss.path.contains("Server")).collect();
    if servers.is_empty() {
        return "the document lists no server for IMAP, POP3 or submission".to_owned();
    }
    if servers.iter().all(|loss| loss.reason == Reason::Cleartext) {
        return "every server of the document is without TLS, which a profile does not offer (RFC 8314 section 4)".to_owned();
    }
    let reasons: Vec<String> = servers.iter().take(4).map(ToString::to_string).collect();
    let more = if servers.len() > 4 { "; …" } else { "" };
    format!("no server of the document can stand in a profile: {}{more}", reasons.join("; "))
}
