//! Findings: what is wrong with which RRsets, and what mends it.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Failure, Vantage};
use crate::code::{Code, Severity};
use crate::name::plain_text;
use crate::page::Scheme;
use crate::rrset::{ResourceRecord, RrSet};
use crate::words::enumerate;
use crate::zonefile::{self, Position};

/// What a finding is about.
///
/// More kinds may come; [`Subject::owner`] and [`Subject::kind`] are there for all of them, and tell
/// them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The records of one type at an owner name.
    RrSet {
        /// The owner name.
        owner: Name,
        /// The record type.
        rtype: RecordType,
    },
    /// A TCP port of a host, where a mail server answers or ought to.
    Endpoint {
        /// The host.
        host: Name,
        /// The port.
        port: u16,
    },
    /// A page that clients fetch from a host.
    Page {
        /// The host.
        host: Name,
        /// The scheme.
        scheme: Scheme,
        /// The port, where it is none that goes without saying.
        port: Option<u16>,
        /// The path, and what stands behind it.
        path: String,
    },
}

/// What stands behind the port in [`Subject::kind`].
const TCP: &str = "/tcp";

impl Subject {
    /// Names an RRset.
    pub fn rrset(owner: &Name, rtype: RecordType) -> Self {
        Self::RrSet { owner: owner.clone(), rtype }
    }

    /// Reads what [`kind`](Self::kind) says of a name; None where that is no kind.
    pub fn read(owner: &Name, kind: &str) -> Option<Self> {
        let of = |scheme: Scheme| {
            let (port, path) =
                kind.strip_prefix(scheme.text())?.strip_prefix(':')?.split_once('/')?;
            let port = match port.strip_suffix(':') {
                Some(port) => Some(port.parse().ok()?),
                None if port.is_empty() => None,
                None => return None,
            };
            Some(Self::Page { host: owner.clone(), scheme, port, path: format!("/{path}") })
        };
        if let Some(page) = [Scheme::Https, Scheme::Http].into_iter().find_map(of) {
            return Some(page);
        }
        match kind.strip_suffix(TCP) {
            Some(port) => Some(Self::Endpoint { host: owner.clone(), port: port.parse().ok()? }),
            None => zonefile::parse_type(kind).map(|rtype| Self::rrset(owner, rtype)),
        }
    }

    /// The owner name of records, or the name of a host.
    pub fn owner(&self) -> &Name {
        match self {
            Self::RrSet { owner, .. } => owner,
            Self::Endpoint { host, .. } | Self::Page { host, .. } => host,
        }
    }

    /// The record type of records.
    pub fn rtype(&self) -> Option<RecordType> {
        match self {
            Self::RrSet { rtype, .. } => Some(*rtype),
            Self::Endpoint { .. } | Self::Page { .. } => None,
        }
    }

    /// What it is of the name: the record type, the port as in `993/tcp`, or the page as in
    /// `https:/mail/config-v1.1.xml`, at another port `https:8443:/mail/config-v1.1.xml`.
    pub fn kind(&self) -> String {
        match self {
            Self::RrSet { rtype, .. } => zonefile::type_name(*rtype),
            Self::Endpoint { port, .. } => format!("{port}{TCP}"),
            Self::Page { scheme, port: None, path, .. } => format!("{}:{path}", scheme.text()),
            Self::Page { scheme, port: Some(port), path, .. } => {
                format!("{}:{port}:{path}", scheme.text())
            }
        }
    }

    /// Where it is, for people: the name, of a server the port behind a colon, and of a page its URL.
    pub fn place(&self) -> String {
        match self {
            Self::RrSet { owner, .. } => plain_text(owner),
            Self::Endpoint { host, port } => format!("{}:{port}", plain_text(host)),
            Self::Page { host, scheme, port, path } => {
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}://{}{port}{path}", scheme.text(), plain_text(host))
            }
        }
    }
}

