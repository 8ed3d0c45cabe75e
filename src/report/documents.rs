//! What the web serves to clients, for people and for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::Looks;
use super::text::{painted, verdict_colour};
use super::visits::FaultShape;
use crate::audit::JudgedDocument;
use crate::name::one_line;
use crate::page::{Fetched, Method};
use crate::words::{counted, push_hanging};

/// A document with what was concluded of it.
#[derive(Debug, Clone, Copy)]
pub struct DocumentVisit<'a> {
    /// The mail domain whose clients fetch it.
    pub domain: &'a str,
    /// What follows of what came.
    pub judged: &'a JudgedDocument<'a>,
}

impl<'a> DocumentVisit<'a> {
    /// The request that says most: the first that a page came of.
    fn shown(&self) -> Option<&'a Fetched> {
        let mut fetched = self.judged.fetched.iter();
        let is_page = |it: &&&Fetched| it.page.content.as_ref().is_ok_and(|it| it.status == 200);
        fetched.clone().find(is_page).or_else(|| fetched.next()).copied()
    }

    /// Writes a paragraph for people: the address with its verdict, what came, and a line for each
    /// fault.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_text(&self, looks: Looks, out: &mut dyn Write) -> io::Result<()> {
        let Some(fetched) = self.shown() else { return Ok(()) };
        let mut page = String::new();
        let verdict = self.judged.verdict;
        let posted = if fetched.request.method == Method::Post { " (POST)" } else { "" };
        let head = format!("{}{posted}: ", fetched.request.url);
        match head.chars().count() + verdict.text().len() <= looks.width {
            true => {
                let verdict = painted(verdict.text(), verdict_colour(verdict), looks);
                page.push_str(&[&head, verdict.as_str(), "\n"].concat());
            }
            // What is folded is plain: escape sequences take no column.
            false => push_hanging(&mut page, &format!("{head}{verdict}"), [0, 2], looks.width),
        }
        let mut say = |line: &str| push_hanging(&mut page, line, [2, 4], looks.width);
        say(&self.came(fetched));
        for fault in &self.judged.faults {
            let line = format!("{} {}: {}", fault.severity, fault.code, one_line(&fault.message));
            say(&line);
        }
        out.write_all(page.as_bytes())
    }

    /// What came, in a line.
    fn came(&self, fetched: &Fetched) -> String {
        let hops: String = fetched.hops.iter().map(|to| format!("leads to {to}: ")).collect();
        let said = match &fetched.page.content {
            Err(why) => why.to_string(),
            Ok(content) => {
                let octets =
                    (!content.body.is_empty()).then(|| counted(content.body.len(), "octet"));
                let status = format!("status {}", content.status);
                let media_type = content.media_type.as_deref().map(|it| one_line(it).into_owned());
                let all = [Some(status), media_type, octets];
                all.into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
        };
        let unplanned = if self.judged.is_planned { "" } else { "; no record leads here for it" };
        format!("{hops}{said}{unplanned}")
    }

    /// Writes an object in one line for programs.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(fetched) = self.shown() else { return Ok(()) };
        let content = fetched.page.content.as_ref();
        let shape = DocumentShape {
            domain: self.domain,
            url: fetched.request.url.to_string(),
            method: match fetched.request.method {
                Method::Get => "GET",
                Method::Post => "POST",
            },
            planned: self.judged.is_planned,
            verdict: self.judged.verdict.text(),
            hops: fetched.hops.iter().map(ToString::to_string).collect(),
            unfetched: content.err().map(|why| why.code()),
            status: content.ok().map(|content| content.status),
            media_type: content.ok().and_then(|content| content.media_type.as_deref()),
            octets: content.ok().map(|content| content.body.len()),
            findings: self.judged.faults.iter().map(FaultShape::from).collect(),
        };
        serde_json::to_writer(&mut *out, &shape)?;
        out.write_all(b"\n")
    }
}

#[derive(Serialize)]
struct DocumentShape<'a> {
    domain: &'a str,
    url: String,
    method: &'static str,
    planned: bool,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hops: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfetched: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    octets: Option<usize>,
    findings: Vec<FaultShape<'a>>,
}
