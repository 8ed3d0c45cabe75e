//! The mail domains of one run, judged one after the other.
//!
//! Most mail domains of a hosting provider are alike: their plans differ by their names alone, and so
//! do the answers about them. Of such domains one is planned and judged, and what came of it holds for
//! the others. Whether a domain is one of them is told by all that a judgment could read
//! ([`Likeness`]); every other domain is planned and judged by itself. Where zones are at hand, all that
//! a judgment could hear is told beforehand, and nothing is asked at all.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::rc::Rc;

use hickory_proto::rr::{Name, RData};

use super::providers;
use super::verdict::{Audit, Policy, Verdict};
use super::{inquire, inquire_for_errors, judge, judge_views};
use crate::answer::Portrait;
use crate::hosting::{Columns, Hosting};
use crate::inquiry::{Inquiry, Likeness, Observed, Views};
use crate::name::MailDomain;
use crate::plan::{AlikePlans, RecordPlan, Refusal, plan};

/// The rows of columns of which alike plans are kept, at most, at some 10 KiB each.
const MOST_KINDS: usize = 1024;

/// The judgments that are kept at most, at some KiB each.
const MOST_KNOWN: usize = 4096;

/// Plans and judges the mail domains of a run.
///
/// ```
/// use mailsrv::audit::{Policy, Series, Verdict};
/// use mailsrv::hosting::{Columns, Hosting};
/// use mailsrv::inquiry::Views;
///
/// let (hosting, policy) = (Hosting::documented(), Policy::default());
/// let series = Series::new(&hosting, &policy);
/// for domain in ["example.com", "example.org"] {
///     let candidate = series.candidate(&domain.parse()?, &Columns::default())?;
///     let inquiry = series.inquire(&candidate)?;
///     // Here something answers the questions of the inquiry; that nobody did leaves the verdict open.
///     let views = Views::from(inquiry.into_observed());
///     assert_eq!(series.judge(&candidate, &views)?.verdict, Verdict::Unknown);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Series<'a> {
    hosting: &'a Hosting,
    policy: &'a Policy,
    /// The columns that the profile needs, in its order.
    columns: Vec<String>,
    /// What is alike of the domains of a row of columns, by the values of these.
    kinds: RefCell<HashMap<Vec<String>, Option<Rc<Kind>>>>,
    /// How much is kept of what was judged.
    kept: RefCell<usize>,
    /// How many passed that may be known again.
    known: Cell<usize>,
    /// How many have a number.
    numbered: Cell<usize>,
    inquire: fn(&RecordPlan) -> Inquiry,
}

/// A mail domain that is to be judged.
pub struct Candidate {
    domain: MailDomain,
    columns: Columns,
    /// Those that it is alike, where there are any.
    kind: Option<Rc<Kind>>,
    plan: OnceCell<RecordPlan>,
    /// All that could be heard of it, where that is known.
    portrait: OnceCell<Box<[u8]>>,
    /// What came of one of which the same could be heard.
    foretold: OnceCell<Audit>,
    /// Those of which the same can be heard.
    alike: OnceCell<Alike>,
}

/// The mail domains of which the same can be heard as of one, whatever comes of it.
#[derive(Debug)]
pub struct Alike {
    /// Which ones; unique in a series.
    pub number: usize,
    /// The addresses that nothing but spelling can depend on: its own, or all.
    pub addresses: Box<[IpAddr]>,
    /// Whether these are all that were heard.
    pub are_all: bool,
    /// Where a file has what was found of it, once that is known: the lines, from 1.
    pub lines: OnceCell<Box<[u64]>>,
}

/// Mail domains whose plans differ by their names alone.
struct Kind {
    plans: AlikePlans,
    /// What is asked about the stand-in.
    inquiry: Inquiry,
    /// The names of the plan outside the mail domain.
    outside: HashSet<Name>,
    spells_addresses: bool,
    likeness: RefCell<Likeness>,
    /// What came of those that were judged, by what was observed of them.
    known: RefCell<AllPassed>,
    /// The same by what could be heard of them.
    portrayed: RefCell<AllPassed>,
    /// The one of these that was found last: most are like it.
    last: RefCell<Option<Portrayed>>,
    /// The numbers of those of which the same could be heard.
    numbers: RefCell<Numbers>,
    /// The numbers of those of which the same was.
    heard: RefCell<Numbers>,
    /// Room for what could be heard of one.
    portrait: RefCell<Portrait>,
}

/// What came of domains that pass, by what is written of them.
type AllPassed = HashMap<Box<[u8]>, Rc<Passed>>;

/// One of these.
type Portrayed = (Box<[u8]>, Rc<Passed>);

/// Numbers of those who are alike, by what is written of them.
type Numbers = HashMap<Box<[u8]>, usize>;

