//! Rows of comma-separated values (RFC 4180), for spreadsheets: one per finding, or one per domain.
//!
//! A domain that could not be judged has a row in either, because it is not to be taken for a good
//! one. Several records in a field are parted by ` | `, so that a row is a line.

use std::borrow::Cow;
use std::io::{self, Write};

use super::steps::Steps;
use super::{Item, Reporter, Retold, Rows, Selection, Spec, problem};
use crate::audit::{Action, Audit, Finding, Severity, Subject, Verdict};
use crate::name::{plain_text, printable, text};
use crate::zonefile::{self, Position};

/// What `--format csv` selects.
pub(super) const SPEC: Spec = Spec {
    word: "csv",
    headline: "CSV, a row per finding; with --per domain a row per domain",
    reporter: |settings| Box::new(Table { rows: settings.rows }),
};

const OF_FINDINGS: &str = "domain,verdict,severity,code,owner,type,file,line,message,expected,observed,delete,publish,reference,help\r\n";

const OF_DOMAINS: &str =
    "domain,verdict,critical,error,warning,info,codes,delete,publish,file,line,problem\r\n";

/// What stands between the records of a field.
const BETWEEN: &str = " | ";

struct Table {
    rows: Rows,
}

impl Reporter for Table {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let head = match self.rows {
            Rows::Finding => OF_FINDINGS,
            Rows::Domain => OF_DOMAINS,
        };
        out.write_all(head.as_bytes())
    }

    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let problem = problem(item);
        match (item, self.rows) {
            (Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }), Rows::Finding) => {
                let domain = plain_text(audit.domain.name());
                for finding in selection.findings(audit) {
                    row(out, &of_finding(&domain, audit, finding))?;
                }
                match problem {
                    Some(problem) if selection.shows_whole(audit.verdict) => {
                        let place = audit.place.as_ref();
                        row(out, &unjudged(&domain, audit.verdict, place, &problem))
                    }
                    _ => Ok(()),
                }
            }
            (Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }), Rows::Domain) => {
                row(out, &of_domain(audit, selection, problem.unwrap_or_default()))
            }
            (Item::Broken { place, typed, error, .. }, Rows::Finding) => {
                row(out, &unjudged(&printable(typed), Verdict::Broken, place, error))
            }
            (Item::Broken { place, typed, error, .. }, Rows::Domain) => {
                let [file, line] = placed(place);
                let mut cells =
                    vec![printable(typed).into_owned(), Verdict::Broken.text().to_owned()];
                cells.extend(["0"; 4].map(str::to_owned));
                cells.extend([String::new(), "0".to_owned(), "0".to_owned(), file, line]);
                cells.push(printable(error).into_owned());
                row(out, &cells)
            }
        }
    }

    /// A row of a domain says where it stands.
    fn needs_states(&self) -> bool {
        self.rows == Rows::Domain
    }
}

fn of_finding(domain: &str, audit: &Audit, finding: &Finding) -> Vec<String> {
    let [file, line] = placed(audit.place_of(finding));
    let records = |action: Action| {
        let steps = finding.fix.iter().filter(|fix| fix.action == action);
        steps.map(|fix| fix.text()).collect::<Vec<_>>().join(BETWEEN)
    };
    let rdatas = |data: &[_]| data.iter().map(zonefile::rdata).collect::<Vec<_>>().join(BETWEEN);
    let first = finding.subjects.first();
    vec![
        domain.to_owned(),
        audit.verdict.text().to_owned(),
        finding.severity.text().to_owned(),
        finding.code.text().to_owned(),
        first.map(|subject| text(subject.owner())).unwrap_or_default(),
        first.map(Subject::kind).unwrap_or_default(),
        file,
        line,
        finding.message.clone(),
        rdatas(&finding.expected),
        rdatas(&finding.observed),
        records(Action::Delete),
        records(Action::Publish),
        finding.reference().to_owned(),
        finding.code.address(),
    ]
}

/// A domain without a verdict, in the columns of findings.
fn unjudged(
    domain: &str,
    verdict: Verdict,
    place: Option<&Position>,
    problem: &str,
) -> Vec<String> {
    let [file, line] = placed(place);
    let mut cells = vec![domain.to_owned(), verdict.text().to_owned()];
    cells.extend(std::iter::repeat_n(String::new(), 4));
    cells.extend([file, line, printable(problem).into_owned()]);
    cells.extend(std::iter::repeat_n(String::new(), 6));
    cells
}

fn of_domain(audit: &Audit, selection: &Selection, problem: String) -> Vec<String> {
    let findings: Vec<&Finding> = selection.findings(audit).collect();
    let of = |severity| findings.iter().filter(|it| it.severity == severity).count().to_string();
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.text()).collect();
    codes.dedup();
    let steps = Steps::of(findings.iter().copied());
    let [file, line] = placed(audit.place.as_ref());
    let mut cells = vec![plain_text(audit.domain.name()), audit.verdict.text().to_owned()];
    cells.extend(Severity::ALL.into_iter().rev().map(of));
    cells.extend([codes.join(" "), steps.deletions().to_string()]);
    cells.extend([steps.publications().to_string(), file, line, problem]);
    cells
}

fn placed(place: Option<&Position>) -> [String; 2] {
    place
        .map_or_else(Default::default, |it| [printable(&it.file).into_owned(), it.line.to_string()])
}

fn row(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    let cells: Vec<Cow<'_, str>> = cells.iter().map(|cell| field(cell)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// A field, in quotation marks where it needs them. What a spreadsheet would calculate gets an
/// apostrophe in front: parts of a row are typed by others.
fn field(cell: &str) -> Cow<'_, str> {
    // Spreadsheets read the wide forms of East Asian scripts, too.
    let signs = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let is_formula = cell.starts_with(signs) || cell.starts_with(['\t', '\r']);
    let text = if is_formula { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) };
    if text.contains(['"', ',', '\r', '\n']) {
        return Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_is_never_a_formula() {
        for (cell, written) in [
            ("a", "a"),
            ("", ""),
            ("0 1 993 a.", "0 1 993 a."),
            ("a,b", "\"a,b\""),
            ("\"a\" b", "\"\"\"a\"\" b\""),
            ("=1+1", "'=1+1"),
            ("-1", "'-1"),
            ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
            ("@a,b", "\"'@a,b\""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(field(cell), written, "{cell}");
        }
    }
}
