//! The names of documents, `autoconfig`, `autodiscover` and `ua-auto-config`: whether they lead to
//! the profile's host.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};

use super::spelling::undoubled;
use super::{Case, endless, pacc, path};
use crate::answer::Failure;
use crate::audit::finding::{Findings, Phrase, Subject, Verb};
use crate::audit::providers;
use crate::code::{Code, Severity};
use crate::inquiry::{Heard, Said};
use crate::name::plain_text;
use crate::plan::Purpose;
use crate::rrset::RrSet;
use crate::service::{ConfigName, PACC_NAME};
use crate::words::enumerate;

/// Judges each name of documents as it is planned: an alias of the profile's host, or addresses.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for (purpose, set) in case.plan.published() {
        let Some(text) = text_of(purpose) else { continue };
        match set.rdatas() {
            [RData::CNAME(CNAME(host))] => {
                let lead = Lead { text, purpose, set, host };
                check_alias(case, &lead, findings);
            }
            _ => check_addresses(case, text, purpose, set, findings),
        }
    }
}

/// What a name of documents is called; None where a purpose is another.
const fn text_of(purpose: Purpose) -> Option<&'static str> {
    match purpose {
        Purpose::Config(name) => Some(name.text()),
        Purpose::PaccName => Some(PACC_NAME),
        _ => None,
    }
}

/// A name that is planned as an alias of a host.
struct Lead<'a> {
    /// What messages call it.
    text: &'static str,
    purpose: Purpose,
    set: &'a RrSet,
    host: &'a Name,
}

impl Lead<'_> {
    fn owner(&self) -> &Name {
        self.set.owner()
    }

    fn subject(&self) -> Subject {
        Subject::rrset(self.owner(), RecordType::CNAME)
    }
}

/// Tells the cases of an alias apart; the first that holds is the cause: a wildcard, no alias at
/// all, two answers for the two families, then where it leads.
fn check_alias(case: &Case<'_>, lead: &Lead<'_>, findings: &mut Findings) {
    let heard = case.observed.heard(lead.owner(), RecordType::A);
    let chain = heard.chain();
    let leads_right = chain.contains(lead.host);
    let v6 = case.observed.heard(lead.owner(), RecordType::AAAA);
    let is_wildcard = case.is_from_wildcard(&heard);
    if is_wildcard && !leads_right {
        add_wildcard(lead.text, lead.subject(), lead.set, &heard, findings);
    } else if chain.is_empty() {
        check_without_alias(case, lead, &heard, findings);
    } else if !v6.is_alias() && v6.said() == Said::Records {
        add_other_data(lead, &chain[0], &v6.rdatas(), findings);
    } else if let Some((code, severity, rest)) = fault(case, lead, &heard, &chain, leads_right) {
        let observed = RData::CNAME(CNAME(chain[0].clone()));
        let verb = if code == Code::AliasLoop { Verb::Is } else { Verb::Leads };
        let phrase = Phrase::Of(verb, rest);
        let draft = findings.add_at(code, severity, lead.subject(), lead.text, phrase);
        draft.expect_set(Some(lead.set)).observe([observed.clone()]);
        draft.replace(&[observed], lead.set);
    }
}

/// What is wrong with where an alias leads.
fn fault(
    case: &Case<'_>,
    lead: &Lead<'_>,
    heard: &Heard<'_>,
    chain: &[Name],
    leads_right: bool,
) -> Option<(Code, Severity, String)> {
    let shown = path(chain);
    let plain = |code: Code, rest: String| Some((code, code.severity(), rest));
    match heard.said() {
        Said::Failed(Failure::ChainTooLong) => {
            plain(Code::AliasLoop, format!("{}: {shown}", endless(lead.owner(), chain)))
        }
        // That the host of the services is gone is a finding of its own.
        Said::NxDomain if leads_right && leads_to_target(case, chain) => None,
        Said::NxDomain => Some(dangling(case, lead, chain)),
        // A step that lies elsewhere may lead anywhere, but it is not the host of the profile.
        Said::Records | Said::NoData | Said::Failed(Failure::OutsideZone) if !leads_right => {
            Some(elsewhere(case, lead, heard, chain))
        }
        Said::Records | Said::NoData | Said::Failed(_) => None,
    }
}

/// Whether the chain passes a target of an offered service.
fn leads_to_target(case: &Case<'_>, chain: &[Name]) -> bool {
    let offered = case.places.iter().filter(|place| place.planned.is_some());
    offered.flat_map(|place| place.reals()).any(|srv| chain.contains(&srv.target))
}

