//! Prints the records of many mail domains under one profile.
//!
//! What does not depend on the domain is laid out once: a stand-in is planned, printed and read
//! back, and the places where its name stands become slots. A layout is only used for domains for
//! which it is known to hold, and only after a second stand-in has come out the same either way;
//! every other domain is planned, printed and read back by itself.

use std::collections::{HashMap, HashSet};

use hickory_proto::rr::Name;

use super::fields::target;
use super::layout::Layout;
use super::{Format, LeftOut, Misprint, OutsideApex, Sheet};
use crate::dns_host::DnsHost;
use crate::hosting::{Columns, Hosting};
use crate::name::{MailDomain, plain_text, relative_text};
use crate::plan::{RecordPlan, Refusal, plan};

/// The sheets of a run, one mail domain after the other.
pub struct Press<'a> {
    hosting: &'a Hosting,
    format: Format,
    apex: Option<&'a Name>,
    host: Option<DnsHost>,
    columns: Vec<String>,
    layouts: HashMap<String, Known>,
    key: String,
    left_out: Vec<LeftOut>,
}

/// What is known for one set of values of the columns.
enum Known {
    /// How often they were seen; a layout pays from some use on.
    Seen(u32),
    Laid(Box<Prepared>),
    /// No layout holds for them.
    Unfit,
}

/// A layout, and for which domains it holds.
struct Prepared {
    layout: Layout,
    left_out: Vec<LeftOut>,
    /// The hosts of the plan that do not lie in the mail domain, and every name above them: for
    /// these the plan may hold contradictions that the stand-in's does not.
    reserved: HashSet<String>,
    /// The octets by which the longest name of the plan is longer than the mail domain.
    longest: usize,
}

/// Says why a mail domain is not printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PressError {
    /// The profile gives no records for it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It does not lie in the zone that the user named.
    #[error(transparent)]
    Outside(#[from] OutsideApex),
    /// What was printed does not read back; nothing of it is handed on.
    #[error(transparent)]
    Misprint(#[from] Misprint),
}

/// Two stand-ins that differ in length and in the number of labels.
const STAND_INS: [&str; 2] =
    ["stand-in-7q4x.mailsrv-layout.invalid", "k2z.another-stand-in-8w5y.mailsrv.layout-b.invalid"];

/// How often the same values of the columns are seen before a layout is made for them.
const WORTH_A_LAYOUT: u32 = 4;

/// The most sets of values that are remembered.
const MAX_LAYOUTS: usize = 4096;

/// The most octets of a domain name on the wire (RFC 1035 §2.3.4).
const MAX_NAME: usize = 255;

impl<'a> Press<'a> {
    /// Sets up a run; without an apex every mail domain is the origin of its own zone.
    pub fn new(hosting: &'a Hosting, format: Format, apex: Option<&'a Name>) -> Self {
        Self {
            hosting,
            format,
            apex,
            host: None,
            columns: hosting.columns(),
            layouts: HashMap::new(),
            key: String::new(),
            left_out: Vec::new(),
        }
    }

    /// Leaves out what a DNS host refuses.
    #[must_use]
    pub fn for_host(self, host: Option<DnsHost>) -> Self {
        Self { host, ..self }
    }

    /// Appends the records of a mail domain, without the opening and the separator of the format.
    ///
    /// Nothing is appended where it fails. What the format has no place for is left out and can be
    /// asked for afterwards.
    pub fn print(
        &mut self,
        domain: &MailDomain,
        columns: &Columns,
        out: &mut String,
    ) -> Result<(), PressError> {
        if self.apex.is_none() && self.look_up(columns) {
            let plain = plain_text(domain.name());
            if let Some(Known::Laid(prepared)) = self.layouts.get(&self.key)
                && prepared.holds_for(domain, &plain)
            {
                prepared.layout.fill(&plain, out);
                self.left_out.clone_from(&prepared.left_out);
                return Ok(());
            }
        }
        self.left_out = self.print_alone(domain, columns, out)?;
        Ok(())
    }

    /// What the last mail domain that was printed had to leave out.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    fn print_alone(
        &self,
        domain: &MailDomain,
        columns: &Columns,
        out: &mut String,
    ) -> Result<Vec<LeftOut>, PressError> {
        let plan = plan(domain, self.hosting, columns)?;
        let sheet = self.sheet(&plan)?;
        sheet.print(self.format, out)?;
        Ok(sheet.left_out().to_vec())
    }

    fn sheet<'b>(&self, plan: &'b RecordPlan) -> Result<Sheet<'b>, OutsideApex>
    where
        'a: 'b,
    {
        let mut sheet = Sheet::new(plan, self.apex)?;
        if let Some(host) = self.host {
            sheet = sheet.for_host(host);
        }
        Ok(sheet.fitted(self.format))
    }

    /// Looks for what is known of the values of the columns, and learns it where that pays; false
    /// where there is no layout.
    fn look_up(&mut self, columns: &Columns) -> bool {
        self.key.clear();
        for column in &self.columns {
            let Some(value) = columns.value(column) else { return false };
            self.key.push_str(value);
            // No host name holds it, so that two columns never run together.
            self.key.push('\n');
        }
        let worth = if self.columns.is_empty() { 2 } else { WORTH_A_LAYOUT };
        match self.layouts.get_mut(&self.key) {
            Some(Known::Laid(_)) => return true,
            Some(Known::Unfit) => return false,
            Some(Known::Seen(times)) if *times + 1 < worth => {
                *times += 1;
                return false;
            }
            Some(Known::Seen(_)) => {}
            None => {
                if self.layouts.len() >= MAX_LAYOUTS {
                    self.layouts.clear();
                }
                self.layouts.insert(self.key.clone(), Known::Seen(1));
                return false;
            }
        }
        let known = self.lay_out(columns).map_or(Known::Unfit, |it| Known::Laid(Box::new(it)));
        let fits = matches!(known, Known::Laid(_));
        self.layouts.insert(self.key.clone(), known);
        fits
    }

    /// Makes a layout; None where the text depends on the domain in another way than by its name.
    fn lay_out(&self, columns: &Columns) -> Option<Prepared> {
        let [first, second] = STAND_INS;
        let domain: MailDomain = first.parse().ok()?;
        let plan = plan(&domain, self.hosting, columns).ok()?;
        let sheet = self.sheet(&plan).ok()?;
        let hosts = hosts(&plan);
        let own = domain.name();
        if !order_is_fixed(&plan) || hosts.iter().any(|host| is_mixed(host, own, first)) {
            return None;
        }
        // Which certificate is good for a host in the domain depends on the domain.
        let certified = !self.hosting.certificates().is_empty();
        if certified && targets(&plan).any(|target| own.zone_of(target)) {
            return None;
        }
        let mut text = String::new();
        sheet.print(self.format, &mut text).ok()?;
        let layout = Layout::of(&text, first);
        let mut alone = String::new();
        let left_out = self.print_alone(&second.parse().ok()?, columns, &mut alone).ok()?;
        let mut filled = String::new();
        layout.fill(second, &mut filled);
        if filled != alone || left_out != sheet.left_out() {
            return None;
        }
        let longest = hosts.iter().filter(|host| own.zone_of(host)).map(|host| host.len()).max();
        let reserved =
            hosts.iter().filter(|host| !own.zone_of(host)).flat_map(names_above).collect();
        Some(Prepared {
            layout,
            left_out: sheet.left_out().to_vec(),
            reserved,
            longest: longest.map_or(0, |octets| octets.saturating_sub(own.len())),
        })
    }
}