/// What came of a domain that passes and has no findings.
#[derive(Debug, Clone)]
pub struct Passed {
    /// Which one it is; unique in a series, and small.
    number: usize,
    /// Names outside all mail domains of the kind.
    not_judged: Vec<Name>,
    /// The octets of the longest mail domain that this is known of: longer names make larger answers.
    longest: usize,
}

impl<'a> Series<'a> {
    /// Begins; the policy is that of the whole run.
    pub fn new(hosting: &'a Hosting, policy: &'a Policy) -> Self {
        let (kinds, kept) = (RefCell::default(), RefCell::default());
        let (known, numbered) = (Cell::default(), Cell::default());
        let columns = hosting.columns();
        Self { hosting, policy, columns, kinds, kept, known, numbered, inquire }
    }

    /// Asks from now on as [`inquire_for_errors`] does.
    #[must_use]
    pub fn for_errors(self) -> Self {
        Self { inquire: inquire_for_errors, kinds: RefCell::default(), ..self }
    }

    /// Takes a mail domain in; columns stand for the placeholders of the profile.
    ///
    /// # Errors
    ///
    /// There is no plan for it, as [`plan()`] says.
    pub fn candidate(&self, domain: &MailDomain, columns: &Columns) -> Result<Candidate, Refusal> {
        let candidate = Candidate {
            domain: domain.clone(),
            columns: columns.clone(),
            kind: self.kind_of(domain, columns),
            plan: OnceCell::new(),
            portrait: OnceCell::new(),
            foretold: OnceCell::new(),
            alike: OnceCell::new(),
        };
        if candidate.kind.is_none() {
            self.plan(&candidate)?;
        }
        Ok(candidate)
    }

