//! One page that holds all it needs, for whoever is sent it.
//!
//! The summary stands first and is known last, so the page is kept until the end, up to so many
//! octets; whatever does not fit is counted.

use std::fmt::Write as _;
use std::io::{self, Write};

use quick_xml::escape::escape;

use super::forms::Form;
use super::outlook::{self, Foretold, Outlook};
use super::summary::Kind;
use super::text::sentence;
use super::{Item, Reporter, Retold, Selection, Settings, Spec, Tally, problem};
use crate::audit::{Action, Audit, Finding, Fix, Standing, State, Subject, Verdict};
use crate::document::xml_text;
use crate::name::{plain_text, printable};
use crate::zonefile;

/// What `--format html` selects.
pub(super) const SPEC: Spec = Spec {
    word: "html",
    headline: "one page that holds all it needs, with some 8 MB of domains at most",
    reporter: |settings| Box::new(Page { settings, ..Page::default() }),
};

/// The octets of the domains on a page: some ten thousand that have findings, and as much as a
/// browser shows without delay.
const ROOM: usize = 8 << 20;

#[derive(Default)]
struct Page {
    settings: Settings,
    domains: String,
    /// The domains for which there was no room.
    untold: u64,
    notes: Vec<String>,
}

impl Reporter for Page {
    fn item(&mut self, item: Item<'_>, selection: &Selection, _: &mut dyn Write) -> io::Result<()> {
        let mut section = String::new();
        match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                let domain = audit.domain.heading();
                let findings: Vec<&Finding> = selection.findings(audit).collect();
                let form = item.form(self.settings.forms);
                let is_told = audit.verdict != Verdict::Pass || self.settings.looks.full;
                let whole = selection.shows_whole(audit.verdict) && is_told;
                let mut inner = judged(audit, &findings, form.as_ref(), whole, problem(item));
                if let Some(outlook) = item.outlook().filter(|_| whole) {
                    push_outlook(&mut inner, outlook);
                }
                push_domain(&mut section, &domain, audit.verdict, &findings, &inner);
            }
            Item::Broken { line, typed, error, .. } => {
                let line = line.map_or_else(String::new, |line| format!(" (line {line})"));
                let inner = paragraph("", error);
                let typed = format!("{typed}{line}");
                push_domain(&mut section, &typed, Verdict::Broken, &[], &inner);
            }
        }
        if self.domains.len() + section.len() > ROOM {
            self.untold += 1;
        } else {
            self.domains.push_str(&section);
        }
        Ok(())
    }

    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        let (style, script) = (include_str!("page.css"), include_str!("page.js"));
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
             <title>{}</title>\n<style>\n{style}</style>\n</head>\n<body>\n",
            text(&format!("Mail client records: {}", tally.verdicts())),
        )?;
        out.write_all(summary(tally).as_bytes())?;
        out.write_all(FILTER.as_bytes())?;
        let opened = if tally.count() == 1 { "<details open " } else { "<details " };
        out.write_all(self.domains.replacen("<details ", opened, 1).as_bytes())?;
        if self.untold > 0 {
            let (domains, are) = match self.untold {
                1 => ("domain is", "it"),
                _ => ("domains are", "them all"),
            };
            let more =
                format!("{} more {domains} counted and not shown; -f json has {are}.", self.untold);
            out.write_all(paragraph("untold", &more).as_bytes())?;
            self.notes.push(format!("note: the page has no room for all domains: {more}"));
        }
        write!(out, "<script>\n{script}</script>\n</body>\n</html>\n")
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    fn needs_states(&self) -> bool {
        self.settings.looks.full
    }
}

