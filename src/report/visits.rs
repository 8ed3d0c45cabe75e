//! What was seen of endpoints, for people and for programs: one by one, as they are visited.

use std::io::{self, Write};

use serde::Serialize;

use super::Looks;
use super::text::{painted, verdict_colour};
use super::unjudged::unvisited;
use crate::answer::Failure;
use crate::audit::{Fault, Verdict, some_of};
use crate::endpoint::{Chain, Key, Offered, Served, Sighting, Tls, Unseen};
use crate::name::one_line;
use crate::words::push_hanging;

/// An endpoint with what was concluded of it.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// The mail domain by whose records one comes there, if any.
    pub domain: Option<&'a str>,
    /// What was seen.
    pub sighting: &'a Sighting,
    /// What follows.
    pub verdict: Verdict,
    /// Why nobody knows what TLSA records say of what was seen.
    pub unheard: Option<Failure>,
    /// What is wrong, the most severe first.
    pub faults: &'a [Fault],
}

impl Visit<'_> {
    /// Writes a paragraph for people: the endpoint with its verdict, what TLS showed, and a line for
    /// each fault.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_text(&self, looks: Looks, out: &mut dyn Write) -> io::Result<()> {
        let Self { sighting, verdict, unheard, faults, .. } = self;
        let mut page = String::new();
        let address = sighting.address.filter(|it| it.to_string() != sighting.endpoint.host);
        let at = address.map_or_else(String::new, |address| format!(" at {address}"));
        let head = format!("{}{at}: ", sighting.endpoint);
        match head.chars().count() + verdict.text().len() <= looks.width {
            true => {
                let verdict = painted(verdict.text(), verdict_colour(*verdict), looks);
                page.push_str(&[&head, verdict.as_str(), "\n"].concat());
            }
            // What is folded is plain: escape sequences take no column.
            false => push_hanging(&mut page, &format!("{head}{verdict}"), [0, 2], looks.width),
        }
        let mut say = |line: &str| push_hanging(&mut page, line, [2, 4], looks.width);
        match &sighting.seen {
            Ok(shown) => {
                if let Some(tls) = shown.tls() {
                    say(&tls_line(tls));
                }
                let login = shown.after.as_ref().map(|after| after.mechanisms.join(", "));
                if let Some(login) = login.filter(|login| !login.is_empty()) {
                    say(&format!("login by {}", one_line(&login)));
                }
            }
            Err(why) if !why.is_evidence() => {
                say(&format!("{}: {}", not_done(*why), unvisited(*why)));
            }
            Err(_told) => {}
        }
        if let Some(why) = unheard {
            say(&format!("the TLSA records could not be looked up: {why}"));
        }
        for fault in *faults {
            let line = format!("{} {}: {}", fault.severity, fault.code, one_line(&fault.message));
            say(&line);
        }
        out.write_all(page.as_bytes())
    }

    /// Writes an object in one line for programs.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &VisitShape::from(self))?;
        out.write_all(b"\n")
    }
}

/// A line of a list that is no mail domain.
#[derive(Debug, Clone, Copy)]
pub struct BrokenVisit<'a> {
    /// What was typed.
    pub typed: &'a str,
    /// Its line in the input.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub error: &'a str,
}

impl BrokenVisit<'_> {
    /// Writes a line for people.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let line = self.line.map_or_else(String::new, |line| format!("line {line}: "));
        let verdict = Verdict::Broken;
        writeln!(out, "{line}{}: {verdict}: {}", one_line(self.typed), one_line(self.error))
    }

    /// Writes an object in one line for programs.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { typed: domain, line, error } = *self;
        let shape = BrokenShape { domain, verdict: Verdict::Broken.text(), line, error };
        serde_json::to_writer(&mut *out, &shape)?;
        out.write_all(b"\n")
    }
}

#[derive(Serialize)]
struct BrokenShape<'a> {
    domain: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    error: &'a str,
}

/// What was not done with an endpoint of which nothing is known.
fn not_done(why: Unseen) -> &'static str {
    match why {
        Unseen::NotAgain | Unseen::NotRecorded => "not judged",
        _ => "not visited",
    }
}

fn tls_line(tls: &Tls) -> String {
    let head = format!("TLS {}, {}", tls.version, tls.suite);
    let Some(certificate) = &tls.certificate else { return head };
    let hosts = match certificate.hosts.as_slice() {
        [] => "no host".to_owned(),
        all => some_of(all),
    };
    let end = date(certificate.validity.end);
    let line =
        format!("{head}; certificate for {hosts} until {end}, issued by {}", certificate.issuer);
    one_line(&line).into_owned()
}

