//! Domains that are alike are foretold once: those whose plans differ by the mail domain alone, and of
//! which zones at hand say the same but for its first label.
//!
//! A client is a function of what it is told, so what comes of one of them is what comes of the others,
//! with the other name in it. That is tried before it is believed: the forecasts of the second are made,
//! too, and have to be those of the first by another name.

use std::cell::RefCell;
use std::collections::HashMap;

use super::wants::Web;
use crate::answer::Portrait;
use crate::forecast::{Forecast, is_telling};
use crate::hosting::{Columns, Hosting};
use crate::lookup::{Lookup, Portray};
use crate::name::MailDomain;
use crate::plan::{AlikePlans, registrable};

/// The most kinds of domains that are kept.
const MOST: usize = 1 << 12;

/// What is the same for domains that are alike.
type Likeness = Box<[u8]>;

/// What is known of domains that are alike.
#[derive(Debug)]
enum Kind {
    /// One of them was foretold.
    One(MailDomain, Vec<Forecast>),
    /// So was another, with the same result.
    Proven(MailDomain, Vec<Forecast>),
    /// The result depends on more than what is alike.
    Unlike,
}

/// The domains of a run that were foretold, by what is alike; its clients are always the same.
#[derive(Debug)]
pub struct Resembling {
    /// None where plans differ by more than the mail domain.
    plans: Option<AlikePlans>,
    kinds: RefCell<HashMap<Likeness, Kind>>,
}

impl Resembling {
    /// For domains that are planned by a profile, without columns of their own.
    pub fn of(hosting: &Hosting) -> Self {
        let is_shared = hosting.columns().is_empty();
        let plans = || AlikePlans::of(hosting, &Columns::default());
        Self { plans: is_shared.then(plans).flatten(), kinds: RefCell::default() }
    }

    /// What is alike of a domain with others; None where it may be like no other.
    pub fn likeness(
        &self,
        domain: &MailDomain,
        lookup: &impl Lookup,
        web: &impl Web,
    ) -> Option<Likeness> {
        let plans = self.plans.as_ref()?;
        if !plans.holds_for(domain) || web.names(domain) || is_telling(domain) {
            return None;
        }
        let mut portrait = Portrait::default();
        portrait.clear();
        // Which addresses these are counts, too: hosts elsewhere may have the same.
        if !lookup.portrayer().portray_but_soa(domain, true, &mut portrait) {
            return None;
        }
        portrait.octets.push(registrable(domain.name()).num_labels());
        Some(portrait.octets.into())
    }

    /// What is foretold of a domain because others are like it; None where too few were.
    pub fn known(&self, domain: &MailDomain, likeness: &Likeness) -> Option<Vec<Forecast>> {
        match self.kinds.borrow().get(likeness)? {
            Kind::Proven(first, forecasts) => Some(renamed(forecasts, first, domain)),
            Kind::One(..) | Kind::Unlike => None,
        }
    }

    /// Takes what was foretold of a domain.
    pub fn learn(&self, domain: &MailDomain, likeness: Likeness, forecasts: &[Forecast]) {
        let mut kinds = self.kinds.borrow_mut();
        let kind = match kinds.remove(&likeness) {
            None if kinds.len() >= MOST => return,
            None => Kind::One(domain.clone(), forecasts.to_vec()),
            Some(Kind::One(first, known)) => match renamed(&known, &first, domain) == forecasts {
                true => Kind::Proven(first, known),
                false => Kind::Unlike,
            },
            Some(known) => known,
        };
        kinds.insert(likeness, kind);
    }
}

/// The same of another domain.
fn renamed(forecasts: &[Forecast], from: &MailDomain, to: &MailDomain) -> Vec<Forecast> {
    forecasts.iter().map(|forecast| forecast.renamed(from.as_str(), to.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::forecast::{CLIENTS, Client};
    use crate::lookup::zones::{ZoneFile, Zones};
    use crate::plan::plan;
    use crate::survey::{NoWeb, foresee};
    use crate::zonefile::Scanner;

    /// The end of one SOA record.
    const SOA: &str = "ns.test. h.test. 1 2 3 4";

    /// A zone with these names, each with these records below it; or each in a zone of its own.
    fn zones(names: &[(&str, &str)], is_each_own: bool) -> Zones {
        let mut text = format!("$ORIGIN test.\n$TTL 60\n@ SOA {SOA} 5\n");
        let mut files = Vec::new();
        for (number, (name, records)) in names.iter().enumerate() {
            if is_each_own {
                files.push(std::mem::take(&mut text));
                text = format!("$ORIGIN test.\n$TTL 60\n{name} SOA {SOA} {number}\n");
            }
            for record in records.lines() {
                let (owner, rest) = record.split_once(' ').expect("a record");
                let dot = if owner == "@" { "" } else { "." };
                let owner = owner.trim_matches('@');
                writeln!(text, "{owner}{dot}{name} {}", rest.replace('@', name)).expect("memory");
            }
        }
        files.push(text);
        let read = |text: String| {
            ZoneFile::read(&mut Scanner::new(text.as_bytes(), "zone", None)).expect("a zone")
        };
        Zones::of(files.into_iter().map(read).collect(), None)
    }

    const SRV: &str = "\
mail A 192.0.2.25
_imaps._tcp SRV 0 1 993 mail.@
_submissions._tcp SRV 0 1 465 mail.@
";

    async fn all(domain: &str, zones: &Zones, of: &Resembling) -> (Vec<Forecast>, bool) {
        let domain: MailDomain = domain.parse().expect("a mail domain");
        let (hosting, clients) = (Hosting::documented(), CLIENTS.to_vec());
        let likeness = of.likeness(&domain, zones, &NoWeb);
        if let Some(known) = likeness.as_ref().and_then(|it| of.known(&domain, it)) {
            return (known, true);
        }
        let plan = plan(&domain, &hosting, &Columns::default()).expect("a plan");
        let clients: Vec<&Client> = clients;
        let made = foresee(&plan, &hosting, &clients, (zones, &NoWeb), None).await;
        if let Some(likeness) = likeness {
            of.learn(&domain, likeness, &made);
        }
        (made, false)
    }

    #[tokio::test]
    async fn the_third_of_a_kind_is_known_and_is_what_it_would_be() {
        for is_each_own in [false, true] {
            the_third_of_a_kind(is_each_own).await;
        }
    }

    async fn the_third_of_a_kind(is_each_own: bool) {
        let other = SRV.replace("192.0.2.25", "192.0.2.26");
        let names = ["one", "second", "x3", "y", "other", "mail", "live"];
        let records = [SRV, SRV, SRV, "@ A 192.0.2.1\n", &other, SRV, SRV];
        let zones = zones(&std::iter::zip(names, records).collect::<Vec<_>>(), is_each_own);
        let resembling = Resembling::of(&Hosting::documented());
        let mut known = Vec::new();
        for name in names {
            let domain = format!("{name}.test");
            let (forecasts, is_known) = all(&domain, &zones, &resembling).await;
            let (alone, _) = all(&domain, &zones, &Resembling::of(&Hosting::documented())).await;
            assert_eq!(forecasts, alone, "{name}");
            if is_known {
                known.push(name);
            }
        }
        // One is of another kind, one has another address, one is named like a host, and one is taken for
        // a domain of a provider.
        assert_eq!(known, ["x3"]);
    }
}
