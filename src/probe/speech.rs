//! What is said in the protocols of mail until a client would log in, and how much an answer is. No I/O.

use super::super::endpoint::Protocol;

/// What is asked of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Nothing: it greets first.
    Greeting,
    /// What it can do.
    Capabilities,
    /// To begin TLS.
    StartTls,
    /// To end.
    Bye,
}

/// The tags of IMAP: that of a question within TLS is another than that of the same in the clear, and
/// what is to be obeyed by nobody has its own.
const CLEAR: &str = "a1";
const START: &str = "a2";
const STRAY: &str = "a3";
const WITHIN: &str = "a4";
const LAST: &str = "a5";

/// A protocol, in the clear or within TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Speech {
    pub(super) protocol: Protocol,
    pub(super) within_tls: bool,
}

impl Speech {
    /// How it is asked. Who asks is named by an address in brackets (RFC 5321 §4.1.3), for a name would
    /// have to be one that leads back.
    pub(super) fn command(self, ask: Ask, own_address: &str) -> String {
        let tag = self.tag(ask);
        match (self.protocol, ask) {
            (_, Ask::Greeting) => String::new(),
            (Protocol::Imap, Ask::Capabilities) => format!("{tag} CAPABILITY\r\n"),
            (Protocol::Imap, Ask::StartTls) => format!("{tag} STARTTLS\r\n"),
            (Protocol::Imap, Ask::Bye) => format!("{tag} LOGOUT\r\n"),
            (Protocol::Pop3, Ask::Capabilities) => "CAPA\r\n".to_owned(),
            (Protocol::Pop3, Ask::StartTls) => "STLS\r\n".to_owned(),
            (Protocol::Submission, Ask::Capabilities) => format!("EHLO {own_address}\r\n"),
            (Protocol::Submission | Protocol::ManageSieve, Ask::StartTls) => {
                "STARTTLS\r\n".to_owned()
            }
            (Protocol::ManageSieve, Ask::Capabilities) => "CAPABILITY\r\n".to_owned(),
            (Protocol::Pop3 | Protocol::Submission, Ask::Bye) => "QUIT\r\n".to_owned(),
            (Protocol::ManageSieve, Ask::Bye) => "LOGOUT\r\n".to_owned(),
        }
    }

    /// What is sent in the clear behind the command that begins TLS, and must be obeyed by nobody
    /// (RFC 3501 §6.2.1 as amended by erratum, RFC 3207 §6; CVE-2011-0411).
    pub(super) fn stray(self) -> &'static str {
        match self.protocol {
            Protocol::Imap => "a3 NOOP\r\n",
            Protocol::Pop3 | Protocol::Submission | Protocol::ManageSieve => "NOOP\r\n",
        }
    }

    /// Whether a line is the last of an answer, those before it given.
    pub(super) fn is_last(self, ask: Ask, before: &[String], line: &str) -> bool {
        match self.protocol {
            Protocol::Imap if ask == Ask::Greeting => true,
            Protocol::Imap => line.split(' ').next() == Some(self.tag(ask)),
            // A list follows a yes, and ends with a dot.
            Protocol::Pop3 if ask == Ask::Capabilities => match before {
                [] => !line.starts_with("+OK"),
                _ => line == ".",
            },
            Protocol::Pop3 => true,
            Protocol::Submission => !is_code(line) || line.as_bytes().get(3) != Some(&b'-'),
            Protocol::ManageSieve => status(line).is_some(),
        }
    }

    /// Whether an answer says yes.
    pub(super) fn is_yes(self, ask: Ask, answer: &[String]) -> bool {
        let Some(last) = answer.last() else { return false };
        match self.protocol {
            Protocol::Imap => {
                let mut words = last.split(' ').skip(1);
                let word = words.next().unwrap_or_default();
                word.eq_ignore_ascii_case("OK")
                    || (ask == Ask::Greeting && word.eq_ignore_ascii_case("PREAUTH"))
            }
            Protocol::Pop3 => answer.first().is_some_and(|line| line.starts_with("+OK")),
            Protocol::Submission => last.starts_with('2'),
            Protocol::ManageSieve => status(last) == Some("OK"),
        }
    }

    /// Whether what came within TLS answers what was sent in the clear before: `first` is what was taken
    /// for the answer to the first question, and `rest` what came for the goodbye.
    pub(super) fn obeyed_stray(self, first: &[String], rest: &[String]) -> bool {
        match self.protocol {
            Protocol::Imap => {
                first.iter().chain(rest).any(|line| line.split(' ').next() == Some(STRAY))
            }
            // One answer says goodbye; any more belong to the first question, and the one before it to
            // what was sent before.
            Protocol::Pop3 => {
                let is_status =
                    |line: &&String| line.starts_with("+OK") || line.starts_with("-ERR");
                first.iter().skip(1).any(|line| is_status(&line))
                    || rest.iter().filter(is_status).count() > 1
            }
            Protocol::Submission => {
                let is_last = |line: &&String| self.is_last(Ask::Bye, &[], line);
                rest.iter().filter(is_last).count() > 1
            }
            Protocol::ManageSieve => rest.iter().filter(|line| status(line).is_some()).count() > 1,
        }
    }

    /// Whether a server begins to say again what it can do once TLS has begun (RFC 5804 §2.2).
    pub(super) fn tells_unasked(self) -> bool {
        self.protocol == Protocol::ManageSieve && self.within_tls
    }

    fn tag(self, ask: Ask) -> &'static str {
        match ask {
            Ask::StartTls => START,
            Ask::Bye => LAST,
            Ask::Greeting | Ask::Capabilities if self.within_tls => WITHIN,
            Ask::Greeting | Ask::Capabilities => CLEAR,
        }
    }
}

