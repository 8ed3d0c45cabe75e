//! The questions that an audit of one mail domain asks, and what the answers raise.
//!
//! An [`Inquiry`] does no I/O. It is told what is sought; whoever drives it polls for tickets, looks
//! up the question of each in whatever way it likes, and hands the answers back in any order:
//!
//! ```
//! use mailsrv::answer::{Answer, Outcome};
//! use mailsrv::inquiry::{Inquiry, Wanted};
//! use hickory_proto::rr::RecordType;
//!
//! let domain: mailsrv::name::MailDomain = "example.com".parse()?;
//! let mut inquiry = Inquiry::new(domain.clone());
//! inquiry.seek(domain.name(), RecordType::MX, Wanted::Anything);
//! while let Some(ticket) = inquiry.poll() {
//!     let question = inquiry.question(ticket);
//!     println!("{} {}", mailsrv::name::text(&question.name), question.rtype);
//!     inquiry.answer(ticket, Answer::plain(Outcome::NoData));
//! }
//! assert!(inquiry.is_finished());
//! let observed = inquiry.into_observed();
//! assert!(observed.heard(domain.name(), RecordType::MX).is_absent());
//! # Ok::<(), mailsrv::name::NameError>(())
//! ```
//!
//! The state is a few flat vectors without shared ownership: names are kept without the mail domain
//! at their ends, and a question is rebuilt from its slot. `benches/inquiry.rs` measures the octets.
//!
//! [`Inquiry::new`] takes a mail domain, whatever it is to be asked about: owner names may lie
//! anywhere, and those below the mail domain are kept without it. What must stand is sought with
//! [`Inquiry::seek`], what a lookup happens to know of is shown with [`Inquiry::look_at`];
//! [`audit::inquire`](crate::audit::inquire) does all of it for a plan.
//!
//! In here, `raise` says what an answer makes worth asking, and `shown`, `beside` and `cut` what it
//! makes not worth asking; `names` and `observed` keep what was found out, `heard` reads it, and `views` puts beside each other
//! what several vantages see; `referred` is what servers of zones below said. `likeness` is what is
//! alike of several mail domains, and `stand_in` what would be observed of another one that is alike.

mod beside;
mod cut;
mod heard;
mod likeness;
mod names;
mod observed;
mod raise;
mod referred;
mod remembered;
mod shown;
mod stand_in;
mod views;

pub use self::heard::{Heard, Host, Said, SrvView};
pub use self::likeness::Likeness;
pub use self::observed::{Family, Observed};
pub use self::raise::MAX_TARGETS;
pub use self::views::Views;

use hickory_proto::rr::{DNSClass, Name, RData, RecordType};

use self::cut::Cuts;
use self::names::NameId;
use self::observed::{
    AS_WANTED, ASKED, AUTHORITATIVE, BELOW_NOTHING, HELD, NONE, PARTIAL, Role, Slot, State,
    UNEVEN_TTLS,
};
use crate::answer::{Answer, Dnssec, Failure, Hidden, Outcome, Question, Vantage, is_bogus};
use crate::name::MailDomain;
use crate::rrset::is_denial;

/// The most questions about one mail domain; only endless alias chains and crowded zones get there.
pub const MAX_QUESTIONS: usize = 200;

/// The most records of one answer that are looked at.
pub const MAX_RECORDS: usize = 64;

/// A label that nobody publishes: what DNS says there, a wildcard says (RFC 4592).
const PROBE_LABEL: &str = "mailsrv-wildcard-probe";

/// What the first labels of owner names begin with that clients of mail ask for, or people believe
/// they do.
const SERVICE_WORDS: [&str; 10] = [
    "imap",
    "pop",
    "smtp",
    "submission",
    "autodiscover",
    "caldav",
    "carddav",
    "jmap",
    "sieve",
    "pacc",
];

