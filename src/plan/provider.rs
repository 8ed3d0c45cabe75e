//! What a provider publishes once in its own zone: addresses of its hosts, the names that clients
//! derive from the MX of a customer, and TLSA records.

use hickory_proto::rr::Name;

use super::aliases::address_sets;
use super::{Purpose, tlsa};
use crate::hosting::{HostPattern, Hosting, Lead};
use crate::name::{HostName, plain_text};
use crate::rrset::RrSet;
use crate::service::{ConfigName, SMTP_PORT, Service, TlsMode};
use crate::words::{enumerate, listed};

/// The records of the provider's own zone.
///
/// Customers' zones lead to these hosts, so they are published once and not with each customer.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderPlan {
    zone: Name,
    sets: Vec<(Purpose, RrSet)>,
    notes: Vec<String>,
    ttl: u32,
}

/// Says why a profile gives nothing to publish in the provider's own zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderRefusal {
    /// Every host of the profile depends on the customer.
    #[error(
        "the profile names no host of the provider's own; {}name one, as in `host: mail.provider.example`, or list hosts under `addresses`",
        settings(.columns)
    )]
    NoHost {
        /// The columns that make its hosts those of a customer.
        columns: Vec<String>,
    },
    /// All of it lies in other zones.
    #[error(
        "there is nothing to publish in {zone}: {} outside it; run again with --zone-apex for another zone{}",
        lying(.elsewhere),
        also(.notes)
    )]
    Elsewhere {
        /// The zone.
        zone: String,
        /// What it is: owner name and type of each RRset.
        elsewhere: Vec<String>,
        /// What else could not be planned.
        notes: Vec<String>,
    },
    /// Nothing that could be published.
    #[error(
        "there is nothing to publish in {zone}: list the provider's hosts under `addresses`, its mail exchanges under `mx`, or give certificates{}",
        also(.notes)
    )]
    Nothing {
        /// The zone.
        zone: String,
        /// What could not be planned and why.
        notes: Vec<String>,
    },
}

impl ProviderRefusal {
    /// What else could not be planned and why, one sentence each.
    pub fn notes(&self) -> &[String] {
        match self {
            Self::NoHost { .. } => &[],
            Self::Elsewhere { notes, .. } | Self::Nothing { notes, .. } => notes,
        }
    }
}

/// How columns of a profile get a value for a whole run.
fn settings(columns: &[String]) -> String {
    let all: Vec<String> = columns.iter().map(|column| format!("`--set {column}=…`")).collect();
    if all.is_empty() { String::new() } else { format!("give {}, or ", listed(&all)) }
}

/// What is said of a host where no host of the provider's own stands.
fn depends(pattern: &HostPattern, hosting: &Hosting) -> String {
    let pattern = if pattern.is_default_host() { hosting.host() } else { pattern };
    let columns: Vec<String> = pattern.columns().map(str::to_owned).collect();
    let settings = settings(&columns);
    format!(
        "`autoconfig` leads to `{pattern}`, which depends on the customer; {settings}name a host of the provider's own"
    )
}

fn lying(names: &[String]) -> String {
    format!("{} {}", enumerate(names), if names.len() == 1 { "lies" } else { "lie" })
}

/// Notes behind a sentence.
fn also(notes: &[String]) -> String {
    notes.iter().map(|note| format!("; {note}")).collect()
}

impl ProviderPlan {
    /// The apex of the zone.
    pub fn zone(&self) -> &Name {
        &self.zone
    }

    /// Every RRset to publish, with what it is for, in a stable order.
    pub fn published(&self) -> impl Iterator<Item = (Purpose, &RrSet)> {
        self.sets.iter().map(|(purpose, set)| (*purpose, set))
    }

    /// What could not be planned and why, one sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The TTL of everything planned, in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }
}

