//! One inquiry, driven to its end; or one of a kind for each who is to be asked for himself.

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;

use crate::answer::{Answer, Question, Sight, Vantage};
use crate::inquiry::{Inquiry, Observed, Views};
use crate::lookup::Lookup;
use crate::name::MailDomain;

/// The most owner names of SRV records that are looked at unasked.
const MAX_OWNERS: usize = 1024;

/// Asks all who are to be asked about the domain of an inquiry, and leads it to its end with each.
///
/// Where the lookup knows of nobody in particular ([`Lookup::sight`]), that is [`conduct`].
pub async fn observe<L: Lookup>(mut inquiry: Inquiry, lookup: &L) -> Views {
    let domain = inquiry.domain().clone();
    let Some(sight) = lookup.sight(&domain).await.filter(|sight| !sight.vantages.is_empty()) else {
        return conduct(inquiry, lookup).await.into();
    };
    inquiry.seek_zone(&sight);
    let one = |vantage| drive(inquiry.clone(), lookup, Some((&sight, vantage)));
    let observed = join_all(sight.vantages.iter().map(one)).await;
    match Views::of(sight.clone(), observed) {
        Some(views) => views,
        None => conduct(inquiry, lookup).await.into(),
    }
}

/// Drives an inquiry to its end, with all its questions in flight together.
///
/// What the lookup knows unasked comes first: owner names that may be misspelt, and records that a
/// zone cut hides. It ends when every question has its answer; how long that takes is the lookup's
/// to bound.
pub async fn conduct<L: Lookup>(inquiry: Inquiry, lookup: &L) -> Observed {
    drive(inquiry, lookup, None).await
}

async fn drive<L: Lookup>(
    mut inquiry: Inquiry,
    lookup: &L,
    from: Option<(&Sight, &Vantage)>,
) -> Observed {
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
            in_flight.push(async move { (ticket, ask(lookup, from, domain, &question).await) });
        }
        let Some((ticket, answer)) = in_flight.next().await else {
            return inquiry.into_observed();
        };
        inquiry.answer(ticket, answer);
    }
}

/// Asks a vantage for what is its own to say, and for all else whoever answers.
async fn ask<L: Lookup>(
    lookup: &L,
    from: Option<(&Sight, &Vantage)>,
    domain: &MailDomain,
    question: &Question,
) -> Answer {
    match from {
        Some((sight, vantage)) if sight.covers(&question.name) => {
            lookup.ask_from(vantage, domain, question).await
        }
        _ => lookup.ask_about(domain, question).await,
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, CNAME, SRV};
    use hickory_proto::rr::{Name, RData, RecordType};

    use super::*;
    use crate::answer::Failure;
    use crate::inquiry::{Family, Said, Wanted};
    use crate::lookup::zones::Zones;
    use crate::name::MailDomain;
    use crate::rrset::ResourceRecord;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn srv(target: &str) -> RData {
        RData::SRV(SRV::new(0, 1, 993, name(target)))
    }

    #[tokio::test]
    async fn an_inquiry_is_driven_through_what_its_answers_raise() {
        let record = |owner: &str, data| ResourceRecord { owner: name(owner), ttl: 60, data };
        let mut zones = Zones::new();
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
        assert_eq!(config.said(), Said::Failed(Failure::OutsideZone));
    }
}
