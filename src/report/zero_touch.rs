//! What sets customers up without a record of their own, and what each further record adds: as text, or
//! as a JSON line for each step.

use std::io::{self, Write};

use hickory_proto::rr::RData;
use serde::Serialize;

use crate::forecast::{Client, Forecast, Step, ZeroTouch};
use crate::name::text;
use crate::rrset::RrSet;
use crate::words::{counted, listed, push_hanging};
use crate::zonefile;

/// A line of the JSON report.
#[derive(Serialize)]
struct Line<'a> {
    /// The customer that is imagined.
    domain: &'a str,
    /// 0 for the mail exchanges alone.
    step: usize,
    /// What is published in this step, as lines of a zone file.
    records: Vec<String>,
    /// The clients that begin to work.
    adds: Vec<&'a str>,
    /// The clients that work no longer.
    loses: Vec<&'a str>,
    /// The clients that work.
    works: Vec<&'a str>,
    /// Those that fail.
    fails: Vec<&'a str>,
    /// Those of which nobody knows.
    unknown: Vec<&'a str>,
}

/// Writes a JSON line for each step.
///
/// # Errors
///
/// The output takes no more.
pub fn write_steps(told: &ZeroTouch, clients: &[&Client], out: &mut dyn Write) -> io::Result<()> {
    for (number, step) in told.steps.iter().enumerate() {
        let of = |works: Option<bool>| -> Vec<&str> {
            let each = clients.iter().zip(&step.forecasts);
            each.filter(|(_, it)| it.works == works).map(|(client, _)| client.name).collect()
        };
        let line = Line {
            domain: told.domain.as_str(),
            step: number,
            records: step
                .records
                .iter()
                .flat_map(RrSet::records)
                .map(|it| zonefile::record(&it))
                .collect(),
            adds: changed(told, number, clients, true).map(|client| client.name).collect(),
            loses: changed(told, number, clients, false).map(|client| client.name).collect(),
            works: of(Some(true)),
            fails: of(Some(false)),
            unknown: of(None),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The clients that begin to work with a step, or that no longer do.
fn changed<'a>(
    told: &'a ZeroTouch,
    number: usize,
    clients: &'a [&Client],
    begins: bool,
) -> impl Iterator<Item = &'a Client> {
    let works = |step: Option<&Step>, at: usize| {
        step.and_then(|step| step.forecasts.get(at)).and_then(|it| it.works) == Some(true)
    };
    let before = number.checked_sub(1).and_then(|before| told.steps.get(before));
    let now = told.steps.get(number);
    let each = clients.iter().enumerate();
    let change = move |at: usize| (works(before, at), works(now, at));
    each.filter(move |(at, _)| change(*at) == (!begins, begins)).map(|(_, client)| *client)
}

/// The text: a step after the other with the clients that it adds, then those that do not work.
pub fn steps_text(told: &ZeroTouch, clients: &[&Client], width: usize) -> String {
    let mut page = String::new();
    let heading = format!(
        "{}: a customer with nothing but mail exchanges, then with the record that adds most clients, and so on",
        told.domain
    );
    push_hanging(&mut page, &heading, [0, 2], width);
    for (number, step) in told.steps.iter().enumerate() {
        page.push('\n');
        for set in &step.records {
            let sign = if number == 0 { "" } else { "+ " };
            push_hanging(&mut page, &format!("{sign}{}", said(set)), [2, 6], width);
        }
        let titles = |begins: bool| -> Vec<&str> {
            changed(told, number, clients, begins).map(|client| client.title).collect()
        };
        let (titles, lost) = (titles(true), titles(false));
        let works = working(&step.forecasts);
        let sum = format!("{works} of {}", counted(clients.len(), "client"));
        let line = match (number, titles.is_empty()) {
            (0, true) => format!("{sum}: nobody"),
            (0, false) => format!("{sum}: {}", listed(&titles)),
            _ => format!("{sum}; new: {}", listed(&titles)),
        };
        let line = match lost.is_empty() {
            true => line,
            false => format!("{line}; no longer: {}", listed(&lost)),
        };
        push_hanging(&mut page, &line, [4, 6], width);
    }
    if !told.rest.is_empty() {
        let name = |set: &RrSet| format!("{} {}", text(set.owner()), set.record_type());
        let rest: Vec<String> = told.rest.iter().map(name).collect();
        page.push('\n');
        push_hanging(&mut page, &format!("No more clients by {}", listed(&rest)), [2, 4], width);
    }
    let last = told.steps.last().map_or(&[][..], |step| &step.forecasts);
    for (client, forecast) in clients.iter().zip(last) {
        if forecast.works != Some(true) {
            page.push('\n');
            let prose = format!("{}: {}.", client.title, forecast.why);
            push_hanging(&mut page, &prose, [2, 4], width);
        }
    }
    page
}

fn working(forecasts: &[Forecast]) -> usize {
    forecasts.iter().filter(|forecast| forecast.works == Some(true)).count()
}

/// An RRset in a line.
fn said(set: &RrSet) -> String {
    let data: Vec<String> = set.rdatas().iter().map(|data: &RData| zonefile::rdata(data)).collect();
    format!("{} {} {}", text(set.owner()), set.record_type(), data.join(", "))
}
