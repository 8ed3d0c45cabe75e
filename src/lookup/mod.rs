//! Who answers questions: servers on the network, zone data in memory, or a recording.
//!
//! A [`Lookup`] never knows what its questions are for. [`conduct`] drives one
//! [`Inquiry`] through any of them, on a single-threaded tokio runtime with time and I/O enabled.
//!
//! - [`resolver`]: a stub resolver over a list of servers; fail-over, truncation and retries are ours.
//! - [`exchange`]: one raw request to one server, the whole response back.
//! - [`message`]: what a response message says to a question.
//! - [`zones`]: zone data in memory, answered as an authoritative server answers it.
//! - [`recorded`]: answers written down in one run and read in another.

pub mod exchange;
pub mod message;
pub mod recorded;
pub mod resolver;
pub mod zones;

#[cfg(test)]
mod responder;

use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::answer::{Answer, Question};
use crate::inquiry::{Inquiry, Observed};

/// Answers questions.
pub trait Lookup {
    /// Answers one question; a failure is an answer too.
    fn ask(&self, question: &Question) -> impl Future<Output = Answer>;
}

/// Drives an inquiry to its end, with all its questions in flight together.
pub async fn conduct<L: Lookup>(mut inquiry: Inquiry, lookup: &L) -> Observed {
    let mut in_flight = FuturesUnordered::new();
    loop {
        while let Some(ticket) = inquiry.poll() {
            let question = inquiry.question(ticket);
            in_flight.push(async move { (ticket, lookup.ask(&question).await) });
        }
        let Some((ticket, answer)) = in_flight.next().await else {
            return inquiry.into_observed();
        };
        inquiry.answer(ticket, answer);
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::RData;
    use hickory_proto::rr::rdata::{A, CNAME};

    use super::*;
    use crate::inquiry::{Family, Said};
    use crate::lookup::responder::{name, srv};
    use crate::rrset::ResourceRecord;
    use crate::service::{ConfigName, Label};

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
        let observed = conduct(Inquiry::new("d.test".parse().unwrap(), []), &zones).await;
        assert_eq!(observed.service(Label::Imaps).srvs().len(), 1);
        assert_eq!(observed.service(Label::Imap).said(), Said::NxDomain);
        let host = observed.host(&name("mail.d.test."));
        assert_eq!(Family::ALL.map(|family| host.said(family)), [Said::Records, Said::NoData]);
        let config = observed.config(ConfigName::Autoconfig);
        let (chain, end) = (config.chain(), config.said());
        assert_eq!(chain, [&name("auto.example.")]);
        assert_eq!(end, Said::Failed(crate::answer::Failure::OutsideZone));
    }
}
