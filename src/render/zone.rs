//! The snippet in master-file syntax (RFC 1035 §5), with comments a customer understands.

use std::fmt::{self, Write};

use hickory_proto::rr::RData;

use super::{COMMON, Mending, Sheet, Spec};
use crate::forecast::{Mismatch, login_mismatches};
use crate::hosting::Login;
use crate::name::{plain_text, relative_text, text};
use crate::plan::{Purpose, RecordPlan};
use crate::service::{Label, Service, TlsMode};
use crate::words::{listed, push_wrapped};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "zone",
    aliases: &["bind", "zonefile"],
    headline: "snippet to paste into a zone file (BIND, Knot, NSD, PowerDNS)",
    extension: "zone",
    separator: "\n",
    write,
    mending: Mending::with_comment(";"),
    ..COMMON
};

/// Groups records under comments; columns line up, for people read the snippet before they paste
/// it.
fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let origin = sheet.origin();
    let rows: Vec<Row<'_>> = sheet
        .sets()
        .iter()
        .flat_map(|(purpose, set)| {
            let owner = relative_text(set.owner(), origin);
            let rtype = zonefile::type_name(set.record_type());
            set.rdatas()
                .iter()
                .map(move |data| Row {
                    purpose: *purpose,
                    owner: owner.clone(),
                    rtype: rtype.clone(),
                    data,
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let numbers = Numbers::of(sheet);
    let width = rows.iter().map(|row| row.owner.len()).max().unwrap_or_default();

    writeln!(out, "; {}.", sheet.heading())?;
    if let Some(plan) = sheet.plan() {
        push_comment(out, &format!("Login: {}.", login(plan)));
        login_notes(plan).iter().for_each(|note| push_comment(out, note));
    }
    writeln!(out, "; Paste into the zone {} and raise its serial number.", plain_text(origin))?;
    writeln!(out, "$ORIGIN {}", text(origin))?;
    writeln!(out, "$TTL {}", sheet.ttl())?;
    let mut group = None;
    for row in &rows {
        let next = Some(Group::of(row.purpose));
        if next != group {
            group = next;
            writeln!(out)?;
            writeln!(out, "; {}", Group::of(row.purpose).comment(sheet))?;
        }
        let Row { owner, rtype, .. } = row;
        writeln!(out, "{owner:width$} IN {rtype:<5} {}", aligned(row.data, &numbers))?;
    }
    Ok(())
}

/// The columns of a comment.
const COLUMNS: usize = 80;

/// Appends a comment, wrapped. It has no names that differ between two mail domains of one layout, or
/// the places where it is wrapped would.
fn push_comment(out: &mut String, prose: &str) {
    let mut lines = String::new();
    push_wrapped(&mut lines, prose, 0, COLUMNS - 2);
    lines.lines().for_each(|line| out.extend(["; ", line, "\n"]));
}

struct Row<'a> {
    purpose: Purpose,
    owner: String,
    rtype: String,
    data: &'a RData,
}

/// The widths of the number columns of all SRV records.
#[derive(Default)]
struct Numbers {
    priority: usize,
    weight: usize,
    port: usize,
}

impl Numbers {
    fn of(sheet: &Sheet<'_>) -> Self {
        let digits = |number: u16| number.checked_ilog10().map_or(1, |log| log as usize + 1);
        let srvs = sheet.sets().iter().flat_map(|(_, set)| set.srvs());
        srvs.fold(Self::default(), |widest, srv| Self {
            priority: widest.priority.max(digits(srv.priority)),
            weight: widest.weight.max(digits(srv.weight)),
            port: widest.port.max(digits(srv.port)),
        })
    }
}

/// Lines up the numbers of SRV data.
fn aligned(data: &RData, numbers: &Numbers) -> String {
    let RData::SRV(srv) = data else { return zonefile::rdata(data) };
    let Numbers { priority, weight, port } = *numbers;
    format!(
        "{:>priority$} {:>weight$} {:>port$} {}",
        srv.priority,
        srv.weight,
        srv.port,
        text(&srv.target)
    )
}

/// The records that stand under one comment.
///
/// Records follow each other in the order of the plan, which keeps groups together.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Group {
    Offered(Service),
    Denied(Service),
    Compat,
    Documents,
    Related,
    RelatedDenied,
    Exchanges,
    Certificates,
    Hosts,
}

impl Group {
    /// Names of documents and their digest go together, and so do services beside mail and their
    /// paths.
    fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Service(label) => Self::Offered(label.service()),
            Purpose::Denial(label) => Self::Denied(label.service()),
            Purpose::CompatSmtps => Self::Compat,
            Purpose::Config(_)
            | Purpose::Autodiscover
            | Purpose::PaccName
            | Purpose::PaccDigest => Self::Documents,
            Purpose::Related(_) | Purpose::RelatedPath(_) => Self::Related,
            Purpose::RelatedDenial(_) => Self::RelatedDenied,
            Purpose::Exchange => Self::Exchanges,
            Purpose::Certificate => Self::Certificates,
            Purpose::Host => Self::Hosts,
        }
    }

    /// What stands above the records, in words for a customer.
    fn comment(self, sheet: &Sheet<'_>) -> String {
        let fixed = match self {
            Self::Offered(service) => {
                let direction = if service.is_retrieval() { "Incoming" } else { "Outgoing" };
                return format!(
                    "{direction} mail ({}): {}",
                    service.title(),
                    endpoints(sheet, service)
                );
            }
            Self::Denied(service) => {
                let modes: Vec<_> = TlsMode::ALL
                    .into_iter()
                    .filter(|mode| is_denied(sheet, service.label(*mode)))
                    .map(TlsMode::title)
                    .collect();
                return format!(
                    "Not offered, and the target \".\" says so: {} with {}",
                    service.title(),
                    modes.join(" or ")
                );
            }
            Self::Compat => {
                "Outgoing mail once more, under a label that aerc asks for and no RFC knows"
            }
            Self::Documents => "Where clients find their configuration document",
            Self::Related => "Services beside mail",
            Self::RelatedDenied => "Not offered without TLS, and the target \".\" says so",
            Self::Exchanges => "Where mail for the domain is taken",
            Self::Certificates => "Keys of the servers; only for a signed zone",
            Self::Hosts => "Hosts of the provider",
        };
        fixed.to_owned()
    }
}

