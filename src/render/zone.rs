//! The snippet in master-file syntax (RFC 1035 §5), with comments a customer understands.

use std::io::{self, Write};

use hickory_proto::rr::RData;

use super::{Sheet, Spec};
use crate::hosting::Login;
use crate::name::{plain_text, relative_text, text};
use crate::plan::{Expected, Purpose, RecordPlan};
use crate::service::{Label, Service, TlsMode};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "zone",
    headline: "snippet to paste into a zone file (BIND, Knot, NSD, PowerDNS)",
    separator: "\n",
    write,
};

fn write(sheet: &Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let plan = sheet.plan;
    let origin = sheet.origin();
    let rows: Vec<Row<'_>> = plan
        .published()
        .flat_map(|(purpose, set)| {
            let owner = relative_text(set.owner(), origin);
            let rtype = zonefile::type_name(set.record_type());
            set.rdatas()
                .iter()
                .map(move |data| Row { purpose, owner: owner.clone(), rtype: rtype.clone(), data })
                .collect::<Vec<_>>()
        })
        .collect();
    let numbers = Numbers::of(plan);
    let width = rows.iter().map(|row| row.owner.len()).max().unwrap_or_default();

    writeln!(
        out,
        "; Mail client settings for {}. Login: {}.",
        plan.domain().heading(),
        login(plan)
    )?;
    writeln!(out, "; Paste into the zone {} and raise its serial number.", plain_text(origin))?;
    writeln!(out, "$ORIGIN {}", text(origin))?;
    writeln!(out, "$TTL {}", plan.ttl())?;
    let mut group = None;
    for row in &rows {
        let next = Some(Group::of(row.purpose));
        if next != group {
            group = next;
            writeln!(out)?;
            writeln!(out, "; {}", Group::of(row.purpose).comment(plan))?;
        }
        let Row { owner, rtype, .. } = row;
        writeln!(out, "{owner:width$} IN {rtype:<5} {}", aligned(row.data, &numbers))?;
    }
    Ok(())
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
    fn of(plan: &RecordPlan) -> Self {
        let digits = |number: u16| number.checked_ilog10().map_or(1, |log| log as usize + 1);
        let srvs = plan.published().flat_map(|(_, set)| set.srvs());
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
#[derive(PartialEq, Eq, Clone, Copy)]
enum Group {
    Offered(Service),
    Denied(Service),
    Documents,
}

impl Group {
    fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Service(label) => Self::Offered(label.service()),
            Purpose::Denial(label) => Self::Denied(label.service()),
            Purpose::Config(_) | Purpose::Autodiscover => Self::Documents,
        }
    }

    fn comment(self, plan: &RecordPlan) -> String {
        match self {
            Self::Offered(service) => {
                let direction = if service.is_retrieval() { "Incoming" } else { "Outgoing" };
                format!("{direction} mail ({}): {}", service.title(), endpoints(plan, service))
            }
            Self::Denied(service) => {
                let modes: Vec<_> = TlsMode::ALL
                    .into_iter()
                    .filter(|mode| is_denied(plan, service.label(*mode)))
                    .map(TlsMode::title)
                    .collect();
                format!(
                    "Not offered, and the target \".\" says so: {} with {}",
                    service.title(),
                    modes.join(" or ")
                )
            }
            Self::Documents => "Where clients find their configuration document".to_owned(),
        }
    }
}

fn is_denied(plan: &RecordPlan, label: Label) -> bool {
    matches!(plan.label(label).expected, Expected::Denied(_))
}

fn login(plan: &RecordPlan) -> &'static str {
    match plan.login() {
        Login::FullAddress => "the full mail address",
        Login::LocalPart => "the part of the address before the @",
    }
}

/// Hosts and ports in words: `mail.example.com, port 993 (TLS) or 143 (STARTTLS)`.
fn endpoints(plan: &RecordPlan, service: Service) -> String {
    let mut hosts: Vec<String> = Vec::new();
    let mut ports: Vec<String> = Vec::new();
    for mode in TlsMode::ALL {
        for srv in plan.label(service.label(mode)).offered() {
            let host = plain_text(&srv.target);
            if !hosts.contains(&host) {
                hosts.push(host);
            }
            let port = format!("{} ({})", srv.port, mode.title());
            if !ports.contains(&port) {
                ports.push(port);
            }
        }
    }
    format!("{}, port {}", hosts.join(" or "), ports.join(" or "))
}
