//! What sets customers up without a record in their own zone, and what each further record adds.
//!
//! A customer is imagined whose zone has mail exchanges and nothing else, and a provider whose zones and
//! whose site are as they are planned. The records of the customer's plan are added in the order that
//! helps most.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use hickory_proto::rr::rdata::{A, MX};
use hickory_proto::rr::{Name, RData};

use super::change::may_help;
use super::client::Client;
use super::facts::{Facts, Planned};
use super::planned::planned;
use super::published::Published;
use super::verdict::{Forecast, given_up, outcome};
use super::world::Stop;
use crate::document::{Kind, Options, SharedRefusal, SharedSite, documents, shared_site};
use crate::hosting::{Columns, Hosting};
use crate::name::{MailDomain, plain_text};
use crate::plan::{Purpose, RecordPlan, Refusal, plan, plan_provider, registrable};
use crate::rrset::{RrSet, target};
use crate::service::ConfigName;

/// Another customer (RFC 2606 §2).
const ANOTHER: &str = "another.customer-of-the-provider.example";

/// The preference of an MX record that the profile does not plan.
const PREFERENCE: u16 = 10;

/// What is foretold of a customer's clients as records are added to the zone.
#[derive(Debug)]
pub struct ZeroTouch {
    /// The customer.
    pub domain: MailDomain,
    /// First nothing but mail exchanges, then what adds most clients, and so on.
    pub steps: Vec<Step>,
    /// The planned records that add no client.
    pub rest: Vec<RrSet>,
    /// Whether the profile names the mail exchanges; else its host is taken for one.
    pub has_exchanges: bool,
    /// Why the provider serves nothing, or not under every name, one sentence each.
    pub notes: Vec<String>,
}

/// What is foretold once these records stand beside those of the steps before.
#[derive(Debug)]
pub struct Step {
    /// The records that are added.
    pub records: Vec<RrSet>,
    /// What is foretold then, in the order of the clients.
    pub forecasts: Vec<Forecast>,
}

/// Says why a profile has no such customer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZeroTouchRefusal {
    /// Hosts of the profile are the customer's own.
    #[error(
        "the hosts of the profile depend on the mail domain, so nothing is there without its records"
    )]
    OwnHosts,
    /// Nothing serves all its customers.
    #[error(transparent)]
    Shared(#[from] SharedRefusal),
    /// It cannot be planned.
    #[error("{0}")]
    Plan(#[from] Refusal),
}

/// Foretells what clients make of a customer's zone, from nothing but its mail exchanges on.
///
/// ```
/// use mailsrv::forecast::{CLIENTS, zero_touch};
/// use mailsrv::hosting::file;
///
/// let profile = "host: mail.provider.example\nmx: { host: mx.provider.example }\n\
///                imap: true\nsubmission: true\nautoconfig: true\n";
/// let hosting = file::parse(profile, "profile.yaml")?;
/// let told = zero_touch(&"customer.example".parse()?, &hosting, CLIENTS)?;
/// let thunderbird = CLIENTS.iter().position(|client| client.name == "thunderbird").unwrap();
/// assert_eq!(told.steps[0].forecasts[thunderbird].works, Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The profile has hosts of its customers, or cannot be planned for this one.
pub fn zero_touch(
    domain: &MailDomain,
    hosting: &Hosting,
    clients: &[&Client],
) -> Result<ZeroTouch, ZeroTouchRefusal> {
    let shared = shared_site(hosting)?;
    let plan = plan(domain, hosting, &Columns::default())?;
    let sets = || plan.published().map(|(_, set)| set);
    if is_own(domain, &plan) || hosts(sets()) != hosts_of_another(hosting)? {
        return Err(ZeroTouchRefusal::OwnHosts);
    }
    let (exchanges, has_exchanges) = exchanges(&plan);
    let customer = Customer {
        plan: &plan,
        clients,
        provider: provider(hosting, &hosts(sets().chain(&exchanges))),
        documents: planned(&plan, hosting),
    };
    let site = customer.site(&shared);
    let nothing = documents(&shared.plan, hosting, &Options::default()).nothing();
    let notes = shared.notes.into_iter().chain(nothing).collect();
    let own = plan.published().filter(|(purpose, _)| may_help(*purpose));
    let mut rest: Vec<RrSet> = own.map(|(_, set)| set.clone()).collect();
    let forecasts = customer.foretell(&site, exchanges.iter());
    let mut steps = vec![Step { records: exchanges, forecasts }];
    while let Some((chosen, forecasts)) = customer.next(&site, &steps, &rest) {
        let mut records: Vec<RrSet> = chosen.iter().rev().map(|at| rest.remove(*at)).collect();
        records.reverse();
        steps.push(Step { records, forecasts });
    }
    Ok(ZeroTouch { domain: domain.clone(), steps, rest, has_exchanges, notes })
}

/// Whether hosts of a plan lie in the customer's own domain.
fn is_own(domain: &MailDomain, plan: &RecordPlan) -> bool {
    let led_to = hosts(plan.published().map(|(_, set)| set));
    led_to.iter().chain([plan.host().name()]).any(|host| domain.name().zone_of(host))
}

/// The hosts of another customer, which are the same where they do not depend on the mail domain.
fn hosts_of_another(hosting: &Hosting) -> Result<BTreeSet<Name>, ZeroTouchRefusal> {
    let Ok(another) = ANOTHER.parse() else { return Ok(BTreeSet::new()) };
    let plan = plan(&another, hosting, &Columns::default())?;
    Ok(hosts(plan.published().map(|(_, set)| set)))
}

/// The hosts that records lead to.
fn hosts<'a>(sets: impl Iterator<Item = &'a RrSet>) -> BTreeSet<Name> {
    let targets = sets.flat_map(RrSet::rdatas).filter_map(target);
    targets.filter(|host| !host.is_root()).cloned().collect()
}

