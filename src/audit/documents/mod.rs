//! What is wrong with what the web serves to mail clients.
//!
//! A document that nobody planned may be missing; one that is planned and missing, or one that clients
//! read and that says something else than the plan, is a fault.

mod content;
mod reach;

use hickory_proto::rr::RData;

use super::fault::{Fault, settle};
use super::verdict::{Policy, Verdict};
use crate::code::{Code, Severity};
use crate::name::plain_text;
use crate::page::{Content, Fetched, Method, Scheme, Url};
use crate::plan::RecordPlan;
use crate::reading::{CONFIG_PATH, Kind, PACC_PATH, POX_PATH};
use crate::rrset::RrSet;
use crate::service::{ConfigName, PACC_NAME};

/// What clients fetch at one address, in one way, with what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedDocument<'a> {
    /// How it was asked for: with the mail address and without, for some.
    pub fetched: Vec<&'a Fetched>,
    /// Whether the records of the plan lead clients here for it.
    pub is_planned: bool,
    /// What follows.
    pub verdict: Verdict,
    /// What is wrong, the most severe first.
    pub faults: Vec<Fault>,
}

/// Judges all that clients fetch of a mail domain, address by address; `digests` are the TXT records of
/// the digest of its PACC document.
///
/// What was not fetched for a reason that is none of the server's is unknown, and no fault.
pub fn judge_documents<'a>(
    plan: &RecordPlan,
    digests: &[RData],
    fetched: &'a [Fetched],
    policy: &Policy,
) -> Vec<JudgedDocument<'a>> {
    let mut judged = judged(plan, digests, fetched);
    for document in &mut judged {
        let is_open = document.fetched.iter().any(|it| it.why_open().is_some());
        document.verdict = settle(&mut document.faults, is_open, policy);
    }
    judged
}

/// The same before a policy is asked, and without the verdicts that follow.
pub(super) fn judged<'a>(
    plan: &RecordPlan,
    digests: &[RData],
    fetched: &'a [Fetched],
) -> Vec<JudgedDocument<'a>> {
    let key = |it: &'a Fetched| (it.request.method, &it.request.url);
    let mut judged: Vec<JudgedDocument<'a>> = Vec::new();
    for one in fetched {
        match judged.iter_mut().find(|it| it.fetched.first().is_some_and(|it| key(it) == key(one)))
        {
            Some(same) => same.fetched.push(one),
            None => judged.push(JudgedDocument {
                fetched: vec![one],
                is_planned: is_planned(plan, one),
                verdict: Verdict::Pass,
                faults: Vec::new(),
            }),
        }
    }
    for document in &mut judged {
        document.faults = faults(plan, digests, document, fetched);
    }
    judged
}

/// What is wrong at one address, before a policy is asked.
fn faults(
    plan: &RecordPlan,
    digests: &[RData],
    document: &JudgedDocument<'_>,
    all: &[Fetched],
) -> Vec<Fault> {
    let read = |it: &&Fetched| content::Read::of(it);
    let readable = document.fetched.iter().find_map(|it| Some((*it, read(it)?)));
    let mut faults = match (&readable, document.fetched.first()) {
        (None, Some(first)) => reach::faults(first, document.is_planned),
        (Some((fetched, _)), _) => reach::faults(fetched, document.is_planned),
        (None, None) => Vec::new(),
    };
    if let Some((fetched, read)) = &readable {
        faults.extend(read.faults(plan, fetched));
        faults.extend(content::digest(digests, fetched));
        faults.extend(reach::one_way(&document.fetched));
        faults.extend(http_alone(fetched, all));
    }
    faults
}

/// A document that is served in the clear alone, of a host that tells engines of browsers to go by HTTPS
/// (RFC 6797 §8.3): so does Thunderbird.
fn http_alone(fetched: &Fetched, all: &[Fetched]) -> Option<Fault> {
    let url = &fetched.request.url;
    if url.scheme() != Scheme::Http {
        return None;
    }
    let by_https = |it: &&Fetched| {
        let own = &it.request.url;
        own.scheme() == Scheme::Https && (own.host(), own.path()) == (url.host(), url.path())
    };
    // What is not known may be served.
    let may_be = |it: &Fetched| content::Read::of(it).is_some() || it.why_open().is_some();
    if all.iter().filter(by_https).any(may_be) {
        return None;
    }
    let says = |it: &&Fetched| match &it.page.content {
        Ok(Content { hsts: Some(hsts), .. }) if hsts.max_age > 0 => {
            let host = it.url().host();
            let below = url.host().strip_suffix(host).is_some_and(|labels| labels.ends_with('.'));
            url.host() == host || below && hsts.include_subdomains
        }
        Ok(_) | Err(_) => false,
    };
    let host = all.iter().find(says)?.url().host();
    let message = format!(
        "is served by HTTP alone, where {host} says by Strict-Transport-Security that nothing is fetched so"
    );
    Some(fault(Code::DocumentUnreachable, Severity::Warning, message))
}

/// Whether the records of the plan lead clients to an address for a document.
fn is_planned(plan: &RecordPlan, fetched: &Fetched) -> bool {
    let request = &fetched.request;
    let (label, path) = match (Kind::of(request), request.method) {
        (Kind::Config, Method::Get) => (ConfigName::Autoconfig.text(), CONFIG_PATH),
        (Kind::Pox, Method::Post) => (ConfigName::Autodiscover.text(), POX_PATH),
        (Kind::Pacc, Method::Get) => (PACC_NAME, PACC_PATH),
        (Kind::Pox, Method::Get) | (Kind::Config | Kind::Pacc, Method::Post) => return false,
    };
    let url: &Url = &request.url;
    let is_at = |host: &str| {
        (url.scheme(), url.host(), url.path(), url.port()) == (Scheme::Https, host, path, None)
    };
    // Whoever reads `_autodiscover._tcp` drops the port (MS-OXDISCO §3.1.5).
    let targets = plan.autodiscover().into_iter().flat_map(RrSet::srvs);
    let mut targets = targets.map(|srv| plain_text(&srv.target).to_ascii_lowercase());
    if label == ConfigName::Autodiscover.text() && targets.any(|host| is_at(&host)) {
        return true;
    }
    let owner = plan.domain().prefixed(&[label]);
    let host = format!("{label}.{}", plan.domain());
    is_at(&host) && plan.published().any(|(_, set)| *set.owner() == owner)
}

fn fault(code: Code, severity: Severity, message: String) -> Fault {
    Fault { code, severity, message }
}
