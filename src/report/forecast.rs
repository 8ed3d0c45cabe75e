//! Forecasts out: a JSON line for each client and domain, or text for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::outlook::Outlook;
use crate::forecast::{Client, Forecast};
use crate::name::MailDomain;
use crate::reading::Server;
use crate::words::{counted, listed, push_hanging};

/// The lines of a JSON report: one for each client.
#[derive(Serialize)]
struct Line<'a> {
    domain: &'a str,
    client: &'a str,
    version: &'a str,
    basis: &'a str,
    source: &'a str,
    incoming: Option<ServerShape<'a>>,
    outgoing: Option<ServerShape<'a>>,
    found: Option<bool>,
    works: Option<bool>,
    why: &'a str,
    change: Option<&'a str>,
}

/// A server in a JSON report.
#[derive(Serialize)]
struct ServerShape<'a> {
    protocol: &'a str,
    host: &'a str,
    port: u16,
    mode: &'a str,
    login: Option<&'a str>,
}

impl<'a> From<&'a Server> for ServerShape<'a> {
    fn from(server: &'a Server) -> Self {
        let Server { host, port, mode, login, .. } = server;
        let (protocol, mode) = (server.protocol(), mode.text());
        Self { protocol, host, port: *port, mode, login: login.as_deref() }
    }
}

/// A domain that nothing can be foretold of.
#[derive(Serialize)]
struct Refused<'a> {
    domain: &'a str,
    error: &'a str,
}

/// About how many octets a line has.
const LINE: usize = 1 << 9;

/// Writes a JSON line for each client.
///
/// # Errors
///
/// The output takes no more.
pub fn write_lines(
    domain: &MailDomain,
    forecasts: &[(&Client, Forecast)],
    out: &mut dyn Write,
) -> io::Result<()> {
    // It is made of many small pieces.
    let mut lines = Vec::with_capacity(forecasts.len() * LINE);
    for (client, forecast) in forecasts {
        let line = Line {
            domain: domain.as_str(),
            client: client.name,
            version: client.version,
            basis: client.basis.text(),
            source: client.source,
            incoming: forecast.conclusion.incoming.as_ref().map(ServerShape::from),
            outgoing: forecast.conclusion.outgoing.as_ref().map(ServerShape::from),
            found: forecast.found,
            works: forecast.works,
            why: &forecast.why,
            change: forecast.change.as_ref().map(|change| change.said.as_str()),
        };
        serde_json::to_writer(&mut lines, &line)?;
        lines.push(b'\n');
    }
    out.write_all(&lines)
}

/// Writes the JSON line of a domain that nothing can be foretold of.
///
/// # Errors
///
/// The output takes no more.
pub fn write_refused(domain: &str, error: &str, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Refused { domain, error })?;
    out.write_all(b"\n")
}

/// The text about one domain: a table, then a sentence for each client that fails, in so many columns.
pub fn text(domain: &MailDomain, forecasts: &[(&Client, Forecast)], width: usize) -> String {
    format!("{}\n{}", domain.heading(), Outlook::of(forecasts).text(width))
}

/// What a list of domains comes to.
#[derive(Debug, Default)]
pub struct ForecastSummary {
    domains: usize,
    refused: usize,
    /// By the place of the client: its title, and with how many domains it works, fails, and nobody
    /// knows.
    clients: Vec<(String, [usize; 3])>,
    /// By the kind of the change: how many domains it is for, and how many clients it makes work. There
    /// are no more kinds than a profile plans.
    changes: BTreeMap<String, (usize, usize)>,
}

/// The most changes that are told.
const CHANGES: usize = 10;

impl ForecastSummary {
    /// Counts a domain.
    pub fn add(&mut self, forecasts: &[(&Client, Forecast)]) {
        self.domains += 1;
        let mut changes: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, (client, forecast)) in forecasts.iter().enumerate() {
            if self.clients.len() <= at {
                self.clients.push((client.title.to_owned(), [0; 3]));
            }
            if let Some((_, counts)) = self.clients.get_mut(at) {
                let [works, fails, unknown] = counts;
                *(match forecast.works {
                    Some(true) => works,
                    Some(false) => fails,
                    None => unknown,
                }) += 1;
            }
            if let Some(change) = &forecast.change {
                *changes.entry(&change.kind).or_default() += 1;
            }
        }
        for (change, clients) in changes {
            let (domains, all) = self.changes.entry(change.to_owned()).or_default();
            *domains += 1;
            *all += clients;
        }
    }

    /// Counts a line that is no domain, or of which nothing can be foretold.
    pub fn refuse(&mut self) {
        self.refused += 1;
    }

    /// How many were refused.
    pub fn refused(&self) -> usize {
        self.refused
    }

    /// How many forecasts are open, because something could not be found out.
    pub fn unknown(&self) -> usize {
        self.clients.iter().map(|(_, [_, _, unknown])| unknown).sum()
    }

    /// The text about all of them.
    pub fn text(&self, width: usize) -> String {
        let mut page = counted(self.domains, "domain");
        if self.refused > 0 {
            page.extend([", ", &self.refused.to_string(), " refused"]);
        }
        page.push('\n');
        let longest = self.clients.iter().map(|(title, _)| title.len()).max().unwrap_or_default();
        for (title, [works, fails, unknown]) in &self.clients {
            let counts = [(works, "works"), (fails, "fails"), (unknown, "unknown")];
            let counts = counts.into_iter().filter(|(count, _)| **count > 0);
            let counts: Vec<_> =
                counts.map(|(count, word)| format!("{word} for {count}")).collect();
            page.extend([format!("  {title:longest$}  "), listed(&counts), "\n".to_owned()]);
        }
        let mut changes: Vec<_> = self.changes.iter().collect();
        changes.sort_by_key(|(change, (_, clients))| (std::cmp::Reverse(*clients), *change));
        if !changes.is_empty() {
            page.push_str("\nWhat would help most:\n");
        }
        for (change, (domains, clients)) in changes.into_iter().take(CHANGES) {
            let domains = counted(*domains, "domain");
            let each = format!("{change} ({domains}, {} in all)", counted(*clients, "client"));
            push_hanging(&mut page, &each, [2, 4], width);
        }
        page
    }
}
