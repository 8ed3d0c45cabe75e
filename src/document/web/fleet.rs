//! One configuration for the mail domains of a list: which names it serves.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Root, WebServer, caddy, sites};
use crate::hosting::Hosting;
use crate::name::plain_text;
use crate::plan::RecordPlan;

/// The most names around the mail domains that are kept apart.
///
/// A list has a few: those of the documents, and a target of `_autodiscover._tcp` or one for each
/// server. Where every mail domain has a target of its own making, there would be no end to them.
const MOST: usize = 256;

/// What stands before and behind the mail domain in the names of its documents, gathered from the
/// mail domains of a list.
///
/// ```
/// use mailsrv::document::{Fleet, WebServer};
/// use mailsrv::hosting::{Columns, Hosting};
///
/// let plan = |domain: &str| {
///     mailsrv::plan::plan(&domain.parse().unwrap(), &Hosting::documented(), &Columns::default())
/// };
/// let mut fleet = Fleet::of(&Hosting::documented());
/// fleet.add(&plan("a.example")?);
/// fleet.add(&plan("b.example")?);
/// let snippet = fleet.snippet(WebServer::Caddy, &"/srv".parse()?).unwrap();
/// assert!(snippet.contains(r"~^(?:autoconfig|autodiscover|mail)\.("));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fleet {
    around: BTreeSet<Around>,
    /// Targets of `_autodiscover._tcp` that have a folder of their own name below the root.
    hosts: BTreeSet<String>,
    /// Whether the targets depend on the columns of the list.
    varies: bool,
    left_out: usize,
}

/// The labels of a name around the mail domain in it. Those with most labels come first: a name is
/// taken by the first that it fits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Around {
    labels_behind: Reverse<usize>,
    behind: String,
    labels_before: Reverse<usize>,
    before: String,
}

impl Around {
    fn new(before: &str, behind: &str) -> Self {
        let labels = |text: &str| Reverse(text.split('.').filter(|it| !it.is_empty()).count());
        Self {
            labels_behind: labels(behind),
            behind: behind.to_owned(),
            labels_before: labels(before),
            before: before.to_owned(),
        }
    }

    /// The parts of a name around a mail domain; None where it is not in the name label by label.
    fn of(name: &str, domain: &str) -> Option<Self> {
        let (name, domain) = (format!(".{name}."), format!(".{domain}."));
        let at = name.rfind(&domain)?;
        let (before, behind) = (&name[..at], &name[at + domain.len()..]);
        Some(Self::new(before.trim_matches('.'), behind.trim_matches('.')))
    }
}

impl Fleet {
    /// A list without mail domains.
    pub fn of(hosting: &Hosting) -> Self {
        let target = hosting.autodiscover_target();
        let varies = target.is_some_and(|target| target.columns().next().is_some());
        Self { around: BTreeSet::new(), hosts: BTreeSet::new(), varies, left_out: 0 }
    }

    /// Adds the names under which the documents of a mail domain are served: its own, and the target
    /// of `_autodiscover._tcp` where it is one of several servers.
    pub fn add(&mut self, plan: &RecordPlan) {
        let domain = plan.domain().to_string();
        let all = sites(plan).into_iter().filter_map(|site| Around::of(&site.name, &domain));
        let mut fits = true;
        for around in all {
            fits &= insert(&mut self.around, around);
        }
        if let Some(target) = WebServer::shared_target(plan).filter(|_| self.varies) {
            fits &= insert(&mut self.hosts, plain_text(target).to_ascii_lowercase());
        }
        self.left_out += usize::from(!fits);
    }