/// One thing that is wrong with a domain, or worth knowing of it.
///
/// The message is for people and may be worded anew with any release; `code`, `subjects`,
/// `expected`, `observed` and `fix` are for programs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing; scripts match on it.
    pub code: Code,
    /// How much it matters, after the user's policy.
    pub severity: Severity,
    /// What it is about, never empty: several RRsets where one cause shows in all of them.
    pub subjects: Vec<Subject>,
    /// The data that the plan wants there.
    pub expected: Vec<RData>,
    /// The data that DNS holds there.
    pub observed: Vec<RData>,
    /// What is the matter, in one sentence.
    pub message: String,
    /// What to publish and delete, in the order to do it.
    pub fix: Vec<Fix>,
    /// Where the first of the subjects stands that is found in a file.
    pub position: Option<Position>,
    /// The servers or resolvers that it holds at; empty where that is wherever anybody was asked.
    pub seen_by: Vec<Vantage>,
    /// What each of those said who disagree, where that is the matter.
    pub told: Vec<Told>,
    /// What its remedy does to mail clients, where that was foretold.
    pub affects: Option<Affects>,
}

/// What a remedy does to mail clients, by the words that select them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affects {
    /// Those that conclude something else then, or that work then and did not, or the other way round.
    pub clients: Vec<String>,
    /// Those to which it does nothing by itself, and beside the remedies of the other findings it does.
    pub together: Vec<String>,
    /// Those of which nobody knows what they do, with the remedy or without.
    pub unknown: Vec<String>,
}

/// What some servers or resolvers say alike of one RRset.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The RRset.
    pub subject: Subject,
    /// Who says so.
    pub by: Vec<Vantage>,
    /// The data; empty where they say that there is none. An alias stands as such.
    pub data: Vec<RData>,
    /// Why they said nothing.
    pub failure: Option<Failure>,
}

impl Finding {
    /// Where the rule comes from.
    ///
    /// RFCs with their sections, or drafts, joined by commas: `RFC 6186 section 3.4`.
    pub fn reference(&self) -> &'static str {
        self.code.reference()
    }

    /// Whether it is about an RRset.
    pub fn is_about(&self, owner: &Name, rtype: RecordType) -> bool {
        let is_it = |it: &Subject| it.owner() == owner && it.rtype() == Some(rtype);
        self.subjects.iter().any(is_it)
    }
}

/// One step of a remedy.
///
/// Steps that delete come before those that publish in their place, so that they may be applied in
/// order.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What to do.
    pub action: Action,
    /// With which record. Its TTL is that of the plan, and says nothing where it is deleted.
    pub record: ResourceRecord,
}

impl Fix {
    /// The record as a line of a zone file; without a TTL where it is deleted.
    ///
    /// A deletion in presentation form has no TTL because none is compared (RFC 2136 §2.5.4).
    pub fn text(&self) -> String {
        match self.action {
            Action::Publish => zonefile::record(&self.record),
            Action::Delete => zonefile::record_without_ttl(&self.record),
        }
    }
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

/// What is said of one name or of several: `is` or `are`, and the rest of the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phrase {
    /// Said of the names in front.
    ///
    /// Equal phrases about several names become one finding; the verb then takes its plural.
    Of(Verb, String),
    /// Said of what stands in front of a colon, and otherwise alike.
    At(String),
    /// A sentence of its own, which is said once.
    Whole(String),
}

/// The verb of a [`Phrase`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Is,
    Has,
    Leads,
    Lacks,
}

impl Verb {
    /// The form for one name or for several.
    const fn text(self, many: bool) -> &'static str {
        match (self, many) {
            (Self::Is, false) => "is",
            (Self::Is, true) => "are",
            (Self::Has, false) => "has",
            (Self::Has, true) => "have",
            (Self::Leads, false) => "leads",
            (Self::Leads, true) => "lead",
            (Self::Lacks, false) => "lacks",
            (Self::Lacks, true) => "lack",
        }
    }
}

/// A finding under way: findings of one cause are one.
///
/// Rules fill it in through the reference that [`Findings::add`] returns, and never ask whether it
/// is new.
pub(super) struct Draft {
    finding: Finding,
    /// The names that the phrase is said of, as messages show them.
    who: Vec<String>,
    phrase: Phrase,
    ttl: u32,
}

