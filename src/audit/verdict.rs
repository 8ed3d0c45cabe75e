//! What follows from the findings: the verdict of one domain.

use std::collections::BTreeMap;
use std::fmt;

use hickory_proto::rr::{Name, RecordType};

use super::finding::Finding;
use super::standing::Standing;
use super::unvisited::Unvisited;
use crate::answer::{Failure, Question, Vantage};
use crate::code::{Code, Severity};
use crate::name::MailDomain;
use crate::zonefile::Position;

/// How strict a user is: the severities of codes, and what counts as open.
///
/// The default changes nothing and is not strict, and wants certificates to last for 21 days.
///
/// ```
/// use mailsrv::audit::{Code, Policy, Severity};
///
/// let mut policy = Policy::default();
/// policy.strict = true;
/// policy.set(Code::SrvMissing, Some(Severity::Error));
/// policy.set(Code::TargetOneFamily, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What the user set; None drops the findings of a code.
    severities: BTreeMap<Code, Option<Severity>>,
    /// Whether a name outside the zones at hand leaves the verdict open, as an unanswered question
    /// does.
    pub strict: bool,
    /// For how long a certificate must last yet, in seconds.
    pub expiry: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { severities: BTreeMap::new(), strict: false, expiry: 21 * 86_400 }
    }
}

impl Policy {
    /// Sets the severity of a code, or drops its findings. A later call wins.
    pub fn set(&mut self, code: Code, severity: Option<Severity>) {
        self.severities.insert(code, severity);
    }

    /// The severity of a finding that a rule made with this one; None where it is dropped.
    pub(super) fn severity(&self, code: Code, severity: Severity) -> Option<Severity> {
        self.severities.get(&code).copied().unwrap_or(Some(severity))
    }

    /// Changes the severities of findings, drops some, and puts the most severe first.
    pub(super) fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| match self.severity(finding.code, finding.severity) {
            None => false,
            Some(severity) => {
                finding.severity = severity;
                true
            }
        });
        // Stable: among equals the order of the rules stays.
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }
}

/// The records by which a host is found.
const ADDRESSES: [RecordType; 2] = [RecordType::A, RecordType::AAAA];

/// What an audit concludes of a domain.
///
/// The order of the variants is that in which reports count them, not one of severity: `unknown`
/// may hide a `fail` and may hide nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No finding above info.
    Pass,
    /// A warning.
    Warn,
    /// An error or a critical finding, whatever else was not answered.
    Fail,
    /// Nothing is proven wrong, and DNS gave no answer for now to something that was asked.
    Unknown,
    /// The domain cannot be judged at all.
    Broken,
}

impl Verdict {
    /// Every verdict.
    ///
    /// A verdict is an index into it (`verdict as usize`), and stays one.
    pub const ALL: [Self; 5] = [Self::Pass, Self::Warn, Self::Fail, Self::Unknown, Self::Broken];

    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Broken => "broken",
        }
    }

    /// What is proven wins: an answer that did not come cannot take an error back, and may hide
    /// one where there is none yet.
    pub(super) fn of(findings: &[Finding], is_open: bool) -> Self {
        Self::of_worst(findings.iter().map(|finding| finding.severity).max(), is_open)
    }

    /// That of the most severe finding.
    pub(super) fn of_worst(worst: Option<Severity>, is_open: bool) -> Self {
        match worst {
            Some(Severity::Error | Severity::Critical) => Self::Fail,
            _ if is_open => Self::Unknown,
            Some(Severity::Warning) => Self::Warn,
            Some(Severity::Info) | None => Self::Pass,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// The outcome of judging one domain.
///
/// [`report`](crate::report) prints it. The fields are complete in themselves: no text has to be
/// parsed to learn what is wrong.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Audit {
    /// The mail domain.
    pub domain: MailDomain,
    /// The conclusion.
    pub verdict: Verdict,
    /// The state of every RRset that the plan expects, and of every service that it does not offer,
    /// in the order of the plan.
    pub standings: Vec<Standing>,
    /// The findings, the most severe first.
    pub findings: Vec<Finding>,
    /// The questions that nobody answered, and why.
    pub unanswered: Vec<(Question, Failure)>,
    /// The names outside the zones at hand, of which nothing is said.
    pub not_judged: Vec<Name>,
    /// What was to be visited and was not, and why: nothing is known of it.
    pub unvisited: Vec<Unvisited>,
    /// Where a file has the domain itself: its zone, or else what the caller knows.
    pub place: Option<Position>,
    /// Who was asked, where each of several was.
    pub witnesses: Vec<Witness>,
    /// What an earlier report said, where the findings are only those that it had not.
    pub since: Option<Since>,
}

/// What an earlier report said of a domain.
#[derive(Debug, Clone, PartialEq)]
pub struct Since {
    /// The verdict that it had; None where the report has nothing of the domain.
    pub verdict: Option<Verdict>,
    /// What was found then and is not any more.
    pub gone: Vec<Gone>,
}

/// Something that was found once, at one RRset or server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gone {
    /// The code, which this version may not know.
    pub code: String,
    /// The owner name, with the final dot.
    pub owner: String,
    /// The record type, or the port ([`Subject::kind`](super::Subject::kind)).
    pub kind: String,
}

/// One who was asked for himself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Witness {
    /// Who.
    pub vantage: Vantage,
    /// The zone that it was asked for, of a server of a zone below that of the domain.
    pub zone: Option<Name>,
    /// The serial number of the zone there (RFC 1035 §3.3.13), of a server that told it.
    pub serial: Option<u32>,
    /// Why nothing at all was heard there.
    pub failure: Option<Failure>,
}

impl Audit {
    /// Puts to each finding the place in a file where its first subject stands.
    ///
    /// An audit of zone files calls it with the places that `lookup::Zones` knows; of live DNS
    /// there is nothing to find. `find` is asked for each subject until it knows one.
    pub fn locate(&mut self, find: impl Fn(&Name, RecordType) -> Option<Position>) {
        for finding in &mut self.findings {
            let mut places = finding.subjects.iter().filter_map(|subject| match subject.rtype() {
                Some(rtype) => find(subject.owner(), rtype),
                // Of a server, where a zone says at which address it is.
                None => ADDRESSES.into_iter().find_map(|rtype| find(subject.owner(), rtype)),
            });
            finding.position = places.next();
        }
        let labels = usize::from(self.domain.name().num_labels());
        let apexes = (1..=labels).rev().map(|labels| self.domain.name().trim_to(labels));
        let standing = || self.standings.iter().find_map(|it| find(&it.owner, it.rtype));
        self.place =
            apexes.into_iter().find_map(|apex| find(&apex, RecordType::SOA)).or_else(standing);
    }

    /// Where a reader of a file is to look because of a finding: where it stands, or, of what stands
    /// nowhere, where the domain does.
    pub fn place_of<'a>(&'a self, finding: &'a Finding) -> Option<&'a Position> {
        finding.position.as_ref().or(self.place.as_ref())
    }
}
