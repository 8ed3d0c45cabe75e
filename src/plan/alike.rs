//! Plans of one profile that differ by the mail domain alone.

use std::collections::HashSet;

use hickory_proto::rr::{Name, RData};

use super::{Purpose, RecordPlan, plan};
use crate::hosting::{Columns, Hosting};
use crate::name::{MailDomain, plain_text};
use crate::rrset::{RrSet, target};

/// Mail domains that stand for any other, below `.invalid`, where nobody has one (RFC 2606 §2). They
/// are of different lengths and numbers of labels: what differs in another way than by the names
/// themselves is not alike.
pub(crate) const STAND_INS: [&str; 2] =
    ["stand-in-7q4x.mailsrv-layout.invalid", "k2z.another-stand-in-8w5y.mailsrv.layout-b.invalid"];

/// The most octets of a domain name on the wire (RFC 1035 §2.3.4).
const MAX_NAME: usize = 255;

/// The plan of a profile and of a row of columns for any mail domain that it
/// [holds for](Self::holds_for).
#[derive(Debug, Clone)]
pub struct AlikePlans {
    plans: [RecordPlan; 2],
    /// The hosts of the plan that do not lie in the mail domain, and every name above them: for these
    /// the plan may hold contradictions that a stand-in's does not.
    reserved: HashSet<String>,
    /// The octets by which the longest name of the plan is longer than the mail domain.
    longest: usize,
}

impl AlikePlans {
    /// Plans for two stand-ins; None where these plans differ by more than their names, as where a
    /// digest or a name outside the mail domain depends on it.
    pub fn of(hosting: &Hosting, columns: &Columns) -> Option<Self> {
        let plan = |stand_in: &str| plan(&stand_in.parse().ok()?, hosting, columns).ok();
        let plans = [plan(STAND_INS[0])?, plan(STAND_INS[1])?];
        let [first, second] = plans.each_ref().map(relative);
        if first != second {
            return None;
        }
        // Which certificate is good for a host depends on its name.
        let own = plans[0].domain().name();
        if !hosting.certificates().is_empty() && targets(&plans[0]).any(|it| own.zone_of(it)) {
            return None;
        }
        let inside = names(&plans[0]).filter(|name| own.zone_of(name));
        let longest = inside.map(|name| name.len() - own.len()).max().unwrap_or_default();
        let mut alike = Self { reserved: HashSet::new(), longest, plans };
        alike.reserved = alike.outside().flat_map(names_above).collect();
        Some(alike)
    }

    /// The plans for the stand-ins.
    pub fn plans(&self) -> &[RecordPlan; 2] {
        &self.plans
    }

    /// The names of the plan outside the mail domain.
    pub fn outside(&self) -> impl Iterator<Item = &Name> {
        let own = self.plans[0].domain().name();
        names(&self.plans[0]).filter(|name| !own.zone_of(name))
    }

    /// Whether planning a mail domain would say nothing but what this plan says, with that name in the
    /// place of the stand-in's.
    pub fn holds_for(&self, domain: &MailDomain) -> bool {
        let plain = domain.as_str();
        // The root label and the length of the first are two octets more than the text.
        plain.len() + 2 + self.longest <= MAX_NAME
            // Those who read messages see its U-labels.
            && !plain.contains("xn--")
            && !self.reserves(plain)
    }

    /// Whether a name without the final dot is a host of the plan outside the mail domain, or stands
    /// above one.
    pub fn reserves(&self, name: &str) -> bool {
        self.reserved.contains(name)
    }
}

/// A name, with the mail domain at its end left out.
type Relative = (bool, Vec<Vec<u8>>);

/// A record in two parts: all but the host that it leads to, and that host.
type Parts = (RData, Option<Relative>);

/// All that a plan says, as far as it can be told without the mail domain.
#[derive(PartialEq)]
struct Told {
    sets: Vec<(Purpose, Relative, u32, Vec<Parts>)>,
    host: Relative,
    uncovered: Vec<Relative>,
}

