//! Where something is published that only a wildcard answered for, the wildcard falls silent: it says
//! nothing of a name that exists, nor of any name below it (RFC 4592 §2.2.1).

use std::cmp::Reverse;
use std::iter;

use hickory_proto::rr::Name;

use super::facts::Facts;
use crate::answer::{Answer, Outcome, Question};
use crate::inquiry::{probe_below, probe_beside};

/// The names that exist because something is published at these, the longest first: they and those above.
pub(super) fn existing<'a>(published: impl Iterator<Item = &'a Name>) -> Vec<Name> {
    let above = |name: &Name| Some(name.base_name()).filter(|name| !name.is_root());
    let with_ancestors = |name: &Name| iter::successors(Some(name.clone()), above);
    let mut names: Vec<Name> = published.flat_map(with_ancestors).collect();
    names.sort_by_cached_key(|name| (Reverse(name.iter().len()), name.clone()));
    names.dedup();
    names
}

/// The longest of these names that is a name or above it. It decides: what lies below another that
/// exists is nothing to a wildcard further up. The mail domain exists whatever is published.
pub(super) fn closest<'a>(existing: &'a [Name], name: &Name, domain: &Name) -> Option<&'a Name> {
    existing.iter().find(|it| it.zone_of(name) && domain.zone_of(it) && *it != domain)
}

/// Where it matters what a wildcard says, if an answer may be its own and it falls silent by these names:
/// beside the one that decides, and below it. Only where both are answered so, the name did not exist.
pub(super) fn probes(
    existing: &[Name],
    question: &Question,
    answer: &Answer,
    facts: &Facts<'_>,
) -> Option<[Question; 2]> {
    let is_something =
        matches!(answer.outcome, Outcome::Records { .. }) || !answer.chain.is_empty();
    let name = closest(existing, &question.name, facts.plan.domain().name());
    let name = name.filter(|_| is_something)?;
    // A wildcard says the same of all names that it answers for, and none of them is missing.
    let is_told_apart = facts.answers.iter().any(|(other, said)| {
        let is_other = match said.outcome {
            Outcome::Failed(_) => false,
            Outcome::NxDomain if said.chain.is_empty() => true,
            _ => other.rtype == question.rtype && !is_same(said, answer),
        };
        is_other && name.zone_of(&other.name)
    });
    if is_told_apart {
        return None;
    }
    let probes = [probe_beside(name), probe_below(name)];
    let is_too_long = probes.iter().any(Name::is_root);
    let question = |name| Question { name, rtype: question.rtype };
    (!is_too_long).then(|| probes.map(question))
}

