//! A stub resolver: questions go to a list of servers until one of them answers.
//!
//! Fail-over, truncation and retries are ours, because hickory's own resolver stays with the first
//! server after SERVFAIL or a timeout. Servers that are not there rest, and others answer meanwhile.
//! There is no cache here; [`once`](super::once) keeps what many domains ask for.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_all;
use tokio::time::Instant;

use super::exchange::{Arrival, Begun, Came, Flags, Letter, Posted, Upstream};
use super::manners::Rests;
use super::validation::Validation;
use super::{Lookup, servfail, system};
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::message::{self, Response};

pub use super::address::ServerAddressError;
use super::descriptors::threads;
pub use super::descriptors::{is_out_of_descriptors, room};
pub use super::exchange::{Letters, Network, Trust, TrustError};
pub use super::manners::{Limits, Rate, RateError, Standing, USUAL_RATE, USUAL_WINDOW};
pub use super::server::{LocateError, Server, ServerError, Transport, locate};
pub use super::system::SystemConfigError;

/// How patient a [`Resolver`] is.
///
/// There is no default: what is patient enough for one domain is too slow for a million. The
/// program takes 3 seconds and 2 tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long one request waits for its response.
    pub timeout: Duration,
    /// How many times the list of servers is gone through; 0 counts as 1.
    pub tries: u32,
}

/// A stub resolver over a list of servers.
///
/// It is a stub: the servers must do recursion for names that they do not serve. It may be shared
/// by any number of inquiries.
#[derive(Debug)]
pub struct Resolver {
    network: Network,
    servers: Vec<(Arc<Upstream>, Arc<Validation>)>,
    options: Options,
    /// Whether the next server is asked what the first has no room for.
    spreads: bool,
}

impl Resolver {
    /// Makes a resolver that asks these servers, the first that is well and has room, with 256 questions
    /// in flight at most.
    ///
    /// Without a server every question fails as unreachable, and so does a server that is given by a
    /// name: [`locate`] has its addresses.
    pub fn new<S: Into<Server>>(servers: impl IntoIterator<Item = S>, options: Options) -> Self {
        let network = Network::new(Limits::in_flight(IN_FLIGHT), &Trust::public());
        Self::among(&network, servers, options)
    }

    /// Makes a resolver like [`Self::new`] for a network that others ask, too.
    pub fn among<S: Into<Server>>(
        network: &Network,
        servers: impl IntoIterator<Item = S>,
        options: Options,
    ) -> Self {
        let upstream = |server: S| {
            let server = server.into();
            (network.upstream(&server), Arc::new(Validation::of(&server)))
        };
        let servers = servers.into_iter().map(upstream).collect();
        Self { network: network.clone(), servers, options, spreads: true }
    }

    /// Believes what all of its servers say of DNSSEC by the AD bit, and not only those on this
    /// machine: the way to them is safe, and they validate (RFC 6840 §5.8).
    #[must_use]
    pub fn trusting_ad(mut self) -> Self {
        for (_, validation) in &mut self.servers {
            *validation = Arc::new(validation.trusted());
        }
        self
    }

    /// The same resolver for one more thread that asks in the same run, by a runtime of its own
    /// ([`Network::beside`]).
    #[must_use]
    pub fn beside(&self) -> Self {
        let network = self.network.beside();
        let servers = self.servers.iter().map(|(upstream, validation)| {
            (network.upstream(upstream.server()), Arc::clone(validation))
        });
        let servers = servers.collect();
        Self { network, servers, ..*self }
    }

    /// How many threads may ask, of those that are wanted: one where not all servers are asked by UDP, no
    /// more than have something to do at the rates of the servers, and no more than there are file
    /// descriptors for.
    pub fn threads(&self, wanted: usize) -> usize {
        let servers = || self.servers.iter().map(|(upstream, _)| upstream.server());
        if servers().any(|server| server.transport() != Transport::Udp) {
            return 1;
        }
        // The others stand in for the first where nothing is spread.
        let asked = if self.spreads { self.servers.len() } else { 1 };
        let rate_of = |server| self.network.rate_of(server).map(|rate| rate.get() as usize);
        let rates = servers().take(asked).map(rate_of);
        let rate = rates.reduce(|one, other| Some(one?.saturating_add(other?))).flatten();
        let busy = rate.map_or(wanted, |rate| (rate / BUSY).clamp(1, wanted.max(1)));
        threads(busy, self.servers.len())
    }

