//! Domains that are alike are foretold once: those whose plans differ by the mail domain alone, and of
//! which zones at hand and the web say the same but for its first label and the spelling of its addresses.
//!
//! A client is a function of what it is told, so what comes of one of them is what comes of the others,
//! with the other name in it. That is tried before it is believed: the forecasts of the second are made,
//! too, and have to be those of the first by another name.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

use super::grounds::Grounds;
use super::wants::Web;
use crate::answer::Portrait;
use crate::forecast::{Facts, Forecast, is_telling};
use crate::hosting::{Columns, Hosting};
use crate::lookup::{Lookup, Portray};
use crate::name::MailDomain;
use crate::plan::{AlikePlans, registrable};

/// The most kinds of domains that are kept.
const MOST: usize = 1 << 12;

/// The most octets of pages that are kept with them.
const MOST_OCTETS: usize = 32 << 20;

/// The most kinds of domains that are kept of which zones say the same, and the web does not.
const MOST_BY_WEB: usize = 8;

/// After so many domains in a row that are of none of those, no other is compared with them.
const MOST_MISSES: usize = 32;

/// What is alike of a domain with others.
#[derive(Debug)]
pub struct Likeness {
    octets: Box<[u8]>,
    addresses: Vec<IpAddr>,
    /// Whether the web may have something to say of its hosts.
    is_named: bool,
    /// The kind that it is of, where that was looked for.
    kind: RefCell<Option<Rc<Kind>>>,
}

/// Domains that are alike.
#[derive(Debug)]
struct Kind {
    /// What the first of them was foretold from.
    grounds: Grounds,
    forecasts: Vec<Forecast>,
    /// Whether the same came of another one; None while no other was foretold.
    is_proven: Cell<Option<bool>>,
}

/// The kinds of which zones say the same.
#[derive(Debug, Default)]
struct Beside {
    kinds: Vec<Rc<Kind>>,
    /// How many domains in a row were of none of them while no more are kept.
    misses: usize,
}

/// The domains of a run that were foretold, by what is alike; its clients are always the same.
#[derive(Debug)]
pub struct Resembling {
    /// None where plans differ by more than the mail domain.
    plans: Option<AlikePlans>,
    /// By what zones say.
    kinds: RefCell<HashMap<Box<[u8]>, Beside>>,
    /// How many they are, and the octets of their pages.
    count: Cell<(usize, usize)>,
}

impl Resembling {
    /// For domains that are planned by a profile, without columns of their own.
    pub fn of(hosting: &Hosting) -> Self {
        let is_shared = hosting.columns().is_empty();
        let plans = || AlikePlans::of(hosting, &Columns::default());
        let plans = is_shared.then(plans).flatten();
        Self { plans, kinds: RefCell::default(), count: Cell::default() }
    }

    /// What is alike of a domain with others; None where it may be like no other.
    pub fn likeness(
        &self,
        domain: &MailDomain,
        lookup: &impl Lookup,
        web: &impl Web,
    ) -> Option<Likeness> {
        if !self.plans.as_ref()?.holds_for(domain) || is_telling(domain) {
            return None;
        }
        let mut portrait = Portrait::default();
        // Where more depends on addresses than which are equal, they are told.
        let is_told = [false, true].into_iter().find_map(|spells| {
            portrait.clear();
            let is_told = lookup.portrayer().portray_but_soa(domain, spells, &mut portrait);
            (!is_told || spells || portrait.is_orderly).then_some(is_told)
        });
        if is_told != Some(true) {
            return None;
        }
        let is_named = web.names(domain);
        portrait.octets.extend([registrable(domain.name()).num_labels(), u8::from(is_named)]);
        for own in web.reach().into_iter().flat_map(|reach| reach.uncertified(domain)) {
            portrait.octets.extend(own.to_ascii_lowercase().into_bytes());
            portrait.octets.push(b' ');
        }
        let (octets, addresses) = (portrait.octets.into(), portrait.addresses);
        Some(Likeness { octets, addresses, is_named, kind: RefCell::default() })
    }

    /// What is foretold of a domain because others are like it; None where too few were.
    pub async fn known(
        &self,
        domain: &MailDomain,
        likeness: &Likeness,
        web: &impl Web,
    ) -> Option<Vec<Forecast>> {
        let kind = self.kind(domain, likeness, web).await?;
        *likeness.kind.borrow_mut() = Some(Rc::clone(&kind));
        (kind.is_proven.get() == Some(true)).then(|| kind.foretell(domain))
    }

