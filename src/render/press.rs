//! Prints the records of many mail domains under one profile.
//!
//! What does not depend on the domain and its columns is laid out once: stand-ins for them are planned
//! and printed, and the places where they stand become slots. A layout is only used for domains for
//! which it is known to hold, and only after other stand-ins have come out the same either way; every
//! other domain is planned and printed by itself.

use hickory_proto::rr::{Name, RData};

use super::layout::Layout;
use super::{Format, LeftOut, OutsideApex, Sheet, Template};
use crate::dns_host::DnsHost;
use crate::hosting::{Columns, Hosting};
use crate::name::{MailDomain, is_kept, plain_text, relative_text};
use crate::plan::{AlikePlans, RecordPlan, Refusal, names, plan};
use crate::rrset::target;

/// The sheets of a run, one mail domain after the other.
///
/// It prints what a [`Sheet`] prints, octet by octet, and plans and prints a domain by itself
/// wherever it cannot be sure of that.
pub struct Press<'a> {
    hosting: &'a Hosting,
    format: Format,
    apex: Option<&'a Name>,
    host: Option<DnsHost>,
    /// The columns that the profile needs, in its order.
    columns: Vec<String>,
    layout: Layouts,
    /// Of the domain that was printed last.
    left_out: Vec<LeftOut>,
    /// The hosts of the row at hand that are made of columns, in room that is used again.
    scratch: Vec<String>,
}

/// The layout of a run.
enum Layouts {
    /// Nobody has asked for it.
    Unmade,
    Made(Box<Prepared>),
    /// None holds for the profile.
    None,
}

/// A layout, and for which domains it holds.
struct Prepared {
    layout: Layout,
    left_out: Vec<LeftOut>,
    /// The plan of the stand-ins.
    plans: AlikePlans,
    /// The hosts of the plan that depend on columns.
    hosts: Vec<Layout>,
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
}

