//! What a document says, held against the plan as its strictest readers take it.

use hickory_proto::rr::RData;

use super::super::fault::Fault;
use super::fault;
use crate::code::{Code, Severity};
use crate::name::{one_line, plain_text};
use crate::page::{Fetched, Url};
use crate::plan::RecordPlan;
use crate::reading::{Config, Entry, Kind, Mode, Pacc, Pox, Server, USER, User};
use crate::service::{Service, TlsMode};
use crate::words::enumerate;

/// A document that can be read.
pub(super) enum Read {
    Config(Config),
    Pox(Pox),
    Pacc(Pacc),
}

impl Read {
    /// Reads what is served with the status 200, as who asks so expects it; None where it cannot be read.
    pub(super) fn of(fetched: &Fetched) -> Option<Self> {
        let content = fetched.page.content.as_ref().ok().filter(|it| it.status == 200)?;
        let body = &content.body;
        match Kind::of(&fetched.request) {
            Kind::Config => Config::read(body).map(Self::Config),
            Kind::Pox => Pox::read(body).map(Self::Pox),
            Kind::Pacc => Pacc::read(body).map(Self::Pacc),
        }
    }

    /// What is wrong with what it says.
    pub(super) fn faults(&self, plan: &RecordPlan, fetched: &Fetched) -> Vec<Fault> {
        let user = User::of(plan.domain());
        let url = fetched.url();
        let servers = self.servers(&user, url);
        let invalid = |message: String| fault(Code::DocumentInvalid, Severity::Warning, message);
        let mut faults: Vec<Fault> = self.refused(&user, url).map(invalid).into_iter().collect();
        let plain = servers.iter().filter(|server| server.mode == Mode::Plain);
        let plain: Vec<String> = plain.map(|it| one_line(&it.to_string()).into_owned()).collect();
        if !plain.is_empty() {
            let message = format!("sets clients up without TLS: {}", enumerate(&plain));
            faults.push(fault(Code::DocumentPlaintext, Severity::Critical, message));
        }
        let others = servers.iter().filter(|server| server.mode != Mode::Plain);
        let mut others: Vec<String> =
            others.filter_map(|server| disagreement(plan, &user, server)).collect();
        others.dedup();
        if !others.is_empty() {
            let message = format!("says otherwise than the profile: {}", others.join("; "));
            faults.push(fault(Code::DocumentDisagrees, Severity::Warning, message));
        }
        faults
    }

    fn servers(&self, user: &User<'_>, url: &Url) -> Vec<Server> {
        match self {
            Self::Config(config) => config.servers(user, url),
            Self::Pox(pox) => {
                let server = |it: &crate::reading::Protocol| {
                    let login = it.login.clone().filter(|login| !login.is_empty());
                    it.server(url, it.mode(), login)
                };
                pox.protocols.iter().map(server).collect()
            }
            Self::Pacc(pacc) => pacc.servers(url),
        }
    }

    /// What some client refuses the whole document for.
    fn refused(&self, user: &User<'_>, url: &Url) -> Option<String> {
        let is_without_server = match self {
            Self::Config(config) => return refused(config, user, url),
            Self::Pox(pox) => pox.protocols.is_empty() && pox.redirect.is_none(),
            Self::Pacc(pacc) => match pacc.gap() {
                Some(gap) => {
                    let who = "himalaya and io-pim-discovery take none of it";
                    return Some(format!("{gap}: {who}"));
                }
                None => pacc.servers(url).is_empty(),
            },
        };
        is_without_server.then(|| "it names no server of IMAP, POP3 or SMTP".to_owned())
    }
}

/// The same of a document for Thunderbird: the first reason of several.
fn refused(config: &Config, user: &User<'_>, url: &Url) -> Option<String> {
    let entries = || config.entries.iter();
    let has = |incoming| entries().any(|it| it.is_incoming == incoming);
    let is_read = |it: &&Entry| matches!(it.service(), Some(Service::Imap | Service::Submission));
    let is_whole = |it: &Entry| it.server(user, url).is_some_and(|server| server.login.is_some());
    let why = if !config.is_named() {
        "its provider has no id or names no domain: Thunderbird takes none of it"
    } else if !has(true) || !has(false) {
        "it names no server for reading mail, or none for sending it"
    } else if let Some(slip) = config.slip() {
        return Some(format!("{slip}: strict readers, such as himalaya, take none of it"));
    } else if !entries().filter(is_read).all(is_whole) {
        "a server lacks its hostname, port, socketType or username: Thunderbird for Android takes none of it"
    } else {
        return None;
    };
    Some(why.to_owned())
}

/// What of a server is otherwise than in the plan, in a few words.
fn disagreement(plan: &RecordPlan, user: &User<'_>, server: &Server) -> Option<String> {
    let offered: Vec<(String, u16, Mode)> = TlsMode::ALL
        .into_iter()
        .flat_map(|mode| {
            let label = plan.label(server.service.label(mode));
            label.offered().map(move |srv| {
                (plain_text(&srv.target).to_ascii_lowercase(), srv.port, Mode::Tls(mode))
            })
        })
        .collect();
    let named = one_line(&server.to_string()).into_owned();
    let at_host = |it: &&(String, u16, Mode)| it.0 == server.host;
    let places = |all: Vec<&(String, u16, Mode)>| {
        let place =
            |(host, port, mode): &&(String, u16, Mode)| format!("{host}:{port} {}", mode.text());
        enumerate(&all.iter().map(place).collect::<Vec<_>>())
    };
    if offered.is_empty() {
        return Some(format!("{named}, which is not offered"));
    }
    if !offered.iter().any(|it| (&it.0, it.1, it.2) == (&server.host, server.port, server.mode)) {
        let there: Vec<_> = offered.iter().filter(at_host).collect();
        let there = if there.is_empty() { offered.iter().collect() } else { there };
        return Some(format!("{named} in place of {}", places(there)));
    }
    let documented = plan.login(server.service).of(USER, &user.address, user.domain);
    let login = server.login.as_ref().filter(|login| **login != documented)?;
    let login = one_line(login).into_owned();
    Some(format!("{named} with the login name {login} in place of {documented}"))
}

/// Whether a PACC document is the one whose digest stands in DNS.
pub(super) fn digest(digests: &[RData], fetched: &Fetched) -> Option<Fault> {
    let Read::Pacc(pacc) = Read::of(fetched)? else { return None };
    // That there is none in DNS, or none that can be read, has a finding of its own.
    let is_read = |data: &RData| crate::reading::digest(data).is_some_and(|it| it.is_ok());
    if !digests.iter().any(is_read) || digests.iter().any(|data| pacc.is_named(data)) {
        return None;
    }
    let message = "its digest is not the one in DNS".to_owned();
    Some(fault(Code::PaccDigestMismatch, Severity::Error, message))
}