fn relative(plan: &RecordPlan) -> Told {
    let own = plan.domain().name();
    let name = |name: &Name| -> Relative {
        let below = own.zone_of(name);
        let kept = name.iter().len() - if below { own.iter().len() } else { 0 };
        (below, name.iter().take(kept).map(<[u8]>::to_ascii_lowercase).collect())
    };
    let data = |set: &RrSet| {
        let mut data: Vec<_> = set.rdatas().iter().map(|it| without_target(it, &name)).collect();
        // By how names are spelled, records that are alike else have another order.
        data.sort();
        data
    };
    Told {
        sets: plan
            .published()
            .map(|(purpose, set)| (purpose, name(set.owner()), set.ttl(), data(set)))
            .collect(),
        host: name(plan.host().name()),
        uncovered: plan.uncovered().iter().map(name).collect(),
    }
}

fn without_target(data: &RData, name: &impl Fn(&Name) -> Relative) -> (RData, Option<Relative>) {
    let mut data = data.clone();
    let target = match &mut data {
        RData::SRV(srv) => Some(std::mem::replace(&mut srv.target, Name::root())),
        RData::MX(mx) => Some(std::mem::replace(&mut mx.exchange, Name::root())),
        RData::CNAME(canonical) => Some(std::mem::replace(&mut canonical.0, Name::root())),
        _ => None,
    };
    (data, target.as_ref().map(name))
}

/// Every name of a plan but the root: owner names, the hosts that its records lead to, and the default
/// host, which is spelled out even where no record leads to it.
pub(crate) fn names(plan: &RecordPlan) -> impl Iterator<Item = &Name> {
    let owners = plan.published().map(|(_, set)| set.owner());
    owners.chain(targets(plan)).chain([plan.host().name()])
}

/// The hosts that records lead to; the root is none.
fn targets(plan: &RecordPlan) -> impl Iterator<Item = &Name> {
    let targets = plan.published().flat_map(|(_, set)| set.rdatas()).filter_map(target);
    targets.filter(|target| !target.is_root())
}

/// A name and every name above it, without the final dot.
fn names_above(name: &Name) -> Vec<String> {
    let labels = 1..=usize::from(name.num_labels());
    labels.map(|count| plain_text(&name.trim_to(count)).to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::file;

    fn alike(profile: &str) -> Option<AlikePlans> {
        let hosting = file::parse(profile, "profile").expect("a profile");
        let server = ("server".to_owned(), "s1.provider.example".to_owned());
        AlikePlans::of(&hosting, &Columns::new([server]))
    }

    #[test]
    fn plans_are_alike_where_the_mail_domain_is_at_the_ends_of_names_alone() {
        for (profile, expected) in [
            ("imap: true\nautoconfig: true", true),
            (
                "host: mail.provider.example\nimap: true\npacc: true\nprovider: { name: Example }",
                true,
            ),
            ("host: \"{server}\"\nimap: true\nmx: { host: \"mx-{server}\" }", true),
            // What is sorted by names is the same in any order.
            (
                "imap: { tls: true, servers: [{ host: m.provider.example }, { host: \"imap.{domain}\" }] }",
                true,
            ),
            ("host: \"mail-{domain}\"\nimap: true", false),
            ("imap: true\nmx: { host: \"{domain}.provider.example\" }", false),
            // The digest is that of a document with the mail domain in it.
            (
                "imap: true\nsubmission: true\npacc: true\njmap: true\ncaldav: { path: /dav/ }",
                false,
            ),
            ("host: \"{cluster}\"\nimap: true", false),
        ] {
            assert_eq!(alike(profile).is_some(), expected, "{profile}");
        }
    }

    #[test]
    fn a_plan_holds_for_names_that_are_short_enough_and_not_those_of_its_hosts() {
        let alike = alike(
            "host: \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.{domain}\"\nimap: true\nmx: { host: mx.a.example }",
        );
        let alike = alike.expect("they are alike");
        let long = |last: usize| format!("{0}.{0}.{0}.{1}", "a".repeat(61), "a".repeat(last));
        for (domain, expected) in [
            ("example.com", true),
            ("b.example", true),
            ("x.mx.a.example", true),
            ("mx.a.example", false),
            ("a.example", false),
            ("xn--bcher-kva.example", false),
            (&long(37), true),
            (&long(38), false),
        ] {
            let domain: MailDomain = domain.parse().expect("a mail domain");
            assert_eq!(alike.holds_for(&domain), expected, "{domain}");
        }
    }
}
