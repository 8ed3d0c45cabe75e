//! Where those disagree who were asked for themselves: servers of a zone, or resolvers.

use hickory_proto::rr::rdata::{CNAME, NS};
use hickory_proto::rr::{Name, RData, RecordType};

use super::finding::{Findings, Phrase, Subject, Told};
use super::witnesses::{Seen, Serial, Share, Witnesses};
use crate::answer::{Failure, Question, Vantage};
use crate::code::{Code, Severity};
use crate::inquiry::Said;
use crate::name::{plain_text, relative_text};
use crate::plan::RecordPlan;
use crate::words::{counted, enumerate};

/// Looks at who answers, at whom parent and zone name, and at what is said of each RRset.
pub(super) fn check(plan: &RecordPlan, witnesses: &Witnesses<'_>, findings: &mut Findings) {
    if witnesses.scope.sight.is_of_servers() {
        check_lame(witnesses, findings);
        check_delegation(witnesses, findings);
    } else {
        check_silent(plan, witnesses, findings);
    }
    check_answers(plan, witnesses, findings);
}

/// Whether a failure lies with this machine, and so tells nothing of the server.
fn is_ours(failure: Failure) -> bool {
    matches!(failure, Failure::NoRoute | Failure::Forbidden | Failure::NoDescriptor)
}

/// Servers that do not answer for the zone, those of one reason together.
fn check_lame(witnesses: &Witnesses<'_>, findings: &mut Findings) {
    let zone = &witnesses.scope.sight.zone;
    let shown = plain_text(zone);
    let mut lame: Vec<(Failure, Vec<&Vantage>)> = Vec::new();
    for seen in &witnesses.all {
        let Some(failure) = seen.failure().filter(|failure| !is_ours(*failure)) else { continue };
        match lame.iter_mut().find(|(known, _)| *known == failure) {
            Some((_, servers)) => servers.push(seen.vantage),
            None => lame.push((failure, vec![seen.vantage])),
        }
    }
    let mut add = |message: String| {
        let subject = Subject::rrset(zone, RecordType::NS);
        findings.add(Code::ServerLame, subject, "", Phrase::Whole(message));
    };
    for (failure, servers) in lame {
        let do_not = if servers.len() == 1 { "does not" } else { "do not" };
        add(format!("{} {do_not} answer for {shown}: {failure}", names(&servers)));
    }
    for seen in witnesses.heard() {
        let theirs = seen.failed.iter().filter(|(_, failure)| !is_ours(*failure));
        let theirs: Vec<_> = theirs.collect();
        let Some((question, failure)) = theirs.first() else { continue };
        let count = theirs.len();
        let example = format!("{failure} for {} {}", plain_text(&question.name), question.rtype);
        add(format!(
            "{} leaves {count} of {} unanswered: {example}",
            seen.vantage,
            counted(seen.asked, "question")
        ));
    }
    for (server, failure) in &witnesses.scope.sight.homeless {
        let server = plain_text(server);
        add(match failure {
            None => format!("{server} has no address, and is named as a server of {shown}"),
            Some(failure) => format!("the address of {server} is not known: {failure}"),
        });
    }
}

/// Resolvers that answer nothing, where others do. Whose fault it is, is no matter: what was to be
/// compared was not.
fn check_silent(plan: &RecordPlan, witnesses: &Witnesses<'_>, findings: &mut Findings) {
    if witnesses.judged().next().is_none() {
        return;
    }
    for seen in witnesses.all.iter().filter(|seen| seen.is_silent() && !seen.is_bogus()) {
        let Some(failure) = seen.failure() else { continue };
        // Every audit asks for it.
        let subject = Subject::rrset(plan.domain().name(), RecordType::MX);
        let message = format!("the resolver {} answers nothing: {failure}", seen.vantage);
        let (code, phrase) = (Code::ResolversDisagree, Phrase::Whole(message));
        findings.add_at(code, Severity::Warning, subject, "", phrase);
    }
}

