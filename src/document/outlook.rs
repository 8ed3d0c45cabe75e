//! The plain XML answer of Autodiscover (MS-OXDSCLI §2.2.4) for IMAP, POP3 and SMTP accounts.
//!
//! `SSL` stays `on` for STARTTLS too: its readers take `off` for no encryption at all, whatever
//! `Encryption` says beside it. They tell STARTTLS from TLS by the port.

use super::server::{RETRIEVAL, Server, servers};
use super::xml::Xml;
use super::{Context, Reason};
use crate::service::{Label, Service, TlsMode};

/// The namespaces of the answer and of what is in it (MS-OXDSCLI §2.2.4).
const AUTODISCOVER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
const RESPONSE: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

/// Names one server of each service: what its readers would misread is not made.
pub(super) fn write(context: &Context<'_>) -> Result<String, Reason> {
    let incoming: Vec<Server> =
        RETRIEVAL.into_iter().filter_map(|service| legible(context, service)).collect();
    let missing = |none: Reason, services: &[Service]| {
        let offered = services.iter().find(|service| !servers(context.plan, **service).is_empty());
        offered.map_or(none, |service| Reason::Ports { service: *service })
    };
    if incoming.is_empty() {
        return Err(missing(Reason::NoRetrieval, &RETRIEVAL));
    }
    let outgoing = legible(context, Service::Submission)
        .ok_or_else(|| missing(Reason::NoSubmission, &[Service::Submission]))?;

    let mut xml = Xml::new();
    xml.within("Autodiscover", &[("xmlns", AUTODISCOVER)], |xml| {
        xml.within("Response", &[("xmlns", RESPONSE)], |xml| {
            xml.within("Account", &[], |xml| {
                xml.text("AccountType", "email");
                xml.text("Action", "settings");
                for server in incoming.iter().chain([&outgoing]) {
                    write_protocol(xml, server, context);
                }
            });
        });
    });
    Ok(xml.finish())
}

/// The best server whose port tells readers how TLS begins.
fn legible(context: &Context<'_>, service: Service) -> Option<Server> {
    servers(context.plan, service).into_iter().find(|server| server.mode == mode_at(server.port))
}

/// How readers understand a port: STARTTLS at those registered for it, TLS at all others.
fn mode_at(port: u16) -> TlsMode {
    let registered =
        |label: Label| label.mode() == TlsMode::StartTls && label.default_port() == port;
    match port == crate::service::SMTP_PORT || Label::ALL.into_iter().any(registered) {
        true => TlsMode::StartTls,
        false => TlsMode::Implicit,
    }
}

/// A server, with every switch whose default would be wrong.
fn write_protocol(xml: &mut Xml, server: &Server, context: &Context<'_>) {
    xml.within("Protocol", &[], |xml| {
        let kind = match server.service {
            Service::Imap => "IMAP",
            Service::Pop3 => "POP3",
            Service::Submission => "SMTP",
        };
        xml.text("Type", kind);
        xml.text("Server", &server.host);
        xml.text("Port", &server.port.to_string());
        // Left out where it is not known: Thunderbird takes an empty one for the name `true`.
        if let Some(name) = context.login_name(context.plan.login(server.service)) {
            xml.text("LoginName", &name);
        }
        xml.text("DomainRequired", "off");
        // Its default is `on`.
        xml.text("SPA", "off");
        xml.text("SSL", "on");
        if server.mode == TlsMode::StartTls {
            xml.text("Encryption", "TLS");
        }
        xml.text("AuthRequired", "on");
        if server.service == Service::Submission {
            xml.text("UsePOPAuth", "off");
            xml.text("SMTPLast", "off");
        }
    });
}