/// The MX records of the customer: those of the plan, or one that leads to the host of the profile.
fn exchanges(plan: &RecordPlan) -> (Vec<RrSet>, bool) {
    let planned = plan.published().filter(|(purpose, _)| *purpose == Purpose::Exchange);
    let planned: Vec<RrSet> = planned.map(|(_, set)| set.clone()).collect();
    if !planned.is_empty() {
        return (planned, true);
    }
    let data = RData::MX(MX::new(PREFERENCE, plan.host().name().clone()));
    (RrSet::of(plan.domain().name().clone(), plan.ttl(), vec![data]).into_iter().collect(), false)
}

/// What the provider publishes in the zones of these hosts. Those that the profile says no addresses of
/// have one each, of the network of RFC 2544.
fn provider(hosting: &Hosting, hosts: &BTreeSet<Name>) -> Vec<RrSet> {
    let zones: BTreeSet<Name> = hosts.iter().map(registrable).collect();
    let plans = zones.iter().filter_map(|zone| plan_provider(hosting, Some(zone)).ok());
    let published =
        plans.flat_map(|plan| -> Vec<_> { plan.published().map(|(_, set)| set.clone()).collect() });
    let mut sets: Vec<RrSet> = published.collect();
    let stands = |host: &&Name| sets.iter().any(|set| set.owner() == *host);
    let lacking: Vec<&Name> = hosts.iter().filter(|host| !stands(host)).collect();
    sets.extend((1..=u8::MAX).zip(lacking).filter_map(|(number, host)| {
        let data = vec![RData::A(A::new(198, 19, 0, number))];
        RrSet::of(host.clone(), hosting.ttl(), data)
    }));
    sets
}

/// A customer whose zone gets record after record.
struct Customer<'a> {
    plan: &'a RecordPlan,
    clients: &'a [&'a Client],
    provider: Vec<RrSet>,
    /// What is served under the customer's names.
    documents: Vec<Planned>,
}

impl Customer<'_> {
    /// What the provider serves: to each customer under the customer's names, and to all under its own.
    fn site(&self, shared: &SharedSite) -> Vec<Planned> {
        let domain = self.plan.domain();
        let names: Vec<_> = shared.autoconfig.iter().map(plain_text).collect();
        let target = shared.autodiscover.iter();
        let target: Vec<_> = target.map(|host| plain_text(host.name())).collect();
        let mut site = Vec::new();
        // The site of the domain is the customer's own.
        let own = self.documents.iter().filter(|document| document.host != domain.as_str());
        for document in own {
            let is_at = |name: ConfigName| document.host == format!("{}.{domain}", name.text());
            let (shared, paths): (&[String], _) = if is_at(ConfigName::Autoconfig) {
                (&names, Kind::Autoconfig.paths(domain))
            } else if is_at(ConfigName::Autodiscover) {
                (&target, Kind::Autodiscover.paths(domain))
            } else {
                (&[], Kind::Pacc.paths(domain))
            };
            for host in shared.iter().chain([&document.host]) {
                for path in &paths {
                    let path = format!("/{path}");
                    site.push(Planned { path, ..document.at(host.to_ascii_lowercase()) });
                }
            }
        }
        site
    }

    /// What is foretold where these records stand in the customer's zone.
    fn foretell<'a>(
        &'a self,
        site: &'a [Planned],
        own: impl Iterator<Item = &'a RrSet>,
    ) -> Vec<Forecast> {
        let records = self.provider.iter().chain(own).collect();
        let world = Published { records, documents: site.iter().collect() };
        let mut facts = Facts::of(self.plan);
        let mut foretell = |client: &&Client| {
            world.show(&mut facts, |world| outcome(world, client).ok_or(Stop::Wanted))
        };
        self.clients.iter().map(|client| foretell(client).unwrap_or_else(|_| given_up())).collect()
    }

    /// The places of the one record, or else of the two, that add most clients, and what is foretold
    /// then; None where none do.
    fn next(
        &self,
        site: &[Planned],
        steps: &[Step],
        rest: &[RrSet],
    ) -> Option<(Vec<usize>, Vec<Forecast>)> {
        let before = steps.last().map_or(0, |step| working(&step.forecasts));
        let pairs = || {
            let others = |at: usize| (at + 1..rest.len()).map(move |other| vec![at, other]);
            (0..rest.len()).flat_map(others).collect::<Vec<_>>()
        };
        let best = |choices: Vec<Vec<usize>>| {
            let foretold = choices.into_iter().map(|choice| {
                let stands = steps.iter().flat_map(|step| &step.records);
                let added = choice.iter().filter_map(|at| rest.get(*at));
                let forecasts = self.foretell(site, stands.chain(added));
                (choice, forecasts)
            });
            // Of those that add as many, the first of the plan.
            let best = foretold.enumerate().max_by_key(|(at, (_, it))| (working(it), Reverse(*at)));
            best.map(|(_, best)| best).filter(|(_, it)| working(it) > before)
        };
        best((0..rest.len()).map(|at| vec![at]).collect()).or_else(|| best(pairs()))
    }
}

/// How many clients work.
fn working(forecasts: &[Forecast]) -> usize {
    forecasts.iter().filter(|forecast| forecast.works == Some(true)).count()
}