/// RFC 1034 §4.2.2: the NS records of the zone above and of the zone are the same.
fn check_delegation(witnesses: &Witnesses<'_>, findings: &mut Findings) {
    let sight = witnesses.scope.sight;
    let Some(parent) = &sight.parent else { return };
    let mut parent: Vec<RData> = parent.iter().map(|name| RData::NS(NS(name.clone()))).collect();
    parent.sort();
    let mut told: Vec<Told> = Vec::new();
    for seen in witnesses.heard() {
        let heard = seen.observed.heard(&sight.zone, RecordType::NS);
        if heard.said() == Said::Records {
            let subject = Subject::rrset(&sight.zone, RecordType::NS);
            join(&mut told, subject, seen.vantage, heard.rdatas(), None);
        }
    }
    // Servers that disagree among themselves have a finding of their own.
    let Some(zone) = told.iter().max_by_key(|told| told.by.len()) else { return };
    if zone.data.len() == parent.len() && zone.data.iter().all(|server| parent.contains(server)) {
        return;
    }
    let only = |these: &[RData], those: &[RData]| {
        let only = these.iter().filter(|data| !those.contains(data));
        let names: Vec<String> = only.filter_map(server).map(|name| plain_text(&name)).collect();
        (enumerate(&names), if names.len() == 1 { "serves" } else { "serve" })
    };
    let ((above, serve_above), (below, serve_below)) =
        (only(&parent, &zone.data), only(&zone.data, &parent));
    let apex = plain_text(&sight.zone);
    let message = match (above.is_empty(), below.is_empty()) {
        (false, true) => {
            format!("{above} {serve_above} {apex} by its delegation, and not by the zone itself")
        }
        (true, _) => {
            format!("{below} {serve_below} {apex} by the zone itself, and not by its delegation")
        }
        (false, false) => format!(
            "{apex} is delegated to {above}, and the zone itself names {below} in that place"
        ),
    };
    let subject = Subject::rrset(&sight.zone, RecordType::NS);
    let draft = findings.add(Code::DelegationDiffers, subject, "", Phrase::Whole(message));
    draft.expect_data(&parent).observe(zone.data.iter().cloned());
}

fn server(data: &RData) -> Option<Name> {
    if let RData::NS(server) = data { Some(server.0.clone()) } else { None }
}

/// RRsets of which not all say the same; those that divide them alike have one cause.
fn check_answers(plan: &RecordPlan, witnesses: &Witnesses<'_>, findings: &mut Findings) {
    let mut causes: Vec<Vec<Vec<Told>>> = Vec::new();
    for subject in subjects(witnesses) {
        let told = answers(&subject, witnesses);
        if told.len() < 2 {
            continue;
        }
        let is_alike = |cause: &&mut Vec<Vec<Told>>| divides_alike(&cause[0], &told);
        match causes.iter_mut().find(is_alike) {
            Some(cause) => cause.push(told),
            None => causes.push(vec![told]),
        }
    }
    for cause in causes {
        let shown: Vec<String> = cause.iter().map(|told| shown(plan, &told[0].subject)).collect();
        let (code, severity, message) = match witnesses.scope.sight.is_of_servers() {
            true => servers_disagree(&enumerate(&shown), &cause[0], witnesses),
            false => {
                let message =
                    format!("the resolvers say different things of {}", enumerate(&shown));
                (Code::ResolversDisagree, Code::ResolversDisagree.severity(), message)
            }
        };
        let subject = cause[0][0].subject.clone();
        let draft = findings.add_at(code, severity, subject, "", Phrase::Whole(message));
        for told in cause {
            draft.about(told[0].subject.clone()).tell(told);
        }
    }
}

/// The owner name and type of what is compared, for a message.
fn shown(plan: &RecordPlan, subject: &Subject) -> String {
    let domain = plan.domain().name();
    let owner = match domain.zone_of(subject.owner()) && domain != subject.owner() {
        true => relative_text(subject.owner(), domain),
        false => plain_text(subject.owner()),
    };
    format!("{owner} {}", subject.kind())
}

