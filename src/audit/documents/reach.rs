//! Whether a document comes, whatever it says.

use super::super::fault::Fault;
use super::content::Read;
use super::fault;
use crate::code::{Code, Severity};
use crate::name::one_line;
use crate::page::{Content, Fetched, Method};
use crate::reading::Kind;

/// What keeps clients from a document.
pub(super) fn faults(fetched: &Fetched, is_planned: bool) -> Vec<Fault> {
    if fetched.why_open().is_some() {
        return Vec::new();
    }
    let unreachable = |message: String| {
        let message = match fetched.hops.last() {
            Some(last) => format!("leads to {last}, and {message}"),
            None => message,
        };
        vec![fault(Code::DocumentUnreachable, Severity::Warning, message)]
    };
    match &fetched.page.content {
        Err(why) if is_planned => unreachable(why.to_string()),
        Ok(Content { fault: Some(why), .. }) if is_planned || Read::of(fetched).is_some() => {
            unreachable(why.to_string())
        }
        Ok(content) if content.status != 200 && is_planned => {
            let asked = if fetched.request.method == Method::Post { " to a POST" } else { "" };
            unreachable(format!("the server answers with the status {}{asked}", content.status))
        }
        Ok(content) if content.status == 200 && Read::of(fetched).is_none() => {
            // Where nobody planned one, clients look on, most of them.
            let severity = if is_planned { Severity::Warning } else { Severity::Info };
            let message = instead(content, Kind::of(&fetched.request));
            vec![fault(Code::DocumentInvalid, severity, message)]
        }
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// What is served in place of a document.
fn instead(content: &Content, kind: Kind) -> String {
    if let Some(coding) = content.encoding.as_ref().filter(|it| it.as_str() != "identity") {
        let coding = one_line(coding);
        return format!("is compressed ({coding}), which was not asked for");
    }
    let begin = String::from_utf8_lossy(content.body.get(..1024).unwrap_or(&content.body));
    let begin = begin.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let media_type = content.media_type.as_deref().unwrap_or_default();
    let is_html = ["<!doctype html", "<html"].iter().any(|it| begin.starts_with(it))
        || media_type.to_ascii_lowercase().starts_with("text/html");
    match kind {
        _ if content.body.is_empty() => "is empty, with the status 200".to_owned(),
        _ if is_html => "is a page of HTML, with the status 200".to_owned(),
        Kind::Config | Kind::Pox if begin.contains("<!doctype") => {
            "has a document type with declarations in it, which not all clients read".to_owned()
        }
        Kind::Config => "is no clientConfig in sound XML".to_owned(),
        Kind::Pox => "is no answer of Autodiscover in sound XML".to_owned(),
        Kind::Pacc => "is no PACC document in sound JSON".to_owned(),
    }
}

/// Whether the server has made up its mind: one that is late, busy or broken may say otherwise to whoever
/// asks again.
fn is_settled(fetched: &Fetched) -> bool {
    let is_passing = |status: u16| matches!(status, 408 | 429 | 500..);
    fetched.page.content.as_ref().is_ok_and(|content| !is_passing(content.status))
}

/// What is served to those alone who tell the mail address, or to those alone who do not.
pub(super) fn one_way(fetched: &[&Fetched]) -> Option<Fault> {
    let of = |tells: bool| {
        let told = fetched.iter().filter(|it| is_settled(it));
        told.filter(move |it| it.request.user.is_some() == tells)
    };
    let is_served = |tells| of(tells).any(|it| Read::of(it).is_some());
    let is_asked = |tells| of(tells).next().is_some();
    let whom = match (is_served(true), is_served(false)) {
        (true, false) if is_asked(false) => "tell the mail address (`?emailaddress=`)",
        (false, true) if is_asked(true) => "do not tell the mail address (`?emailaddress=`)",
        _ => return None,
    };
    let message = format!("is served to those alone who {whom}, and not all clients do so");
    Some(fault(Code::DocumentInvalid, Severity::Warning, message))
}
