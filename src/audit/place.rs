//! The places of services: an SRV owner name with what is planned and what was heard there.

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, RecordType};

use super::finding::{Draft, Subject};
use crate::inquiry::{Heard, Observed, SrvView};
use crate::name::plain_text;
use crate::plan::{Expected, Purpose, RecordPlan};
use crate::rrset::RrSet;
use crate::service::{AUTODISCOVER_LABEL, Label, PROTO, Related, SMTPS_LABEL};
use crate::words::enumerate;

/// What stands, or does not stand, under an SRV owner name.
///
/// Other than a [`Purpose`] it says nothing of how the plan stands to the service: a place has one
/// kind, whether the service is offered, denied or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A label of IMAP, POP3 or submission (RFC 6186, RFC 8314).
    Mail(Label),
    /// The records of `_submissions` once more, for clients of old.
    CompatSmtps,
    /// `_autodiscover._tcp`, which Outlook reads last (MS-OXDISCO).
    Autodiscover,
    /// A service beside mail: ManageSieve, calendars, address books.
    Related(Related),
    /// The form without TLS of a service beside mail.
    Cleartext(Related),
}

impl Kind {
    /// The kind of service that an SRV RRset of a plan is for.
    pub(super) const fn of(purpose: Purpose) -> Option<Self> {
        Some(match purpose {
            Purpose::Service(label) | Purpose::Denial(label) => Self::Mail(label),
            Purpose::CompatSmtps => Self::CompatSmtps,
            Purpose::Autodiscover => Self::Autodiscover,
            Purpose::Related(related) => Self::Related(related),
            Purpose::RelatedDenial(related) => Self::Cleartext(related),
            Purpose::Config(_)
            | Purpose::PaccName
            | Purpose::PaccDigest
            | Purpose::RelatedPath(_)
            | Purpose::Exchange
            | Purpose::Certificate
            | Purpose::Host => return None,
        })
    }

    /// The service label, as it stands in the owner name.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Mail(label) => label.text(),
            Self::CompatSmtps => SMTPS_LABEL,
            Self::Autodiscover => AUTODISCOVER_LABEL,
            Self::Related(related) => related.text(),
            Self::Cleartext(related) => match related.cleartext() {
                Some(label) => label,
                None => related.text(),
            },
        }
    }

    /// What people call the service.
    pub(super) fn title(self) -> String {
        match self {
            Self::Mail(label) => {
                format!("{} with {}", label.service().title(), label.mode().title())
            }
            Self::CompatSmtps => "submission with TLS".to_owned(),
            Self::Autodiscover => "Autodiscover".to_owned(),
            Self::Related(related) => related.title().to_owned(),
            Self::Cleartext(related) => format!("{} without TLS", related.title()),
        }
    }
}

/// One SRV owner name with what is planned and what was heard there.
pub(super) struct Place<'a> {
    pub(super) kind: Kind,
    /// Absolute: the label and `_tcp` in front of the mail domain.
    pub(super) owner: Name,
    /// What must stand there, where the service is offered.
    pub(super) planned: Option<&'a RrSet>,
    /// The denial that must stand there, where the service is not offered.
    pub(super) denial: Option<&'a RrSet>,
    /// What else is planned at the owner name: the path of a service beside mail.
    beside: Vec<&'a RrSet>,
    /// The SRV answer, aliases followed.
    pub(super) heard: Heard<'a>,
    /// The records that were heard, best priority first, each once.
    pub(super) srvs: Vec<SrvView>,
    /// Whether a wildcard is what answers.
    pub(super) is_wildcard: bool,
}

/// Every place that the plan says something of, in its order.
pub(super) fn places<'a>(plan: &'a RecordPlan, observed: &'a Observed) -> Vec<Place<'a>> {
    let planned = plan.published().filter_map(|(purpose, set)| {
        let kind = Kind::of(purpose)?;
        let (planned, denial) =
            if purpose.is_denial() { (None, Some(set)) } else { (Some(set), None) };
        let mut place = Place::new(kind, set.owner().clone(), planned, denial, observed);
        let others = plan.published().map(|(_, other)| other);
        place.beside.extend(others.filter(|other| {
            other.owner() == set.owner() && other.record_type() != RecordType::SRV
        }));
        Some(place)
    });
    let absent = unplanned(plan).map(|kind| {
        let owner = plan.domain().prefixed(&[kind.label(), PROTO]);
        Place::new(kind, owner, None, None, observed)
    });
    planned.chain(absent).collect()
}

/// The services that a plan neither offers nor denies: of mail, and, where the profile offers some
/// service beside mail and so has a say in them, of the others.
pub(super) fn unplanned(plan: &RecordPlan) -> impl Iterator<Item = Kind> {
    let mail = plan.labels().iter().filter(|label| label.expected == Expected::Absent);
    let has_say = !plan.related().is_empty();
    let beside = Related::ALL.into_iter().filter(move |_| has_say).flat_map(|service| {
        let cleartext = service.cleartext().map(|_| Kind::Cleartext(service));
        [Some(Kind::Related(service)), cleartext].into_iter().flatten()
    });
    let kinds = mail.map(|label| Kind::Mail(label.label)).chain(beside);
    kinds.filter(|kind| !plan.published().any(|(purpose, _)| Kind::of(purpose) == Some(*kind)))
}

