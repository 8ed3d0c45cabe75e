//! Writes a profile as YAML, in the shape that `parse` reads.
//!
//! Short where a provider is ordinary: what equals its default is left out, but for the host, which
//! every other line refers to.

use std::net::IpAddr;

use super::super::{
    Autodiscover, Deny, Endpoint, HostPattern, Hosting, Lead, Login, MailExchange, ModePort, Offer,
    Pacc, Provider, RelatedOffer, Server, computed_priority,
};
use super::convert::{mode_key, priority_key};
use super::place::{HOST, SERVERS};
use super::related::{ALIAS, DEFAULT_PREFERENCE};
use super::{DEFAULT_TTL, DEFAULT_WEIGHT};
use crate::code::{OFF, Severity};
use crate::service::{Related, Service, TlsMode};

/// Writes a profile as YAML; read again, it is the same profile.
///
/// Certificates and `_smtps` are options of a run and are not written.
pub fn write(hosting: &Hosting) -> String {
    let mut sheet = Page::default();
    sheet.group([(HOST, Some(Field::Line(text(&hosting.host.to_string()))))]);
    sheet.group(Service::ALL.map(|service| {
        let offer = hosting.offer(service);
        (service.key(), offer.map(|offer| mail(service, offer, hosting.prefer)))
    }));
    sheet.group(Related::ALL.map(|service| {
        let offer = hosting.related(service);
        (service.key(), offer.map(|offer| Field::Line(related(service, offer))))
    }));
    sheet.group([("mx", exchanges(&hosting.exchanges))]);
    let login = (hosting.login != Login::FullAddress).then(|| Field::Line(login(&hosting.login)));
    sheet.group([("login", login)]);
    sheet.group([
        ("autoconfig", hosting.autoconfig.as_ref().map(|lead| Field::Line(autoconfig(lead)))),
        ("autodiscover", autodiscover(&hosting.autodiscover).map(Field::Line)),
        ("pacc", hosting.pacc.as_ref().map(|given| Field::Line(pacc(given)))),
    ]);
    sheet.group([("provider", provider(&hosting.provider))]);
    let hosts = hosting.addresses.iter().map(|known| {
        let addresses = addresses(&known.addresses);
        format!("{}: {addresses}", key(&known.host.to_string()))
    });
    sheet.group([("addresses", Field::block(hosts))]);
    sheet.group([
        ("prefer", (hosting.prefer[0] != Service::Imap).then(|| prefer(hosting.prefer))),
        ("deny", deny(&hosting.deny).map(Field::Line)),
        ("ttl", (hosting.ttl != DEFAULT_TTL).then(|| Field::Line(hosting.ttl.to_string()))),
    ]);
    let levels = hosting.severities.iter().map(|(code, level)| {
        let level = level.map_or(OFF, Severity::text);
        format!("{code}: {}", text(level))
    });
    sheet.group([("severity", Field::block(levels))]);
    sheet.text
}

/// What stands behind a key: the rest of its line, or lines below it.
enum Field {
    Line(String),
    Block(Vec<String>),
}

impl Field {
    /// A block of lines; None where there are none.
    fn block(lines: impl Iterator<Item = String>) -> Option<Self> {
        let lines: Vec<String> = lines.collect();
        (!lines.is_empty()).then_some(Self::Block(lines))
    }
}

