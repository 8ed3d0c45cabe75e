//! Why a domain could not be judged.

use super::{Item, Retold};
use crate::audit::{Audit, Unvisited, Verdict};
use crate::endpoint::Unseen;
use crate::name::{plain_text, text};
use crate::words::{counted, enumerate};
use crate::zonefile;

/// The questions and names that are listed.
const LISTED: usize = 3;

/// Why a domain could not be judged, also where a finding says it; None of one that was.
pub(super) fn reason(item: Item<'_>) -> Option<String> {
    let told = match item {
        Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. })
            if audit.verdict == Verdict::Broken =>
        {
            audit.findings.first()
        }
        Item::Judged { .. } | Item::Retold(_) | Item::Broken { .. } => None,
    };
    problem(item).or_else(|| told.map(|finding| finding.message.clone()))
}

/// What to say of a domain that could not be judged, in words without a full stop; None of one that
/// was, and where a finding says it.
pub(super) fn problem(item: Item<'_>) -> Option<String> {
    let audit = match item {
        Item::Broken { error, .. } => return Some(error.to_owned()),
        Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => audit,
    };
    match audit.verdict {
        Verdict::Pass | Verdict::Warn | Verdict::Fail => None,
        Verdict::Broken if audit.findings.is_empty() => Some("it cannot be judged".to_owned()),
        Verdict::Broken => None,
        Verdict::Unknown if audit.unanswered.is_empty() && !audit.unvisited.is_empty() => {
            let servers = audit.unvisited.iter().take(LISTED);
            let servers: Vec<String> = servers.map(|it| format!("{it}: {}", why_not(it))).collect();
            let more = match audit.unvisited.len() - servers.len() {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let count = not_visited(audit);
            Some(format!("{count}: {}{more}", servers.join(", ")))
        }
        Verdict::Unknown if audit.unanswered.is_empty() => {
            let names: Vec<String> = audit.not_judged.iter().map(plain_text).collect();
            Some(format!("outside the zones at hand: {}", enumerate(&names)))
        }
        Verdict::Unknown => {
            let questions = audit.unanswered.iter().take(LISTED).map(|(question, failure)| {
                let rtype = zonefile::type_name(question.rtype);
                format!("{} {rtype}: {failure}", text(&question.name))
            });
            let questions: Vec<String> = questions.collect();
            let more = match audit.unanswered.len() - questions.len() {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let count = counted(audit.unanswered.len(), "question");
            Some(format!("{count} not answered: {}{more}", questions.join(", ")))
        }
    }
}

/// How much was not visited, for people: servers, and pages.
pub(crate) fn not_visited(audit: &Audit) -> String {
    let is_server = |it: &&Unvisited| matches!(it, Unvisited::Server(..));
    let servers = audit.unvisited.iter().filter(is_server).count();
    let pages = audit.unvisited.len() - servers;
    let mut counts = Vec::new();
    if servers > 0 {
        counts.push(format!("{} not visited", counted(servers, "server")));
    }
    if pages > 0 {
        counts.push(format!("{} not fetched", counted(pages, "page")));
    }
    counts.join(", ")
}

/// Why nothing is known of what was to be visited, for people.
pub(super) fn why_not(it: &Unvisited) -> String {
    match it {
        Unvisited::Server(_, why) => unvisited(*why).to_owned(),
        Unvisited::Page(_, why) => why.to_string(),
    }
}

/// Why nothing is known of an endpoint, for people.
pub(super) fn unvisited(why: Unseen) -> &'static str {
    match why {
        Unseen::NoWay => "this machine cannot connect to an address of that kind",
        Unseen::NotAgain => "it does not bear what follows STARTTLS, and took no second connection",
        Unseen::Guarded => "the address is private or of this machine; --probe-private visits it",
        Unseen::NotRecorded => "the recording has nothing of it",
        Unseen::Deadline => "the deadline of the domain came first",
        Unseen::OutsideZone => "the addresses of the host lie outside the zones at hand",
        Unseen::NotLookedUp
        | Unseen::NoAddress
        | Unseen::Refused
        | Unseen::Unreachable
        | Unseen::Timeout
        | Unseen::Closed => "the addresses of the host could not be looked up",
    }
}
