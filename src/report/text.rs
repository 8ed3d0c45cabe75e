//! The report for people: verdict, a table of expected against observed, findings with remedies.

mod fixes;
mod table;

use std::fmt::Write as _;
use std::io::{self, Write};

use self::fixes::push_fixes;
use super::forms::{Form, Forms};
use super::outlook::{self, Outlook};
use super::steps::Steps;
use super::summary::Kind;
use super::unjudged::{not_visited, why_not};
use super::{Item, Reporter, Retold, Selection, Spec, Tally, problem};
use crate::audit::{Audit, Finding, Severity, Since, Verdict, Witness};
use crate::name::{one_line, plain_text, printable, text};
use crate::words::{counted, enumerate, push_hanging, push_wrapped};
use crate::zonefile;

/// How a report looks.
///
/// Colour carries nothing that the words do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looks {
    /// Whether escape sequences for colour are written.
    pub colour: bool,
    /// Whether a domain that passes gets its table too.
    pub full: bool,
    /// The columns of the page: tables fold where they are wider, and prose is wrapped at them, but
    /// at a hundred where there are more.
    pub width: usize,
}

impl Default for Looks {
    /// Plain, of 80 columns, and a line for a domain that passes.
    fn default() -> Self {
        Self { colour: false, full: false, width: 80 }
    }
}

impl Looks {
    /// The columns that prose is wrapped at: longer lines are hard to read.
    fn prose(self) -> usize {
        self.width.min(100)
    }
}

/// The columns in front of the prose of a finding.
const INDENT: usize = 4;

/// What `--format text` selects.
pub(super) const SPEC: Spec = Spec {
    word: "text",
    headline: "report for people",
    reporter: |settings| {
        let (looks, forms) = (settings.looks, settings.forms);
        Box::new(TextPages { looks, forms, is_apart: false })
    },
};

/// A page for each domain, and nothing around them.
struct TextPages {
    looks: Looks,
    forms: Forms,
    /// Whether the last page ended with an empty line.
    is_apart: bool,
}

impl Reporter for TextPages {
    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let looks = self.looks;
        let page = match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                let beside = (item.form(self.forms), item.outlook());
                page(audit, selection, (beside.0.as_ref(), beside.1), looks)
            }
            Item::Broken { line, typed, error, .. } => {
                let place = line.map(|line| format!(" (line {line})")).unwrap_or_default();
                let verdict =
                    painted(Verdict::Broken.text(), verdict_colour(Verdict::Broken), looks);
                let mut page = format!("{}{place}: {verdict}\n", one_line(typed));
                push_wrapped(&mut page, &printable(error), 2, looks.prose());
                page
            }
        };
        self.is_apart = page.ends_with("\n\n");
        out.write_all(page.as_bytes())
    }

    /// A list ends with what it comes to, and a run that was cut with that it was.
    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        if tally.count() < 2 && !(tally.count() == 1 && tally.is_early()) {
            return Ok(());
        }
        let apart = if self.is_apart { "" } else { "\n" };
        write!(out, "{apart}{}", closing(tally, self.looks))
    }

    fn needs_states(&self) -> bool {
        self.looks.full
    }
}

/// The commonest findings with an example each, what was not answered, and the verdicts.
fn closing(tally: &Tally, looks: Looks) -> String {
    let mut page = String::new();
    let mut findings = tally.summary().commonest().peekable();
    if findings.peek().is_some() {
        page.push_str("Commonest findings:\n");
        for (code, Kind { count, example }) in findings {
            let line = match count {
                1 => format!("{code}: once, at {example}"),
                count => format!("{code}: {count} times, for example {example}"),
            };
            push_hanging(&mut page, &line, [2, 4], looks.prose());
        }
    }
    let mut effects = tally.summary().effects().peekable();
    if effects.peek().is_some() {
        page.push_str("What would change most for mail clients:\n");
        for (code, outcomes, domains) in effects {
            let outcomes = counted(outcomes as usize, "outcome");
            let domains = counted(domains as usize, "domain");
            let line = format!("{code}: {outcomes} of clients in {domains}");
            push_hanging(&mut page, &line, [2, 4], looks.prose());
        }
    }
    let mut failures = tally.summary().failures().peekable();
    if failures.peek().is_some() {
        page.push_str("Not answered:\n");
        for (why, Kind { count, example }) in failures {
            let line = match count {
                1 => format!("{why}: 1 question, for {example}"),
                count => format!("{why}: {count} questions, for example for {example}"),
            };
            push_hanging(&mut page, &line, [2, 4], looks.prose());
        }
    }
    push_wrapped(&mut page, &tally.to_string(), 0, looks.prose());
    page
}

