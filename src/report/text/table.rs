//! The table of expected against observed, a row per name.

use std::fmt::Write as _;

use hickory_proto::rr::RData;

use crate::answer::Failure;
use crate::inquiry::{Heard, Observed, Said, SrvView};
use crate::name::text;
use crate::plan::{Expected, RecordPlan};
use crate::rrset::RrSet;
use crate::service::{AUTODISCOVER_LABEL, PROTO};
use crate::zonefile;

/// Draws the table, two spaces in.
pub(super) fn table(plan: &RecordPlan, observed: &Observed) -> String {
    let mut rows = Vec::new();
    for label in plan.labels() {
        let heard = observed.service(label.label);
        let seen = srv_lines(&heard);
        let (expected, is_right) = match &label.expected {
            Expected::Offered(set) | Expected::Denied(set) => {
                let expected = lines(set);
                let is_right = same(&expected, &seen);
                (expected, is_right)
            }
            // A denial says no less.
            Expected::Absent => (Vec::new(), heard.srvs().iter().all(SrvView::is_denial)),
        };
        let owner = format!("{}.{PROTO}", label.label);
        rows.push(Row::new(owner, expected, seen, is_right, heard.said()));
    }
    for alias in plan.aliases() {
        let heard = observed.config(alias.name);
        let chain = heard.chain();
        let seen = match chain.first() {
            Some(next) => vec![format!("alias of {}", text(next))],
            None => addresses(&heard.rdatas()),
        };
        let expected = vec![format!("alias of {}", text(alias.host.name()))];
        // Another alias on the way does no harm.
        let is_right = chain.contains(&alias.host.name());
        rows.push(Row::new(alias.name.text().to_owned(), expected, seen, is_right, heard.said()));
    }
    if let Some(set) = plan.autodiscover() {
        let heard = observed.autodiscover();
        let (expected, seen) = (lines(set), srv_lines(&heard));
        let is_right = same(&expected, &seen);
        let owner = format!("{AUTODISCOVER_LABEL}.{PROTO}");
        rows.push(Row::new(owner, expected, seen, is_right, heard.said()));
    }
    draw(&rows)
}

struct Row {
    owner: String,
    expected: Vec<String>,
    observed: Vec<String>,
    mark: &'static str,
}

impl Row {
    fn new(
        owner: String,
        expected: Vec<String>,
        mut seen: Vec<String>,
        is_right: bool,
        said: Said,
    ) -> Self {
        let mark = match said {
            Said::Failed(failure) if failure != Failure::ChainTooLong && seen.is_empty() => {
                seen.push(failure.to_string());
                "unknown"
            }
            _ if is_right => "ok",
            Said::Failed(failure) if failure != Failure::ChainTooLong => "unknown",
            _ if seen.is_empty() => "missing",
            _ => "differs",
        };
        Self { owner, expected, observed: seen, mark }
    }
}

fn same(expected: &[String], seen: &[String]) -> bool {
    expected.len() == seen.len()
        && expected.iter().all(|line| seen.iter().any(|other| other.eq_ignore_ascii_case(line)))
}

fn lines(set: &RrSet) -> Vec<String> {
    set.rdatas().iter().map(zonefile::rdata).collect()
}

fn srv_lines(heard: &Heard<'_>) -> Vec<String> {
    heard.srvs().iter().map(|srv| zonefile::rdata(&srv.rdata())).collect()
}

fn addresses(data: &[RData]) -> Vec<String> {
    data.iter().map(|data| format!("address {}", zonefile::rdata(data))).collect()
}

fn draw(rows: &[Row]) -> String {
    let widest = |column: fn(&Row) -> Vec<usize>, heading: &str| {
        rows.iter().flat_map(column).chain([heading.len()]).max().unwrap_or_default()
    };
    let owner = widest(|row| vec![row.owner.len()], "name");
    let expected =
        widest(|row| row.expected.iter().map(|l| l.chars().count()).collect(), "expected");
    let observed =
        widest(|row| row.observed.iter().map(|l| l.chars().count()).collect(), "observed");
    let mut page = String::new();
    let mut push = |cells: [&str; 4]| {
        let [first, second, third, mark] = cells;
        let line = format!("  {first:owner$}  {second:expected$}  {third:observed$}  {mark}");
        let _infallible = writeln!(page, "{}", line.trim_end());
    };
    push(["name", "expected", "observed", ""]);
    for row in rows {
        let height = row.expected.len().max(row.observed.len()).max(1);
        for at in 0..height {
            let cell = |lines: &[String]| match lines.get(at) {
                Some(line) => line.clone(),
                None if at == 0 => "-".to_owned(),
                None => String::new(),
            };
            let (owner, mark) = if at == 0 { (row.owner.as_str(), row.mark) } else { ("", "") };
            push([owner, &cell(&row.expected), &cell(&row.observed), mark]);
        }
    }
    page
}