/// A chain that ends in a name that does not exist: somebody else's to register, or, in the
/// customer's own domain, a slip.
fn dangling(case: &Case<'_>, lead: &Lead<'_>, chain: &[Name]) -> (Code, Severity, String) {
    let domain = case.plan.domain().name();
    let end = chain.last().unwrap_or_else(|| lead.owner());
    let shown = path(chain);
    let code = Code::AliasDangling;
    if let Some((meant, zone)) = undoubled(case, end) {
        let rest = format!(
            "to {shown}, which does not exist: the zone {} was appended to {}, which lacks its final dot",
            plain_text(&zone),
            plain_text(&meant)
        );
        return (code, Severity::Error, rest);
    }
    if domain.zone_of(end) {
        let rest = format!(
            "to {shown}, which does not exist in the domain: a typing error, or a host that is gone"
        );
        return (code, Severity::Error, rest);
    }
    let severity = match lead.purpose {
        Purpose::Config(ConfigName::Autodiscover) => Severity::Critical,
        _ => code.severity(),
    };
    let rest = format!(
        "to {shown}, which does not exist (NXDOMAIN): whoever registers it serves settings to the users of this domain"
    );
    (code, severity, rest)
}

/// An alias that leads, and not to the profile's host: a name with the same addresses is harmless
/// for now, and a known other provider is graver than an unknown host.
fn elsewhere(
    case: &Case<'_>,
    lead: &Lead<'_>,
    heard: &Heard<'_>,
    chain: &[Name],
) -> (Code, Severity, String) {
    let (shown, wanted) = (path(chain), plain_text(lead.host));
    let host = case.observed.host(lead.host);
    let reached = case.observed.host(lead.owner()).addresses();
    let expected = host.addresses();
    let is_same = heard.said() == Said::Records
        && host.is_known()
        && !reached.is_empty()
        && reached.iter().all(|address| expected.contains(address));
    if is_same {
        let rest = format!("to {shown}, another name with the addresses of {wanted}");
        return (Code::AliasByAnotherName, Code::AliasByAnotherName.severity(), rest);
    }
    let known = chain.iter().find_map(providers::known);
    let is_ours = known.is_some() && known == providers::known(lead.host);
    match known.filter(|_| !is_ours) {
        Some(provider) => {
            (Code::AliasWrong, Severity::Error, format!("to {shown} ({provider}), not to {wanted}"))
        }
        None => {
            let code = Code::AliasWrong;
            (code, code.severity(), format!("to {shown}, not to {wanted}"))
        }
    }
}

/// No alias stands there: nothing, addresses, or something else.
fn check_without_alias(
    case: &Case<'_>,
    lead: &Lead<'_>,
    heard: &Heard<'_>,
    findings: &mut Findings,
) {
    if heard.said() == Said::NxDomain {
        if !check_doubled(case, lead, findings) {
            add_missing(case, lead, None, findings);
        }
        return;
    }
    let both = case.observed.host(lead.owner());
    let [v4, v6] = both.families();
    if let Some(next) = v6.chain().first() {
        return add_other_data(lead, next, &v4.rdatas(), findings);
    }
    if !both.is_known() {
        return;
    }
    let addresses = both.addresses();
    let host = case.observed.host(lead.host);
    if addresses.is_empty() {
        // The name exists, perhaps for other data, and an alias stands beside nothing (RFC 1034
        // §3.6.2): the remedy is the addresses that the alias would lead to.
        add_missing(case, lead, Some(host.addresses()), findings);
    } else if host.is_known() {
        add_addresses(lead, addresses, &host.addresses(), findings);
    }
}

/// An alias answers for one family, and addresses stand beside it for the other.
fn add_other_data(lead: &Lead<'_>, next: &Name, beside: &[RData], findings: &mut Findings) {
    let rest = format!("addresses beside an alias of {}", plain_text(next));
    let phrase = Phrase::Of(Verb::Has, rest);
    let draft = findings.add(Code::AliasOtherData, lead.subject(), lead.text, phrase);
    draft.expect_set(Some(lead.set)).observe(beside.iter().cloned());
    for data in beside {
        draft.delete(lead.owner(), data.clone());
    }
    draft.replace(&[RData::CNAME(CNAME(next.clone()))], lead.set);
}

/// The alias may stand below the domain appended twice, where somebody typed the whole name in front
/// of a zone that was appended. True where it does.
fn check_doubled(case: &Case<'_>, lead: &Lead<'_>, findings: &mut Findings) -> bool {
    let domain = case.plan.domain().name();
    let Ok(doubled) = lead.owner().clone().append_name(domain) else { return false };
    let chain = case.observed.heard(&doubled, RecordType::A).chain();
    let Some(next) = chain.first().filter(|_| chain.contains(lead.host)) else { return false };
    let rest = format!("no name that clients ask for; the right one is {}", lead.text);
    let subject = Subject::rrset(&doubled, RecordType::CNAME);
    let who = case.shown(&doubled);
    let phrase = Phrase::Of(Verb::Is, rest);
    let draft = findings.add(Code::OwnerMisplaced, subject, &who, phrase);
    draft.observe([RData::CNAME(CNAME(next.clone()))]).delete_alias(&doubled, next);
    draft.about(lead.subject()).expect_set(Some(lead.set)).replace(&[], lead.set);
    true
}

