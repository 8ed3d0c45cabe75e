//! What a server says that it can do, read from the lines of its answer.

use super::Protocol;

/// The most mechanisms that are kept of one answer; the registry of SASL has some sixty.
const MAX_MECHANISMS: usize = 64;

/// Ways to log in with a password that stands in the clear on the wire (RFC 4616, and LOGIN).
const PLAIN: [&str; 2] = ["PLAIN", "LOGIN"];

/// Ways to log in with a password that is not shown (RFC 5802, RFC 2195, RFC 2831).
const HIDDEN: [&str; 2] = ["CRAM-MD5", "DIGEST-MD5"];
const SCRAM: &str = "SCRAM-";

/// What a server offers at one moment of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offered {
    /// Whether it offers to begin TLS.
    pub starttls: bool,
    /// Whether a password may be sent as it is by a command of the protocol itself: LOGIN of IMAP where
    /// LOGINDISABLED is not said (RFC 9051 §6.2.3), USER of POP3 (RFC 2449 §6.2).
    pub login: bool,
    /// The mechanisms of SASL, upper case, each once, in the order of the answer.
    pub mechanisms: Vec<String>,
}

impl Offered {
    /// Reads the lines of an answer to CAPABILITY, CAPA or EHLO, or the capabilities that ManageSieve
    /// begins with. Lines that say something else are passed over.
    ///
    /// ```
    /// use mailsrv::endpoint::{Offered, Protocol};
    ///
    /// let lines = ["* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", "a1 OK done"];
    /// let offered = Offered::read(Protocol::Imap, lines);
    /// assert!(offered.starttls && !offered.shows_password());
    /// ```
    pub fn read<'a>(protocol: Protocol, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut offered = Self::default();
        let mut is_capability = false;
        for line in lines {
            match protocol {
                Protocol::Imap => is_capability |= offered.take_imap(line),
                Protocol::Pop3 => offered.take_pop3(line),
                Protocol::Submission => offered.take_submission(line),
                Protocol::ManageSieve => offered.take_sieve(line),
            }
        }
        if protocol == Protocol::Imap && !is_capability {
            offered.login = false;
        }
        offered
    }

    /// The mechanisms by which a password would be taken as it stands.
    pub fn plain_mechanisms(&self) -> impl Iterator<Item = &String> {
        self.mechanisms.iter().filter(|it| PLAIN.contains(&it.as_str()))
    }

    /// Whether a password would be taken as it stands, by whatever command.
    pub fn shows_password(&self) -> bool {
        self.login || self.plain_mechanisms().next().is_some()
    }

    /// Whether one can log in with a password, shown or not.
    pub fn takes_password(&self) -> bool {
        let hides = |it: &String| HIDDEN.contains(&it.as_str()) || it.starts_with(SCRAM);
        self.shows_password() || self.mechanisms.iter().any(hides)
    }

    fn add(&mut self, mechanism: &str) {
        let mechanism = mechanism.to_ascii_uppercase();
        if self.mechanisms.len() < MAX_MECHANISMS && !self.mechanisms.contains(&mechanism) {
            self.mechanisms.push(mechanism);
        }
    }

    /// `* CAPABILITY IMAP4rev1 AUTH=PLAIN`, also as a code in brackets behind OK (RFC 9051 §7.1). Says
    /// whether the line has them.
    fn take_imap(&mut self, line: &str) -> bool {
        let upper = line.to_ascii_uppercase();
        let words = upper.strip_prefix("* CAPABILITY ").or_else(|| {
            let (_, code) = upper.split_once("[CAPABILITY ")?;
            Some(code.split_once(']').map_or(code, |(code, _)| code))
        });
        let Some(words) = words else { return false };
        // The last list is the one that holds.
        *self = Self { login: true, ..Self::default() };
        for word in words.split_ascii_whitespace() {
            match word {
                "STARTTLS" => self.starttls = true,
                "LOGINDISABLED" => self.login = false,
                _ => word.strip_prefix("AUTH=").into_iter().for_each(|it| self.add(it)),
            }
        }
        true
    }

    /// A line for each capability: `SASL PLAIN LOGIN`, `STLS`, `USER` (RFC 2449 §5).
    fn take_pop3(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        match words.next().map(str::to_ascii_uppercase).as_deref() {
            Some("STLS") => self.starttls = true,
            Some("USER") => self.login = true,
            Some("SASL") => words.for_each(|it| self.add(it)),
            _ => {}
        }
    }

    /// `250-AUTH PLAIN LOGIN` (RFC 4954 §3), and `250-AUTH=LOGIN` of servers for old clients.
    fn take_submission(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("250-").or_else(|| line.strip_prefix("250 ")) else {
            return;
        };
        let rest = rest.to_ascii_uppercase();
        if rest.trim_end() == "STARTTLS" {
            self.starttls = true;
        } else if let Some(words) =
            rest.strip_prefix("AUTH ").or_else(|| rest.strip_prefix("AUTH="))
        {
            words.split_ascii_whitespace().for_each(|it| self.add(it));
        }
    }

    /// `"SASL" "PLAIN LOGIN"` and `"STARTTLS"` (RFC 5804 §1.7).
    fn take_sieve(&mut self, line: &str) {
        let mut quoted = line.split('"').skip(1).step_by(2);
        match quoted.next().map(str::to_ascii_uppercase).as_deref() {
            Some("STARTTLS") => self.starttls = true,
            Some("SASL") => {
                let words = quoted.next().unwrap_or_default();
                words.split_ascii_whitespace().for_each(|it| self.add(it));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether STARTTLS is offered, a password may be shown, and one can log in with it; and how.
    fn read(protocol: Protocol, text: &str) -> (bool, bool, bool, String) {
        let offered = Offered::read(protocol, text.lines());
        let mechanisms = offered.mechanisms.join(" ");
        (offered.starttls, offered.shows_password(), offered.takes_password(), mechanisms)
    }

    #[test]
    fn the_answers_of_real_servers_are_read() {
        use Protocol::{Imap, ManageSieve, Pop3, Submission};
        for (protocol, text, expected) in [
            (
                Imap,
                "* CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE STARTTLS LOGINDISABLED\na1 OK Pre-login capabilities listed.",
                (true, false, false, ""),
            ),
            (
                Imap,
                "* OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN AUTH=LOGIN] Dovecot ready.",
                (false, true, true, "PLAIN LOGIN"),
            ),
            (Imap, "* CAPABILITY IMAP4rev1\na1 OK", (false, true, true, "")),
            (Imap, "* OK hello\na1 BAD what?", (false, false, false, "")),
            (
                Imap,
                "* capability imap4rev1 auth=xoauth2 logindisabled\na1 OK",
                (false, false, false, "XOAUTH2"),
            ),
            (
                Pop3,
                "+OK\nCAPA\nTOP\nUIDL\nSTLS\nUSER\nSASL PLAIN OAUTHBEARER\n.",
                (true, true, true, "PLAIN OAUTHBEARER"),
            ),
            (Pop3, "+OK\nSTLS\nSASL\n.", (true, false, false, "")),
            (Pop3, "-ERR unknown command", (false, false, false, "")),
            (
                Submission,
                "250-mail.test\n250-PIPELINING\n250-STARTTLS\n250-AUTH PLAIN LOGIN\n250-AUTH=PLAIN LOGIN\n250 SMTPUTF8",
                (true, true, true, "PLAIN LOGIN"),
            ),
            (Submission, "250 mail.test", (false, false, false, "")),
            (Submission, "502 AUTH PLAIN", (false, false, false, "")),
            (
                ManageSieve,
                "\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\n\"SASL\" \"\"\n\"STARTTLS\"\nOK \"Dovecot ready.\"",
                (true, false, false, ""),
            ),
            (ManageSieve, "\"SASL\" \"PLAIN\"\nOK", (false, true, true, "PLAIN")),
            (Pop3, "+OK\nSASL CRAM-MD5\n.", (false, false, true, "CRAM-MD5")),
            (Submission, "250-a\n250 AUTH SCRAM-SHA-256", (false, false, true, "SCRAM-SHA-256")),
        ] {
            let (starttls, shown, password, mechanisms) = expected;
            let expected = (starttls, shown, password, mechanisms.to_owned());
            assert_eq!(read(protocol, text), expected, "{text}");
        }
    }

    #[test]
    fn an_endless_answer_is_kept_in_part() {
        let words: String = (0..1000).map(|it| format!(" AUTH=X{it}")).collect();
        let offered = Offered::read(Protocol::Imap, [format!("* CAPABILITY{words}").as_str()]);
        assert_eq!(offered.mechanisms.len(), MAX_MECHANISMS);
    }
}
