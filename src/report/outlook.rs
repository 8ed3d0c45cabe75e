//! What is foretold of mail clients, as reports tell it: of this run, or as an earlier report says.

use crate::audit::Affects;
use crate::forecast::{CLIENTS, Client, Forecast};
use crate::reading::Server;
use crate::service::{Direction, Service};
use crate::words::{enumerate, push_hanging};

/// What is foretold of the clients of one mail domain, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    pub(super) clients: Vec<Foretold>,
    /// What it comes to with all remedies; None where there is none.
    pub(super) remedied: Option<Remedied>,
}

/// The clients by what becomes of them with all remedies, by the words that select them; the others fail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Remedied {
    pub(super) works: Vec<String>,
    /// Those of which nobody knows.
    pub(super) unknown: Vec<String>,
}

/// What is foretold of one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foretold {
    /// The word that selects it.
    pub(super) client: String,
    pub(super) version: String,
    /// The word for how it is known what it does.
    pub(super) basis: String,
    /// What was read, or how it was run.
    pub(super) source: String,
    pub(super) incoming: Option<Concluded>,
    pub(super) outgoing: Option<Concluded>,
    pub(super) found: Option<bool>,
    pub(super) works: Option<bool>,
    pub(super) why: String,
    pub(super) change: Option<String>,
}

/// A server that a client would use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Concluded {
    /// `imap`, `pop3` or `smtp`.
    pub(super) protocol: String,
    pub(super) host: String,
    pub(super) port: u16,
    /// `TLS`, `STARTTLS` or `plain`.
    pub(super) mode: String,
    pub(super) login: Option<String>,
}

impl From<&Server> for Concluded {
    fn from(server: &Server) -> Self {
        let Server { host, port, login, .. } = server;
        let (protocol, mode) = (server.protocol().to_owned(), server.mode.text().to_owned());
        Self { protocol, host: host.clone(), port: *port, mode, login: login.clone() }
    }
}

impl Concluded {
    fn text(&self) -> String {
        let Self { protocol, host, port, mode, .. } = self;
        let title = match protocol.as_str() {
            "imap" => Service::Imap.title(),
            "pop3" => Service::Pop3.title(),
            "smtp" => Service::Submission.title(),
            other => other,
        };
        format!("{title} {host}:{port} {mode}")
    }
}

/// The client of a word; None of one that this version does not know.
fn known(client: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|known| known.name == client).copied()
}

/// What people call a client.
pub(super) fn title(client: &str) -> &str {
    known(client).map_or(client, |client| client.title)
}

impl Foretold {
    fn of(client: &Client, forecast: &Forecast) -> Self {
        let server = |direction| forecast.conclusion.server(direction).map(Concluded::from);
        Self {
            client: client.name.to_owned(),
            version: client.version.to_owned(),
            basis: client.basis.text().to_owned(),
            source: client.source.to_owned(),
            incoming: server(Direction::Incoming),
            outgoing: server(Direction::Outgoing),
            found: forecast.found,
            works: forecast.works,
            why: forecast.why.clone(),
            change: forecast.change.as_ref().map(ToString::to_string),
        }
    }

    /// A client with its version, whether it works, and its servers.
    pub(super) fn row(&self) -> [String; 4] {
        let basis = match self.basis.as_str() {
            "measured" => String::new(),
            basis => format!(" ({basis})"),
        };
        let directions = known(&self.client).map_or(&Direction::ALL[..], |it| it.directions);
        let server = |direction, server: &Option<Concluded>| match server {
            Some(server) => server.text(),
            None if directions.contains(&direction) => "-".to_owned(),
            None => String::new(),
        };
        [
            format!("{} {}{basis}", title(&self.client), self.version),
            word(self.works).to_owned(),
            server(Direction::Incoming, &self.incoming),
            server(Direction::Outgoing, &self.outgoing),
        ]
    }

    /// Why it does not work, and what mends that; None where it works.
    pub(super) fn sentence(&self) -> Option<String> {
        let change = match (&self.change, self.works) {
            (_, Some(true)) => return None,
            // A name ends with a dot of its own.
            (Some(change), _) => format!(" To mend it: {}.", change.trim_end_matches('.')),
            (None, Some(false)) => " Nothing that the profile plans mends it.".to_owned(),
            (None, None) => String::new(),
        };
        Some(format!("{}: {}.{change}", title(&self.client), self.why))
    }
}

