//! Whether the provider gets a certificate for `autoconfig`: CAA (RFC 8659).

use hickory_proto::rr::rdata::CAA;
use hickory_proto::rr::{Name, RData, RecordType};

use super::Case;
use crate::audit::finding::{Findings, Phrase, Subject};
use crate::audit::standing::State;
use crate::code::Code;
use crate::inquiry::{Heard, Inquiry, Said, Wanted};
use crate::name::{HostName, plain_text};
use crate::plan::RecordPlan;
use crate::service::ConfigName;
use crate::words::enumerate;

/// The registered properties (IANA, "Certification Authority Restriction Properties"): an issuer
/// that minds another critical one issues nothing (RFC 8659 §4.1).
const KNOWN: [&str; 7] =
    ["issue", "issuewild", "iodef", "contactemail", "contactphone", "issuevmc", "issuemail"];

/// The property that names who may issue (RFC 8659 §4.2).
const ISSUE: &str = "issue";

/// Why nothing is issued.
#[derive(Debug, PartialEq, Eq)]
enum Objection {
    /// A critical property that nobody knows.
    Critical(String),
    /// These may issue, and no other.
    Others(Vec<String>),
}

/// The CAA records that count are asked for only where the profile names an issuer.
pub(super) fn seek(plan: &RecordPlan, inquiry: &mut Inquiry) {
    if plan.issuer().is_none() {
        return;
    }
    let name = plan.domain().prefixed(&[ConfigName::Autoconfig.text()]);
    for owner in [&name, plan.domain().name()] {
        inquiry.seek(owner, RecordType::CAA, Wanted::Anything);
    }
}

/// Adds `caa-forbids` where the CAA records that count leave out the profile's issuer.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(issuer) = case.plan.issuer() else { return };
    let domain = case.plan.domain();
    let name = domain.prefixed(&[ConfigName::Autoconfig.text()]);
    let Some(heard) = relevant(case, &name) else { return };
    let seen = heard.rdatas();
    let Some(objection) = objection(&seen, issuer) else { return };
    let end = heard.chain().pop().unwrap_or_else(|| heard.owner().clone());
    let what = match &objection {
        Objection::Critical(tag) => format!("have the critical property `{tag}`, which is unknown"),
        Objection::Others(others) if others.is_empty() => "let nobody issue".to_owned(),
        Objection::Others(others) => format!("let {} alone issue", enumerate(others)),
    };
    let message = format!(
        "the CAA records of {} {what}, so {} gets no certificate from {issuer}",
        plain_text(&end),
        plain_text(&name)
    );
    let subject = Subject::rrset(heard.owner(), RecordType::CAA);
    let draft = findings.add(Code::CaaForbids, subject, "", Phrase::Whole(message));
    draft.observe(seen);
    // The CAA records behind an alias may be another's, and a property that nobody knows is to be
    // taken away by who knows what it is for.
    if domain.name().zone_of(&end) && matches!(objection, Objection::Others(_)) {
        draft.publish(&end, allowing(issuer));
    }
}

/// The CAA records that count for a name: its own, aliases followed, else those of the mail domain
/// (RFC 8659 §3). Where the mail domain has none either, those above it would count; they are not
/// asked for, because they are not the customer's.
fn relevant<'a>(case: &Case<'a>, name: &Name) -> Option<Heard<'a>> {
    for owner in [name, case.plan.domain().name()] {
        let heard = case.observed.heard(owner, RecordType::CAA);
        match heard.said() {
            Said::Records if owner == name && is_elsewhere(case, &heard) => return None,
            Said::Records => return Some(heard),
            Said::NoData | Said::NxDomain => {}
            Said::Failed(_) => return None,
        }
    }
    None
}

/// Whether an alias leads to another host than it should, whose CAA records are then beside the point.
fn is_elsewhere(case: &Case<'_>, heard: &Heard<'_>) -> bool {
    let is_ok = case
        .standings
        .iter()
        .any(|standing| standing.owner == *heard.owner() && standing.state == State::Ok);
    heard.is_alias() && !is_ok
}

