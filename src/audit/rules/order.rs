//! What the priorities and weights make clients prefer, across the labels of a family.
//!
//! A profile may order the labels in its own way: records that stand as planned are never faulted.

use hickory_proto::rr::RecordType;
use hickory_proto::rr::rdata::SRV;

use super::{Case, Findings, mend, rdatas};
use crate::audit::{Code, Severity};
use crate::inquiry::SrvView;
use crate::service::{Label, Service, TlsMode};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for service in Service::ALL {
        check_modes(case, service, findings);
    }
    check_families(case, findings);
    for plan in case.plan.labels().iter().filter(|plan| plan.is_offered()) {
        check_zero_weight(case, plan.label, findings);
    }
}

/// RFC 8314 §4: implicit TLS is advertised in preference to STARTTLS.
fn check_modes(case: &Case<'_>, service: Service, findings: &mut Findings) {
    let (tls, starttls) = (service.label(TlsMode::Implicit), service.label(TlsMode::StartTls));
    let (Some(first), Some(second)) = (best(case, tls), best(case, starttls)) else { return };
    let as_planned = first.is_as_planned() && second.is_as_planned();
    if !as_planned && second.priority <= first.priority {
        let (code, relation) = if second.priority < first.priority {
            (Code::PriorityPrefersStarttls, "comes before")
        } else {
            (Code::PriorityTie, "ties with")
        };
        let message = format!(
            "{starttls} (priority {}) {relation} {tls} (priority {})",
            second.priority, first.priority
        );
        add(case, code, &[starttls, tls], message, findings);
    }
    if second.priority == first.priority
        && second.weight != first.weight
        && !(as_planned && first.weight == first.planned.1 && second.weight == second.planned.1)
    {
        let message = format!(
            "{starttls} has weight {} and {tls} has weight {}, at equal priority",
            second.weight, first.weight
        );
        add(case, Code::WeightDiffers, &[starttls, tls], message, findings);
    }
}

/// RFC 6186 §3.4: the priorities of IMAP and POP3 are compared with each other.
fn check_families(case: &Case<'_>, findings: &mut Findings) {
    if case.plan.preferred() != Service::Imap {
        return;
    }
    let family = |service: Service| {
        TlsMode::ALL
            .into_iter()
            .filter_map(|mode| {
                best(case, service.label(mode)).map(|best| (best, service.label(mode)))
            })
            .min_by_key(|(best, _)| best.priority)
    };
    let (Some((imap, imap_label)), Some((pop3, pop3_label))) =
        (family(Service::Imap), family(Service::Pop3))
    else {
        return;
    };
    if (imap.is_as_planned() && pop3.is_as_planned()) || pop3.priority > imap.priority {
        return;
    }
    let tie = pop3.priority == imap.priority;
    let message = format!(
        "{pop3_label} (priority {}) {} {imap_label} (priority {})",
        pop3.priority,
        if tie { "ties with" } else { "comes before" },
        imap.priority
    );
    let severity = if tie { Severity::Info } else { Code::PriorityPrefersPop3.severity() };
    let code = Code::PriorityPrefersPop3;
    add(case, code, &[pop3_label, imap_label], message, findings).at(severity);
}

/// RFC 2782: beside a positive weight, weight 0 means a very small chance.
fn check_zero_weight(case: &Case<'_>, label: Label, findings: &mut Findings) {
    let reals = case.reals(label);
    let is_planned = |srv: &SrvView<'_>| {
        let same = |planned: &SRV| planned.weight == srv.weight && planned.target == *srv.target;
        case.plan.label(label).offered().any(same)
    };
    if reals.iter().all(is_planned) {
        return;
    }
    let zero = reals.iter().find(|zero| {
        let outweighs = |srv: &SrvView<'_>| srv.priority == zero.priority && srv.weight > 0;
        zero.weight == 0 && reals.iter().any(outweighs)
    });
    let Some(zero) = zero else { return };
    let message =
        format!("{label} has weight 0 beside positive weights at priority {}", zero.priority);
    add(case, Code::WeightZeroMixed, &[label], message, findings);
}

/// The record of ours under a label that a client would choose first.
struct Best {
    priority: u16,
    weight: u16,
    /// The priority and the weight that the plan has for it.
    planned: (u16, u16),
}

impl Best {
    fn is_as_planned(&self) -> bool {
        self.priority == self.planned.0
    }
}

fn best(case: &Case<'_>, label: Label) -> Option<Best> {
    let (srv, planned) = case.ours(label).into_iter().min_by_key(|(srv, _)| srv.priority)?;
    let planned = (planned.priority, planned.weight);
    Some(Best { priority: srv.priority, weight: srv.weight, planned })
}

/// Adds a finding about the order of labels, whose remedy is to publish all of them as planned.
fn add<'a>(
    case: &Case<'_>,
    code: Code,
    labels: &[Label],
    message: String,
    findings: &'a mut Findings,
) -> &'a mut crate::audit::Finding {
    let finding = findings.add(code, &case.owner(labels[0]), RecordType::SRV, message);
    for &label in labels {
        let Some(planned) = case.plan.label(label).offered_set() else { continue };
        finding.expected.extend(planned.rdatas().iter().cloned());
        finding.observed.extend(rdatas(&case.reals(label)));
        mend(finding, &case.observed.service(label), planned);
    }
    finding
}
