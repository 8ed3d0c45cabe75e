//! What the priorities and weights make clients prefer, across the labels of a family.
//!
//! A profile may order the labels in its own way: records that stand as planned are never faulted.

use hickory_proto::rr::rdata::SRV;

use super::Case;
use super::ports::is_swapped;
use crate::audit::finding::{Draft, Findings, Phrase, Verb};
use crate::audit::place::Place;
use crate::code::{Code, Severity};
use crate::inquiry::SrvView;
use crate::service::{Label, Service, TlsMode};

/// Judges the modes of each service, then IMAP against POP3, then weights inside one RRset.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for service in Service::ALL {
        check_modes(case, service, findings);
    }
    check_families(case, findings);
    let offered = |place: &&Place<'_>| place.planned.is_some() && !place.is_wildcard;
    for place in case.places.iter().filter(offered) {
        check_zero_weight(place, findings);
    }
}

/// RFC 8314 §4: implicit TLS is advertised in preference to STARTTLS.
fn check_modes(case: &Case<'_>, service: Service, findings: &mut Findings) {
    let (tls, starttls) = (service.label(TlsMode::Implicit), service.label(TlsMode::StartTls));
    let (Some(first), Some(second)) = (best(case, tls), best(case, starttls)) else { return };
    let as_planned = first.has_planned_priority() && second.has_planned_priority();
    // Weights matter in a tie alone, so that a tie by mistake is the one cause.
    if !as_planned && second.srv.priority <= first.srv.priority {
        let (code, rest) = if second.srv.priority < first.srv.priority {
            (
                Code::PriorityPrefersStarttls,
                "a better priority number than the same service with TLS",
            )
        } else {
            (Code::PriorityTie, "the same priority as the same service with TLS")
        };
        let phrase = Phrase::Of(Verb::Has, rest.to_owned());
        let draft = findings.add(code, second.place.subject(), second.place.label(), phrase);
        for side in [&second, &first] {
            side.mend(draft);
        }
    } else if second.srv.priority == first.srv.priority
        && second.srv.weight != first.srv.weight
        && !(first.has_planned_weight() && second.has_planned_weight())
    {
        let rest = format!(
            "weight {} and {} has weight {}, at equal priority",
            second.srv.weight,
            first.place.label(),
            first.srv.weight
        );
        let phrase = Phrase::Of(Verb::Has, rest);
        let draft =
            findings.add(Code::WeightDiffers, second.place.subject(), second.place.label(), phrase);
        for side in [&second, &first] {
            side.mend(draft);
        }
    }
}

/// RFC 6186 §3.4: the priorities of IMAP and POP3 are compared with each other.
fn check_families(case: &Case<'_>, findings: &mut Findings) {
    if case.plan.preferred() != Service::Imap {
        return;
    }
    let family = |service: Service| {
        let labels = TlsMode::ALL.into_iter().map(|mode| service.label(mode));
        let mut family: Vec<_> = labels.filter_map(|label| best(case, label)).collect();
        family.sort_by_key(|best| best.srv.priority);
        family
    };
    let (imaps, pop3s) = (family(Service::Imap), family(Service::Pop3));
    let (Some(imap), Some(pop3)) = (imaps.first(), pop3s.first()) else { return };
    if (imap.has_planned_priority() && pop3.has_planned_priority())
        || pop3.srv.priority > imap.srv.priority
    {
        return;
    }
    let code = Code::PriorityPrefersPop3;
    let (severity, rest) = if pop3.srv.priority == imap.srv.priority {
        let rest = format!(
            "the same priority as {} ({}), so that clients are free to choose either",
            imap.place.label(),
            imap.srv.priority
        );
        (Severity::Info, rest)
    } else {
        let rest = format!(
            "priority {}, before {} with {}: clients that compare the two set up POP3",
            pop3.srv.priority,
            imap.place.label(),
            imap.srv.priority
        );
        (code.severity(), rest)
    };
    let phrase = Phrase::Of(Verb::Has, rest);
    let draft = findings.add_at(code, severity, pop3.place.subject(), pop3.place.label(), phrase);
    // Whoever moved one label of a service often moved both.
    for side in [pop3, imap].into_iter().chain(&pop3s[1..]).chain(&imaps[1..]) {
        side.mend(draft);
    }
}

/// RFC 2782: beside a positive weight, weight 0 means a very small chance.
fn check_zero_weight(place: &Place<'_>, findings: &mut Findings) {
    let is_planned = |srv: &SrvView| {
        let same = |planned: &SRV| planned.weight == srv.weight && planned.target == srv.target;
        place.planned.is_some_and(|set| set.srvs().any(same))
    };
    if place.reals().all(is_planned) {
        return;
    }
    let zero = place.reals().find(|zero| {
        let outweighs = |srv: &SrvView| srv.priority == zero.priority && srv.weight > 0;
        zero.weight == 0 && place.reals().any(outweighs)
    });
    let Some(zero) = zero else { return };
    let rest = format!("weight 0 beside positive weights at priority {}", zero.priority);
    let phrase = Phrase::Of(Verb::Has, rest);
    let draft = findings.add(Code::WeightZeroMixed, place.subject(), place.label(), phrase);
    draft.expect_set(place.planned).observe(place.reals().map(SrvView::rdata));
    for (srv, planned) in place.ours().filter(|(srv, planned)| srv.weight != planned.weight) {
        place.swap(draft, srv, planned);
    }
}

/// The record of ours under a label that a client would choose first.
struct Best<'c, 'a> {
    place: &'c Place<'a>,
    srv: &'c SrvView,
    planned: &'a SRV,
}

impl Best<'_, '_> {
    /// A priority that the profile wants is never at fault, whatever it is compared with.
    fn has_planned_priority(&self) -> bool {
        self.srv.priority == self.planned.priority
    }

    fn has_planned_weight(&self) -> bool {
        self.srv.weight == self.planned.weight
    }

    /// Adds what gives the records of ours their planned places in line, where they are out of it.
    fn mend(&self, draft: &mut Draft) {
        let is_out = |(srv, planned): &(&SrvView, &SRV)| {
            let differs = srv.priority != planned.priority || srv.weight != planned.weight;
            differs && !is_swapped(srv, planned)
        };
        let out: Vec<(&SrvView, &SRV)> = self.place.ours().filter(is_out).collect();
        if out.is_empty() {
            return;
        }
        draft.about(self.place.subject()).expect_set(self.place.planned);
        for (srv, planned) in out {
            draft.observe([srv.rdata()]);
            self.place.swap(draft, srv, planned);
        }
    }
}

/// Records whose fields are swapped are left out: their priority is a port, and has a finding.
fn best<'c, 'a>(case: &'c Case<'a>, label: Label) -> Option<Best<'c, 'a>> {
    let place = case.mail(label).filter(|place| !place.is_wildcard)?;
    let in_place = place.ours().filter(|(srv, planned)| !is_swapped(srv, planned));
    let (srv, planned) = in_place.min_by_key(|(srv, _)| srv.priority)?;
    Some(Best { place, srv, planned })
}