impl<'a> Place<'a> {
    /// Reads what was heard at the owner name; records that are repeated count once.
    fn new(
        kind: Kind,
        owner: Name,
        planned: Option<&'a RrSet>,
        denial: Option<&'a RrSet>,
        observed: &'a Observed,
    ) -> Self {
        let heard = observed.heard(&owner, RecordType::SRV);
        let is_wildcard = observed.is_from_wildcard(&heard);
        let mut srvs = heard.srvs();
        srvs.dedup();
        Self { kind, owner, planned, denial, beside: Vec::new(), heard, srvs, is_wildcard }
    }

    /// The service label.
    pub(super) const fn label(&self) -> &'static str {
        self.kind.label()
    }

    /// What a finding about the place is about: its SRV RRset.
    pub(super) fn subject(&self) -> Subject {
        Subject::rrset(&self.owner, RecordType::SRV)
    }

    /// The records with a target other than `.`.
    pub(super) fn reals(&self) -> impl Iterator<Item = &SrvView> {
        self.srvs.iter().filter(|srv| !srv.is_denial())
    }

    /// The planned record of a target.
    pub(super) fn planned_for(&self, target: &Name) -> Option<&'a SRV> {
        self.planned?.srvs().find(|srv| srv.target == *target)
    }

    /// The real records that have a target of the plan, each with its planned record.
    pub(super) fn ours(&self) -> impl Iterator<Item = (&SrvView, &'a SRV)> {
        self.reals().filter_map(|srv| Some((srv, self.planned_like(srv)?)))
    }

    /// The planned record that one was meant to be. A profile may name a host twice, with a port
    /// or a weight each: one that stands as planned leaves the other to what does not.
    fn planned_like(&self, srv: &SrvView) -> Option<&'a SRV> {
        let stands = |planned: &SRV| {
            self.srvs.iter().any(|other| other.rdata() == RData::SRV(planned.clone()))
        };
        let of_target = || {
            let planned = self.planned.into_iter().flat_map(RrSet::srvs);
            planned.filter(|planned| planned.target == srv.target)
        };
        of_target()
            .find(|planned| srv.rdata() == RData::SRV((*planned).clone()))
            .or_else(|| of_target().find(|planned| planned.port == srv.port && !stands(planned)))
            .or_else(|| of_target().find(|planned| !stands(planned)))
            .or_else(|| of_target().next())
    }

    /// All that was heard, denials too.
    pub(super) fn rdatas(&self) -> Vec<RData> {
        self.srvs.iter().map(SrvView::rdata).collect()
    }

    /// Whether the records can be edited where they stand: not behind an alias, often in another's
    /// zone.
    fn is_editable(&self) -> bool {
        !self.heard.is_alias()
    }

    /// Adds what turns all that was heard into what is planned. An alias goes, and with it whatever
    /// it lent to other types; what a wildcard says is no record to delete.
    pub(super) fn mend(&self, draft: &mut Draft) {
        let Some(set) = self.planned.or(self.denial) else { return self.clear(draft) };
        if self.is_wildcard {
            draft.replace(&[], set);
        } else if let Some(next) = self.heard.chain().first() {
            draft.delete_alias(&self.owner, next).replace(&[], set);
            for other in &self.beside {
                draft.replace(&[], other);
            }
        } else {
            draft.replace(&self.rdatas(), set);
        }
    }

    /// Adds a service that is missing to a finding, with what else is planned at its owner name and
    /// missing there: clients ask for a path only where they found the service (RFC 6764 §6).
    pub(super) fn add_missing(&self, observed: &Observed, draft: &mut Draft) {
        draft.about(self.subject()).expect_set(self.planned.or(self.denial));
        self.mend(draft);
        for other in &self.beside {
            if observed.heard(other.owner(), other.record_type()).is_absent() {
                draft.about(Subject::rrset(other.owner(), other.record_type()));
                draft.expect_set(Some(other)).replace(&[], other);
            }
        }
    }

    /// Adds the deletion of everything real.
    fn clear(&self, draft: &mut Draft) {
        if self.is_wildcard {
            return;
        }
        draft.clear(&self.owner, &self.heard.chain(), self.reals().map(SrvView::rdata));
    }

    /// Adds the deletion of one record alone.
    pub(super) fn remove(&self, draft: &mut Draft, srv: &SrvView) {
        if self.is_editable() {
            draft.delete(&self.owner, srv.rdata());
        } else {
            self.mend(draft);
        }
    }

    /// Adds what puts a planned record in the place of one that was heard.
    pub(super) fn swap(&self, draft: &mut Draft, srv: &SrvView, planned: &SRV) {
        if !self.is_editable() {
            return self.mend(draft);
        }
        draft.delete(&self.owner, srv.rdata());
        let data = RData::SRV(planned.clone());
        if !self.rdatas().contains(&data) {
            draft.publish(&self.owner, data);
        }
    }
}

/// The targets of records, for a message.
pub(super) fn targets_text<'a>(srvs: impl IntoIterator<Item = &'a SrvView>) -> String {
    let mut names: Vec<String> = srvs.into_iter().map(|srv| plain_text(&srv.target)).collect();
    names.dedup();
    enumerate(&names)
}