/// Whether the sheet says of a label that it is not offered.
fn is_denied(sheet: &Sheet<'_>, label: Label) -> bool {
    sheet.sets().iter().any(|(purpose, _)| *purpose == Purpose::Denial(label))
}

/// The login of every service, in one phrase where they are alike.
pub(super) fn login(plan: &RecordPlan) -> String {
    let offered: Vec<Service> = Service::ALL
        .into_iter()
        .filter(|service| {
            TlsMode::ALL.iter().any(|mode| plan.label(service.label(*mode)).is_offered())
        })
        .collect();
    let words = |service| login_in_words(plan.login(service));
    match offered.as_slice() {
        [first, rest @ ..] if rest.iter().any(|other| plan.login(*other) != plan.login(*first)) => {
            let each =
                offered.iter().map(|service| format!("{}: {}", service.title(), words(*service)));
            each.collect::<Vec<_>>().join("; ")
        }
        [first, ..] => words(*first),
        [] => "none".to_owned(),
    }
}

/// What to know of login names beside their form: which address to type where the domain is an
/// internationalised one, and which clients enter another name.
fn login_notes(plan: &RecordPlan) -> Vec<String> {
    let mut notes: Vec<String> = spelled(plan).into_iter().collect();
    for Mismatch { entered, clients } in login_mismatches(plan) {
        let what = match entered {
            Login::FullAddress => "the full address",
            Login::LocalPart | Login::Pattern(_) => "the part before the @",
        };
        notes.push(format!("Login of {}: {what}; accept both.", listed(&clients)));
    }
    notes
}

/// Which address to type where the domain is an internationalised one.
pub(super) fn spelled(plan: &RecordPlan) -> Option<String> {
    let (shown, domain) = (plan.domain().shown(), plan.domain().to_string());
    (shown != domain)
        .then(|| format!("Users type their address as name@{domain}: clients do not take {shown}."))
}

/// What users type; a form of the provider's own is shown by an example.
fn login_in_words(login: &Login) -> String {
    match login {
        Login::FullAddress => "the full mail address".to_owned(),
        Login::LocalPart => "the part of the address before the @".to_owned(),
        Login::Pattern(_) => {
            format!(
                "as in {} for joe@example.com",
                login.of("joe", "joe@example.com", "example.com")
            )
        }
    }
}

/// Hosts and ports in words: `mail.example.com, port 993 (TLS) or 143 (STARTTLS)`; hosts with other
/// ports come behind a semicolon, in a comment of their own.
fn endpoints(sheet: &Sheet<'_>, service: Service) -> String {
    let mut hosts: Vec<(String, Vec<String>)> = Vec::new();
    for (purpose, set) in sheet.sets() {
        let Purpose::Service(label) = purpose else { continue };
        if label.service() != service {
            continue;
        }
        let mut srvs: Vec<_> = set.srvs().collect();
        srvs.sort_by_key(|srv| (srv.priority, std::cmp::Reverse(srv.weight)));
        for srv in srvs {
            let host = plain_text(&srv.target);
            let port = format!("{} ({})", srv.port, label.mode().title());
            match hosts.iter_mut().find(|(known, _)| *known == host) {
                Some((_, ports)) if ports.contains(&port) => {}
                Some((_, ports)) => ports.push(port),
                None => hosts.push((host, vec![port])),
            }
        }
    }
    let mut alike: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (host, ports) in hosts {
        match alike.iter_mut().find(|(_, known)| *known == ports) {
            Some((hosts, _)) => hosts.push(host),
            None => alike.push((vec![host], ports)),
        }
    }
    let words = alike
        .iter()
        .map(|(hosts, ports)| format!("{}, port {}", hosts.join(" or "), ports.join(" or ")));
    words.collect::<Vec<_>>().join(";\n;   ")
}

#[cfg(test)]
mod tests {
    use crate::hosting::{Columns, file};
    use crate::plan::plan;

    #[test]
    fn logins_are_told_of_the_services_that_are_offered() {
        const LOCAL: &str = "the part of the address before the @";
        let login = |submission: &str| {
            let profile = format!(
                "host: mail.example.com\nimap: {{ tls: true, login: local-part }}\n\
                 submission: {submission}\n"
            );
            let hosting = file::parse(&profile, "profile").unwrap();
            let plan = plan(&"d.test".parse().unwrap(), &hosting, &Columns::default());
            super::login(&plan.unwrap())
        };
        // The login of POP3 would be the full address.
        assert_eq!(login("{ tls: true, login: local-part }"), LOCAL);
        let each = format!("IMAP: {LOCAL}; submission: the full mail address");
        assert_eq!(login("true"), each);
    }
}