/// What a remedy does to clients, in a sentence.
pub(super) fn said_of(affects: &Affects) -> String {
    let [alone, together] = [&affects.clients, &affects.together].map(|clients| {
        let titles: Vec<String> = clients.iter().map(|it| title(it).to_owned()).collect();
        (!titles.is_empty()).then(|| enumerate(&titles))
    });
    let known = match (alone, together) {
        (None, None) => "changes nothing for the clients that are foretold".to_owned(),
        (Some(alone), None) => format!("changes the outcome for {alone}"),
        (None, Some(together)) => {
            format!(
                "changes nothing by itself, and with the other remedies the outcome for {together}"
            )
        }
        (Some(alone), Some(together)) => {
            format!("changes the outcome for {alone}, and with the other remedies for {together}")
        }
    };
    match affects.unknown.len() {
        0 => format!("The remedy {known}."),
        unknown => format!("The remedy {known}; unknown for {unknown}."),
    }
}

/// Whether a client works, in a word.
pub(super) fn word(works: Option<bool>) -> &'static str {
    match works {
        Some(true) => "works",
        Some(false) => "fails",
        None => "unknown",
    }
}

impl Outlook {
    /// What is foretold of these clients.
    pub fn of(forecasts: &[(&Client, Forecast)]) -> Self {
        let clients = forecasts.iter().map(|(client, forecast)| Foretold::of(client, forecast));
        Self { clients: clients.collect(), remedied: None }
    }

    /// The same with what is foretold where all remedies are done; nothing is where there is none.
    #[must_use]
    pub fn remedied(self, forecasts: &[(&Client, Forecast)]) -> Self {
        let of = |works: Option<bool>| {
            let clients = forecasts.iter().filter(|(_, forecast)| forecast.works == works);
            clients.map(|(client, _)| client.name.to_owned()).collect()
        };
        let remedied = Remedied { works: of(Some(true)), unknown: of(None) };
        Self { remedied: (!forecasts.is_empty()).then_some(remedied), ..self }
    }

    /// How many clients work, now and with all remedies, in a sentence.
    pub(super) fn sum(&self) -> Option<String> {
        let Remedied { works, unknown } = self.remedied.as_ref()?;
        let working = self.clients.iter().filter(|it| it.works == Some(true)).count();
        let unknown = match unknown.len() {
            0 => String::new(),
            unknown => format!(" (unknown for {unknown})"),
        };
        let (all, works) = (self.clients.len(), works.len());
        Some(format!("{working} of {all} clients work; with all remedies {works} do{unknown}."))
    }

    /// A table, then a sentence for each client that fails, in so many columns.
    pub(super) fn text(&self, width: usize) -> String {
        let mut page = self.table(width);
        for prose in
            self.sum().into_iter().chain(self.clients.iter().filter_map(Foretold::sentence))
        {
            page.push('\n');
            push_hanging(&mut page, &prose, [2, 4], width);
        }
        page
    }

    /// A row for each client; where one is wider than the page, its servers follow below it.
    fn table(&self, width: usize) -> String {
        let rows: Vec<[String; 4]> = self.clients.iter().map(Foretold::row).collect();
        let longest = |column: usize| {
            rows.iter().map(|row| row.get(column).map_or(0, String::len)).max().unwrap_or_default()
        };
        let widths @ [name, works, incoming, _] = [0, 1, 2, 3].map(longest);
        let is_wide = widths.iter().map(|column| column + 2).sum::<usize>() > width;
        let mut table = String::new();
        for [client, word, first, second] in &rows {
            if !is_wide {
                let line = format!("  {client:name$}  {word:works$}  {first:incoming$}  {second}");
                table.extend([line.trim_end(), "\n"]);
                continue;
            }
            push_hanging(&mut table, &format!("{client}: {word}"), [2, 4], width);
            let servers = [first, second].into_iter().filter(|it| !matches!(it.as_str(), "" | "-"));
            let servers: Vec<&str> = servers.map(String::as_str).collect();
            if !servers.is_empty() {
                push_hanging(&mut table, &servers.join(", "), [4, 6], width);
            }
        }
        table
    }
}
