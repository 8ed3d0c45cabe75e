//! The table of expected against observed, a row per RRset: it draws the states of the audit.
//!
//! Side by side where that fits the page; else stacked, what is observed below what is expected.

use std::fmt::Write as _;

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::CNAME;

use crate::audit::{Audit, Standing, State};
use crate::name::{relative_text, text};
use crate::zonefile;

/// Draws the table, two spaces in, for a page of so many columns.
pub(super) fn table(audit: &Audit, width: usize) -> String {
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
                mark: mark(standing),
            }
        })
        .collect();
    let drawn = draw(&rows);
    let stacked = || stack(&rows, Owner::Beside);
    let mut drawn = Some(drawn).filter(|drawn| fits(drawn, width)).unwrap_or_else(stacked);
    if !fits(&drawn, width) {
        drawn = stack(&rows, Owner::Above);
    }
    if audit.standings.iter().any(|standing| standing.disputed) {
        let _infallible = writeln!(drawn, "  {DISPUTED} not everywhere: what most say is shown");
    }
    drawn
}

/// Behind the state of a row that those who were asked do not agree on.
const DISPUTED: char = '*';

/// The word for a state.
fn mark(standing: &Standing) -> String {
    let word = standing.state.text();
    if standing.disputed { format!("{word} {DISPUTED}") } else { word.to_owned() }
}

/// One RRset; expected and observed data have a line each.
struct Row {
    owner: String,
    expected: Vec<String>,
    observed: Vec<String>,
    /// The word for the state.
    mark: String,
}

impl Row {
    /// The data, a line each, as a table shows them that has one column for all; never none.
    fn stacked(&self) -> Vec<String> {
        if self.expected == self.observed && !self.expected.is_empty() {
            return self.expected.clone();
        }
        if self.expected.is_empty() && self.observed.is_empty() {
            return vec!["-".to_owned()];
        }
        let mut lines = Vec::new();
        for (title, data) in [("expected", &self.expected), ("observed", &self.observed)] {
            match data.as_slice() {
                [] => lines.push(format!("{title}  -")),
                [first, rest @ ..] => {
                    lines.push(format!("{title}  {first}"));
                    lines.extend(rest.iter().map(|line| format!("{:8}  {line}", "")));
                }
            }
        }
        lines
    }
}

/// The data that the plan wants, a line each.
fn expected(standing: &Standing) -> Vec<String> {
    standing.expected.iter().map(shown).collect()
}

/// Data with its type in front, unless it is that of a service: most rows are.
pub(super) fn shown(data: &RData) -> String {
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

/// Whether every line of a drawing has so many columns at most.
fn fits(drawn: &str, width: usize) -> bool {
    drawn.lines().all(|line| line.chars().count() <= width)
}

/// Where the owner name stands in a table that is stacked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// In a column of its own.
    Beside,
    /// In a line of its own.
    Above,
}

/// Name and state, then the data: once where it is as planned, else a line each for what is expected
/// and observed.
fn stack(rows: &[Row], place: Owner) -> String {
    let owner = rows.iter().map(|row| row.owner.len()).chain(["name".len()]).max().unwrap_or(0);
    let mark = rows.iter().map(|row| row.mark.len()).chain(["state".len()]).max().unwrap_or(0);
    let mut page = String::new();
    let mut push = |name: &str, state: &str, data: &str| {
        let line = match place {
            Owner::Beside => format!("  {name:owner$}  {state:mark$}  {data}"),
            Owner::Above if name.is_empty() => format!("    {state:mark$}  {data}"),
            Owner::Above => format!("  {name}\n    {state:mark$}  {data}"),
        };
        let _infallible = writeln!(page, "{}", line.trim_end());
    };
    if place == Owner::Beside {
        push("name", "state", "");
    }
    for row in rows {
        let (mut name, mut state) = (row.owner.as_str(), row.mark.as_str());
        for line in row.stacked() {
            push(name, state, &line);
            (name, state) = ("", "");
        }
    }
    page
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
            let (owner, mark) =
                if at == 0 { (row.owner.as_str(), row.mark.as_str()) } else { ("", "") };
            push([owner, &cell(&row.expected), &cell(&row.observed), mark]);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(owner: &str, expected: &[&str], observed: &[&str], mark: &'static str) -> Row {
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        Row {
            owner: owner.to_owned(),
            expected: owned(expected),
            observed: owned(observed),
            mark: mark.to_owned(),
        }
    }

    #[test]
    fn a_stacked_table_says_once_what_is_as_planned_and_twice_what_is_not() {
        let rows = [
            row("_imaps._tcp", &["0 1 993 a.", "0 1 993 b."], &["0 1 993 a.", "0 1 993 b."], "ok"),
            row("_pop3._tcp", &["0 0 0 ."], &[], "missing"),
            row("_smtp._tcp", &[], &[], "ok"),
            row("@", &["MX 1 a.", "MX 2 b."], &["MX 1 c."], "differs"),
        ];
        let beside = "  name         state
  _imaps._tcp  ok       0 1 993 a.
                        0 1 993 b.
  _pop3._tcp   missing  expected  0 0 0 .
                        observed  -
  _smtp._tcp   ok       -
  @            differs  expected  MX 1 a.
                                  MX 2 b.
                        observed  MX 1 c.
";
        assert_eq!(stack(&rows, Owner::Beside), beside);
        let above = "  _imaps._tcp
    ok       0 1 993 a.
             0 1 993 b.
  _pop3._tcp
    missing  expected  0 0 0 .
             observed  -
  _smtp._tcp
    ok       -
  @
    differs  expected  MX 1 a.
                       MX 2 b.
             observed  MX 1 c.
";
        assert_eq!(stack(&rows, Owner::Above), above);
    }
}