/// Why an issuer may not issue with these records; None where it may.
fn objection(rdatas: &[RData], issuer: &HostName) -> Option<Objection> {
    let properties = || {
        rdatas.iter().filter_map(|data| match data {
            RData::CAA(caa) => Some((caa, caa.tag.to_ascii_lowercase())),
            _ => None,
        })
    };
    let unknown =
        properties().find(|(caa, tag)| caa.issuer_critical && !KNOWN.contains(&tag.as_str()));
    if let Some((_, tag)) = unknown {
        return Some(Objection::Critical(tag));
    }
    let mut issuers = properties().filter(|(_, tag)| tag == ISSUE).peekable();
    // Without an `issue` property everybody may issue (RFC 8659 §4.2).
    issuers.peek()?;
    let others: Vec<String> = issuers.filter_map(|(caa, _)| named(caa)).collect();
    let ours = issuer.to_string();
    (!others.contains(&ours)).then_some(Objection::Others(others))
}

/// The issuer that an `issue` property names, in lower case; the parameters behind it are between the
/// issuer and its customer. What does not fit the grammar names nobody (RFC 8659 §4.2).
fn named(caa: &CAA) -> Option<String> {
    let text = std::str::from_utf8(&caa.value).ok()?;
    let name = text.split(';').next()?.trim_matches([' ', '\t']);
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"-.".contains(&octet);
    let is_name = !name.is_empty() && name.len() < 255 && name.bytes().all(fits);
    is_name.then(|| name.to_ascii_lowercase())
}

/// The record that adds an issuer: CAA allows the union of all that are named (RFC 8659 §4.2).
fn allowing(issuer: &HostName) -> RData {
    let mut caa = CAA::new_issue(false, None, Vec::new());
    caa.value = issuer.to_string().into_bytes();
    RData::CAA(caa)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zonefile::Scanner;

    #[track_caller]
    fn check(records: &[&str], expected: Option<&Objection>) {
        let text: String =
            records.iter().map(|data| format!("a.test. 60 IN CAA {data}\n")).collect();
        let rdatas: Vec<RData> = Scanner::new(text.as_bytes(), "test", None)
            .map(|entry| entry.unwrap().record.data)
            .collect();
        let found = objection(&rdatas, &"letsencrypt.org".parse().unwrap());
        assert_eq!(found.as_ref(), expected, "{text}");
    }

    fn others(names: &[&str]) -> Objection {
        Objection::Others(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn an_issuer_may_issue_where_it_is_named_or_nobody_is() {
        check(&[], None);
        check(&["0 issuewild \";\"", "128 iodef \"mailto:a@a.test\"", "0 other x"], None);
        check(&["0 issue \" LetsEncrypt.ORG ; accounturi=https://a.test/1\""], None);
        check(&["0 ISSUE letsencrypt.org"], None);
        check(&["0 issue \";\"", "128 issue letsencrypt.org", "0 issue ca.test"], None);
    }

    #[test]
    fn an_issuer_may_not_issue_where_others_are_named_or_nobody_may() {
        check(
            &["0 issue ca.test", "0 issue \"b.test;x=y\""],
            Some(&others(&["ca.test", "b.test"])),
        );
        check(&["0 issue \";\""], Some(&others(&[])));
        check(&["0 issue \"\""], Some(&others(&[])));
        check(&["0 issue \"%%%%%\"", "0 issue \"letsencrypt.org x\""], Some(&others(&[])));
        check(&["0 issue letsencrypt.org."], Some(&others(&["letsencrypt.org."])));
        check(&["0 issuewild letsencrypt.org", "0 issue ca.test"], Some(&others(&["ca.test"])));
        let long = "a".repeat(254);
        check(&[&format!("0 issue {long}")], Some(&others(&[&long])));
        check(&[&format!("0 issue {long}a")], Some(&others(&[])));
    }

    #[test]
    fn an_unknown_critical_property_forbids_all() {
        let unknown = Objection::Critical("tbs".to_owned());
        check(&["128 tbs Unknown", "0 issue letsencrypt.org"], Some(&unknown));
        check(&["127 tbs Unknown", "0 issue letsencrypt.org"], None);
    }
}