/// Servers that hold what an earlier version of the zone held will follow; those that differ in spite
/// of the same serial number will not. When the last change was, nobody tells.
fn servers_disagree(
    shown: &str,
    told: &[Told],
    witnesses: &Witnesses<'_>,
) -> (Code, Severity, String) {
    let code = Code::ServersDisagree;
    let serial = |vantage: &Vantage| {
        let seen = witnesses.all.iter().find(|seen| seen.vantage == vantage)?;
        seen.serial
    };
    let mut versions: Vec<(Serial, Vec<&Vantage>, usize)> = Vec::new();
    let mut is_explained = true;
    for (group, told) in told.iter().enumerate() {
        for vantage in &told.by {
            let Some(serial) = serial(vantage) else {
                is_explained = false;
                continue;
            };
            match versions.iter_mut().find(|(known, ..)| known.number == serial.number) {
                Some((_, servers, first)) => {
                    servers.push(vantage);
                    is_explained &= *first == group;
                }
                None => versions.push((serial, vec![vantage], group)),
            }
        }
    }
    let of = witnesses.zone_below().map(|zone| format!(" of {}", plain_text(zone)));
    let of = of.unwrap_or_default();
    if !is_explained || versions.len() < 2 {
        let message = format!("the servers{of} hold different records at {shown}");
        return (code, code.severity(), message);
    }
    let refresh = versions.iter().map(|(serial, ..)| serial.refresh).max().unwrap_or(0);
    let list: Vec<String> = versions
        .iter()
        .map(|(serial, servers, _)| format!("serial {} at {}", serial.number, names(servers)))
        .collect();
    let message = format!(
        "a change of {shown} is on its way to all servers{of}: {}; they ask for it every {refresh} seconds",
        enumerate(&list)
    );
    (code, Severity::Info, message)
}

/// What can be compared: what one at least answered itself, in the order of the first.
///
/// The serial number is no content, and what an alias leads to is compared as an alias.
fn subjects(witnesses: &Witnesses<'_>) -> Vec<Subject> {
    let scope = &witnesses.scope;
    let mut subjects: Vec<Subject> = Vec::new();
    for seen in witnesses.heard() {
        for (question, _) in seen.observed.answers() {
            let is_serial = question.rtype == RecordType::SOA;
            let share = scope.share(seen.vantage, seen.observed, &question);
            if is_serial || share != Share::Own {
                continue;
            }
            let is_alias =
                |seen: &Seen<'_>| seen.observed.heard(&question.name, question.rtype).is_alias();
            let rtype = match question.rtype {
                RecordType::A | RecordType::AAAA if witnesses.heard().any(is_alias) => {
                    RecordType::CNAME
                }
                other => other,
            };
            let subject = Subject::rrset(&question.name, rtype);
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    subjects
}

/// What each says of an RRset, those together who say the same.
fn answers(subject: &Subject, witnesses: &Witnesses<'_>) -> Vec<Told> {
    let asked = match subject.rtype() {
        Some(RecordType::CNAME) => RecordType::A,
        Some(other) => other,
        None => return Vec::new(),
    };
    let question = Question { name: subject.owner().clone(), rtype: asked };
    // Where one points to a zone below and another answers itself, they differ in what a client gets.
    let is_asked = |seen: &&Seen<'_>| {
        witnesses.scope.share(seen.vantage, seen.observed, &question) != Share::Others
    };
    let mut told = Vec::new();
    for seen in witnesses.heard().filter(is_asked) {
        let heard = seen.observed.heard(subject.owner(), asked);
        let data = match heard.chain().into_iter().next() {
            Some(next) => vec![RData::CNAME(CNAME(next))],
            None => heard.rdatas(),
        };
        let failure = match heard.said() {
            Said::Failed(_) if !data.is_empty() => None,
            Said::Failed(Failure::NotAsked) => continue,
            // That a server does not answer has a finding of its own.
            Said::Failed(_) if witnesses.scope.sight.is_of_servers() => continue,
            Said::Failed(failure) => Some(failure),
            Said::Records | Said::NoData | Said::NxDomain => None,
        };
        join(&mut told, subject.clone(), seen.vantage, data, failure);
    }
    told
}

/// Puts one beside those who say the same.
fn join(
    told: &mut Vec<Told>,
    subject: Subject,
    vantage: &Vantage,
    data: Vec<RData>,
    failure: Option<Failure>,
) {
    match told.iter_mut().find(|told| told.data == data && told.failure == failure) {
        Some(known) => known.by.push(vantage.clone()),
        None => told.push(Told { subject, by: vec![vantage.clone()], data, failure }),
    }
}

/// Whether two RRsets divide those asked into the same groups.
fn divides_alike(one: &[Told], other: &[Told]) -> bool {
    one.len() == other.len() && one.iter().all(|told| other.iter().any(|their| their.by == told.by))
}

fn names(vantages: &[&Vantage]) -> String {
    enumerate(&vantages.iter().map(ToString::to_string).collect::<Vec<_>>())
}
