//! One inquiry, driven to its end; or one of a kind for each who is to be asked for himself.

use std::time::Duration;

use tokio::time::Instant;

use super::drive::{Limit, Said, before, drive, in_time};
use super::each::observe_each;
use crate::answer::Question;
use crate::inquiry::{Inquiry, Observed, Views};
use crate::lookup::{Lookup, Stage};

/// Asks all who are to be asked about the domain of an inquiry, and leads it to its end with each.
///
/// Where the lookup knows of nobody in particular ([`Lookup::sight`]), that is [`conduct`].
pub async fn observe<L: Lookup>(inquiry: Inquiry, lookup: &L) -> Views {
    observe_within(inquiry, lookup, None).await
}

/// Does what [`observe`] does, and ends it after so long a time: what is not answered by then has
/// failed ([`Failure::Deadline`](crate::answer::Failure::Deadline)).
///
/// A time needs a runtime with time enabled.
pub async fn observe_within<L: Lookup>(
    inquiry: Inquiry,
    lookup: &L,
    time: Option<Duration>,
) -> Views {
    let deadline = time.map(|time| Instant::now() + time);
    let domain = inquiry.domain().clone();
    let sight = before(deadline, lookup.sight(&domain)).await.flatten();
    if let Some(sight) = sight
        && let Some(views) = observe_each(inquiry.clone(), lookup, &sight, deadline).await
    {
        return views;
    }
    conduct_within(inquiry, lookup, deadline).await.into()
}

/// Drives an inquiry to its end, with all its questions in flight together.
///
/// What the lookup knows unasked comes first: owner names that may be misspelt, and records that a
/// zone cut hides. It ends when every question has its answer; how long that takes is the lookup's
/// to bound.
pub async fn conduct<L: Lookup>(inquiry: Inquiry, lookup: &L) -> Observed {
    conduct_within(inquiry, lookup, None).await
}

async fn conduct_within<L: Lookup>(
    inquiry: Inquiry,
    lookup: &L,
    deadline: Option<Instant>,
) -> Observed {
    let domain = inquiry.domain().clone();
    let limit = Some(Limit { stage: Stage::Inquiry, deadline });
    let ask = async |question: &Question| {
        let answer = lookup.ask_about(&domain, question);
        Said::plain(in_time(limit, lookup, (&domain, question), answer).await)
    };
    drive(inquiry, lookup, ask).await
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, CNAME, SRV};
    use hickory_proto::rr::{Name, RData, RecordType};

    use super::*;
    use crate::answer::{Answer, Failure, Outcome};
    use crate::inquiry::{Family, Said, Wanted};
    use crate::lookup::recorded::{Recorder, Recording};
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

    /// Answers slowly, in as many seconds as a name has labels, and never for a host.
    struct Slow;

    impl Lookup for Slow {
        async fn ask(&self, question: &Question) -> Answer {
            let labels = question.name.num_labels();
            tokio::time::sleep(Duration::from_secs(labels.into())).await;
            match question.rtype {
                RecordType::SRV => {
                    let data = vec![srv("mail.d.test.")];
                    Answer::plain(Outcome::Records { ttl: 60, data })
                }
                _ => std::future::pending().await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_answered_in_time_has_failed_and_the_rest_stands() {
        let domain: MailDomain = "d.test".parse().unwrap();
        let [imaps, imap] = ["_imaps", "_imap"].map(|label| domain.prefixed(&[label, "_tcp"]));
        let deep = domain.prefixed(&["a", "b", "c", "d", "_imap", "_tcp"]);
        let wanted = [srv("mail.d.test.")];
        let inquiry = || {
            let mut inquiry = Inquiry::new(domain.clone());
            for owner in [&imaps, &imap, &deep] {
                inquiry.seek(owner, RecordType::SRV, Wanted::Records(&wanted));
            }
            inquiry
        };
        let recorder = Recorder::new(Slow, Vec::new());
        let observed = observe_within(inquiry(), &recorder, Some(Duration::from_secs(6))).await;
        let observed = observed.first();
        assert_eq!(observed.heard(&imaps, RecordType::SRV).srvs().len(), 1);
        assert_eq!(observed.heard(&imap, RecordType::SRV).srvs().len(), 1);
        let late = Said::Failed(Failure::Deadline);
        assert_eq!(observed.heard(&deep, RecordType::SRV).said(), late);
        let host = observed.host(&name("mail.d.test."));
        assert_eq!(Family::ALL.map(|family| host.said(family)), [late, late]);
        // A recording of it is the same without the time.
        let (written, outcome) = recorder.finish();
        outcome.unwrap();
        let recording = Recording::read(std::io::Cursor::new(written), "run").unwrap();
        let again = conduct(inquiry(), &recording).await;
        let all = |observed: &Observed| {
            let answers = observed.answers();
            answers.map(|(question, answer)| (question, answer.outcome)).collect::<Vec<_>>()
        };
        assert_eq!(all(&again), all(observed));
    }
}