/// Where the name is there for other data, the remedy is addresses.
///
/// `autodiscover` missing is worth knowing only: current versions of Outlook seldom ask for it.
fn add_missing(
    case: &Case<'_>,
    lead: &Lead<'_>,
    addresses: Option<Vec<RData>>,
    findings: &mut Findings,
) {
    if lead.purpose == Purpose::PaccName && pacc::is_swapped(case) {
        return;
    }
    let (code, severity) = match lead.purpose {
        Purpose::Config(ConfigName::Autodiscover) => (Code::AliasMissing, Severity::Info),
        Purpose::PaccName if pacc::has_digest(case) => {
            (Code::PaccIncomplete, Code::PaccIncomplete.severity())
        }
        _ => (Code::AliasMissing, Code::AliasMissing.severity()),
    };
    let rest = match addresses {
        Some(_) => "there, with neither an alias nor an address",
        None => "not published",
    };
    let phrase = Phrase::Of(Verb::Is, rest.to_owned());
    let draft = findings.add_at(code, severity, lead.subject(), lead.text, phrase);
    draft.expect_set(Some(lead.set));
    let Some(addresses) = addresses else {
        draft.replace(&[], lead.set);
        return;
    };
    for data in addresses {
        draft.publish(lead.owner(), data);
    }
}

/// A DNS host may show the addresses of the alias's end in place of the alias.
fn add_addresses(
    lead: &Lead<'_>,
    addresses: Vec<RData>,
    expected: &[RData],
    findings: &mut Findings,
) {
    let wanted = plain_text(lead.host);
    let (code, rest) = if addresses.iter().all(|address| expected.contains(address)) {
        (Code::AliasFlattened, format!("the addresses of {wanted} as a copy"))
    } else {
        (Code::AliasWrong, format!("{}, not those of {wanted}", addresses_text(&addresses)))
    };
    let phrase = Phrase::Of(Verb::Has, rest);
    let draft = findings.add(code, lead.subject(), lead.text, phrase);
    draft.expect_set(Some(lead.set)).observe(addresses.iter().cloned());
    for data in addresses {
        draft.delete(lead.owner(), data);
    }
    draft.replace(&[], lead.set);
}

/// `the address 192.0.2.1`, for a message.
fn addresses_text(addresses: &[RData]) -> String {
    let plural = if addresses.len() == 1 { "address" } else { "addresses" };
    format!("the {plural} {}", ips_text(addresses))
}

/// Addresses without their record types.
fn ips_text(addresses: &[RData]) -> String {
    let ips = addresses.iter().filter_map(RData::ip_addr);
    enumerate(&ips.map(|ip| ip.to_string()).collect::<Vec<_>>())
}

/// What resolves because of a wildcard was never set up; there is no record to delete.
fn add_wildcard(
    text: &str,
    subject: Subject,
    set: &RrSet,
    heard: &Heard<'_>,
    findings: &mut Findings,
) {
    let rest = match heard.chain().first() {
        Some(next) => {
            format!("not published: a wildcard answers, and leads to {}", plain_text(next))
        }
        None => {
            let addresses = addresses_text(&heard.rdatas());
            format!("not published: a wildcard answers, with {addresses}")
        }
    };
    let phrase = Phrase::Of(Verb::Is, rest);
    let draft = findings.add(Code::AliasWildcard, subject, text, phrase);
    draft.expect_set(Some(set)).observe(heard.rdatas()).replace(&[], set);
}

/// The name is planned with addresses of its own.
fn check_addresses(
    case: &Case<'_>,
    text: &str,
    purpose: Purpose,
    set: &RrSet,
    findings: &mut Findings,
) {
    let rtype = set.record_type();
    let heard = case.observed.heard(set.owner(), rtype);
    let subject = Subject::rrset(set.owner(), rtype);
    let seen = heard.rdatas();
    let is_same =
        seen.len() == set.rdatas().len() && seen.iter().all(|it| set.rdatas().contains(it));
    if is_same || matches!(heard.said(), Said::Failed(failure) if failure != Failure::ChainTooLong)
    {
        return;
    }
    if case.is_from_wildcard(&heard) {
        return add_wildcard(text, subject, set, &heard, findings);
    }
    let severity = match purpose {
        Purpose::Config(ConfigName::Autodiscover) => Severity::Info,
        _ => Code::AliasMissing.severity(),
    };
    let wanted = ips_text(set.rdatas());
    let code = Code::AddressDiffers;
    let (code, severity, phrase) = match heard.chain().last() {
        Some(end) => {
            let rest = format!("to {}, not to the profile's addresses", plain_text(end));
            (code, code.severity(), Phrase::Of(Verb::Leads, rest))
        }
        None if !heard.is_absent() => {
            let rest = format!("{}, and the profile says {wanted}", addresses_text(&seen));
            (code, code.severity(), Phrase::Of(Verb::Has, rest))
        }
        // Those of the other family stand.
        None if !case.observed.host(set.owner()).addresses().is_empty() => {
            (code, code.severity(), Phrase::Of(Verb::Lacks, addresses_text(set.rdatas())))
        }
        None => {
            let rest = "not published".to_owned();
            (Code::AliasMissing, severity, Phrase::Of(Verb::Is, rest))
        }
    };
    let draft = findings.add_at(code, severity, subject, text, phrase);
    draft.expect_set(Some(set)).observe(seen.iter().cloned());
    draft.turn(&heard.chain(), &seen, set);
}