/// Whether two answers say the same, in whatever order.
pub(super) fn is_same(one: &Answer, other: &Answer) -> bool {
    let is_like = match (&one.outcome, &other.outcome) {
        (Outcome::Records { data, .. }, Outcome::Records { data: others, .. }) => {
            data.len() == others.len() && data.iter().all(|it| others.contains(it))
        }
        (one, other) => one == other,
    };
    is_like && one.chain == other.chain
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{RData, RecordType};

    use super::*;
    use crate::answer::Failure;
    use crate::forecast::{Alterations, Altered, Stop, Want, World};
    use crate::hosting::{Columns, Hosting};
    use crate::name::parse_text;
    use crate::plan::plan;
    use crate::zonefile::parse_rdata;

    /// Reads `d.test. A` with what stands there: data, or `CNAME` with where it leads and what stands
    /// there, or how nothing is said.
    fn heard(line: &str) -> (Question, Answer) {
        let (name, rest) = line.split_once(' ').unwrap();
        let (rtype, said) = rest.split_once(' ').unwrap();
        let question = Question { name: parse_text(name).unwrap(), rtype: rtype.parse().unwrap() };
        let (chain, said) = match said.strip_prefix("CNAME ") {
            Some(rest) => {
                let (end, said) = rest.split_once(' ').unwrap();
                (vec![parse_text(end).unwrap()], said)
            }
            None => (Vec::new(), said),
        };
        let data = |text: &str| parse_rdata(text, question.rtype).unwrap();
        let outcome = match said {
            "none" => Outcome::NoData,
            "nxdomain" => Outcome::NxDomain,
            "timeout" => Outcome::Failed(Failure::Timeout),
            said => Outcome::Records { ttl: 60, data: said.split(", ").map(data).collect() },
        };
        (question, Answer { chain, ..Answer::plain(outcome) })
    }

    /// What is read at `_imap._tcp.d.test.` where that is known and something is published, or what is
    /// asked for first.
    fn read(known: &[&str], published: &str) -> String {
        let domain = "d.test".parse().unwrap();
        let plan = plan(&domain, &Hosting::documented(), &Columns::default()).unwrap();
        let mut facts = Facts::of(&plan);
        for line in known {
            let (question, answer) = heard(line);
            facts.tell(question, answer);
        }
        let (Question { name, rtype }, answer) = heard(published);
        let data: Vec<RData> = match answer.outcome {
            Outcome::Records { data, .. } => data,
            _ => Vec::new(),
        };
        let alterations = Alterations::of(vec![Altered { owner: &name, rtype, data: &data }]);
        let world = World::altered(&facts, &alterations);
        let asked = parse_text("_imap._tcp.d.test.").unwrap();
        match world.records(&asked, RecordType::SRV) {
            Ok(data) => format!("{} records", data.len()),
            Err(Stop::Wanted) => match world.wanted().as_slice() {
                [Want::Answer(question)] => format!("{} {}?", question.name, question.rtype),
                wanted => format!("{wanted:?}"),
            },
            Err(Stop::Unknown(_)) => "unknown".to_owned(),
        }
    }

    const SAID: &str = "_imap._tcp.d.test. SRV 0 1 993 mail.d.test.";
    const BESIDE: &str = "mailsrv-wildcard-probe.d.test. SRV 0 1 993 mail.d.test.";
    const BELOW: &str = "mailsrv-wildcard-probe._tcp.d.test. SRV 0 1 993 mail.d.test.";
    const PUBLISHED: &str = "_imaps._tcp.d.test. SRV 0 1 993 mail.d.test.";

    #[test]
    fn a_wildcard_says_nothing_below_a_name_that_comes_to_exist() {
        let beside = "mailsrv-wildcard-probe.d.test. SRV?";
        let below = "mailsrv-wildcard-probe._tcp.d.test. SRV?";
        for (known, expected) in [
            (&[][..], beside),
            (&[BESIDE], below),
            (&[BESIDE, BELOW], "0 records"),
            // Nothing, or something else, is said beside it; or below it, so that it existed before.
            (&["mailsrv-wildcard-probe.d.test. SRV nxdomain"], "1 records"),
            (&["mailsrv-wildcard-probe.d.test. SRV 0 1 143 mail.d.test."], "1 records"),
            (&[BESIDE, "mailsrv-wildcard-probe._tcp.d.test. SRV nxdomain"], "1 records"),
            (&["mailsrv-wildcard-probe.d.test. SRV timeout"], "unknown"),
            (&[BESIDE, "mailsrv-wildcard-probe._tcp.d.test. SRV timeout"], "unknown"),
            // What is known without it.
            (&["_pop3._tcp.d.test. SRV nxdomain"], "1 records"),
            (&["_pop3._tcp.d.test. A nxdomain"], "1 records"),
            (&["_pop3._tcp.d.test. SRV none"], "1 records"),
            (&["_pop3._tcp.d.test. SRV 0 1 110 mail.d.test."], "1 records"),
            // What tells nothing.
            (&["_pop3._tcp.d.test. SRV timeout"], beside),
            (&["_pop3._tcp.d.test. A none"], beside),
            (&["_pop3._tcp.d.test. SRV 0 1 993 mail.d.test."], beside),
            (&["autoconfig.d.test. A nxdomain"], beside),
        ] {
            let known = [&[SAID][..], known].concat();
            assert_eq!(read(&known, PUBLISHED), expected, "{known:?}");
        }
    }

    #[test]
    fn the_longest_name_that_comes_to_exist_decides() {
        for (published, expected) in [
            ("_imap._tcp.d.test. A 192.0.2.1", "mailsrv-wildcard-probe._tcp.d.test. SRV?"),
            ("a._imap._tcp.d.test. A 192.0.2.1", "mailsrv-wildcard-probe._tcp.d.test. SRV?"),
            ("_tcp.d.test. A 192.0.2.1", "mailsrv-wildcard-probe.d.test. SRV?"),
            ("_x._tcp.D.test. A 192.0.2.1", "mailsrv-wildcard-probe.D.test. SRV?"),
            // The mail domain exists, and what is deleted makes nothing exist.
            ("d.test. A 192.0.2.1", "1 records"),
            ("autoconfig.d.test. A 192.0.2.1", "1 records"),
            ("_imaps._tcp.d.test. SRV none", "1 records"),
        ] {
            assert_eq!(read(&[SAID], published), expected, "{published}");
        }
    }

    #[test]
    fn an_alias_of_a_wildcard_goes_with_it() {
        let alias = |owner: &str| format!("{owner}.d.test. SRV CNAME web.d.test. none");
        let [said, beside, below] =
            ["_imap._tcp", "mailsrv-wildcard-probe", "mailsrv-wildcard-probe._tcp"].map(alias);
        let end = "web.d.test. SRV 0 1 993 mail.d.test.";
        let both = [said.as_str(), &beside, &below, end];
        assert_eq!(read(&both, PUBLISHED), "0 records");
        let other = "mailsrv-wildcard-probe.d.test. SRV CNAME mail.d.test. none";
        assert_eq!(read(&[&said, other, end], PUBLISHED), "1 records");
    }

    #[test]
    fn an_alias_that_leads_below_a_name_that_comes_to_exist_is_followed_there() {
        let said = "_imap._tcp.d.test. SRV CNAME a.b.d.test. 0 1 993 mail.d.test.";
        let published = "c.b.d.test. A 192.0.2.1";
        assert_eq!(read(&[said], published), "a.b.d.test. SRV?");
        let end = "a.b.d.test. SRV 0 1 993 mail.d.test.";
        assert_eq!(read(&[said, end], published), "mailsrv-wildcard-probe.d.test. SRV?");
        let below = "mailsrv-wildcard-probe.b.d.test. SRV 0 1 993 mail.d.test.";
        assert_eq!(read(&[said, end, BESIDE, below], published), "0 records");
    }
}