/// Plans the provider's own zone; without an apex it is the registrable domain of the first host.
///
/// ```
/// use mailsrv::hosting::file;
/// use mailsrv::plan::plan_provider;
///
/// let profile = "host: mail.provider.example\nimap: true\naddresses: { mail.provider.example: [192.0.2.1] }\n";
/// let plan = plan_provider(&file::parse(profile, "profile.yaml")?, None)?;
/// assert_eq!(mailsrv::name::text(plan.zone()), "provider.example.");
/// assert_eq!(plan.published().count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Every host depends on the customer, all that could be published lies in other zones, or there is
/// nothing: see [`ProviderRefusal`].
pub fn plan_provider(
    hosting: &Hosting,
    apex: Option<&Name>,
) -> Result<ProviderPlan, ProviderRefusal> {
    let endpoints = endpoints(hosting);
    let zone = apex.cloned().or_else(|| provider_zone(hosting));
    let zone = zone.ok_or_else(|| ProviderRefusal::NoHost { columns: hosting.columns() })?;
    let ttl = hosting.ttl();
    let mut plan = ProviderPlan { zone, sets: Vec::new(), notes: Vec::new(), ttl };
    for known in hosting.addresses() {
        let sets = address_sets(known.host.name(), &known.addresses, ttl);
        plan.sets.extend(sets.into_iter().map(|set| (Purpose::Host, set)));
    }
    let derived = derived_names(hosting);
    plan.notes.extend(derived.notes);
    let sets = derived.found.into_iter().flat_map(|(_, sets)| sets);
    plan.sets.extend(sets.map(|set| (Purpose::Config(ConfigName::Autoconfig), set)));
    let certificates = tlsa::plan_tlsa(&endpoints, hosting.certificates(), ttl);
    plan.sets.extend(certificates.into_iter().map(|set| (Purpose::Certificate, set)));
    if !hosting.certificates().is_empty() {
        for name in tlsa::uncovered(&endpoints, hosting.certificates()) {
            let note = format!("no certificate is good for {}", plain_text(&name));
            plan.notes.push(note);
        }
    }
    let outside = plan.keep_inside();
    if plan.sets.is_empty() {
        let zone = plain_text(&plan.zone);
        let notes = plan.notes;
        return Err(match outside.is_empty() {
            false => ProviderRefusal::Elsewhere { zone, elsewhere: outside, notes },
            true => ProviderRefusal::Nothing { zone, notes },
        });
    }
    let zone = plain_text(&plan.zone);
    plan.notes.extend(outside.into_iter().map(|name| {
        format!("{name} lies outside {zone}; run again with --zone-apex for its zone")
    }));
    Ok(plan)
}

/// The apex of the provider's own zone: the registrable domain of the first host that is no customer's.
pub(crate) fn provider_zone(hosting: &Hosting) -> Option<Name> {
    let endpoints = endpoints(hosting);
    let listed = hosting.addresses().iter().map(|known| known.host.name());
    endpoints.iter().map(|(host, _)| host).chain(listed).next().map(registrable)
}

/// The names that clients derive from a customer's MX (draft-ietf-mailmaint-autoconfig §4.3) and at
/// which the provider has its document: see [`plan_provider`].
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DerivedNames {
    /// Each name, with what is published for it; nothing where it is a host that stands already.
    pub(crate) found: Vec<(Name, Vec<RrSet>)>,
    /// Why others are not known or not led to, one sentence each.
    pub(crate) notes: Vec<String>,
}

/// `autoconfig` below the parent of each mail exchange and below its registrable domain.
pub(crate) fn derived_names(hosting: &Hosting) -> DerivedNames {
    let mut derived = DerivedNames::default();
    let exchanges: Vec<HostName> = hosting
        .exchanges()
        .iter()
        .filter_map(|exchange| fixed(exchange.host.as_ref(), hosting))
        .collect();
    let Some(lead) = hosting.lead(ConfigName::Autoconfig) else {
        let note = "the profile has no `autoconfig`, so nothing leads to its document";
        derived.notes.push(note.to_owned());
        return derived;
    };
    if exchanges.is_empty() {
        derived.notes.push("the profile names no mail exchange of the provider's own under `mx`, and the names that clients derive from it are not known".to_owned());
        return derived;
    }
    let mut owners: Vec<Name> = Vec::new();
    for exchange in &exchanges {
        for parent in [exchange.name().base_name(), registrable(exchange.name())] {
            let owner = parent.prepend_label(ConfigName::Autoconfig.text());
            let owner = owner.ok().filter(|owner| !owners.contains(owner));
            // The parent of `mx.example` is a registry, where nothing of ours can stand.
            owners.extend(owner.filter(|_| parent.num_labels() > 1));
        }
    }
    for owner in owners {
        match lead_of(lead, &owner, hosting) {
            Ok(sets) => derived.found.push((owner, sets)),
            Err(note) if derived.notes.contains(&note) => {}
            Err(note) => derived.notes.push(note),
        }
    }
    derived
}