    /// Makes a resolver that asks the servers of the system's configuration in their order.
    ///
    /// The patience is that of the options, not of the configuration. As by the system's own resolver,
    /// the next server is asked only when one fails: it may see another DNS.
    ///
    /// # Errors
    ///
    /// The configuration cannot be read, or names no server.
    pub fn system(network: &Network, options: Options) -> Result<Self, SystemConfigError> {
        Ok(Self { spreads: false, ..Self::among(network, system::servers()?, options) })
    }

    /// The server to ask next: of those that are left in this round the first that neither rests nor
    /// fails at everything, else the first that does not rest. Where all rest and none was asked in
    /// this round, the first that is back in time.
    async fn next(&self, round: &mut Round) -> Option<usize> {
        loop {
            let awake = |at: &&usize| !self.servers[**at].0.rests();
            let is_well = |at: &&usize| !self.servers[**at].0.is_doubtful();
            let mut left = round.left.iter().filter(awake);
            let chosen = left.clone().find(is_well).or_else(|| left.next());
            if let Some(chosen) = chosen.copied() {
                return Some(chosen);
            }
            let worth_while = |at: &&usize| self.servers[**at].0.may_come_back();
            let resting = round.left.iter().filter(worth_while);
            let resting: Vec<_> = resting.map(|at| Box::pin(self.servers[*at].0.awake())).collect();
            if round.is_begun || resting.is_empty() {
                return None;
            }
            let begun = Instant::now();
            let awake = tokio::time::timeout(round.patience, select_all(resting)).await;
            round.patience = round.patience.saturating_sub(begun.elapsed());
            awake.ok()?;
        }
    }

    /// Asks one server, if it does not rest; or goes on with what came of that.
    async fn ask_now(
        &self,
        question: &Question,
        at: usize,
        begun: Option<Box<Begun>>,
    ) -> Result<Answer, Rests> {
        let (upstream, _) = &self.servers[at];
        let response = upstream.ask_now(question, Flags::STUB, self.options.timeout, begun).await?;
        Ok(self.read(question, response, at).await)
    }

    /// Asks server after server, or goes on with what came of the first that was asked.
    async fn ask_on(&self, question: &Question, mut begun: Option<(usize, Box<Begun>)>) -> Answer {
        let Options { timeout, tries } = self.options;
        let mut failed: Option<(Answer, usize)> = None;
        let mut patience = timeout.saturating_mul(tries.max(1));
        for again in 0..tries.max(1) {
            let left = (0..self.servers.len()).collect();
            let mut round = Round { left, is_begun: false, patience };
            loop {
                let (at, begun) = match begun.take() {
                    Some((at, begun)) => (at, Some(begun)),
                    None => match self.next(&mut round).await {
                        Some(at) => (at, None),
                        None => break,
                    },
                };
                if again > 0 {
                    self.servers[at].0.hesitate().await;
                }
                let Ok(answer) = self.ask_now(question, at, begun).await else { continue };
                round.is_begun = true;
                round.left.retain(|left| *left != at);
                match &answer.outcome {
                    // An endless chain is the zone's fault; another server has the same.
                    Outcome::Failed(failure) if *failure != Failure::ChainTooLong => {
                        if failed.as_ref().is_none_or(|(failed, _)| is_timeout(failed)) {
                            failed = Some((answer, at));
                        }
                    }
                    Outcome::Failed(_)
                    | Outcome::Records { .. }
                    | Outcome::NoData
                    | Outcome::NxDomain => return answer,
                }
            }
            if !round.is_begun {
                break;
            }
            patience = round.patience;
        }
        match failed {
            Some((failed, at)) => Box::pin(self.explain(question, failed, at)).await,
            None => {
                let why = self.servers.first().map(|(upstream, _)| upstream.why());
                Answer::plain(Outcome::Failed(why.unwrap_or(Failure::Unreachable)))
            }
        }
    }

    async fn read(
        &self,
        question: &Question,
        response: Result<Response, Failure>,
        at: usize,
    ) -> Answer {
        let (upstream, validation) = &self.servers[at];
        let ask = async |question: &Question, flags| {
            upstream.ask(question, flags, self.options.timeout).await
        };
        match response {
            Ok(response) => validation.read(question, &response, ask).await,
            Err(failure) => Answer::plain(Outcome::Failed(failure)),
        }
    }

