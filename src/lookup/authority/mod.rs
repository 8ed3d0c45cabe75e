//! Authoritative servers: found by a walk of our own from the root down, and asked without recursion.
//!
//! No cache is asked, so none remembers that a record is missing which is about to be published, and
//! none hides the one server of four that is stale. What is believed is what a server of the zone
//! says of names in it: AA is required, addresses count where they are told in the zone that they lie
//! in, and an alias that leaves the zone is followed by asking anew. A walk that fails is a failure,
//! and never a missing record.
//!
//! In here, `hints` are the servers of the root, `told` reads what comes back from a server, `walk`
//! goes down the referrals, and `shared` keeps what many walks find. `sight` knows the servers of a
//! mail domain and `below` those of the zones below it, and `case` keeps what is known of them.
//! `families` knows whether this machine is cut off from all servers of one.

mod below;
mod case;
mod families;
mod hints;
mod shared;
mod sight;
mod told;
mod walk;

pub use self::hints::{Hints, HintsError};

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use hickory_proto::rr::Name;

use self::case::Case;
use self::families::Families;
use self::shared::{Shared, Waits, Walker};
use self::told::Zone;
use self::walk::Path;
use super::exchange::{Flags, Network};
use super::resolver::Options;
use super::{Lookup, address};
use crate::answer::{Answer, Failure, Outcome, Question, Sight, Vantage};
use crate::message::Response;
use crate::name::MailDomain;

/// The port of DNS (RFC 1035 §4.2), where an [`Authority`] asks if it is not told another.
pub const PORT: u16 = address::DNS_PORT;

/// The most requests that one question is worth, all that its walk needs among them.
const MAX_STEPS: u32 = 120;

/// The most requests that one mail domain is worth: a zone of thirty addresses has a third of them, and
/// one that leads everywhere leads no further.
const MAX_REQUESTS: u32 = 3000;

/// What a server of the zone is asked: it alone, with nothing that a resolver would do.
const ITERATIVE: Flags = Flags {
    recursion_desired: false,
    authentic_data: false,
    checking_disabled: false,
    dnssec_ok: false,
};

/// A lookup that asks the servers of each zone.
///
/// [`Lookup::sight`] finds the servers of the zone that holds a mail domain, and
/// [`Lookup::ask_from`] asks one of them, and the same holds for the zones below that their servers
/// point to ([`Lookup::sight_below`]); all other questions go to whichever server of the zone
/// answers first. What walks find is kept for the run, and searches under way are shared.
#[derive(Debug)]
pub struct Authority {
    root: Rc<Zone>,
    port: u16,
    options: Options,
    network: Network,
    zones: Shared<Result<Rc<Zone>, Failure>>,
    hosts: Shared<Result<Rc<[IpAddr]>, Failure>>,
    waits: Waits,
    /// The mail domains that were seen of late.
    cases: Shared<Rc<Case>>,
    families: Families,
}

impl Authority {
    /// Makes a lookup that begins at these servers of the root, and asks all servers at one port.
    pub fn new(network: &Network, hints: Hints, port: u16, options: Options) -> Self {
        let Hints { servers, addresses } = hints;
        let root = Name::root();
        let zone = Zone::new(&root, servers, &addresses, &root, true);
        Self {
            root: Rc::new(zone),
            port,
            options,
            network: network.clone(),
            zones: Shared::default(),
            hosts: Shared::default(),
            waits: Waits::default(),
            cases: Shared::default(),
            families: Families::default(),
        }
    }

    /// Asks one server once over UDP, and over TCP where the response is truncated.
    async fn ask_server(&self, server: IpAddr, question: &Question) -> Result<Response, Failure> {
        if self.families.is_closed(server) {
            return Err(Failure::NoRoute);
        }
        let server = SocketAddr::new(server, self.port);
        let upstream = self.network.upstream(&server.into());
        let response = upstream.ask(question, ITERATIVE, self.options.timeout).await;
        self.families.learn(server.ip(), response.as_ref().err().copied());
        response
    }

    /// Puts those last that did not answer before: each costs a timeout.
    fn put_late_last(&self, addresses: &mut [IpAddr]) {
        addresses.sort_by_cached_key(|address| {
            self.network.is_late(&SocketAddr::new(*address, self.port).into())
        });
    }

    /// Sets out on a walk for a mail domain.
    fn set_out(&self, domain: &MailDomain) -> Walker<'_> {
        self.waits.set_out(MAX_STEPS, &self.case(domain).budget)
    }

    /// What is known of a mail domain.
    fn case(&self, domain: &MailDomain) -> Rc<Case> {
        self.cases.known(domain.name()).unwrap_or_else(|| self.open(domain))
    }

    /// Begins anew with a mail domain.
    fn open(&self, domain: &MailDomain) -> Rc<Case> {
        let case = Rc::new(Case::new());
        self.cases.keep(domain.name(), Rc::clone(&case));
        case
    }
}

/// Whether a failure tells that nobody is there to answer.
fn is_silence(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::Timeout | Failure::Unreachable | Failure::NoRoute | Failure::Forbidden
    )
}

impl Lookup for Authority {
    async fn ask(&self, question: &Question) -> Answer {
        let walker = self.waits.set_out(MAX_STEPS, &Rc::new(Cell::new(MAX_STEPS)));
        self.resolve(question, Path::of(&walker)).await
    }

    async fn ask_about(&self, domain: &MailDomain, question: &Question) -> Answer {
        let walker = self.set_out(domain);
        self.resolve(question, Path::of(&walker)).await
    }

    fn forget(&self) {
        self.zones.forget();
        self.hosts.forget();
        self.cases.forget();
        self.families.forget();
    }

    fn has_room(&self) -> bool {
        !self.network.is_crowded()
    }

    async fn sight(&self, domain: &MailDomain) -> Option<Sight> {
        self.find_sight(domain).await
    }

    async fn sight_below(&self, domain: &MailDomain, name: &Name) -> Option<Sight> {
        self.find_below(domain, name).await
    }

    async fn ask_from(
        &self,
        vantage: &Vantage,
        domain: &MailDomain,
        question: &Question,
    ) -> Answer {
        match vantage {
            Vantage::Server { address, .. } => self.ask_at(*address, domain, question).await,
            Vantage::Resolver(_) => Answer::plain(Outcome::Failed(Failure::NotAsked)),
        }
    }
}
