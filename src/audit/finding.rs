//! Findings, their severities, and the verdict that follows from them.

use std::collections::BTreeMap;
use std::fmt;

use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Failure, Question};
use crate::code::{Code, Severity};
use crate::name::MailDomain;
use crate::rrset::{ResourceRecord, RrSet};

/// The severities that a user sets, by code; `None` drops the finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeverityPolicy(BTreeMap<Code, Option<Severity>>);

impl SeverityPolicy {
    /// Sets the severity of a code, or drops its findings. A later call wins.
    pub fn set(&mut self, code: Code, severity: Option<Severity>) {
        self.0.insert(code, severity);
    }

    fn apply(&self, finding: &mut Finding) -> bool {
        match self.0.get(&finding.code) {
            None => true,
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
        }
    }
}

/// One thing that is wrong with a domain, or worth knowing of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What kind of thing; scripts match on it.
    pub code: Code,
    /// How much it matters, after the user's policy.
    pub severity: Severity,
    /// The owner name it is about.
    pub owner: Name,
    /// The record type it is about.
    pub rtype: RecordType,
    /// The data that the plan wants there.
    pub expected: Vec<RData>,
    /// The data that DNS holds there.
    pub observed: Vec<RData>,
    /// What is the matter, in one sentence.
    pub message: String,
    /// What to publish and delete, in the order to do it.
    pub fix: Vec<Fix>,
}

impl Finding {
    /// Where the rule comes from.
    pub fn reference(&self) -> &'static str {
        self.code.reference()
    }
}

/// One step of a remedy.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What to do.
    pub action: Action,
    /// With which record.
    pub record: ResourceRecord,
}

/// What to do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Publish it.
    Publish,
    /// Delete it.
    Delete,
}

impl Action {
    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Delete => "delete",
        }
    }
}

/// What an audit concludes of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No finding above info.
    Pass,
    /// A warning.
    Warn,
    /// An error or a critical finding.
    Fail,
    /// DNS gave no answer for now to something that was asked.
    Unknown,
    /// The domain cannot be judged at all.
    Broken,
}

impl Verdict {
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

    /// Unknown beats the rest: what was not answered may hide anything.
    pub(super) fn of(findings: &[Finding], unanswered: bool) -> Self {
        let worst = findings.iter().map(|finding| finding.severity).max();
        match worst {
            _ if unanswered => Self::Unknown,
            Some(Severity::Error | Severity::Critical) => Self::Fail,
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
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The mail domain.
    pub domain: MailDomain,
    /// The conclusion.
    pub verdict: Verdict,
    /// The findings, the most severe first.
    pub findings: Vec<Finding>,
    /// The questions that nobody answered, and why.
    pub unanswered: Vec<(Question, Failure)>,
}

/// Collects findings from the rules.
pub(super) struct Findings {
    /// The TTL of the records that a fix publishes, in seconds.
    ttl: u32,
    list: Vec<Finding>,
}

impl Findings {
    pub(super) fn new(ttl: u32) -> Self {
        Self { ttl, list: Vec::new() }
    }

    /// Adds a finding with the severity of its code, to be filled in by the returned reference.
    pub(super) fn add(
        &mut self,
        code: Code,
        owner: &Name,
        rtype: RecordType,
        message: String,
    ) -> &mut Finding {
        self.list.push(Finding {
            code,
            severity: code.severity(),
            owner: owner.clone(),
            rtype,
            expected: Vec::new(),
            observed: Vec::new(),
            message,
            fix: Vec::new(),
        });
        self.list.last_mut().expect("one was pushed just now")
    }

    pub(super) fn ttl(&self) -> u32 {
        self.ttl
    }

    pub(super) fn settle(self, policy: &SeverityPolicy) -> Vec<Finding> {
        let mut list = self.list;
        list.retain_mut(|finding| policy.apply(finding));
        // Stable: among equals the order of the rules stays.
        list.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        list
    }
}

impl Finding {
    /// Sets another severity than that of the code.
    pub(super) fn at(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    pub(super) fn expect_set(&mut self, set: Option<&RrSet>) -> &mut Self {
        self.expected = set.map(|set| set.rdatas().to_vec()).unwrap_or_default();
        self
    }

    pub(super) fn observe(&mut self, rdatas: Vec<RData>) -> &mut Self {
        self.observed = rdatas;
        self
    }

    /// Adds the deletion of data at an owner name; the TTL does not matter to it.
    pub(super) fn delete(&mut self, owner: &Name, ttl: u32, data: RData) -> &mut Self {
        let record = ResourceRecord { owner: owner.clone(), ttl, data };
        self.fix.push(Fix { action: Action::Delete, record });
        self
    }

    pub(super) fn publish(&mut self, record: ResourceRecord) -> &mut Self {
        self.fix.push(Fix { action: Action::Publish, record });
        self
    }

    /// Adds what turns the observed RRset into the planned one: nothing that is right is touched.
    pub(super) fn replace(&mut self, observed: &[RData], planned: &RrSet) -> &mut Self {
        for data in observed.iter().filter(|data| !planned.rdatas().contains(data)) {
            self.delete(planned.owner(), planned.ttl(), data.clone());
        }
        for record in planned.records().filter(|record| !observed.contains(&record.data)) {
            self.publish(record);
        }
        self
    }
}
