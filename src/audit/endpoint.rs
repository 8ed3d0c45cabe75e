//! What is wrong with what a server showed to whoever connected to it.

use super::associations::{self, unheard};
use super::fault::{Fault, settle};
use super::verdict::{Policy, Verdict};
use crate::answer::Answer;
use crate::code::Code;
use crate::endpoint::{
    Chain, Endpoint, Handshake, Instead, Key, Protocol, Served, Shown, Sighting, StartTls, Tls,
    Unseen,
};
use crate::name::MailDomain;
use crate::service::{Related, Service, TlsMode};
use crate::words::enumerate;

/// Judges what was seen of an endpoint: the faults, the most severe first, and what follows.
///
/// The mail domain is that by whose records clients come there, if any: the certificate may be for it,
/// too (RFC 7817 §3). What was not looked at is unknown, and no fault.
///
/// `associations` is what DNS says of the TLSA records of the host and port; None where nobody asks, for
/// they have no name.
pub fn judge_endpoint(
    sighting: &Sighting,
    domain: Option<&MailDomain>,
    associations: Option<&Answer>,
    policy: &Policy,
) -> (Verdict, Vec<Fault>) {
    let mut faults = faults(sighting, domain, policy.expiry);
    faults.extend(associations.and_then(|answer| associations::fault(sighting, answer)));
    let is_unheard = associations.and_then(|answer| unheard(sighting, answer)).is_some();
    let is_open = is_unheard || sighting.seen.as_ref().is_err_and(|why| !why.is_evidence());
    (settle(&mut faults, is_open, policy), faults)
}

/// What is wrong with an endpoint, before a policy is asked; a certificate that ends within `expiry`
/// seconds is.
pub(super) fn faults(sighting: &Sighting, domain: Option<&MailDomain>, expiry: u64) -> Vec<Fault> {
    let (endpoint, at) = (&sighting.endpoint, sighting.at);
    let mut judge = Judge { endpoint, at, domain, expiry, faults: Vec::new() };
    match &sighting.seen {
        Ok(shown) => judge.shown(shown),
        Err(why) => judge.unseen(*why),
    }
    judge.faults
}

struct Judge<'a> {
    endpoint: &'a Endpoint,
    /// When it was seen, in seconds since 1970.
    at: u64,
    domain: Option<&'a MailDomain>,
    expiry: u64,
    faults: Vec<Fault>,
}