impl<'a> Press<'a> {
    /// Sets up a run; without an apex every mail domain is the origin of its own zone.
    pub fn new(hosting: &'a Hosting, format: Format, apex: Option<&'a Name>) -> Self {
        Self {
            hosting,
            format,
            apex,
            host: None,
            columns: hosting.columns(),
            layout: Layouts::Unmade,
            left_out: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Leaves out what a DNS host refuses.
    #[must_use]
    pub fn for_host(self, host: Option<DnsHost>) -> Self {
        Self { host, layout: Layouts::Unmade, ..self }
    }

    /// Appends the records of a mail domain, without the opening and the separator of the format.
    ///
    /// Nothing is appended where it fails. What the format has no place for is left out and can be
    /// asked for afterwards.
    ///
    /// # Errors
    ///
    /// The profile gives no records for the domain, or it does not lie in the zone that was named.
    pub fn print(
        &mut self,
        domain: &MailDomain,
        columns: &Columns,
        out: &mut String,
    ) -> Result<(), PressError> {
        if !self.print_laid(domain, columns, out) {
            self.left_out = self.print_alone(domain, columns, out)?;
        }
        Ok(())
    }

    /// What the last mail domain that was printed had to leave out.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Plans and prints a domain without a layout; returns what was left out.
    fn print_alone(
        &self,
        domain: &MailDomain,
        columns: &Columns,
        out: &mut String,
    ) -> Result<Vec<LeftOut>, PressError> {
        let plan = plan(domain, self.hosting, columns)?;
        let sheet = self.sheet(&plan)?;
        sheet.print(self.format, out);
        Ok(sheet.left_out().to_vec())
    }

    /// The sheet of a plan, as the user wants all of the run.
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

    /// Fills the layout; false where none holds.
    fn print_laid(&mut self, domain: &MailDomain, columns: &Columns, out: &mut String) -> bool {
        if self.apex.is_some() {
            return false;
        }
        if matches!(self.layout, Layouts::Unmade) {
            let made = self.lay_out();
            self.layout = made.map_or(Layouts::None, |it| Layouts::Made(Box::new(it)));
        }
        let Layouts::Made(prepared) = &self.layout else { return false };
        let mut values = Vec::with_capacity(1 + self.columns.len());
        values.push(domain.as_str());
        values.extend(self.columns.iter().map_while(|column| columns.value(column)));
        if values.len() != 1 + self.columns.len()
            || !prepared.plans.holds_for(domain)
            || !prepared.keeps_apart(&values, &mut self.scratch)
        {
            return false;
        }
        prepared.layout.fill(&values, out);
        self.left_out.clone_from(&prepared.left_out);
        true
    }

    /// Makes a layout; None where the text depends on the domain and its columns in another way than
    /// by their names.
    fn lay_out(&self) -> Option<Prepared> {
        let template = Template::of(self.hosting);
        let own = template.domain().name();
        let plans = AlikePlans::of(self.hosting, template.columns())?;
        let plan = &plans.plans()[0];
        let sheet = self.sheet(plan).ok()?;
        let hosts = hosts(plan);
        let names = template.stand_ins();
        let (inside, outside): (Vec<Name>, Vec<Name>) =
            hosts.into_iter().partition(|host| own.zone_of(host));
        let is_open = |host: &Name| template.depends(&plain_text(host));
        let open: Vec<Name> = outside.into_iter().filter(is_open).collect();
        let is_mixed =
            inside.iter().any(|host| names.iter().any(|it| relative_text(host, own).contains(it)))
                || open.iter().any(|host| is_mixed(&plain_text(host), &names));
        if is_mixed || !order_is_fixed(plan, &template) {
            return None;
        }
        // The registrable domain of a host, which names the provider of a template, is no slot.
        if self.format.is_template() && !open.is_empty() {
            return None;
        }
        // Which certificate is good for a host depends on its name.
        if !self.hosting.certificates().is_empty() && !open.is_empty() {
            return None;
        }
        let mut text = String::new();
        sheet.print(self.format, &mut text);
        let layout = Layout::of(&text, &names);
        let second = Template::second(self.hosting);
        let mut alone = String::new();
        let left_out = self.print_alone(second.domain(), second.columns(), &mut alone).ok()?;
        let mut filled = String::new();
        layout.fill(&second.stand_ins(), &mut filled);
        if filled != alone || left_out != sheet.left_out() {
            return None;
        }
        let hosts = open.iter().map(|host| Layout::of(&plain_text(host), &names)).collect();
        Some(Prepared { layout, left_out, plans, hosts })
    }
}

impl Prepared {
    /// Whether the hosts that are made of columns are read as they are spelled, lie outside the mail
    /// domain, and are others than each other and the fixed ones.
    fn keeps_apart(&self, values: &[&str], scratch: &mut Vec<String>) -> bool {
        scratch.resize_with(self.hosts.len(), String::new);
        self.hosts.iter().enumerate().all(|(at, host)| {
            let (before, rest) = scratch.split_at_mut(at);
            let name = &mut rest[0];
            name.clear();
            host.fill(values, name);
            is_kept(name)
                && !lies_in(name, values[0])
                && !self.plans.reserves(name)
                && !before.contains(name)
        })
    }
}

/// Whether a name is another or lies below it; for those the plan may hold contradictions.
fn lies_in(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Every name of a plan, each once and in order.
fn hosts(plan: &RecordPlan) -> Vec<Name> {
    let mut hosts: Vec<Name> = names(plan).cloned().collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// Whether a host is made of the mail domain, or of columns in another way than by whole labels, as
/// `{domain}.provider.example` and `{server}-1.provider.example` are. How long its labels are and
/// whether it lies in the mail domain depend on them then.
fn is_mixed(host: &str, stand_ins: &[&str]) -> bool {
    let is_whole = |at: usize, length: usize| {
        let (before, after) = (&host[..at], &host[at + length..]);
        (before.is_empty() || before.ends_with('.')) && (after.is_empty() || after.starts_with('.'))
    };
    host.contains(stand_ins[0])
        || stand_ins[1..]
            .iter()
            .any(|it| host.match_indices(it).any(|(at, found)| !is_whole(at, found.len())))
}

/// Whether the order of the records is the same for every mail domain and its columns.
///
/// Records of an RRset that differ in nothing before the name are sorted by it: names in the domain and
/// names outside it by how the domain is spelled, and names made of columns by these, unless the first
/// label alone makes them different.
fn order_is_fixed(plan: &RecordPlan, template: &Template) -> bool {
    let own = plan.domain().name();
    let kind = |name: &Name| {
        let plain = plain_text(name);
        let begins = template.stand_ins().iter().any(|it| plain.starts_with(it));
        let alike = if begins { plain.clone() } else { plain_text(&name.base_name()) };
        (own.zone_of(name), begins, template.depends(&plain).then_some(alike))
    };
    plan.published().all(|(_, set)| {
        set.rdatas().windows(2).all(|pair| match (target(&pair[0]), target(&pair[1])) {
            (Some(one), Some(other)) => {
                rank(&pair[0]) != rank(&pair[1]) || kind(one) == kind(other)
            }
            _ => true,
        })
    })
}

/// What the records of an RRset are sorted by before the names that they lead to.
fn rank(data: &RData) -> [u16; 3] {
    match data {
        RData::SRV(srv) => [srv.priority, srv.weight, srv.port],
        RData::MX(mx) => [mx.preference, 0, 0],
        _ => [0; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::file;

    const PROFILES: [&str; 14] = [
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
        // Names of columns within labels, and in the domain.
        "host: \"{server}\"\nimap: true\nmx: { host: \"mx-{cluster}.provider.example\" }",
        "host: \"{cluster}.{domain}\"\nimap: true",
        // The order depends on the columns, or the first labels decide it.
        "imap: { tls: true, servers: [{ host: \"{server}\" }, { host: m.provider.example }] }",
        "host: mail.provider.example\nimap: true\nmx: { servers: [{ host: \"mx1.{server}\" }, { host: \"mx2.{server}\" }] }",
        // Their order depends on the first label of the domain.
        "imap: true\nmx: { servers: [{ host: \"{domain}\" }, { host: \"mx.{domain}\" }] }",
        // No record leads to the default host.
        "host: \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.{domain}\"\nimap: { tls: true, host: m.provider.example }",
    ];

    /// Whether a layout is made of each profile.
    const LAID: [bool; 14] =
        [true, true, true, false, false, true, false, true, false, false, false, true, false, true];

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
                for (at, domain) in domains.iter().enumerate() {
                    let domain: MailDomain = domain.parse().unwrap();
                    let server = format!("s{}.provider.example", at % 2);
                    let cluster = format!("c{}", at % 3);
                    let columns = [("server".to_owned(), server), ("cluster".to_owned(), cluster)];
                    let columns = Columns::new(columns);
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

    #[test]
    fn a_layout_is_made_where_the_text_depends_on_the_names_alone() {
        for (profile, laid) in PROFILES.iter().zip(LAID) {
            let hosting = file::parse(profile, "profile").unwrap();
            let made = Press::new(&hosting, Format::ZONE, None).lay_out();
            assert_eq!(made.is_some(), laid, "{profile}");
        }
    }

    #[test]
    fn a_layout_is_used_for_whatever_server_stands_in_a_row_and_reads_as_it_is_spelled() {
        let hosting = file::parse(PROFILES[2], "profile").unwrap();
        let mut press = Press::new(&hosting, Format::ZONE, None);
        for (domain, server, laid) in ROWS {
            let columns = Columns::new([("server".to_owned(), (*server).to_owned())]);
            let mut text = String::new();
            assert_eq!(
                press.print_laid(&domain.parse().unwrap(), &columns, &mut text),
                *laid,
                "{server}"
            );
            let mut alone = String::new();
            let printed = press.print_alone(&domain.parse().unwrap(), &columns, &mut alone);
            assert!(!laid || printed.is_ok() && text == alone, "{server}: {text}");
        }
        assert!(!press.print_laid(
            &"a.example".parse().unwrap(),
            &Columns::default(),
            &mut String::new()
        ));
    }

    /// Mail domains and their servers, and whether a layout may be filled with them.
    const ROWS: &[(&str, &str, bool)] = &[
        ("example.com", "s1.provider.example", true),
        ("example.com", "a-b.c.d", true),
        ("example.com", "s1.xample.com", true),
        ("example.com", "s1.an-example.com", true),
        ("example.com", "example.com", false),
        ("example.com", "autoconfig.example.com", false),
        ("bücher.example", "s1.provider.example", false),
        ("example.com", "s1.b\u{fc}cher.example", false),
        ("example.com", "xn--bcher-kva.example", false),
        ("example.com", "S1.provider.example", false),
        ("example.com", " s1.provider.example", false),
        ("example.com", "s1.provider.example.", false),
        ("example.com", "s1..example", false),
        ("example.com", "s_1.example", false),
        ("example.com", "-s.example", false),
        ("example.com", "s-.example", false),
        ("example.com", "192.0.2.1", false),
        ("example.com", "server", false),
        ("example.com", "", false),
        (
            "example.com",
            "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234.example",
            false,
        ),
    ];

    #[test]
    fn hosts_that_become_one_are_printed_alone() {
        let profile = "imap: { tls: true, servers: [{ host: \"{server}\", weight: 3 }, { host: m.provider.example }, { host: \"{other}\", weight: 2 }] }";
        let hosting = file::parse(profile, "profile").unwrap();
        let mut press = Press::new(&hosting, Format::ZONE, None);
        let domain: MailDomain = "example.com".parse().unwrap();
        for (server, other, laid) in [
            ("a.provider.example", "b.provider.example", true),
            ("a.provider.example", "a.provider.example", false),
            ("m.provider.example", "b.provider.example", false),
            ("a.provider.example", "m.provider.example", false),
        ] {
            let row = [("server", server), ("other", other)];
            let columns = row.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let printed = press.print_laid(&domain, &Columns::new(columns), &mut String::new());
            assert_eq!(printed, laid, "{server} {other}");
        }
    }

    #[test]
    fn a_template_for_every_customer_is_laid_out_where_its_provider_is_one() {
        for (host, laid) in [("mail.provider.example", true), ("mail.{server}.com", false)] {
            let hosting = file::parse(&format!("host: \"{host}\"\nimap: true"), "profile").unwrap();
            let made = Press::new(&hosting, Format::DOMAIN_CONNECT, None).lay_out();
            assert_eq!(made.is_some(), laid, "{host}");
        }
    }

    #[test]
    fn a_name_made_of_a_column_is_as_long_as_names_may_be() {
        let hosting = file::parse(
            "host: \"{server}\"\nimap: { tls: true }\nautoconfig: { alias: \"a.{server}\" }",
            "profile",
        );
        let hosting = hosting.unwrap();
        let mut press = Press::new(&hosting, Format::ZONE, None);
        let domain: MailDomain = "example.com".parse().unwrap();
        let rest = [["b"; 61].concat().as_str(); 4].join(".");
        for (first, laid) in [("c", true), ("cc", true), ("ccc", false), ("cccc", false)] {
            let columns = Columns::new([("server".to_owned(), format!("{first}.{rest}"))]);
            let mut text = String::new();
            assert_eq!(press.print_laid(&domain, &columns, &mut text), laid, "{first}");
            let alone = press.print_alone(&domain, &columns, &mut String::new());
            assert!(!laid || alone.is_ok(), "{first}: {alone:?}");
        }
    }

    #[test]
    fn a_layout_for_a_dns_host_leaves_out_what_it_refuses() {
        let hosting = file::parse("imap: { tls: true }\nsubmission: true", "profile").unwrap();
        for &format in Format::ALL {
            let mut press = Press::new(&hosting, format, None).for_host("alidns".parse().ok());
            for _ in 0..2 {
                let mut text = String::new();
                let domain = "example.com".parse().unwrap();
                press.print(&domain, &Columns::default(), &mut text).unwrap();
                assert!(text.contains("_imaps") && !text.contains("_pop3"), "{text}");
                let owners: Vec<_> = press.left_out().iter().map(|it| it.owner.as_str()).collect();
                assert_eq!(owners, ["_imap._tcp", "_pop3s._tcp", "_pop3._tcp"], "{format:?}");
            }
            assert!(matches!(press.layout, Layouts::Made(_)));
        }
    }
}
