//! The table of expected against observed, a row per RRset: it draws the states of the audit.

use std::fmt::Write as _;

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::CNAME;

use crate::audit::{Audit, Standing, State};
use crate::name::{relative_text, text};
use crate::zonefile;

/// Draws the table, two spaces in.
pub(super) fn table(audit: &Audit) -> String {
    let rows: Vec<Row> = audit
        .standings
        .iter()
        .map(|standing| {
            let mut observed: Vec<String> = standing.observed.iter().map(shown).collect();
            if let State::Unknown(failure) = standing.state {
                observed.push(failure.to_string());
            }
            Row {
                owner: relative_text(&standing.owner, audit.domain.name()),
                expected: expected(standing),
                observed,
                mark: standing.state.text(),
            }
        })
        .collect();
    draw(&rows)
}

/// One RRset; expected and observed data have a line each.
struct Row {
    owner: String,
    expected: Vec<String>,
    observed: Vec<String>,
    /// The word for the state.
    mark: &'static str,
}

/// The data that the plan wants, a line each.
fn expected(standing: &Standing) -> Vec<String> {
    standing.expected.iter().map(shown).collect()
}

/// Data with its type in front, unless it is that of a service: most rows are.
fn shown(data: &RData) -> String {
    match data {
        RData::CNAME(CNAME(canonical)) => format!("alias of {}", text(canonical)),
        RData::A(_) | RData::AAAA(_) => format!("address {}", zonefile::rdata(data)),
        RData::MX(_) => format!("MX {}", zonefile::rdata(data)),
        RData::TLSA(_) => format!("TLSA {}", shortened(&zonefile::rdata(data))),
        RData::TXT(_) => shortened(&zonefile::rdata(data)),
        _ => zonefile::rdata(data),
    }
}

/// The most characters of data that are all digest.
const WIDEST: usize = 34;

/// Cuts what nobody compares by eye; the whole stands in the findings and in JSON.
fn shortened(data: &str) -> String {
    match data.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &data[..end]),
        None => data.to_owned(),
    }
}

/// Columns are as wide as their longest cell, counted in characters.
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
