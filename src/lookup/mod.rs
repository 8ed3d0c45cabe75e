//! Who answers questions: servers on the network, zone data in memory, or a recording.
//!
//! A [`Lookup`] never knows what its questions are for. [`conduct`] drives one
//! [`Inquiry`] through any of them, on a single-threaded tokio runtime with time and I/O enabled.
//!
//! - [`resolver`]: a stub resolver over a list of servers; fail-over, truncation and retries are ours.
//! - [`exchange`]: one raw request to one server, the whole response back.
//! - [`message`]: what a response message says to a question.
//! - [`zones`]: zone data in memory, answered as an authoritative server answers it.
//! - [`hosts`]: hosts whose addresses a profile gives.
//! - [`layered`]: one lookup first, and another for what lies outside it.
//! - [`recorded`]: answers written down in one run and read in another.

pub mod exchange;
pub mod hosts;
pub mod layered;
pub mod message;
pub mod recorded;
pub mod resolver;
pub mod zones;

#[cfg(test)]
mod responder;

use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use hickory_proto::rr::{Name, RecordType};

use crate::answer::{Answer, Hidden, Question};
use crate::inquiry::{Inquiry, Observed};
use crate::name::MailDomain;
use crate::zonefile::Position;

/// Answers questions.
pub trait Lookup {
    /// Answers one question; a failure is an answer too.
    fn ask(&self, question: &Question) -> impl Future<Output = Answer>;

    /// Answers one question of an inquiry about a mail domain.
    ///
    /// Only zone data without an SOA record is told the domain for a reason: it has no other apex.
    fn ask_about(&self, _domain: &MailDomain, question: &Question) -> impl Future<Output = Answer> {
        self.ask(question)
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

    /// The records at or below a domain that zone cuts hide, where the lookup holds zones.
    fn hidden(&self, _domain: &Name) -> impl Iterator<Item = Hidden> {
        std::iter::empty()
    }
}

/// The most owner names of SRV records that are looked at unasked.
const MAX_OWNERS: usize = 1024;

/// Drives an inquiry to its end, with all its questions in flight together.
pub async fn conduct<L: Lookup>(mut inquiry: Inquiry, lookup: &L) -> Observed {
    let domain = inquiry.domain().clone();
    for owner in lookup.srv_owners(domain.name(), MAX_OWNERS) {
        inquiry.look_at(&owner);
    }
    for hidden in lookup.hidden(domain.name()) {
        inquiry.note_hidden(hidden);
    }
    let mut in_flight = FuturesUnordered::new();
    loop {
        while let Some(ticket) = inquiry.poll() {
            let question = inquiry.question(ticket);
            let domain = &domain;
            in_flight.push(async move { (ticket, lookup.ask_about(domain, &question).await) });
        }
        let Some((ticket, answer)) = in_flight.next().await else {
            return inquiry.into_observed();
        };
        inquiry.answer(ticket, answer);
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, CNAME};
    use hickory_proto::rr::{RData, RecordType};

    use super::*;
    use crate::inquiry::{Family, Said, Wanted};
    use crate::lookup::responder::{name, srv};
    use crate::rrset::ResourceRecord;

    #[tokio::test]
    async fn an_inquiry_is_driven_through_what_its_answers_raise() {
        let record = |owner: &str, data| ResourceRecord { owner: name(owner), ttl: 60, data };
        let mut zones = zones::Zones::new();
        zones.add_zone(
            &name("d.test."),
            [
                record("_imaps._tcp.d.test.", srv("mail.d.test.")),
                record("mail.d.test.", RData::A(A::new(192, 0, 2, 1))),
                record("autoconfig.d.test.", RData::CNAME(CNAME(name("auto.example.")))),
            ],
        );
        let domain: MailDomain = "d.test".parse().unwrap();
        let mut inquiry = Inquiry::new(domain.clone());
        let owner = |label: &str| domain.prefixed(&[label, "_tcp"]);
        let wanted = [srv("mail.d.test.")];
        for label in ["_imaps", "_imap"] {
            inquiry.seek(&owner(label), RecordType::SRV, Wanted::Records(&wanted));
        }
        let config = domain.prefixed(&["autoconfig"]);
        inquiry.seek(&config, RecordType::A, Wanted::Alias(&name("mail.d.test.")));
        let observed = conduct(inquiry, &zones).await;
        assert_eq!(observed.heard(&owner("_imaps"), RecordType::SRV).srvs().len(), 1);
        assert_eq!(observed.heard(&owner("_imap"), RecordType::SRV).said(), Said::NxDomain);
        let host = observed.host(&name("mail.d.test."));
        assert_eq!(Family::ALL.map(|family| host.said(family)), [Said::Records, Said::NoData]);
        let config = observed.heard(&config, RecordType::A);
        assert_eq!(config.chain(), [name("auto.example.")]);
        assert_eq!(config.said(), Said::Failed(crate::answer::Failure::OutsideZone));
    }
}