/// The whole page of a domain: a heading alone where it passes, unless tables are wanted, and no
/// table where some of the findings alone are.
fn page(
    audit: &Audit,
    selection: &Selection,
    (form, outlook): (Option<&Form>, Option<&Outlook>),
    looks: Looks,
) -> String {
    let mut page = heading(audit, looks);
    push_since(&mut page, audit, looks);
    let whole = looks.full || selection.shows_whole(audit.verdict);
    if !looks.full && whole && audit.verdict == Verdict::Pass {
        return page;
    }
    if whole {
        if audit.verdict != Verdict::Broken {
            page.push('\n');
            page.push_str(&table::table(audit, looks.width));
        }
        push_witnesses(&mut page, audit, looks);
        push_unanswered(&mut page, audit, looks);
        push_unvisited(&mut page, audit, looks);
        push_not_judged(&mut page, audit, looks);
    }
    let findings: Vec<&Finding> = match whole {
        true => audit.findings.iter().collect(),
        false => selection.findings(audit).collect(),
    };
    push_form(&mut page, &findings, form, looks);
    for finding in &findings {
        push_finding(&mut page, finding, form, looks);
    }
    if let Some(outlook) = outlook.filter(|_| whole) {
        page.push_str("\n  Mail clients:\n");
        page.push_str(&outlook.text(looks.prose()));
    }
    let steps = Steps::of(findings);
    if !steps.is_none() {
        let _infallible = writeln!(page, "\n  {steps}");
    }
    page.push('\n');
    page
}

/// The line with the verdict and the counts of findings, the most severe first.
fn heading(audit: &Audit, looks: Looks) -> String {
    let shown = audit.domain.heading();
    let verdict = painted(audit.verdict.text(), verdict_colour(audit.verdict), looks);
    let found = |severity| audit.findings.iter().filter(|f| f.severity == severity).count();
    let severities = Severity::ALL.into_iter().rev().filter(|severity| found(*severity) > 0);
    let mut counts: Vec<String> = severities
        .map(|severity| match severity {
            Severity::Info | Severity::Critical => format!("{} {severity}", found(severity)),
            Severity::Warning | Severity::Error => counted(found(severity), severity.text()),
        })
        .collect();
    if !audit.unanswered.is_empty() {
        counts.push(format!("{} unanswered", counted(audit.unanswered.len(), "question")));
    }
    if !audit.unvisited.is_empty() {
        counts.push(not_visited(audit));
    }
    if counts.is_empty() {
        return format!("{shown}: {verdict}\n");
    }
    let counts = format!("({})", counts.join(", "));
    let columns =
        [&shown, ": ", audit.verdict.text(), " ", &counts].map(|part| part.chars().count());
    let between = if columns.iter().sum::<usize>() > looks.width { "\n  " } else { " " };
    format!("{shown}: {verdict}{between}{counts}\n")
}

/// Says who was asked, where each of several was, and what came of it.
fn push_witnesses(page: &mut String, audit: &Audit, looks: Looks) {
    if audit.witnesses.is_empty() {
        return;
    }
    let mut before = None;
    for Witness { vantage, zone, serial, failure, .. } in &audit.witnesses {
        if before.replace(zone) != Some(zone) {
            let of = zone.as_ref().map(|zone| format!(" for {}", plain_text(zone)));
            page.push('\n');
            let heading = format!("Asked{}:", of.unwrap_or_default());
            push_hanging(page, &heading, [2, 4], looks.width);
        }
        let said = match (failure, serial) {
            (Some(failure), _) => format!(": {failure}"),
            (None, Some(serial)) => format!(": serial {serial}"),
            (None, None) => String::new(),
        };
        push_hanging(page, &format!("{vantage}{said}"), [4, 6], looks.width);
    }
}