/// The protocol that begins with such a line; None where it is none of mail.
pub(super) fn greeted_by(line: &str) -> Option<Protocol> {
    let upper = line.get(..line.len().min(64)).unwrap_or(line).to_ascii_uppercase();
    let begins = |words: &[&str]| words.iter().any(|word| upper.starts_with(word));
    if begins(&["* OK", "* PREAUTH", "* BYE"]) {
        Some(Protocol::Imap)
    } else if begins(&["+OK", "-ERR"]) {
        Some(Protocol::Pop3)
    } else if is_code(line) {
        Some(Protocol::Submission)
    } else if line.starts_with('"') || status(line).is_some() {
        // Its capabilities come in any order (RFC 5804 §1.7).
        Some(Protocol::ManageSieve)
    } else {
        None
    }
}

/// Whether a line begins as every line of SMTP does: three digits, and a space, a hyphen or its end.
fn is_code(line: &str) -> bool {
    let octets = line.as_bytes();
    let digits = octets.iter().take(3).filter(|octet| octet.is_ascii_digit()).count();
    digits == 3 && matches!(octets.get(3), None | Some(b' ' | b'-'))
}

/// How an answer of ManageSieve ends (RFC 5804 §1.3).
fn status(line: &str) -> Option<&'static str> {
    let word = line.split([' ', '(']).next().unwrap_or_default();
    ["OK", "NO", "BYE"].into_iter().find(|status| word.eq_ignore_ascii_case(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    /// How many lines of a text are the answer.
    fn answer(speech: Speech, ask: Ask, text: &str) -> usize {
        let lines = lines(text);
        let last = (0..lines.len()).find(|at| speech.is_last(ask, &lines[..*at], &lines[*at]));
        last.map_or(0, |at| at + 1)
    }

    fn clear(protocol: Protocol) -> Speech {
        Speech { protocol, within_tls: false }
    }

    fn within(protocol: Protocol) -> Speech {
        Speech { protocol, within_tls: true }
    }

    #[test]
    fn an_answer_ends_where_its_protocol_says() {
        use Protocol::{Imap, ManageSieve, Pop3, Submission};
        for (protocol, ask, text, expected, yes) in [
            (Imap, Ask::Greeting, "* OK ready", 1, true),
            (Imap, Ask::Greeting, "* BYE too many", 1, false),
            (Imap, Ask::Capabilities, "* CAPABILITY X\na1 OK done\na2 OK", 2, true),
            (Imap, Ask::StartTls, "* OK still here\na2 NO not now", 2, false),
            (Imap, Ask::Capabilities, "* a1 is no tag", 0, false),
            (Pop3, Ask::Greeting, "+OK ready\n.", 1, true),
            (Pop3, Ask::Capabilities, "+OK\nSTLS\n.\n+OK", 3, true),
            (Pop3, Ask::Capabilities, "-ERR what\n.", 1, false),
            (Pop3, Ask::StartTls, "+OK begin", 1, true),
            (Submission, Ask::Greeting, "220-one\n220-two\n220 three\n221 x", 3, true),
            (Submission, Ask::Capabilities, "250-a\n250 b\n", 2, true),
            (Submission, Ask::Capabilities, "554 5.7.1 no", 1, false),
            (ManageSieve, Ask::Greeting, "\"SASL\" \"\"\nOK \"ready\"", 2, true),
            (ManageSieve, Ask::StartTls, "NO (QUOTA) \"not now\"", 1, false),
            (ManageSieve, Ask::Bye, "ok", 1, true),
        ] {
            let speech = clear(protocol);
            assert_eq!(answer(speech, ask, text), expected, "{text}");
            let answered = lines(text).into_iter().take(expected).collect::<Vec<_>>();
            assert_eq!(speech.is_yes(ask, &answered), yes, "{text}");
        }
    }

    #[test]
    fn what_was_sent_in_the_clear_is_seen_to_be_obeyed() {
        use Protocol::{Imap, ManageSieve, Pop3, Submission};
        for (protocol, first, rest, expected) in [
            (Imap, "* CAPABILITY X\na4 OK", "* BYE\na5 OK", false),
            (Imap, "a3 OK NOOP\n* CAPABILITY X\na4 OK", "* BYE\na5 OK", true),
            (Pop3, "+OK\nSASL PLAIN\n.", "+OK bye", false),
            (Pop3, "-ERR unknown", "+OK\nSASL PLAIN\n.\n+OK bye", true),
            (Pop3, "-ERR unknown", "+OK bye", false),
            (Pop3, "+OK nothing\n+OK\nSASL PLAIN\n.", "+OK bye", true),
            (Submission, "250-a\n250 b", "221 bye", false),
            (Submission, "250-a\n250 b", "221-mail.test closing\n221 bye", false),
            (Submission, "250 2.0.0 Ok", "250-a\n250 b\n221 bye", true),
            (ManageSieve, "\"SASL\" \"PLAIN\"\nOK", "OK \"bye\"", false),
            (ManageSieve, "\"SASL\" \"PLAIN\"\nOK", "OK \"NOOP\"\nOK \"bye\"", true),
        ] {
            let obeyed = within(protocol).obeyed_stray(&lines(first), &lines(rest));
            assert_eq!(obeyed, expected, "{first} / {rest}");
        }
    }

    #[test]
    fn a_greeting_says_which_protocol_it_is_of() {
        for (line, expected) in [
            ("* OK [CAPABILITY IMAP4rev1] ready", Some(Protocol::Imap)),
            ("+OK Dovecot ready.", Some(Protocol::Pop3)),
            ("220 mail.test ESMTP", Some(Protocol::Submission)),
            ("220-mail.test", Some(Protocol::Submission)),
            ("421", Some(Protocol::Submission)),
            ("\"IMPLEMENTATION\" \"Dovecot\"", Some(Protocol::ManageSieve)),
            ("\"NOTIFY\" \"mailto\"", Some(Protocol::ManageSieve)),
            ("BYE \"too many connections\"", Some(Protocol::ManageSieve)),
            ("HTTP/1.1 400 Bad Request", None),
            ("SSH-2.0-OpenSSH_9.2", None),
            ("2200 x", None),
            ("", None),
            ("ééééééééééééééééééééééééééééééééééééééé", None),
        ] {
            assert_eq!(greeted_by(line), expected, "{line}");
        }
    }
}