    /// Takes what was foretold of a domain that was not known, and what was found out for that.
    pub fn learn(
        &self,
        domain: &MailDomain,
        likeness: Likeness,
        forecasts: &[Forecast],
        facts: &Facts<'_>,
    ) {
        let Likeness { octets, addresses, is_named, kind } = likeness;
        if let Some(kind) = kind.into_inner() {
            if kind.grounds.domain() != domain && kind.is_proven.get().is_none() {
                kind.is_proven.set(Some(kind.foretell(domain) == forecasts));
            }
            return;
        }
        let mut kinds = self.kinds.borrow_mut();
        let is_room = |beside: &Beside| beside.kinds.len() < MOST_BY_WEB;
        if !kinds.get(&octets).is_none_or(is_room) {
            return;
        }
        let Some(grounds) = Grounds::of(domain, &addresses, is_named, facts) else { return };
        let (count, of_pages) = self.count.get();
        if count >= MOST || of_pages + grounds.octets() > MOST_OCTETS {
            self.count.set(forget_unproven(&mut kinds));
            return;
        }
        self.count.set((count + 1, of_pages + grounds.octets()));
        let (forecasts, is_proven) = (forecasts.to_vec(), Cell::new(None));
        let kind = Rc::new(Kind { grounds, forecasts, is_proven });
        kinds.entry(octets).or_default().kinds.push(kind);
    }

    /// The kind that a domain is of.
    async fn kind(
        &self,
        domain: &MailDomain,
        likeness: &Likeness,
        web: &impl Web,
    ) -> Option<Rc<Kind>> {
        let kinds = {
            let mut all = self.kinds.borrow_mut();
            let beside = all.get_mut(&likeness.octets)?;
            if beside.misses > MOST_MISSES {
                return None;
            }
            beside.misses += usize::from(beside.kinds.len() >= MOST_BY_WEB);
            beside.kinds.clone()
        };
        for kind in kinds {
            if kind.grounds.hold_for(domain, &likeness.addresses, web).await {
                if let Some(beside) = self.kinds.borrow_mut().get_mut(&likeness.octets) {
                    beside.misses = 0;
                }
                return Some(kind);
            }
        }
        None
    }
}

/// Drops the kinds of which there was one domain alone; returns how many are left, and the octets of their
/// pages.
fn forget_unproven(kinds: &mut HashMap<Box<[u8]>, Beside>) -> (usize, usize) {
    kinds.retain(|_, beside| {
        beside.kinds.retain(|kind| kind.is_proven.get().is_some());
        !beside.kinds.is_empty()
    });
    let left = || kinds.values().flat_map(|beside| &beside.kinds);
    (left().count(), left().map(|kind| kind.grounds.octets()).sum())
}