/// The text under way.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// Writes fields that belong together; maps below each other begin in the same column.
    fn group<const COUNT: usize>(&mut self, fields: [(&str, Option<Field>); COUNT]) {
        let fields: Vec<(&str, Field)> =
            fields.into_iter().filter_map(|(key, field)| Some((key, field?))).collect();
        let is_map = |field: &Field| matches!(field, Field::Line(line) if line.starts_with('{'));
        let maps = fields.iter().filter(|(_, field)| is_map(field));
        let width = maps.map(|(key, _)| key.len()).max().unwrap_or_default();
        for (key, field) in &fields {
            self.text.push_str(key);
            self.text.push(':');
            match field {
                Field::Line(line) => {
                    let gap = if is_map(field) { width - key.len() } else { 0 };
                    self.text.extend(std::iter::repeat_n(' ', gap + 1));
                    self.line(line);
                }
                Field::Block(lines) => {
                    self.line("");
                    for line in lines {
                        self.text.push_str("  ");
                        self.line(line);
                    }
                }
            }
        }
    }

    /// Ends a line.
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// What is offered of a mail service: a map on one line, or a block where several servers are
/// listed.
fn mail(service: Service, offer: &Offer, prefer: [Service; 2]) -> Field {
    let mut fields = Vec::new();
    let mut several = Vec::new();
    match offer.servers.as_slice() {
        [server] if server.ports == [ModePort::OfService; 2] => {
            fields.extend(server.host.as_ref().map(|host| (HOST, pattern(host))));
            fields.extend(weight(server));
        }
        servers => {
            several.push(format!("{SERVERS}:"));
            several.extend(servers.iter().map(|server| {
                let host = server.host.as_ref().map_or_else(|| text("{host}"), pattern);
                let own = weight(server).into_iter().chain(ports(server));
                format!("  - {}", map(std::iter::once((HOST, host)).chain(own)))
            }));
        }
    }
    for (mode, endpoint) in TlsMode::ALL.into_iter().zip([offer.tls, offer.starttls]) {
        let Some(Endpoint { port, priority }) = endpoint else { continue };
        fields.push((mode_key(mode), port.to_string()));
        if priority != computed_priority(service.label(mode), prefer) {
            fields.push((priority_key(mode), priority.to_string()));
        }
    }
    fields.extend(offer.login.as_ref().map(|own| ("login", login(own))));
    if several.is_empty() {
        return Field::Line(map(fields));
    }
    several.extend(fields.into_iter().map(|(key, value)| format!("{key}: {value}")));
    Field::Block(several)
}

/// The weight, where it is not the default.
fn weight(server: &Server) -> Option<(&'static str, String)> {
    (server.weight != DEFAULT_WEIGHT).then(|| ("weight", server.weight.to_string()))
}

/// The ports of a server that are not those of its service.
fn ports(server: &Server) -> impl Iterator<Item = (&'static str, String)> {
    let own = |mode: TlsMode| match server.ports[mode as usize] {
        ModePort::OfService => None,
        ModePort::Own(port) => Some((mode_key(mode), port.to_string())),
        ModePort::Absent => Some((mode_key(mode), "false".to_owned())),
    };
    TlsMode::ALL.into_iter().filter_map(own)
}

/// What is offered of a service beside mail; its registered port is left out.
fn related(service: Related, offer: &RelatedOffer) -> String {
    let mut fields = Vec::new();
    fields.extend(offer.host.as_ref().map(|host| (HOST, pattern(host))));
    let is_default = offer.port == service.default_port();
    fields.extend((!is_default).then(|| ("port", offer.port.to_string())));
    fields.extend(offer.path.as_ref().map(|path| ("path", text(path))));
    map(fields)
}

/// One exchange on a line, several as a list.
fn exchanges(exchanges: &[MailExchange]) -> Option<Field> {
    let fields = |exchange: &MailExchange| {
        let mut fields = Vec::new();
        fields.extend(exchange.host.as_ref().map(|host| (HOST, pattern(host))));
        let is_default = exchange.preference == DEFAULT_PREFERENCE;
        let preference = (!is_default).then(|| exchange.preference.to_string());
        fields.extend(preference.map(|preference| ("preference", preference)));
        map(fields)
    };
    match exchanges {
        [] => None,
        [exchange] => Some(Field::Line(fields(exchange))),
        _ => {
            let items = exchanges.iter().map(|exchange| format!("  - {}", fields(exchange)));
            Field::block(std::iter::once(format!("{SERVERS}:")).chain(items))
        }
    }
}

/// `true` for an alias of the default host.
fn autoconfig(given: &Lead) -> String {
    match lead(given) {
        None => TRUE.to_owned(),
        Some(field) => map([field]),
    }
}

/// The field of a name that leads somewhere; None for the default, an alias of the host.
fn lead(lead: &Lead) -> Option<(&'static str, String)> {
    match lead {
        Lead::Alias(host) if host.is_default_host() => None,
        Lead::Alias(host) => Some((ALIAS, pattern(host))),
        Lead::Addresses(list) => Some(("addresses", addresses(list))),
    }
}