/// The verdicts, what there is to do, and the commonest findings.
fn summary(tally: &Tally) -> String {
    let mut page = String::from("<h1>Mail client records</h1>\n<ul class=\"tally\">\n");
    let domains = if tally.count() == 1 { "domain" } else { "domains" };
    let _into_memory = writeln!(page, "<li><b>{}</b>{domains}</li>", tally.count());
    for verdict in Verdict::ALL.into_iter().filter(|verdict| tally.of(*verdict) > 0) {
        let count = tally.of(verdict);
        let _into_memory = writeln!(page, "<li class=\"{verdict}\"><b>{count}</b>{verdict}</li>");
    }
    page.push_str("</ul>\n");
    if tally.is_early() {
        page.push_str(&paragraph("unknown", "The run ended early: there are more domains."));
    }
    if !tally.steps().is_none() {
        page.push_str(&paragraph("", &format!("{} in all.", tally.steps())));
    }
    let mut codes = tally.summary().commonest().peekable();
    if codes.peek().is_none() {
        return page;
    }
    page.push_str("<h2>Commonest findings</h2>\n<table class=\"states\">\n<thead><tr><th>finding</th><th>count</th><th>for example</th></tr></thead>\n");
    for (code, Kind { count, example }) in codes {
        let _into_memory = writeln!(
            page,
            "<tr><td><a href=\"{}\">{code}</a><br><span class=\"soft\">{}</span></td><td data-title=\"count\">{count}</td><td class=\"data\" data-title=\"for example\">{}</td></tr>",
            code.address(),
            marked(code.headline()),
            text(example)
        );
    }
    page.push_str("</table>\n");
    page
}
/// Verdicts are chosen without a script; words are searched for with one.
const FILTER: &str = r#"<h2>Domains</h2>
<fieldset>
<label><input type="radio" name="show" id="show-all" checked> all</label>
<label><input type="radio" name="show" id="show-fail"> fail</label>
<label><input type="radio" name="show" id="show-warn"> warn</label>
<label><input type="radio" name="show" id="show-unknown"> unknown or broken</label>
<label><input type="radio" name="show" id="show-pass"> pass</label>
<label class="needs-script"><input type="search" id="search" placeholder="domain or finding" aria-label="Search for a domain or a finding"></label>
</fieldset>
"#;

/// A domain that can be opened; what does not pass is searched for by its codes, too.
fn push_domain(
    page: &mut String,
    domain: &str,
    verdict: Verdict,
    findings: &[&Finding],
    inner: &str,
) {
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.text()).collect();
    codes.dedup();
    let shown = if codes.is_empty() { String::new() } else { format!(" {}", codes.join(", ")) };
    let _into_memory = writeln!(
        page,
        "<details class=\"domain is-{verdict}\" data-words=\"{}\">\n<summary><b class=\"{verdict}\">{verdict}</b> {}<span class=\"soft\">{shown}</span></summary>\n<div>\n{inner}</div>\n</details>",
        text(&format!("{domain} {verdict}{shown}").to_lowercase()),
        text(domain),
    );
}

/// What is inside: why there is no verdict, the findings with their remedies, the states.
fn judged(
    audit: &Audit,
    findings: &[&Finding],
    form: Option<&Form>,
    whole: bool,
    problem: Option<String>,
) -> String {
    let mut page = String::new();
    if let Some(problem) = problem {
        page.push_str(&paragraph("unknown", &sentence(&problem)));
    }
    let fixes = || findings.iter().flat_map(|finding| &finding.fix);
    if let Some(form) = form.filter(|_| fixes().next().is_some()) {
        form.heading(fixes()).iter().for_each(|line| page.push_str(&paragraph("soft", line)));
    }
    for finding in findings {
        push_finding(&mut page, audit, finding, form);
    }
    if whole && audit.verdict != Verdict::Broken {
        push_states(&mut page, audit);
    } else if page.is_empty() {
        page.push_str(&paragraph("soft", "Everything that was judged is as it should be."));
    }
    page
}

fn push_finding(page: &mut String, audit: &Audit, finding: &Finding, form: Option<&Form>) {
    let severity = finding.severity;
    let owner = finding.subjects.first().map(Subject::place);
    let more = match finding.subjects.len() {
        0 | 1 => String::new(),
        more => format!(" and {} more", more - 1),
    };
    let place = audit.place_of(finding).map(|place| format!(" ({})", place.record()));
    let _into_memory = write!(
        page,
        "<section class=\"finding\">\n<p><b class=\"{severity}\">{severity}</b> <a href=\"{}\">{}</a> at <code>{}</code>{more}<span class=\"soft\">{}</span></p>\n",
        finding.code.address(),
        finding.code,
        text(&owner.unwrap_or_default()),
        text(&place.unwrap_or_default()),
    );
    page.push_str(&paragraph("", &sentence(&finding.message)));
    let why = format!("{} See {}.", finding.code.why(), finding.reference());
    page.push_str(&paragraph("soft", &why));
    if let Some(affects) = &finding.affects {
        page.push_str(&paragraph("soft", &outlook::said_of(affects)));
    }
    for steps in finding.fix.chunk_by(|one, other| one.action == other.action) {
        push_steps(page, steps, form);
    }
    if finding.fix.is_empty() {
        page.push_str(&paragraph("", finding.code.remedy()));
    }
    page.push_str("</section>\n");
}