/// What an earlier report said: the verdict then, and what is not found any more.
fn push_since(page: &mut String, audit: &Audit, looks: Looks) {
    let Some(Since { verdict, gone }) = &audit.since else { return };
    let gone: Vec<String> = gone
        .iter()
        .map(|gone| format!("{} at {} {}", gone.code, gone.owner.trim_end_matches('.'), gone.kind))
        .collect();
    let gone = match gone.is_empty() {
        true => String::new(),
        false => format!("; gone: {}", enumerate(&gone)),
    };
    let was = match verdict {
        Some(verdict) => format!("was {verdict}{gone}"),
        None => "not in the earlier report".to_owned(),
    };
    push_hanging(page, &printable(&was), [2, 4], looks.prose());
}

/// Lists what leaves the verdict open, so that a reader can ask again.
fn push_unanswered(page: &mut String, audit: &Audit, looks: Looks) {
    if audit.unanswered.is_empty() {
        return;
    }
    page.push_str("\n  Not answered, so nothing is known of it:\n");
    for (question, failure) in &audit.unanswered {
        let name = text(&question.name);
        let rtype = zonefile::type_name(question.rtype);
        push_hanging(page, &format!("{name} {rtype}: {failure}"), [4, 6], looks.width);
    }
}

/// Lists the servers and pages of which nothing is known, and why.
fn push_unvisited(page: &mut String, audit: &Audit, looks: Looks) {
    if audit.unvisited.is_empty() {
        return;
    }
    page.push_str("\n  Not visited, so nothing is known of it:\n");
    for it in &audit.unvisited {
        push_hanging(page, &format!("{it}: {}", why_not(it)), [4, 6], looks.width);
    }
}

/// What lies outside the zones at hand is neither right nor wrong nor unanswered: one line says so.
fn push_not_judged(page: &mut String, audit: &Audit, looks: Looks) {
    const LISTED: usize = 3;
    let names: Vec<String> = audit.not_judged.iter().take(LISTED).map(plain_text).collect();
    if names.is_empty() {
        return;
    }
    let more = match audit.not_judged.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    page.push('\n');
    let prose = format!("Not judged, as outside the zones at hand: {}{more}.", names.join(", "));
    push_wrapped(page, &prose, INDENT, looks.prose());
}

/// Says where the remedies are typed, where there are any.
fn push_form(page: &mut String, findings: &[&Finding], form: Option<&Form>, looks: Looks) {
    let fixes = || findings.iter().flat_map(|finding| &finding.fix);
    let Some(form) = form.filter(|_| fixes().next().is_some()) else { return };
    page.push('\n');
    for line in form.heading(fixes()) {
        push_wrapped(page, &line, 2, looks.prose());
    }
}

/// What is wrong, why it matters, where that is written, and the records to publish and delete;
/// where there are none, the general remedy of the code.
fn push_finding(page: &mut String, finding: &Finding, form: Option<&Form>, looks: Looks) {
    let severity = painted(finding.severity.text(), severity_colour(finding.severity), looks);
    let place = match (&finding.position, finding.subjects.as_slice()) {
        (position, [first, rest @ ..]) => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let line = position.as_ref().map_or_else(String::new, |position| {
                format!(" ({}:{})", one_line(&position.file), position.line)
            });
            format!(" at {}{more}{line}", first.place())
        }
        (_, []) => String::new(),
    };
    page.push('\n');
    let mut head = String::new();
    let words = format!("{} {}{place}", finding.severity, finding.code);
    push_hanging(&mut head, &words, [2, 4], looks.width);
    // Painted when it is wrapped: escape sequences take no column.
    page.push_str(&head.replacen(finding.severity.text(), &severity, 1));
    push_wrapped(page, &sentence(&finding.message), INDENT, looks.prose());
    push_seen_by(page, finding, looks);
    push_told(page, finding, looks);
    push_wrapped(page, finding.code.why(), INDENT, looks.prose());
    push_wrapped(page, &format!("See {}.", finding.reference()), INDENT, looks.prose());
    if let Some(affects) = &finding.affects {
        push_wrapped(page, &outlook::said_of(affects), INDENT, looks.prose());
    }
    push_fixes(page, &finding.fix, form, looks);
    if finding.fix.is_empty() {
        push_wrapped(page, finding.code.remedy(), INDENT, looks.prose());
    }
}

/// Says where a finding holds, if not everywhere.
fn push_seen_by(page: &mut String, finding: &Finding, looks: Looks) {
    let servers: Vec<String> = finding.seen_by.iter().map(ToString::to_string).collect();
    if !servers.is_empty() {
        let prose = format!("So at {}, and not elsewhere.", enumerate(&servers));
        push_wrapped(page, &prose, INDENT, looks.prose());
    }
}