impl Judge<'_> {
    fn add(&mut self, code: Code, message: String) {
        self.faults.push(Fault { code, severity: code.severity(), message });
    }

    fn unseen(&mut self, why: Unseen) {
        let what = match why {
            Unseen::NotLookedUp
            | Unseen::OutsideZone
            | Unseen::NotRecorded
            | Unseen::Deadline
            | Unseen::Guarded
            | Unseen::NoWay
            | Unseen::NotAgain => return,
            Unseen::NoAddress => "has no address",
            Unseen::Refused => "refuses the connection: nothing listens at this port",
            Unseen::Unreachable => "cannot be reached: no way leads there",
            Unseen::Timeout => "does not answer",
            Unseen::Closed => "closes the connection before anything is said",
        };
        self.add(Code::EndpointUnreachable, what.to_owned());
    }

    fn shown(&mut self, shown: &Shown) {
        if let Some(instead) = shown.instead {
            self.instead(instead, shown);
        } else if self.is_sent_away(shown) {
            let greeting = shown.greeting.as_deref();
            let message = match (&shown.refusal, greeting, shown.broken_off) {
                (Some(refusal), _, _) => format!("does not say what it offers: `{refusal}`"),
                (None, Some(greeting), None) => format!("sends clients away: `{greeting}`"),
                (None, Some(greeting), Some(_)) => {
                    format!("says nothing more behind `{greeting}`")
                }
                (None, None, _) => "says nothing within TLS".to_owned(),
            };
            self.add(Code::EndpointUnreachable, message);
        }
        if let Some(starttls) = &shown.starttls {
            self.starttls(starttls);
        }
        match &shown.handshake {
            Some(Handshake::Done(tls)) => self.tls(tls),
            Some(Handshake::NoModernTls) => {
                self.add(Code::EndpointNoTls, "speaks neither TLS 1.2 nor 1.3".to_owned());
            }
            Some(Handshake::NothingShared) => {
                let message =
                    "shares no cipher suite, curve or signature of today with this program";
                self.add(Code::EndpointNoTls, message.to_owned());
            }
            Some(Handshake::Failed(problem)) => {
                let message = format!("TLS does not begin: {problem}");
                self.add(Code::EndpointNoTls, message);
            }
            None => {}
        }
        if let Some(before) = shown.before.as_ref().filter(|before| before.shows_password()) {
            let ways = ways(before.plain_mechanisms(), before.login);
            let message = format!("takes passwords before TLS: {ways}");
            self.add(Code::EndpointPlaintextLogin, message);
        }
        if shown.injected == Some(true) {
            let message = "obeys within TLS what was sent in the clear before";
            self.add(Code::StarttlsInjection, message.to_owned());
        }
        if let Some(after) = shown.after.as_ref().filter(|after| !after.takes_password()) {
            let ways = match after.mechanisms.as_slice() {
                [] => "it names no mechanism".to_owned(),
                some => format!("it names {}", enumerate(some)),
            };
            let message = format!("takes no password within TLS: {ways}");
            self.add(Code::EndpointLoginForm, message);
        }
    }

    /// Whether the greeting leads no further, with nothing else to tell why.
    fn is_sent_away(&self, shown: &Shown) -> bool {
        match self.endpoint.mode {
            TlsMode::StartTls if shown.tls().is_none() => {
                shown.greeting.is_some() && shown.before.is_none()
            }
            TlsMode::StartTls | TlsMode::Implicit => shown.after.is_none() && shown.tls().is_some(),
        }
    }

    /// What is spoken is not what was expected; where it is what another port is for, that is said.
    fn instead(&mut self, instead: Instead, shown: &Shown) {
        let Endpoint { protocol, mode, .. } = self.endpoint;
        let endpoint = self.endpoint;
        let place = |protocol: Protocol, mode| {
            let port = protocol.port(mode).filter(|port| *port != endpoint.port);
            port.map_or_else(String::new, |port| format!(", as at port {port}"))
        };
        let greeting = shown.greeting.as_deref().unwrap_or_default();
        let message = match instead {
            Instead::Clear(Some(spoken)) => format!(
                "speaks {} in the clear, where TLS is to begin at once{}",
                spoken.title(),
                place(spoken, TlsMode::StartTls)
            ),
            Instead::Clear(None) => {
                format!("answers in the clear, and not as a mail server: `{greeting}`")
            }
            Instead::Tls => format!(
                "begins TLS at once, where a greeting in the clear is to come first{}",
                place(*protocol, TlsMode::Implicit)
            ),
            Instead::Other(Some(spoken)) => {
                let place = place(spoken, *mode);
                format!("speaks {} instead{place}", spoken.title())
            }
            Instead::Other(None) => {
                format!("does not speak {}: `{greeting}`", protocol.title())
            }
        };
        self.add(Code::EndpointWrongProtocol, message);
    }

    fn starttls(&mut self, starttls: &StartTls) {
        let message = match starttls {
            StartTls::Begun => return,
            StartTls::NotOffered => "does not offer STARTTLS".to_owned(),
            StartTls::Unanswered(Unseen::Timeout) => {
                "offers STARTTLS and does not answer to it".to_owned()
            }
            StartTls::Unanswered(_) => "offers STARTTLS and then closes the connection".to_owned(),
            StartTls::Refused(words) => {
                format!("offers STARTTLS and refuses it: `{words}`")
            }
        };
        self.add(Code::EndpointNoTls, message);
    }

    fn tls(&mut self, tls: &Tls) {
        let untrusted = match &tls.chain {
            Chain::Trusted => None,
            Chain::SelfSigned => Some("is signed by its own key".to_owned()),
            Chain::Incomplete(issuer) => Some(format!(
                "comes without that of its issuer, {issuer}: the chain is not complete, or the issuer is unknown"
            )),
            Chain::Unknown(issuer) => {
                Some(format!("is of an authority that nobody knows: {issuer}"))
            }
            Chain::Broken(problem) => Some(format!("has no sound chain: {problem}")),
        };
        if let Some(what) = untrusted {
            let message = format!("the certificate {what}");
            self.add(Code::CertificateUntrusted, message);
        }
        if let Some(certificate) = &tls.certificate {
            self.certificate(certificate);
        }
    }

    fn certificate(&mut self, certificate: &Served) {
        let (endpoint, now) = (self.endpoint, self.at);
        let domain = self.domain.map(MailDomain::as_str);
        let is_of_domain = domain.is_some_and(|domain| {
            certificate.is_for(domain) || certificate.is_for_service(service_of(endpoint), domain)
        });
        if !certificate.is_for(&endpoint.host) && !is_of_domain {
            let names = match certificate.hosts.as_slice() {
                [] => "names no host".to_owned(),
                hosts => format!("is for {}", some_of(hosts)),
            };
            let message = format!("the certificate {names}");
            self.add(Code::CertificateName, message);
        }
        let (begin, end) = (certificate.validity.begin, certificate.validity.end);
        if now > end {
            let days = (now - end) / DAY;
            let message = format!("the certificate ended {}", ago(days));
            self.add(Code::CertificateExpired, message);
        } else if now < begin {
            let message = format!("the certificate begins {}", within((begin - now) / DAY));
            self.add(Code::CertificateExpired, message);
        } else if end - now < self.expiry {
            let message = format!("the certificate ends {}", within((end - now) / DAY));
            self.add(Code::CertificateExpires, message);
        }
        if certificate.has_broken_digest {
            let message = "the certificate is signed by way of a broken digest, SHA-1 or MD5";
            self.add(Code::CertificateUntrusted, message.to_owned());
        }
        if certificate.key.is_weak() {
            let bits = match &certificate.key {
                Key::Rsa(bits) | Key::Ec(bits) => *bits,
                Key::Ed25519 | Key::Other(_) => 0,
            };
            let message = format!("the certificate has a key of {bits} bits, too short");
            self.add(Code::CertificateUntrusted, message);
        }
    }
}