/// What is sought at an owner name, and with that what its answer makes worth asking.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Wanted<'a> {
    /// Exactly these records.
    Records(&'a [RData]),
    /// An alias that leads to this host: its IPv4 addresses are asked for.
    Alias(&'a Name),
    /// No record, or the denial of a service.
    Nothing,
    /// Whatever there is, as evidence.
    Anything,
    /// Whatever there is, for something beside the judgment: it raises nothing, and that nobody
    /// answers leaves nothing open.
    Aside,
    /// The TLSA records of a server that is visited. They lie outside the zones at hand where the server
    /// does, which the addresses of the server tell.
    Association,
}

/// One question of an [`Inquiry`]: valid for that inquiry alone.
///
/// It is a place in the order of questions; with a ticket of another inquiry, [`Inquiry::question`]
/// is about something else, or panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(u16);

impl Ticket {
    /// Its place in the order of questions.
    pub fn number(self) -> u16 {
        self.0
    }
}

/// The questions about one mail domain, asked and answered step by step.
///
/// It is cheap to hold: about a thousand octets, so that many thousand may be open at a time. A copy
/// of one that has not begun asks another one the same.
#[derive(Debug, Clone)]
pub struct Inquiry {
    observed: Observed,
    /// Slots before this one have been handed out, or are held back.
    next: u16,
    /// Slots without an answer.
    open: u16,
    /// Whether records under wrong names are looked for.
    near_misses: bool,
    /// Whether what another answer shows is not asked for.
    spares: bool,
    /// Whether names below `_tcp` are not asked for where that does not exist.
    cuts: Cuts,
    /// Whether the TLSA records of servers are asked for that SRV records name.
    associations: bool,
}

impl Inquiry {
    /// Begins an inquiry about a mail domain, with nothing sought yet.
    ///
    /// The domain is that of the addresses (`example.com`), not a host (`mail.example.com`): it is
    /// what missing records are looked for around, and the apex of loose records in zone files.
    pub fn new(domain: MailDomain) -> Self {
        let observed = Observed::new(domain);
        let cuts = Cuts::Never;
        let (near_misses, spares, associations) = (true, true, false);
        Self { observed, next: 0, open: 0, near_misses, spares, cuts, associations }
    }

    /// Looks for no records under wrong names where some of the right ones are missing; where all are,
    /// they may be all that there is.
    #[must_use]
    pub fn without_near_misses(self) -> Self {
        Self { near_misses: false, ..self }
    }

    /// Asks for the TLSA records of the servers that the SRV records of mail services name, too: they are
    /// visited, and what they send is held against these.
    pub fn seek_associations(&mut self) {
        self.associations = true;
    }

    /// Asks for each RRset itself, also where another answer shows it already.
    #[must_use]
    pub fn without_sparing(self) -> Self {
        Self { spares: false, ..self }
    }

    /// Seeks records of a type at an owner name; one question is asked once.
    ///
    /// Everything is sought before the first question is handed out.
    ///
    /// A question that was sought before keeps what was wanted first. At most [`MAX_QUESTIONS`] are
    /// asked; what is beyond is unanswered ([`Failure::NotAsked`]).
    pub fn seek(&mut self, owner: &Name, rtype: RecordType, wanted: Wanted<'_>) {
        let role = match wanted {
            Wanted::Records(data) => {
                let wanted = self.observed.fingerprint(data);
                if data.iter().all(is_denial) {
                    Role::Denied(wanted)
                } else {
                    Role::Records(wanted)
                }
            }
            Wanted::Alias(host) => Role::Alias(self.observed.names.intern(host)),
            Wanted::Nothing => Role::Denied(self.observed.fingerprint(&[])),
            Wanted::Anything => Role::Evidence,
            Wanted::Aside => Role::Aside,
            Wanted::Association => Role::Association,
        };
        let owner = self.observed.names.intern(owner);
        self.raise(owner, rtype, role);
        // There are no more than `MAX_QUESTIONS`.
        self.observed.sought = u8::try_from(self.observed.slots.len()).unwrap_or(u8::MAX);
    }

    /// The mail domain that the inquiry is about.
    pub fn domain(&self) -> &MailDomain {
        self.observed.domain()
    }

    /// Looks at an owner name of SRV records that a lookup knows of unasked, where it could be a wrong
    /// spelling of one that clients ask for.
    ///
    /// Zone files and recordings know such names; a resolver knows none.
    pub fn look_at(&mut self, owner: &Name) {
        let is_known = |label: &[u8]| {
            SERVICE_WORDS.iter().any(|word| {
                label.len() >= word.len()
                    && label[..word.len()].eq_ignore_ascii_case(word.as_bytes())
            })
        };
        let first = owner.iter().next().map(|label| label.strip_prefix(b"_").unwrap_or(label));
        if first.is_some_and(is_known) {
            let owner = self.observed.names.intern(owner);
            self.raise(owner, RecordType::SRV, Role::Evidence);
        }
    }

    /// Takes note of records that a zone cut hides, which no question would find.
    pub fn note_hidden(&mut self, hidden: Hidden) {
        self.observed.hidden.push(hidden);
    }

    /// Hands out the next question that has not been handed out.
    ///
    /// None means: nothing to ask now. Answers still to come may raise more.
    pub fn poll(&mut self) -> Option<Ticket> {
        self.begin_cutting();
        loop {
            let ticket = Ticket(self.next);
            let slot = self.observed.slots.get_mut(usize::from(self.next))?;
            self.next += 1;
            if slot.state == State::Open && !slot.has(HELD | ASKED) {
                slot.flags |= ASKED;
                return Some(ticket);
            }
        }
    }

    /// Builds the question of a ticket; it may be built again for a retry.
    ///
    /// # Panics
    ///
    /// The ticket is of another inquiry, which asked more.
    pub fn question(&self, ticket: Ticket) -> Question {
        self.observed.question(&self.observed.slots[usize::from(ticket.0)])
    }

    /// The ticket with a number, where it was handed out.
    pub fn ticket(&self, number: u16) -> Option<Ticket> {
        let slot = self.observed.slots.get(usize::from(number))?;
        slot.has(ASKED).then_some(Ticket(number))
    }

    /// Writes the question of a ticket as it stands in a message: name, type and class (RFC 1035
    /// §4.1.2). Says whether the name is the mail domain or below it.
    ///
    /// # Panics
    ///
    /// The ticket is of another inquiry, which asked more.
    pub fn write_question(&self, ticket: Ticket, octets: &mut Vec<u8>) -> bool {
        let slot = &self.observed.slots[usize::from(ticket.0)];
        octets.clear();
        let is_own = self.observed.names.write(slot.owner, octets);
        octets.extend_from_slice(&u16::from(slot.rtype()).to_be_bytes());
        octets.extend_from_slice(&u16::from(DNSClass::IN).to_be_bytes());
        is_own
    }

    /// Takes the answer to a ticket's question. A second answer to one ticket is ignored.
    ///
    /// Aliases of the answer count as heard too. What it raises, [`Self::poll`] hands out.
    ///
    /// # Panics
    ///
    /// The ticket is of another inquiry, which asked more.
    pub fn answer(&mut self, ticket: Ticket, mut answer: Answer) {
        let index = usize::from(ticket.0);
        if self.observed.slots[index].state != State::Open {
            return;
        }
        self.open -= 1;
        let beside = std::mem::take(&mut answer.beside);
        self.store(index, answer);
        self.raise_from(index);
        self.note_beside(index, &beside);
        self.let_go();
        // When all is answered that was asked for, what is missing is known.
        if self.open == 0 && (self.near_misses || self.is_nothing_there()) {
            self.raise_near_misses();
            self.let_go();
        }
    }

    /// Takes the answer of a server of a zone below, to which who was asked pointed; of nobody where
    /// that zone has no server to ask.
    ///
    /// # Panics
    ///
    /// The ticket is of another inquiry, which asked more.
    pub fn answer_from_below(&mut self, ticket: Ticket, answer: Answer, by: Option<Vantage>) {
        let slot = &self.observed.slots[usize::from(ticket.0)];
        if slot.state == State::Open {
            let (owner, rtype) = (slot.owner, slot.rtype());
            self.observed.referred.get_or_insert_default().note(owner, rtype, by);
        }
        self.answer(ticket, answer);
    }

    /// Whether every question raised has its answer.
    pub fn is_finished(&self) -> bool {
        self.open == 0
    }

    /// Ends the inquiry; what was asked and never answered counts as failed.
    ///
    /// What was found out does not depend on the order in which the answers came.
    pub fn into_observed(mut self) -> Observed {
        for slot in &mut self.observed.slots {
            if slot.state == State::Open {
                slot.state = State::Failed(Failure::NotAsked);
                slot.records = 0;
            }
        }
        self.observed.sort_raised();
        self.observed
    }

    /// The octets this inquiry holds, on the stack and on the heap.
    pub fn size_in_memory(&self) -> usize {
        size_of::<Self>() + self.observed.heap_size()
    }

    /// Answers what was held back from what is known by now, and lets go what must be asked.
    fn let_go(&mut self) {
        // What is known may tell more.
        while self.let_go_once() {}
    }

    /// Whether anything was answered.
    fn let_go_once(&mut self) -> bool {
        let open = self.open;
        // It is the same for all.
        let mut cut = None;
        for at in 0..self.observed.slots.len() {
            let slot = self.observed.slots[at];
            if !slot.has(HELD) {
                continue;
            }
            let known = match slot.rtype() {
                RecordType::SRV => cut.get_or_insert_with(|| self.observed.is_cut_off()).clone(),
                _ => match self.observed.is_shown(&slot) {
                    Known::Nothing => self.observed.is_beside(&slot),
                    known => known,
                },
            };
            match known {
                Known::Later => {}
                Known::Nothing => {
                    self.release(at);
                }
                Known::All(answer, flag) => {
                    self.open -= 1;
                    self.observed.slots[at].flags = flag;
                    self.store(at, *answer);
                    self.raise_from(at);
                }
            }
        }
        self.observed.slots.iter().any(|slot| slot.has(HELD)) && self.open != open
    }

    /// Lets a question go that was held back.
    fn release(&mut self, at: usize) {
        let slot = &mut self.observed.slots[at];
        slot.flags &= !HELD;
        slot.records = 0;
        self.next = self.next.min(u16::try_from(at).unwrap_or(u16::MAX));
    }

    /// Asks a question once: the role that it is first asked in stays.
    fn raise(&mut self, owner: NameId, rtype: RecordType, role: Role) {
        if self.observed.slot(owner, rtype).is_some() {
            return;
        }
        if self.observed.slots.len() >= MAX_QUESTIONS {
            self.observed.skip(owner, rtype);
            return;
        }
        let mut slot = Slot::open(owner, rtype, role);
        let is_held =
            self.may_be_shown(owner, rtype, role) || self.may_be_beside(owner, rtype, role);
        slot.flags = if is_held { HELD } else { 0 };
        self.observed.slots.push(slot);
        self.open += 1;
    }

    /// Keeps an answer in its slot, its records behind those of the answers before.
    fn store(&mut self, index: usize, answer: Answer) {
        let observed = &mut self.observed;
        let (owner, rtype) = (observed.slots[index].owner, observed.slots[index].rtype());
        let start = observed.data.len();
        for name in &answer.chain {
            let name = observed.names.intern(name);
            observed.data.push(observed::Datum::Alias(name));
        }
        let aliases = observed.data.len() - start;
        let mut lowest_ttl = answer.negative_ttl.unwrap_or(0);
        let mut as_wanted = false;
        let mut partial = false;
        let state = match answer.outcome {
            Outcome::Records { ttl, mut data } => {
                lowest_ttl = ttl;
                if let Role::Records(wanted) | Role::Denied(wanted) = observed.slots[index].role {
                    as_wanted = observed.fingerprint(&data) == wanted;
                }
                if data.len() > MAX_RECORDS {
                    // Servers rotate what they send.
                    data.sort();
                    partial = true;
                    observed.skip(owner, rtype);
                }
                data.retain(|data| data.record_type() == rtype);
                for rdata in data.iter().take(MAX_RECORDS) {
                    let datum = observed.datum(rdata);
                    observed.data.extend(datum);
                }
                // A response without a record of the type asked for is NODATA (RFC 2308 §2.2).
                if observed.data.len() > start + aliases { State::Records } else { State::NoData }
            }
            Outcome::NoData => State::NoData,
            Outcome::NxDomain => State::NxDomain,
            Outcome::Failed(failure) => State::Failed(failure),
        };
        let records = observed.data.len() - start - aliases;
        let dnssec_by = observed.note_validator(answer.dnssec_by);
        let slot = &mut observed.slots[index];
        slot.state = state;
        slot.dnssec = answer.dnssec;
        slot.dnssec_by = dnssec_by;
        slot.validated = answer.validated;
        slot.rcode = answer.rcode.unwrap_or(NONE);
        let extended = answer.extended.iter();
        let reason = extended.clone().find(|code| answer.dnssec == Dnssec::Bogus && is_bogus(code));
        slot.extended = reason.or_else(|| answer.extended.first()).copied().unwrap_or(NONE);
        slot.ttl = lowest_ttl;
        slot.flags = [
            (AUTHORITATIVE, answer.authoritative),
            (AS_WANTED, as_wanted),
            (UNEVEN_TTLS, answer.uneven_ttls),
            (PARTIAL, partial),
        ]
        .into_iter()
        .filter(|(_, holds)| *holds)
        .fold(slot.flags & (ASKED | BELOW_NOTHING), |flags, (flag, _)| flags | flag);
        // 200 answers of 64 records behind a short chain, and less: these fit.
        slot.start = u16::try_from(start).unwrap_or(u16::MAX);
        slot.aliases = u8::try_from(aliases).unwrap_or(u8::MAX);
        slot.records = u8::try_from(records).unwrap_or(u8::MAX);
    }
}

/// What is known of a question that is held back.
#[derive(Clone)]
enum Known {
    /// Answers that tell are still to come.
    Later,
    /// It must be asked.
    Nothing,
    /// The answer, and with it what is said of the question.
    All(Box<Answer>, u8),
}

/// The name that a wildcard answers for where it answers for an owner name beside it.
pub(crate) fn probe_beside(owner: &Name) -> Name {
    probe_below(&owner.base_name())
}

/// A name below this one at which nobody publishes anything; the root where such a name is too long.
pub(crate) fn probe_below(name: &Name) -> Name {
    // The probe is longer than most labels; where it does not fit, no such name was asked for.
    name.prepend_label(PROBE_LABEL).unwrap_or_else(|_| Name::root())
}

#[cfg(test)]
mod tests;