    /// Whether hosts are served that have a folder of their own name below the root.
    pub fn serves_hosts(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// How many mail domains have a name that was one too many.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// What serves the documents of all mail domains that have a folder below `root`, now and later;
    /// None where the server has no such form, or there are no documents.
    ///
    /// Caddy gets a certificate for a name when the name is first asked for, and asks whether it may.
    pub fn snippet(&self, server: WebServer, root: &Root) -> Option<String> {
        let patterns = self.patterns();
        let is_any = server.has_fleets() && !patterns.is_empty();
        is_any.then(|| caddy::fleet(&patterns, self.varies, root))
    }

    /// Regular expressions (RE2) whose only group is the folder of a name: a host, or the mail domain
    /// in it. All names that have the same behind the mail domain are of one expression.
    fn patterns(&self) -> Vec<String> {
        let hosts: Vec<String> = self.hosts.iter().map(|host| escaped(host)).collect();
        let hosts = (!hosts.is_empty()).then(|| format!("^({})$", hosts.join("|")));
        let around: Vec<&Around> = self.around.iter().collect();
        let alike = around.chunk_by(|one, other| one.behind == other.behind);
        hosts.into_iter().chain(alike.map(pattern)).collect()
    }
}

/// Whether a name has its place among the others.
fn insert<T: Ord>(names: &mut BTreeSet<T>, name: T) -> bool {
    names.contains(&name) || names.len() < MOST && names.insert(name)
}

fn escaped(name: &str) -> String {
    name.replace('.', "\\.")
}

fn pattern(alike: &[&Around]) -> String {
    let before: Vec<String> =
        alike.iter().map(|it| escaped(&it.before)).filter(|it| !it.is_empty()).collect();
    let has_bare = before.len() < alike.len();
    let before = match (before.is_empty(), has_bare) {
        (true, _) => String::new(),
        (false, false) => format!("(?:{})\\.", before.join("|")),
        (false, true) => format!("(?:(?:{})\\.)?", before.join("|")),
    };
    let behind = alike.first().map(|it| it.behind.as_str()).filter(|it| !it.is_empty());
    let behind = behind.map(|it| format!("\\.{}", escaped(it))).unwrap_or_default();
    format!("^{before}([a-z0-9-]+(?:\\.[a-z0-9-]+)+){behind}$")
}

/// Whether a host is the mail domain's alone: the domain is in its name, label by label.
pub(super) fn is_own(target: &hickory_proto::rr::Name, plan: &RecordPlan) -> bool {
    let target = plain_text(target).to_ascii_lowercase();
    Around::of(&target, &plan.domain().to_string()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::{Columns, file};
    use crate::plan::plan;

    const DOMAIN: &str = r"([a-z0-9-]+(?:\.[a-z0-9-]+)+)";

    /// Holds the patterns of two mail domains, each with a server; `*` stands for the domain.
    #[track_caller]
    fn check(profile: &str, expected: &[&str]) {
        let hosting = file::parse(&format!("imap: true\n{profile}"), "profile").unwrap();
        let mut fleet = Fleet::of(&hosting);
        for (domain, server) in [("a.example", "s1"), ("b.example", "s2")] {
            let columns = Columns::new([("server".to_owned(), server.to_owned())]);
            fleet.add(&plan(&domain.parse().unwrap(), &hosting, &columns).unwrap());
        }
        let expected: Vec<_> = expected.iter().map(|it| it.replace('*', DOMAIN)).collect();
        assert_eq!(fleet.patterns(), expected, "{profile}");
        assert_eq!(fleet.left_out(), 0);
        let snippet = fleet.snippet(WebServer::Caddy, &"/srv".parse().unwrap());
        assert_eq!(snippet.is_some(), !expected.is_empty(), "{profile}");
        assert_eq!(fleet.snippet(WebServer::Nginx, &"/srv".parse().unwrap()), None);
    }

    #[test]
    fn the_target_of_autodiscover_is_served_wherever_it_lies_in_the_mail_domain() {
        check(
            "autoconfig: true\nautodiscover: { srv: 'mail.{domain}' }",
            &[r"^(?:autoconfig|mail)\.*$"],
        );
        check("autodiscover: { srv: '{domain}' }", &[r"^*$"]);
        check(
            "autoconfig: true\nautodiscover: { srv: '{domain}' }",
            &[r"^(?:(?:autoconfig)\.)?*$"],
        );
        check("autodiscover: { srv: '{server}.{domain}' }", &[r"^(?:s1|s2)\.*$"]);
        check(
            "host: mail.{domain}\nautodiscover: { srv: '{server}.x.{domain}' }\npacc: true",
            &[r"^(?:s1\.x|s2\.x|ua-auto-config)\.*$"],
        );
        check(
            "autoconfig: true\nautodiscover: { srv: 'm.{domain}.provider.example' }",
            &[r"^(?:m)\.*\.provider\.example$", r"^(?:autoconfig)\.*$"],
        );
        check("autodiscover: { srv: 'mail.provider.example' }", &[]);
        check(
            "autoconfig: true\nautodiscover: { srv: '{server}.provider.example' }",
            &[r"^(s1\.provider\.example|s2\.provider\.example)$", r"^(?:autoconfig)\.*$"],
        );
    }

    #[test]
    fn names_without_end_are_counted_and_left_out() {
        let profile = "imap: true\nautodiscover: { srv: '{server}.{domain}' }";
        let hosting = file::parse(profile, "profile").unwrap();
        let mut fleet = Fleet::of(&hosting);
        for server in 0..MOST + 3 {
            let columns = Columns::new([("server".to_owned(), format!("s{server}"))]);
            let plan = plan(&"a.example".parse().unwrap(), &hosting, &columns).unwrap();
            fleet.add(&plan);
            fleet.add(&plan);
        }
        assert_eq!((fleet.around.len(), fleet.left_out()), (MOST, 6));
    }
}