impl Prepared {
    /// Whether planning the domain would say nothing that the layout does not.
    fn holds_for(&self, domain: &MailDomain, plain: &str) -> bool {
        // The codec does not count the root label.
        domain.name().len() + self.longest < MAX_NAME
            // A comment shows the U-labels of an internationalised name.
            && !plain.contains("xn--")
            && !self.reserved.contains(plain)
    }
}

/// Every name of a plan: owner names, the hosts that its records lead to, and the default host,
/// which is spelled out even where no record leads to it.
fn hosts(plan: &RecordPlan) -> Vec<Name> {
    let owners = plan.published().map(|(_, set)| set.owner());
    owners.chain(targets(plan)).chain([plan.host().name()]).cloned().collect()
}

fn targets(plan: &RecordPlan) -> impl Iterator<Item = &Name> {
    plan.published().flat_map(|(_, set)| set.rdatas()).filter_map(target)
}

/// Whether a host is made of the mail domain in another way than by labels in front of it, as those
/// of `mail-{domain}` and `{domain}.provider.example` are. How long its labels are and whether it
/// lies in the mail domain depend on the domain then.
fn is_mixed(host: &Name, own: &Name, stand_in: &str) -> bool {
    let rest = if own.zone_of(host) { relative_text(host, own) } else { plain_text(host) };
    rest.contains(stand_in)
}

/// A name and every name above it, without the final dot.
fn names_above(name: &Name) -> Vec<String> {
    let labels = 1..=usize::from(name.num_labels());
    labels.map(|count| plain_text(&name.trim_to(count)).to_ascii_lowercase()).collect()
}

