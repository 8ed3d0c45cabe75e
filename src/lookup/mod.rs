//! Who answers questions: servers on the network, zone data in memory, or a recording.
//!
//! A [`Lookup`] never knows what its questions are for. All run on a single-threaded tokio runtime with
//! time and I/O enabled; several threads have one each ([`Network::beside`](resolver::Network::beside)).
//!
//! - [`resolver`]: a stub resolver over a list of servers; fail-over, truncation and retries are ours.
//! - [`authority`]: the servers of each zone, found by a walk from the root, each asked for itself.
//! - [`compared`]: several lookups, each asked for itself.
//! - [`zones`]: zone data in memory, answered as an authoritative server answers it.
//! - [`hosts`]: hosts whose addresses a profile gives.
//! - [`layered`]: one lookup first, and another for what lies outside it.
//! - [`once`]: what many mail domains ask for, asked for once.
//! - [`validator`]: a second opinion on DNSSEC, experimental.
//! - [`recorded`]: answers written down in one run and read in another.
//!
//! An inquiry is driven by [`survey::conduct`](crate::survey::conduct), which is where a lookup of
//! one's own plugs in:
//!
//! ```
//! use mailsrv::audit::{Policy, Verdict, inquire, judge};
//! use mailsrv::hosting::{Columns, Hosting};
//! use mailsrv::lookup::hosts::Hosts;
//! use mailsrv::lookup::layered::First;
//! use mailsrv::lookup::zones::Zones;
//!
//! let hosting = Hosting::documented();
//! let plan = mailsrv::plan::plan(&"example.com".parse()?, &hosting, &Columns::default())?;
//! // A zone that holds what is planned; the hosts of the profile answer for themselves.
//! let mut zones = Zones::new();
//! let records = plan.published().flat_map(|(_, set)| set.records());
//! zones.add_zone(plan.domain().name(), records);
//! let lookup = First::new(zones, Hosts::new(hosting.addresses(), hosting.ttl()));
//!
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let observed = runtime.block_on(mailsrv::survey::conduct(inquire(&plan), &lookup));
//! let audit = judge(&plan, &observed, &Policy::default());
//! assert!(audit.findings.iter().all(|finding| finding.code.text() != "srv-missing"));
//! # assert_ne!(audit.verdict, Verdict::Broken);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
pub mod authority;
pub mod compared;
mod descriptors;
mod exchange;
pub mod hosts;
pub mod layered;
mod manners;
pub mod once;
pub mod recorded;
pub mod resolver;
mod server;
mod servfail;
mod system;
pub mod transfer;
mod unfinished;
mod validation;
pub mod validator;
pub mod zones;

#[cfg(test)]
pub(crate) mod responder;

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

pub use self::exchange::{Arrival, Letter, Mailbox, Posted};
pub use self::unfinished::{Stage, Unfinished};

use hickory_proto::rr::{Name, RecordType};
use tokio::time::Instant;

use crate::answer::{Answer, Hidden, Portrait, Question, Sight, Vantage};
use crate::endpoint::{Endpoint, Sighting};
use crate::name::MailDomain;
use crate::page::{Page, Request};
use crate::zonefile::Position;

/// Writes down all that the answers of a lookup about a mail domain can depend on, with the first label
/// of the domain left out.
pub trait Portray {
    /// Writes it down; false where it cannot, as where others answer.
    ///
    /// Two domains of which the same is written get the same answers to the same questions, but for that
    /// label. Which addresses stand there is written where it `spells_addresses`, else which are equal.
    /// It is done soonest for mail domains in canonical order.
    fn portray(
        &mut self,
        domain: &MailDomain,
        spells_addresses: bool,
        portrait: &mut Portrait,
    ) -> bool;

    /// Does the same for whoever asks for no SOA record: so domains that are zones of their own may be
    /// alike, each of which has a serial number of its own.
    fn portray_but_soa(
        &mut self,
        domain: &MailDomain,
        spells_addresses: bool,
        portrait: &mut Portrait,
    ) -> bool {
        self.portray(domain, spells_addresses, portrait)
    }
}

/// What answers depend on that nobody knows.
struct Unknown;

impl Portray for Unknown {
    fn portray(&mut self, _domain: &MailDomain, _spells: bool, _portrait: &mut Portrait) -> bool {
        false
    }
}

/// Answers questions.
///
/// A lookup of one's own needs [`Self::ask`] alone. It takes whatever time it needs, and says by a
/// [`Failure`](crate::answer::Failure) that it has no answer: an error of another kind would end an
/// audit, which has other questions.
pub trait Lookup {
    /// Answers one question; a failure is an answer too.
    ///
    /// An answer follows aliases as far as it can; NODATA behind a chain leaves its end to be asked
    /// for.
    fn ask(&self, question: &Question) -> impl Future<Output = Answer>;

