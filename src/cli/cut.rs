//! Names that a list need not ask for, because the name above them does not exist (RFC 8020).
//!
//! Some servers deny a name that has others below it. Whoever believes them would call records missing
//! that stand. So one domain in a hundred is asked about in full, and the answers about every domain are
//! looked at for a contradiction: the first ends it for the run. What was judged so is marked in the JSON
//! report (`cut`), and told at the end. The record that is missing first was asked for itself in any
//! case: what may be wrong is which others are missing, too.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::audit_args::AuditArgs;
use super::desk::Desk;
use crate::inquiry::{Inquiry, Views};
use crate::name::{MailDomain, Shard, plain_text};
use crate::service::PROTO;
use crate::words::counted;

/// Of so many domains one is asked about in full.
const SAMPLE: u32 = 100;

/// Whether names are cut off in this run, by whichever thread asks, and how many domains were judged so.
pub(super) struct Cut {
    is_wanted: bool,
    is_contradicted: AtomicBool,
    judged: AtomicUsize,
    sample: Option<Shard>,
}

impl Cut {
    /// Of lists that a resolver is asked about. A recording is to hold all answers, what is waited for is
    /// to be seen when it comes, and each server of a zone is asked for all that it may say.
    pub(super) fn of(desk: &Desk<'_>) -> Self {
        let args = desk.args;
        let is_by_resolver = desk.network.is_some() && !has_own_source(args);
        let is_plain = args.record.is_none() && args.wait.is_none() && !args.every_name;
        Self::new(desk.many && is_by_resolver && is_plain)
    }

    fn new(is_wanted: bool) -> Self {
        let sample = Shard::new(1, SAMPLE).ok();
        let (is_contradicted, judged) = (AtomicBool::new(false), AtomicUsize::new(0));
        Self { is_wanted, is_contradicted, judged, sample }
    }

    /// The inquiry as it is to be begun.
    pub(super) fn apply(&self, inquiry: Inquiry) -> Inquiry {
        match self.is_believed() && !self.is_in_sample(inquiry.domain()) {
            true => inquiry.with_tcp_cut(),
            false => inquiry,
        }
    }

    /// The same domains in each run, and as many of each shard.
    fn is_in_sample(&self, domain: &MailDomain) -> bool {
        self.sample.is_some_and(|sample| sample.holds_text(&format!("{domain}/")))
    }

    /// Looks at what was observed of a domain; what is to be said where it ends the cut.
    pub(super) fn take(&self, views: Option<&Views>) -> Option<String> {
        let observed = views.map(Views::first)?;
        self.judged.fetch_add(usize::from(observed.is_cut()), Ordering::Relaxed);
        if !self.is_believed() || !observed.contradicts_the_cut() {
            return None;
        }
        let is_first = !self.is_contradicted.swap(true, Ordering::Relaxed);
        let node = plain_text(&observed.domain().prefixed(&[PROTO]));
        is_first.then(|| format!(
            "{node} is denied by a server that has names below it: from now on every name below _tcp is asked for, also where that is denied"
        ))
    }

    /// What is to be said at the end of what was judged by what turned out to be no evidence.
    pub(super) fn close(&self) -> Option<String> {
        let judged = self.judged.load(Ordering::Relaxed);
        (self.is_contradicted.load(Ordering::Relaxed) && judged > 0).then(|| {
            let domains = counted(judged, "domain");
            format!(
                "of {domains} without _tcp one name below it was asked for, and others may stand there (`cut` in JSON); --every-name asks for all"
            )
        })
    }

    fn is_believed(&self) -> bool {
        self.is_wanted && !self.is_contradicted.load(Ordering::Relaxed)
    }
}

/// Whether others than one resolver answer.
fn has_own_source(args: &AuditArgs) -> bool {
    let zones = &args.ask.zones;
    args.ask.authoritative || args.ask.compare || !zones.zone.is_empty() || zones.transfer.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_domain_in_a_hundred_is_asked_about_in_full_of_every_shard() {
        let cut = Cut::new(true);
        let domains: Vec<MailDomain> =
            (0..20_000).map(|at| format!("d{at}.test").parse().unwrap()).collect();
        for count in [1, 2, 5, 16, 100] {
            let shard = Shard::new(1, count).unwrap();
            let of_shard = || domains.iter().filter(|domain| shard.holds(domain));
            let (all, some) =
                (of_shard().count(), of_shard().filter(|domain| cut.is_in_sample(domain)).count());
            let expected = all / 100;
            assert!(
                some <= 3 * expected + 5 && 5 * some + 5 >= expected,
                "{count}: {some} of {all}"
            );
        }
    }
}
