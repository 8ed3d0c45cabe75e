//! The remedies of a run, in a format of `generate`: what is to be published, and what is to go
//! where the format can say that.
//!
//! The audit says what becomes of each RRset, and `render` how a format has it; neither knows of the
//! other.

use std::collections::BTreeMap;
use std::io::{self, Write};

use hickory_proto::rr::{Name, RData};

use super::{Item, Reporter, Retold, Selection, Tally, reason};
use crate::audit::{Change, Code, Finding, Severity, changes};
use crate::name::{plain_text, printable, text};
use crate::plan::{Purpose, RecordPlan};
use crate::render::{Format, Remedy, Sheet};
use crate::rrset::{ResourceRecord, RrSet};
use crate::words::listed;
use crate::zonefile;

/// What is deleted there and not published would be half a remedy, and it is in another zone, maybe.
const OUTSIDE: &str = "stands at a host outside the mail domain; mend it in the zone of that host";

/// Prints remedies in place of a report.
pub(super) struct Remedies {
    format: Format,
    /// The apex of the zone, where the user named it.
    apex: Option<Name>,
    /// Whether something stands in front of the next domain.
    any: bool,
    notes: Vec<String>,
    /// The codes of findings that no record mends, each with the number of them.
    wordy: BTreeMap<Code, u64>,
}

impl Remedies {
    pub(super) fn new(format: Format, apex: Option<Name>) -> Self {
        Self { format, apex, any: false, notes: Vec::new(), wordy: BTreeMap::new() }
    }

    /// Notes what the script does not do: that something goes. Where the format has comments, they
    /// say it, too.
    fn note_deletions(&mut self, gone: &[RrSet]) -> String {
        let word = self.format.text();
        let mut comments = String::new();
        for ResourceRecord { owner, ttl, data } in gone.iter().flat_map(RrSet::records) {
            let record = zonefile::record_without_ttl(&ResourceRecord { owner, ttl, data });
            self.notes.push(format!("to be deleted, which --fix {word} does not say: {record}"));
            if let Some(sign) = self.format.mending().comment() {
                comments.extend([sign, " to be deleted: ", record.as_str(), "\n"]);
            }
        }
        comments
    }
}

impl Reporter for Remedies {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.format.remedy_opening().as_bytes())
    }

    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (plan, observed, audit) = match item {
            Item::Judged { plan: Some(plan), observed: Some(observed), audit, .. } => {
                (plan, observed, audit)
            }
            // One that passes has no remedies.
            Item::Judged { .. } => return Ok(()),
            Item::Retold(Retold { audit, .. }) => {
                let domain = plain_text(audit.domain.name());
                self.notes.push(format!("{domain}: left out: a report does not hold what stays"));
                return Ok(());
            }
            Item::Broken { line, typed, error, .. } => {
                let line = line.map_or_else(String::new, |line| format!("line {line}: "));
                let said = format!("{line}{typed}: {error}");
                self.notes.push(printable(&said).into_owned());
                return Ok(());
            }
        };
        let domain = plain_text(plan.domain().name());
        if let Some(reason) = reason(item).filter(|_| selection.shows_whole(audit.verdict)) {
            let note = format!("{domain}: {}: {reason}", audit.verdict);
            self.notes.push(printable(&note).into_owned());
        }
        let findings: Vec<&Finding> = selection.findings(audit).collect();
        let is_wordy = |it: &&&Finding| it.fix.is_empty() && it.severity > Severity::Info;
        for finding in findings.iter().filter(is_wordy) {
            *self.wordy.entry(finding.code).or_default() += 1;
        }
        let name = plan.domain().name();
        let (changes, outside): (Vec<Change>, Vec<Change>) =
            changes(findings, observed).into_iter().partition(|it| name.zone_of(&it.owner));
        for Change { owner, rtype, .. } in outside {
            let what = format!("{} {}", text(&owner), zonefile::type_name(rtype));
            self.notes.push(format!("{domain}: left out: {what}: it {OUTSIDE}"));
        }
        let (remedy, unsaid) = remedy(plan, &changes, self.format);
        let apex = self.apex.clone();
        let sheet = match Sheet::mending(plan, &remedy, apex.as_ref()) {
            Ok(sheet) => sheet.fitted(self.format),
            Err(outside) => {
                self.notes.push(format!("left out: {outside}"));
                return Ok(());
            }
        };
        let comments = self.note_deletions(&unsaid);
        let is_nothing = remedy.sets.is_empty() && remedy.gone.is_empty();
        if is_nothing && comments.is_empty() {
            return Ok(());
        }
        for left in sheet.left_out() {
            let what = format!("{} {}: it {}", left.owner, left.rtype, left.reason);
            self.notes.push(format!("{domain}: left out: {what}"));
        }
        let mut text = String::new();
        if std::mem::replace(&mut self.any, true) {
            text.push_str(self.format.separator());
        }
        if !is_nothing {
            sheet.print(self.format, &mut text);
        }
        text.push_str(&comments);
        out.write_all(text.as_bytes())
    }

    fn end(&mut self, _: &Tally, _: &mut dyn Write) -> io::Result<()> {
        if !self.wordy.is_empty() {
            let codes = self.wordy.iter().map(|(code, count)| match count {
                1 => code.text().to_owned(),
                count => format!("{code} ({count} times)"),
            });
            let codes: Vec<String> = codes.collect();
            self.notes.push(format!(
                "no record mends {}; `mailsrv explain CODE` says what does",
                listed(&codes)
            ));
        }
        Ok(())
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    fn needs_states(&self) -> bool {
        true
    }
}

/// The remedy as the format takes it, and what it cannot say is to go.
fn remedy(plan: &RecordPlan, changes: &[Change], format: Format) -> (Remedy, Vec<RrSet>) {
    let mending = format.mending();
    let mut remedy = Remedy::default();
    let mut unsaid = Vec::new();
    for change in changes {
        let set = |data: Vec<RData>| RrSet::of(change.owner.clone(), change.ttl, data);
        let mut after = change.published.clone();
        if mending.is_whole() {
            after.extend(change.kept.iter().cloned());
        }
        let after = set(after);
        let gone = match (mending.is_whole(), &after) {
            // What an RRset loses goes with it.
            (true, Some(_)) => None,
            (true, None) | (false, _) => set(change.deleted.clone()),
        };
        match mending.deletes() {
            true => remedy.gone.extend(gone),
            false => unsaid.extend(gone),
        }
        remedy.sets.extend(after.map(|set| (purpose(plan, change), set)));
    }
    (remedy, unsaid)
}

/// What an RRset is for: as planned, and of what is not planned, that a host has it.
fn purpose(plan: &RecordPlan, change: &Change) -> Purpose {
    let planned = plan
        .published()
        .find(|(_, set)| *set.owner() == change.owner && set.record_type() == change.rtype);
    planned.map_or(Purpose::Host, |(purpose, _)| purpose)
}