    /// The plan of a candidate, made where it is not yet.
    ///
    /// # Errors
    ///
    /// There is none, as [`plan()`] says; [`candidate`](Self::candidate) would have said so.
    pub fn plan<'b>(&self, candidate: &'b Candidate) -> Result<&'b RecordPlan, Refusal> {
        if let Some(plan) = candidate.plan.get() {
            return Ok(plan);
        }
        let plan = plan(&candidate.domain, self.hosting, &candidate.columns)?;
        Ok(candidate.plan.get_or_init(|| plan))
    }

    /// What it is known to come to without asking that a mail domain is like another one that passes;
    /// columns stand for the placeholders of the profile.
    ///
    /// `portray` writes down all that answers about the domain can depend on, with its first label left
    /// out, and says whether it can; which addresses there are, where the first argument says so.
    pub fn passed(
        &self,
        domain: &MailDomain,
        columns: &Columns,
        portray: impl FnOnce(&MailDomain, bool, &mut Portrait) -> bool,
    ) -> Option<Rc<Passed>> {
        let kind = self.kind_of(domain, columns)?;
        let mut portrait = kind.portrait.borrow_mut();
        portrait.clear();
        let is_told = portray(domain, kind.spells_addresses, &mut portrait);
        if is_told { kind.passed(domain, &portrait.octets) } else { None }
    }

    /// Whether it is known what comes of a candidate without asking, states of RRsets apart:
    /// [`Candidate::foretold`] has it then. `portray` is as for [`passed`](Self::passed).
    pub fn foretell(
        &self,
        candidate: &Candidate,
        portray: impl FnOnce(&MailDomain, bool, &mut Portrait) -> bool,
    ) -> bool {
        let Some(kind) = &candidate.kind else { return false };
        let mut portrait = kind.portrait.borrow_mut();
        portrait.clear();
        if !portray(&candidate.domain, kind.spells_addresses, &mut portrait) {
            return false;
        }
        let Some(passed) = kind.passed(&candidate.domain, &portrait.octets) else {
            candidate.portrait.get_or_init(|| portrait.octets.as_slice().into());
            let number = portrait.is_orderly.then(|| self.number(&kind.numbers, &portrait.octets));
            if let Some(number) = number.flatten() {
                let (addresses, lines) = (portrait.addresses.as_slice().into(), OnceCell::new());
                let alike = Alike { number, addresses, are_all: false, lines };
                candidate.alike.get_or_init(|| alike);
            }
            return false;
        };
        candidate.foretold.get_or_init(|| passed.audit(&candidate.domain));
        true
    }

    /// The number of those who are alike by these octets; None where there is no room for more.
    fn number(&self, numbers: &RefCell<Numbers>, octets: &[u8]) -> Option<usize> {
        let mut numbers = numbers.borrow_mut();
        if let Some(number) = numbers.get(octets) {
            return Some(*number);
        }
        let number = self.numbered.replace(self.numbered.get() + 1);
        if number >= MOST_KNOWN {
            return None;
        }
        numbers.insert(octets.into(), number);
        Some(number)
    }

    /// Takes note of whom a candidate is like by what was observed of it.
    fn compare(&self, candidate: &Candidate, kind: &Kind, observed: &Observed) {
        if candidate.alike.get().is_some() {
            return;
        }
        let mut likeness = kind.likeness.borrow_mut();
        let Some((octets, addresses)) = likeness.of_report(observed) else { return };
        let Some(number) = self.number(&kind.heard, octets) else { return };
        let (addresses, lines) = (addresses.into(), OnceCell::new());
        candidate.alike.get_or_init(|| Alike { number, addresses, are_all: true, lines });
    }

    /// What would be observed of another mail domain in the place of a candidate, of which `observed`
    /// is, and with other addresses, and what comes of it; None where that cannot be told.
    pub fn stand_in(
        &self,
        candidate: &Candidate,
        observed: &Observed,
        domain: &MailDomain,
        address: impl Fn(IpAddr) -> Option<IpAddr>,
    ) -> Option<(Audit, Observed)> {
        let kind = candidate.kind.as_ref().filter(|kind| kind.plans.holds_for(domain))?;
        if kind.outside.contains(domain.name()) || providers::is_near(domain) {
            return None;
        }
        let observed = observed.stand_in(domain.clone(), address)?;
        let plan = plan(domain, self.hosting, &candidate.columns).ok()?;
        Some((judge(&plan, &observed, self.policy), observed))
    }

    /// Begins the inquiry about a candidate, as [`inquire`](super::inquire()) does.
    ///
    /// # Errors
    ///
    /// As those of [`plan`](Self::plan).
    pub fn inquire(&self, candidate: &Candidate) -> Result<Inquiry, Refusal> {
        match &candidate.kind {
            Some(kind) => Ok(kind.inquiry.about(candidate.domain.clone())),
            None => self.plan(candidate).map(self.inquire),
        }
    }

    /// Judges what was observed of a candidate, as [`judge_views`] does.
    ///
    /// # Errors
    ///
    /// As those of [`plan`](Self::plan).
    pub fn judge(&self, candidate: &Candidate, views: &Views) -> Result<Audit, Refusal> {
        Ok(judge_views(self.plan(candidate)?, views, self.policy))
    }

    /// The same without the states of RRsets, which not all reports have: where a domain like it was
    /// judged before, nothing is planned and compared.
    ///
    /// # Errors
    ///
    /// As those of [`plan`](Self::plan).
    pub fn conclude(&self, candidate: &Candidate, views: &Views) -> Result<Audit, Refusal> {
        let audit = self.conclude_unless(candidate, views, None)?;
        audit.map_or_else(|| self.judge(candidate, views), Ok)
    }

    /// The same, unless something else `is_laid_out` for those who are [alike](Candidate::alike): then
    /// it is None.
    ///
    /// # Errors
    ///
    /// As those of [`plan`](Self::plan).
    pub fn conclude_unless(
        &self,
        candidate: &Candidate,
        views: &Views,
        is_laid_out: Option<&dyn Fn(&Candidate) -> bool>,
    ) -> Result<Option<Audit>, Refusal> {
        // What is seen of servers is not compared.
        let is_plain = views.sight().is_none() && views.sightings().is_empty();
        let kind = candidate.kind.as_deref().filter(|_| is_plain);
        let Some(kind) = kind else { return self.judge(candidate, views).map(Some) };
        let length = candidate.domain.as_str().len();
        let octets: Box<[u8]> = {
            let mut likeness = kind.likeness.borrow_mut();
            let Some(octets) = likeness.of(views.first()) else {
                return self.judge(candidate, views).map(Some);
            };
            let all = kind.known.borrow();
            if let Some(passed) = all.get(octets).filter(|passed| length <= passed.longest) {
                self.keep_portrayed(candidate, kind, passed);
                return Ok(Some(passed.audit(&candidate.domain)));
            }
            octets.into()
        };
        if let Some(is_laid_out) = is_laid_out {
            self.compare(candidate, kind, views.first());
            if is_laid_out(candidate) {
                return Ok(None);
            }
        }
        let audit = self.judge(candidate, views)?;
        let number = self.known.get();
        if let Some(passed) = kind.learn(&audit, views.first(), (length, number)).map(Rc::new) {
            self.known.set(number + 1);
            self.keep_portrayed(candidate, kind, &passed);
            self.keep(&kind.known, &octets, passed);
        }
        Ok(Some(audit))
    }

    /// Keeps what came of a domain for those of which the same can be heard.
    fn keep_portrayed(&self, candidate: &Candidate, kind: &Kind, passed: &Rc<Passed>) {
        if let Some(portrait) = candidate.portrait.get() {
            self.keep(&kind.portrayed, portrait, Rc::clone(passed));
        }
    }

    /// Keeps what came of a domain, as long as there is room.
    fn keep(&self, all: &RefCell<AllPassed>, octets: &[u8], passed: Rc<Passed>) {
        let (mut count, mut all) = (self.kept.borrow_mut(), all.borrow_mut());
        if let Some(before) = all.get_mut(octets) {
            *before = passed;
        } else if *count < MOST_KNOWN {
            *count += 1;
            all.insert(octets.into(), passed);
        }
    }

    /// What is alike of a mail domain and others, where there may be any.
    fn kind_of(&self, domain: &MailDomain, columns: &Columns) -> Option<Rc<Kind>> {
        let kind = self.kind(columns).filter(|kind| kind.plans.holds_for(domain));
        kind.filter(|_| !providers::is_near(domain))
    }

    /// What is alike of the domains of a row of columns.
    fn kind(&self, columns: &Columns) -> Option<Rc<Kind>> {
        let values = self.columns.iter().map(|column| columns.value(column).map(str::to_owned));
        let values: Vec<String> = values.collect::<Option<_>>()?;
        let mut kinds = self.kinds.borrow_mut();
        if let Some(kind) = kinds.get(&values) {
            return kind.clone();
        }
        if kinds.len() >= MOST_KINDS {
            return None;
        }
        let kind = Kind::of(self.hosting, columns, self.inquire).map(Rc::new);
        kinds.insert(values, kind.clone());
        kind
    }
}