/// Whether the order of the records is the same for every mail domain: within an RRset, names in
/// the domain and names outside it would be sorted by how the domain is spelled.
fn order_is_fixed(plan: &RecordPlan) -> bool {
    let own = plan.domain().name();
    plan.published().all(|(_, set)| {
        let mut targets = set.rdatas().iter().filter_map(target).map(|name| own.zone_of(name));
        let first = targets.next();
        targets.all(|inside| Some(inside) == first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::file;

    const PROFILES: [&str; 9] = [
        "imap: true\npop3: true\nsubmission: true\nautoconfig: true\nautodiscover: true",
        "host: mail.provider.example\nimap: true\nsubmission: true\nautoconfig: true\npacc: true\nprovider: { name: Example }",
        "host: \"{server}\"\nimap: { tls: true }\nsubmission: true\nautoconfig: { alias: \"autoconfig.{server}\" }",
        // The order within the RRset depends on the domain.
        "imap: { tls: true, servers: [{ host: m.provider.example }, { host: \"imap.{domain}\" }] }",
        // The digest depends on the domain.
        "imap: true\nsubmission: true\npacc: true\njmap: true\ncaldav: { path: /dav/ }",
        "host: \"{server}\"\nimap: true\nmx: { host: \"mx.{cluster}.provider.example\" }",
        // The lengths of labels and names depend on the domain.
        "host: \"mail-{domain}\"\nimap: true\nmx: { host: \"{domain}.provider.example\" }",
        // The name is as long as names may be, or longer by one octet.
        "host: \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.{domain}\"\nimap: true",
        // No record leads to the default host.
        "host: \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.{domain}\"\nimap: { tls: true, host: m.provider.example }",
    ];

    const DOMAINS: [&str; 10] = [
        "example.com",
        "b.example",
        "provider.example",
        "mail.provider.example",
        "a.example",
        "bücher.example",
        "z9.stand-in-7q4x.mailsrv-layout.invalid",
        "s1.provider.example",
        "example.net",
        "example.org",
    ];

    #[test]
    fn a_run_prints_what_every_domain_prints_alone() {
        let long = format!("{}.example", ["a".repeat(60).as_str(); 3].join("."));
        let longer = format!("{}.example", ["a".repeat(54).as_str(); 4].join("."));
        // 225 and 226 octets on the wire.
        let most = ["a".repeat(55).as_str(); 4].join(".");
        let over = format!("a{most}");
        let ends = [long, longer, most, over];
        let domains: Vec<String> =
            DOMAINS.iter().map(|&name| name.to_owned()).chain(ends).collect();
        for profile in PROFILES {
            let hosting = file::parse(profile, "profile").unwrap();
            for &format in Format::ALL {
                let mut press = Press::new(&hosting, format, None);
                for round in 0..3 {
                    for (at, domain) in domains.iter().enumerate() {
                        let domain: MailDomain = domain.parse().unwrap();
                        let server = format!("s{}.provider.example", at % 2);
                        let cluster = format!("c{}", round % 2);
                        let columns = Columns::new([
                            ("server".to_owned(), server),
                            ("cluster".to_owned(), cluster),
                        ]);
                        let (mut run, mut alone) = (String::new(), String::new());
                        let got = press.print(&domain, &columns, &mut run);
                        let wanted = press.print_alone(&domain, &columns, &mut alone);
                        assert_eq!(got.is_ok(), wanted.is_ok(), "{profile} {domain} {format:?}");
                        assert_eq!(run, alone, "{profile} {domain}");
                        if let Ok(left_out) = wanted {
                            assert_eq!(press.left_out(), left_out);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_layout_is_made_where_the_text_depends_on_the_name_alone() {
        #[track_caller]
        fn check(profile: &str, columns: &[(&str, &str)], laid: bool) {
            let hosting = file::parse(profile, "profile").unwrap();
            let mut press = Press::new(&hosting, Format::ZONE, None);
            let pairs =
                columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let columns = Columns::new(pairs);
            for _ in 0..WORTH_A_LAYOUT {
                let domain = "example.com".parse().unwrap();
                press.print(&domain, &columns, &mut String::new()).unwrap();
            }
            let known = press.layouts.values().any(|known| matches!(known, Known::Laid(_)));
            assert_eq!(known, laid, "{profile}");
        }
        check(PROFILES[0], &[], true);
        check(PROFILES[1], &[], true);
        check(PROFILES[2], &[("server", "s1.provider.example")], true);
        check(PROFILES[3], &[], false);
        check(PROFILES[4], &[], false);
    }

    #[test]
    fn a_layout_for_a_dns_host_leaves_out_what_it_refuses() {
        let hosting = file::parse("imap: { tls: true }\nsubmission: true", "profile").unwrap();
        for &format in Format::ALL {
            let mut press = Press::new(&hosting, format, None).for_host("alidns".parse().ok());
            for _ in 0..=WORTH_A_LAYOUT {
                let mut text = String::new();
                let domain = "example.com".parse().unwrap();
                press.print(&domain, &Columns::default(), &mut text).unwrap();
                assert!(text.contains("_imaps") && !text.contains("_pop3"), "{text}");
                let owners: Vec<_> = press.left_out().iter().map(|it| it.owner.as_str()).collect();
                assert_eq!(owners, ["_imap._tcp", "_pop3s._tcp", "_pop3._tcp"], "{format:?}");
            }
            assert!(press.layouts.values().any(|known| matches!(known, Known::Laid(_))));
        }
    }

    #[test]
    fn the_memory_of_columns_is_bounded() {
        let hosting = file::parse(PROFILES[2], "profile").unwrap();
        let mut press = Press::new(&hosting, Format::ZONE, None);
        let domain: MailDomain = "example.com".parse().unwrap();
        for number in 0..2 * MAX_LAYOUTS {
            let server = format!("s{number}.provider.example");
            let columns = Columns::new([("server".to_owned(), server)]);
            press.print(&domain, &columns, &mut String::new()).unwrap();
        }
        assert!(press.layouts.len() <= MAX_LAYOUTS);
    }
}