/// How many names of a certificate are told.
const MANY: usize = 4;

/// The first names of a certificate, and how many more there are.
pub(crate) fn some_of(hosts: &[String]) -> String {
    match hosts.split_at_checked(MANY) {
        Some((some, more @ [_, ..])) => format!("{} and {} more", some.join(", "), more.len()),
        _ => enumerate(hosts),
    }
}

/// The seconds of a day.
const DAY: u64 = 86_400;

fn ago(days: u64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

fn within(days: u64) -> String {
    match days {
        0 => "within a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

/// The name of the service in an SRV-ID: its label without the underscore (RFC 4985 §2).
fn service_of(endpoint: &Endpoint) -> &'static str {
    let service = match endpoint.protocol {
        Protocol::Imap => Service::Imap,
        Protocol::Pop3 => Service::Pop3,
        Protocol::Submission => Service::Submission,
        Protocol::ManageSieve => return Related::Sieve.text().trim_start_matches('_'),
    };
    service.label(endpoint.mode).text().trim_start_matches('_')
}

/// By what a password is taken.
fn ways<'a>(mechanisms: impl Iterator<Item = &'a String>, login: bool) -> String {
    let mut ways: Vec<String> = mechanisms.cloned().collect();
    if login {
        ways.insert(0, "a command of its own".to_owned());
    }
    enumerate(&ways)
}