    /// Answers one question about a mail domain.
    ///
    /// Only zone data without an SOA record is told the domain for a reason: it has no other apex.
    fn ask_about(&self, _domain: &MailDomain, question: &Question) -> impl Future<Output = Answer> {
        self.ask(question)
    }

    /// Whether questions are to be posted, by whoever asks many, before they are asked in any other
    /// way. One that takes them sees every domain from one place.
    fn takes_post(&self) -> bool {
        false
    }

    /// Posts one question about a mail domain, if it may be sent at once: [`Self::send_posted`] sends it,
    /// and nobody need wait for it; what comes of it arrives in a [`Mailbox`].
    fn post(&self, _letter: &Letter<'_>) -> Posted {
        Posted::No
    }

    /// Sends what was posted, which goes together as far as it can. Says when to call it again, where
    /// something could not be sent.
    fn send_posted(&self, _now: Instant) -> Option<Instant> {
        None
    }

    /// The answer to a question that was posted, or what arrived, where that is no answer yet.
    ///
    /// # Errors
    ///
    /// It is to be gone on with by [`Self::go_on`].
    fn open(&self, arrival: Arrival) -> Result<Answer, Box<Arrival>> {
        Err(Box::new(arrival))
    }

    /// Answers a question that was posted, whatever came of that.
    fn go_on(&self, question: &Question, _arrival: Arrival) -> impl Future<Output = Answer> {
        self.ask(question)
    }

    /// From where a mail domain is to be seen, where there are several places; each is then asked for
    /// itself, with [`Self::ask_from`].
    fn sight(&self, _domain: &MailDomain) -> impl Future<Output = Option<Sight>> {
        std::future::ready(None)
    }

    /// Answers one question about a mail domain as one of those says it that [`Self::sight`] names.
    fn ask_from(
        &self,
        _vantage: &Vantage,
        domain: &MailDomain,
        question: &Question,
    ) -> impl Future<Output = Answer> {
        self.ask_about(domain, question)
    }

    /// The zone that a name lies in, where it lies below that of a mail domain, and somebody who was
    /// asked about the domain pointed to it or was seen to serve it: the deepest such, at or above the
    /// name and below the domain. Its servers are asked for themselves, too.
    ///
    /// One that points to a zone below says [`Failure::Delegated`](crate::answer::Failure::Delegated).
    fn sight_below(
        &self,
        _domain: &MailDomain,
        _name: &Name,
    ) -> impl Future<Output = Option<Sight>> {
        std::future::ready(None)
    }

    /// Remembers nothing of what was answered so far: who asks again wants to hear what is so now.
    fn forget(&self) {}

    /// Takes note of what was given up for a mail domain, because its time was over.
    fn note_unfinished(&self, _domain: &MailDomain, _stage: Stage, _what: Unfinished<'_>) {}

    /// Whether this was given up for a mail domain in a run that is gone over again: it is not to be
    /// asked for.
    fn was_unfinished(&self, _domain: &MailDomain, _stage: Stage, _what: Unfinished<'_>) -> bool {
        false
    }

    /// Whether questions about more domains would be asked soon, and not only wait behind others.
    fn has_room(&self) -> bool {
        true
    }

    /// The owner names of SRV records at or below a domain, where the lookup can tell without being
    /// asked for each: so many at most, in canonical order, wildcards left out.
    fn srv_owners(&self, _domain: &Name, _limit: usize) -> Vec<Name> {
        Vec::new()
    }

    /// Where the first record of an RRset stands in a file, where the lookup reads files.
    fn position(&self, _owner: &Name, _rtype: RecordType) -> Option<Position> {
        None
    }

    /// Who writes down all that its answers about mail domains can depend on.
    fn portrayer(&self) -> impl Portray {
        Unknown
    }

    /// The records at or below a domain that zone cuts hide, where the lookup holds zones.
    fn hidden(&self, _domain: &Name) -> impl Iterator<Item = Hidden> {
        std::iter::empty()
    }

    /// Whether anybody goes to servers to see what they show.
    fn visits(&self) -> bool {
        false
    }

    /// What an endpoint shows by which a mail domain is served; None where nobody goes there.
    ///
    /// What answers questions of DNS alone visits nobody.
    fn visit(
        &self,
        _domain: &MailDomain,
        _endpoint: &Endpoint,
    ) -> impl Future<Output = Option<Arc<Sighting>>> {
        std::future::ready(None)
    }

    /// What a client of a mail domain is served for a request at these addresses; None where nobody
    /// fetches pages.
    fn fetch(
        &self,
        _domain: &MailDomain,
        _request: &Request,
        _addresses: &[IpAddr],
    ) -> impl Future<Output = Option<Page>> {
        std::future::ready(None)
    }
}