/// `true` where both ways are as they are without a word, else what differs.
fn autodiscover(given: &Autodiscover) -> Option<String> {
    let Autodiscover { lead: given, srv } = given;
    let alias = given.as_ref().and_then(Lead::alias);
    let follows = |target: &HostPattern| match alias {
        Some(host) => host == target,
        None => target.is_default_host(),
    };
    let srv = srv.as_ref().map(|target| match follows(target) {
        true => TRUE.to_owned(),
        false => pattern(target),
    });
    let default = (ALIAS, TRUE.to_owned());
    let given = given.as_ref().map(|given| lead(given).unwrap_or(default));
    match (given, srv) {
        (None, None) => None,
        (Some((ALIAS, alias)), Some(srv)) if alias == TRUE && srv == TRUE => Some(srv),
        (given, srv) => Some(map(given.into_iter().chain(srv.map(|srv| ("srv", srv))))),
    }
}

/// `true` for an alias of the default host and no other digests.
fn pacc(given: &Pacc) -> String {
    let mut fields: Vec<(&str, String)> = lead(&given.lead).into_iter().collect();
    if !given.other_digests.is_empty() {
        let digests = given.other_digests.iter().map(|digest| text(digest));
        fields.push(("digests", list(digests)));
    }
    map(fields)
}

/// What the profile knows of the provider, a line each.
fn provider(given: &Provider) -> Option<Field> {
    let Provider { name, short_name, documentation, issuer } = given;
    let issuer = issuer.as_ref().map(ToString::to_string);
    let texts = [
        ("name", name),
        ("short-name", short_name),
        ("documentation", documentation),
        ("issuer", &issuer),
    ];
    let given = texts.into_iter().filter_map(|(key, given)| Some((key, text(given.as_ref()?))));
    Field::block(given.map(|(key, value)| format!("{key}: {value}")))
}

/// Both retrieval services, in their order.
fn prefer(order: [Service; 2]) -> Field {
    Field::Line(list(order.into_iter().map(|service| service.key().to_owned())))
}

/// The word of a form of the login name, or its pattern.
fn login(login: &Login) -> String {
    text(&login.to_string())
}

/// What is denied; None where that is all that is not offered.
fn deny(given: &Deny) -> Option<String> {
    match given {
        Deny::All => None,
        Deny::Only(labels) if labels.is_empty() => Some("false".to_owned()),
        // A label begins with an underscore, which no reader of YAML takes for anything but a text.
        Deny::Only(labels) => Some(list(labels.iter().map(|label| (*label).to_owned()))),
    }
}

/// Addresses in quotes where YAML would take them for something else.
fn addresses(addresses: &[IpAddr]) -> String {
    list(addresses.iter().map(|address| text(&address.to_string())))
}

/// Says that a default will do.
const TRUE: &str = "true";

/// A map on one line; `true` says the same as a map without fields.
fn map(fields: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let fields: Vec<String> =
        fields.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    if fields.is_empty() { TRUE.to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
}

/// A list on one line.
fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A host pattern; with a placeholder it stands in quotes, because a brace begins a map.
fn pattern(host: &HostPattern) -> String {
    text(&host.to_string())
}

/// A key of the user's; one that is too long to stand before its colon is marked with `?`
/// (YAML 1.2.2 §7.4.2).
fn key(key: &str) -> String {
    const MOST: usize = 200;
    let written = text(key);
    if written.len() <= MOST { written } else { format!("? {written}\n  ") }
}

/// A text, in quotes wherever a reader of YAML 1.1 or 1.2 could take it for anything else.
fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ if character.is_alphanumeric() => quoted.push(character),
            _ => quoted.extend(escape(character)),
        }
    }
    quoted.push('"');
    quoted
}

/// A letter or a slash in front leaves no number, no time and no indicator to mistake it for.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 11] =
        ["y", "yes", "n", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || b" ._/-".contains(&octet);
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && text.bytes().all(inner)
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// The escape of a character by its code point (YAML 1.2.2 §5.7).
fn escape(character: char) -> impl Iterator<Item = char> {
    let point = u32::from(character);
    let text = if point <= 0xffff { format!("\\u{point:04x}") } else { format!("\\U{point:08x}") };
    text.chars().collect::<Vec<_>>().into_iter()
}