    /// Asks server after server, and returns the response of the first that responds, as it came.
    ///
    /// # Errors
    ///
    /// Why the last of them did not.
    pub(super) async fn octets(
        &self,
        question: &Question,
        flags: Flags,
    ) -> Result<Vec<u8>, Failure> {
        let mut failed = Failure::Unreachable;
        for (upstream, _) in &self.servers {
            match upstream.ask(question, flags, self.options.timeout).await {
                Ok(response) => return Ok(response.octets),
                Err(failure) => failed = failure,
            }
        }
        Err(failed)
    }

    /// Asks the server of a failure for its reason.
    async fn explain(&self, question: &Question, failed: Answer, at: usize) -> Answer {
        let (upstream, validation) = &self.servers[at];
        let ask = async |question: &Question, flags: Flags| {
            let response = upstream.ask(question, flags, self.options.timeout).await;
            if !flags.checking_disabled {
                return self.read(question, response, at).await;
            }
            match response {
                Ok(response) => message::read(question, &response),
                Err(failure) => Answer::plain(Outcome::Failed(failure)),
            }
        };
        servfail::look_behind(question, failed, validation.by(), servfail::RETRIED, ask).await
    }
}

/// So many questions a second are nothing to a thread.
const BUSY: usize = 10_000;

/// How many questions are in flight where nothing else is said.
const IN_FLIGHT: usize = 256;

/// One time through the list of servers.
struct Round {
    /// Those that were not asked, in order.
    left: Vec<usize>,
    /// Whether one was asked.
    is_begun: bool,
    /// How long servers that rest are waited for.
    patience: Duration,
}

impl Lookup for Resolver {
    /// Asks server after server; records, NODATA and NXDOMAIN are final.
    ///
    /// Of several failures the first that is no timeout is kept: it says most. A SERVFAIL has its
    /// reason asked for.
    async fn ask(&self, question: &Question) -> Answer {
        self.ask_on(question, None).await
    }

    fn takes_post(&self) -> bool {
        true
    }

    /// Posts to the first server that neither rests nor fails at everything; where it has no room, to the
    /// next.
    fn post(&self, letter: &Letter<'_>) -> Posted {
        let timeout = self.options.timeout;
        // What comes of it must be heard before the deadline.
        if letter.deadline.is_some_and(|deadline| letter.now + timeout >= deadline) {
            return Posted::No;
        }
        let mut soonest: Option<Instant> = None;
        for (at, (upstream, _)) in self.servers.iter().enumerate() {
            match upstream.post(letter, Flags::STUB, timeout, at) {
                sent @ (Posted::Sent | Posted::Known(_)) => return sent,
                Posted::Later(then) if !self.spreads => return Posted::Later(then),
                Posted::Later(then) => {
                    soonest = Some(soonest.map_or(then, |soonest| soonest.min(then)));
                }
                Posted::No => {}
            }
        }
        soonest.map_or(Posted::No, Posted::Later)
    }

    fn send_posted(&self, now: Instant) -> Option<Instant> {
        self.servers.iter().filter_map(|(upstream, _)| upstream.send_posted(now)).min()
    }

    fn open(&self, arrival: Arrival) -> Result<Answer, Box<Arrival>> {
        let Arrival { came, server } = arrival;
        let came = match came {
            Came::Plain(plain) => match self.servers[server].1.known(plain) {
                Ok(answer) => return Ok(answer),
                Err(plain) => Came::Plain(*plain),
            },
            odd @ Came::Odd(_) => odd,
        };
        Err(Box::new(Arrival { came, server }))
    }

    async fn go_on(&self, question: &Question, arrival: Arrival) -> Answer {
        let Arrival { came, server } = arrival;
        match came {
            Came::Odd(begun) => self.ask_on(question, Some((server, begun))).await,
            Came::Plain(plain) => {
                let (upstream, validation) = &self.servers[server];
                let ask = async |question: &Question, flags| {
                    upstream.ask(question, flags, self.options.timeout).await
                };
                validation.prove(plain, ask).await
            }
        }
    }

    fn has_room(&self) -> bool {
        !self.network.is_crowded()
    }
}

/// A timeout says less than any other failure.
fn is_timeout(answer: &Answer) -> bool {
    answer.outcome == Outcome::Failed(Failure::Timeout)
}

#[cfg(test)]
mod tests;
