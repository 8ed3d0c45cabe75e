//! `config-v1.1.xml` (draft-ietf-mailmaint-autoconfig §3), as strict as its strictest readers.
//!
//! Thunderbird wants one server for incoming and one for outgoing mail at least; Thunderbird for
//! Android refuses the whole document for one server without TLS; Geary takes the first incoming
//! server or none; Evolution 3.46 takes the last of each type. One server of each type, IMAP
//! first, suits them all.

use super::server::{RETRIEVAL, Server, servers};
use super::xml::Xml;
use super::{Context, Reason};
use crate::hosting::Login;
use crate::service::{Related, Service, TlsMode};

/// Names the best server of each service, or all where the user wants alternatives.
pub(super) fn write(context: &Context<'_>) -> Result<String, Reason> {
    let named = |service| {
        let mut servers = servers(context.plan, service);
        servers.truncate(if context.options.alternatives { usize::MAX } else { 1 });
        servers
    };
    let incoming: Vec<Server> = RETRIEVAL.into_iter().flat_map(named).collect();
    let outgoing = named(Service::Submission);
    if incoming.is_empty() {
        return Err(Reason::NoRetrieval);
    }
    if outgoing.is_empty() {
        return Err(Reason::NoSubmission);
    }

    let mut xml = Xml::new();
    xml.within("clientConfig", &[("version", "1.1")], |xml| {
        let domain = context.plan.domain().to_string();
        xml.within("emailProvider", &[("id", &domain)], |xml| {
            let provider = context.hosting.provider();
            xml.text("domain", &domain);
            xml.text("displayName", &context.provider_name());
            xml.text("displayShortName", &provider.short_name_for(context.plan.domain()));
            for server in &incoming {
                write_server(xml, "incomingServer", server, context);
            }
            for server in &outgoing {
                write_server(xml, "outgoingServer", server, context);
            }
            if let Some(address) = &provider.documentation {
                xml.within("documentation", &[("url", address)], |xml| {
                    xml.text_with("descr", &[("lang", "en")], "How to set up a mail client");
                });
            }
        });
        // Readers of version 1.1 look no further than `emailProvider`, and the others must ignore
        // what they do not know (draft-ietf-mailmaint-autoconfig §3).
        for plan in context.plan.related() {
            write_related(xml, plan, context);
        }
    });
    Ok(xml.finish())
}

/// A server for incoming or outgoing mail.
fn write_server(xml: &mut Xml, element: &str, server: &Server, context: &Context<'_>) {
    let login = context.plan.login(server.service);
    xml.within(element, &[("type", type_of(server.service))], |xml| {
        write_endpoint(xml, &server.host, server.port, server.mode, &user_name(login, context));
    });
}

/// A service beside mail, where the format has an element for it.
fn write_related(xml: &mut Xml, plan: &crate::plan::RelatedPlan, context: &Context<'_>) {
    let user = user_name(context.hosting.login(), context);
    let element = match plan.service {
        Related::Carddav => "addressbook",
        Related::Caldav => "calendar",
        // ManageSieve begins TLS with STARTTLS and has no other way (RFC 5804 §2.2).
        Related::Sieve => {
            return xml.within("setupServer", &[("type", "managesieve")], |xml| {
                let host = plan.host.to_string();
                write_endpoint(xml, &host, plan.port, TlsMode::StartTls, &user);
            });
        }
        // JMAP would be an incoming server, and a stranger to all readers of version 1.1.
        Related::Jmap => return,
    };
    let Some(url) = plan.url() else { return };
    xml.within(element, &[("type", plan.service.key())], |xml| {
        xml.text("url", &url);
        xml.text("authentication", "basic");
        xml.text("username", &user);
    });
}

/// Where a server is and how to log in.
fn write_endpoint(xml: &mut Xml, host: &str, port: u16, mode: TlsMode, user: &str) {
    xml.text("hostname", host);
    xml.text("port", &port.to_string());
    let socket_type = match mode {
        TlsMode::Implicit => "SSL",
        TlsMode::StartTls => "STARTTLS",
    };
    xml.text("socketType", socket_type);
    xml.text("authentication", "password-cleartext");
    xml.text("username", user);
}

/// The word of the format for a service.
const fn type_of(service: Service) -> &'static str {
    match service {
        Service::Imap => "imap",
        Service::Pop3 => "pop3",
        Service::Submission => "smtp",
    }
}

/// The user's name, or what stands for it: clients put in what the user typed.
///
/// A user of an internationalised domain types U-labels, and servers know A-labels: the domain is
/// spelled out for them.
fn user_name(login: &Login, context: &Context<'_>) -> String {
    if let Some(name) = context.login_name(login) {
        return name;
    }
    let domain = context.plan.domain();
    let a_labels = domain.to_string();
    if domain.shown() == a_labels {
        return login.of(LOCAL_PART, "%EMAILADDRESS%", "%EMAILDOMAIN%");
    }
    login.of(LOCAL_PART, &format!("{LOCAL_PART}@{a_labels}"), &a_labels)
}

/// What stands for the part of the address before the `@`.
const LOCAL_PART: &str = "%EMAILLOCALPART%";