/// The records of steps of one kind, as they are copied: nothing but the records.
fn push_steps(page: &mut String, steps: &[Fix], form: Option<&Form>) {
    let Some(first) = steps.first() else { return };
    let (word, class) = match first.action {
        Action::Publish => ("Publish", "pass"),
        Action::Delete => ("Delete", "fail"),
    };
    let records: Vec<String> = steps.iter().map(Fix::text).collect();
    let _into_memory = writeln!(
        page,
        "<div class=\"steps\"><b class=\"{class}\">{word}</b>\n<pre>{}</pre><button type=\"button\" class=\"copy needs-script\">copy</button></div>",
        text(&records.join("\n")),
    );
    for fix in steps {
        if let Some(boxes) = form.and_then(|form| form.boxes(&[fix])) {
            let cells = |cells: &mut dyn Iterator<Item = &str>, tag: &str| {
                cells.map(|cell| format!("<{tag}>{}</{tag}>", text(cell))).collect::<String>()
            };
            let titles = cells(&mut boxes.titles.iter().copied(), "th");
            let _into_memory = write!(page, "<table><tr>{titles}</tr>");
            for row in &boxes.rows {
                let row = cells(&mut row.iter().map(String::as_str), "td");
                let _into_memory = write!(page, "<tr>{row}</tr>");
            }
            page.push_str("</table>\n");
        }
        if let Some(refusal) = form.and_then(|form| form.refusal(fix)) {
            let owner = plain_text(&fix.record.owner);
            page.push_str(&paragraph("warning", &format!("{owner} {refusal}.")));
        }
    }
}

/// The table of what is expected and observed.
fn push_states(page: &mut String, audit: &Audit) {
    page.push_str("<table class=\"states\">\n<thead><tr><th>name</th><th>state</th><th>expected</th><th>observed</th></tr></thead>\n<tbody>\n");
    for standing in &audit.standings {
        let Standing { owner, rtype, expected, observed, chain, state, .. } = standing;
        let rdatas = |data: &[_]| {
            let data = data.iter().map(|data| text(&zonefile::rdata(data)));
            data.collect::<Vec<_>>().join("<br>")
        };
        let seen = match chain.first() {
            Some(next) => text(&format!("alias of {}", plain_text(next))),
            None => rdatas(observed),
        };
        let (class, seen) = match state {
            State::Ok => ("pass", String::new()),
            State::Differs | State::Missing | State::Denied => ("fail", seen),
            State::Unknown(failure) => ("unknown", text(&failure.to_string())),
            State::NotJudged => ("soft", String::new()),
        };
        let name = format!("{} {}", plain_text(owner), zonefile::type_name(*rtype));
        let _into_memory = writeln!(
            page,
            "<tr><td class=\"data\">{}</td><td class=\"{class}\">{}</td><td class=\"data\" data-title=\"expected\">{}</td><td class=\"data\" data-title=\"observed\">{seen}</td></tr>",
            text(&name),
            state.text(),
            rdatas(expected),
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

/// The table of what is foretold of mail clients, and why those fail that do.
fn push_outlook(page: &mut String, outlook: &Outlook) {
    page.push_str("<table class=\"states\">\n<thead><tr><th>client</th><th></th><th>incoming</th><th>outgoing</th></tr></thead>\n<tbody>\n");
    for [client, word, incoming, outgoing] in outlook.clients.iter().map(Foretold::row) {
        let class = match word.as_str() {
            "works" => "pass",
            "fails" => "fail",
            _ => "unknown",
        };
        let _into_memory = writeln!(
            page,
            "<tr><td class=\"data\">{}</td><td class=\"{class}\">{word}</td><td class=\"data\" data-title=\"incoming\">{}</td><td class=\"data\" data-title=\"outgoing\">{}</td></tr>",
            text(&client),
            text(&incoming),
            text(&outgoing),
        );
    }
    page.push_str("</tbody>\n</table>\n");
    let sentences = outlook.clients.iter().filter_map(Foretold::sentence);
    for sentence in outlook.sum().into_iter().chain(sentences) {
        page.push_str(&paragraph("soft", &sentence));
    }
}

fn paragraph(class: &str, prose: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<p{class}>{}</p>\n", marked(prose))
}

/// A sentence in which backticks stand around names.
fn marked(prose: &str) -> String {
    let parts: Vec<&str> = prose.split('`').collect();
    // What was typed may have one of its own.
    if parts.len().is_multiple_of(2) {
        return text(prose);
    }
    let part = |(at, part): (usize, &&str)| match at % 2 {
        0 => text(part),
        _ => format!("<code>{}</code>", text(part)),
    };
    parts.iter().enumerate().map(part).collect()
}

/// A text in which nothing means anything.
fn text(plain: &str) -> String {
    escape(xml_text(&printable(plain))).into_owned()
}