/// Collects findings from the rules.
///
/// The order in which rules run is the order in which causes are known: a later rule asks
/// [`Findings::has`] before it reports a symptom of what an earlier one explained.
pub(super) struct Findings {
    /// The TTL of the records that a fix publishes, in seconds.
    ttl: u32,
    /// In the order of the rules, which reports keep among findings of one severity.
    list: Vec<Draft>,
}

impl Findings {
    /// Begins without findings; the TTL in seconds is for the records that fixes publish.
    pub(super) fn new(ttl: u32) -> Self {
        Self { ttl, list: Vec::new() }
    }

    /// Adds a finding with the severity of its code, to be filled in by the returned reference.
    ///
    /// `who` is the name as the message shows it, and empty where the phrase is a whole sentence.
    pub(super) fn add(
        &mut self,
        code: Code,
        subject: Subject,
        who: &str,
        phrase: Phrase,
    ) -> &mut Draft {
        self.add_at(code, code.severity(), subject, who, phrase)
    }

    /// Adds a finding; where the same is said of other names already, it becomes one with that.
    ///
    /// Rules call it where the severity depends on the case; whatever they say, the policy has the
    /// last word.
    pub(super) fn add_at(
        &mut self,
        code: Code,
        severity: Severity,
        subject: Subject,
        who: &str,
        phrase: Phrase,
    ) -> &mut Draft {
        let same = |draft: &Draft| {
            draft.finding.code == code
                && draft.finding.severity == severity
                && draft.phrase == phrase
                && !matches!(phrase, Phrase::Whole(_))
        };
        let index = self.list.iter().position(same).unwrap_or_else(|| {
            let finding = Finding {
                code,
                severity,
                subjects: Vec::new(),
                expected: Vec::new(),
                observed: Vec::new(),
                message: String::new(),
                fix: Vec::new(),
                position: None,
                seen_by: Vec::new(),
                told: Vec::new(),
                affects: None,
            };
            self.list.push(Draft { finding, who: Vec::new(), phrase, ttl: self.ttl });
            self.list.len() - 1
        });
        let draft = &mut self.list[index];
        if !draft.who.iter().any(|known| known == who) {
            draft.who.push(who.to_owned());
        }
        draft.about(subject)
    }

    /// Whether something was found out about an RRset.
    pub(super) fn has(&self, owner: &Name, rtype: RecordType) -> bool {
        self.list.iter().any(|draft| draft.finding.is_about(owner, rtype))
    }

    /// Applies to the data of one type at an owner name what the findings so far do there.
    /// The remedies of all rules act on one zone: what one deletes, another must not count on.
    pub(super) fn mend(&self, owner: &Name, rtype: RecordType, rdatas: &mut Vec<RData>) {
        for fix in self.list.iter().flat_map(|draft| &draft.finding.fix) {
            if fix.record.owner != *owner || fix.record.data.record_type() != rtype {
                continue;
            }
            let data = &fix.record.data;
            match fix.action {
                Action::Delete => rdatas.retain(|known| known != data),
                Action::Publish if rdatas.contains(data) => {}
                Action::Publish => rdatas.push(data.clone()),
            }
        }
    }

    /// Where a fix publishes into an RRset with another TTL, publishes what stays there anew: one RRset
    /// has one TTL (RFC 2181 §5.2).
    pub(super) fn even_ttl(&mut self, owner: &Name, rtype: RecordType, observed: &[RData]) {
        let mut after = observed.to_vec();
        self.mend(owner, rtype, &mut after);
        let publishes = |fix: &Fix| {
            let ResourceRecord { owner: at, data, .. } = &fix.record;
            fix.action == Action::Publish && at == owner && data.record_type() == rtype
        };
        let fixes: Vec<&Fix> = self.list.iter().flat_map(|draft| &draft.finding.fix).collect();
        after.retain(|data| !fixes.iter().any(|fix| publishes(fix) && fix.record.data == *data));
        let draft = self.list.iter_mut().find(|draft| draft.finding.fix.iter().any(publishes));
        let Some(draft) = draft else { return };
        for data in after {
            draft.publish(owner, data);
        }
    }