/// Where a name leads: an alias of a host, or addresses; nothing is to be published where the name is
/// a host itself.
fn lead_of(lead: &Lead, owner: &Name, hosting: &Hosting) -> Result<Vec<RrSet>, String> {
    // What is listed stands there already, and nothing else may stand beside an alias.
    if hosting.addresses().iter().any(|known| known.host.name() == owner) {
        return Ok(Vec::new());
    }
    let pattern = match lead {
        Lead::Addresses(addresses) => return Ok(address_sets(owner, addresses, hosting.ttl())),
        Lead::Alias(pattern) => pattern,
    };
    match fixed(Some(pattern), hosting) {
        None => Err(depends(pattern, hosting)),
        // The addresses of the host itself are planned already, where they are known.
        Some(host) if host.name() == owner => Ok(Vec::new()),
        Some(host) if endpoints(hosting).iter().any(|(target, _)| target == owner) => Err(format!(
            "{} is a server of the profile and may not be an alias of {host} (RFC 2181 section 10.3); list its addresses under `addresses`",
            plain_text(owner)
        )),
        Some(host) => Ok(vec![RrSet::cname(owner.clone(), hosting.ttl(), host.name().clone())]),
    }
}

impl ProviderPlan {
    /// Leaves out what belongs into another zone; says of each what it is.
    fn keep_inside(&mut self) -> Vec<String> {
        let zone = self.zone.clone();
        let (inside, outside): (Vec<_>, Vec<_>) = std::mem::take(&mut self.sets)
            .into_iter()
            .partition(|(_, set)| zone.zone_of(set.owner()));
        self.sets = inside;
        let name = |(_, set): (Purpose, RrSet)| {
            format!("{} {}", plain_text(set.owner()), set.record_type())
        };
        outside.into_iter().map(name).collect()
    }
}

/// The hosts of the provider's own that clients connect to, with their ports.
fn endpoints(hosting: &Hosting) -> Vec<(Name, u16)> {
    let mut endpoints = Vec::new();
    let mut add = |host: Option<HostName>, port: u16| {
        if let Some(host) = host {
            let endpoint = (host.name().clone(), port);
            if !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
            }
        }
    };
    for service in Service::ALL {
        for mode in TlsMode::ALL {
            let Some(offer) = hosting.offer(service) else { continue };
            for (server, port) in offer.servers_in(mode) {
                add(fixed(server.host.as_ref(), hosting), port);
            }
        }
    }
    for service in crate::service::Related::ALL {
        if let Some(offer) = hosting.related(service) {
            add(fixed(offer.host.as_ref(), hosting), offer.port);
        }
    }
    for exchange in hosting.exchanges() {
        add(fixed(exchange.host.as_ref(), hosting), SMTP_PORT);
    }
    endpoints
}

/// The host of a pattern that says the same for every customer.
fn fixed(pattern: Option<&HostPattern>, hosting: &Hosting) -> Option<HostName> {
    match pattern {
        Some(pattern) if pattern.is_default_host() => hosting.host().fixed().cloned(),
        Some(pattern) => pattern.fixed().cloned(),
        None => hosting.host().fixed().cloned(),
    }
}