impl Candidate {
    /// The mail domain.
    pub fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// What comes of it, where that is known without asking.
    pub fn foretold(&self) -> Option<&Audit> {
        self.foretold.get()
    }

    /// Those of which the same can be heard, where such are counted.
    pub fn alike(&self) -> Option<&Alike> {
        self.alike.get()
    }

    /// The plan, where it was needed.
    pub fn planned(&self) -> Option<&RecordPlan> {
        self.plan.get()
    }
}

impl Kind {
    fn of(
        hosting: &Hosting,
        columns: &Columns,
        inquire: fn(&RecordPlan) -> Inquiry,
    ) -> Option<Self> {
        let plans = AlikePlans::of(hosting, columns)?;
        let plan = &plans.plans()[0];
        let inquiry = inquire(plan);
        let is_address = |data: &RData| matches!(data, RData::A(_) | RData::AAAA(_));
        let has_addresses = plan.published().flat_map(|(_, set)| set.rdatas()).any(is_address);
        let outside = plans.outside().cloned().collect();
        Some(Self {
            inquiry,
            outside,
            spells_addresses: has_addresses,
            likeness: RefCell::new(Likeness::new(has_addresses)),
            known: RefCell::default(),
            portrayed: RefCell::default(),
            last: RefCell::default(),
            portrait: RefCell::default(),
            numbers: RefCell::default(),
            heard: RefCell::default(),
            plans,
        })
    }

    /// What came of a domain of which this can be heard and which passes.
    fn passed(&self, domain: &MailDomain, portrait: &[u8]) -> Option<Rc<Passed>> {
        let holds = |passed: &&Rc<Passed>| domain.as_str().len() <= passed.longest;
        let mut last = self.last.borrow_mut();
        if let Some((octets, passed)) = &*last
            && octets[..] == *portrait
            && holds(&passed)
        {
            return Some(Rc::clone(passed));
        }
        let passed = self.portrayed.borrow().get(portrait).filter(holds).cloned()?;
        *last = Some((portrait.into(), Rc::clone(&passed)));
        Some(passed)
    }

    /// What an audit says of every domain of which the same is observed, that of the longest so many
    /// octets long, under a number; None where it may not.
    fn learn(
        &self,
        audit: &Audit,
        observed: &Observed,
        (longest, number): (usize, usize),
    ) -> Option<Passed> {
        let is_everywhere = |name: &Name| self.outside.contains(name);
        let is_alike = audit.verdict == Verdict::Pass
            && audit.findings.is_empty()
            && audit.unanswered.is_empty()
            && audit.not_judged.iter().all(is_everywhere)
            // What else a name outside may be to a mail domain, its plan does not say.
            && observed.outside().all(|name| is_everywhere(&name));
        let not_judged = audit.not_judged.clone();
        is_alike.then_some(Passed { number, not_judged, longest })
    }
}

impl Passed {
    /// Which one it is: unique in a series, counted from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// What is said of a mail domain that it was told of.
    pub fn audit(&self, domain: &MailDomain) -> Audit {
        Audit {
            domain: domain.clone(),
            verdict: Verdict::Pass,
            standings: Vec::new(),
            findings: Vec::new(),
            unanswered: Vec::new(),
            not_judged: self.not_judged.clone(),
            unvisited: Vec::new(),
            place: None,
            since: None,
            witnesses: Vec::new(),
        }
    }
}