/// The day of a time in seconds since 1970, in UTC, as RFC 3339 writes it: 2026-12-31.
///
/// The days of the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
fn date(seconds: u64) -> String {
    const ERA: u64 = 146_097;
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / ERA, days % ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let day = day - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A line of `mailsrv probe -f json`.
#[derive(Serialize)]
struct VisitShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    host: &'a str,
    port: u16,
    protocol: &'static str,
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    verdict: &'static str,
    /// Why nothing was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    greeting: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsShape<'a>>,
    /// What is offered before TLS, and within.
    #[serde(skip_serializing_if = "Option::is_none")]
    before_tls: Option<OfferedShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered: Option<OfferedShape<'a>>,
    /// Why the TLSA records are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    tlsa_failure: Option<String>,
    findings: Vec<FaultShape<'a>>,
}

#[derive(Serialize)]
struct TlsShape<'a> {
    version: &'a str,
    cipher: &'a str,
    chain: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<CertificateShape<'a>>,
}

#[derive(Serialize)]
struct CertificateShape<'a> {
    hosts: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    services: &'a [String],
    subject: &'a str,
    issuer: &'a str,
    not_before: String,
    not_after: String,
    key: String,
}

#[derive(Serialize)]
struct OfferedShape<'a> {
    starttls: bool,
    password: bool,
    mechanisms: &'a [String],
}

#[derive(Serialize)]
pub(super) struct FaultShape<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
}

impl<'a> From<&Visit<'a>> for VisitShape<'a> {
    fn from(visit: &Visit<'a>) -> Self {
        let Visit { domain, sighting, verdict, unheard, faults } = *visit;
        let shown = sighting.seen.as_ref().ok();
        Self {
            domain,
            host: &sighting.endpoint.host,
            port: sighting.endpoint.port,
            protocol: sighting.endpoint.protocol.text(),
            mode: sighting.endpoint.mode.title(),
            address: sighting.address.map(|address| address.to_string()),
            verdict: verdict.text(),
            unseen: sighting.seen.as_ref().err().map(|why| why.code()),
            greeting: shown.and_then(|shown| shown.greeting.as_deref()),
            tls: shown.and_then(|shown| shown.tls()).map(TlsShape::from),
            before_tls: shown.and_then(|shown| shown.before.as_ref()).map(OfferedShape::from),
            offered: shown.and_then(|shown| shown.after.as_ref()).map(OfferedShape::from),
            tlsa_failure: unheard.map(Failure::code),
            findings: faults.iter().map(FaultShape::from).collect(),
        }
    }
}

impl<'a> From<&'a Tls> for TlsShape<'a> {
    fn from(tls: &'a Tls) -> Self {
        let chain = match tls.chain {
            Chain::Trusted => "trusted",
            Chain::SelfSigned => "self-signed",
            Chain::Incomplete(_) => "incomplete",
            Chain::Unknown(_) => "unknown",
            Chain::Broken(_) => "broken",
        };
        let certificate = tls.certificate.as_ref().map(CertificateShape::from);
        Self { version: &tls.version, cipher: &tls.suite, chain, certificate }
    }
}

impl<'a> From<&'a Served> for CertificateShape<'a> {
    fn from(served: &'a Served) -> Self {
        Self {
            hosts: &served.hosts,
            services: &served.services,
            subject: &served.subject,
            issuer: &served.issuer,
            not_before: date(served.validity.begin),
            not_after: date(served.validity.end),
            key: match &served.key {
                Key::Rsa(bits) => format!("RSA {bits}"),
                Key::Ec(bits) => format!("EC {bits}"),
                Key::Ed25519 => "Ed25519".to_owned(),
                Key::Other(kind) => kind.clone(),
            },
        }
    }
}

impl<'a> From<&'a Offered> for OfferedShape<'a> {
    fn from(offered: &'a Offered) -> Self {
        let (starttls, password) = (offered.starttls, offered.takes_password());
        Self { starttls, password, mechanisms: &offered.mechanisms }
    }
}

impl<'a> From<&'a Fault> for FaultShape<'a> {
    fn from(fault: &'a Fault) -> Self {
        let (code, severity) = (fault.code.text(), fault.severity.text());
        Self { code, severity, message: &fault.message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_761_599, "2026-12-31"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
        ] {
            assert_eq!(date(seconds), expected, "{seconds}");
        }
    }
}