/// The registrable domain of a name, by the Public Suffix List; the name itself where it has none.
pub(crate) fn registrable(name: &Name) -> Name {
    let text = plain_text(name).to_ascii_lowercase();
    psl::domain_str(&text)
        .and_then(|domain| domain.parse::<HostName>().ok())
        .map_or_else(|| name.clone(), |domain| domain.name().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::file;
    use crate::zonefile;

    /// A profile; what is published in the zone of its first host; the notes, by a part of each.
    type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

    const MX: &str = "mx: { servers: [{ host: mx.provider.example }] }\n";

    const ROWS: &[Row] = &[
        (
            "host: mail.provider.example\nautoconfig: true\n",
            &["autoconfig.provider.example. 3600 IN CNAME mail.provider.example."],
            &[],
        ),
        (
            "host: mail.provider.example\nautoconfig: { addresses: [192.0.2.1] }\n",
            &["autoconfig.provider.example. 3600 IN A 192.0.2.1"],
            &[],
        ),
        (
            "host: mail.provider.example\naddresses: { mail.provider.example: [192.0.2.1] }\n",
            &["mail.provider.example. 3600 IN A 192.0.2.1"],
            &["the profile has no `autoconfig`"],
        ),
        (
            "host: mail.provider.example\naddresses: { mail.provider.example: [192.0.2.1] }\n\
             autoconfig: { alias: '{server}' }\nmx: { servers: [{ host: mx.in.provider.example }] }\n",
            &["mail.provider.example. 3600 IN A 192.0.2.1"],
            &[
                "`autoconfig` leads to `{server}`, which depends on the customer; give `--set server=…`",
            ],
        ),
        (
            "host: '{server}'\njmap: { host: jmap.provider.example }\nautoconfig: { alias: mail.provider.example }\n",
            &["autoconfig.provider.example. 3600 IN CNAME mail.provider.example."],
            &[],
        ),
        (
            "host: mx.example\nautoconfig: true\nmx: { servers: [{ host: mx.example }] }\n",
            &["autoconfig.mx.example. 3600 IN CNAME mx.example."],
            &[],
        ),
        (
            "host: mail.provider.example\nautoconfig: { alias: autoconfig.provider.example }\n\
             mx: { servers: [{ host: mx.in.provider.example }] }\n",
            &["autoconfig.in.provider.example. 3600 IN CNAME autoconfig.provider.example."],
            &[],
        ),
    ];

    #[test]
    fn the_provider_publishes_its_addresses_and_what_leads_to_its_documents() {
        for (profile, records, notes) in ROWS {
            let mx = if profile.contains("mx:") { "" } else { MX };
            let profile = format!("{profile}imap: true\nsubmission: true\n{mx}");
            let plan = plan_provider(&file::parse(&profile, "profile").unwrap(), None).unwrap();
            assert_eq!(plan.ttl(), 3600);
            let published: Vec<_> = plan.published().flat_map(|(_, set)| set.records()).collect();
            let published: Vec<_> = published.iter().map(zonefile::record).collect();
            assert_eq!(published, *records, "{profile}");
            let held = plan.notes().iter().zip(*notes).all(|(note, part)| note.contains(part));
            assert!(held && plan.notes().len() == notes.len(), "{profile}: {:?}", plan.notes());
        }
    }

    #[test]
    fn where_nothing_is_to_be_published_the_reason_is_said() {
        let refused = |profile: &str| {
            let hosting = file::parse(&format!("imap: true\n{profile}"), "profile").unwrap();
            plan_provider(&hosting, None).unwrap_err().to_string()
        };
        assert_eq!(
            refused("host: '{server}'\n"),
            "the profile names no host of the provider's own; give `--set server=…`, or name one, as in \
             `host: mail.provider.example`, or list hosts under `addresses`"
        );
        assert_eq!(
            refused("host: 'mail.{domain}'\n"),
            "the profile names no host of the provider's own; name one, as in \
             `host: mail.provider.example`, or list hosts under `addresses`"
        );
        let nothing = "there is nothing to publish in provider.example: list the provider's hosts \
                       under `addresses`, its mail exchanges under `mx`, or give certificates; ";
        let refusal = refused("host: mail.provider.example\nautoconfig: true\n");
        let no_exchange = "the profile names no mail exchange of the provider's own under `mx`, and \
                           the names that clients derive from it are not known";
        assert_eq!(refusal, format!("{nothing}{no_exchange}"));
        let refusal =
            refused("host: '{server}'\nautoconfig: true\nmx: { host: mx.provider.example }\n");
        let leads = "`autoconfig` leads to `{server}`, which depends on the customer; give \
                     `--set server=…`, or name a host of the provider's own";
        assert_eq!(refusal, format!("{nothing}{leads}"));
        assert_eq!(
            refused(
                "host: mail.provider.example\naddresses: { a.other.example: [192.0.2.1], \
                 b.other.example: [192.0.2.2] }\n"
            ),
            "there is nothing to publish in provider.example: a.other.example A and \
             b.other.example A lie outside it; run again with --zone-apex for another zone; the \
             profile has no `autoconfig`, so nothing leads to its document"
        );
    }
}