/// Lists what each of those says who disagree.
fn push_told(page: &mut String, finding: &Finding, looks: Looks) {
    let mut before = None;
    for told in &finding.told {
        if before.replace(&told.subject) != Some(&told.subject) {
            let line = format!("{} {}", text(told.subject.owner()), told.subject.kind());
            push_hanging(page, &line, [INDENT, INDENT + 2], looks.width);
        }
        for vantage in &told.by {
            push_hanging(page, &format!("{vantage}:"), [INDENT + 2, INDENT + 4], looks.width);
        }
        let mut lines: Vec<String> = told.data.iter().map(table::shown).collect();
        if lines.is_empty() {
            lines.push(told.failure.map_or_else(|| "nothing".to_owned(), |it| it.to_string()));
        }
        for line in lines {
            push_hanging(page, &line, [INDENT + 4, INDENT + 6], looks.width);
        }
    }
}

/// What to say of a domain that could not be judged, as a sentence; what is broken may begin with the
/// name of a file, which stays as it is.
pub(super) fn stated(item: Item<'_>) -> Option<String> {
    let problem = problem(item)?;
    Some(match item {
        Item::Broken { .. } => format!("{problem}."),
        Item::Judged { .. } | Item::Retold(_) => sentence(&problem),
    })
}

/// Ends a message as a sentence, and begins it as one where that changes no name.
pub(super) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    match letters.next() {
        // A host name or a label at the front stays as DNS has it.
        Some(first)
            if first.is_alphabetic()
                && !message.split(' ').next().is_some_and(|w| w.contains('.')) =>
        {
            format!("{}{}.", first.to_uppercase(), letters.as_str())
        }
        _ => format!("{message}."),
    }
}

/// What words are painted with, bold.
#[derive(Clone, Copy)]
pub(super) enum Colour {
    Green,
    Yellow,
    Red,
    Magenta,
    Blue,
}

/// Magenta says that it is not known, which is neither good nor bad.
pub(super) fn verdict_colour(verdict: Verdict) -> Colour {
    match verdict {
        Verdict::Pass => Colour::Green,
        Verdict::Warn => Colour::Yellow,
        Verdict::Fail => Colour::Red,
        Verdict::Unknown | Verdict::Broken => Colour::Magenta,
    }
}

/// Errors and critical findings alike: both fail.
pub(super) fn severity_colour(severity: Severity) -> Colour {
    match severity {
        Severity::Info => Colour::Blue,
        Severity::Warning => Colour::Yellow,
        Severity::Error | Severity::Critical => Colour::Red,
    }
}

/// SGR codes of ECMA-48; they never carry meaning that the words do not.
pub(super) fn painted(words: &str, colour: Colour, looks: Looks) -> String {
    if !looks.colour {
        return words.to_owned();
    }
    let code = match colour {
        Colour::Red => 31,
        Colour::Green => 32,
        Colour::Yellow => 33,
        Colour::Blue => 34,
        Colour::Magenta => 35,
    };
    format!("\u{1b}[1;{code}m{words}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::RecordType;

    use super::*;
    use crate::answer::{Failure, Question};

    #[track_caller]
    fn check(unanswered: usize, expected: &str) {
        let domain: crate::name::MailDomain = "example.com".parse().unwrap();
        let question = Question { name: domain.name().clone(), rtype: RecordType::MX };
        let audit = Audit {
            domain,
            verdict: Verdict::Unknown,
            standings: Vec::new(),
            findings: Vec::new(),
            unanswered: vec![(question, Failure::Timeout); unanswered],
            not_judged: Vec::new(),
            unvisited: Vec::new(),
            place: None,
            since: None,
            witnesses: Vec::new(),
        };
        let looks = Looks { colour: false, full: false, width: 80 };
        assert_eq!(heading(&audit, looks), format!("example.com: unknown{expected}\n"));
    }

    #[test]
    fn the_heading_counts_the_questions_without_an_answer() {
        check(0, "");
        check(1, " (1 question unanswered)");
        check(2, " (2 questions unanswered)");
    }

    #[test]
    fn the_name_of_a_broken_file_stays_as_it_is() {
        let error = "z/README:1:1: it is no zone";
        let item = Item::Broken { line: None, place: None, typed: "z/README", error };
        assert_eq!(stated(item).as_deref(), Some("z/README:1:1: it is no zone."));
    }
}