impl Kind {
    /// What is foretold of another domain of the kind.
    fn foretell(&self, domain: &MailDomain) -> Vec<Forecast> {
        renamed(&self.forecasts, self.grounds.domain(), domain)
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
    use crate::forecast::{CLIENTS, Reach};
    use crate::lookup::zones::{ZoneFile, Zones};
    use crate::page::{Page, Request};
    use crate::plan::plan;
    use crate::survey::foresee;
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

    /// What the web serves by its address, where all other hosts have nothing; and how hosts are reached.
    struct Site(Vec<(String, String)>, Option<Reach>);

    impl Web for Site {
        async fn fetch(&self, request: &Request, _addresses: &[IpAddr]) -> Page {
            let url = request.url.to_string();
            let page = self.0.iter().find(|(at, _)| *at == url);
            page.map_or_else(Page::missing, |(_, body)| Page::found(body.as_bytes()))
        }

        fn reach(&self) -> Option<&Reach> {
            self.1.as_ref()
        }
    }

    /// What is foretold of a domain, and whether because others are like it.
    async fn all(
        domain: &str,
        zones: &Zones,
        web: &Site,
        of: &Resembling,
    ) -> (Vec<Forecast>, bool) {
        let domain: MailDomain = domain.parse().expect("a mail domain");
        let hosting = Hosting::documented();
        let likeness = of.likeness(&domain, zones, web);
        if let Some(likeness) = &likeness
            && let Some(known) = of.known(&domain, likeness, web).await
        {
            return (known, true);
        }
        let plan = plan(&domain, &hosting, &Columns::default()).expect("a plan");
        let (made, facts) = foresee(&plan, &hosting, CLIENTS, (zones, web), None).await;
        if let Some(likeness) = likeness {
            of.learn(&domain, likeness, &made, &facts);
        }
        (made, false)
    }

    /// Foretells them one after the other, and holds each against what it is where no other is known;
    /// returns those that were known.
    async fn known<'a>(domains: &[&'a str], zones: &Zones, web: &Site) -> Vec<&'a str> {
        let resembling = Resembling::of(&Hosting::documented());
        let mut known = Vec::new();
        for domain in domains {
            let (forecasts, is_known) = all(domain, zones, web, &resembling).await;
            let alone = Resembling::of(&Hosting::documented());
            assert_eq!(forecasts, all(domain, zones, web, &alone).await.0, "{domain}");
            known.extend(is_known.then_some(*domain));
        }
        known
    }

    #[tokio::test]
    async fn the_third_of_a_kind_is_known_and_is_what_it_would_be() {
        let other = SRV.replace("192.0.2.25", "192.0.2.26");
        let names = ["one", "second", "x3", "y", "other", "mail", "live"];
        let records = [SRV, SRV, SRV, "@ A 192.0.2.1\n", &other, SRV, SRV];
        for is_each_own in [false, true] {
            let zones = zones(&std::iter::zip(names, records).collect::<Vec<_>>(), is_each_own);
            let domains = names.map(|name| format!("{name}.test"));
            let domains = domains.each_ref().map(String::as_str);
            // One is of another kind, one is named like a host, and one is taken for a domain of a provider.
            let known = known(&domains, &zones, &Site(Vec::new(), None)).await;
            assert_eq!(known, ["x3.test", "other.test"]);
        }
    }

    #[tokio::test]
    async fn what_others_say_of_a_domain_is_not_said_of_the_next() {
        let lead = "mail A 192.0.2.25\n_imaps._tcp CNAME _imaps._tcp.far.test.\n";
        let far = "_imaps._tcp SRV 0 1 993 mail.three.test.\n";
        let names = ["one", "two", "three", "four", "far"];
        let zones =
            zones(&std::iter::zip(names, [lead, lead, lead, lead, far]).collect::<Vec<_>>(), false);
        let web = &Site(Vec::new(), None);
        let all = ["one.test", "two.test", "three.test", "four.test"];
        assert_eq!(known(&all, &zones, web).await, ["four.test"]);
        let all = ["three.test", "one.test", "two.test", "four.test"];
        assert_eq!(known(&all, &zones, web).await, ["four.test"]);
    }

    /// Foretells domains below `test` with the same records, beside others.
    async fn known_with<'a>(domains: &[&'a str], records: &str, web: &Site) -> Vec<&'a str> {
        let below = |domain: &&'a str| domain.trim_end_matches(".test");
        let all = domains.iter().map(|domain| (below(domain), records));
        let others = [("m", "mx A 192.0.2.30\n@ A 192.0.2.31\n")];
        known(domains, &zones(&all.chain(others).collect::<Vec<_>>(), false), web).await
    }

    #[tokio::test]
    async fn mail_exchanges_are_alike_where_what_is_derived_from_them_is() {
        let document = |host: &str| {
            let url = format!("https://autoconfig.{host}/mail/config-v1.1.xml");
            (url, DOCUMENT.replace('@', host))
        };
        // Which of two that are preferred alike goes first depends on their names.
        let records = "mail A 192.0.2.25\n@ MX 10 mx.@\n@ MX 10 mx.m\n";
        let web = &Site(vec![document("m.test")], None);
        assert_eq!(known_with(&["a.test", "b.test", "z.test"], records, web).await, [""; 0]);
    }

    /// Records of a domain that has a document at `autoconfig`.
    const WEB: &str = "mail A 192.0.2.25\nautoconfig A 192.0.2.80\n";

    const DOCUMENT: &str = "\
<clientConfig version=\"1.1\"><emailProvider id=\"@\"><domain>@</domain>\
<incomingServer type=\"imap\"><hostname>mail.@</hostname><port>993</port><socketType>SSL</socketType>\
<authentication>password-cleartext</authentication><username>%EMAILADDRESS%</username></incomingServer>\
<outgoingServer type=\"smtp\"><hostname>mail.@</hostname><port>465</port><socketType>SSL</socketType>\
<authentication>password-cleartext</authentication><username>%EMAILADDRESS%</username></outgoingServer>\
</emailProvider></clientConfig>";

    /// Whether the third of three domains was known, where that has these records and this document, and
    /// the first two have those of theirs.
    async fn is_known(theirs: [&str; 2], third: [&str; 2]) -> bool {
        is_reached_and_known(theirs, third, None).await
    }

    /// The same where hosts are reached so.
    async fn is_reached_and_known(
        theirs: [&str; 2],
        third: [&str; 2],
        reach: Option<Reach>,
    ) -> bool {
        let domains = ["one.test", "two.test", "drei.test"];
        let of = [theirs, theirs, third];
        let names = domains.map(|domain| domain.trim_end_matches(".test"));
        let records = std::iter::zip(names, of.map(|[records, _]| records));
        let others = [("web", "@ A 192.0.2.90\n")];
        let zones = zones(&records.chain(others).collect::<Vec<_>>(), false);
        let site = std::iter::zip(domains, of.map(|[_, document]| document));
        let site = site.map(|(domain, document)| {
            let url = format!("https://autoconfig.{domain}/mail/config-v1.1.xml");
            (url, document.replace('@', domain))
        });
        known(&domains, &zones, &Site(site.collect(), reach)).await.contains(&domains[2])
    }

    #[tokio::test]
    async fn documents_are_alike_but_for_the_name_and_addresses_but_for_their_spelling() {
        let theirs = [WEB, DOCUMENT];
        assert!(is_known(theirs, theirs).await);
        let moved = WEB.replace("192.0.2.25", "192.0.2.26");
        assert!(is_known(theirs, [&moved, DOCUMENT]).await);
        let document = |from: &str, to: &str| DOCUMENT.replace(from, to);
        // No client reads it.
        let short = |name: &str| {
            document("<domain>", &format!("<displayShortName>{name}</displayShortName><domain>"))
        };
        assert!(is_known([WEB, &short("one")], [WEB, &short("drei")]).await);
        for other in [
            short("&amp;"),
            short("a]]>b"),
            short("a\u{1}b"),
            short("Caf\u{e9}"),
            document("993", "143"),
            document("<hostname>mail.@", "<hostname>mail.two.test"),
            document("<hostname>mail.@", "<hostname>MAIL.@"),
            String::new(),
        ] {
            assert!(!is_known(theirs, [WEB, &other]).await, "{other}");
        }
        // It is alike, and says more of each than its name.
        for (from, to) in [
            ("mail.@</hostname>", "mail&#46;one&#46;test</hostname>"),
            ("mail.@</hostname>", "mail-%EMAILDOMAIN%</hostname>"),
            ("mail.@</hostname>", "mail-@</hostname>"),
            ("mail.@</hostname>", "mail.@.example</hostname>"),
            ("mail.@</hostname>", "MAIL.@</hostname><x>ONE.TEST</x>"),
            ("<domain>", "<domain>b\u{fc}cher."),
        ] {
            let other = document(from, to);
            assert!(!is_known([WEB, &other], [WEB, &other]).await, "{other}");
        }
        // An address counts as what it is where it is another's, too.
        let guessed = format!("{WEB}imap CNAME web.test.\nsmtp CNAME web.test.\n");
        let shared = guessed.replace("192.0.2.25", "192.0.2.90");
        for [theirs, third] in [[&guessed, &shared], [&shared, &guessed]] {
            assert!(is_known([theirs, ""], [theirs, ""]).await, "{theirs}");
            assert!(!is_known([theirs, ""], [third, ""]).await, "{theirs}");
        }
        let written = document("mail.@<", "192.0.2.26<");
        assert!(is_known([WEB, &written], [WEB, &written]).await);
        assert!(!is_known([WEB, &written], [&moved, &written]).await);
    }

    #[tokio::test]
    async fn certificates_are_alike_where_they_lack_the_same_hosts_but_for_the_name() {
        let theirs = [WEB, DOCUMENT];
        for (lacks, expected) in [
            (vec!["mail.one.test", "mail.two.test", "MAIL.drei.test"], true),
            (vec!["mail.one.test", "mail.two.test"], false),
            (vec!["mail.drei.test"], false),
            (vec!["drei.test"], false),
            (vec!["mail.other.test", "xdrei.test"], true),
        ] {
            let certificate_lacks = lacks.iter().map(|host| (*host).to_owned()).collect();
            let reach = Some(Reach { ipv6: true, certificate_lacks });
            assert_eq!(is_reached_and_known(theirs, theirs, reach).await, expected, "{lacks:?}");
        }
    }
}