    /// The findings, in the order of the rules.
    pub(super) fn settle(self) -> Vec<Finding> {
        self.list.into_iter().map(Draft::settle).collect()
    }
}

impl Draft {
    /// Makes the sentence of the phrase and the names, and leaves out steps that were added twice.
    fn settle(mut self) -> Finding {
        self.finding.message = match self.phrase {
            Phrase::Whole(sentence) => sentence,
            Phrase::At(rest) => format!("{}: {rest}", enumerate(&self.who)),
            Phrase::Of(verb, rest) => {
                let verb = verb.text(self.who.len() > 1);
                format!("{} {verb} {rest}", enumerate(&self.who))
            }
        };
        let mut steps: Vec<Fix> = Vec::new();
        for step in std::mem::take(&mut self.finding.fix) {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        self.finding.fix = steps;
        self.finding
    }

    /// Adds a subject.
    pub(super) fn about(&mut self, subject: Subject) -> &mut Self {
        if !self.finding.subjects.contains(&subject) {
            self.finding.subjects.push(subject);
        }
        self
    }

    /// Adds the data that the plan wants.
    pub(super) fn expect_data(&mut self, rdatas: &[RData]) -> &mut Self {
        self.finding.expected.extend_from_slice(rdatas);
        self
    }

    /// Adds the data of a set that the plan wants.
    pub(super) fn expect_set(&mut self, set: Option<&RrSet>) -> &mut Self {
        self.expect_data(set.map_or(&[], RrSet::rdatas))
    }

    /// Adds the data that DNS holds.
    pub(super) fn observe(&mut self, rdatas: impl IntoIterator<Item = RData>) -> &mut Self {
        self.finding.observed.extend(rdatas);
        self
    }

    /// Adds what some say of an RRset.
    pub(super) fn tell(&mut self, told: impl IntoIterator<Item = Told>) -> &mut Self {
        self.finding.told.extend(told);
        self
    }

    /// Adds the deletion of data at an owner name.
    pub(super) fn delete(&mut self, owner: &Name, data: RData) -> &mut Self {
        let record = ResourceRecord { owner: owner.clone(), ttl: self.ttl, data };
        self.finding.fix.push(Fix { action: Action::Delete, record });
        self
    }

    /// Adds the deletion of an alias.
    pub(super) fn delete_alias(&mut self, owner: &Name, next: &Name) -> &mut Self {
        self.delete(owner, RData::CNAME(CNAME(next.clone())))
    }

    /// Adds the publication of data at an owner name.
    pub(super) fn publish(&mut self, owner: &Name, data: RData) -> &mut Self {
        let record = ResourceRecord { owner: owner.clone(), ttl: self.ttl, data };
        self.finding.fix.push(Fix { action: Action::Publish, record });
        self
    }

    /// Adds the deletion of what stands at an owner name: the alias at the head of its chain, or, where
    /// there is none, these data.
    pub(super) fn clear(
        &mut self,
        owner: &Name,
        chain: &[Name],
        data: impl IntoIterator<Item = RData>,
    ) -> &mut Self {
        match chain.first() {
            Some(next) => {
                self.delete_alias(owner, next);
            }
            None => {
                for data in data {
                    self.delete(owner, data);
                }
            }
        }
        self
    }

    /// Adds what puts the planned RRset in the place of what stands there: an alias goes whole, and of
    /// data what is not planned.
    pub(super) fn turn(
        &mut self,
        chain: &[Name],
        observed: &[RData],
        planned: &RrSet,
    ) -> &mut Self {
        match chain.first() {
            Some(next) => self.delete_alias(planned.owner(), next).replace(&[], planned),
            None => self.replace(observed, planned),
        }
    }

    /// Adds what turns the observed RRset into the planned one: nothing that is right is touched.
    pub(super) fn replace(&mut self, observed: &[RData], planned: &RrSet) -> &mut Self {
        for data in observed.iter().filter(|data| !planned.rdatas().contains(data)) {
            self.delete(planned.owner(), data.clone());
        }
        for data in planned.rdatas().iter().filter(|data| !observed.contains(data)) {
            self.publish(planned.owner(), data.clone());
        }
        self
    }
}
